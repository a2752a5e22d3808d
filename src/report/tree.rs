//! Where the accounts are in the organization, for the formats that group by it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Observed, Organization, Places};

/// A root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `Workloads / Production`; `Root` for the root.
    pub(super) path: String,
    /// The place above it, as its number.
    pub(super) parent: Option<usize>,
}

/// The places of an organization, and which of them holds which account.
#[derive(Debug, Default)]
pub(super) struct Tree {
    places: Vec<Place>,
    accounts: BTreeMap<String, usize>,
}

impl Tree {
    pub(super) fn of(organization: &Observed<Organization>) -> Self {
        let Observed::Known(known) = organization else { return Self::default() };
        let names = Places::of(organization);
        let accounts = || known.accounts.list().into_iter().flatten();
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        for parent in accounts().filter_map(|account| names.parent(&account.id)) {
            ids.extend(names.way(parent));
        }
        let mut ordered: Vec<(bool, String, &str)> =
            ids.into_iter().map(|id| (!id.starts_with("r-"), names.path(Some(id)), id)).collect();
        ordered.sort_unstable();
        let numbers: BTreeMap<&str, usize> =
            ordered.iter().enumerate().map(|(number, (_, _, id))| (*id, number)).collect();
        let number = |id: &str| names.parent(id).and_then(|parent| numbers.get(parent)).copied();
        Self {
            places: ordered
                .iter()
                .map(|(_, path, id)| Place { path: path.clone(), parent: number(id) })
                .collect(),
            accounts: accounts()
                .filter_map(|account| Some((account.id.clone(), number(&account.id)?)))
                .collect(),
        }
    }

    /// All places, the root first, then by path.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// The number of the place that holds an account, where it is known.
    pub(super) fn place_of(&self, account: &str) -> Option<usize> {
        self.accounts.get(account).copied()
    }
}
