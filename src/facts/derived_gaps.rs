//! Gaps that no refused call left: what was read, but cannot be decided from the snapshot. See [`super`].
//!
//! Facts are derived twice: in the first pass, over the index, to list these gaps for the report, and again when a
//! subject's turn comes, when only their identities are used.

use std::collections::BTreeMap;

use super::{Facts, bucket, delivery_stream, destination, guardrail, key, organization, policy, unrecorded};
use crate::model::Gap;

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
    for stream in facts.index.streams.delivery_streams() {
        delivery_stream::derive(facts, stream, &mut gaps);
    }
    for arn in
        ["kinesis", "firehose"].into_iter().flat_map(|service| unrecorded::streams(&facts.index, service))
    {
        gaps.extend(unrecorded::gap(&facts.index, arn));
    }
    let unrecorded = facts.index.delivery_destinations.unrecorded();
    gaps.extend(unrecorded.filter_map(|arn| unrecorded::gap(&facts.index, arn)));
    guardrail::undecided_gaps(facts, &mut gaps);
    policy::undecided_gaps(facts, &mut gaps);
    gaps.extend(organization::aggregation_gaps(&facts.index));
    gaps.extend(organization::centralization_gaps(&facts.index));
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
