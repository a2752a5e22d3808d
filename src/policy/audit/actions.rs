//! The actions that matter on a log bucket, a key and a log destination, and the resource that each works on.

use crate::policy::document::{ActionPattern, Statement};
use crate::policy::glob::Glob;
use crate::policy::request::Target;

/// A resource whose policy is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditedResource {
    /// A bucket and its objects, by the bucket's ARN.
    Bucket(String),
    /// A KMS key, by its ARN.
    Key(String),
    /// A CloudWatch Logs destination, by its ARN.
    LogDestination(String),
}

/// Actions on a bucket itself ("Actions, resources, and condition keys for Amazon S3").
const BUCKET_ACTIONS: &[&str] = &[
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucketWebsite",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListBucketVersions",
    "s3:PutAccelerateConfiguration",
    "s3:PutAnalyticsConfiguration",
    "s3:PutBucketAcl",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutMetricsConfiguration",
    "s3:PutReplicationConfiguration",
];

/// Actions on objects.
const OBJECT_ACTIONS: &[&str] = &[
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObject",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersion",
    "s3:DeleteObjectVersionTagging",
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:GetObjectAttributes",
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionAttributes",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
    "s3:ListMultipartUploadParts",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionAcl",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateDelete",
    "s3:ReplicateObject",
    "s3:ReplicateTags",
    "s3:RestoreObject",
    "s3:UpdateObjectEncryption",
];

/// Actions by which a caller uses a key, shares it, takes it over or ends its use: all that the Service Authorization
/// Reference lists for a key (2026-11-28), but for those that only read what is known of it.
pub const KEY_USES: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:DeriveSharedSecret",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:ImportKeyMaterial",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:ReplicateKey",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:Sign",
    "kms:SynchronizeMultiRegionKey",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
    "kms:Verify",
    "kms:VerifyMac",
];

/// The others.
const KEY_READS: &[&str] = &[
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetParametersForImport",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
];

const DESTINATION_ACTIONS: &[&str] = &["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"];

impl AuditedResource {
    /// The objects of a bucket, as an ARN pattern.
    pub(super) fn objects_of(bucket_arn: &str) -> Target {
        Target::resources(&format!("{bucket_arn}/*"))
    }

    /// The target that an action on this resource works on. One that is not known to work on objects only or on
    /// the bucket only is given both.
    pub(super) fn targets(&self, action: &str) -> Vec<Target> {
        match self {
            Self::Bucket(arn) => {
                let (bucket, objects) = (Target::exact(arn), Self::objects_of(arn));
                if contains(BUCKET_ACTIONS, action) {
                    vec![bucket]
                } else if contains(OBJECT_ACTIONS, action) {
                    vec![objects]
                } else {
                    vec![bucket, objects]
                }
            }
            Self::Key(arn) | Self::LogDestination(arn) => vec![Target::exact(arn)],
        }
    }

    /// The actions of this resource that match one of the patterns and that the statement may be about: the known
    /// ones, and those that the statement itself names.
    pub(super) fn actions_of(&self, statement: &Statement, wanted: &[&str]) -> Vec<String> {
        let wanted: Vec<Glob> = wanted.iter().map(|pattern| Glob::wildcard(pattern).lowercase()).collect();
        let named = statement.action.patterns.iter().map(ActionPattern::text);
        let named = named.filter(|text| !statement.action.negated && !text.contains(['*', '?']));
        let mut actions: Vec<String> = Vec::new();
        for action in self.known_actions().chain(named) {
            let folded = action.to_ascii_lowercase();
            if wanted.iter().any(|glob| glob.matches(&folded))
                && !actions.iter().any(|seen| seen.eq_ignore_ascii_case(action))
                && !statement.covers_action(&Target::exact(action)).is_false()
            {
                actions.push(action.to_owned());
            }
        }
        actions
    }

    fn known_actions<'a>(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (first, second): (&[&str], &[&str]) = match self {
            Self::Bucket(_) => (BUCKET_ACTIONS, OBJECT_ACTIONS),
            Self::Key(_) => (KEY_USES, KEY_READS),
            Self::LogDestination(_) => (DESTINATION_ACTIONS, &[]),
        };
        first.iter().chain(second).copied()
    }
}

fn contains(actions: &[&str], action: &str) -> bool {
    actions.iter().any(|known| known.eq_ignore_ascii_case(action))
}
