//! The rules of a SARIF file.

use std::collections::BTreeMap;

use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ToolComponent,
};

use super::super::{Report, ReportedRule};
use crate::severity::Severity;

/// This program as the tool that drives a run, with its rules. It has an address once the package names one.
pub(in crate::report) fn driver(rules: Vec<ReportingDescriptor>) -> ToolComponent {
    let mut driver = ToolComponent::builder()
        .name("Trailproof")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .short_description(text(env!("CARGO_PKG_DESCRIPTION")))
        .full_description(text(&format!("{}.", env!("CARGO_PKG_DESCRIPTION"))))
        .rules(rules)
        .notifications(vec![unanswered_call()])
        .build();
    let address = env!("CARGO_PKG_REPOSITORY");
    driver.information_uri = (!address.is_empty()).then(|| address.to_owned());
    driver
}

/// What stands under a call that did not answer.
pub(super) const UNANSWERED_CALL: &str = "unanswered-call";

/// The rule under which a finding stands that could not be decided.
pub(super) fn unknown_id(rule_id: &str) -> String {
    format!("{rule_id}/unknown")
}

/// All rules that ran, then those that could not be decided somewhere; and their places.
#[derive(Debug)]
pub(super) struct Descriptors {
    list: Vec<ReportingDescriptor>,
    places: BTreeMap<String, i64>,
}

impl Descriptors {
    pub(super) fn of(report: &Report) -> Self {
        let undecided = report.rules.iter().filter(|(_, counts)| counts.unknown > 0);
        let list: Vec<ReportingDescriptor> =
            report.rules().map(rule).chain(undecided.map(|(rule, _)| unknown(rule))).collect();
        let places = (0..).zip(&list).map(|(place, rule)| (rule.id.clone(), place)).collect();
        Self { list, places }
    }

    pub(super) fn list(&self) -> Vec<ReportingDescriptor> {
        self.list.clone()
    }

    pub(super) fn place(&self, id: &str) -> Option<i64> {
        self.places.get(id).copied()
    }
}

/// A name in the form that viewers expect beside an id: `TrailLogFileValidation`.
pub(in crate::report) fn name_of(id: &str) -> String {
    let words = id.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect()
}

pub(in crate::report) fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

/// `security-severity`: GitHub calls over 9.0 critical, from 7.0 high, from 4.0 medium, below low.
pub(in crate::report) fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}

fn rule(rule: &ReportedRule) -> ReportingDescriptor {
    let level = match rule.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    };
    let mut properties = PropertyBag::builder()
        .tags(["security", "aws", "audit-logging", rule.family.as_str()].map(str::to_owned))
        .build();
    if let Some(number) = security_severity(rule.severity) {
        properties.additional_properties.insert("security-severity".to_owned(), number.into());
    }
    let mut descriptor = ReportingDescriptor::builder()
        .id(rule.id.as_str())
        .name(name_of(&rule.id))
        .short_description(text(&rule.title))
        .full_description(text(&rule.rationale))
        .help(help(rule))
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .properties(properties)
        .build();
    descriptor.help_uri = rule.references.first().cloned();
    descriptor
}

fn help(rule: &ReportedRule) -> MultiformatMessageString {
    let mut plain = vec![rule.rationale.clone(), rule.remediation.clone()];
    let mut markdown = vec![rule.rationale.clone(), format!("**What to do.** {}", rule.remediation)];
    for (name, language, code) in [("AWS CLI", "sh", &rule.cli), ("Terraform", "hcl", &rule.terraform)] {
        if let Some(code) = code {
            plain.push(format!("{name}: {code}"));
            markdown.push(format!("{name}:\n\n```{language}\n{code}\n```"));
        }
    }
    for address in &rule.references {
        plain.push(address.clone());
        markdown.push(format!("<{address}>"));
    }
    MultiformatMessageString::builder().text(plain.join("\n\n")).markdown(markdown.join("\n\n")).build()
}

fn unknown(rule: &ReportedRule) -> ReportingDescriptor {
    let id = unknown_id(&rule.id);
    let help_text = "A call that this rule needs was refused or failed, so it neither passed nor failed. The run's \
                     notifications name the call and the account. Allow the audit role to make it \
                     (trailproof iam-policy prints its policy), and scan again.";
    ReportingDescriptor::builder()
        .id(id.as_str())
        .name(name_of(&id))
        .short_description(text(&format!("Not decided: {}", rule.title)))
        .full_description(text(help_text))
        .help(text(help_text))
        .default_configuration(ReportingConfiguration::builder().level("note").build())
        .properties(PropertyBag::builder().tags(["unknown", rule.family.as_str()].map(str::to_owned)).build())
        .build()
}

/// The kind of notification that gaps are.
fn unanswered_call() -> ReportingDescriptor {
    let why = "A call to AWS was refused or failed. What it would have said is not known, so that no rule that \
               needs it passes or fails.";
    let what_to_do = "The notification names the call, the account and AWS's answer. Allow the audit role to make it \
                      (trailproof iam-policy prints its policy), and scan again.";
    ReportingDescriptor::builder()
        .id(UNANSWERED_CALL)
        .name(name_of(UNANSWERED_CALL))
        .short_description(text("A call to AWS did not answer."))
        .full_description(text(why))
        .help(text(&format!("{why}\n\n{what_to_do}")))
        .default_configuration(ReportingConfiguration::builder().level("warning").build())
        .build()
}
