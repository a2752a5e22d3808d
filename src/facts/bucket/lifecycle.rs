//! Lifecycle: how soon logs are removed, and what happens to old ones. See [`super`].

use crate::facts::view::Derived;
use crate::facts::words;
use crate::model::{Bucket, LifecycleRule};

/// The soonest removal of logs by a lifecycle rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expiry {
    /// After this many days.
    pub(super) days: i64,
    /// The rule and what it does.
    pub(super) what: String,
}

fn enabled(bucket: &Bucket) -> Derived<Vec<&LifecycleRule>> {
    Ok(bucket.lifecycle.list()?.iter().filter(|rule| rule.enabled).collect())
}

pub(super) fn exists(bucket: &Bucket) -> Derived<bool> {
    Ok(!bucket.lifecycle.list()?.is_empty())
}

fn name(rule: &LifecycleRule) -> String {
    let prefix = rule.prefix.as_deref().filter(|prefix| !prefix.is_empty());
    let limit = prefix.map_or_else(String::new, |prefix| format!(" (prefix {prefix})"));
    match rule.id.as_deref() {
        Some(id) => format!("lifecycle rule {id}{limit}"),
        None => format!("a lifecycle rule without an ID{limit}"),
    }
}

/// The soonest of all enabled rules. One that is limited to a prefix, to tags or to sizes counts: nothing says that
/// no log is among what it removes. A date counts 0 days, because S3 goes on removing new objects after it.
///
/// Where versioning is on, expiring a current object only sets a delete marker, and the log stays as a noncurrent version
/// until a rule removes those; where it was never on, or is suspended, the object itself is gone ("Lifecycle
/// configuration elements", Expiration, of the S3 user guide, read 2026-11-28).
pub(super) fn earliest_expiry(bucket: &Bucket) -> Derived<Option<Expiry>> {
    let (mut current, mut noncurrent) = (Vec::new(), Vec::new());
    for rule in enabled(bucket)? {
        let name = name(rule);
        if let Some(days) = rule.expiration_days {
            current.push(Expiry {
                days,
                what: format!("{name} expires current logs after {}", words::days(days)),
            });
        }
        if let Some(date) = &rule.expiration_date {
            current.push(Expiry { days: 0, what: format!("{name} expires current logs from {date} on") });
        }
        if let Some(days) = rule.noncurrent_expiration_days {
            let what = format!("{name} removes noncurrent versions after {}", words::days(days));
            noncurrent.push(Expiry { days, what });
        }
    }
    let (current, noncurrent) = (current.into_iter().min(), noncurrent.into_iter().min());
    let Some(current) = current else { return Ok(noncurrent) };
    // Whatever versioning is, the sooner one is the same.
    if let Some(noncurrent) = noncurrent.as_ref().filter(|noncurrent| **noncurrent < current) {
        return Ok(Some(noncurrent.clone()));
    }
    let versioned = super::versioning::status(bucket)? == "Enabled";
    Ok(if versioned { noncurrent } else { Some(current) })
}

/// Whether an enabled rule removes only some logs, by their tags or sizes.
pub(super) fn removes_some(bucket: &Bucket) -> Derived<bool> {
    let removes = |rule: &LifecycleRule| {
        rule.expiration_days.is_some()
            || rule.expiration_date.is_some()
            || rule.noncurrent_expiration_days.is_some()
    };
    Ok(enabled(bucket)?.into_iter().any(|rule| rule.otherwise_filtered && removes(rule)))
}

pub(super) fn tiers_old_logs(bucket: &Bucket) -> Derived<bool> {
    Ok(enabled(bucket)?.iter().any(|rule| !rule.transitions.is_empty()))
}

pub(super) fn ends_incomplete_uploads(bucket: &Bucket) -> Derived<bool> {
    let of_every_key = |rule: &&LifecycleRule| {
        !rule.otherwise_filtered && rule.prefix.as_deref().unwrap_or_default().is_empty()
    };
    Ok(enabled(bucket)?
        .iter()
        .filter(|rule| of_every_key(rule))
        .any(|rule| rule.abort_incomplete_upload_days.is_some()))
}
