//! Objects that are fetched and put, with the caller's own credentials, by one configuration. What an object holds is for
//! the caller to verify.

use std::io;
use std::path::Path;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::config::ResponseChecksumValidation;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::failure::{Failure, Retry};
use super::upload::{self, Upload, UploadError};
use super::waiter::Unfinished;
use super::{SetupError, configure};
use crate::model::GapReason;
use crate::plan::CollectSettings;

/// Why the object was not fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{}", .0.detail)]
    Refused(Failure),
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// The way to objects.
#[derive(Debug)]
pub(crate) struct Objects {
    settings: CollectSettings,
    config: SdkConfig,
}

impl Objects {
    pub(crate) async fn open(settings: &CollectSettings) -> Result<Self, DownloadError> {
        Ok(Self { settings: settings.clone(), config: configure(settings).await? })
    }

    /// Puts an object.
    pub(crate) async fn put(&self, upload: Upload<'_>) -> Result<(), UploadError> {
        upload::put_with(&self.settings, &self.config, upload).await
    }

    /// Fetches an object into a file, and returns its `ETag`; `None` where there is none. To whom may not list the bucket,
    /// S3 says of what is not there that it is forbidden.
    pub(crate) async fn get(
        &self,
        bucket: &str,
        key: &str,
        into: &Path,
    ) -> Result<Option<String>, DownloadError> {
        let mut region = self.config.region().map_or_else(String::new, ToString::to_string);
        let (mut attempt, mut moved) = (1, false);
        loop {
            match self.get_object(&region, bucket, key, into).await {
                Err(DownloadError::Refused(Failure { code: Some(code), .. })) if code == "NoSuchKey" => {
                    return Ok(None);
                }
                // The bucket is elsewhere: S3 has said where.
                Err(DownloadError::Refused(Failure { bucket_region: Some(found), .. }))
                    if found != region && !moved =>
                {
                    (region, moved) = (found, true);
                }
                // What the SDK has tried again already has a code; a body that was cut has none.
                Err(DownloadError::Refused(Failure { code: None, retry: Retry::Soon, .. }))
                    if attempt < self.settings.max_attempts =>
                {
                    attempt += 1;
                }
                answer => return answer.map(Some),
            }
        }
    }

    async fn get_object(
        &self,
        region: &str,
        bucket: &str,
        key: &str,
        into: &Path,
    ) -> Result<String, DownloadError> {
        let limit = self.settings.call_time_limit;
        let config = super::s3(&self.config, region)
            .retry_config(RetryConfig::standard().with_max_attempts(self.settings.max_attempts))
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(limit).build())
            // A digest of our own is what says whether the object is whole.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        let answer = client.get_object().bucket(bucket).key(key).send().await;
        let answer = answer.map_err(|error| DownloadError::Refused(Failure::from_sdk(&error)))?;
        let mut file = File::create(into).await?;
        let mut body = answer.body;
        let mut received: i64 = 0;
        while let Some(bytes) = soon(limit, body.next()).await? {
            let bytes = bytes.map_err(|error| cut(&format!("its content was cut off: {error}")))?;
            received = received.saturating_add_unsigned(bytes.len() as u64);
            file.write_all(&bytes).await?;
        }
        file.flush().await?;
        if answer.content_length.is_some_and(|declared| declared != received) {
            return Err(cut("its content was cut off"));
        }
        answer.e_tag.ok_or_else(|| {
            let detail = "the answer has no ETag";
            DownloadError::Refused(Failure::new(GapReason::MalformedResponse, Retry::Never, detail))
        })
    }
}

fn cut(detail: &str) -> DownloadError {
    DownloadError::Refused(Failure::new(GapReason::Unreachable, Retry::Soon, detail))
}

async fn soon<T>(limit: Duration, next: impl Future<Output = T>) -> Result<T, DownloadError> {
    tokio::time::timeout(limit, next).await.map_err(|_| {
        let detail = "its content came too slowly";
        DownloadError::Refused(Failure::new(GapReason::Timeout, Retry::Soon, detail))
    })
}
