//! What CloudWatch answers of centralization rules, as far as it is read. See [`super`].
#![expect(clippy::struct_field_names, reason = "members are called as the service calls them")]

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    pub(super) centralization_rule_summaries: Option<Vec<Summary>>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    pub(super) rule_name: Option<String>,
    pub(super) rule_arn: Option<String>,
    pub(super) created_region: Option<String>,
    pub(super) destination_account_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rule {
    pub(super) rule_arn: Option<String>,
    pub(super) rule_health: Option<String>,
    pub(super) failure_reason: Option<String>,
    pub(super) centralization_rule: Option<Ends>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ends {
    pub(super) source: Option<Source>,
    pub(super) destination: Option<Destination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Source {
    pub(super) regions: Option<Vec<String>>,
    pub(super) scope: Option<String>,
    pub(super) source_logs_configuration: Option<SourceLogs>,
    pub(super) source_metrics_configuration: Option<Value>,
    pub(super) source_context_graph_configuration: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SourceLogs {
    pub(super) log_group_selection_criteria: Option<String>,
    pub(super) data_source_selection_criteria: Option<String>,
    pub(super) encrypted_log_group_strategy: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Destination {
    pub(super) region: Option<String>,
    pub(super) account: Option<String>,
    pub(super) destination_logs_configuration: Option<DestinationLogs>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DestinationLogs {
    pub(super) logs_encryption_configuration: Option<Encryption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Encryption {
    pub(super) encryption_strategy: Option<String>,
    pub(super) encryption_scope: Option<String>,
}
