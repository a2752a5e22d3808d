//! A rule as reports tell it: its texts with the values of its parameters filled in.

use crate::facts::SubjectKind;
use crate::frameworks::RuleControl;
use crate::rules::{Rule, Template};
use crate::severity::Severity;

/// A rule that ran, and how often it reached which verdict.
#[derive(Debug, Clone)]
pub struct ReportedRule {
    /// `trail-log-file-validation`.
    pub id: String,
    /// What is so where the rule passes.
    pub title: String,
    /// As the rule or the configuration sets it.
    pub severity: Severity,
    /// What it is about.
    pub subject: SubjectKind,
    /// The folder of rules that it belongs to: `trail`.
    pub family: String,
    /// Why it matters.
    pub rationale: String,
    /// What to do about a failure, for people.
    pub remediation: String,
    /// A command of the AWS CLI that does it.
    pub cli: Option<String>,
    /// The same in Terraform.
    pub terraform: Option<String>,
    /// Why neither is there.
    pub by_hand: Option<String>,
    /// Addresses of documentation.
    pub references: Vec<String>,
    /// The controls of frameworks that it tells about.
    pub controls: Vec<RuleControl>,
}

impl From<&Rule> for ReportedRule {
    fn from(rule: &Rule) -> Self {
        let text = |template: &Template| template.render(&rule.parameters, None);
        Self {
            id: rule.id.to_string(),
            title: rule.title.clone(),
            severity: rule.severity,
            subject: rule.subject,
            family: rule.family.clone(),
            rationale: rule.rationale.clone(),
            remediation: text(&rule.remediation.text),
            cli: rule.remediation.cli.as_ref().map(text),
            terraform: rule.remediation.terraform.as_ref().map(text),
            by_hand: rule.remediation.by_hand.clone(),
            references: rule.references.clone(),
            controls: Vec::new(),
        }
    }
}
