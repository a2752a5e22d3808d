//! A prefix in S3, by the caller's own credentials.

use std::path::Path;

use super::digest::sha256;
use super::{Condition, Put, StoreError, Version};
use crate::aws::failure::Failure;
use crate::aws::objects::{DownloadError, Objects};
use crate::aws::upload::{self, Upload, UploadError};
use crate::aws::waiter::{Unfinished, Waiter};
use crate::plan::CollectSettings;
use crate::settings::ObjectUri;

pub(super) fn open(settings: &CollectSettings, waiter: &Waiter) -> Result<Objects, StoreError> {
    waiter.wait(Objects::open(settings)).map_err(|error| match error {
        DownloadError::Unfinished(Unfinished::Interrupted) => StoreError::Interrupted,
        error => StoreError::Setup(error.to_string()),
    })
}

/// The object of a name.
pub(super) fn named(prefix: &ObjectUri, name: &str) -> ObjectUri {
    ObjectUri { bucket: prefix.bucket.clone(), key: format!("{}/{name}", prefix.key) }
}

/// Copies an object, and returns its `ETag`.
pub(super) fn fetch(
    objects: &Objects,
    waiter: &Waiter,
    uri: &ObjectUri,
    into: &Path,
) -> Result<Option<String>, StoreError> {
    waiter.wait(objects.get(&uri.bucket, &uri.key, into)).map_err(|error| match error {
        DownloadError::Unfinished(Unfinished::Interrupted) => StoreError::Interrupted,
        DownloadError::File(error) => StoreError::Temporary(error),
        error => StoreError::Read {
            place: uri.to_string(),
            detail: error.to_string(),
            refusal: match error {
                DownloadError::Refused(failure) => Some(Box::new(failure)),
                _ => None,
            },
        },
    })
}

pub(super) fn put(
    objects: &Objects,
    waiter: &Waiter,
    uri: &ObjectUri,
    file: &Path,
    condition: Condition<'_>,
) -> Result<Put, StoreError> {
    let (digest, length) = sha256(file)?;
    let is_document = Path::new(&uri.key).extension().is_some_and(|ending| ending == "json");
    let content_type = if is_document { "application/json" } else { "application/zstd" };
    let upload = |condition| {
        let (bucket, key) = (uri.bucket.as_str(), uri.key.as_str());
        let upload = Upload { bucket, key, content_type, file, length, digest: &digest, condition };
        waiter.wait(objects.put(upload))
    };
    let put = match condition {
        Condition::Always => upload(upload::Condition::Always),
        Condition::New => upload(upload::Condition::New),
        Condition::Unchanged(Version(etag)) => match upload(upload::Condition::Unchanged(etag)) {
            // Somebody has removed it since.
            Err(UploadError::Refused(Failure { code: Some(code), .. })) if code == "NoSuchKey" => {
                upload(upload::Condition::New)
            }
            answer => answer,
        },
    };
    match put {
        Ok(()) => Ok(Put::Done),
        Err(UploadError::Refused(Failure { code: Some(code), .. })) if code == "PreconditionFailed" => {
            Ok(Put::Taken)
        }
        Err(UploadError::Unfinished(Unfinished::Interrupted)) => Err(StoreError::Interrupted),
        Err(error) => Err(StoreError::Write {
            place: uri.to_string(),
            detail: error.to_string(),
            refusal: match error {
                UploadError::Refused(failure) => Some(Box::new(failure)),
                _ => None,
            },
        }),
    }
}
