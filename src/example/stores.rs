//! The stores of logs of the examples: the archive, its replica, its access logs, its key.

use super::{ARCHIVE, ARCHIVE_BUCKET, CONFIG_BUCKET, HOME_REGION, deliveries, documents, streams};
use crate::model::{
    AccessControlList, AccessLogging, AclGrant, Bucket, BucketName, Encryption, Key, KeyDescription,
    KeyRotation, LifecycleRule, ObjectLock, Observed, PublicAccessBlock, Replication, ReplicationRule,
    Retention, RetentionMode, StoresRecord, Versioning,
};

const ACCESS_LOG_BUCKET: &str = "example-organization-access-logs";
const REPLICA_BUCKET: &str = "example-organization-logs-replica";
const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

pub(super) const BLOCKED: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

fn replica_region(regions: &[&str]) -> String {
    regions.iter().find(|region| **region != HOME_REGION).unwrap_or(&HOME_REGION).to_string()
}

/// What the archive account owns.
pub(super) fn bucket_names(regions: &[&str]) -> Vec<BucketName> {
    let bucket = |name: &str, region: String| BucketName { name: name.to_owned(), region: Some(region) };
    vec![
        bucket(ACCESS_LOG_BUCKET, HOME_REGION.to_owned()),
        bucket(CONFIG_BUCKET, HOME_REGION.to_owned()),
        bucket(ARCHIVE_BUCKET, HOME_REGION.to_owned()),
        bucket(REPLICA_BUCKET, replica_region(regions)),
    ]
}

fn lifecycle() -> LifecycleRule {
    LifecycleRule {
        id: Some("tier".to_owned()),
        enabled: true,
        prefix: None,
        otherwise_filtered: false,
        expiration_days: Some(2_557),
        expiration_date: None,
        noncurrent_expiration_days: Some(2_557),
        abort_incomplete_upload_days: Some(7),
        transitions: vec!["GLACIER_IR".to_owned()],
        ..LifecycleRule::default()
    }
}

/// A log bucket in which nothing is wrong.
pub(super) fn healthy_bucket(
    name: &str,
    account_id: &str,
    region: &str,
    policy: String,
    key: &str,
) -> Bucket {
    Bucket {
        name: name.to_owned(),
        account_id: account_id.to_owned(),
        region: Observed::Known(region.to_owned()),
        versioning: Observed::Known(Versioning { status: Some("Enabled".to_owned()), mfa_delete: false }),
        object_lock: Observed::Known(ObjectLock {
            enabled: true,
            default_retention: Some(Retention { mode: RetentionMode::Compliance, days: 400 }),
            default_event_hold_days: Observed::Absent,
            ..ObjectLock::default()
        }),
        lifecycle: Observed::Known(vec![lifecycle()]),
        policy: Observed::Known(policy),
        acl: Observed::Known(AccessControlList {
            owner_id: Some(OWNER.to_owned()),
            grants: vec![AclGrant {
                grantee_kind: "CanonicalUser".to_owned(),
                grantee: OWNER.to_owned(),
                permission: "FULL_CONTROL".to_owned(),
            }],
        }),
        ownership: Observed::Known("BucketOwnerEnforced".to_owned()),
        public_access_block: Observed::Known(BLOCKED),
        encryption: Observed::Known(Encryption {
            algorithm: "aws:kms".to_owned(),
            kms_key_id: Observed::Known(key.to_owned()),
        }),
        logging: Observed::Known(AccessLogging {
            target_bucket: ACCESS_LOG_BUCKET.to_owned(),
            target_prefix: format!("{name}/"),
        }),
        replication: Observed::Absent,
        ..Bucket::default()
    }
}

/// The key of an example's stores, in a region.
pub(super) fn healthy_key(arn: String, account_id: &str, region: &str, policy: String) -> Key {
    Key {
        references: vec![arn.clone()],
        arn,
        account_id: account_id.to_owned(),
        region: region.to_owned(),
        description: Observed::Known(KeyDescription {
            state: "Enabled".to_owned(),
            customer_managed: true,
            origin: "AWS_KMS".to_owned(),
            spec: Observed::Known("SYMMETRIC_DEFAULT".to_owned()),
            multi_region: false,
            primary_arn: Observed::Absent,
            ..KeyDescription::default()
        }),
        rotation: Observed::Known(KeyRotation { enabled: true, period_days: Observed::Known(365) }),
        policy: Observed::Known(policy),
        grants: Observed::Known(Vec::new()),
        ..Key::default()
    }
}

/// Everything is copied to the replica.
fn second_copy() -> Replication {
    Replication {
        role_arn: format!("arn:aws:iam::{ARCHIVE}:role/log-replication"),
        rules: vec![ReplicationRule {
            id: Some("second-copy".to_owned()),
            enabled: true,
            all_objects: Observed::Known(true),
            encrypted_objects: Observed::Known(true),
            priority: Observed::Known(1),
            destination_bucket_arn: format!("arn:aws:s3:::{REPLICA_BUCKET}"),
            destination_account_id: Some(ARCHIVE.to_owned()),
            owner_override: true,
            delete_markers: false,
            ..ReplicationRule::default()
        }],
    }
}

/// The stores of a healthy organization: all in the archive account.
pub(super) fn healthy(regions: &[&str]) -> Vec<StoresRecord> {
    let replica_region = replica_region(regions);
    let replica_key =
        format!("arn:aws:kms:{replica_region}:{ARCHIVE}:key/0a1b2c3d-7777-4888-8999-000011112222");
    let archive = Bucket {
        replication: Observed::Known(second_copy()),
        ..healthy_bucket(
            ARCHIVE_BUCKET,
            ARCHIVE,
            HOME_REGION,
            documents::archive_bucket_policy(),
            &documents::archive_key(),
        )
    };
    let config = Bucket {
        object_lock: Observed::Absent,
        replication: Observed::Known(second_copy()),
        ..healthy_bucket(
            CONFIG_BUCKET,
            ARCHIVE,
            HOME_REGION,
            documents::config_bucket_policy(),
            &documents::archive_key(),
        )
    };
    let replica = healthy_bucket(
        REPLICA_BUCKET,
        ARCHIVE,
        &replica_region,
        documents::replica_bucket_policy(REPLICA_BUCKET),
        &replica_key,
    );
    let access_logs = Bucket {
        object_lock: Observed::Absent,
        encryption: Observed::Known(Encryption {
            algorithm: "AES256".to_owned(),
            kms_key_id: Observed::Absent,
        }),
        ..healthy_bucket(
            ACCESS_LOG_BUCKET,
            ARCHIVE,
            HOME_REGION,
            documents::access_log_bucket_policy(ACCESS_LOG_BUCKET),
            "",
        )
    };
    vec![StoresRecord {
        account_id: ARCHIVE.to_owned(),
        public_access_block: Observed::Known(BLOCKED),
        buckets: vec![access_logs, config, archive, replica],
        keys: vec![
            healthy_key(documents::archive_key(), ARCHIVE, HOME_REGION, documents::archive_key_policy()),
            healthy_key(replica_key, ARCHIVE, &replica_region, documents::archive_key_policy()),
        ],
        streams: streams::data_streams(regions),
        delivery_streams: streams::delivery_streams(regions),
        delivery_destinations: deliveries::destinations(regions),
        ..StoresRecord::default()
    }]
}
