//! The report as events of the Open Cybersecurity Schema Framework: class Compliance Finding (2003), version 1.5.0,
//! with the profile `cloud` (<https://schema.ocsf.io/1.5.0/classes/compliance_finding>).
//!
//! One event a line, since that is what pipelines take in: Security Lake's, and those of log platforms. Every finding
//! of every verdict is an event.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::remedy::Remedy;
use super::{Report, ReportedRule, json, words};
use crate::facts::SubjectKind;
use crate::finding::{Finding, Verdict, Waiver, fingerprint};
use crate::model::GapId;
use crate::severity::Severity;

/// The version of the schema.
pub const SCHEMA_VERSION: &str = "1.5.0";

/// Gaps that one event names in words; it has the identities of all.
const GAPS_IN_WORDS: usize = 20;

/// Writes an event a line.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for (rule, finding) in report.findings() {
        json::write_levels(&Event::new(report, rule, &finding), 0, out)?;
    }
    Ok(())
}

/// <https://schema.ocsf.io/1.5.0/classes/compliance_finding>
#[derive(Debug, Serialize)]
struct Event<'a> {
    activity_id: u8,
    activity_name: &'static str,
    category_uid: u8,
    category_name: &'static str,
    class_uid: u16,
    class_name: &'static str,
    type_uid: u32,
    type_name: &'static str,
    /// Milliseconds since 1970.
    time: i64,
    severity_id: u8,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    status_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_detail: Option<String>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    metadata: Metadata<'a>,
    finding_info: FindingInfo<'a>,
    compliance: Compliance<'a>,
    cloud: Cloud<'a>,
    resources: [Resource<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<Remediation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidences: Vec<EvidenceArtifact<'a>>,
    unmapped: Unmapped<'a>,
}

#[derive(Debug, Serialize)]
struct Metadata<'a> {
    version: &'static str,
    product: Product,
    profiles: [&'static str; 1],
    event_code: &'a str,
}

#[derive(Debug, Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

#[derive(Debug, Serialize)]
struct FindingInfo<'a> {
    uid: String,
    title: &'a str,
    desc: &'a str,
    types: [&'a str; 1],
    analytic: Analytic<'a>,
}

#[derive(Debug, Serialize)]
struct Analytic<'a> {
    uid: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    type_id: u8,
    category: &'a str,
}

#[derive(Debug, Serialize)]
struct Compliance<'a> {
    /// The rule, as Security Hub puts its control's id here.
    control: &'a str,
    desc: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    standards: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requirements: Vec<String>,
    status_id: u8,
    status: &'static str,
    checks: [Check<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Check<'a> {
    uid: &'a str,
    name: &'a str,
    severity_id: u8,
    severity: &'static str,
    status_id: u8,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct Cloud<'a> {
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org: Option<Organization<'a>>,
}

#[derive(Debug, Serialize)]
struct Account<'a> {
    uid: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    type_id: u8,
}

#[derive(Debug, Serialize)]
struct Organization<'a> {
    uid: &'a str,
}

#[derive(Debug, Serialize)]
struct Resource<'a> {
    uid: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    cloud_partition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    group: Group,
}

#[derive(Debug, Serialize)]
struct Group {
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Remediation<'a> {
    desc: Cow<'a, str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    references: &'a [String],
}

/// A fact that decided.
#[derive(Debug, Serialize)]
struct EvidenceArtifact<'a> {
    name: &'a str,
    data: EvidenceData<'a>,
}

#[derive(Debug, Serialize)]
struct EvidenceData<'a> {
    value: Option<&'a serde_json::Value>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unavailable: bool,
}

/// What OCSF has no place for.
#[derive(Debug, Serialize)]
struct Unmapped<'a> {
    rule_id: &'a str,
    verdict: Verdict,
    subject_kind: SubjectKind,
    subject_id: &'a str,
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl<'a> Event<'a> {
    fn new(report: &'a Report, rule: &'a ReportedRule, finding: &'a Finding) -> Self {
        let waiver = finding.waiver.as_deref();
        let (severity_id, severity) = match finding.verdict {
            Verdict::Fail | Verdict::Unknown => severity(rule.severity),
            Verdict::Pass | Verdict::NotApplicable => severity(Severity::Info),
        };
        let status = status(finding.verdict, waiver);
        Self {
            activity_id: 1,
            activity_name: "Create",
            category_uid: 2,
            category_name: "Findings",
            class_uid: 2003,
            class_name: "Compliance Finding",
            type_uid: 200_301,
            type_name: "Compliance Finding: Create",
            time: report.taken_at.timestamp_millis(),
            severity_id,
            severity,
            status_id: status.map(|(id, _)| id),
            status: status.map(|(_, caption)| caption),
            status_code: finding.verdict.as_str(),
            status_detail: words::gaps(report, finding, GAPS_IN_WORDS),
            message: Report::message(rule, finding),
            comment: waiver.map(words::waiver),
            metadata: Metadata {
                version: SCHEMA_VERSION,
                product: Product {
                    name: "Trailproof",
                    vendor_name: "Trailproof",
                    version: env!("CARGO_PKG_VERSION"),
                },
                profiles: ["cloud"],
                event_code: &rule.id,
            },
            finding_info: FindingInfo {
                uid: fingerprint(&rule.id, &finding.subject),
                title: &rule.title,
                desc: &rule.rationale,
                types: [&rule.family],
                analytic: Analytic {
                    uid: &rule.id,
                    name: &rule.title,
                    kind: "Rule",
                    type_id: 1,
                    category: &rule.family,
                },
            },
            compliance: compliance(rule, finding.verdict),
            cloud: cloud(report, finding),
            resources: [resource(report, finding)],
            remediation: matches!(finding.verdict, Verdict::Fail | Verdict::Unknown).then(|| Remediation {
                desc: Remedy::of(report, rule, finding).whole(),
                references: &rule.references,
            }),
            evidences: finding
                .evidence
                .iter()
                .map(|evidence| EvidenceArtifact {
                    name: &evidence.path,
                    data: EvidenceData {
                        value: evidence.value.as_ref(),
                        unavailable: evidence.value.is_none(),
                    },
                })
                .collect(),
            unmapped: Unmapped {
                rule_id: &rule.id,
                verdict: finding.verdict,
                subject_kind: finding.subject.kind,
                subject_id: &finding.subject.id,
                account_id: finding.subject.account_id.as_deref(),
                gaps: finding.gaps.iter().map(GapId::as_str).collect(),
                waiver_id: waiver.map(|waiver| waiver.id.as_str()),
                scope: report.scope_line.as_deref(),
            },
        }
    }
}

fn severity(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Where the work on a finding stands; nobody works on what passes.
fn status(verdict: Verdict, waiver: Option<&Waiver>) -> Option<(u8, &'static str)> {
    match verdict {
        Verdict::Fail if waiver.is_some() => Some((3, "Suppressed")),
        Verdict::Fail | Verdict::Unknown => Some((1, "New")),
        Verdict::Pass | Verdict::NotApplicable => None,
    }
}

fn compliance(rule: &ReportedRule, verdict: Verdict) -> Compliance<'_> {
    let (status_id, status) = match verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Fail => (3, "Fail"),
        Verdict::Unknown => (0, "Unknown"),
        Verdict::NotApplicable => (99, "Not Applicable"),
    };
    let (severity_id, severity) = severity(rule.severity);
    let mut standards: Vec<String> =
        rule.controls.iter().map(|control| words::standard(&control.name, &control.version)).collect();
    // A framework's controls stand together.
    standards.dedup();
    Compliance {
        control: &rule.id,
        desc: &rule.title,
        standards,
        requirements: rule.controls.iter().map(words::requirement).collect(),
        status_id,
        status,
        checks: [Check { uid: &rule.id, name: &rule.title, severity_id, severity, status_id, status }],
    }
}

fn cloud<'a>(report: &'a Report, finding: &'a Finding) -> Cloud<'a> {
    let account = |id: &'a str| Account {
        uid: id,
        name: report.account_names.get(id).map_or(id, String::as_str),
        kind: "AWS Account",
        type_id: 10,
    };
    Cloud {
        provider: "AWS",
        region: finding.subject.region.as_deref(),
        account: finding.subject.account_id.as_deref().map(account),
        org: report.organization.as_ref().map(|(id, _)| Organization { uid: id }),
    }
}

fn resource<'a>(report: &'a Report, finding: &'a Finding) -> Resource<'a> {
    let subject = &finding.subject;
    Resource {
        uid: words::resource(subject),
        name: subject.name.as_deref(),
        kind: match subject.kind {
            // What could not be listed is said of the account.
            _ if &*subject.id == "*" && subject.account_id.is_some() => SubjectKind::Account.ocsf_type(),
            kind => kind.ocsf_type(),
        },
        cloud_partition: &report.partition,
        region: subject.region.as_deref(),
        group: Group { name: subject.kind.service() },
    }
}
