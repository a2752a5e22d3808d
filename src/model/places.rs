//! Where accounts are in the organization's tree, and by what names.

use std::collections::HashMap;

use super::{Observed, Organization};

/// The tree's names and parents.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    parents: HashMap<&'a str, &'a str>,
    names: HashMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(organization: &'a Observed<Organization>) -> Self {
        let mut places = Self { parents: HashMap::new(), names: HashMap::new() };
        if let Observed::Known(organization) = organization {
            // What could not be listed goes by its id, in a place that is not known.
            for account in organization.accounts.list().into_iter().flatten() {
                places.names.insert(&account.id, &account.name);
                if let Observed::Known(parent) = &account.parent_id {
                    places.parents.insert(&account.id, parent);
                }
            }
            for unit in organization.organizational_units.list().into_iter().flatten() {
                places.names.insert(&unit.id, &unit.name);
                places.parents.insert(&unit.id, &unit.parent_id);
            }
        }
        places
    }

    /// The root or unit that holds the account or unit.
    pub(crate) fn parent(&self, id: &str) -> Option<&'a str> {
        self.parents.get(id).copied()
    }

    /// The way from the root down, as far as it is known, the place itself included.
    pub(crate) fn way<'b>(&self, id: &'b str) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let mut way = vec![id];
        let mut at = id;
        // A tree cannot be deeper than it has units, however a file may have been changed.
        while let Some(parent) = self.parent(at).filter(|_| way.len() <= self.parents.len()) {
            way.push(parent);
            at = parent;
        }
        way.reverse();
        way
    }

    /// The name of an account or a unit, `Root` for the root, else the id.
    pub(crate) fn name<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        match self.names.get(id) {
            Some(name) => name,
            None if id.starts_with("r-") => "Root",
            None => id,
        }
    }

    /// `Workloads / Production`; `Root` for the root.
    pub(crate) fn path(&self, place: Option<&str>) -> String {
        let Some(place) = place else { return "place not known".to_owned() };
        let way = self.way(place);
        let below_root: Vec<&str> =
            way.iter().filter(|id| !id.starts_with("r-")).map(|id| self.name(id)).collect();
        if below_root.is_empty() { self.name(place).to_owned() } else { below_root.join(" / ") }
    }
}
