//! The trails of other accounts that each account shows. See [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::view::Derived;
use crate::model::{AccountRecord, Gaps};

/// The trails of other accounts that each scanned account shows.
#[derive(Debug, Default)]
pub(in crate::facts) struct Shown {
    pub(in crate::facts) by_account: BTreeMap<String, Shadows>,
    /// Few sets for many accounts.
    sets: BTreeSet<Arc<[String]>>,
}

/// What one account shows.
#[derive(Debug, Clone)]
pub(in crate::facts) struct Shadows {
    /// Their ARNs.
    pub(in crate::facts) arns: Derived<Arc<[String]>>,
    /// Why regions that were asked may have shown more.
    pub(in crate::facts) asked: Option<Gaps>,
    /// The same of all enabled regions.
    pub(in crate::facts) everywhere: Option<Gaps>,
}

impl Shown {
    pub(super) fn note(&mut self, record: &AccountRecord) {
        let arns = record.shadow_trails.list().map(|trails| {
            let arns: Vec<String> = trails.iter().map(|trail| trail.arn.clone()).collect();
            if let Some(set) = self.sets.get(arns.as_slice()) {
                return Arc::clone(set);
            }
            let set: Arc<[String]> = Arc::from(arns);
            self.sets.insert(Arc::clone(&set));
            set
        });
        let (_, everywhere) = record.known_trails();
        let asked = if record.regions.is_empty() { everywhere.clone() } else { record.asked_trails().1 };
        self.by_account.insert(record.id.clone(), Shadows { arns, asked, everywhere });
    }
}
