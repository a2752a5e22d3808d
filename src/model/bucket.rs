//! S3 buckets that receive logs. From the S3 API reference; each field is named after the call that answers it.

use serde::{Deserialize, Serialize};

use super::Observed;
use super::observed::{required, switch};

/// A bucket that receives logs, read by the account that owns it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it.
    pub account_id: String,
    /// Its region.
    pub region: Observed<String>,
    /// Versioning and MFA Delete.
    pub versioning: Observed<Versioning>,
    /// Object Lock; `Absent` where it was never turned on.
    pub object_lock: Observed<ObjectLock>,
    /// Lifecycle rules; `Absent` where there are none.
    pub lifecycle: Observed<Vec<LifecycleRule>>,
    /// The bucket policy, JSON text.
    pub policy: Observed<String>,
    /// The access control list.
    pub acl: Observed<AccessControlList>,
    /// Object ownership: `BucketOwnerEnforced`, `BucketOwnerPreferred`, `ObjectWriter`.
    pub ownership: Observed<String>,
    /// The bucket's own public access block.
    pub public_access_block: Observed<PublicAccessBlock>,
    /// Default encryption.
    pub encryption: Observed<Encryption>,
    /// Server access logging; `Absent` where it is off.
    pub logging: Observed<AccessLogging>,
    /// Replication; `Absent` where there is none.
    pub replication: Observed<Replication>,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// `Enabled`, `Suspended`, or `None` where it was never turned on.
    #[serde(deserialize_with = "required")]
    pub status: Option<String>,
    /// Deleting a version takes the root user's MFA device.
    pub mfa_delete: bool,
}

/// Object Lock of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectLock {
    /// It is on.
    pub enabled: bool,
    /// What each new object gets.
    #[serde(deserialize_with = "required")]
    pub default_retention: Option<Retention>,
    /// Days for which a default event hold keeps each new object once its hold is released, beside or instead of a
    /// period; `Absent` is none. A year counts 365.
    pub default_event_hold_days: Observed<i64>,
}

/// A default retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Who can shorten it.
    pub mode: RetentionMode,
    /// Its length in days; a year counts 365.
    pub days: i64,
}

/// The mode of an Object Lock retention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionMode {
    /// Nobody, not the root user, can shorten it.
    Compliance,
    /// Whoever has `s3:BypassGovernanceRetention` can.
    Governance,
}

/// A lifecycle rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleRule {
    /// Its identity.
    #[serde(deserialize_with = "required")]
    pub id: Option<String>,
    /// It is enabled.
    pub enabled: bool,
    /// The key prefix that it is limited to; `Some("")` and `None` are every object.
    #[serde(deserialize_with = "required")]
    pub prefix: Option<String>,
    /// It is limited by tags or object size besides.
    pub otherwise_filtered: bool,
    /// Days until a current version expires.
    #[serde(deserialize_with = "required")]
    pub expiration_days: Option<i64>,
    /// A fixed date at which current versions expire.
    #[serde(deserialize_with = "required")]
    pub expiration_date: Option<String>,
    /// Days until a noncurrent version is deleted.
    #[serde(deserialize_with = "required")]
    pub noncurrent_expiration_days: Option<i64>,
    /// Days until an incomplete multipart upload ends.
    #[serde(deserialize_with = "required")]
    pub abort_incomplete_upload_days: Option<i64>,
    /// Storage classes that it moves objects to.
    pub transitions: Vec<String>,
}

/// An access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessControlList {
    /// The owner's canonical identity.
    #[serde(deserialize_with = "required")]
    pub owner_id: Option<String>,
    /// Its grants.
    pub grants: Vec<AclGrant>,
}

/// A grant of an access control list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclGrant {
    /// `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
    pub grantee_kind: String,
    /// A canonical identity, or a group's URI.
    pub grantee: String,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    pub permission: String,
}

/// The four settings of S3 Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four settings are on.
    pub fn is_complete(&self) -> bool {
        self.block_public_acls
            && self.ignore_public_acls
            && self.block_public_policy
            && self.restrict_public_buckets
    }
}

/// Default encryption of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// The key: ARN, identity or alias; `Absent` is the AWS managed key.
    pub kms_key_id: Observed<String>,
}

/// Server access logging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLogging {
    /// Where the access logs go.
    pub target_bucket: String,
    /// The prefix of their keys.
    pub target_prefix: String,
}

/// A replication configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// The role that replicates.
    pub role_arn: String,
    /// Its rules.
    pub rules: Vec<ReplicationRule>,
}

/// A replication rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicationRule {
    /// Its identity.
    #[serde(deserialize_with = "required")]
    pub id: Option<String>,
    /// It is enabled.
    pub enabled: bool,
    /// It covers every object: no prefix, no tag filter, nothing that is left out.
    #[serde(deserialize_with = "switch", default)]
    pub all_objects: Observed<bool>,
    /// Objects under SSE-KMS are copied too: S3 leaves them out unless the rule selects them
    /// (`SourceSelectionCriteria`).
    pub encrypted_objects: Observed<bool>,
    /// Of several rules to one destination the highest number decides; `Absent` where the rule has none.
    pub priority: Observed<i64>,
    /// The destination bucket's ARN.
    pub destination_bucket_arn: String,
    /// The account that shall own the replicas, where the rule names one.
    #[serde(deserialize_with = "required")]
    pub destination_account_id: Option<String>,
    /// Replicas belong to the destination's account.
    pub owner_override: bool,
    /// Delete markers are replicated.
    pub delete_markers: bool,
}
