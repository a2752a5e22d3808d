//! The organization with the recommended policies attached, to be evaluated as the real one was. See [`super`].

use super::{PolicyType, RecommendedPolicy};
use crate::facts::Facts;
use crate::model::{Observed, Organization, Policy, PolicyTarget};

const ALLOW_EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The same snapshot, had it been taken with the policies attached.
pub(super) fn attached(facts: Facts, policies: &[RecommendedPolicy]) -> Facts {
    let Observed::Known(organization) = &facts.index.header.organization else { return facts };
    let mut organization = organization.clone();
    for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let of_kind: Vec<&RecommendedPolicy> = policies.iter().filter(|policy| policy.kind == kind).collect();
        if !of_kind.is_empty() {
            attach(&mut organization, kind, &of_kind);
        }
    }
    facts.with_organization(organization)
}

fn attach(organization: &mut Organization, kind: PolicyType, policies: &[&RecommendedPolicy]) {
    let mut added: Vec<Policy> = policies
        .iter()
        .map(|policy| {
            let targets = policy.targets.iter().map(|target| target.id.as_str());
            policy_of(&policy.name, policy.document.to_json(), targets)
        })
        .collect();
    if enable(organization, kind) && kind == PolicyType::ServiceControl {
        // AWS attaches it to everything when the type is enabled.
        let units = organization.organizational_units.list().into_iter().flatten().map(|unit| &unit.id);
        let accounts = organization.accounts.list().into_iter().flatten().map(|account| &account.id);
        let roots = organization.roots.list().into_iter().flatten().map(|root| &root.id);
        let everything = roots.chain(units).chain(accounts).map(String::as_str);
        added.push(policy_of("FullAWSAccess", ALLOW_EVERYTHING.to_owned(), everything));
    }
    let listed = match kind {
        PolicyType::ServiceControl => &mut organization.service_control_policies,
        PolicyType::ResourceControl => &mut organization.resource_control_policies,
    };
    match listed {
        Observed::Known(known) => known.extend(added),
        Observed::Absent => *listed = Observed::Known(added),
        // What else is attached is not known, so that nothing can be proved.
        Observed::Unavailable(_) => {}
    }
}

/// Enables the type on the root; whether it was not.
fn enable(organization: &mut Organization, kind: PolicyType) -> bool {
    let Observed::Known(roots) = &mut organization.roots else { return false };
    let mut enabled = false;
    for root in roots {
        if !root.enabled_policy_types.iter().any(|known| known == kind.as_str()) {
            root.enabled_policy_types.push(kind.as_str().to_owned());
            enabled = true;
        }
    }
    enabled
}

fn policy_of<'a>(name: &str, document: String, targets: impl Iterator<Item = &'a str>) -> Policy {
    let kind = |id: &str| {
        let kind = if id.starts_with("r-") {
            "ROOT"
        } else if id.starts_with("ou-") {
            "ORGANIZATIONAL_UNIT"
        } else {
            "ACCOUNT"
        };
        kind.to_owned()
    };
    Policy {
        id: format!("p-{name}"),
        name: name.to_owned(),
        arn: String::new(),
        aws_managed: false,
        content: Observed::Known(document),
        targets: Observed::Known(
            targets.map(|id| PolicyTarget { id: id.to_owned(), kind: kind(id) }).collect(),
        ),
    }
}
