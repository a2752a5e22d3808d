//! What the rule about resource policies of CloudWatch Logs asks: who may write to log groups, read them, or end them.

use super::grants::{Grant, grants};
use crate::document::Document;
use crate::request::Target;

/// Actions on log groups and their streams, of AWS's reference: those by which events come in, are read, are led elsewhere,
/// or end.
const LOG_GROUP_ACTIONS: &[&str] = &[
    "logs:CreateExportTask",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
    "logs:PutSubscriptionFilter",
    "logs:StartLiveTail",
    "logs:StartQuery",
];

/// What a policy lets whom do with log groups, or their streams, of which the pattern tells
/// (`arn:aws:logs:eu-west-1:111122223333:log-group:*`).
pub fn log_group_grants(document: &Document, log_groups: &str) -> Vec<Grant> {
    let log_groups = Target::resources(log_groups);
    LOG_GROUP_ACTIONS.iter().flat_map(|action| grants(document, action, &log_groups)).collect()
}
