//! Where accounts lie in the organization, and their tags: by these a waiver may select them, because the owner of an
//! account cannot change them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AccountSummary, Observed, Organization};

/// The longest chain of units that is followed: AWS nests five.
const DEEPEST: usize = 16;

/// Where accounts lie in the organization, and their tags.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The ids and the paths of all units above each account.
    pub(super) above: BTreeMap<String, BTreeSet<String>>,
    /// The tags of each account whose tags were read.
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
}

impl Places {
    /// What could not be read is no place: a waiver for it covers nothing.
    pub(super) fn of(organization: &Observed<Organization>) -> Self {
        let Observed::Known(organization) = organization else { return Self::default() };
        let Observed::Known(accounts) = &organization.accounts else { return Self::default() };
        let tagged = |account: &AccountSummary| Some((account.id.clone(), account.tags.clone()?));
        let tags = accounts.iter().filter_map(tagged).collect();
        let Observed::Known(units) = &organization.organizational_units else {
            return Self { above: BTreeMap::new(), tags };
        };
        let units: BTreeMap<&str, (&str, &str)> = units
            .iter()
            .map(|unit| (unit.id.as_str(), (unit.name.as_str(), unit.parent_id.as_str())))
            .collect();
        let mut all_above = BTreeMap::new();
        for account in accounts {
            let Observed::Known(parent) = &account.parent_id else { continue };
            let mut above = vec![parent.as_str()];
            let mut names = Vec::new();
            let mut at = parent.as_str();
            while let Some((name, parent)) = units.get(at).filter(|_| above.len() < DEEPEST) {
                names.push(*name);
                above.push(parent);
                at = parent;
            }
            let mut found: BTreeSet<String> = above.into_iter().map(str::to_owned).collect();
            names.reverse();
            for length in 1..=names.len() {
                found.insert(names.iter().take(length).copied().collect::<Vec<_>>().join("/"));
            }
            all_above.insert(account.id.clone(), found);
        }
        Self { above: all_above, tags }
    }
}

/// A unit, by its id or its path of names, is one of those above an account.
pub(super) fn is_within(above: &BTreeSet<String>, unit: &str) -> bool {
    let unit = unit.trim_matches('/');
    above.contains(unit.strip_prefix("Root/").unwrap_or(unit))
}
