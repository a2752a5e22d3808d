//! Whether one place shows what Config records everywhere.
//!
//! Follows "Multi-Account Multi-Region Data Aggregation" of the AWS Config developer guide.

use crate::facts::Index;
use crate::facts::derived::{all, any, perhaps};
use crate::facts::view::Derived;
use crate::facts::words::{and, clauses};
use crate::model::{AccountSummary, Aggregator, Observed};

/// An aggregator covers all accounts and regions.
pub(super) fn complete(index: &Index) -> Derived<bool> {
    let aggregators = index
        .aggregators
        .iter()
        .map(|(_, _, aggregator)| all([accounts(index, aggregator), regions(index, aggregator)]));
    any(aggregators.chain([perhaps(index.aggregator_gaps.as_ref())]))
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
