//! The values that facts copied from AWS can have, so that a rule which compares with another text is refused. See
//! [`super`].
//!
//! From AWS's service models (botocore 1.44.8: the enumerations of `s3`, `kms`, `logs`, `config`, `cloudtrail` and
//! `organizations`, read 2026-11-28), with the words that facts put where AWS says that there is nothing. A value that AWS
//! adds later reaches rules as it is; only a rule must not name what is not here.

/// A default retention's mode.
pub(super) const LOCK_MODES: &[&str] = &["compliance", "governance", "none"];
/// `BucketVersioningStatus`.
pub(super) const VERSIONING: &[&str] = &["Enabled", "Suspended", "never enabled"];
/// `ServerSideEncryption`.
pub(super) const ENCRYPTION: &[&str] =
    &["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup", "none"];
/// `ObjectOwnership`.
pub(super) const OWNERSHIP: &[&str] = &["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
/// The settings of `PublicAccessBlockConfiguration`.
pub(super) const PUBLIC_ACCESS_SETTINGS: &[&str] =
    &["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
/// `KeyState`.
pub(super) const KEY_STATES: &[&str] = &[
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
    "not found",
];
/// `LogGroupClass`.
pub(super) const LOG_CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];
/// `RecorderStatus`, as the service writes it.
pub(super) const RECORDER_STATUS: &[&str] = &["SUCCESS", "PENDING", "FAILURE", "NOT_APPLICABLE"];
/// `RecordingFrequency`.
pub(super) const FREQUENCIES: &[&str] = &["CONTINUOUS", "DAILY"];
/// `InsightType`.
pub(super) const INSIGHTS: &[&str] = &["ApiCallRateInsight", "ApiErrorRateInsight"];
/// To whom an action is open.
pub(super) const OPENNESS: &[&str] = &["none", "administrators", "anyone", "not asked"];
/// The kinds of policies that rules are about.
pub(super) const POLICY_KINDS: &[&str] = &["service control policy", "resource control policy"];
