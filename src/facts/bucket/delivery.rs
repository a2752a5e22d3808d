//! What each service that delivers logs cannot deliver into. See [`super`].

use super::place;
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::facts::{Facts, noted_gaps, words};
use crate::model::{Bucket, Gap, GapReason, LogKind, ObjectLock};

/// A service that Object Lock keeps out of a bucket.
#[derive(Debug)]
struct Limit {
    kind: LogKind,
    service: &'static str,
    by: KeptOutBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeptOutBy {
    /// Object Lock, with a default retention or without.
    ObjectLock,
    /// Default retention alone.
    Retention,
}

/// CloudTrail and replication deliver into locked buckets; these do not. Sources, read 2026-11-29:
///
/// - "Managing the Delivery Channel", AWS Config developer guide
///   (<https://docs.aws.amazon.com/config/latest/developerguide/manage-delivery-channel.html>): no delivery channel to a
///   bucket with Object Lock and default retention.
/// - "Object Lock considerations", Amazon S3 user guide
///   (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html>): a bucket with Object Lock is no
///   destination of server access logs, whatever its retention.
const LIMITS: [Limit; 2] = [
    Limit { kind: LogKind::Config, service: "AWS Config", by: KeptOutBy::Retention },
    Limit { kind: LogKind::AccessLogs, service: "S3 server access logging", by: KeptOutBy::ObjectLock },
];

/// Those that deliver into the bucket.
fn limits(facts: &Facts, bucket: &Bucket) -> impl Iterator<Item = &'static Limit> {
    let kinds = facts.index.log_kinds.get(&bucket.name);
    LIMITS.iter().filter(move |limit| kinds.is_some_and(|kinds| kinds.contains(&limit.kind)))
}

fn is_limited(kind: LogKind) -> bool {
    LIMITS.iter().any(|limit| limit.kind == kind)
}

/// The services that deliver into the bucket, and that a default retention would keep from it.
pub(super) fn hindered(facts: &Facts, bucket: &Bucket) -> Vec<&'static str> {
    limits(facts, bucket).map(|limit| limit.service).collect()
}

/// A service delivers into the bucket that Object Lock may keep out. Unknown where what was refused may have named it for
/// such logs.
pub(super) fn receives_unlockable(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    if limits(facts, bucket).next().is_some() {
        return Ok(true);
    }
    facts.index.may_receive(is_limited).map_or(Ok(false), Err)
}

/// Who is set to deliver into the bucket and is kept out by its lock, in words. Unknown where nobody certainly is and a
/// default event hold, of which AWS does not say so, may do it.
pub(super) fn locked_out(facts: &Facts, bucket: &Bucket, gaps: &mut Vec<Gap>) -> Derived<Option<String>> {
    let limits: Vec<&Limit> = limits(facts, bucket).collect();
    if limits.is_empty() {
        return Ok(None);
    }
    let Some(lock) = bucket.object_lock.get()?.filter(|lock| lock.enabled) else { return Ok(None) };
    let mut certain = Vec::new();
    let mut unknown = None;
    for Limit { service, by, .. } in limits {
        match by {
            KeptOutBy::ObjectLock => certain.push(format!("{service} (by Object Lock as such)")),
            KeptOutBy::Retention if lock.default_retention.is_some() => {
                certain.push(format!("{service} (by the default retention)"));
            }
            KeptOutBy::Retention => match holds(lock) {
                Ok(false) => {}
                Ok(true) => {
                    let place = place(bucket, "GetObjectLockConfiguration");
                    let why =
                        format!("whether {service} can deliver under a default event hold is not known");
                    join(&mut unknown, &noted_gaps::note(gaps, place, GapReason::Undecided, &why));
                }
                Err(unread) => join(&mut unknown, &unread),
            },
        }
    }
    match unknown {
        Some(unknown) if certain.is_empty() => Err(unknown),
        _ => Ok((!certain.is_empty()).then(|| words::and(&certain))),
    }
}

fn holds(lock: &ObjectLock) -> Derived<bool> {
    Ok(lock.default_event_hold_days.get()?.is_some())
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
