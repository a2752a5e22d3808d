//! What each service that delivers logs cannot deliver into. See [`super`].

use crate::facts::Facts;
use crate::facts::view::Derived;
use crate::model::{Bucket, LogKind};

/// A service that cannot deliver into a bucket whose objects are locked by default.
struct Limit {
    kind: LogKind,
    service: &'static str,
}

/// CloudTrail and replication deliver into locked buckets; these do not. Sources, read 2026-11-28:
///
/// - "Managing the Delivery Channel", AWS Config developer guide
///   (<https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html>): no delivery channel to a
///   bucket with Object Lock and default retention.
/// - "Object Lock considerations", Amazon S3 user guide
///   (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html>): a bucket with Object Lock is no
///   destination of server access logs.
const LIMITS: [Limit; 2] = [
    Limit { kind: LogKind::Config, service: "AWS Config" },
    Limit { kind: LogKind::AccessLogs, service: "S3 server access logging" },
];

/// A service delivers into the bucket that could not if it had a default retention. Unknown where what was refused may
/// have named it for such logs.
pub(super) fn receives_unlockable(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    if !kept_out_by_retention(facts, bucket).is_empty() {
        return Ok(true);
    }
    facts.index.may_receive(is_limited).map_or(Ok(false), Err)
}

fn is_limited(kind: LogKind) -> bool {
    LIMITS.iter().any(|limit| limit.kind == kind)
}

/// The services that deliver into the bucket, and that a default retention would keep from it.
pub(super) fn kept_out_by_retention(facts: &Facts, bucket: &Bucket) -> Vec<&'static str> {
    let kinds = facts.index.log_kinds.get(&bucket.name);
    let delivers = |limit: &&Limit| kinds.is_some_and(|kinds| kinds.contains(&limit.kind));
    LIMITS.iter().filter(delivers).map(|limit| limit.service).collect()
}

/// AWS Config delivers into the bucket, and otherwise none who still could if it had a default retention: it must have
/// none. Unknown where what was refused may have named it for other logs.
pub(super) fn excludes_retention(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    let kinds = facts.index.log_kinds.get(&bucket.name);
    if !kinds
        .is_some_and(|kinds| kinds.contains(&LogKind::Config) && kinds.iter().all(|kind| is_limited(*kind)))
    {
        return Ok(false);
    }
    facts.index.may_receive(|kind| !is_limited(kind)).map_or(Ok(true), Err)
}
