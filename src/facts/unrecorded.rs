//! Buckets and keys that logs go to, or are encrypted with, and of which no record tells: which, and why. See [`super`].

use super::Index;
use crate::model::{Gap, GapPlace, GapReason, Gaps};

/// Buckets that logs go to, of which nobody could say whether an account of the organization owns them, and why. One
/// that certainly belongs to nobody here is the failure of the trail that names it, not a subject.
pub(super) fn buckets(index: &Index) -> impl Iterator<Item = (&str, &Gaps)> {
    let open = |name: &&String| !index.buckets.contains_key(*name) && !index.absent_buckets.contains(*name);
    let gaps = index.inventories.as_ref().err();
    gaps.into_iter()
        .flat_map(move |gaps| index.log_kinds.keys().filter(open).map(move |name| (name.as_str(), gaps)))
}

/// What logs are encrypted with and no record tells of. AWS's own keys, by their aliases, are no subjects.
pub(super) fn keys(index: &Index) -> impl Iterator<Item = &str> {
    let references = index.key_references.iter().map(String::as_str);
    references.filter(|reference| !reference.contains("alias/aws/") && !index.keys.contains_key(*reference))
}

/// Account and region of a key's ARN.
pub(super) fn location(reference: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = reference.split(':').skip(3);
    let region = parts.next();
    (parts.next(), region)
}

/// Why nothing is known of a key that no record tells of: the whole account is missing, or the key alone.
pub(super) fn why_key(index: &Index, reference: &str) -> Gaps {
    match account_of_key(index, reference) {
        Some(gaps) => gaps.clone(),
        None => not_collected(reference).id.into(),
    }
}

fn account_of_key<'a>(index: &'a Index, reference: &str) -> Option<&'a Gaps> {
    let (account_id, _) = location(reference);
    index.accounts_without_record.get(account_id?)
}

/// The gap of such a key that no record holds: where its whole account is missing, that is said there.
pub(super) fn key_gap(index: &Index, reference: &str) -> Option<Gap> {
    account_of_key(index, reference).is_none().then(|| not_collected(reference))
}

fn not_collected(reference: &str) -> Gap {
    let (account_id, region) = location(reference);
    let place =
        GapPlace { account_id, region, service: "kms", operation: "DescribeKey", resource: Some(reference) };
    Gap::new(place, GapReason::NotCollected, "no scanned account could be asked about this key")
}
