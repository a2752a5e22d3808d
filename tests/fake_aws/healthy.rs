//! A good organization of any size. Management has the organization trail; the archive account owns bucket, keys
//! and the central destinations; the security account is delegated administrator; every account and region has a
//! recorder, a delivery channel and log groups that are forwarded. Policies follow those that AWS documents for
//! organization trails, Config and cross-account destinations.
//!
//! Only the organization, the archive and the trail are built at once: `template` makes a region's resources when
//! they are asked for, so that ten thousand accounts cost little.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::template::Template;
use super::world::{Key, Policy, Role, Trail, World, blocked, seconds_ago};

/// The organization's id.
pub const ORGANIZATION_ID: &str = "o-exampleorg1";
/// The root's id.
pub const ROOT: &str = "r-exam";
/// The unit of the archive and the security account.
pub const SECURITY_UNIT: &str = "ou-exam-security";
/// The unit above the units of the workloads.
pub const WORKLOADS_UNIT: &str = "ou-exam-workload";
/// The management account.
pub const MANAGEMENT: &str = "100000000001";
/// The account that owns the archive.
pub const ARCHIVE: &str = "100000000002";
/// The security tooling account: delegated administrator, Config aggregator, reader of the logs.
pub const SECURITY: &str = "100000000003";
/// The bucket of the organization's logs, in the first region.
pub const ARCHIVE_BUCKET: &str = "example-organization-log-archive";
/// The bucket of configuration history, which AWS Config could not deliver into the locked archive.
pub const CONFIG_BUCKET: &str = "example-organization-config";
/// The second copy of both, in the last region; only where there are two regions.
pub const REPLICA_BUCKET: &str = "example-organization-log-archive-copy";
/// Receives the archive's server access logs.
pub const ACCESS_LOG_BUCKET: &str = "example-organization-access-logs";
/// The name of the organization trail.
pub const ORGANIZATION_TRAIL: &str = "organization-trail";
/// The role that reads the logs.
pub const LOG_READER: &str = "arn:aws:iam::100000000003:role/LogReader";
/// The role that administers the archive's keys.
pub const ARCHIVE_ADMINISTRATOR: &str = "arn:aws:iam::100000000002:role/ArchiveAdministrator";

pub const TRAIL_LOG_GROUP: &str = "aws-cloudtrail-logs-organization";
const TRAIL_LOG_ROLE: &str = "CloudTrailToCloudWatchLogs";
const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";
pub const HOUR: u64 = 3600;
pub const DAY: u64 = 24 * HOUR;

/// The id of a workload account; the first is 0.
pub fn workload(index: usize) -> String {
    format!("{:012}", 100_000_000_004_u64 + u64::try_from(index).expect("an account number is small"))
}

pub fn world(accounts: usize, regions: &[&str]) -> World {
    assert!(accounts >= 3, "management, archive and security need an account each");
    let home = *regions.first().expect("an organization uses at least one region");
    let mut world = World::organization(MANAGEMENT, regions);
    world.page_sizes.insert("logs".to_owned(), 50);
    add_units(&mut world);
    add_accounts(&mut world, accounts, regions);
    add_policies(&mut world);
    let services = [
        "access-analyzer.amazonaws.com",
        "cloudtrail.amazonaws.com",
        "config-multiaccountsetup.amazonaws.com",
        "config.amazonaws.com",
        "detective.amazonaws.com",
        "guardduty.amazonaws.com",
        "securityhub.amazonaws.com",
    ];
    let organization = world.organization_mut();
    organization.service_access = services.map(str::to_owned).into();
    organization.service_access.extend(["account", "sso"].map(|name| format!("{name}.amazonaws.com")));
    organization.delegated_administrators.insert(SECURITY.to_owned(), services.map(str::to_owned).into());
    add_trail(&mut world, home);
    add_keys(&mut world, regions);
    add_archive(&mut world, regions);
    world.with_template(Template { home: home.to_owned(), recorded_at: seconds_ago(0) })
}

fn add_units(world: &mut World) {
    for (id, name, parent) in [
        (SECURITY_UNIT, "Security", ROOT),
        ("ou-exam-infrastr", "Infrastructure", ROOT),
        (WORKLOADS_UNIT, "Workloads", ROOT),
        ("ou-exam-producti", "Production", WORKLOADS_UNIT),
        ("ou-exam-regulate", "Regulated", "ou-exam-producti"),
        ("ou-exam-developm", "Development", WORKLOADS_UNIT),
        ("ou-exam-sandbox0", "Sandbox", ROOT),
    ] {
        world.add_unit(id, name, parent);
    }
}

fn add_accounts(world: &mut World, accounts: usize, regions: &[&str]) {
    world.add_account(ARCHIVE, "Log archive", Some(SECURITY_UNIT), regions);
    world.add_account(SECURITY, "Security tooling", Some(SECURITY_UNIT), regions);
    let places = [
        ("ou-exam-producti", "production"),
        ("ou-exam-regulate", "regulated"),
        ("ou-exam-developm", "development"),
        ("ou-exam-infrastr", "infrastructure"),
        ("ou-exam-sandbox0", "sandbox"),
    ];
    for (index, (unit, name)) in places.iter().cycle().take(accounts - 3).enumerate() {
        world.add_account(&workload(index), &format!("{name}-{index}"), Some(unit), regions);
    }
    for account in world.accounts.values_mut() {
        account.public_access_block = Some(blocked());
        // One that needs opting in, and is not.
        account.regions.push(("me-south-1".to_owned(), "DISABLED".to_owned()));
    }
}

fn add_policies(world: &mut World) {
    let members: Vec<String> = world.accounts.keys().cloned().collect();
    let organization = world.organization_mut();
    organization.policy_types = [SCP, RCP].map(str::to_owned).into();
    let everywhere: BTreeSet<String> = std::iter::once(ROOT.to_owned())
        .chain(organization.units.iter().map(|unit| unit.id.clone()))
        .chain(members)
        .collect();
    let allow = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let allow_any = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
    let protect = json!({
        "Sid": "ProtectLogging", "Effect": "Deny", "Resource": "*",
        "Action": [
            "account:CloseAccount", "organizations:LeaveOrganization", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail",
            "cloudtrail:UpdateTrail", "cloudtrail:*EventDataStore", "cloudtrail:StopEventDataStoreIngestion", "cloudtrail:Put*Selectors", "config:Delete*", "config:StopConfigurationRecorder",
            "config:Put*Recorder", "config:PutDeliveryChannel", "config:PutRetentionConfiguration",
            "config:DisassociateResourceTypes", "logs:PutAccountPolicy", "logs:PutLogGroupDeletionProtection",
            "observabilityadmin:*CentralizationRuleForOrganization", "guardduty:StopMonitoringMembers",
            "securityhub:DeleteMembers", "access-analyzer:DeleteServiceLinkedAnalyzer", "logs:Delete*", "logs:PutSubscriptionFilter",
            "logs:PutRetentionPolicy", "logs:PutDestination*", "logs:PutDelivery*", "logs:UpdateDeliveryConfiguration", "firehose:DeleteDeliveryStream",
            "firehose:UpdateDestination", "kinesis:DeleteStream", "kinesis:DecreaseStreamRetentionPeriod",
            "logs:PutDataProtectionPolicy", "logs:PutTransformer", "logs:AssociateKmsKey", "logs:PutResourcePolicy",
            "observabilityadmin:*TelemetryPipeline", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
            "kinesis:StartStreamEncryption", "firehose:StartDeliveryStreamEncryption", "guardduty:UpdateMemberDetectors",
            "guardduty:Create*Set", "guardduty:Update*Set", "securityhub:BatchDisableStandards",
            "kms:DisconnectCustomKeyStore", "kms:UpdateCustomKeyStore",
            "s3:PutAccountPublicAccessBlock", "guardduty:Delete*", "guardduty:Disassociate*", "guardduty:UpdateDetector", "securityhub:Disable*",
            "securityhub:Disassociate*", "access-analyzer:DeleteAnalyzer", "detective:Delete*",
            "detective:DisassociateMembership", "ec2:DeleteFlowLogs", "route53resolver:D*ResolverQueryLogConfig",
        ],
    });
    let roles = ["OrganizationAccountAccessRole", "LogsToFirehose", "ReplicateLogs"];
    let protect_roles = json!({
        "Sid": "ProtectRoles", "Effect": "Deny", "Resource": roles.map(|role| format!("arn:aws:iam::*:role/{role}")),
        "Action": ["iam:*RolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:PutRole*"],
    });
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    let protect_archive = json!({
        "Sid": "ProtectArchive", "Effect": "Deny", "Resource": [bucket, format!("{bucket}/*")],
        "Action": ["s3:Delete*", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:UpdateObjectEncryption", "s3:BypassGovernanceRetention", "s3:PutBucket*", "s3:Put*Configuration"],
    });
    let protect_keys = json!({
        "Sid": "ProtectKeys", "Effect": "Deny", "Resource": format!("arn:aws:kms:*:{ARCHIVE}:key/*"),
        "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey*", "kms:PutKeyPolicy", "kms:DeleteImportedKeyMaterial"],
    });
    let root = || BTreeSet::from([ROOT.to_owned()]);
    let security = BTreeSet::from([SECURITY_UNIT.to_owned()]);
    for (id, name, kind, statements, targets) in [
        ("p-FullAWSAccess", "FullAWSAccess", SCP, vec![allow], everywhere.clone()),
        ("p-RCPFullAWSAccess", "RCPFullAWSAccess", RCP, vec![allow_any], everywhere),
        ("p-examplelogs", "ProtectLogging", SCP, vec![protect, protect_roles], root()),
        ("p-examplestore", "ProtectArchive", SCP, vec![protect_archive, protect_keys], security),
    ] {
        organization.policies.push(Policy {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            aws_managed: name.ends_with("FullAWSAccess"),
            content: document(&statements).to_string(),
            targets,
        });
    }
}

pub fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn trail_arn(home: &str) -> String {
    format!("arn:aws:cloudtrail:{home}:{MANAGEMENT}:trail/{ORGANIZATION_TRAIL}")
}

fn key_arn(region: &str, id: &str) -> String {
    format!("arn:aws:kms:{region}:{ARCHIVE}:key/{id}")
}

pub fn trail_key(home: &str) -> String {
    key_arn(home, "11111111-0000-4000-8000-000000000001")
}

pub fn log_key(region: &str) -> String {
    key_arn(region, "22222222-0000-4000-8000-000000000002")
}

fn add_trail(world: &mut World, home: &str) {
    let log_group = format!("arn:aws:logs:{home}:{MANAGEMENT}:log-group:{TRAIL_LOG_GROUP}:*");
    let trail = Trail {
        description: json!({
            "Name": ORGANIZATION_TRAIL,
            "TrailARN": trail_arn(home),
            "HomeRegion": home,
            "S3BucketName": ARCHIVE_BUCKET,
            "IncludeGlobalServiceEvents": true,
            "IsMultiRegionTrail": true,
            "IsOrganizationTrail": true,
            "LogFileValidationEnabled": true,
            "CloudWatchLogsLogGroupArn": log_group,
            "CloudWatchLogsRoleArn": format!("arn:aws:iam::{MANAGEMENT}:role/{TRAIL_LOG_ROLE}"),
            "KmsKeyId": trail_key(home),
            "HasCustomEventSelectors": true,
            "HasInsightSelectors": true,
        }),
        status: json!({
            "IsLogging": true,
            "LatestDeliveryTime": seconds_ago(300),
            "LatestDigestDeliveryTime": seconds_ago(1800),
            "LatestCloudWatchLogsDeliveryTime": seconds_ago(240),
            "StartLoggingTime": seconds_ago(400 * DAY),
            "LatestDeliveryAttemptTime": "",
            "LatestDeliveryAttemptSucceeded": "",
            "TimeLoggingStarted": "2025-01-01T00:00:00Z",
            "TimeLoggingStopped": "",
        }),
        event_selectors: json!({ "AdvancedEventSelectors": [
            { "Name": "Management events", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }] },
            { "Name": "S3 object events", "FieldSelectors": [
                { "Field": "eventCategory", "Equals": ["Data"] },
                { "Field": "resources.type", "Equals": ["AWS::S3::Object"] },
            ] },
        ] }),
        insight_selectors: Some(json!([
            { "InsightType": "ApiCallRateInsight" }, { "InsightType": "ApiErrorRateInsight" },
        ])),
    };
    let role = Role {
        path: "/".to_owned(),
        trust_policy: document(&[json!({
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "sts:AssumeRole",
        })]),
        inline_policies: [("DeliverEvents".to_owned(), document(&[json!({
            "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("arn:aws:logs:{home}:{MANAGEMENT}:log-group:{TRAIL_LOG_GROUP}:log-stream:*"),
        })]))]
        .into(),
        attached_policies: Vec::new(),
    };
    let management = world.account_mut(MANAGEMENT);
    management.trails.push(trail);
    management.roles.insert(TRAIL_LOG_ROLE.to_owned(), role);
    management.aliases.push("example-management".to_owned());
}

fn add_keys(world: &mut World, regions: &[&str]) {
    let home = *regions.first().expect("an organization uses at least one region");
    let cloudtrail = json!({
        "Sid": "CloudTrailEncrypts", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:GenerateDataKey*", "Resource": "*",
        "Condition": {
            "StringEquals": { "aws:SourceArn": trail_arn(home) },
            "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": format!("arn:aws:cloudtrail:*:{MANAGEMENT}:trail/*") },
        },
    });
    let describe = json!({
        "Sid": "CloudTrailDescribes", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:DescribeKey", "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceArn": trail_arn(home) } },
    });
    let config = json!({
        "Sid": "ConfigEncrypts", "Effect": "Allow", "Principal": { "Service": "config.amazonaws.com" },
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceOrgID": ORGANIZATION_ID } },
    });
    let mut keys = vec![key(home, &trail_key(home), vec![cloudtrail, describe, config])];
    for region in regions {
        let logs = json!({
            "Sid": "LogsEncrypts", "Effect": "Allow",
            "Principal": { "Service": format!("logs.{region}.amazonaws.com") },
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceOrgID": ORGANIZATION_ID } },
        });
        keys.push(key(region, &log_key(region), vec![logs]));
    }
    world.account_mut(ARCHIVE).keys = keys;
}

fn key(region: &str, arn: &str, uses: Vec<Value>) -> Key {
    let id = arn.rsplit('/').next().unwrap_or(arn);
    let mut statements = vec![
        json!({
            "Sid": "Administration", "Effect": "Allow", "Principal": { "AWS": ARCHIVE_ADMINISTRATOR },
            "Action": [
                "kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Enable*", "kms:Disable*",
                "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "ReadersDecrypt", "Effect": "Allow", "Principal": { "AWS": LOG_READER },
            "Action": "kms:Decrypt", "Resource": "*",
        }),
    ];
    statements.extend(uses);
    Key {
        region: region.to_owned(),
        metadata: json!({
            "AWSAccountId": ARCHIVE, "KeyId": id, "Arn": arn, "CreationDate": seconds_ago(500 * DAY),
            "Enabled": true, "Description": "Logs of the organization", "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": false,
        }),
        rotation: json!({
            "KeyRotationEnabled": true, "KeyId": id, "RotationPeriodInDays": 365,
            "NextRotationDate": seconds_ago(0) + 100 * DAY,
        }),
        policy: document(&statements),
        grants: Vec::new(),
    }
}

fn add_archive(world: &mut World, regions: &[&str]) {
    let home = *regions.first().expect("an organization uses at least one region");
    let last = *regions.last().expect("an organization uses at least one region");
    let access_logs = world.add_bucket(ACCESS_LOG_BUCKET, ARCHIVE, home);
    let logged = [ARCHIVE_BUCKET, CONFIG_BUCKET].map(|name| format!("arn:aws:s3:::{name}"));
    let logging_service = json!({
        "Sid": "ServerAccessLogs", "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" },
        "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{ACCESS_LOG_BUCKET}/*"),
        "Condition": {
            "ArnLike": { "aws:SourceArn": logged },
            "StringEquals": { "aws:SourceAccount": ARCHIVE },
        },
    });
    let policy = document(&[logging_service, tls_only(ACCESS_LOG_BUCKET)]);
    for (name, value) in
        [("versioning", json!({ "Status": "Enabled" })), ("lifecycle", lifecycle()), ("policy", policy)]
    {
        access_logs.configuration.insert(name.to_owned(), value);
    }
    let archive_policy = archive_policy(home);
    fill_archive(world, ARCHIVE_BUCKET, home, &trail_key(home), archive_policy);
    fill_archive(world, CONFIG_BUCKET, home, &trail_key(home), config_policy());
    world.bucket_mut(CONFIG_BUCKET).configuration.remove("object-lock");
    if last == home {
        return;
    }
    fill_archive(world, REPLICA_BUCKET, last, &log_key(last), document(&[tls_only(REPLICA_BUCKET)]));
    let replication = json!({
        "Role": format!("arn:aws:iam::{ARCHIVE}:role/ReplicateLogs"),
        "Rule": [{
            "ID": "everything", "Priority": 1, "Status": "Enabled", "Filter": { "Prefix": "" },
            "DeleteMarkerReplication": { "Status": "Disabled" },
            "SourceSelectionCriteria": { "SseKmsEncryptedObjects": { "Status": "Enabled" } },
            "Destination": {
                "Bucket": format!("arn:aws:s3:::{REPLICA_BUCKET}"),
                "Account": ARCHIVE,
                "AccessControlTranslation": { "Owner": "Destination" },
                "EncryptionConfiguration": { "ReplicaKmsKeyID": log_key(last) },
            },
        }],
    });
    for bucket in [ARCHIVE_BUCKET, CONFIG_BUCKET] {
        *world.bucket_configuration_mut(bucket, "replication") = replication.clone();
    }
}

fn fill_archive(world: &mut World, name: &str, region: &str, key: &str, policy: Value) {
    let bucket = world.add_bucket(name, ARCHIVE, region);
    for (name, value) in [
        ("versioning", json!({ "Status": "Enabled" })),
        (
            "object-lock",
            json!({
                "ObjectLockEnabled": "Enabled",
                "Rule": { "DefaultRetention": { "Mode": "COMPLIANCE", "Days": 400 } },
            }),
        ),
        ("lifecycle", lifecycle()),
        ("policy", policy),
        (
            "encryption",
            json!({ "Rule": [{
            "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key },
            "BucketKeyEnabled": true,
        }] }),
        ),
        (
            "logging",
            json!({ "LoggingEnabled": {
            "TargetBucket": ACCESS_LOG_BUCKET, "TargetPrefix": format!("{name}/"),
        } }),
        ),
        ("notification", json!({ "EventBridgeConfiguration": {} })),
    ] {
        bucket.configuration.insert(name.to_owned(), value);
    }
}

fn lifecycle() -> Value {
    json!({ "Rule": [{
        "ID": "tier", "Status": "Enabled", "Filter": { "Prefix": "" },
        "Transition": [{ "Days": 90, "StorageClass": "GLACIER_IR" }],
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 },
    }] })
}

fn tls_only(bucket: &str) -> Value {
    json!({
        "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

/// As documented for Config, with the organization in the condition.
fn config_policy() -> Value {
    let bucket = format!("arn:aws:s3:::{CONFIG_BUCKET}");
    let config = json!({ "Service": "config.amazonaws.com" });
    let own = json!({ "StringEquals": { "aws:SourceOrgID": ORGANIZATION_ID } });
    document(&[
        json!({ "Sid": "ConfigCheck", "Effect": "Allow", "Principal": config, "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": bucket, "Condition": own }),
        json!({ "Sid": "ConfigWrite", "Effect": "Allow", "Principal": config, "Action": "s3:PutObject", "Resource": format!("{bucket}/AWSLogs/*/Config/*"), "Condition": own }),
        readers(&bucket),
        tls_only(CONFIG_BUCKET),
    ])
}

fn readers(bucket: &str) -> Value {
    json!({
        "Sid": "Readers", "Effect": "Allow", "Principal": { "AWS": LOG_READER },
        "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [bucket, format!("{bucket}/*")],
    })
}

/// As documented for organization trails.
fn archive_policy(home: &str) -> Value {
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    let logs = |prefix: &str| format!("{bucket}/AWSLogs/{prefix}/*");
    let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
    let of_trail = json!({ "StringEquals": { "aws:SourceArn": trail_arn(home) } });
    let mut put = of_trail.clone();
    put["StringEquals"]["s3:x-amz-acl"] = json!("bucket-owner-full-control");
    document(&[
        json!({ "Sid": "TrailAclCheck", "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:GetBucketAcl", "Resource": bucket, "Condition": of_trail }),
        json!({ "Sid": "TrailWrite", "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:PutObject", "Resource": [logs(MANAGEMENT), logs(ORGANIZATION_ID)], "Condition": put }),
        readers(&bucket),
        tls_only(ARCHIVE_BUCKET),
    ])
}
