//! Default encryption. See [`super`].

use std::sync::Arc;

use super::place;
use crate::facts::view::{Derived, observed};
use crate::facts::{Facts, derived, noted_gaps, unrecorded};
use crate::model::{Bucket, Gap, GapReason, Key};
use crate::policy::Arn;

pub(super) fn algorithm(bucket: &Bucket) -> Derived<String> {
    Ok(bucket.encryption.get()?.map_or("none", |encryption| encryption.algorithm.as_str()).to_owned())
}

pub(super) fn key_id(bucket: &Bucket) -> Derived<Option<String>> {
    bucket.encryption.get()?.map_or(Ok(None), |encryption| observed(&encryption.kms_key_id))
}

/// Objects under SSE-KMS or DSSE-KMS arrive in it: those of a trail or channel that names a key, and by its default
/// encryption whatever comes without an encryption of its own. `aws:fsx` and `aws:backup` are no bucket's that S3 itself
/// serves, and S3 does not say what replication makes of such objects.
pub(super) fn kms_objects(facts: &Facts, bucket: &Bucket, gaps: &mut Vec<Gap>) -> Derived<bool> {
    let delivered = facts.index.delivers_under_kms(&bucket.name);
    if delivered == Ok(true) {
        return delivered;
    }
    let default = algorithm(bucket).and_then(|algorithm| match algorithm.as_str() {
        "aws:kms" | "aws:kms:dsse" => Ok(true),
        "AES256" | "none" => Ok(false),
        other => {
            let why = format!("AWS does not say whether S3 replicates objects under {other}");
            Err(noted_gaps::note(gaps, place(bucket, "GetBucketEncryption"), GapReason::Undecided, &why))
        }
    });
    derived::any([delivered, default])
}

/// AWS's own keys have aliases that begin with `alias/aws/`, and serve their own account alone: a key of another
/// account is a customer's. Of any other, KMS says whose it is.
pub(super) fn customer_managed_key(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    if !algorithm(bucket)?.starts_with("aws:kms") {
        return Ok(false);
    }
    let Some(key_id) = key_id(bucket)? else { return Ok(false) };
    if key_id.contains("alias/aws/") {
        return Ok(false);
    }
    if Arn::parse(&key_id).is_some_and(|key| key.account_id != bucket.account_id) {
        return Ok(true);
    }
    match key(facts, bucket, &key_id)? {
        Some(key) => Ok(key.description.get()?.is_some_and(|description| description.customer_managed)),
        None => Err(unrecorded::why(&facts.index, &key_id)),
    }
}

/// A name that is no ARN means something else in each account and region; a bucket's key is in its own.
fn key<'a>(facts: &'a Facts, bucket: &Bucket, key_id: &str) -> Derived<Option<&'a Key>> {
    let keys = &facts.index.keys;
    if key_id.starts_with("arn:") {
        return Ok(keys.get(key_id).map(Arc::as_ref));
    }
    let region = bucket.region.get()?;
    let own = |key: &&Arc<Key>| key.account_id == bucket.account_id && Some(&key.region) == region;
    let named = keys.get(key_id).filter(own);
    let other = || keys.values().filter(own).find(|key| key.references.iter().any(|name| name == key_id));
    Ok(named.or_else(other).map(Arc::as_ref))
}
