//! Versioning and MFA Delete. See [`super`].

use crate::facts::view::Derived;
use crate::model::Bucket;

pub(super) fn status(bucket: &Bucket) -> Derived<String> {
    let status = bucket.versioning.get()?.and_then(|versioning| versioning.status.clone());
    Ok(status.unwrap_or_else(|| "never enabled".to_owned()))
}

pub(super) fn mfa_delete(bucket: &Bucket) -> Derived<bool> {
    Ok(bucket.versioning.get()?.is_some_and(|versioning| versioning.mfa_delete))
}
