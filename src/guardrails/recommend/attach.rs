//! Where policies are attached: as high as everything open has in common, lower where AWS's limit of attachments is
//! reached. See [`super`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::open::Item;
use super::{ATTACHMENT_LIMIT, PolicyType};
use crate::facts::Facts;
use crate::model::{Observed, Places};

/// The root, a unit or an account that policies are attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Target {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Policies of the type that are attached to it already.
    pub(super) attached: usize,
}

/// How much room there is for policies of a type.
pub(super) struct Room<'a> {
    /// The type is enabled on the root.
    pub(super) enabled: bool,
    places: Places<'a>,
    attached: HashMap<&'a str, usize>,
}

impl<'a> Room<'a> {
    pub(super) fn of(facts: &'a Facts, kind: PolicyType) -> Self {
        let mut room = Self {
            enabled: false,
            places: Places::of(&facts.index.header.organization),
            attached: HashMap::new(),
        };
        let Observed::Known(organization) = &facts.index.header.organization else { return room };
        let enabled = |id: &String| id == kind.as_str();
        // Where policies could not be listed, or what they are attached to, nothing is known to be open.
        let mut roots = organization.roots.list().into_iter().flatten();
        room.enabled = roots.any(|root| root.enabled_policy_types.iter().any(enabled));
        let policies = match kind {
            PolicyType::ServiceControl => &organization.service_control_policies,
            PolicyType::ResourceControl => &organization.resource_control_policies,
        };
        for policy in policies.list().into_iter().flatten() {
            for target in policy.targets.list().into_iter().flatten() {
                *room.attached.entry(&target.id).or_default() += 1;
            }
        }
        room
    }

    /// Targets that together hold every account of the items and have room for so many policies; then those that
    /// are full.
    pub(super) fn targets(&self, items: &[&Item], needed: usize) -> (Vec<Target>, Vec<Target>) {
        let accounts: BTreeSet<&str> =
            items.iter().flat_map(|item| item.accounts.iter().map(String::as_str)).collect();
        let ways = accounts.into_iter().map(|account| self.places.way(account)).collect();
        let (mut targets, mut full) = (Vec::new(), Vec::new());
        self.choose(ways, 0, needed, &mut targets, &mut full);
        (targets, full)
    }

    /// `ways` are those of the accounts that the step of this depth must be chosen for.
    fn choose(
        &self,
        ways: Vec<Vec<&str>>,
        depth: usize,
        needed: usize,
        targets: &mut Vec<Target>,
        full: &mut Vec<Target>,
    ) {
        let mut steps: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
        for way in ways {
            if let Some(step) = way.get(depth) {
                steps.entry(step).or_default().push(way);
            }
        }
        for (step, ways) in steps {
            let next: BTreeSet<Option<&&str>> = ways.iter().map(|way| way.get(depth + 1)).collect();
            let goes_on = next.iter().all(Option::is_some);
            let target = self.target(step);
            if goes_on && (next.len() == 1 || target.attached + needed > ATTACHMENT_LIMIT) {
                self.choose(ways, depth + 1, needed, targets, full);
            } else if target.attached + needed > ATTACHMENT_LIMIT {
                full.push(target);
            } else {
                targets.push(target);
            }
        }
    }

    fn target(&self, id: &str) -> Target {
        // AWS attaches a policy that allows everything wherever the type is enabled.
        let least = usize::from(!self.enabled);
        let attached = self.attached.get(id).copied().unwrap_or_default().max(least);
        Target { id: id.to_owned(), name: self.places.name(id).to_owned(), attached }
    }
}
