//! Delivery destinations of vended logs: which are named, and what was read of them. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{DeliveryDestination, Observed};
use crate::policy::Arn;

/// Delivery destinations, by ARN.
#[derive(Debug, Default)]
pub(in crate::facts) struct DeliveryDestinations {
    /// By the account that owns them.
    named: BTreeMap<String, BTreeSet<String>>,
    /// What each stands for; `Absent` of one that does not exist.
    targets: BTreeMap<String, Observed<String>>,
}

impl DeliveryDestinations {
    pub(super) fn name(&mut self, arn: &str) {
        let owner = Arn::parse(arn).map_or("", |arn| arn.account_id);
        self.named.entry(owner.to_owned()).or_default().insert(arn.to_owned());
    }

    /// Nothing was read, and nothing that is named bears this account's number.
    pub(super) fn says_nothing_of(&self, account: &str) -> bool {
        let Self { named, targets } = self;
        targets.is_empty() && named.values().flatten().all(|name| !name.contains(account))
    }

    pub(super) fn note(&mut self, destinations: Vec<DeliveryDestination>) {
        self.targets.extend(destinations.into_iter().map(|it| (it.arn, it.target_arn)));
    }

    /// What one stands for. `None` where no record tells of it.
    pub(in crate::facts) fn target(&self, arn: &str) -> Option<&Observed<String>> {
        self.targets.get(arn)
    }

    /// Those of an account that deliveries name, by ARN.
    pub(in crate::facts) fn of(&self, account: &str) -> impl Iterator<Item = &str> {
        self.named.get(account).into_iter().flatten().map(String::as_str)
    }

    /// Those of which no record tells.
    pub(in crate::facts) fn unrecorded(&self) -> impl Iterator<Item = &str> {
        let named = self.named.values().flatten().map(String::as_str);
        named.filter(|arn| !self.targets.contains_key(*arn))
    }
}
