//! A small organization for the tests of facts: the management account, the archive with its bucket and key, a
//! security account and a workload. What the archive stores is as it should be.

use std::sync::Arc;

use chrono::DateTime;

use super::Facts;
use super::view::{Fact, View};
use crate::model::{
    AccessControlList, AccessLogging, AccountRecord, AccountSummary, Bucket, BucketName, Destination,
    Encryption, Expectations, Gap, GapPlace, GapReason, Gaps, Key, KeyDescription, KeyRotation,
    LifecycleRule, LogGroup, ObjectLock, Observed, Organization, PublicAccessBlock, RegionRecord,
    Replication, ReplicationRule, Retention, RetentionMode, Root, Scope, StoresRecord, Stream,
    StreamDescription, Trail, TrailReference, TrailSettings, TrailStatus, Versioning,
};
use crate::snapshot::{End, FORMAT_VERSION, Header, Record, Source};

pub(super) const ORGANIZATION: &str = "o-exampleorg1";
pub(super) const MANAGEMENT: &str = "111111111111";
pub(super) const ARCHIVE: &str = "222222222222";
pub(super) const SECURITY: &str = "333333333333";
pub(super) const WORKLOAD: &str = "444444444444";
pub(super) const STRANGER: &str = "999999999999";
pub(super) const REGION: &str = "eu-central-1";
pub(super) const ARCHIVE_BUCKET: &str = "example-archive";
pub(super) const KEY: &str = "arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555";

/// An organization whose parts a test changes before it derives facts.
pub(super) struct Sample {
    pub(super) header: Header,
    pub(super) accounts: Vec<AccountRecord>,
    pub(super) stores: Vec<StoresRecord>,
    pub(super) expectations: Expectations,
}

impl Sample {
    pub(super) fn new() -> Self {
        let ids = [MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD];
        let summary = |id: &&str| AccountSummary {
            id: (*id).to_owned(),
            name: format!("account {id}"),
            status: "ACTIVE".to_owned(),
            parent_id: Observed::Known("r-root".to_owned()),
            joined_at: DateTime::from_timestamp(1_600_000_000, 0).into(),
            ..AccountSummary::default()
        };
        let organization = Organization {
            id: ORGANIZATION.to_owned(),
            management_account_id: MANAGEMENT.to_owned(),
            all_features: Observed::Known(true),
            roots: Observed::Known(vec![Root { id: "r-root".to_owned(), ..Root::default() }]),
            organizational_units: Observed::Known(Vec::new()),
            accounts: Observed::Known(ids.iter().map(summary).collect()),
            service_control_policies: Observed::Known(Vec::new()),
            resource_control_policies: Observed::Known(Vec::new()),
            trusted_services: Observed::Known(vec!["cloudtrail.amazonaws.com".to_owned()]),
            delegated_administrators: Observed::Known(Vec::new()),
            centralization_rules: Observed::Absent,
            ..Organization::default()
        };
        let header = Header {
            format_version: FORMAT_VERSION,
            tool_version: "0.1.0".to_owned(),
            taken_at: DateTime::from_timestamp(1_780_000_000, 0).unwrap(),
            partition: "aws".to_owned(),
            caller_account_id: MANAGEMENT.to_owned(),
            organization: Observed::Known(organization),
            accounts: ids.iter().map(|id| (*id).to_owned()).collect(),
            scope: Observed::Known(Scope::default()),
            ..Header::default()
        };
        let mut accounts: Vec<AccountRecord> = ids.iter().map(|id| account(id)).collect();
        accounts[0].trails = Observed::Known(vec![organization_trail()]);
        accounts[1].buckets =
            Observed::Known(vec![BucketName { name: ARCHIVE_BUCKET.to_owned(), region: None }]);
        let stores = vec![StoresRecord {
            account_id: ARCHIVE.to_owned(),
            public_access_block: Observed::Known(BLOCK),
            buckets: vec![bucket(ARCHIVE_BUCKET, ARCHIVE)],
            keys: vec![key()],
            streams: vec![stream(ARCHIVE)],
            ..StoresRecord::default()
        }];
        let expectations =
            Expectations { security_accounts: vec![SECURITY.to_owned()], ..Expectations::default() };
        Self { header, accounts, stores, expectations }
    }

    /// The archive bucket.
    pub(super) fn bucket(&mut self) -> &mut Bucket {
        &mut self.stores[0].buckets[0]
    }

    /// The archive's key.
    pub(super) fn key(&mut self) -> &mut Key {
        &mut self.stores[0].keys[0]
    }

    pub(super) fn organization(&mut self) -> &mut Organization {
        match &mut self.header.organization {
            Observed::Known(organization) => organization,
            _ => panic!("the sample has an organization"),
        }
    }

    /// Adds another bucket of an account, with its stores' record.
    pub(super) fn add_bucket(&mut self, name: &str, owner: &str) -> &mut Bucket {
        let place = self.stores.iter().position(|stores| stores.account_id == owner).unwrap_or_else(|| {
            self.stores.push(StoresRecord {
                account_id: owner.to_owned(),
                public_access_block: Observed::Known(BLOCK),
                buckets: Vec::new(),
                keys: Vec::new(),
                ..StoresRecord::default()
            });
            self.stores.len() - 1
        });
        let buckets = &mut self.stores[place].buckets;
        buckets.push(bucket(name, owner));
        buckets.last_mut().unwrap()
    }

    /// The only region of an account.
    pub(super) fn region(&mut self, account: &str) -> &mut RegionRecord {
        let account = self.accounts.iter_mut().find(|record| record.id == account).unwrap();
        &mut account.regions[0]
    }

    pub(super) fn facts(&self) -> Facts {
        let mut records = vec![Record::Header(Box::new(self.header.clone()))];
        records.extend(self.accounts.iter().cloned().map(Box::new).map(Record::Account));
        records.extend(self.stores.iter().cloned().map(Box::new).map(Record::Stores));
        records.push(Record::End(End { accounts: self.accounts.len(), stores: None, calls: 1 }));
        Facts::build(&Source::Records(Arc::new(records)), self.expectations.clone()).unwrap()
    }
}

pub(super) const BLOCK: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// A gap of a call that was denied.
pub(super) fn denied<T>(operation: &str) -> Observed<T> {
    let place = GapPlace { service: "test", operation, ..GapPlace::default() };
    Observed::Unavailable(Gap::new(place, GapReason::AccessDenied, "").id)
}

/// What a fact is that this denied call keeps from being known.
pub(super) fn gaps(operation: &str) -> Gaps {
    let Observed::Unavailable(gap) = denied::<()>(operation) else { unreachable!() };
    gap.into()
}

/// Names of facts that could not be known.
pub(super) fn unavailable(view: &dyn View) -> Vec<&'static str> {
    let fields = view.schema().fields.iter().map(|field| field.name);
    fields.filter(|name| matches!(view.field(name), Some(Fact::Unavailable(_)))).collect()
}

pub(super) fn account(id: &str) -> AccountRecord {
    AccountRecord {
        id: id.to_owned(),
        name: None,
        enabled_regions: Observed::Known(vec![REGION.to_owned()]),
        regions: vec![region(REGION)],
        trails: Observed::Known(Vec::new()),
        shadow_trails: Observed::Known(if id == MANAGEMENT {
            Vec::new()
        } else {
            vec![shadow(&organization_trail())]
        }),
        unseen_trails: Some(Vec::new()),
        buckets: Observed::Known(Vec::new()),
        ..AccountRecord::default()
    }
}

/// A trail as a member of the organization shows it.
pub(super) fn shadow(trail: &Trail) -> TrailReference {
    TrailReference {
        arn: trail.arn.clone(),
        name: trail.name.clone(),
        home_region: trail.home_region.clone(),
    }
}

pub(super) fn region(name: &str) -> RegionRecord {
    RegionRecord { aggregators: Some(Observed::Known(Vec::new())), ..RegionRecord::empty(name) }
}

pub(super) fn organization_trail() -> Trail {
    Trail {
        name: "organization".to_owned(),
        arn: format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/organization"),
        home_region: REGION.to_owned(),
        settings: Observed::Known(TrailSettings {
            bucket_name: ARCHIVE_BUCKET.to_owned(),
            key_prefix: Observed::Absent,
            include_global_service_events: Observed::Known(true),
            multi_region: Observed::Known(true),
            organization_trail: Observed::Known(true),
            log_file_validation: Observed::Known(true),
            kms_key_id: Observed::Known(KEY.to_owned()),
            log_group_arn: Observed::Absent,
            log_group_role_arn: Observed::Absent,
            sns_topic_arn: Observed::Absent,
            ..TrailSettings::default()
        }),
        status: Observed::Known(TrailStatus {
            is_logging: true,
            latest_delivery_time: Observed::Absent,
            latest_delivery_error: Observed::Absent,
            latest_digest_delivery_time: Observed::Absent,
            latest_digest_delivery_error: Observed::Absent,
            latest_log_group_delivery_time: Observed::Absent,
            latest_log_group_delivery_error: Observed::Absent,
            ..TrailStatus::default()
        }),
        event_selectors: Observed::Absent,
        insight_types: Observed::Absent,
        log_group_role: Observed::Absent,
        ..Trail::default()
    }
}

/// A trail of the workload account alone, to the archive.
pub(super) fn own_trail(name: &str) -> Trail {
    let mut trail = organization_trail();
    name.clone_into(&mut trail.name);
    trail.arn = format!("arn:aws:cloudtrail:{REGION}:{WORKLOAD}:trail/{name}");
    settings(&mut trail).organization_trail = Observed::Known(false);
    trail
}

pub(super) fn settings(trail: &mut Trail) -> &mut TrailSettings {
    match &mut trail.settings {
        Observed::Known(settings) => settings,
        _ => panic!("the sample's settings are known"),
    }
}

pub(super) fn status(trail: &mut Trail) -> &mut TrailStatus {
    match &mut trail.status {
        Observed::Known(status) => status,
        _ => panic!("the sample's status is known"),
    }
}

pub(super) fn bucket(name: &str, owner: &str) -> Bucket {
    Bucket {
        name: name.to_owned(),
        account_id: owner.to_owned(),
        region: Observed::Known(REGION.to_owned()),
        versioning: Observed::Known(Versioning { status: Some("Enabled".to_owned()), mfa_delete: false }),
        object_lock: Observed::Known(ObjectLock {
            enabled: true,
            default_retention: Some(Retention { mode: RetentionMode::Compliance, days: 400 }),
            default_event_hold_days: Observed::Absent,
            ..ObjectLock::default()
        }),
        lifecycle: Observed::Known(vec![lifecycle_rule("tier")]),
        policy: Observed::Known(bucket_policy(name)),
        acl: Observed::Known(AccessControlList { owner_id: None, grants: Vec::new() }),
        ownership: Observed::Known("BucketOwnerEnforced".to_owned()),
        public_access_block: Observed::Known(BLOCK),
        encryption: Observed::Known(Encryption {
            algorithm: "aws:kms".to_owned(),
            kms_key_id: Observed::Known(KEY.to_owned()),
        }),
        logging: Observed::Known(AccessLogging {
            target_bucket: "example-access-logs".to_owned(),
            target_prefix: String::new(),
        }),
        replication: Observed::Absent,
        ..Bucket::default()
    }
}

pub(super) fn lifecycle_rule(id: &str) -> LifecycleRule {
    LifecycleRule {
        id: Some(id.to_owned()),
        enabled: true,
        prefix: None,
        otherwise_filtered: false,
        expiration_days: None,
        expiration_date: None,
        noncurrent_expiration_days: None,
        abort_incomplete_upload_days: Some(7),
        transitions: vec!["GLACIER_IR".to_owned()],
        ..LifecycleRule::default()
    }
}

/// The policy of a log bucket, in the shape of CloudTrail's documentation for an organization trail.
fn bucket_policy(name: &str) -> String {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "CheckAcl",
                "Effect": "Allow",
                "Principal": { "Service": "cloudtrail.amazonaws.com" },
                "Action": "s3:GetBucketAcl",
                "Resource": format!("arn:aws:s3:::{name}"),
                "Condition": { "StringEquals": {
                    "aws:SourceArn": format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/organization")
                } }
            },
            {
                "Sid": "Write",
                "Effect": "Allow",
                "Principal": { "Service": "cloudtrail.amazonaws.com" },
                "Action": "s3:PutObject",
                "Resource": format!("arn:aws:s3:::{name}/AWSLogs/*"),
                "Condition": { "StringEquals": {
                    "s3:x-amz-acl": "bucket-owner-full-control",
                    "aws:SourceArn": format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/organization")
                } }
            },
            tls_statement(name, "s3:*"),
        ]
    })
    .to_string()
}

/// A statement that denies requests without TLS.
pub(super) fn tls_statement(name: &str, action: &str) -> serde_json::Value {
    serde_json::json!({
        "Sid": "Tls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } }
    })
}

/// A policy of these statements.
pub(super) fn policy(statements: serde_json::Value) -> Observed<String> {
    let mut document = serde_json::json!({ "Version": "2012-10-17" });
    document["Statement"] = statements;
    Observed::Known(document.to_string())
}

pub(super) fn replication_rule(destination: &str) -> ReplicationRule {
    ReplicationRule {
        id: Some("all".to_owned()),
        enabled: true,
        all_objects: Observed::Known(true),
        encrypted_objects: Observed::Known(true),
        priority: Observed::Known(1),
        destination_bucket_arn: format!("arn:aws:s3:::{destination}"),
        destination_account_id: None,
        owner_override: false,
        delete_markers: false,
        ..ReplicationRule::default()
    }
}

pub(super) fn replication(rule: ReplicationRule) -> Observed<Replication> {
    let role_arn = format!("arn:aws:iam::{WORKLOAD}:role/replication");
    Observed::Known(Replication { role_arn, rules: vec![rule] })
}

/// A key whose policy keeps administrators and readers apart and knows CloudTrail's organization trail.
pub(super) fn key() -> Key {
    let statements = serde_json::json!([
        {
            "Sid": "Administer",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{ARCHIVE}:root") },
            "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": "*"
        },
        {
            "Sid": "Encrypt",
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "aws:SourceArn": format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/organization")
                },
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": format!("arn:aws:cloudtrail:*:{MANAGEMENT}:trail/*")
                }
            }
        },
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{SECURITY}:role/investigator") },
            "Action": "kms:Decrypt",
            "Resource": "*"
        }
    ]);
    Key {
        arn: KEY.to_owned(),
        account_id: ARCHIVE.to_owned(),
        region: REGION.to_owned(),
        references: vec![KEY.to_owned()],
        description: Observed::Known(KeyDescription {
            state: "Enabled".to_owned(),
            customer_managed: true,
            origin: "AWS_KMS".to_owned(),
            spec: Observed::Known("SYMMETRIC_DEFAULT".to_owned()),
            multi_region: false,
            primary_arn: Observed::Absent,
            ..KeyDescription::default()
        }),
        rotation: Observed::Known(KeyRotation { enabled: true, period_days: Observed::Absent }),
        policy: policy(statements),
        grants: Observed::Known(Vec::new()),
        ..Key::default()
    }
}

pub(super) fn log_group(name: &str) -> LogGroup {
    LogGroup {
        name: name.to_owned(),
        arn: format!("arn:aws:logs:{REGION}:{WORKLOAD}:log-group:{name}"),
        class: Observed::Known("STANDARD".to_owned()),
        retention_days: Observed::Absent,
        retention_policy: Observed::Absent,
        kms_key_id: Observed::Absent,
        deletion_protection: Observed::Absent,
        subscription_filters: Some(Observed::Known(Vec::new())),
        ..LogGroup::default()
    }
}

/// The data stream behind an owner's destination; nothing reads from it.
pub(super) fn stream(owner: &str) -> Stream {
    Stream {
        arn: destination(owner).target_arn,
        description: Observed::Known(StreamDescription {
            status: "ACTIVE".to_owned(),
            retention_hours: Observed::Known(24),
            kms_key_id: Observed::Known("alias/aws/kinesis".to_owned()),
        }),
        delivery_streams: Observed::Known(Vec::new()),
    }
}

/// A destination that takes what the whole organization sends.
pub(super) fn destination(owner: &str) -> Destination {
    let arn = destination_arn(owner);
    let statements = serde_json::json!([{
        "Effect": "Allow",
        "Principal": "*",
        "Action": "logs:PutSubscriptionFilter",
        "Resource": arn,
        "Condition": { "StringEquals": { "aws:PrincipalOrgID": [ORGANIZATION] } }
    }]);
    Destination {
        name: "central".to_owned(),
        arn,
        target_arn: format!("arn:aws:kinesis:{REGION}:{owner}:stream/logs"),
        role_arn: format!("arn:aws:iam::{owner}:role/logs"),
        access_policy: policy(statements),
        ..Destination::default()
    }
}

pub(super) fn destination_arn(owner: &str) -> String {
    format!("arn:aws:logs:{REGION}:{owner}:destination:central")
}
