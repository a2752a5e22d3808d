//! Buckets, streams and keys that logs go to, or are encrypted with, and of which no record tells: which, and why. See [`super`].

use super::Index;
use crate::model::{Gap, GapPlace, GapReason, Gaps};
use crate::policy::Arn;

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

/// Streams of a service that log events go to, and of which no record tells.
pub(super) fn streams<'a>(index: &'a Index, service: &'a str) -> impl Iterator<Item = &'a str> {
    index.streams.unrecorded(service)
}

/// Account and region of an ARN.
pub(super) fn location(reference: &str) -> (Option<&str>, Option<&str>) {
    Arn::parse(reference).map_or((None, None), |key| (Some(key.account_id), Some(key.region)))
}

/// Why nothing is known of a key, a stream or a delivery destination that no record tells of: the whole account is missing, or that alone.
pub(super) fn why(index: &Index, reference: &str) -> Gaps {
    match account_of(index, reference) {
        Some(gaps) => gaps.clone(),
        None => not_collected(reference).id.into(),
    }
}

fn account_of<'a>(index: &'a Index, reference: &str) -> Option<&'a Gaps> {
    let (account_id, _) = location(reference);
    index.accounts_without_record.get(account_id?)
}

/// The gap of it that no record holds: where its whole account is missing, that is said there.
pub(super) fn gap(index: &Index, reference: &str) -> Option<Gap> {
    account_of(index, reference).is_none().then(|| not_collected(reference))
}

fn not_collected(reference: &str) -> Gap {
    let (account_id, region) = location(reference);
    let (service, operation, thing) = match reference.split(':').nth(2) {
        Some("kinesis") => ("kinesis", "DescribeStreamSummary", "stream"),
        Some("firehose") => ("firehose", "DescribeDeliveryStream", "delivery stream"),
        Some("logs") => ("logs", "GetDeliveryDestination", "delivery destination"),
        _ => ("kms", "DescribeKey", "key"),
    };
    let place = GapPlace { account_id, region, service, operation, resource: Some(reference) };
    let why = format!("no scanned account could be asked about this {thing}");
    Gap::new(place, GapReason::NotCollected, why)
}
