//! Verifies that the logs of an archive are the ones that CloudTrail delivered: signatures, hashes, the chain of
//! digests in both directions, and the time that it covers.
//!
//! Offline and synchronous: the caller lists and reads objects ([`crate::collect`] from S3) and hands over bytes, in
//! chunks for logs. [`FolderVerification`] says what to list and read for an account and region, and what that
//! amounts to; [`Verification`] puts folders together. What could not be read is [`Unverifiable`], which is neither
//! valid nor missing. Reports take it from there.
//!
//! Format and signature:
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>.

mod chain;
mod defect;
mod der;
mod digest;
mod folder;
mod gzip;
mod hash;
mod logs;
mod name;
mod range;
mod result;
mod signature;
mod stream;
mod verified;

pub use defect::{Defect, DefectKind, ObjectName, Unverifiable, UnverifiableReason};
pub use digest::{
    CheckedDigest, DigestMetadata, DigestObject, DigestReading, KeyNeeded, MAX_DIGEST_BYTES,
    MAX_DIGEST_INFLATED,
};
pub use folder::{DIGEST_GRACE, Folder, FolderRequest, FolderVerification, Listing, LogChecks};
pub use gzip::{GzipError, Hash, LogDigest, LogHasher, MAX_LOG_INFLATED, Trailing};
pub use logs::{LogReading, LogToRead};
pub use name::{DigestName, LogName, NameError, is_plain_path};
pub use range::TimeRange;
pub use result::{ChainResult, Counts, Totals, Verification};
pub use signature::{KeyError, KeyRing};
pub use stream::TrailName;
pub use verified::{ArchivePlace, Sample, TrailPlace, Verified};
