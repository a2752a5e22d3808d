//! The levels of policies between the root and an account, and what of a policy is not relied on. See [`super::tree`].

use crate::facts::noted_gaps;
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::Document;

/// The id of an account's own level in a path that many accounts share.
pub(super) const OWN_LEVEL: &str = "";

/// Stands for the levels between the root and what is known of a path.
pub(super) const UNKNOWN_LEVEL: &str = "unknown";

/// A step on the way from the root to an account.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Known(String),
    /// Levels that could not be listed.
    Unknown(Gaps),
}

/// A resource with a policy variable where AWS supports none, and the gap that it is.
pub(super) type Misplaced = (String, Gaps);

/// What AWS makes of such statements is not known, so that what they deny is not, either.
pub(super) fn misplaced(document: &Document, place: GapPlace<'_>, gaps: &mut Vec<Gap>) -> Vec<Misplaced> {
    let note = |pattern: String| {
        let why =
            format!("`{pattern}` has a policy variable before the fifth colon, where AWS supports none");
        let gap = noted_gaps::note(gaps, place, GapReason::Undecided, &why);
        (pattern, gap)
    };
    let misplaced: Vec<Misplaced> = document.misplaced_variables().into_iter().map(note).collect();
    let unsettled = document.undecided().into_iter().map(|why| {
        let why = why.to_string();
        let gap = noted_gaps::note(gaps, place, GapReason::Undecided, &why);
        (why, gap)
    });
    misplaced.into_iter().chain(unsettled).collect()
}
