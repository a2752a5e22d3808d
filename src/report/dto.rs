//! The frozen shape of the JSON report. Nothing else in the program decides it: internal types may change, this may
//! only grow, and then [`SCHEMA_VERSION`] grows with it.

mod passes;

use chrono::{NaiveDate, SecondsFormat};
use schemars::{JsonSchema, Schema};
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use self::passes::{Passes, PassesDto, Subjects};
use super::frameworks::FrameworkResult;
use super::{Report, ReportedRule, Scope, Summary, VerdictCounts};
use crate::facts::{Subject, SubjectKind};
use crate::finding::{Evidence, Finding, Verdict, Waiver, fingerprint};
use crate::frameworks::RuleControl;
use crate::model::{Gap, GapReason};
use crate::severity::Severity;

/// Raised in its second part when a field is added, in its first when one changes or goes.
pub const SCHEMA_VERSION: &str = "1.3";

/// A report.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Report", title = "Trailproof report")]
pub struct ReportDto<'a> {
    /// The version of this shape.
    schema_version: &'static str,
    /// What made the report.
    tool: ToolDto,
    /// What it was made from.
    snapshot: SnapshotDto,
    /// The organization; null for an account that is in none, or where it could not be read.
    organization: Option<OrganizationDto<'a>>,
    /// What was looked at, and what was not.
    scope: &'a Scope,
    /// The counts.
    summary: &'a Summary,
    /// Nothing in scope was left unread and nothing undecided.
    complete: bool,
    /// Every rule that ran, by id.
    rules: Vec<RuleDto<'a>>,
    /// The frameworks that were asked for, else all: of each the controls that are about logging, and no others.
    frameworks: &'a [FrameworkResult],
    /// Every finding, passes too, by rule and subject; where passes are folded, failures and unknowns alone.
    #[schemars(with = "Vec<FindingDto>")]
    findings: Findings<'a>,
    /// Where passes are folded: every subject of a finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<SubjectDto>>")]
    subjects: Option<Subjects<'a>>,
    /// Where passes are folded: what passes and what does not apply, by rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<PassesDto>>")]
    passes: Option<Passes<'a>>,
    /// What could not be read, by identity.
    #[schemars(with = "Vec<GapDto>")]
    gaps: Gaps<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
struct ToolDto {
    /// `trailproof`.
    name: &'static str,
    /// The version that made the report.
    version: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Snapshot")]
struct SnapshotDto {
    /// When collecting began, in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: String,
    /// The version of the snapshot's format.
    format_version: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Organization")]
struct OrganizationDto<'a> {
    /// `o-` and its identity.
    id: &'a str,
    /// Twelve digits.
    management_account_id: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Rule")]
struct RuleDto<'a> {
    /// `trail-log-file-validation`; never reused.
    id: &'a str,
    /// What is so where the rule passes.
    title: &'a str,
    /// As the rule or the configuration sets it.
    severity: Severity,
    /// What it is about.
    subject: SubjectKind,
    /// The folder of rules that it belongs to.
    family: &'a str,
    /// Its findings by verdict.
    counts: VerdictCounts,
    /// The controls of frameworks that it tells about.
    controls: Vec<RuleControlDto<'a>>,
    /// Why it matters.
    rationale: &'a str,
    /// What to do about a failure. `{bucket.name}` and the like stand for what the finding is about.
    remediation: RemediationDto<'a>,
    /// Addresses of documentation.
    references: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Remediation")]
struct RemediationDto<'a> {
    /// In words.
    text: &'a str,
    /// A command of the AWS CLI, where there is one.
    cli: Option<&'a str>,
    /// The same in Terraform, where there is such a setting.
    terraform: Option<&'a str>,
    /// Why there is neither.
    by_hand: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleControl")]
struct RuleControlDto<'a> {
    /// The framework's id.
    framework: &'a str,
    /// The control's id in it.
    control: &'a str,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct FindingDto<'a> {
    /// The rule.
    rule_id: &'a str,
    /// The rule's severity.
    severity: Severity,
    /// The conclusion.
    verdict: Verdict,
    /// What it is about.
    subject: SubjectDto<'a>,
    /// For people; the rule's title where it passes or does not apply.
    message: &'a str,
    /// The facts that the rule asked for.
    evidence: Vec<EvidenceDto<'a>>,
    /// Identities of the gaps that kept the rule from deciding; not empty exactly if the verdict is unknown.
    gaps: Vec<&'a str>,
    /// The accepted risk that covers this failure, which stays a failure.
    waiver: Option<WaiverDto<'a>>,
    /// The finding's identity, the same in every run and on every machine.
    fingerprint: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Subject")]
struct SubjectDto<'a> {
    /// What it is.
    kind: SubjectKind,
    /// Twelve digits; null where it is not known which account owns it.
    account_id: Option<&'a str>,
    /// Its region, where it has one.
    region: Option<&'a str>,
    /// Its identity within kind, account and region; `*` where the subjects could not be listed.
    id: &'a str,
    /// Its ARN, where it has one.
    arn: Option<&'a str>,
    /// Its name, where it has one.
    name: Option<&'a str>,
}

impl<'a> SubjectDto<'a> {
    fn new(subject: &'a Subject) -> Self {
        Self {
            kind: subject.kind,
            account_id: subject.account_id.as_deref(),
            region: subject.region.as_deref(),
            id: &subject.id,
            arn: subject.arn.as_deref(),
            name: subject.name.as_deref(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
struct EvidenceDto<'a> {
    /// The fact, as the rule names it.
    path: &'a str,
    /// Its value.
    value: Option<&'a serde_json::Value>,
    /// Present, and true, where the fact could not be read: its null is no value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schemars(default)]
    unavailable: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Waiver")]
struct WaiverDto<'a> {
    /// Its name in the file of waivers.
    id: &'a str,
    /// Why the risk is accepted.
    reason: &'a str,
    /// Who accepted it.
    owner: &'a str,
    /// The last day that it holds, in UTC.
    expires: NaiveDate,
    /// Where it was decided.
    ticket: Option<&'a str>,
}

impl<'a> WaiverDto<'a> {
    fn new(waiver: &'a Waiver) -> Self {
        let Waiver { id, reason, owner, expires, ticket } = waiver;
        Self { id, reason, owner, expires: *expires, ticket: ticket.as_deref() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
pub(super) struct GapDto<'a> {
    /// `gap-` and its identity, the same in every run.
    id: &'a str,
    /// The account that was asked; null for the organization.
    account_id: Option<&'a str>,
    /// The region that was asked; null for global services.
    region: Option<&'a str>,
    /// The service, as in IAM action names.
    service: &'a str,
    /// The API operation.
    operation: &'a str,
    /// The trail, bucket or key that was asked for, where the call names one.
    resource: Option<&'a str>,
    /// Why it did not answer.
    reason: GapReason,
    /// AWS's error code and message.
    detail: &'a str,
}

impl<'a> ReportDto<'a> {
    /// A view of the report: nothing is copied but the rules' short texts' addresses.
    pub fn new(report: &'a Report) -> Self {
        let control =
            |found: &'a RuleControl| RuleControlDto { framework: &found.framework, control: &found.control };
        let rule = |(rule, counts): &'a (ReportedRule, VerdictCounts)| RuleDto {
            id: &rule.id,
            title: &rule.title,
            severity: rule.severity,
            subject: rule.subject,
            family: &rule.family,
            counts: *counts,
            controls: rule.controls.iter().map(control).collect(),
            rationale: &rule.rationale,
            remediation: RemediationDto {
                text: &rule.remediation,
                cli: rule.cli.as_deref(),
                terraform: rule.terraform.as_deref(),
                by_hand: rule.by_hand.as_deref(),
            },
            references: &rule.references,
        };
        Self {
            schema_version: SCHEMA_VERSION,
            tool: ToolDto { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            snapshot: SnapshotDto {
                taken_at: report.taken_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
                format_version: report.format_version,
            },
            organization: report
                .organization
                .as_ref()
                .map(|(id, management_account_id)| OrganizationDto { id, management_account_id }),
            scope: &report.scope,
            summary: &report.summary,
            complete: report.complete(),
            rules: report.rules.iter().map(rule).collect(),
            frameworks: &report.frameworks,
            findings: Findings(report),
            subjects: report.passes_folded.then_some(Subjects(report)),
            passes: report.passes_folded.then_some(Passes(report)),
            gaps: Gaps(&report.gaps),
        }
    }

    /// The JSON Schema of a report.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<ReportDto<'static>>()
    }
}

impl<'a> FindingDto<'a> {
    /// A view of a finding.
    pub fn new(rule: &'a ReportedRule, finding: &'a Finding) -> Self {
        let subject = &finding.subject;
        let evidence = |evidence: &'a Evidence| EvidenceDto {
            path: &evidence.path,
            value: evidence.value.as_ref(),
            unavailable: evidence.value.is_none(),
        };
        Self {
            rule_id: &rule.id,
            severity: rule.severity,
            verdict: finding.verdict,
            subject: SubjectDto::new(subject),
            message: Report::message(rule, finding),
            evidence: finding.evidence.iter().map(evidence).collect(),
            gaps: finding.gaps.iter().map(crate::model::GapId::as_str).collect(),
            waiver: finding.waiver.as_deref().map(WaiverDto::new),
            fingerprint: fingerprint(&rule.id, subject),
        }
    }
}

/// Findings, made into their shape one at a time.
#[derive(Debug)]
struct Findings<'a>(&'a Report);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut add = |(rule, finding): (&ReportedRule, Finding)| {
            list.serialize_element(&FindingDto::new(rule, &finding))
        };
        if self.0.passes_folded {
            self.0.failures_and_unknowns().try_for_each(&mut add)?;
        } else {
            self.0.findings().try_for_each(&mut add)?;
        }
        list.end()
    }
}

#[derive(Debug)]
pub(super) struct Gaps<'a>(pub(super) &'a [Gap]);

impl Serialize for Gaps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|gap| GapDto {
            id: gap.id.as_str(),
            account_id: gap.account_id.as_deref(),
            region: gap.region.as_deref(),
            service: &gap.service,
            operation: &gap.operation,
            resource: gap.resource.as_deref(),
            reason: gap.reason,
            detail: &gap.detail,
        }))
    }
}
