//! The actions that would blind, redirect or delete the organization's logs, and on what each is asked. See
//! [`super`].
//!
//! The actions are those of `protected.txt`, a reviewed list. Resource types are those of AWS's Service Authorization
//! Reference: an action without resource-level permissions is denied only by statements about every resource.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Guardrail;
use crate::policy::reference::{self, Name};

/// What stands for the account's number in a canonical resource.
pub(super) const ACCOUNT: &str = "{account}";

/// What kind of thing an action is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceKind {
    /// The action has no resource-level permissions.
    None,
    /// CloudTrail trails.
    Trail,
    /// Event data stores of CloudTrail Lake.
    EventDataStore,
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
    /// Deliveries of vended logs.
    Delivery,
    /// Delivery sources of vended logs.
    DeliverySource,
    /// Delivery destinations of vended logs.
    DeliveryDestination,
    /// Rules that copy log groups of the organization to a central account.
    CentralizationRule,
    /// Pipelines that change log events where they are stored.
    TelemetryPipeline,
    /// The account itself.
    Account,
    /// Firehose streams.
    DeliveryStream,
    /// Kinesis data streams.
    DataStream,
    /// KMS keys.
    Key,
    /// IAM roles.
    Role,
    /// Managed policies of the account, which roles carry.
    Policy,
    /// GuardDuty detectors.
    Detector,
    /// Lists of addresses that GuardDuty trusts.
    IpSet,
    /// Lists of addresses and domains that it trusts.
    TrustedEntitySet,
    /// The Security Hub hub.
    Hub,
    /// The hub of Security Hub's second version.
    HubV2,
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
            Self::Policy => return format!("arn:{partition}:iam::{account}:policy/*"),
            Self::Account => return format!("arn:{partition}:account::{account}:account"),
            Self::Trail => ("cloudtrail", account, "trail/*"),
            Self::EventDataStore => ("cloudtrail", account, "eventdatastore/*"),
            Self::Recorder => ("config", account, "configuration-recorder/*/*"),
            Self::LogGroup => ("logs", account, "log-group:*"),
            Self::LogStream => ("logs", account, "log-group:*:log-stream:*"),
            Self::Destination => ("logs", account, "destination:*"),
            Self::Delivery => ("logs", account, "delivery:*"),
            Self::DeliverySource => ("logs", account, "delivery-source:*"),
            Self::DeliveryDestination => ("logs", account, "delivery-destination:*"),
            Self::CentralizationRule => ("observabilityadmin", account, "organization-centralization-rule/*"),
            Self::TelemetryPipeline => ("observabilityadmin", account, "telemetry-pipeline/*"),
            Self::DeliveryStream => ("firehose", account, "deliverystream/*"),
            Self::DataStream => ("kinesis", account, "stream/*"),
            Self::Key => ("kms", account, "key/*"),
            Self::Detector => ("guardduty", account, "detector/*"),
            Self::IpSet => ("guardduty", account, "detector/*/ipset/*"),
            Self::TrustedEntitySet => ("guardduty", account, "detector/*/trustedentityset/*"),
            Self::Hub => ("securityhub", account, "hub/default"),
            Self::HubV2 => ("securityhub", account, "hubv2/*"),
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
            Self::EventDataStore => "any event data store",
            Self::Archive => "the archive bucket",
            Self::ArchiveObject => "objects of the archive bucket",
            Self::SourceBucket => "any bucket",
            Self::Recorder => "any recorder",
            Self::LogGroup => "any log group",
            Self::LogStream => "any log stream",
            Self::Destination => "any destination",
            Self::Delivery => "any delivery of vended logs",
            Self::DeliverySource => "any delivery source",
            Self::DeliveryDestination => "any delivery destination",
            Self::CentralizationRule => "any centralization rule",
            Self::TelemetryPipeline => "any telemetry pipeline",
            Self::Account => "the account",
            Self::DeliveryStream => "any Firehose stream",
            Self::DataStream => "any Kinesis stream",
            Self::Key => "any key",
            Self::Role => "any role",
            Self::Policy => "any managed policy",
            Self::Detector => "any detector",
            Self::IpSet | Self::TrustedEntitySet => "any trusted list",
            Self::Hub | Self::HubV2 => "the hub",
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

/// The types of resources of the reference that actions of the list are asked on. Of several the first that an action
/// has, which is what it changes.
const KINDS: &[(&str, &str, ResourceKind)] = &[
    ("cloudtrail", "trail", ResourceKind::Trail),
    ("cloudtrail", "eventdatastore", ResourceKind::EventDataStore),
    ("s3", "object", ResourceKind::ArchiveObject),
    ("s3", "bucket", ResourceKind::Archive),
    ("account", "account", ResourceKind::Account),
    ("config", "configurationrecorder", ResourceKind::Recorder),
    ("logs", "log-group", ResourceKind::LogGroup),
    ("logs", "log-stream", ResourceKind::LogStream),
    ("logs", "destination", ResourceKind::Destination),
    ("logs", "delivery", ResourceKind::Delivery),
    ("logs", "delivery-source", ResourceKind::DeliverySource),
    ("logs", "delivery-destination", ResourceKind::DeliveryDestination),
    ("observabilityadmin", "organization-centralization-rule", ResourceKind::CentralizationRule),
    ("observabilityadmin", "telemetry-pipeline", ResourceKind::TelemetryPipeline),
    ("firehose", "deliverystream", ResourceKind::DeliveryStream),
    ("kinesis", "stream", ResourceKind::DataStream),
    ("kms", "key", ResourceKind::Key),
    ("iam", "role", ResourceKind::Role),
    ("iam", "policy", ResourceKind::Policy),
    ("guardduty", "detector", ResourceKind::Detector),
    ("guardduty", "ipset", ResourceKind::IpSet),
    ("guardduty", "trustedentityset", ResourceKind::TrustedEntitySet),
    ("securityhub", "hub", ResourceKind::Hub),
    ("securityhub", "hubv2", ResourceKind::HubV2),
    ("access-analyzer", "analyzer", ResourceKind::Analyzer),
    ("detective", "graph", ResourceKind::Graph),
    ("ec2", "vpc-flow-log", ResourceKind::FlowLog),
    ("route53resolver", "resolver-query-log-config", ResourceKind::QueryLogConfig),
];

const LIST: &str = include_str!("protected.txt");

static PROTECTED: LazyLock<BTreeMap<&'static str, Vec<ProtectedAction>>> = LazyLock::new(|| {
    let mut rules: BTreeMap<&'static str, Vec<ProtectedAction>> = BTreeMap::new();
    let mut rule = "";
    for line in LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(id) => rule = id,
            None => rules.entry(rule).or_default().push(ProtectedAction {
                name: line,
                resource: kind(line, rule == Guardrail::ReplicationTampering.rule_id()),
            }),
        }
    }
    rules
});

/// On what the action is asked. What the reference does not know is asked on nothing, which only statements about every
/// resource deny.
fn kind(action: &str, of_sources: bool) -> ResourceKind {
    let (Name::Action(known), Some((service, _))) = (reference::look_up(action), action.split_once(':'))
    else {
        return ResourceKind::None;
    };
    let has = |name: &str| known.resources.iter().any(|resource| resource.name == name);
    let found = KINDS.iter().find(|(of, name, _)| *of == service && has(name));
    match found.map(|(_, _, kind)| *kind) {
        Some(ResourceKind::Archive) if of_sources => ResourceKind::SourceBucket,
        found => found.unwrap_or(ResourceKind::None),
    }
}

impl Guardrail {
    /// The actions that it denies.
    pub fn actions(self) -> &'static [ProtectedAction] {
        PROTECTED.get(self.rule_id()).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::print_stdout, reason = "how old the list is fails nothing")]
    fn every_guardrail_has_its_part_of_the_list() {
        for guardrail in Guardrail::ALL {
            assert!(!guardrail.actions().is_empty(), "{}", guardrail.rule_id());
        }
        assert_eq!(PROTECTED.len(), Guardrail::ALL.len() + 1, "and what is left out");
        let reviewed = LIST.lines().find_map(|line| line.strip_prefix("# reviewed: ")).unwrap();
        let day = chrono::NaiveDate::parse_from_str(reviewed, "%Y-%m-%d").unwrap();
        println!("protected.txt: {} days old", (chrono::Utc::now().date_naive() - day).num_days());
    }

    /// Each is either taken or left out, and is an action.
    #[test]
    fn what_was_left_out_was_looked_at() {
        for line in LIST.lines().skip_while(|line| *line != "[left out]").filter(|line| line.contains(": ")) {
            let Some((service, names)) = line.split_once(": ").filter(|_| !line.starts_with('#')) else {
                continue;
            };
            for name in names.split(' ') {
                let action = format!("{service}:{name}");
                assert!(matches!(reference::look_up(&action), Name::Action(_)), "{action}");
                let taken = Guardrail::ALL
                    .iter()
                    .any(|guardrail| guardrail.actions().iter().any(|protected| protected.name == action));
                assert!(!taken, "{action}");
            }
        }
    }

    /// These do the same as others that were asked about before.
    #[test]
    fn what_does_the_same_is_asked_about() {
        for (guardrail, name, resource) in [
            (Guardrail::PipelineTampering, "logs:PutAccountPolicy", ResourceKind::None),
            (Guardrail::PipelineTampering, "logs:PutLogGroupDeletionProtection", ResourceKind::LogGroup),
            (
                Guardrail::PipelineTampering,
                "observabilityadmin:DeleteCentralizationRuleForOrganization",
                ResourceKind::CentralizationRule,
            ),
            (
                Guardrail::PipelineTampering,
                "observabilityadmin:UpdateCentralizationRuleForOrganization",
                ResourceKind::CentralizationRule,
            ),
            (
                Guardrail::PipelineTampering,
                "observabilityadmin:CreateTelemetryPipeline",
                ResourceKind::TelemetryPipeline,
            ),
            (
                Guardrail::PipelineTampering,
                "observabilityadmin:UpdateTelemetryPipeline",
                ResourceKind::TelemetryPipeline,
            ),
            (Guardrail::PipelineTampering, "logs:PutResourcePolicy", ResourceKind::None),
            (Guardrail::PipelineTampering, "logs:DeleteResourcePolicy", ResourceKind::None),
            (Guardrail::TrailTampering, "cloudtrail:UpdateEventDataStore", ResourceKind::EventDataStore),
            (Guardrail::TrailTampering, "cloudtrail:PutInsightSelectors", ResourceKind::Trail),
            (Guardrail::PipelineTampering, "logs:DeleteDelivery", ResourceKind::Delivery),
            (Guardrail::PipelineTampering, "logs:UpdateDeliveryConfiguration", ResourceKind::Delivery),
            (Guardrail::PipelineTampering, "logs:PutDeliverySource", ResourceKind::DeliverySource),
            (Guardrail::PipelineTampering, "logs:PutDeliveryDestination", ResourceKind::DeliveryDestination),
            (Guardrail::AuditRoleTampering, "iam:CreatePolicyVersion", ResourceKind::Policy),
            (Guardrail::AuditRoleTampering, "iam:SetDefaultPolicyVersion", ResourceKind::Policy),
            (Guardrail::ArchiveDeletion, "s3:UpdateObjectEncryption", ResourceKind::ArchiveObject),
            (Guardrail::ArchiveDeletion, "s3:PutObjectLegalHold", ResourceKind::ArchiveObject),
            (Guardrail::ArchiveDeletion, "account:CloseAccount", ResourceKind::Account),
            (Guardrail::DetectionTampering, "guardduty:DisassociateFromMasterAccount", ResourceKind::None),
            (Guardrail::DetectionTampering, "guardduty:StopMonitoringMembers", ResourceKind::None),
            (Guardrail::DetectionTampering, "securityhub:DisassociateFromMasterAccount", ResourceKind::Hub),
            (Guardrail::DetectionTampering, "securityhub:DisableSecurityHubV2", ResourceKind::None),
            (
                Guardrail::DetectionTampering,
                "access-analyzer:DeleteServiceLinkedAnalyzer",
                ResourceKind::Analyzer,
            ),
            (Guardrail::ConfigTampering, "config:PutRetentionConfiguration", ResourceKind::None),
            (Guardrail::ConfigTampering, "config:DisassociateResourceTypes", ResourceKind::Recorder),
            (Guardrail::KeyDestruction, "kms:DeleteImportedKeyMaterial", ResourceKind::Key),
            (Guardrail::KeyDestruction, "kms:DisconnectCustomKeyStore", ResourceKind::None),
            (Guardrail::ArchiveReconfiguration, "s3:PutAccountPublicAccessBlock", ResourceKind::None),
            (Guardrail::ArchiveReconfiguration, "s3:PutBucketRequestPayment", ResourceKind::Archive),
            (Guardrail::PipelineTampering, "logs:PutDataProtectionPolicy", ResourceKind::LogGroup),
            (Guardrail::PipelineTampering, "logs:AssociateKmsKey", ResourceKind::LogGroup),
            (Guardrail::PipelineTampering, "kinesis:StartStreamEncryption", ResourceKind::DataStream),
            (
                Guardrail::PipelineTampering,
                "firehose:StartDeliveryStreamEncryption",
                ResourceKind::DeliveryStream,
            ),
            (Guardrail::DetectionTampering, "guardduty:UpdateMemberDetectors", ResourceKind::None),
            (Guardrail::DetectionTampering, "guardduty:UpdateIPSet", ResourceKind::IpSet),
            (Guardrail::DetectionTampering, "securityhub:DisableSecurityHubFeatureV2", ResourceKind::HubV2),
            (Guardrail::ReplicationTampering, "s3:PauseReplication", ResourceKind::SourceBucket),
        ] {
            let expected = ProtectedAction { name, resource };
            assert!(guardrail.actions().contains(&expected), "{name}: {:?}", guardrail.actions());
        }
    }
}
