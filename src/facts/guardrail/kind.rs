//! The guardrails, each what one rule asks for. See [`super`].

/// What must be denied, as one rule asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guardrail {
    /// Leaving the organization.
    Leave,
    /// Stopping, deleting or narrowing trails.
    TrailTampering,
    /// Deleting the archive.
    ArchiveDeletion,
    /// Changing how the archive bucket is set up.
    ArchiveReconfiguration,
    /// Stopping or redirecting Config.
    ConfigTampering,
    /// Cutting the way of logs through CloudWatch Logs and streams.
    PipelineTampering,
    /// Ending the replication of logs.
    ReplicationTampering,
    /// Switching detection off.
    DetectionTampering,
    /// Destroying keys that encrypt logs.
    KeyDestruction,
    /// Deleting flow logs and query logging.
    FlowLogDeletion,
    /// Taking over the roles of auditing and logging.
    AuditRoleTampering,
}

impl Guardrail {
    /// All of them, in the order of the catalogue.
    pub const ALL: [Self; 11] = [
        Self::Leave,
        Self::TrailTampering,
        Self::ArchiveDeletion,
        Self::ArchiveReconfiguration,
        Self::ConfigTampering,
        Self::PipelineTampering,
        Self::ReplicationTampering,
        Self::DetectionTampering,
        Self::KeyDestruction,
        Self::FlowLogDeletion,
        Self::AuditRoleTampering,
    ];

    /// The rule that asks it.
    pub fn rule_id(self) -> &'static str {
        match self {
            Self::Leave => "org-deny-leave",
            Self::TrailTampering => "org-deny-trail-tampering",
            Self::ArchiveDeletion => "org-deny-archive-deletion",
            Self::ArchiveReconfiguration => "org-deny-archive-reconfiguration",
            Self::ConfigTampering => "org-deny-config-tampering",
            Self::PipelineTampering => "org-deny-pipeline-tampering",
            Self::ReplicationTampering => "org-deny-replication-tampering",
            Self::DetectionTampering => "org-deny-detection-tampering",
            Self::KeyDestruction => "org-deny-key-destruction",
            Self::FlowLogDeletion => "org-deny-flow-log-deletion",
            Self::AuditRoleTampering => "org-deny-audit-role-tampering",
        }
    }

    /// What its actions do, as a short title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Leave => "leaving the organization",
            Self::TrailTampering => "tampering with trails",
            Self::ArchiveDeletion => "deleting the archive",
            Self::ArchiveReconfiguration => "reconfiguring the archive",
            Self::ConfigTampering => "stopping Config",
            Self::PipelineTampering => "cutting the log pipeline",
            Self::ReplicationTampering => "ending replication",
            Self::DetectionTampering => "switching detection off",
            Self::KeyDestruction => "destroying log keys",
            Self::FlowLogDeletion => "deleting flow logs",
            Self::AuditRoleTampering => "taking over audit roles",
        }
    }

    /// It concerns every member account alike, whatever that holds.
    pub fn is_universal(self) -> bool {
        matches!(
            self,
            Self::Leave
                | Self::TrailTampering
                | Self::ConfigTampering
                | Self::DetectionTampering
                | Self::FlowLogDeletion
                | Self::AuditRoleTampering
        )
    }
}
