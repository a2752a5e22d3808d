//! Gaps that no refused call left: what was read, but cannot be decided from the snapshot. See [`super`].
//!
//! Facts are derived twice: in the first pass, over the index, to list these gaps for the report, and again when a
//! subject's turn comes, when only their identities are used.

use std::collections::BTreeMap;

use super::{Facts, kind};
use crate::model::Gap;

/// All of them, kind by kind of subject. The several reasons of one place are one gap.
pub(super) fn all(facts: &Facts) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for undecided in kind::all().filter_map(|kind| kind.undecided) {
        undecided(facts, &mut gaps);
    }
    gaps.sort_unstable();
    gaps.dedup();
    let mut merged: BTreeMap<String, Gap> = BTreeMap::new();
    for gap in gaps {
        match merged.get_mut(gap.id.as_str()) {
            Some(first) => first.detail = format!("{}; {}", first.detail, gap.detail),
            None => drop(merged.insert(gap.id.as_str().to_owned(), gap)),
        }
    }
    merged.into_values().collect()
}
