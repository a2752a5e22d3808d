//! Whether one place shows what Config records everywhere.
//!
//! Follows "Multi-Account Multi-Region Data Aggregation" of the AWS Config developer guide: an aggregator of the organization
//! is for the management account and delegated administrators of Config, and of an aggregator that names accounts each
//! account must authorize it, which is not read
//! (<https://docs.aws.amazon.com/config/latest/developerguide/aggregate-data.html>, .../aggregated-authorization.html, read
//! 2026-11-29).

use crate::facts::Index;
use crate::facts::derived::{all, any, perhaps};
use crate::facts::view::Derived;
use crate::facts::words::{and, clauses};
use crate::model::{AccountSummary, Aggregator, Gap, GapPlace, GapReason, Observed};

/// An aggregator covers all accounts and regions.
pub(super) fn complete(index: &Index) -> Derived<bool> {
    let aggregators = index.aggregators.iter().map(|(account, _, aggregator)| {
        all([authorized(index, account, aggregator), accounts(index, aggregator), regions(index, aggregator)])
    });
    any(aggregators.chain([perhaps(index.aggregator_gaps.as_ref())]))
}

/// Config lets the account aggregate what the aggregator names.
fn authorized(index: &Index, account: &str, aggregator: &Aggregator) -> Derived<bool> {
    if !aggregator.organization {
        let others = aggregator.account_ids.iter().any(|id| id != account);
        return if others { Err(unauthorized(account, aggregator).id.into()) } else { Ok(true) };
    }
    let Some(organization) = index.header.organization.get()? else { return Ok(false) };
    let administers = || {
        let administrators = organization.delegated_administrators.list()?;
        any(administrators.iter().filter(|it| it.account_id == account).map(|administrator| {
            Ok(administrator.services.list()?.iter().any(|service| service == "config.amazonaws.com"))
        }))
    };
    any([Ok(organization.management_account_id == account), administers()])
}

/// Stands for the authorizations of the accounts that an aggregator names.
fn unauthorized(account: &str, aggregator: &Aggregator) -> Gap {
    let place = GapPlace {
        account_id: Some(account),
        service: "config",
        operation: "DescribeConfigurationAggregatorSourcesStatus",
        resource: Some(&aggregator.arn),
        ..GapPlace::default()
    };
    let why = "whether each account that the aggregator names has authorized it is not read";
    Gap::new(place, GapReason::NotCollected, why)
}

/// The gaps of aggregators that no record holds.
pub(in crate::facts) fn gaps(index: &Index) -> Vec<Gap> {
    let named = index.aggregators.iter().filter(|(_, _, aggregator)| !aggregator.organization);
    named.map(|(account, _, aggregator)| unauthorized(account, aggregator)).collect()
}

fn accounts(index: &Index, aggregator: &Aggregator) -> Derived<bool> {
    if aggregator.organization {
        return Ok(true);
    }
    let Observed::Known(organization) = &index.header.organization else { return Ok(false) };
    let active = organization.accounts.list()?.iter().filter(|account| account.is_active());
    let named = |account: &AccountSummary| aggregator.account_ids.contains(&account.id);
    Ok(active.into_iter().all(named))
}

fn regions(index: &Index, aggregator: &Aggregator) -> Derived<bool> {
    if aggregator.all_regions {
        return Ok(true);
    }
    let seen = index.regions.iter().all(|region| aggregator.regions.contains(region));
    all([Ok(seen), index.region_gaps.as_ref().map_or(Ok(true), |gaps| Err(gaps.clone()))])
}

/// The aggregators with what each leaves out.
pub(super) fn describe(index: &Index) -> String {
    let describe = |(account, region, aggregator): &(String, String, Aggregator)| {
        let left_out = |complete: Derived<bool>, what: &str| match complete {
            Ok(true) => None,
            Ok(false) => Some(format!("some {what}")),
            Err(_) => Some(format!("perhaps some {what}")),
        };
        if authorized(index, account, aggregator) == Ok(false) {
            return format!(
                "aggregator {} of account {account} in {region} shows nothing of the organization, because the account is \
                 neither its management account nor a delegated administrator of Config",
                aggregator.name
            );
        }
        let left_out: Vec<String> = [
            left_out(accounts(index, aggregator), "accounts"),
            left_out(regions(index, aggregator), "regions"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let left_out = if left_out.is_empty() { "nothing".to_owned() } else { and(&left_out) };
        format!("aggregator {} of account {account} in {region} leaves out {left_out}", aggregator.name)
    };
    let described: Vec<String> = index.aggregators.iter().map(describe).collect();
    clauses(&described).unwrap_or_else(|| "there is no aggregator".to_owned())
}
