//! The organization: its tree, its policies, and whom it trusts. From the AWS Organizations API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CentralizationRule, Observed};

/// The role that AWS Organizations makes in each account that it creates.
pub const DEFAULT_ROLE_NAME: &str = "OrganizationAccountAccessRole";

/// An AWS Organization, as its management account or a delegated administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-` and its identity.
    pub id: String,
    /// The management account's number.
    pub management_account_id: String,
    /// All features are on; otherwise consolidated billing alone.
    pub all_features: bool,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// `r-` and its identity.
    pub id: String,
    /// Enabled policy types, such as `SERVICE_CONTROL_POLICY`.
    pub enabled_policy_types: Vec<String>,
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

/// An account as the organization lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`.
    pub status: String,
    /// The root or unit that holds it.
    pub parent_id: Observed<String>,
    /// Its tags in the organization; `None` unless tags were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
}

impl AccountSummary {
    /// Only active accounts can be scanned.
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

/// A policy of the organization, such as a service control policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegatedAdministrator {
    /// Twelve digits.
    pub account_id: String,
    /// Service principals that it administers.
    pub services: Observed<Vec<String>>,
}
