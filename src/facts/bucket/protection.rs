//! Object Lock, and what else keeps logs from being deleted. See [`super`].

use super::delivery;
use crate::facts::view::Derived;
use crate::facts::{Facts, words};
use crate::model::{Bucket, Retention, RetentionMode};

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

/// S3 refuses MFA Delete beside a lifecycle configuration ("Deleting an object from an MFA delete-enabled bucket").
pub(super) fn deletion_advice(facts: &Facts, bucket: &Bucket) -> Derived<String> {
    let kept_out = delivery::hindered(facts, bucket);
    let has_lifecycle = super::lifecycle::exists(bucket)?;
    Ok(match (kept_out.as_slice(), has_lifecycle) {
        ([], true) => "Its lifecycle rules exclude MFA Delete, so set default Object Lock retention in compliance mode, \
                       which is stronger"
            .to_owned(),
        ([], false) => {
            "Set default Object Lock retention in compliance mode, or enable MFA Delete".to_owned()
        }
        (services, _) => format!(
            "{} cannot deliver into a bucket with default Object Lock retention, so have that go to another bucket before \
             you set retention in compliance mode, or enable MFA Delete, which takes a bucket without lifecycle rules",
            words::and(services)
        ),
    })
}
