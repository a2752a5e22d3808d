//! What came up while something was worked out and may make the answer unknown: a question is told what came up of it and of
//! the goals that it leads to, and of no others. See [`super::goals`].

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::undecided::Undecided;

/// What came up.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    /// The goals that it leads to.
    pub(super) goals: BTreeSet<usize>,
    /// What the policies alone do not settle.
    pub(super) undecided: BTreeSet<Undecided>,
    /// Something lies beyond the limit.
    pub(super) is_cut: bool,
    /// What came up before of parts that are shared.
    pub(super) parts: Vec<Arc<Noted>>,
}

impl Noted {
    /// All that is undecided in these, in their parts and in the goals that they lead to, and whether something lies beyond the
    /// limit.
    pub(super) fn all(these: &[Self], of_goals: &[Self]) -> (Vec<Undecided>, bool) {
        let (mut undecided, mut is_cut) = (BTreeSet::new(), false);
        let mut goals = BTreeSet::new();
        let mut parts = BTreeSet::new();
        let mut waiting: Vec<&Self> = these.iter().collect();
        while let Some(noted) = waiting.pop() {
            undecided.extend(noted.undecided.iter().cloned());
            is_cut |= noted.is_cut;
            for part in &noted.parts {
                if parts.insert(Arc::as_ptr(part).addr()) {
                    waiting.push(part);
                }
            }
            for goal in &noted.goals {
                if goals.insert(*goal) {
                    waiting.extend(of_goals.get(*goal));
                }
            }
        }
        (undecided.into_iter().collect(), is_cut)
    }
}
