//! S3 buckets that receive logs. From the S3 API reference; each field is named after the call that answers it.

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, Store, stranger};
use crate::model::flow::{Edge, EdgeKind, LogKind, Start, bucket_name};
use crate::model::observed::{required, switch};

/// `BucketVersioningStatus`.
pub(crate) const VERSIONING: &[&str] = &["Enabled", "Suspended", "never enabled"];
/// `ServerSideEncryption`.
pub(crate) const ENCRYPTION: &[&str] =
    &["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup", "none"];
/// `ObjectOwnership`.
pub(crate) const OWNERSHIP: &[&str] = &["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
/// The settings of `PublicAccessBlockConfiguration`.
pub(crate) const PUBLIC_ACCESS_SETTINGS: &[&str] =
    &["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
/// A default retention's mode.
pub(crate) const LOCK_MODES: &[&str] = &["compliance", "governance", "none"];
/// `Permission` of a bucket's access control list.
const ACL_PERMISSIONS: &[&str] = &["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"];
/// `Type` of a `Grantee`.
const GRANTEE_KINDS: &[&str] = &["CanonicalUser", "AmazonCustomerByEmail", "Group"];
/// Everyone, with or without credentials ("Access control list (ACL) overview" of the S3 user guide,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>, read 2026-11-28, as the next two).
pub(crate) const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
/// Every AWS customer.
pub(crate) const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
/// S3's own delivery of server access logs.
pub(crate) const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// `TransitionStorageClass`.
const TRANSITION_CLASSES: &[&str] =
    &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];

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

impl Answer for Bucket {
    /// Where the bucket sends access logs and replicas, and which key encrypts it.
    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let start = Start { account_id: &self.account_id, region: self.known_region(), ..start };
        let access_logs = EdgeKind::Stores(LogKind::AccessLogs);
        if let Some(logging) = start.asked(&self.logging, &[access_logs], found) {
            found(start.edge(access_logs, Ok(&logging.target_bucket)));
        }
        let replicas = EdgeKind::Stores(LogKind::Replicas);
        if let Some(replication) = start.asked(&self.replication, &[replicas], found) {
            for rule in &replication.rules {
                found(start.edge(replicas, Ok(bucket_name(&rule.destination_bucket_arn))));
            }
        }
        if let Some(encryption) = start.asked(&self.encryption, &[EdgeKind::Encrypts], found) {
            start.named(EdgeKind::Encrypts, &encryption.kms_key_id).into_iter().for_each(found);
        }
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let Self { name, account_id, region, versioning, lifecycle, acl, ownership, encryption, .. } = self;
        let mut settling = settling.at(account_id, region.get().ok().flatten().map(String::as_str));
        let asked = |operation| ("s3", operation, Some(name.as_str()));
        settling.fact(versioning, asked("GetBucketVersioning"), |versioning| {
            stranger("Status", versioning.status.as_deref()?, VERSIONING)
        });
        settling.fact(lifecycle, asked("GetBucketLifecycleConfiguration"), |rules| {
            let mut classes = rules.iter().flat_map(|rule| &rule.transitions);
            classes.find_map(|class| stranger("StorageClass", class, TRANSITION_CLASSES))
        });
        settling.fact(acl, asked("GetBucketAcl"), |acl| acl.grants.iter().find_map(AclGrant::stranger));
        settling.fact(ownership, asked("GetBucketOwnershipControls"), |ownership| {
            stranger("ObjectOwnership", ownership, OWNERSHIP)
        });
        settling.fact(encryption, asked("GetBucketEncryption"), |encryption| {
            stranger("SSEAlgorithm", &encryption.algorithm, ENCRYPTION)
        });
    }
}

impl AclGrant {
    /// A group is known by its address: another spelling, and another group, could be anybody.
    fn stranger(&self) -> Option<String> {
        let group = (self.grantee_kind == "Group")
            .then(|| stranger("URI", &self.grantee, &[ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY]));
        stranger("Type", &self.grantee_kind, GRANTEE_KINDS)
            .or_else(|| group.flatten())
            .or_else(|| stranger("Permission", &self.permission, ACL_PERMISSIONS))
    }
}

impl Bucket {
    fn known_region(&self) -> Option<&str> {
        self.region.get().ok().flatten().map(String::as_str)
    }
}

impl Store for Bucket {
    fn identity(&self) -> (&str, &str) {
        (&self.name, "")
    }
}
