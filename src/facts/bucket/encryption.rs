//! Default encryption. See [`super`].

use super::Bucket;
use crate::facts::view::{Derived, observed};
use crate::facts::{Facts, undecided};
use crate::model::{Gap, GapPlace, GapReason};

pub(super) fn algorithm(bucket: &Bucket) -> Derived<String> {
    Ok(bucket.encryption.get()?.map_or("none", |encryption| encryption.algorithm.as_str()).to_owned())
}

pub(super) fn key_id(bucket: &Bucket) -> Derived<Option<String>> {
    bucket.encryption.get()?.map_or(Ok(None), |encryption| observed(&encryption.kms_key_id))
}

/// AWS's own keys have aliases that begin with `alias/aws/`, and serve their own account alone: a key of another
/// account is a customer's. Of any other, KMS says whose it is.
pub(super) fn customer_managed_key(facts: &Facts, bucket: &Bucket, gaps: &mut Vec<Gap>) -> Derived<bool> {
    if !algorithm(bucket)?.starts_with("aws:kms") {
        return Ok(false);
    }
    let Some(key_id) = key_id(bucket)? else { return Ok(false) };
    if key_id.contains("alias/aws/") {
        return Ok(false);
    }
    let owner = key_id.split(':').nth(4);
    if owner.is_some_and(|owner| owner != bucket.account_id) {
        return Ok(true);
    }
    if let Some(key) = facts.index.keys.get(&key_id) {
        return Ok(key.description.get()?.is_some_and(|description| description.customer_managed));
    }
    let place = GapPlace {
        account_id: Some(&bucket.account_id),
        region: key_id.split(':').nth(3),
        service: "kms",
        operation: "DescribeKey",
        resource: Some(&key_id),
    };
    Err(undecided::note(gaps, place, GapReason::NotCollected, "the snapshot does not have this key"))
}
