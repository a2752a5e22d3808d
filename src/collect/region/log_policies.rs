//! Reads the resource policies of CloudWatch Logs in one region: whom they let write to log groups.
//!
//! `DescribeResourcePolicies` of the CloudWatch Logs API reference (read 2026-11-29) lists those of the account unless it is
//! asked with `policyScope` `RESOURCE`, and then those of log groups, of any where none is named: two questions.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{PolicyScope, ResourcePolicy};

use crate::collect::call::{ApiCaller, CallTarget};
use crate::collect::convert::{Missing, each};
use crate::collect::table::DESCRIBE_RESOURCE_POLICIES;
use crate::model::{LogPolicy, Observed};

/// The account's policies, by name.
pub(crate) async fn of_account(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<LogPolicy>> {
    read(ask, client, CallTarget::region(region), PolicyScope::Account).await
}

/// The policies of log groups, by the ARN of the group.
pub(crate) async fn of_log_groups(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
) -> Observed<Vec<LogPolicy>> {
    read(ask, client, CallTarget::region(region).of("policies of log groups"), PolicyScope::Resource).await
}

async fn read(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    scope: PolicyScope,
) -> Observed<Vec<LogPolicy>> {
    let policies = ask
        .pages(
            &DESCRIBE_RESOURCE_POLICIES,
            at,
            |token| {
                client.describe_resource_policies().policy_scope(scope.clone()).set_next_token(token).send()
            },
            |page| {
                let policies =
                    each(page.resource_policies, "resourcePolicies", |found| policy(found, &scope));
                Ok((policies?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_RESOURCE_POLICIES, at, policies, |policy| &policy.name)
}

fn policy(policy: ResourcePolicy, asked: &PolicyScope) -> Result<LogPolicy, Missing> {
    if policy.policy_scope.is_some_and(|scope| scope != *asked) {
        return Err("resourcePolicies[].policyScope that was asked for");
    }
    let name = match asked {
        PolicyScope::Resource => policy.resource_arn.ok_or("resourcePolicies[].resourceArn"),
        _ => policy.policy_name.ok_or("resourcePolicies[].policyName"),
    };
    let document = policy.policy_document.ok_or("resourcePolicies[].policyDocument")?;
    Ok(LogPolicy { name: name?, document })
}
