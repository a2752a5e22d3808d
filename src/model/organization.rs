//! The organization: its tree, its policies, and whom it trusts. From the AWS Organizations API.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::observed::switch;
use super::{CentralizationRule, GapId, Gaps, Observed};

/// `PolicyType`.
pub(crate) const POLICY_TYPES: &[&str] = &[
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
];

/// The role that AWS Organizations makes in each account that it creates.
pub const DEFAULT_ROLE_NAME: &str = "OrganizationAccountAccessRole";

/// An AWS Organization, as its management account or a delegated administrator sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-` and its identity.
    pub id: String,
    /// The management account's number.
    pub management_account_id: String,
    /// All features are on; otherwise consolidated billing alone.
    #[serde(deserialize_with = "switch", default)]
    pub all_features: Observed<bool>,
    /// The root with its enabled policy types (AWS allows one root).
    pub roots: Observed<Vec<Root>>,
    /// All organizational units, parents before children.
    pub organizational_units: Observed<Vec<OrganizationalUnit>>,
    /// All accounts, suspended ones too, by number.
    pub accounts: Observed<Vec<AccountSummary>>,
    /// Service control policies, AWS's own too.
    pub service_control_policies: Observed<Vec<Policy>>,
    /// Resource control policies, AWS's own too.
    pub resource_control_policies: Observed<Vec<Policy>>,
    /// Policies of the further types that bear on logs, by type (`S3_POLICY`, `GUARDDUTY_POLICY`), where the root has
    /// the type enabled; `None` in a snapshot of a version that did not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub further_policies: Option<BTreeMap<String, Observed<Vec<Policy>>>>,
    /// Service principals with trusted access, such as `cloudtrail.amazonaws.com`.
    pub trusted_services: Observed<Vec<String>>,
    /// Delegated administrators.
    pub delegated_administrators: Observed<Vec<DelegatedAdministrator>>,
    /// The rules by which CloudWatch copies log groups of the organization's accounts to a central one; `Absent` where
    /// the organization does not trust it with that.
    pub centralization_rules: Observed<Vec<CentralizationRule>>,
}

/// The root of the organization's tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// `r-` and its identity.
    pub id: String,
    /// Enabled policy types, such as `SERVICE_CONTROL_POLICY`.
    pub enabled_policy_types: Vec<String>,
    /// Policy types whose status this release does not know, and the gap that quotes it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_policy_types: BTreeMap<String, GapId>,
}

impl Root {
    /// Whether policies of this type have effect in the organization.
    pub fn enables(&self, policy_type: &str) -> Result<bool, Gaps> {
        match self.unknown_policy_types.get(policy_type) {
            Some(gap) => Err(gap.clone().into()),
            None => Ok(self.enabled_policy_types.iter().any(|enabled| enabled == policy_type)),
        }
    }
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// `ou-` and its identity.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The root or unit above it.
    pub parent_id: String,
}

/// Whether an account in this state may be entered: in any but those that are known to keep everybody out (`State` of
/// `Account` in the Organizations API reference, read 2026-11-28). One that refuses is a gap, not silence.
pub(crate) fn may_be_entered(state: &str) -> bool {
    !matches!(state, "PENDING_ACTIVATION" | "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED")
}

/// An account as the organization lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `PENDING_ACTIVATION`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, or what a later release of AWS says.
    pub status: String,
    /// The root or unit that holds it.
    pub parent_id: Observed<String>,
    /// When it was created in the organization, or joined it.
    pub joined_at: Observed<DateTime<Utc>>,
    /// Its tags in the organization; `None` unless tags were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
}

impl AccountSummary {
    /// Only active accounts can be scanned.
    pub fn is_active(&self) -> bool {
        may_be_entered(&self.status)
    }
}

/// A policy of the organization, such as a service control policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `p-` and its identity.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// AWS's own (`FullAWSAccess`), which cannot be changed.
    pub aws_managed: bool,
    /// The policy document, JSON text.
    pub content: Observed<String>,
    /// What it is attached to.
    pub targets: Observed<Vec<PolicyTarget>>,
}

/// What a policy is attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyTarget {
    /// Root, unit or account identity.
    pub id: String,
    /// `ROOT`, `ORGANIZATIONAL_UNIT` or `ACCOUNT`.
    pub kind: String,
}

/// An account that administers services for the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegatedAdministrator {
    /// Twelve digits.
    pub account_id: String,
    /// Service principals that it administers.
    pub services: Observed<Vec<String>>,
}
