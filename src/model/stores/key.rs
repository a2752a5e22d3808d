//! KMS keys that encrypt logs. From the AWS KMS API reference.

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, Store, stranger};

/// `KeyState`.
pub(crate) const KEY_STATES: &[&str] = &[
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
/// `KeySpec`.
pub(crate) const KEY_SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];
/// `GrantOperation`.
const GRANT_OPERATIONS: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
];

/// A key that encrypts logs, read in the account that owns it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its ARN, or what a trail or bucket calls it where it could not be resolved.
    pub arn: String,
    /// The account that owns it.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// What trails, buckets and channels call it: ARNs, identities, aliases.
    pub references: Vec<String>,
    /// Its state; `Absent` where KMS knows no such key.
    pub description: Observed<KeyDescription>,
    /// Rotation; `Absent` where the kind of key cannot rotate.
    pub rotation: Observed<KeyRotation>,
    /// The key policy, JSON text.
    pub policy: Observed<String>,
    /// Its grants.
    pub grants: Observed<Vec<KeyGrant>>,
}

/// A key's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDescription {
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`, ...
    pub state: String,
    /// It belongs to the customer, not to AWS.
    pub customer_managed: bool,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, `HMAC_256`, ...
    pub spec: Observed<String>,
    /// It is a replica or primary of a multi-region key.
    pub multi_region: bool,
    /// The primary of a multi-Region key, itself or another; `Absent` for a key that is none.
    pub primary_arn: Observed<String>,
}

impl KeyDescription {
    /// Data can be encrypted and decrypted with it: while the primary of a multi-Region key moves, too ("Change the primary
    /// key in a set of multi-Region keys", <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-update.html>,
    /// read 2026-11-28).
    pub fn is_usable(&self) -> bool {
        matches!(self.state.as_str(), "Enabled" | "Updating")
    }
}

/// Automatic rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// It is on.
    pub enabled: bool,
    /// Days between rotations; `Absent` is AWS's default of 365.
    pub period_days: Observed<i64>,
}

/// A grant on a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrant {
    /// Who got it.
    pub grantee: String,
    /// What it allows: `Decrypt`, `GenerateDataKey`, ...
    pub operations: Vec<String>,
    /// It is limited to an encryption context.
    pub constrained: bool,
    /// The resource on whose behalf alone it can be used (`SourceArn`); `Absent` is any.
    pub source_arn: Observed<String>,
}

impl Answer for Key {
    fn settle(&mut self, settling: &mut Settling<'_>) {
        let Self { arn, account_id, region, description, grants, .. } = self;
        let mut settling = settling.at(account_id, Some(region));
        let asked = |operation| ("kms", operation, Some(arn.as_str()));
        settling.fact(description, asked("DescribeKey"), |description| {
            stranger("KeyState", &description.state, KEY_STATES)
        });
        settling.fact(grants, asked("ListGrants"), |grants| {
            let mut operations = grants.iter().flat_map(|grant| &grant.operations);
            operations.find_map(|operation| stranger("Operations", operation, GRANT_OPERATIONS))
        });
    }
}

impl Store for Key {
    /// An alias is no ARN, and so says nothing of its region.
    fn identity(&self) -> (&str, &str) {
        (&self.arn, &self.region)
    }

    fn join(&mut self, other: Self) {
        self.references.extend(other.references);
        self.references.sort_unstable();
        self.references.dedup();
    }
}
