//! The actions that would blind, redirect or delete the organization's logs, and on what each is asked. See
//! [`super`].
//!
//! Resource types as in AWS's Service Authorization Reference: an action without resource-level permissions is denied
//! only by statements about every resource.

use super::Guardrail;

/// What kind of thing an action is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// The action has no resource-level permissions.
    None,
    /// CloudTrail trails.
    Trail,
    /// The archive bucket.
    Archive,
    /// Objects of the archive bucket.
    ArchiveObject,
    /// Buckets of an account that receive logs outside the archive.
    SourceBucket,
    /// Config recorders.
    Recorder,
    /// CloudWatch Logs log groups.
    LogGroup,
    /// Log streams of those groups.
    LogStream,
    /// CloudWatch Logs destinations.
    Destination,
    /// Firehose streams.
    DeliveryStream,
    /// Kinesis data streams.
    DataStream,
    /// KMS keys.
    Key,
    /// IAM roles.
    Role,
    /// GuardDuty detectors.
    Detector,
    /// The Security Hub hub.
    Hub,
    /// Access Analyzer analyzers.
    Analyzer,
    /// Detective behaviour graphs, of whatever account.
    Graph,
    /// VPC flow logs.
    FlowLog,
    /// Route 53 Resolver query log configurations, of whatever account.
    QueryLogConfig,
}

impl ResourceKind {
    /// The ARN pattern of every such resource that an account can have; `*` where the action takes none, and for the
    /// archive, of which there is one.
    pub fn pattern(self, partition: &str, account: &str) -> String {
        let (service, owner, resource) = match self {
            Self::None | Self::Archive | Self::ArchiveObject => return "*".to_owned(),
            Self::SourceBucket => return format!("arn:{partition}:s3:::*"),
            Self::Role => return format!("arn:{partition}:iam::{account}:role/*"),
            Self::Trail => ("cloudtrail", account, "trail/*"),
            Self::Recorder => ("config", account, "configuration-recorder/*"),
            Self::LogGroup => ("logs", account, "log-group:*"),
            Self::LogStream => ("logs", account, "log-group:*:log-stream:*"),
            Self::Destination => ("logs", account, "destination:*"),
            Self::DeliveryStream => ("firehose", account, "deliverystream/*"),
            Self::DataStream => ("kinesis", account, "stream/*"),
            Self::Key => ("kms", account, "key/*"),
            Self::Detector => ("guardduty", account, "detector/*"),
            Self::Hub => ("securityhub", account, "hub/default"),
            Self::Analyzer => ("access-analyzer", account, "analyzer/*"),
            Self::Graph => ("detective", "*", "graph:*"),
            Self::FlowLog => ("ec2", account, "vpc-flow-log/*"),
            Self::QueryLogConfig => ("route53resolver", "*", "resolver-query-log-config/*"),
        };
        format!("arn:{partition}:{service}:*:{owner}:{resource}")
    }

    /// Any of them, for a sentence.
    pub fn any(self) -> &'static str {
        match self {
            Self::None => "anything",
            Self::Trail => "any trail",
            Self::Archive => "the archive bucket",
            Self::ArchiveObject => "objects of the archive bucket",
            Self::SourceBucket => "any bucket",
            Self::Recorder => "any recorder",
            Self::LogGroup => "any log group",
            Self::LogStream => "any log stream",
            Self::Destination => "any destination",
            Self::DeliveryStream => "any Firehose stream",
            Self::DataStream => "any Kinesis stream",
            Self::Key => "any key",
            Self::Role => "any role",
            Self::Detector => "any detector",
            Self::Hub => "the hub",
            Self::Analyzer => "any analyzer",
            Self::Graph => "any behaviour graph",
            Self::FlowLog => "any flow log",
            Self::QueryLogConfig => "any query log configuration",
        }
    }
}

/// An action that a guardrail denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtectedAction {
    /// As policies name it: `cloudtrail:StopLogging`.
    pub name: &'static str,
    /// What it is asked on.
    pub resource: ResourceKind,
}

const fn on(resource: ResourceKind, name: &'static str) -> ProtectedAction {
    ProtectedAction { name, resource }
}

const LEAVE: &[ProtectedAction] = &[on(ResourceKind::None, "organizations:LeaveOrganization")];

const TRAIL: &[ProtectedAction] = &[
    on(ResourceKind::Trail, "cloudtrail:StopLogging"),
    on(ResourceKind::Trail, "cloudtrail:DeleteTrail"),
    on(ResourceKind::Trail, "cloudtrail:UpdateTrail"),
    on(ResourceKind::Trail, "cloudtrail:PutEventSelectors"),
    on(ResourceKind::Trail, "cloudtrail:PutInsightSelectors"),
];

const ARCHIVE_DELETION: &[ProtectedAction] = &[
    on(ResourceKind::Archive, "s3:DeleteBucket"),
    on(ResourceKind::ArchiveObject, "s3:DeleteObject"),
    on(ResourceKind::ArchiveObject, "s3:DeleteObjectVersion"),
    on(ResourceKind::ArchiveObject, "s3:PutObjectRetention"),
    on(ResourceKind::ArchiveObject, "s3:BypassGovernanceRetention"),
];

const ARCHIVE_RECONFIGURATION: &[ProtectedAction] = &[
    on(ResourceKind::Archive, "s3:PutBucketPolicy"),
    on(ResourceKind::Archive, "s3:DeleteBucketPolicy"),
    on(ResourceKind::Archive, "s3:PutBucketAcl"),
    on(ResourceKind::Archive, "s3:PutBucketPublicAccessBlock"),
    on(ResourceKind::Archive, "s3:PutBucketVersioning"),
    on(ResourceKind::Archive, "s3:PutLifecycleConfiguration"),
    on(ResourceKind::Archive, "s3:PutReplicationConfiguration"),
    on(ResourceKind::Archive, "s3:PutBucketObjectLockConfiguration"),
    on(ResourceKind::Archive, "s3:PutEncryptionConfiguration"),
    on(ResourceKind::Archive, "s3:PutBucketOwnershipControls"),
    on(ResourceKind::Archive, "s3:PutBucketLogging"),
];

const CONFIG: &[ProtectedAction] = &[
    on(ResourceKind::Recorder, "config:StopConfigurationRecorder"),
    on(ResourceKind::Recorder, "config:DeleteConfigurationRecorder"),
    on(ResourceKind::Recorder, "config:PutConfigurationRecorder"),
    on(ResourceKind::None, "config:DeleteDeliveryChannel"),
    on(ResourceKind::None, "config:PutDeliveryChannel"),
    on(ResourceKind::None, "config:DeleteRetentionConfiguration"),
];

const PIPELINE: &[ProtectedAction] = &[
    on(ResourceKind::LogGroup, "logs:DeleteLogGroup"),
    on(ResourceKind::LogStream, "logs:DeleteLogStream"),
    on(ResourceKind::LogGroup, "logs:DeleteSubscriptionFilter"),
    on(ResourceKind::LogGroup, "logs:PutSubscriptionFilter"),
    on(ResourceKind::LogGroup, "logs:PutRetentionPolicy"),
    on(ResourceKind::None, "logs:DeleteAccountPolicy"),
    on(ResourceKind::Destination, "logs:DeleteDestination"),
    on(ResourceKind::Destination, "logs:PutDestination"),
    on(ResourceKind::Destination, "logs:PutDestinationPolicy"),
    on(ResourceKind::DeliveryStream, "firehose:DeleteDeliveryStream"),
    on(ResourceKind::DeliveryStream, "firehose:UpdateDestination"),
    on(ResourceKind::DataStream, "kinesis:DeleteStream"),
    on(ResourceKind::DataStream, "kinesis:DecreaseStreamRetentionPeriod"),
];

const REPLICATION: &[ProtectedAction] = &[on(ResourceKind::SourceBucket, "s3:PutReplicationConfiguration")];

const DETECTION: &[ProtectedAction] = &[
    on(ResourceKind::Detector, "guardduty:DeleteDetector"),
    on(ResourceKind::Detector, "guardduty:UpdateDetector"),
    on(ResourceKind::None, "guardduty:DisassociateFromAdministratorAccount"),
    on(ResourceKind::None, "guardduty:DisassociateMembers"),
    on(ResourceKind::Hub, "securityhub:DisableSecurityHub"),
    on(ResourceKind::Hub, "securityhub:DisassociateFromAdministratorAccount"),
    on(ResourceKind::Hub, "securityhub:DisassociateMembers"),
    on(ResourceKind::Analyzer, "access-analyzer:DeleteAnalyzer"),
    on(ResourceKind::Graph, "detective:DeleteGraph"),
    on(ResourceKind::Graph, "detective:DisassociateMembership"),
];

const KEY: &[ProtectedAction] = &[
    on(ResourceKind::Key, "kms:ScheduleKeyDeletion"),
    on(ResourceKind::Key, "kms:DisableKey"),
    on(ResourceKind::Key, "kms:DisableKeyRotation"),
    on(ResourceKind::Key, "kms:PutKeyPolicy"),
];

const FLOW_LOG: &[ProtectedAction] = &[
    on(ResourceKind::FlowLog, "ec2:DeleteFlowLogs"),
    on(ResourceKind::QueryLogConfig, "route53resolver:DisassociateResolverQueryLogConfig"),
    on(ResourceKind::QueryLogConfig, "route53resolver:DeleteResolverQueryLogConfig"),
];

const AUDIT_ROLE: &[ProtectedAction] = &[
    on(ResourceKind::Role, "iam:DeleteRole"),
    on(ResourceKind::Role, "iam:UpdateAssumeRolePolicy"),
    on(ResourceKind::Role, "iam:PutRolePolicy"),
    on(ResourceKind::Role, "iam:DeleteRolePolicy"),
    on(ResourceKind::Role, "iam:AttachRolePolicy"),
    on(ResourceKind::Role, "iam:DetachRolePolicy"),
    on(ResourceKind::Role, "iam:PutRolePermissionsBoundary"),
];

impl Guardrail {
    /// The actions that it denies.
    pub fn actions(self) -> &'static [ProtectedAction] {
        match self {
            Self::Leave => LEAVE,
            Self::TrailTampering => TRAIL,
            Self::ArchiveDeletion => ARCHIVE_DELETION,
            Self::ArchiveReconfiguration => ARCHIVE_RECONFIGURATION,
            Self::ConfigTampering => CONFIG,
            Self::PipelineTampering => PIPELINE,
            Self::ReplicationTampering => REPLICATION,
            Self::DetectionTampering => DETECTION,
            Self::KeyDestruction => KEY,
            Self::FlowLogDeletion => FLOW_LOG,
            Self::AuditRoleTampering => AUDIT_ROLE,
        }
    }
}
