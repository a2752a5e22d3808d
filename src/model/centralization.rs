//! Rules by which CloudWatch copies log groups of the organization's accounts to a central one. From the CloudWatch
//! Observability Admin API reference.

use serde::{Deserialize, Serialize};

use super::Observed;

/// A centralization rule of the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentralizationRule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it copies, and where to; `Absent` where it was gone when it was asked for.
    pub settings: Observed<CentralizationSettings>,
}

/// What a centralization rule copies, and where to. Words that AWS chooses from are as AWS writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentralizationSettings {
    /// `Healthy`, `Unhealthy` or `Provisioning`; `Absent` where AWS does not say.
    pub health: Observed<String>,
    /// Why it is not healthy; `Absent` where AWS does not say.
    pub failure: Observed<String>,
    /// An expression over accounts, units and the organization; `Absent` where AWS does not say.
    pub scope: Observed<String>,
    /// Source regions.
    pub regions: Vec<String>,
    /// Which log groups it copies; `Absent` where it says nothing of logs.
    pub logs: Observed<CentralizedLogs>,
    /// It says something of other telemetry than logs.
    pub copies_other_telemetry: Observed<bool>,
    /// The destination's account; `Absent` where AWS does not say.
    pub account_id: Observed<String>,
    /// The destination's region.
    pub region: String,
    /// How log groups of the destination are encrypted; `Absent` is with the service's key.
    pub encryption: Observed<CentralizedEncryption>,
}

/// Which log groups a centralization rule copies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentralizedLogs {
    /// An expression over names of log groups, `*` for all; `Absent` where AWS does not say.
    pub groups: Observed<String>,
    /// An expression over sources of data, which an event must meet besides; `Absent` is none.
    pub data_sources: Observed<String>,
    /// What becomes of log groups with a key of their own: `ALLOW` or `SKIP`.
    pub encrypted: String,
}

/// How a centralization rule encrypts log groups of its destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CentralizedEncryption {
    /// `AWS_OWNED` or `CUSTOMER_MANAGED`.
    pub strategy: String,
    /// Which log groups have the customer's key; `Absent` is those whose source has a key of its own.
    pub scope: Observed<String>,
}
