//! What an account's log groups need that must be centralized, as its own record tells. See [`super`].

use super::centralization::{Centralization, Source};
use super::class::{Class, class_of, unknown_class};
use super::narrowing::{Narrowing, place, unrecognized};
use crate::facts::view::Derived;
use crate::model::{
    AccountRecord, Expectations, Gap, GapReason, LogGroup, Observed, RegionRecord, SubscriptionFilter,
};

fn not_asked(account: &str, region: &str) -> Gap {
    let why =
        "when the snapshot was taken, the configuration did not list these log groups as to be centralized";
    Gap::new(place(account, region, "DescribeSubscriptionFilters"), GapReason::NotCollected, why)
}

/// The subscription filters of a log group that must be centralized.
pub(in crate::facts) fn subscription_filters<'a>(
    account: &str,
    region: &RegionRecord,
    log_group: &'a LogGroup,
) -> Derived<&'a [SubscriptionFilter]> {
    match &log_group.subscription_filters {
        Some(Observed::Unavailable(_)) | None if matches!(class_of(log_group), Class::TakesNone(_)) => {
            Ok(&[])
        }
        Some(filters) => filters.list(),
        None => Err(not_asked(account, &region.name).id.into()),
    }
}

/// Whether this account needs central destinations, or may, and the gaps that [`super::subscription::Subscriptions`] of it will name and
/// that its record does not hold.
pub(in crate::facts) fn needs(
    expectations: &Expectations,
    centralization: &Centralization,
    record: &AccountRecord,
) -> (bool, Vec<Gap>) {
    let mut gaps = Vec::new();
    let mut needed = false;
    for region in &record.regions {
        let Ok(log_groups) = region.log_groups.list() else {
            needed = true;
            continue;
        };
        let mut concerned =
            log_groups.iter().filter(|log_group| expectations.must_centralize(&log_group.name)).peekable();
        if concerned.peek().is_none() {
            continue;
        }
        needed = true;
        for log_group in concerned {
            gaps.extend(undecided(centralization, &record.id, region, log_group));
        }
        gaps.extend(undecided_policies(&record.id, region));
    }
    (needed, gaps)
}

/// The gaps that [`super::subscription::Subscriptions`] of a log group will name and that no record holds.
pub(in crate::facts) fn gaps_of(
    centralization: &Centralization,
    account: &str,
    region: &RegionRecord,
    log_group: &LogGroup,
) -> Vec<Gap> {
    let mut gaps = undecided(centralization, account, region, log_group);
    gaps.extend(undecided_policies(account, region));
    gaps
}

fn undecided(
    centralization: &Centralization,
    account: &str,
    region: &RegionRecord,
    log_group: &LogGroup,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    gaps.extend(centralization.undecided(Source { account, region: &region.name, log_group }));
    match class_of(log_group) {
        Class::TakesNone(_) => return gaps,
        Class::Takes => {}
        Class::Unknown(class) => gaps.push(unknown_class(account, &region.name, class)),
    }
    match &log_group.subscription_filters {
        None => gaps.push(not_asked(account, &region.name)),
        Some(filters) => {
            for filter in filters.list().unwrap_or_default() {
                gaps.extend(Narrowing::of_filter(filter).gaps(account, &region.name));
            }
        }
    }
    gaps
}

fn undecided_policies(account: &str, region: &RegionRecord) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for policy in region.subscription_policies.list().unwrap_or_default() {
        gaps.extend(Narrowing::of_policy(policy).gaps(account, &region.name));
        if let Some(selection) = &policy.unrecognized_selection {
            gaps.push(unrecognized(account, &region.name, policy, selection));
        }
    }
    gaps
}
