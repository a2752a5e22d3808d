//! A synthetic organization of any size, record by record, so that it need not fit in memory.
//!
//! Mostly healthy, as real ones are: every tenth account has a trail of its own with a weak bucket, every fiftieth
//! refuses a call in each region, every seventh region has a log group that is forwarded to nobody.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use trailproof::model::{
    AccessControlList, AccountRecord, AccountSummary, AclGrant, AdvancedSelector, Aggregator, Bucket,
    BucketName, DelegatedAdministrator, DeliveryAttempt, DeliveryChannel, DeliveryChannelStatus, Destination,
    Encryption, EventSelectors, FieldSelector, Gap, GapPlace, GapReason, Key, KeyDescription, KeyRotation,
    LogGroup, Notification, ObjectLock, Observed, Organization, OrganizationalUnit, Policy, PolicyTarget,
    PublicAccessBlock, Recorder, RecorderStatus, RecordingGroup, RegionRecord, Retention, RetentionMode,
    Root, StoresRecord, SubscriptionFilter, Trail, TrailReference, TrailSettings, TrailStatus, Versioning,
};
use trailproof::snapshot::{End, FORMAT_VERSION, Header, Record};

/// The regions that AWS opens by default, as many as are asked for.
pub(crate) const REGIONS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "sa-east-1",
];
const ARCHIVE_BUCKET: &str = "synthetic-logs-archive";
const MANAGEMENT: usize = 0;
const ARCHIVE: usize = 1;
const SECURITY: usize = 2;
const BLOCKED: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// How large it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Accounts, at least three.
    pub(crate) accounts: usize,
    /// Regions of each account, at most 17.
    pub(crate) regions: usize,
}

impl Size {
    /// The snapshot's records in order.
    pub(crate) fn records(self) -> impl Iterator<Item = Record> {
        let header = std::iter::once(Record::Header(Box::new(self.header())));
        let accounts = (0..self.accounts).map(move |index| Record::Account(Box::new(self.account(index))));
        let owners = (0..self.accounts).filter(|index| *index == ARCHIVE || has_own_trail(*index));
        let stores = owners.map(move |index| Record::Stores(Box::new(stores(index))));
        let end = std::iter::once(Record::End(End { accounts: self.accounts, calls: 0 }));
        header.chain(accounts).chain(stores).chain(end)
    }

    fn region_names(self) -> impl Iterator<Item = &'static str> {
        REGIONS.into_iter().take(self.regions)
    }

    fn header(self) -> Header {
        let units = ["Security", "Production", "Development"].into_iter().enumerate();
        let units = units.map(|(index, name)| OrganizationalUnit {
            id: unit_id(index),
            name: name.to_owned(),
            parent_id: "r-root".to_owned(),
        });
        let accounts = (0..self.accounts).map(|index| AccountSummary {
            id: number(index),
            name: name(index),
            status: "ACTIVE".to_owned(),
            parent_id: Observed::Known(if index == MANAGEMENT {
                "r-root".to_owned()
            } else {
                unit_id(index % 3)
            }),
        });
        let services = ["cloudtrail.amazonaws.com", "config.amazonaws.com"].map(str::to_owned).to_vec();
        let organization = Organization {
            id: "o-synthetic01".to_owned(),
            management_account_id: number(MANAGEMENT),
            all_features: true,
            roots: Observed::Known(vec![Root {
                id: "r-root".to_owned(),
                enabled_policy_types: ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]
                    .map(str::to_owned)
                    .to_vec(),
            }]),
            organizational_units: Observed::Known(units.collect()),
            accounts: Observed::Known(accounts.collect()),
            service_control_policies: Observed::Known(vec![guardrail()]),
            resource_control_policies: Observed::Known(Vec::new()),
            trusted_services: Observed::Known(services.clone()),
            delegated_administrators: Observed::Known(vec![DelegatedAdministrator {
                account_id: number(SECURITY),
                services: Observed::Known(services),
            }]),
        };
        Header {
            format_version: FORMAT_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: taken_at(),
            partition: "aws".to_owned(),
            caller_account_id: number(MANAGEMENT),
            organization: Observed::Known(organization),
            accounts: (0..self.accounts).map(number).collect(),
            gaps: Vec::new(),
        }
    }

    fn account(self, index: usize) -> AccountRecord {
        let (regions, gaps): (Vec<_>, Vec<_>) =
            self.region_names().map(|region| region_record(index, region)).unzip();
        let mut trails = Vec::new();
        if index == MANAGEMENT {
            trails.push(trail(index, "organization-trail", ARCHIVE_BUCKET));
        }
        if has_own_trail(index) {
            trails.push(trail(index, "own-trail", &own_bucket(index)));
        }
        let shadow = TrailReference {
            arn: trail_arn(MANAGEMENT, "organization-trail"),
            name: "organization-trail".to_owned(),
            home_region: "us-east-1".to_owned(),
        };
        let buckets = match index {
            ARCHIVE => vec![ARCHIVE_BUCKET.to_owned()],
            _ if has_own_trail(index) => vec![own_bucket(index)],
            _ => Vec::new(),
        };
        AccountRecord {
            id: number(index),
            name: Some(name(index)),
            enabled_regions: Observed::Known(self.region_names().map(str::to_owned).collect()),
            regions,
            trails: Observed::Known(trails),
            shadow_trails: Observed::Known(if index == MANAGEMENT { Vec::new() } else { vec![shadow] }),
            buckets: Observed::Known(buckets.into_iter().map(in_first_region).collect()),
            gaps: gaps.into_iter().flatten().collect(),
        }
    }
}

fn region_record(index: usize, region: &str) -> (RegionRecord, Option<Gap>) {
    let account = number(index);
    let place = GapPlace {
        account_id: Some(&account),
        region: Some(region),
        service: "logs",
        operation: "DescribeAccountPolicies",
        resource: None,
    };
    let gap = (index % 50 == 49).then(|| Gap::new(place, GapReason::AccessDenied, "AccessDeniedException"));
    let linked = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let everything = RecordingGroup {
        all_supported: true,
        include_global_resource_types: region == "us-east-1",
        strategy: Some("ALL_SUPPORTED_RESOURCE_TYPES".to_owned()),
        resource_types: Vec::new(),
        excluded_resource_types: Vec::new(),
    };
    let status = RecorderStatus {
        recording: true,
        last_status: Observed::Known("SUCCESS".to_owned()),
        last_error: Observed::Absent,
    };
    let recorder = Recorder {
        name: "default".to_owned(),
        role_arn: Some(format!("arn:aws:iam::{account}:role/{linked}")),
        recording_group: everything,
        recording_frequency: Observed::Known("CONTINUOUS".to_owned()),
        service_principal: None,
        status: Observed::Known(status),
    };
    let record = RegionRecord {
        name: region.to_owned(),
        recorders: Observed::Known(vec![recorder]),
        delivery_channels: Observed::Known(vec![delivery_channel()]),
        config_retention_days: Observed::Absent,
        aggregators: [MANAGEMENT, SECURITY]
            .contains(&index)
            .then(|| Observed::Known(aggregators(index, region))),
        log_groups: Observed::Known(vec![log_group(index, region)]),
        subscription_policies: gap
            .as_ref()
            .map_or(Observed::Known(Vec::new()), |gap| Observed::Unavailable(gap.id.clone())),
        destinations: Observed::Known(if index == ARCHIVE { vec![destination(region)] } else { Vec::new() }),
        metric_filters: Observed::Known(Vec::new()),
    };
    (record, gap)
}

fn number(index: usize) -> String {
    format!("{:012}", 100_000_000_000 + index)
}

fn name(index: usize) -> String {
    format!("account-{index:05}")
}

fn unit_id(index: usize) -> String {
    format!("ou-root-{index:08}")
}

fn own_bucket(index: usize) -> String {
    format!("synthetic-logs-{index:05}")
}

fn has_own_trail(index: usize) -> bool {
    index % 10 == 9
}

fn in_first_region(name: String) -> BucketName {
    BucketName { name, region: Some("us-east-1".to_owned()) }
}

fn trail_arn(index: usize, name: &str) -> String {
    format!("arn:aws:cloudtrail:us-east-1:{}:trail/{name}", number(index))
}

fn key_arn() -> String {
    format!("arn:aws:kms:us-east-1:{}:key/11111111-2222-3333-4444-555555555555", number(ARCHIVE))
}

fn destination_arn(region: &str) -> String {
    format!("arn:aws:logs:{region}:{}:destination:central", number(ARCHIVE))
}

/// Fixed, so that two files of one size are the same.
fn taken_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("it is a time")
}

fn guardrail() -> Policy {
    let content = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}});
    Policy {
        id: "p-guardrail".to_owned(),
        name: "guardrail".to_owned(),
        arn: "arn:aws:organizations::100000000000:policy/o-synthetic01/service_control_policy/p-guardrail"
            .to_owned(),
        aws_managed: false,
        content: Observed::Known(content.to_string()),
        targets: Observed::Known(vec![PolicyTarget { id: "r-root".to_owned(), kind: "ROOT".to_owned() }]),
    }
}

fn trail(index: usize, name: &str, bucket_name: &str) -> Trail {
    let recently = Observed::Known(taken_at() - Duration::minutes(20));
    let management = FieldSelector {
        field: "eventCategory".to_owned(),
        equals: vec!["Management".to_owned()],
        ..FieldSelector::default()
    };
    let settings = TrailSettings {
        bucket_name: bucket_name.to_owned(),
        key_prefix: Observed::Absent,
        include_global_service_events: true,
        multi_region: true,
        organization_trail: index == MANAGEMENT,
        log_file_validation: index == MANAGEMENT,
        kms_key_id: if index == MANAGEMENT { Observed::Known(key_arn()) } else { Observed::Absent },
        log_group_arn: Observed::Absent,
        log_group_role_arn: Observed::Absent,
        sns_topic_arn: Observed::Absent,
    };
    let status = TrailStatus {
        is_logging: true,
        latest_delivery_time: recently.clone(),
        latest_delivery_error: Observed::Absent,
        latest_digest_delivery_time: recently,
        latest_digest_delivery_error: Observed::Absent,
        latest_log_group_delivery_time: Observed::Absent,
        latest_log_group_delivery_error: Observed::Absent,
    };
    Trail {
        name: name.to_owned(),
        arn: trail_arn(index, name),
        home_region: "us-east-1".to_owned(),
        settings: Observed::Known(settings),
        status: Observed::Known(status),
        event_selectors: Observed::Known(EventSelectors::Advanced(vec![AdvancedSelector {
            name: None,
            field_selectors: vec![management],
        }])),
        insight_types: Observed::Absent,
        log_group_role: Observed::Absent,
    }
}

fn delivery_channel() -> DeliveryChannel {
    let delivered = DeliveryAttempt {
        last_status: Observed::Known("SUCCESS".to_owned()),
        last_error: Observed::Absent,
        last_success: Observed::Known(taken_at() - Duration::hours(1)),
    };
    let status = DeliveryChannelStatus {
        snapshot: Observed::Known(delivered.clone()),
        history: Observed::Known(delivered),
    };
    DeliveryChannel {
        name: "default".to_owned(),
        bucket_name: Observed::Known(ARCHIVE_BUCKET.to_owned()),
        key_prefix: Observed::Absent,
        kms_key_arn: Observed::Absent,
        status: Observed::Known(status),
    }
}

fn aggregators(index: usize, region: &str) -> Vec<Aggregator> {
    let here = index == SECURITY && region == "us-east-1";
    let aggregator = || Aggregator {
        name: "organization".to_owned(),
        arn: format!("arn:aws:config:{region}:{}:config-aggregator/organization", number(index)),
        organization: true,
        all_regions: true,
        regions: Vec::new(),
        account_ids: Vec::new(),
    };
    here.then(aggregator).into_iter().collect()
}

fn log_group(index: usize, region: &str) -> LogGroup {
    let name = "/aws/rds/instance/main/postgresql";
    let filter = SubscriptionFilter {
        name: "central".to_owned(),
        destination_arn: destination_arn(region),
        pattern: String::new(),
    };
    let forwarded = !(index + region.len()).is_multiple_of(7);
    LogGroup {
        name: name.to_owned(),
        arn: format!("arn:aws:logs:{region}:{}:log-group:{name}", number(index)),
        class: Observed::Known("STANDARD".to_owned()),
        retention_days: Observed::Known(400),
        kms_key_id: Observed::Absent,
        deletion_protection: Observed::Absent,
        subscription_filters: Some(Observed::Known(forwarded.then_some(filter).into_iter().collect())),
    }
}

fn destination(region: &str) -> Destination {
    let policy = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "logs:PutSubscriptionFilter",
        "Resource": destination_arn(region), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-synthetic01"}}}});
    Destination {
        name: "central".to_owned(),
        arn: destination_arn(region),
        target_arn: format!("arn:aws:kinesis:{region}:{}:stream/central", number(ARCHIVE)),
        role_arn: format!("arn:aws:iam::{}:role/logs-to-stream", number(ARCHIVE)),
        access_policy: Observed::Known(policy.to_string()),
    }
}

fn stores(index: usize) -> StoresRecord {
    let archive = index == ARCHIVE;
    StoresRecord {
        account_id: number(index),
        public_access_block: if archive { Observed::Known(BLOCKED) } else { Observed::Absent },
        buckets: vec![bucket(index, archive)],
        keys: if archive { vec![key()] } else { Vec::new() },
        gaps: Vec::new(),
    }
}

fn bucket(index: usize, archive: bool) -> Bucket {
    let name = if archive { ARCHIVE_BUCKET.to_owned() } else { own_bucket(index) };
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": format!("arn:aws:s3:::{name}/*"),
         "Condition": {"StringEquals": {"aws:SourceArn": trail_arn(MANAGEMENT, "organization-trail")}}},
        {"Effect": "Deny", "Principal": "*", "Action": if archive { "s3:*" } else { "s3:GetObject" },
         "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
    let owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let retention = Retention { mode: RetentionMode::Compliance, days: 365 };
    let grant = AclGrant {
        grantee_kind: "CanonicalUser".to_owned(),
        grantee: owner.to_owned(),
        permission: "FULL_CONTROL".to_owned(),
    };
    let encryption = Encryption {
        algorithm: if archive { "aws:kms" } else { "AES256" }.to_owned(),
        kms_key_id: if archive { Observed::Known(key_arn()) } else { Observed::Absent },
    };
    Bucket {
        account_id: number(index),
        region: Observed::Known("us-east-1".to_owned()),
        versioning: Observed::Known(Versioning { status: Some("Enabled".to_owned()), mfa_delete: false }),
        object_lock: if archive {
            Observed::Known(ObjectLock { enabled: true, default_retention: Some(retention) })
        } else {
            Observed::Absent
        },
        lifecycle: Observed::Absent,
        policy: Observed::Known(policy.to_string()),
        acl: Observed::Known(AccessControlList { owner_id: Some(owner.to_owned()), grants: vec![grant] }),
        ownership: Observed::Known("BucketOwnerEnforced".to_owned()),
        public_access_block: Observed::Known(BLOCKED),
        encryption: Observed::Known(encryption),
        logging: Observed::Absent,
        replication: Observed::Absent,
        notification: Observed::Known(Notification { targets: Vec::new(), event_bridge: false }),
        name,
    }
}

fn key() -> Key {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", number(ARCHIVE))},
         "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
         "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": trail_arn(MANAGEMENT, "organization-trail")}}}]});
    Key {
        arn: key_arn(),
        account_id: number(ARCHIVE),
        region: "us-east-1".to_owned(),
        references: vec![key_arn()],
        description: Observed::Known(KeyDescription {
            state: "Enabled".to_owned(),
            customer_managed: true,
            origin: "AWS_KMS".to_owned(),
            multi_region: false,
        }),
        rotation: Observed::Known(KeyRotation { enabled: true, period_days: Observed::Known(365) }),
        policy: Observed::Known(policy.to_string()),
        grants: Observed::Known(Vec::new()),
    }
}
