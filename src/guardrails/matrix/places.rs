//! Where accounts are in the organization's tree, by names. See [`super`].

use std::collections::HashMap;

use crate::facts::Facts;
use crate::model::{Observed, OrganizationalUnit};

/// The tree's names.
pub(super) struct Places<'a> {
    parents: HashMap<&'a str, &'a str>,
    units: HashMap<&'a str, &'a OrganizationalUnit>,
}

impl<'a> Places<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut places = Self { parents: HashMap::new(), units: HashMap::new() };
        if let Observed::Known(organization) = &facts.index.header.organization {
            if let Ok(accounts) = organization.accounts.list() {
                places.parents.extend(accounts.iter().filter_map(|account| match &account.parent_id {
                    Observed::Known(parent) => Some((account.id.as_str(), parent.as_str())),
                    _ => None,
                }));
            }
            if let Ok(units) = organization.organizational_units.list() {
                places.units.extend(units.iter().map(|unit| (unit.id.as_str(), unit)));
            }
        }
        places
    }

    /// The root or unit that holds the account.
    pub(super) fn parent(&self, account: &str) -> Option<&'a str> {
        self.parents.get(account).copied()
    }

    /// `Workloads / Production`; `Root` for the root.
    pub(super) fn path(&self, place: Option<&str>) -> String {
        let Some(mut at) = place else { return "place not known".to_owned() };
        let mut names = Vec::new();
        // A tree cannot be deeper than it has units, however a file may have been changed.
        while let Some(unit) = self.units.get(at).filter(|_| names.len() < self.units.len()) {
            names.push(unit.name.as_str());
            at = &unit.parent_id;
        }
        if names.is_empty() {
            return if at.starts_with("r-") { "Root".to_owned() } else { at.to_owned() };
        }
        names.reverse();
        names.join(" / ")
    }
}
