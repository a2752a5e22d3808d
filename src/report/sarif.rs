//! The report as SARIF 2.1.0, in the subset that GitHub code scanning accepts and shows.
//!
//! GitHub wants a relative path and a whole region for each result, reads the severity from the rule, and takes no
//! notice of `kind`: it shows each result as an alert of its rule. An undecided finding therefore stands under a rule
//! of its own, `<rule>/unknown`, a note without security severity: to be seen, but not as a failure. It shows 5,000
//! results of a file, so there are as many files as it takes, the worst findings first.

pub(super) mod descriptor;
pub(super) mod location;

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_sarif::sarif::{
    Invocation, Message, Notification, PropertyBag, ReportingDescriptorReference, Result as SarifResult,
    ResultKind, ResultLevel, Run, RunAutomationDetails, Sarif as SarifLog, Suppression, Tool,
};

use super::{Report, ReportedRule, json, text, words};
use crate::finding::{Finding, Verdict, Waiver, fingerprint};
use crate::model::Gap;
use crate::severity::Severity;

/// Results in one file: what GitHub shows of it.
pub const RESULTS_IN_FILE: usize = 5_000;
/// Notifications in one file; one more says how many there are.
const NOTIFICATIONS_IN_FILE: usize = 1_000;
/// Gaps named by one result.
const GAPS_IN_RESULT: usize = 20;

pub(super) const SCHEMA_ADDRESS: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes the worst [`RESULTS_IN_FILE`] results: the first file, or the only one.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    Files::new(report).render(0, out)
}

/// A report as one or more SARIF files.
#[derive(Debug)]
pub struct Files<'a> {
    report: &'a Report,
    descriptors: descriptor::Descriptors,
    open: Vec<u32>,
}

impl<'a> Files<'a> {
    /// Puts the failures and unknowns in order, worst first.
    pub fn new(report: &'a Report) -> Self {
        Self { report, descriptors: descriptor::Descriptors::of(report), open: report.open_findings() }
    }

    /// How many files there are; one, even without results.
    pub fn count(&self) -> usize {
        self.open.len().div_ceil(RESULTS_IN_FILE).max(1)
    }

    /// How many results there are in all files.
    pub fn results(&self) -> usize {
        self.open.len()
    }

    /// Writes a file, by its number from 0.
    pub fn render(&self, file: usize, out: &mut dyn Write) -> io::Result<()> {
        let first = file * RESULTS_IN_FILE;
        let results = self
            .open
            .iter()
            .skip(first)
            .take(RESULTS_IN_FILE)
            .filter_map(|place| self.report.finding(*place))
            .map(|(rule, finding)| self.result(rule, &finding))
            .collect::<Vec<_>>();
        let driver = descriptor::driver(self.descriptors.list());
        let run = Run::builder()
            .tool(Tool::builder().driver(driver).build())
            .automation_details(RunAutomationDetails::builder().id(self.category(file)).build())
            .invocations(vec![self.invocation()])
            .column_kind("utf16CodeUnits")
            .results(results)
            .build();
        let log = SarifLog::builder().schema(SCHEMA_ADDRESS).version("2.1.0").runs(vec![run]).build();
        json::write_lines(&log, out)
    }

    fn invocation(&self) -> Invocation {
        let mut invocation = invocation(self.report.complete(), self.report.gaps());
        let scope = serde_json::to_value(self.report.scope()).unwrap_or_default();
        invocation.properties =
            Some(PropertyBag::builder().additional_properties([("scope".to_owned(), scope)]).build());
        invocation
    }

    /// GitHub replaces an upload by the next of the same category: each file is one of its own.
    fn category(&self, file: usize) -> String {
        let organization = location::organization(self.report);
        if file == 0 {
            format!("trailproof/{organization}/")
        } else {
            format!("trailproof/{organization}/{}/", file + 1)
        }
    }

    fn result(&self, rule: &ReportedRule, finding: &Finding) -> SarifResult {
        let unknown = finding.verdict == Verdict::Unknown;
        let rule_id = if unknown { descriptor::unknown_id(&rule.id) } else { rule.id.clone() };
        let mut result = SarifResult::builder()
            .message(message(Report::message(rule, finding)))
            .locations(vec![location::of(self.report, &finding.subject)])
            .partial_fingerprints([(
                "primaryLocationLineHash".to_owned(),
                fingerprint(&rule.id, &finding.subject),
            )])
            .build();
        result.rule_index = self.descriptors.place(&rule_id);
        result.rule_id = Some(rule_id);
        if unknown {
            // Without a level: the standard then says "none", GitHub the rule's own, which is "note".
            result.kind = Some(ResultKind::Open);
            result.properties = Some(gap_properties(rule, finding));
        } else {
            result.kind = Some(ResultKind::Fail);
            result.suppressions = finding.waiver.as_deref().map(|waiver| vec![suppression(waiver)]);
            result.level = Some(match rule.severity {
                Severity::Critical | Severity::High => ResultLevel::Error,
                Severity::Medium => ResultLevel::Warning,
                Severity::Low | Severity::Info => ResultLevel::Note,
            });
        }
        result
    }
}

/// An accepted risk. It stands outside of what is scanned, and somebody has answered for it.
fn suppression(waiver: &Waiver) -> Suppression {
    let Waiver { id, reason, owner, expires, ticket } = waiver;
    let ticket = ticket.as_deref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    let justification = format!("{reason} ({id}, {owner}, until {expires}{ticket})");
    Suppression::builder()
        .kind("external")
        .status("accepted")
        .justification(text::fit(&justification, LONGEST_MESSAGE))
        .build()
}

/// How the run went: calls that did not answer are notifications.
pub(super) fn invocation(complete: bool, gaps: &[Gap]) -> Invocation {
    let mut notifications: Vec<Notification> =
        gaps.iter().take(NOTIFICATIONS_IN_FILE).map(gap_notification).collect();
    if gaps.len() > NOTIFICATIONS_IN_FILE {
        let rest = gaps.len() - NOTIFICATIONS_IN_FILE;
        notifications.push(notification(&format!("{rest} more calls did not answer: see the JSON report")));
    }
    Invocation::builder().execution_successful(complete).tool_execution_notifications(notifications).build()
}

fn gap_properties(rule: &ReportedRule, finding: &Finding) -> PropertyBag {
    let gaps: Vec<&str> = finding.gaps.iter().take(GAPS_IN_RESULT).map(crate::model::GapId::as_str).collect();
    PropertyBag::builder()
        .additional_properties([
            ("rule_id".to_owned(), rule.id.as_str().into()),
            ("gaps".to_owned(), gaps.into()),
        ])
        .build()
}

fn gap_notification(gap: &Gap) -> Notification {
    notification(&format!("{}: {}", gap.id, words::gap(gap)))
}

fn notification(text: &str) -> Notification {
    Notification::builder()
        .descriptor(ReportingDescriptorReference::builder().id(descriptor::UNANSWERED_CALL).index(0).build())
        .level("warning")
        .message(message(text))
        .build()
}

/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// Plain text in which nothing is read as a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6).
pub(super) fn message(text: &str) -> Message {
    let mut safe = String::with_capacity(text.len());
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST_MESSAGE {
            safe.push('…');
            break;
        }
        match character {
            '[' | ']' | '\\' => safe.extend(['\\', character]),
            '{' | '}' => safe.extend([character, character]),
            _ if super::text::is_hostile(character) => {
                // Writing into a string cannot fail.
                let _ = write!(safe, "<U+{:04X}>", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    Message::builder().text(safe).build()
}
