//! Which chains a trail must have: of which accounts, in which regions. See [`super`].
//!
//! A multi-region trail records in every region that an account has enabled, and an organization trail in every account
//! ("Creating a trail for an organization" and "Multi-Region trails" of the CloudTrail user guide, read 2026-11-28).
//! Regions that no account can switch off are expected even where a scan left them out.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::derived::join;
use crate::facts::trail::setting;
use crate::facts::view::Derived;
use crate::facts::{Index, words};
use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed, Trail, default_regions, has_optional_regions};

/// Stands for the accounts of the organization that were not scanned.
fn unscanned(index: &Index) -> Option<Gap> {
    let Observed::Known(organization) = &index.header.organization else { return None };
    let accounts = organization.accounts.list().ok()?;
    let known = &index.enabled.by_account;
    let left: Vec<&str> = accounts
        .iter()
        .filter(|account| account.is_active() && !known.contains_key(&account.id))
        .map(|account| account.id.as_str())
        .collect();
    let first = left.first()?;
    let place = GapPlace { service: "account", operation: "ListRegions", ..GapPlace::default() };
    let why = format!(
        "{} accounts were not scanned, {first} among them, so that their regions are unknown",
        left.len()
    );
    Some(Gap::new(place, GapReason::NotCollected, why))
}

/// The accounts that the trail records.
fn accounts<'a>(index: &'a Index, trail: &Trail, owner: &'a str) -> Derived<Vec<&'a str>> {
    if !setting(trail, |it| &it.organization_trail)? {
        return Ok(vec![owner]);
    }
    let Some(organization) = index.header.organization.get()? else { return Ok(vec![owner]) };
    let accounts = organization.accounts.list()?;
    Ok(accounts.iter().filter(|account| account.is_active()).map(|account| account.id.as_str()).collect())
}

/// What is not covered, in words, and what keeps the rest from being known.
pub(super) fn missing(
    index: &Index,
    trail: &Trail,
    owner: &str,
    covered: &BTreeMap<&str, BTreeSet<&str>>,
) -> (Vec<String>, Option<Gaps>) {
    let mut unknown = None;
    let accounts = match accounts(index, trail, owner) {
        Ok(accounts) => accounts,
        Err(gaps) => {
            unknown = Some(gaps);
            covered.keys().copied().collect()
        }
    };
    let multi_region = match setting(trail, |it| &it.multi_region) {
        Ok(multi_region) => multi_region,
        Err(gaps) => {
            join(&mut unknown, &gaps);
            false
        }
    };
    let partition = &index.header.partition;
    let unscanned = unscanned(index).map(|gap| Gaps::from(gap.id));
    let (mut no_account, mut no_region) = (Vec::new(), Vec::new());
    for account in accounts {
        let Some(regions) = covered.get(account) else {
            no_account.push(account);
            continue;
        };
        let mut expected = BTreeSet::from([trail.home_region.as_str()]);
        if multi_region {
            expected.extend(default_regions(partition));
            match index.enabled.by_account.get(account) {
                Some(Ok(enabled)) => {
                    let lacks_default = default_regions(partition)
                        .iter()
                        .any(|region| !enabled.iter().any(|it| it == region));
                    expected.extend(enabled.iter().map(String::as_str));
                    // A scan of some regions does not say which others are enabled.
                    if lacks_default && has_optional_regions(partition) {
                        join(&mut unknown, &narrowed().id.into());
                    }
                }
                Some(Err(gaps)) => join(&mut unknown, gaps),
                None if has_optional_regions(partition) => {
                    let gaps = match index.accounts_without_record.get(account) {
                        Some(gaps) => Some(gaps.clone()),
                        None => unscanned.clone(),
                    };
                    if let Some(gaps) = gaps {
                        join(&mut unknown, &gaps);
                    }
                }
                None => {}
            }
        }
        no_region.extend(expected.difference(regions).map(|region| format!("{account} {region}")));
    }
    let mut missing = Vec::new();
    if !no_account.is_empty() {
        let accounts = if no_account.len() == 1 { "account" } else { "accounts" };
        missing.push(format!("it says nothing of the {accounts} {}", words::few(&no_account)));
    }
    if !no_region.is_empty() {
        let regions = if no_region.len() == 1 { "region" } else { "regions" };
        missing.push(format!("it says nothing of the {regions} {}", words::few(&no_region)));
    }
    (missing, unknown)
}

/// Stands for what a scan of some regions leaves open.
fn narrowed() -> Gap {
    let resource = Some("regions outside the scan");
    let place = GapPlace { service: "account", operation: "ListRegions", resource, ..GapPlace::default() };
    let why = "the scan was of some regions alone, so that it is not known which others are enabled";
    Gap::new(place, GapReason::NotCollected, why)
}

/// The gaps that [`missing`] names and no record holds.
pub(in crate::facts) fn gaps(index: &Index) -> Vec<Gap> {
    if !index.attested.is_any() {
        return Vec::new();
    }
    std::iter::once(narrowed()).chain(unscanned(index)).collect()
}
