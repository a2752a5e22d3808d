//! The regions that each account has enabled. See [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::view::Derived;
use crate::model::AccountRecord;

/// The regions that each scanned account has enabled.
#[derive(Debug, Default)]
pub(in crate::facts) struct Enabled {
    pub(in crate::facts) by_account: BTreeMap<String, Derived<Arc<[String]>>>,
    /// Few sets for many accounts.
    sets: BTreeSet<Arc<[String]>>,
}

impl Enabled {
    pub(super) fn note(&mut self, record: &AccountRecord) {
        let regions = record.enabled_regions.list().map(|regions| {
            if let Some(set) = self.sets.get(regions) {
                return Arc::clone(set);
            }
            let set: Arc<[String]> = Arc::from(regions);
            self.sets.insert(Arc::clone(&set));
            set
        });
        self.by_account.insert(record.id.clone(), regions);
    }
}
