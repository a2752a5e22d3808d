//! Whether one place shows what Config records everywhere.
//!
//! Follows "Multi-Account Multi-Region Data Aggregation" of the AWS Config developer guide.

use crate::facts::Index;
use crate::facts::derived::{all, any, perhaps};
use crate::facts::view::Derived;
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

/// The aggregators with what each lacks.
pub(super) fn describe(index: &Index) -> Option<String> {
    let describe = |(account, region, aggregator): &(String, String, Aggregator)| {
        let whose = match accounts(index, aggregator) {
            Ok(true) => "all accounts",
            Ok(false) => "not all accounts",
            Err(_) => "perhaps not all accounts",
        };
        let wherever = match regions(index, aggregator) {
            Ok(true) => "all regions",
            Ok(false) => "not all regions",
            Err(_) => "perhaps not all regions",
        };
        format!("{} in {account} {region} covers {whose} and {wherever}", aggregator.name)
    };
    (!index.aggregators.is_empty())
        .then(|| index.aggregators.iter().map(describe).collect::<Vec<_>>().join("; "))
}
