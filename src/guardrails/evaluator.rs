//! The evaluator over the policies of an account, as the commands ask it.

use crate::facts::Facts;
use crate::facts::guardrail::Effective;
use crate::policy::{Callers, Guardrails, Hierarchy};

/// The guardrails of accounts with these policies; `account` stands for them.
pub(super) fn guardrails<'a>(
    facts: &Facts,
    account: &str,
    service_control: Option<&'a Hierarchy>,
    resource_control: Option<&'a Hierarchy>,
) -> Guardrails<'a> {
    Guardrails {
        organization: facts.guardrails.organization().clone(),
        service_control,
        resource_control,
        resource_account: Some(account.to_owned()),
        ..Guardrails::default()
    }
}

/// The callers of accounts with these policies.
pub(super) fn callers(facts: &Facts, set: &Effective) -> Callers {
    Callers {
        account: Some(set.account().to_owned()),
        organization_path: set.organization_path().map(str::to_owned),
        partition: facts.guardrails.partition().to_owned(),
        facts: Vec::new(),
    }
}
