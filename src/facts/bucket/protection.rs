//! Versioning, MFA Delete and Object Lock. See [`super`].

use crate::facts::view::Derived;
use crate::facts::{Facts, LogKind};
use crate::model::{Bucket, Retention, RetentionMode};

pub(super) fn versioning(bucket: &Bucket) -> Derived<String> {
    let status = bucket.versioning.get()?.and_then(|versioning| versioning.status.clone());
    Ok(status.unwrap_or_else(|| "never enabled".to_owned()))
}

pub(super) fn mfa_delete(bucket: &Bucket) -> Derived<bool> {
    Ok(bucket.versioning.get()?.is_some_and(|versioning| versioning.mfa_delete))
}

fn retention(bucket: &Bucket) -> Derived<Option<Retention>> {
    let lock = bucket.object_lock.get()?.filter(|lock| lock.enabled);
    Ok(lock.and_then(|lock| lock.default_retention.clone()))
}

pub(super) fn object_lock_mode(bucket: &Bucket) -> Derived<String> {
    let mode = match retention(bucket)?.map(|retention| retention.mode) {
        Some(RetentionMode::Compliance) => "compliance",
        Some(RetentionMode::Governance) => "governance",
        None => "none",
    };
    Ok(mode.to_owned())
}

pub(super) fn object_lock_days(bucket: &Bucket) -> Derived<i64> {
    Ok(retention(bucket)?.map_or(0, |retention| retention.days))
}

/// S3 refuses MFA Delete beside a lifecycle configuration ("Deleting an object from an MFA delete-enabled bucket"),
/// and cannot deliver server access logs into a bucket with Object Lock ("Object Lock considerations").
pub(super) fn deletion_advice(facts: &Facts, bucket: &Bucket) -> Derived<String> {
    let kinds = facts.index.log_kinds.get(&bucket.name);
    let advice = if kinds.is_some_and(|kinds| kinds.contains(&LogKind::AccessLogs)) {
        "It receives server access logs, which exclude Object Lock, so send those to another bucket and set default \
         retention in compliance mode, or enable MFA Delete, which takes a bucket without lifecycle rules"
    } else if super::lifecycle::exists(bucket)? {
        "Its lifecycle rules exclude MFA Delete, so set default Object Lock retention in compliance mode, which is \
         stronger"
    } else {
        "Set default Object Lock retention in compliance mode, or enable MFA Delete"
    };
    Ok(advice.to_owned())
}
