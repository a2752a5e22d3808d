//! Notes what was read but cannot be decided, and reads policy documents. See [`super`]; [`super::derived_gaps`] lists what
//! comes of it.

use super::view::Derived;
use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed};
use crate::policy::Document;

/// Notes a gap and gives what a fact needs of it.
pub(super) fn note(gaps: &mut Vec<Gap>, place: GapPlace<'_>, reason: GapReason, why: &str) -> Gaps {
    let gap = Gap::new(place, reason, why);
    let id = gap.id.clone();
    gaps.push(gap);
    id.into()
}

/// A policy document; `None` where AWS says that there is none.
pub(super) fn document(
    gaps: &mut Vec<Gap>,
    policy: &Observed<String>,
    place: GapPlace<'_>,
) -> Derived<Option<Document>> {
    let Some(text) = policy.get()? else { return Ok(None) };
    let mut malformed = |why: &str| note(gaps, place, GapReason::MalformedResponse, why);
    let document = Document::parse(text).map_err(|error| malformed(&error.to_string()))?;
    let mut actions = document.statements.iter().flat_map(|statement| &statement.action.patterns);
    match actions.find(|action| !action.names_its_service()) {
        // What AWS would make of it is not known, since AWS stores no such policy.
        Some(action) => Err(malformed(&format!("the action `{}` does not name its service", action.text()))),
        None => Ok(Some(document)),
    }
}
