//! The guardrails of the examples: service control and resource control policies, sound ones and, for the
//! demonstration, some with the mistakes that real ones have.

use serde_json::{Value, json};

use super::{ARCHIVE, ARCHIVE_BUCKET};

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn deny(sid: &str, actions: &[&str], resources: &[&str]) -> Value {
    json!({"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": resources})
}

fn membership() -> Value {
    deny("KeepMembership", &["account:CloseAccount", "organizations:LeaveOrganization"], &["*"])
}

fn config() -> Value {
    let actions = [
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:DeleteRetentionConfiguration",
        "config:DisassociateResourceTypes",
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:PutRetentionConfiguration",
        "config:StopConfigurationRecorder",
    ];
    deny("KeepConfig", &actions, &["*"])
}

fn trails(resource: &str) -> Value {
    let actions = [
        "cloudtrail:DeleteEventDataStore",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:PutInsightSelectors",
        "cloudtrail:StopEventDataStoreIngestion",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateEventDataStore",
        "cloudtrail:UpdateTrail",
    ];
    deny("KeepTrails", &actions, &[resource])
}

fn detection() -> Value {
    let actions = [
        "access-analyzer:DeleteAnalyzer",
        "access-analyzer:DeleteServiceLinkedAnalyzer",
        "detective:DeleteGraph",
        "detective:DeleteMembers",
        "detective:DisassociateMembership",
        "guardduty:Create*Set",
        "guardduty:Delete*",
        "guardduty:Disassociate*",
        "guardduty:StopMonitoringMembers",
        "guardduty:UpdateDetector",
        "guardduty:UpdateIPSet",
        "guardduty:UpdateMemberDetectors",
        "guardduty:UpdateTrustedEntitySet",
        "securityhub:BatchDisableStandards",
        "securityhub:DeleteMembers",
        "securityhub:Disable*",
        "securityhub:Disassociate*",
    ];
    deny("KeepDetection", &actions, &["*"])
}

fn roles() -> Value {
    let actions = [
        "iam:AttachRolePolicy",
        "iam:DeleteRole*",
        "iam:DetachRolePolicy",
        "iam:PutRole*",
        "iam:UpdateAssumeRolePolicy",
    ];
    let roles = ["OrganizationAccountAccessRole", "central-logs", "log-replication"];
    let roles = roles.map(|role| format!("arn:aws:iam::*:role/{role}"));
    deny("KeepRoles", &actions, &roles.each_ref().map(String::as_str))
}

/// What every account carries: nobody leaves, stops or redirects logging.
pub(super) fn protect_logging() -> String {
    let network = [
        "ec2:DeleteFlowLogs",
        "route53resolver:DeleteResolverQueryLogConfig",
        "route53resolver:DisassociateResolverQueryLogConfig",
    ];
    let pipeline = [
        "firehose:DeleteDeliveryStream",
        "firehose:StartDeliveryStreamEncryption",
        "firehose:UpdateDestination",
        "kinesis:DecreaseStreamRetentionPeriod",
        "kinesis:DeleteStream",
        "kinesis:StartStreamEncryption",
        "logs:AssociateKmsKey",
        "logs:DeleteDestination",
        "logs:DeleteLog*",
        "logs:DeleteSubscriptionFilter",
        "logs:PutDataProtectionPolicy",
        "logs:PutDestination*",
        "logs:PutLogGroupDeletionProtection",
        "logs:PutRetentionPolicy",
        "logs:PutSubscriptionFilter",
        "logs:PutTransformer",
    ];
    let parts = [
        "arn:aws:logs:*:*:log-group:/aws/rds/*",
        "arn:aws:logs:*:*:destination:central-logs",
        "arn:aws:kinesis:*:*:stream/central-logs",
        "arn:aws:firehose:*:*:deliverystream/central-logs",
    ];
    document(&[
        membership(),
        trails("*"),
        config(),
        detection(),
        deny("KeepNetworkLogs", &network, &["*"]),
        deny("KeepPipeline", &pipeline, &parts),
        deny(
            "KeepCentralization",
            &[
                "logs:*ResourcePolicy",
                "logs:DeleteDelivery*",
                "logs:PutDelivery*",
                "logs:UpdateDeliveryConfiguration",
                "logs:PutAccountPolicy",
                "observabilityadmin:*CentralizationRuleForOrganization",
                "observabilityadmin:*TelemetryPipeline",
            ],
            &["*"],
        ),
        deny(
            "KeepReplication",
            &["s3:PauseReplication", "s3:PutReplicationConfiguration"],
            &["arn:aws:s3:::*-logs"],
        ),
        roles(),
        deny(
            "KeepPolicies",
            &["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"],
            &["arn:aws:iam::*:policy/*"],
        ),
    ])
}

const DELETION: [&str; 7] = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:UpdateObjectEncryption",
];

fn archive() -> [String; 2] {
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    [bucket.clone(), format!("{bucket}/*")]
}

/// What the archive's unit carries besides.
pub(super) fn protect_archive() -> String {
    protecting_archive(&[
        "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketLogging",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketRequestPayment",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:PutReplicationConfiguration",
    ])
}

fn protecting_archive(settings: &[&str]) -> String {
    let [bucket, objects] = archive();
    let keys = format!("arn:aws:kms:*:{ARCHIVE}:key/*");
    let destruction = [
        "kms:DeleteImportedKeyMaterial",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
    ];
    document(&[
        deny("KeepLogs", &DELETION, &[&bucket, &objects]),
        deny("KeepArchiveSettings", settings, &[&bucket]),
        deny(
            "KeepAccountSettings",
            &["kms:DisconnectCustomKeyStore", "kms:UpdateCustomKeyStore", "s3:PutAccountPublicAccessBlock"],
            &["*"],
        ),
        deny("KeepKeys", &destruction, &[&keys]),
    ])
}

/// The same with the lifecycle forgotten, which deletes as well as anybody.
pub(super) fn protect_archive_in_part() -> String {
    protecting_archive(&[
        "s3:*BucketPolicy",
        "s3:PutBucket*",
        "s3:PutEncryptionConfiguration",
        "s3:PutReplicationConfiguration",
    ])
}

/// Nobody deletes from the archive, from whatever account.
pub(super) fn archive_perimeter() -> String {
    let resources = archive();
    document(&[json!({
        "Sid": "NobodyDeletes", "Effect": "Deny", "Principal": "*", "Action": DELETION, "Resource": resources
    })])
}

/// A sandbox's guardrails, with two mistakes: a resource that no trail has, and an exemption by a tag that the sandbox's
/// own administrators can set.
pub(super) fn sandbox() -> String {
    let mut detection = detection();
    if let Some(statement) = detection.as_object_mut() {
        let unless = json!({"StringNotEquals": {"aws:PrincipalTag/team": "security"}});
        statement.insert("Condition".to_owned(), unless);
    }
    document(&[membership(), trails("arn:aws:cloudtrail:*::trail/"), config(), detection, roles()])
}

/// Denies destroying keys, but to the root user alone.
pub(super) fn keys_from_root() -> String {
    let mut keys =
        deny("KeepKeys", &["kms:DisableKey*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], &["*"]);
    if let Some(statement) = keys.as_object_mut() {
        let root = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}});
        statement.insert("Condition".to_owned(), root);
    }
    document(&[keys])
}

/// What AWS attaches everywhere.
pub(super) fn allow_all() -> String {
    document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})])
}

/// What AWS attaches everywhere once resource control policies are enabled.
pub(super) fn allow_all_callers() -> String {
    document(&[json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})])
}
