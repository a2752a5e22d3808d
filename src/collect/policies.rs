//! Reads the organization's guardrails: service control and resource control policies, their documents, and what they
//! are attached to. Targets are asked for by policy, since an organization has far fewer policies than targets.

use std::collections::BTreeMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{PolicySummary, PolicyType};
use futures_util::future::join_all;

use super::call::{ApiCaller, CallTarget, flatten};
use super::convert::{Missing, each};
use super::table::{DESCRIBE_POLICY, LIST_POLICIES, LIST_TARGETS_FOR_POLICY};
use crate::model::{Observed, Policy, PolicyTarget, Root};

/// Service control policies, and resource control policies.
pub(crate) async fn read(ask: &ApiCaller, client: &Client) -> (Observed<Vec<Policy>>, Observed<Vec<Policy>>) {
    tokio::join!(
        of_type(ask, client, &PolicyType::ServiceControlPolicy),
        of_type(ask, client, &PolicyType::ResourceControlPolicy),
    )
}

/// Further types that bear on logs: Block Public Access of whole accounts, and GuardDuty's protection.
const FURTHER: [PolicyType; 2] = [PolicyType::S3Policy, PolicyType::GuarddutyPolicy];

/// The policies of these types, each asked for only where the root has it enabled.
pub(crate) async fn read_further(
    ask: &ApiCaller,
    client: &Client,
    roots: &Observed<Vec<Root>>,
) -> BTreeMap<String, Observed<Vec<Policy>>> {
    let mut found = BTreeMap::new();
    for kind in FURTHER {
        let enabled = |root: &Root| root.enables(kind.as_str()) != Ok(false);
        let policies = match roots {
            Observed::Unavailable(gap) => Observed::Unavailable(gap.clone()),
            Observed::Known(roots) if roots.iter().any(enabled) => of_type(ask, client, &kind).await,
            Observed::Known(_) | Observed::Absent => continue,
        };
        found.insert(kind.as_str().to_owned(), policies);
    }
    found
}

async fn of_type(ask: &ApiCaller, client: &Client, kind: &PolicyType) -> Observed<Vec<Policy>> {
    let listed = ask
        .pages(
            &LIST_POLICIES,
            CallTarget::resource(kind.as_str()),
            |token| client.list_policies().filter(kind.clone()).set_next_token(token).send(),
            |page| {
                let policies = each(page.policies, "Policies", |summary| named(summary, kind));
                Ok((policies?, page.next_token))
            },
        )
        .await;
    let at = CallTarget::resource(kind.as_str());
    let policies = match ask.distinct(&LIST_POLICIES, at, listed, |policy| &policy.id) {
        Observed::Known(policies) => policies,
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let read = policies.into_iter().map(|policy| async move {
        let (content, targets) =
            tokio::join!(content(ask, client, &policy.id), targets(ask, client, &policy.id));
        Policy { content, targets, ..policy }
    });
    Observed::Known(join_all(read).await)
}

fn named(summary: PolicySummary, kind: &PolicyType) -> Result<Policy, Missing> {
    if summary.r#type.is_some_and(|found| found != *kind) {
        return Err("Policies[].Type that was asked for");
    }
    Ok(Policy {
        id: summary.id.ok_or("Policies[].Id")?,
        name: summary.name.ok_or("Policies[].Name")?,
        arn: summary.arn.ok_or("Policies[].Arn")?,
        aws_managed: summary.aws_managed,
        content: Observed::Absent,
        targets: Observed::Absent,
    })
}

async fn content(ask: &ApiCaller, client: &Client, id: &str) -> Observed<String> {
    let at = CallTarget::resource(id);
    let answer = ask.call(&DESCRIBE_POLICY, at, || client.describe_policy().policy_id(id).send()).await;
    flatten(answer.map(|answer| {
        let policy = answer.policy.unwrap_or_else(|| aws_sdk_organizations::types::Policy::builder().build());
        if policy.policy_summary.and_then(|summary| summary.id).as_deref() != Some(id) {
            let missing = "Policy.PolicySummary.Id of the policy that was asked for";
            return Observed::Unavailable(ask.malformed(&DESCRIBE_POLICY, at, missing));
        }
        match policy.content {
            Some(content) => Observed::Known(content),
            None => Observed::Unavailable(ask.malformed(&DESCRIBE_POLICY, at, "Policy.Content")),
        }
    }))
}

async fn targets(ask: &ApiCaller, client: &Client, id: &str) -> Observed<Vec<PolicyTarget>> {
    let targets = ask
        .pages(
            &LIST_TARGETS_FOR_POLICY,
            CallTarget::resource(id),
            |token| client.list_targets_for_policy().policy_id(id).set_next_token(token).send(),
            |page| {
                let targets = each(page.targets, "Targets", |target| {
                    Ok(PolicyTarget {
                        id: target.target_id.ok_or("Targets[].TargetId")?,
                        kind: target.r#type.ok_or("Targets[].Type")?.as_str().to_owned(),
                    })
                });
                Ok((targets?, page.next_token))
            },
        )
        .await;
    targets.map(|mut targets| {
        targets.sort_unstable();
        targets.dedup();
        targets
    })
}

#[cfg(test)]
mod tests {
    use super::PolicyType;
    use crate::model::organization::POLICY_TYPES;

    #[test]
    fn every_type_of_policy_is_known() {
        assert_eq!(POLICY_TYPES.len(), 15, "docs/src/guardrails.md says how many there are");
        let unknown: Vec<&&str> =
            PolicyType::values().iter().filter(|it| !POLICY_TYPES.contains(it)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
