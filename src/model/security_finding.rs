//! A finding in the AWS Security Finding Format, version 2018-10-08, and the product that it is imported for:
//! <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.
//!
//! Made by [`crate::report::asff`], which also writes it to files; sent by `crate::aws`.

use std::collections::BTreeMap;

use serde::Serialize;

/// What identities, generators and product fields of this program's findings begin with.
pub(crate) const PREFIX: &str = "trailproof/";

/// Where findings are imported: the default product of an account in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    /// `aws`, `aws-us-gov`, `aws-cn`, ...
    pub(crate) partition: String,
    pub(crate) region: String,
    /// The account that imports.
    pub(crate) account_id: String,
}

impl Product {
    /// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-custom-providers.html>
    pub(crate) fn arn(&self) -> String {
        let Self { partition, region, account_id } = self;
        format!("arn:{partition}:securityhub:{region}:{account_id}:product/{account_id}/default")
    }
}

/// A finding as Security Hub takes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityFinding {
    pub(crate) schema_version: &'static str,
    /// [`PREFIX`] and the fingerprint: the same in every run.
    pub(crate) id: String,
    pub(crate) product_arn: String,
    pub(crate) product_name: &'static str,
    pub(crate) company_name: &'static str,
    /// [`PREFIX`] and the rule.
    pub(crate) generator_id: String,
    pub(crate) aws_account_id: String,
    pub(crate) types: Vec<&'static str>,
    /// When it was found first, as far as is known: times are RFC 3339, in UTC.
    pub(crate) first_observed_at: String,
    pub(crate) last_observed_at: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) severity: FindingSeverity,
    pub(crate) title: String,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remediation: Option<Remediation>,
    pub(crate) product_fields: BTreeMap<String, String>,
    pub(crate) resources: [Resource; 1],
    pub(crate) compliance: Compliance,
    pub(crate) workflow: Workflow,
    pub(crate) record_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<Note>,
    pub(crate) finding_provider_fields: FindingProviderFields,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FindingSeverity {
    pub(crate) label: &'static str,
    /// The rule's, whatever its verdict.
    pub(crate) original: &'static str,
}

/// What an import may change later: Security Hub takes the fields of the same names at the first import alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FindingProviderFields {
    pub(crate) severity: FindingSeverity,
    pub(crate) types: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Remediation {
    pub(crate) recommendation: Recommendation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Recommendation {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Resource {
    #[serde(rename = "Type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// One of Security Hub's enumeration; left out where that has none for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partition: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Compliance {
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related_requirements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) status_reasons: Vec<StatusReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StatusReason {
    pub(crate) reason_code: String,
    pub(crate) description: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Workflow {
    pub(crate) status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) updated_by: String,
    pub(crate) updated_at: String,
}
