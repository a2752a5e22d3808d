//! Gaps that no refused call left: what was read, but cannot be decided from the snapshot. See [`super`].
//!
//! Facts are derived twice: in the first pass, over the index, to list these gaps for the report, and again when a
//! subject's turn comes, when only their identities are used.

use std::collections::BTreeMap;

use super::view::Derived;
use super::{Facts, bucket, destination, key};
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

/// All of them over the stores and destinations of the organization. The several reasons of one place are one gap.
pub(super) fn all(facts: &Facts) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for bucket in facts.index.buckets.values() {
        bucket::derive(facts, bucket, &mut gaps);
    }
    for (name, key) in &facts.index.keys {
        if *name == key.arn {
            key::derive(facts, key, &mut gaps);
        }
    }
    for (owner, region, destination) in facts.index.destinations.values() {
        destination::derive(facts, owner, region, destination, &mut gaps);
    }
    super::guardrail::undecided_gaps(facts, &mut gaps);
    super::policy::undecided_gaps(facts, &mut gaps);
    gaps.extend(super::organization::aggregation_gaps(&facts.index));
    gaps.extend(bucket::unseen_archive(facts).map(|(_, gap)| gap));
    gaps.extend(key::missing_gaps(facts));
    gaps.extend(destination::unscanned(facts));
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
