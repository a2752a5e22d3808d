//! Log groups that the configuration names one by one, and that no region has: a name that is mistyped silences the rules
//! about it. See [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::{Facts, Subject, SubjectFacts, SubjectKind};
use crate::model::{AccountRecord, Expectations, Gap, GapPlace, GapReason};

/// Names that no log group has had so far.
pub(in crate::facts) struct Unseen(BTreeSet<String>);

impl Unseen {
    /// Patterns are left out: they are for what may come.
    pub(in crate::facts) fn new(expectations: &Expectations) -> Self {
        let names = expectations.centralized_log_groups.iter().filter(|name| !name.contains(['*', '?']));
        Self(names.cloned().collect())
    }

    pub(in crate::facts) fn account(&mut self, record: &AccountRecord) {
        if self.0.is_empty() {
            return;
        }
        let groups = record.regions.iter().filter_map(|region| region.log_groups.list().ok()).flatten();
        for group in groups {
            self.0.remove(&group.name);
        }
    }

    /// What nobody has seen.
    pub(in crate::facts) fn gaps(self) -> impl Iterator<Item = Gap> {
        self.0.into_iter().map(|name| {
            let place = GapPlace {
                service: "logs",
                operation: "DescribeLogGroups",
                resource: Some(&name),
                ..GapPlace::default()
            };
            let why = "the configuration lists it under centralized_log_groups, and no region that was read has a log group of \
                       that name";
            Gap::new(place, GapReason::Undecided, why)
        })
    }
}

/// They are subjects of which nothing is known.
pub(in crate::facts) fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let subject = |gap: &Gap| {
        let name: Arc<str> = Arc::from(gap.resource.as_deref().unwrap_or("*"));
        SubjectFacts {
            subject: Arc::new(Subject {
                kind: SubjectKind::LogGroup,
                account_id: None,
                region: None,
                id: Arc::clone(&name),
                arn: None,
                name: Some(name),
            }),
            variables: Vec::new(),
            unlisted: Some(gap.id.clone().into()),
        }
    };
    facts.index.unseen_log_groups.iter().map(subject).collect()
}
