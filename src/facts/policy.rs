//! The facts of service control and resource control policies as such: who carries them. See [`super`].

use std::sync::Arc;

use super::view::{Derived, facts};
use super::{Facts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{Gaps, Observed, Policy};
use crate::policy::{Document, PolicyKind};

facts! {
    /// A service control or resource control policy.
    pub struct PolicyFacts as "policy" {
        /// Its name.
        name: String,
        /// `service control policy` or `resource control policy`.
        kind: String = super::values::POLICY_KINDS,
        /// AWS's own, which nobody can change.
        aws_managed: bool,
        /// Roots, units and accounts that it is attached to.
        target_count: Derived<i64>,
        /// Its Deny statements that can never match, and why.
        statements_without_effect: Derived<Vec<String>>,
    }
}

pub(super) fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let organization = match &facts.index.header.organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return Vec::new(),
        Observed::Unavailable(gap) => {
            return vec![account::unlisted(SubjectKind::Policy, None, None, gap.clone().into())];
        }
    };
    let management: Arc<str> = Arc::from(organization.management_account_id.as_str());
    let subject = |id: &str, arn: Option<&str>, name: Option<&str>| {
        Arc::new(Subject {
            kind: SubjectKind::Policy,
            account_id: Some(management.clone()),
            region: None,
            id: Arc::from(id),
            arn: arn.map(Arc::from),
            name: name.map(Arc::from),
        })
    };
    let mut subjects = Vec::new();
    let mut unlisted: Option<Gaps> = None;
    let kinds = [
        ("service control policy", PolicyKind::ServiceControl, &organization.service_control_policies),
        ("resource control policy", PolicyKind::ResourceControl, &organization.resource_control_policies),
    ];
    for (name, kind, policies) in kinds {
        match policies.list() {
            Ok(policies) => subjects.extend(policies.iter().map(|policy| SubjectFacts {
                subject: subject(&policy.id, Some(&policy.arn), Some(&policy.name)),
                variables: vec![
                    ("organization", facts.organization.clone()),
                    ("policy", Arc::new(derive(facts, &organization.id, (name, kind), policy))),
                ],
                unlisted: None,
            })),
            Err(gaps) => unlisted = Some(unlisted.map_or(gaps.clone(), |before| before.and(&gaps))),
        }
    }
    if unlisted.is_some() {
        subjects.push(SubjectFacts { subject: subject("*", None, None), variables: Vec::new(), unlisted });
    }
    subjects
}

fn derive(
    facts: &Facts,
    organization_id: &str,
    (name, kind): (&str, PolicyKind),
    policy: &Policy,
) -> PolicyFacts {
    PolicyFacts {
        name: policy.name.clone(),
        kind: name.to_owned(),
        aws_managed: policy.aws_managed,
        target_count: policy.targets.list().map(|targets| i64::try_from(targets.len()).unwrap_or(i64::MAX)),
        statements_without_effect: match facts.guardrails.document(kind, &policy.id) {
            Some(Ok(document)) => Ok(without_effect(document, kind, organization_id)),
            Some(Err(gaps)) => Err(gaps.clone()),
            None => Ok(Vec::new()),
        },
    }
}

fn without_effect(document: &Document, kind: PolicyKind, organization_id: &str) -> Vec<String> {
    let found = document.without_effect(kind, Some(organization_id)).into_iter().filter(|it| it.whole);
    found
        .map(|it| {
            let reasons: Vec<String> = it.reasons.iter().map(ToString::to_string).collect();
            format!("{}: {}", it.statement, reasons.join("; "))
        })
        .collect()
}
