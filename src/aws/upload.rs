//! Puts a file into a bucket, with the caller's own credentials: the audit role's sessions are read-only. With a condition,
//! of several who put an object one alone does: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.

use std::io;
use std::path::Path;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::failure::Failure;
use super::waiter::Unfinished;
use super::{SetupError, configure};
use crate::plan::CollectSettings;

/// The slowest pace at which a file may go, in bytes per second: slower is broken off and tried again.
const SLOWEST: u64 = 32 * 1024;
/// How often and how long after a write that met another it is tried again.
const CONFLICTS: u32 = 8;
const CONFLICT_PAUSE: Duration = Duration::from_millis(100);

/// A file that is whole, and where it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upload<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    /// `application/json`.
    pub(crate) content_type: &'a str,
    pub(crate) file: &'a Path,
    /// The file's length, in bytes.
    pub(crate) length: u64,
    /// Its SHA-256: S3 stores nothing that differs from it.
    pub(crate) digest: &'a [u8],
    pub(crate) condition: Condition<'a>,
}

/// What must be there for the object to be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition<'a> {
    /// Whatever is there.
    Always,
    /// Nothing.
    New,
    /// The object of this `ETag`.
    Unchanged(&'a str),
}

/// Why the object is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("{0}")]
    File(io::Error),
    #[error("{}", .0.detail)]
    Refused(Failure),
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// Uploads the file in one call, so that there is all of the object or none of it.
pub(crate) async fn put(settings: &CollectSettings, upload: Upload<'_>) -> Result<(), UploadError> {
    put_with(settings, &configure(settings).await?, upload).await
}

/// The same, by a configuration that is there already.
pub(super) async fn put_with(
    settings: &CollectSettings,
    config: &SdkConfig,
    upload: Upload<'_>,
) -> Result<(), UploadError> {
    let region = config.region().map_or_else(String::new, ToString::to_string);
    let mut attempt = 1;
    loop {
        let answer = match put_object(settings, config, &region, upload).await {
            // The bucket is elsewhere: S3 has said where.
            Err(UploadError::Refused(Failure { bucket_region: Some(found), .. })) if found != region => {
                put_object(settings, config, &found, upload).await
            }
            answer => answer,
        };
        match answer {
            // Another write was under way: how it ended decides.
            Err(UploadError::Refused(Failure { code: Some(code), .. }))
                if code == "ConditionalRequestConflict" && attempt < CONFLICTS =>
            {
                tokio::time::sleep(CONFLICT_PAUSE * attempt).await;
                attempt += 1;
            }
            answer => return answer,
        }
    }
}

async fn put_object(
    settings: &CollectSettings,
    config: &SdkConfig,
    region: &str,
    upload: Upload<'_>,
) -> Result<(), UploadError> {
    let time_limit = settings.call_time_limit + Duration::from_secs(upload.length / SLOWEST);
    let config = super::s3(config, region)
        .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts))
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(time_limit).build())
        .build();
    let body = ByteStream::read_from()
        .path(upload.file)
        .length(Length::Exact(upload.length))
        .build()
        .await
        .map_err(|error| UploadError::File(io::Error::other(error)))?;
    aws_sdk_s3::Client::from_conf(config)
        .put_object()
        .bucket(upload.bucket)
        .key(upload.key)
        .content_type(upload.content_type)
        .checksum_sha256(aws_smithy_types::base64::encode(upload.digest))
        .set_if_none_match((upload.condition == Condition::New).then(|| "*".to_owned()))
        .set_if_match(match upload.condition {
            Condition::Unchanged(etag) => Some(etag.to_owned()),
            Condition::Always | Condition::New => None,
        })
        .body(body)
        .send()
        .await
        .map(drop)
        .map_err(|error| UploadError::Refused(Failure::from_sdk(&error)))
}
