//! The report in the AWS Security Finding Format, version 2018-10-08: an array of findings as `BatchImportFindings`
//! takes them, each within the lengths of
//! <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.
//!
//! Security Hub takes findings of an account's own product from that account alone: `AwsAccountId` is the account that
//! imports, and the account that a finding is about stands in its resource and in `ProductFields`. Sent by
//! [`crate::deliver`].

mod limits;

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::SecondsFormat;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use self::limits::limited;
use super::remedy::Remedy;
use super::{Report, ReportedRule, json, words};
use crate::facts::{Subject, SubjectKind};
use crate::finding::{Finding, Verdict, Waiver, fingerprint};
use crate::frameworks::RuleControl;
use crate::model::default_regions;
use crate::model::security_finding::{
    Compliance, FindingProviderFields, FindingSeverity, Note, PREFIX, Product, Recommendation, Remediation,
    Resource, SecurityFinding, StatusReason, Workflow,
};
use crate::severity::Severity;

/// The name of the product and of its company.
const PRODUCT_NAME: &str = "Trailproof";

const TITLE: usize = 256;
const DESCRIPTION: usize = 1_024;
const RECOMMENDATION: usize = 512;
const NOTE: usize = 512;
const RESOURCE_ID: usize = 512;
const REGION: usize = 16;
const REASON: usize = 1_024;
const PRODUCT_FIELD: usize = 2_048;
const PRODUCT_FIELD_NAME: usize = 128;
/// As many related requirements as Security Hub takes.
const RELATED_REQUIREMENTS: usize = 32;
/// Gaps that one finding names.
const REASONS: usize = 20;
/// Facts that one finding shows: Security Hub takes 50 product fields.
const EVIDENCE: usize = 30;

/// The default product of the account that the snapshot was taken from, in `us-east-1`; in other partitions in the first
/// of their regions.
fn product_of(report: &Report) -> Product {
    let regions = default_regions(&report.partition);
    let region = match regions.iter().find(|region| **region == "us-east-1").or(regions.first()) {
        Some(region) => (*region).to_owned(),
        None => "us-east-1".to_owned(),
    };
    Product { partition: report.partition.clone(), region, account_id: report.caller_account_id.clone() }
}

/// The partition in the words of Security Hub's enumeration, which has not all of them: `Partition` of `Resource` in the
/// service model of `securityhub`, botocore 1.44.8. It may be left out.
fn partition(id: &str) -> Option<&'static str> {
    Some(match id {
        "aws" => "aws",
        "aws-cn" => "aws-cn",
        "aws-us-gov" => "aws-us-gov",
        "aws-iso" => "aws-us-iso",
        "aws-iso-b" => "aws-us-iso-b",
        _ => return None,
    })
}

/// Writes all findings, one a line.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    json::write_levels(&Findings { report, importer: Importer::new(report, &product_of(report)) }, 1, out)
}

struct Findings<'a> {
    report: &'a Report,
    importer: Importer<'a>,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (rule, finding) in self.report.findings() {
            list.serialize_element(&self.importer.finding(rule, &finding))?;
        }
        list.end()
    }
}

/// Makes findings for one product.
#[derive(Debug)]
pub(crate) struct Importer<'a> {
    report: &'a Report,
    product_arn: String,
    account_id: String,
    time: String,
}

impl<'a> Importer<'a> {
    /// For findings of this report in this product.
    pub(crate) fn new(report: &'a Report, product: &Product) -> Self {
        Self {
            report,
            product_arn: product.arn(),
            account_id: product.account_id.clone(),
            time: report.taken_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        }
    }

    /// A finding.
    pub(crate) fn finding(&self, rule: &ReportedRule, finding: &Finding) -> SecurityFinding {
        let severity = FindingSeverity {
            label: match finding.verdict {
                Verdict::Fail | Verdict::Unknown => label(rule.severity),
                Verdict::Pass | Verdict::NotApplicable => "INFORMATIONAL",
            },
            original: rule.severity.as_str(),
        };
        let types = types(rule);
        let waiver = finding.waiver.as_deref();
        let time = || self.time.clone();
        SecurityFinding {
            schema_version: "2018-10-08",
            id: format!("{PREFIX}{}", fingerprint(&rule.id, &finding.subject)),
            product_arn: self.product_arn.clone(),
            product_name: PRODUCT_NAME,
            company_name: PRODUCT_NAME,
            generator_id: format!("{PREFIX}{}", rule.id),
            aws_account_id: self.account_id.clone(),
            types: types.clone(),
            first_observed_at: time(),
            last_observed_at: time(),
            created_at: time(),
            updated_at: time(),
            severity: severity.clone(),
            title: limited(&rule.title, TITLE),
            description: limited(Report::message(rule, finding), DESCRIPTION),
            remediation: matches!(finding.verdict, Verdict::Fail | Verdict::Unknown)
                .then(|| self.remediation(rule, finding)),
            product_fields: self.product_fields(rule, finding),
            resources: [self.resource(&finding.subject)],
            compliance: Compliance {
                status: status(finding.verdict),
                related_requirements: related_requirements(&rule.controls),
                status_reasons: self.status_reasons(finding),
            },
            workflow: Workflow {
                status: match finding.verdict {
                    Verdict::Fail if waiver.is_some() => "SUPPRESSED",
                    Verdict::Fail | Verdict::Unknown => "NEW",
                    Verdict::Pass | Verdict::NotApplicable => "RESOLVED",
                },
            },
            record_state: if finding.verdict == Verdict::NotApplicable { "ARCHIVED" } else { "ACTIVE" },
            note: waiver.map(|waiver| note(waiver, &self.time)),
            finding_provider_fields: FindingProviderFields { severity, types },
        }
    }

    fn product_fields(&self, rule: &ReportedRule, finding: &Finding) -> BTreeMap<String, String> {
        let subject = &finding.subject;
        let mut fields = BTreeMap::new();
        let mut put = |name: &str, value: &str| {
            let name = limited(&format!("{PREFIX}{name}"), PRODUCT_FIELD_NAME);
            fields.insert(name, limited(value, PRODUCT_FIELD));
        };
        put(field::RULE, &rule.id);
        put(field::VERDICT, finding.verdict.as_str());
        put(field::SUBJECT_KIND, subject.kind.as_str());
        put(field::SUBJECT, &subject.id);
        if let Some(account) = &subject.account_id {
            put(field::ACCOUNT, account);
        }
        if let Some(region) = &subject.region {
            put(field::REGION, region);
        }
        if let Some(name) = &subject.name {
            put(field::NAME, name);
        }
        if let Some((organization, _)) = &self.report.organization {
            put(field::ORGANIZATION, organization);
        }
        if let Some(waiver) = finding.waiver.as_deref() {
            put(field::WAIVER, &waiver.id);
        }
        if let Some(scope) = &self.report.scope_line {
            put(field::SCOPE, scope);
        }
        if rule.controls.len() > RELATED_REQUIREMENTS {
            put("RelatedRequirements", &rule.controls.len().to_string());
        }
        put("Version", env!("CARGO_PKG_VERSION"));
        for evidence in finding.evidence.iter().take(EVIDENCE) {
            let value = match &evidence.value {
                Some(value) => value.to_string(),
                None => "could not be read".to_owned(),
            };
            put(&format!("Evidence/{}", evidence.path), &value);
        }
        fields
    }

    fn resource(&self, subject: &Subject) -> Resource {
        let listed = &*subject.id != "*" || subject.account_id.is_none();
        let kind = match subject.kind {
            _ if !listed => SubjectKind::Account.asff_type(),
            kind => kind.asff_type(),
        };
        // Security Hub's own name of an account, whatever AWS Organizations calls it.
        let id = match subject.account_id.as_deref() {
            Some(account) if kind == SubjectKind::Account.asff_type() => format!("AWS::::Account:{account}"),
            _ => words::resource(subject).into_owned(),
        };
        Resource {
            kind,
            id: limited(&id, RESOURCE_ID),
            partition: partition(&self.report.partition),
            region: subject.region.as_deref().map(|region| limited(region, REGION)),
        }
    }

    fn remediation(&self, rule: &ReportedRule, finding: &Finding) -> Remediation {
        let url = rule.references.iter().find(|url| url.starts_with("https://")).cloned();
        let remedy = Remedy::of(self.report, rule, finding);
        Remediation { recommendation: Recommendation { text: limited(&remedy.text, RECOMMENDATION), url } }
    }

    fn status_reasons(&self, finding: &Finding) -> Vec<StatusReason> {
        if finding.verdict == Verdict::NotApplicable {
            let description = "The rule does not concern this resource".to_owned();
            return vec![StatusReason { reason_code: "NOT_APPLICABLE".to_owned(), description }];
        }
        let reason = |gap: &crate::model::Gap| StatusReason {
            reason_code: reason_code(gap.reason),
            description: limited(&words::gap(gap), REASON),
        };
        let mut reasons: Vec<StatusReason> =
            finding.gaps.iter().take(REASONS).filter_map(|id| self.report.gap(id)).map(reason).collect();
        if finding.gaps.len() > REASONS {
            let description = format!("{} more calls did not answer", finding.gaps.len() - REASONS);
            reasons.push(StatusReason { reason_code: "OTHER".to_owned(), description });
        }
        reasons
    }
}

/// Names of product fields, after [`PREFIX`].
pub(crate) mod field {
    pub(crate) const RULE: &str = "RuleId";
    pub(crate) const VERDICT: &str = "Verdict";
    pub(crate) const SUBJECT_KIND: &str = "SubjectKind";
    pub(crate) const SUBJECT: &str = "Subject";
    pub(crate) const NAME: &str = "Name";
    pub(crate) const ACCOUNT: &str = "AccountId";
    pub(crate) const REGION: &str = "Region";
    pub(crate) const ORGANIZATION: &str = "OrganizationId";
    pub(crate) const WAIVER: &str = "WaiverId";
    pub(crate) const SCOPE: &str = "Scope";
}

/// An undecided check is neither passed nor failed: Security Hub's own checks say `NOT_AVAILABLE` of it too.
fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASSED",
        Verdict::Fail => "FAILED",
        Verdict::Unknown | Verdict::NotApplicable => "NOT_AVAILABLE",
    }
}

fn label(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "INFORMATIONAL",
        Severity::Low => "LOW",
        Severity::Medium => "MEDIUM",
        Severity::High => "HIGH",
        Severity::Critical => "CRITICAL",
    }
}

fn types(rule: &ReportedRule) -> Vec<&'static str> {
    let mut types = vec!["Software and Configuration Checks/AWS Security Best Practices"];
    if !rule.controls.is_empty() {
        types.push("Software and Configuration Checks/Industry and Regulatory Standards");
    }
    types
}

/// Of each framework in turn one, so that none is left out where there are too many.
fn related_requirements(controls: &[RuleControl]) -> Vec<String> {
    let mut ranked: Vec<(usize, usize)> = Vec::with_capacity(controls.len());
    let mut rank = 0;
    let mut last = None;
    for (place, control) in controls.iter().enumerate() {
        rank = if last == Some(&control.framework) { rank + 1 } else { 0 };
        last = Some(&control.framework);
        ranked.push((rank, place));
    }
    ranked.sort_unstable();
    ranked.truncate(RELATED_REQUIREMENTS);
    ranked.sort_unstable_by_key(|(_, place)| *place);
    ranked
        .into_iter()
        .filter_map(|(_, place)| controls.get(place))
        .map(|control| limited(&words::requirement(control), TITLE))
        .collect()
}

/// `ACCESS_DENIED`.
fn reason_code(reason: crate::model::GapReason) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(word)) => word.to_uppercase(),
        _ => "OTHER".to_owned(),
    }
}

/// What stands beside a suppressed finding.
pub(crate) fn note(waiver: &Waiver, time: &str) -> Note {
    Note {
        text: limited(&words::waiver(waiver), NOTE),
        updated_by: limited(&waiver.owner, NOTE),
        updated_at: time.to_owned(),
    }
}

#[cfg(test)]
mod tests;
