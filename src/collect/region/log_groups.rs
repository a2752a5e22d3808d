//! Reads CloudWatch Logs in one region: log groups, the ways out of them and the policies about them.
//!
//! Policies of the account are about log groups: they subscribe those that there are, and let services write to those that
//! there are, but make none (`PutAccountPolicy`, and "Supported actions" of `PutResourcePolicy`, in the CloudWatch Logs API
//! reference, read 2026-11-30). Where there is no log group nobody asks for them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{self as sdk, PolicyType, Scope};
use futures_util::future::join_all;
use regex::Regex;
use serde::Deserialize;

use super::log_policies;
use crate::collect::call::{ApiCaller, CallTarget};
use crate::collect::convert::{Arn, Missing, each, text};
use crate::collect::table::{
    DESCRIBE_ACCOUNT_POLICIES, DESCRIBE_DESTINATIONS, DESCRIBE_LOG_GROUPS, DESCRIBE_SUBSCRIPTION_FILTERS,
};
use crate::model::{
    AccountSubscriptionPolicy, Destination, Expectations, LogGroup, LogPolicy, Observed, SubscriptionFilter,
};

#[cfg(test)]
mod tests;

/// The log groups of a region, and what the account says of all of them.
#[derive(Debug)]
pub(super) struct RegionLogs {
    pub(super) log_groups: Observed<Vec<LogGroup>>,
    pub(super) subscription_policies: Observed<Vec<AccountSubscriptionPolicy>>,
    pub(super) log_policies: Observed<Vec<LogPolicy>>,
    pub(super) log_group_policies: Observed<Vec<LogPolicy>>,
}

/// All log groups, those that must be centralized with their subscription filters, and the policies about them.
pub(super) async fn read(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
    expectations: &Expectations,
) -> RegionLogs {
    let log_groups = list(ask, client, region).await;
    if matches!(log_groups.list(), Ok([])) {
        return RegionLogs {
            log_groups,
            subscription_policies: Observed::without_effect(),
            log_policies: Observed::without_effect(),
            // Each is attached to a log group.
            log_group_policies: Observed::Known(Vec::new()),
        };
    }
    let (log_groups, subscription_policies, log_policies, log_group_policies) = tokio::join!(
        with_filters(ask, client, region, expectations, log_groups),
        subscription_policies(ask, client, region),
        log_policies::of_account(ask, client, region),
        log_policies::of_log_groups(ask, client, region),
    );
    RegionLogs { log_groups, subscription_policies, log_policies, log_group_policies }
}

async fn list(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<LogGroup>> {
    let groups = ask
        .pages(
            &DESCRIBE_LOG_GROUPS,
            CallTarget::region(region),
            |token| client.describe_log_groups().limit(50).set_next_token(token).send(),
            |page| {
                let groups = each(page.log_groups, "logGroups", log_group);
                Ok((groups?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_LOG_GROUPS, CallTarget::region(region), groups, |group| &group.name)
}

/// Those that must be centralized with their subscription filters.
async fn with_filters(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
    expectations: &Expectations,
    groups: Observed<Vec<LogGroup>>,
) -> Observed<Vec<LogGroup>> {
    let groups = match groups {
        Observed::Known(groups) => groups,
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let with_filters = groups.into_iter().map(|group| async move {
        if !expectations.must_centralize(&group.name) {
            return group;
        }
        if takes_no_subscription(&group) {
            return LogGroup { subscription_filters: Some(Observed::Absent), ..group };
        }
        let filters = subscription_filters(ask, client, region, &group.name).await;
        LogGroup { subscription_filters: Some(filters), ..group }
    });
    Observed::Known(join_all(with_filters).await)
}

/// CloudWatch Logs refuses the question for groups of these classes, since they can have no subscription ("Log classes"
/// of the CloudWatch Logs user guide, <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html>,
/// read 2026-11-28). Others are asked, classes that are not known among them.
fn takes_no_subscription(group: &LogGroup) -> bool {
    matches!(&group.class, Observed::Known(class) if matches!(class.as_str(), "INFREQUENT_ACCESS" | "DELIVERY"))
}

fn log_group(group: sdk::LogGroup) -> Result<LogGroup, Missing> {
    let arn = group.log_group_arn.or(group.arn).ok_or("logGroups[].logGroupArn")?;
    Ok(LogGroup {
        name: group.log_group_name.ok_or("logGroups[].logGroupName")?,
        arn: arn.strip_suffix(":*").unwrap_or(&arn).to_owned(),
        class: text(group.log_group_class.map(|class| class.as_str().to_owned())),
        retention_days: group.retention_in_days.map(i64::from).into(),
        retention_policy: text(group.retention_policy_name),
        kms_key_id: text(group.kms_key_id),
        deletion_protection: group.deletion_protection_enabled.into(),
        subscription_filters: None,
    })
}

async fn subscription_filters(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
    group: &str,
) -> Observed<Vec<SubscriptionFilter>> {
    let filters = ask
        .pages(
            &DESCRIBE_SUBSCRIPTION_FILTERS,
            CallTarget::region(region).of(group),
            |token| client.describe_subscription_filters().log_group_name(group).set_next_token(token).send(),
            |page| {
                let filters = each(page.subscription_filters, "subscriptionFilters", |filter| {
                    if filter.log_group_name.as_deref() != Some(group) {
                        return Err("subscriptionFilters[].logGroupName of the group that was asked for");
                    }
                    subscription_filter(filter)
                });
                Ok((filters?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_SUBSCRIPTION_FILTERS, CallTarget::region(region).of(group), filters, |filter| {
        &filter.name
    })
}

fn subscription_filter(filter: sdk::SubscriptionFilter) -> Result<SubscriptionFilter, Missing> {
    Ok(SubscriptionFilter {
        name: filter.filter_name.ok_or("subscriptionFilters[].filterName")?,
        destination_arn: filter.destination_arn.ok_or("subscriptionFilters[].destinationArn")?,
        // Empty is everything; one that is left out says nothing.
        pattern: filter.filter_pattern.ok_or("subscriptionFilters[].filterPattern")?,
        field_selection: text(filter.field_selection_criteria),
        transformed: Observed::Known(filter.apply_on_transformed_logs),
    })
}

/// Policies that subscribe all log groups of the region.
async fn subscription_policies(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
) -> Observed<Vec<AccountSubscriptionPolicy>> {
    let kind = PolicyType::SubscriptionFilterPolicy;
    let policies = ask
        .pages(
            &DESCRIBE_ACCOUNT_POLICIES,
            CallTarget::region(region),
            |token| client.describe_account_policies().policy_type(kind.clone()).set_next_token(token).send(),
            |page| {
                let policies = each(page.account_policies, "accountPolicies", policy);
                Ok((policies?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_ACCOUNT_POLICIES, CallTarget::region(region), policies, |policy| &policy.name)
}

/// The members that `PutAccountPolicy` documents for subscription filters, and what subscription filters of a single log
/// group have besides.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html>, read 2026-11-28.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    destination_arn: String,
    /// Empty is everything; what a document without one forwards, the API reference does not say.
    filter_pattern: Option<String>,
    field_selection_criteria: Option<String>,
    #[serde(default)]
    apply_on_transformed_logs: bool,
    /// Anything else might narrow what is forwarded.
    #[serde(flatten)]
    others: BTreeMap<String, serde_json::Value>,
}

/// Members that say nothing of which events are forwarded.
const HARMLESS: &[&str] = &["RoleArn", "Distribution", "EmitSystemFields"];

fn policy(policy: sdk::AccountPolicy) -> Result<AccountSubscriptionPolicy, Missing> {
    let document = policy.policy_document.ok_or("accountPolicies[].policyDocument")?;
    let document: PolicyDocument =
        serde_json::from_str(&document).map_err(|_| "readable accountPolicies[].policyDocument")?;
    if policy.policy_type.is_some_and(|kind| kind != PolicyType::SubscriptionFilterPolicy) {
        return Err("accountPolicies[].policyType that was asked for");
    }
    // Every account's policies have this scope, and no other is documented.
    if policy.scope.is_some_and(|scope| scope != Scope::All) {
        return Err("known accountPolicies[].scope");
    }
    if document.others.keys().any(|name| !HARMLESS.contains(&name.as_str())) {
        return Err("accountPolicies[].policyDocument whose members are all known");
    }
    let criterion = policy.selection_criteria.filter(|criterion| !criterion.trim().is_empty());
    let (excluded_log_groups, unrecognized_selection) = match criterion {
        None => (Vec::new(), None),
        Some(criterion) => match excluded_log_groups(&criterion) {
            Some(names) => (names, None),
            None => (Vec::new(), Some(criterion)),
        },
    };
    Ok(AccountSubscriptionPolicy {
        name: policy.policy_name.ok_or("accountPolicies[].policyName")?,
        destination_arn: document.destination_arn,
        pattern: document.filter_pattern.ok_or("accountPolicies[].policyDocument.FilterPattern")?,
        excluded_log_groups,
        unrecognized_selection,
        field_selection: text(document.field_selection_criteria),
        transformed: Observed::Known(document.apply_on_transformed_logs),
    })
}

static EXCLUSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*LogGroupName\s+NOT\s+IN\s+(\[.*\])\s*$").ok());

/// The names in `LogGroupName NOT IN ["one", "two"]`, which is all that the API reference allows; `None` for anything
/// else.
fn excluded_log_groups(criterion: &str) -> Option<Vec<String>> {
    let list = EXCLUSION.as_ref()?.captures(criterion)?.get(1)?;
    let mut names: Vec<String> = serde_json::from_str(list.as_str()).ok()?;
    names.sort_unstable();
    names.dedup();
    Some(names)
}

/// Destinations that this account offers to others.
pub(crate) async fn destinations(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
) -> Observed<Vec<Destination>> {
    let destinations = ask
        .pages(
            &DESCRIBE_DESTINATIONS,
            CallTarget::region(region),
            |token| client.describe_destinations().set_next_token(token).send(),
            |page| {
                let found = each(page.destinations, "destinations", |destination| {
                    let arn = destination.arn.ok_or("destinations[].arn")?;
                    if Arn::parse(&arn).is_none_or(|arn| arn.region != region) {
                        return Err("destinations[].arn of the region that was asked");
                    }
                    Ok(Destination {
                        name: destination.destination_name.ok_or("destinations[].destinationName")?,
                        arn,
                        target_arn: destination.target_arn.ok_or("destinations[].targetArn")?,
                        role_arn: destination.role_arn.ok_or("destinations[].roleArn")?,
                        access_policy: text(destination.access_policy),
                    })
                });
                Ok((found?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_DESTINATIONS, CallTarget::region(region), destinations, |destination| {
        &destination.arn
    })
}
