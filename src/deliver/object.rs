//! An object in S3: made ready in a temporary file, and uploaded in one call when it is whole.

use std::io::{self, BufWriter, Write};

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::{DeliverError, Refusal};
use crate::aws::upload::{self, Condition, Upload, UploadError};
use crate::aws::waiter::{Unfinished, Waiter};
use crate::plan::CollectSettings;
use crate::settings::ObjectUri;

/// What S3 takes in one call, in bytes: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

/// An object to be written.
#[derive(Debug)]
pub(super) struct ObjectTarget {
    uri: ObjectUri,
    file: NamedTempFile,
}

/// An object that is whole, in a temporary file.
#[derive(Debug)]
pub(super) struct Staged {
    uri: ObjectUri,
    file: TempPath,
    length: u64,
    digest: Vec<u8>,
}

impl ObjectTarget {
    /// Makes room for it on this machine.
    pub(super) fn open(uri: ObjectUri) -> Result<Self, DeliverError> {
        match tempfile::Builder::new().prefix("trailproof-").tempfile() {
            Ok(file) => Ok(Self { uri, file }),
            Err(source) => Err(DeliverError::Temporary { uri, source }),
        }
    }

    pub(super) fn uri(&self) -> &ObjectUri {
        &self.uri
    }

    /// Writes it to the temporary file.
    pub(super) fn stage(
        self,
        render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Staged, DeliverError> {
        let Self { uri, file } = self;
        let mut out = BufWriter::new(Digesting { file, digest: Sha256::new(), length: 0 });
        let written =
            render(&mut out).and_then(|()| out.into_inner().map_err(io::IntoInnerError::into_error));
        match written {
            Ok(Digesting { length, .. }) if length > LARGEST => {
                Err(DeliverError::TooLarge { uri, bytes: length })
            }
            Ok(Digesting { file, digest, length }) => {
                Ok(Staged { uri, file: file.into_temp_path(), length, digest: digest.finalize().to_vec() })
            }
            Err(source) => Err(DeliverError::Temporary { uri, source }),
        }
    }
}

impl Staged {
    /// Uploads it.
    pub(super) fn publish(
        self,
        content_type: &str,
        settings: &CollectSettings,
        waiter: &Waiter,
    ) -> Result<(), DeliverError> {
        let Self { uri, file, length, digest } = self;
        let upload = Upload {
            bucket: &uri.bucket,
            key: &uri.key,
            content_type,
            file: &file,
            length,
            digest: &digest,
            condition: Condition::Always,
        };
        waiter.wait(upload::put(settings, upload)).map_err(|error| match error {
            UploadError::Unfinished(Unfinished::Interrupted) => DeliverError::Interrupted { uri },
            UploadError::Refused(failure) => {
                let refusal = Some(Refusal::of(&failure));
                DeliverError::Object { uri, detail: failure.detail, refusal }
            }
            error => DeliverError::Object { uri, detail: error.to_string(), refusal: None },
        })
    }
}

/// `reports/out.sarif` as `reports/out.2.sarif`, `out.sarif.zst` as `out.2.sarif.zst`.
pub(super) fn numbered(uri: &ObjectUri, number: usize) -> ObjectUri {
    if let Some(plain) = uri.key.strip_suffix(".zst") {
        let ObjectUri { bucket, key } =
            numbered(&ObjectUri { bucket: uri.bucket.clone(), key: plain.to_owned() }, number);
        return ObjectUri { bucket, key: format!("{key}.zst") };
    }
    let (folder, name) = match uri.key.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name),
        None => (String::new(), uri.key.as_str()),
    };
    let name = match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, extension)) => format!("{stem}.{number}.{extension}"),
        None => format!("{name}.{number}"),
    };
    ObjectUri { bucket: uri.bucket.clone(), key: format!("{folder}{name}") }
}

/// Counts and digests what is written.
struct Digesting {
    file: NamedTempFile,
    digest: Sha256,
    length: u64,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
