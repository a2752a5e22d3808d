//! The defects of the demonstration's buckets and keys.

use serde_json::json;

use super::super::stores::{BLOCKED, healthy_bucket, healthy_key};
use super::super::{ARCHIVE_BUCKET, HOME_REGION, MANAGEMENT};
use super::{DATA, LEGACY_BUCKET, PAYMENTS, SHOP, deliveries, streams};
use crate::model::{
    AccessControlList, AclGrant, Bucket, Encryption, Key, KeyDescription, KeyRotation, LifecycleRule,
    ObjectLock, Observed, PublicAccessBlock, Replication, ReplicationRule, Retention, RetentionMode,
    StoresRecord, Versioning,
};

pub(super) const SHOP_BUCKET: &str = "shop-config-logs";
pub(super) const DATA_BUCKET: &str = "data-platform-config";

const OPEN: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: false,
    ignore_public_acls: false,
    block_public_policy: false,
    restrict_public_buckets: false,
};

/// The key of a redundant trail, about to be destroyed.
pub(super) fn shop_key() -> String {
    format!("arn:aws:kms:{HOME_REGION}:{SHOP}:key/5c5c5c5c-2222-4333-8444-555566667777")
}

/// The key of a Config bucket, open to everyone.
pub(super) fn data_key() -> String {
    format!("arn:aws:kms:{HOME_REGION}:{DATA}:key/6d6d6d6d-3333-4444-8555-666677778888")
}

/// Adds the owners of defective stores.
pub(super) fn add(stores: &mut Vec<StoresRecord>) {
    let payments = owner(PAYMENTS, Observed::Absent, vec![legacy_bucket()], Vec::new());
    stores.push(StoresRecord { delivery_destinations: deliveries::destinations(), ..payments });
    stores.push(owner(SHOP, Observed::Known(BLOCKED), vec![shop_bucket()], vec![doomed_key()]));
    stores.push(owner(DATA, Observed::Known(OPEN), vec![data_bucket()], vec![open_key()]));
    streams::add(stores);
    stores.sort_by(|left, right| left.account_id.cmp(&right.account_id));
}

fn owner(
    account_id: &str,
    public_access_block: Observed<PublicAccessBlock>,
    buckets: Vec<Bucket>,
    keys: Vec<Key>,
) -> StoresRecord {
    StoresRecord {
        account_id: account_id.to_owned(),
        public_access_block,
        buckets,
        keys,
        ..StoresRecord::default()
    }
}

fn legacy_bucket() -> Bucket {
    let objects = format!("arn:aws:s3:::{LEGACY_BUCKET}/*");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "SharedWithEveryone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects},
            {
                "Sid": "TrailWrites",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": objects
            },
            {
                "Sid": "ContractorCleansUp",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
                "Action": ["s3:DeleteObject", "s3:PutLifecycleConfiguration"],
                "Resource": [format!("arn:aws:s3:::{LEGACY_BUCKET}"), objects]
            }
        ]
    });
    let everyone = AclGrant {
        grantee_kind: "Group".to_owned(),
        grantee: "http://acs.amazonaws.com/groups/global/AllUsers".to_owned(),
        permission: "READ".to_owned(),
    };
    Bucket {
        name: LEGACY_BUCKET.to_owned(),
        account_id: PAYMENTS.to_owned(),
        region: Observed::Known("eu-west-1".to_owned()),
        versioning: Observed::Known(Versioning { status: None, mfa_delete: false }),
        object_lock: Observed::Absent,
        lifecycle: Observed::Known(vec![LifecycleRule {
            id: Some("save-money".to_owned()),
            enabled: true,
            prefix: Some(String::new()),
            otherwise_filtered: false,
            expiration_days: Some(30),
            expiration_date: None,
            noncurrent_expiration_days: None,
            abort_incomplete_upload_days: None,
            transitions: Vec::new(),
            ..LifecycleRule::default()
        }]),
        policy: Observed::Known(policy.to_string()),
        acl: Observed::Known(AccessControlList { owner_id: None, grants: vec![everyone] }),
        ownership: Observed::Known("ObjectWriter".to_owned()),
        public_access_block: Observed::Absent,
        encryption: Observed::Known(Encryption {
            algorithm: "AES256".to_owned(),
            kms_key_id: Observed::Absent,
        }),
        logging: Observed::Absent,
        replication: Observed::Known(Replication {
            role_arn: format!("arn:aws:iam::{PAYMENTS}:role/replicate"),
            rules: vec![ReplicationRule {
                id: Some("to-data-platform".to_owned()),
                enabled: true,
                all_objects: Observed::Known(true),
                encrypted_objects: Observed::Known(true),
                priority: Observed::Known(1),
                destination_bucket_arn: format!("arn:aws:s3:::{DATA_BUCKET}"),
                destination_account_id: None,
                owner_override: false,
                delete_markers: false,
                ..ReplicationRule::default()
            }],
        }),
        ..Bucket::default()
    }
}

fn shop_bucket() -> Bucket {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ConfigWrites",
            "Effect": "Allow",
            "Principal": {"Service": "config.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{SHOP_BUCKET}/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": SHOP}}
        }]
    });
    Bucket {
        object_lock: Observed::Known(ObjectLock {
            enabled: true,
            default_retention: Some(Retention { mode: RetentionMode::Governance, days: 30 }),
            default_event_hold_days: Observed::Absent,
            ..ObjectLock::default()
        }),
        lifecycle: Observed::Absent,
        replication: Observed::Known(Replication {
            role_arn: format!("arn:aws:iam::{SHOP}:role/replicate-logs"),
            rules: vec![ReplicationRule {
                id: Some("to-archive".to_owned()),
                enabled: true,
                all_objects: Observed::Known(false),
                encrypted_objects: Observed::Known(true),
                priority: Observed::Known(1),
                destination_bucket_arn: format!("arn:aws:s3:::{ARCHIVE_BUCKET}"),
                destination_account_id: None,
                owner_override: false,
                delete_markers: true,
                ..ReplicationRule::default()
            }],
        }),
        ..healthy_bucket(SHOP_BUCKET, SHOP, HOME_REGION, policy.to_string(), &shop_key())
    }
}

fn data_bucket() -> Bucket {
    let bucket = format!("arn:aws:s3:::{DATA_BUCKET}");
    let objects = format!("{bucket}/*");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ConfigWrites",
                "Effect": "Allow",
                "Principal": {"Service": "config.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": objects
            },
            {
                "Sid": "AnalystsRead",
                "Effect": "Allow",
                "Principal": {"AWS": [MANAGEMENT, "arn:aws:iam::400000000012:role/analyst"]},
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": [bucket, objects]
            },
            {
                "Sid": "ReplicateFromAnywhere",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["s3:ReplicateObject", "s3:ReplicateDelete"],
                "Resource": objects
            },
            {
                "Sid": "TlsForReads",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": objects,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}
            }
        ]
    });
    Bucket {
        object_lock: Observed::Absent,
        ownership: Observed::Known("ObjectWriter".to_owned()),
        versioning: Observed::Known(Versioning { status: Some("Suspended".to_owned()), mfa_delete: false }),
        ..healthy_bucket(DATA_BUCKET, DATA, HOME_REGION, policy.to_string(), &data_key())
    }
}

fn doomed_key() -> Key {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{SHOP}:root")}, "Action": "kms:*", "Resource": "*"},
            {
                "Sid": "Trail",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "kms:GenerateDataKey*",
                "Resource": "*"
            }
        ]
    });
    Key {
        description: Observed::Known(KeyDescription {
            state: "PendingDeletion".to_owned(),
            customer_managed: true,
            origin: "AWS_KMS".to_owned(),
            spec: Observed::Known("SYMMETRIC_DEFAULT".to_owned()),
            multi_region: false,
            primary_arn: Observed::Absent,
            ..KeyDescription::default()
        }),
        ..healthy_key(shop_key(), SHOP, HOME_REGION, policy.to_string())
    }
}

fn open_key() -> Key {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Everyone", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"},
            {
                "Sid": "Engineers",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{DATA}:role/data-engineer")},
                "Action": ["kms:Decrypt", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
                "Resource": "*"
            }
        ]
    });
    Key {
        rotation: Observed::Known(KeyRotation { enabled: false, period_days: Observed::Absent }),
        ..healthy_key(data_key(), DATA, HOME_REGION, policy.to_string())
    }
}
