//! The report as `JUnit` XML, for the test reports of a pipeline: a suite is an account, a test case is a rule and what
//! it is about.
//!
//! A failure is a `failure`, what could not be decided is an `error`, and what does not apply or is waived is
//! `skipped`. One suite at a time is made and written: an organization's test cases would not fit into memory.

use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::text::{escape, escape_lines, grouped};
use super::{Report, ReportedRule};
use crate::finding::{Finding, Verdict, Waiver, fingerprint};
use crate::model::{Gap, GapId};

/// Gaps that a suite lists; one more line says how many there are.
const GAPS_IN_SUITE: usize = 100;

/// What belongs to an account; `None` is what belongs to none.
#[derive(Default)]
struct Contents<'a> {
    findings: Vec<u32>,
    gaps: Vec<&'a Gap>,
}

/// Writes the report.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut frame = Document::new(xml(&match &report.organization {
        Some((id, _)) => format!("Trailproof: organization {id}"),
        None => "Trailproof: no organization".to_owned(),
    }));
    frame.tests = report.findings.len();
    frame.failures = report.findings.iter().filter(|finding| fails(finding)).count();
    frame.errors = report.summary().by_verdict.unknown;
    let frame = serialized(&frame)?;
    let (before, after) = cut(&frame, frame.rfind("</testsuites>"))?;
    out.write_all(before.trim_end().as_bytes())?;
    out.write_all(b"\n")?;
    let mut accounts: BTreeMap<Option<&str>, Contents<'_>> = BTreeMap::new();
    for (place, finding) in (0..).zip(&report.findings) {
        accounts.entry(finding.subject.account_id.as_deref()).or_default().findings.push(place);
    }
    for gap in report.gaps() {
        accounts.entry(gap.account_id.as_deref()).or_default().gaps.push(gap);
    }
    for (account_id, contents) in &accounts {
        write_suite(suite(report, *account_id, contents), out)?;
    }
    out.write_all(after.as_bytes())
}

fn fails(finding: &Finding) -> bool {
    finding.verdict == Verdict::Fail && finding.waiver.is_none()
}

/// A suite on its own is a document too: what stands around it is cut off.
fn write_suite(suite: TestSuite, out: &mut dyn Write) -> io::Result<()> {
    let mut document = Document::new("");
    document.add_test_suite(suite);
    let document = serialized(&document)?;
    let (_, suite) = cut(&document, document.find("    <testsuite "))?;
    let (suite, _) = cut(suite, suite.rfind("</testsuites>"))?;
    // Consumers count what is skipped under this name. No value before it has a bare quotation mark.
    out.write_all(suite.replacen(" disabled=\"", " skipped=\"", 1).as_bytes())
}

fn serialized(document: &Document) -> io::Result<String> {
    document.to_string().map_err(io::Error::other)
}

fn cut(text: &str, at: Option<usize>) -> io::Result<(&str, &str)> {
    at.and_then(|at| text.split_at_checked(at))
        .ok_or_else(|| io::Error::other("the JUnit document has no suites"))
}

fn suite(report: &Report, account_id: Option<&str>, contents: &Contents<'_>) -> TestSuite {
    let name = match account_id {
        Some(id) => match report.account_name(id) {
            Some(name) => format!("{id} ({name})"),
            None => id.to_owned(),
        },
        None => "no account".to_owned(),
    };
    let mut suite = TestSuite::new(xml(&name));
    if let Some(id) = account_id {
        suite.extra.insert(xml("id"), xml(id));
    }
    suite.set_timestamp(report.taken_at);
    for (rule, finding) in contents.findings.iter().filter_map(|place| report.finding(*place)) {
        suite.add_test_case(test_case(rule, finding));
    }
    if !contents.gaps.is_empty() {
        suite.set_system_err(xml(&unread(&contents.gaps)));
    }
    suite
}

fn test_case(rule: &ReportedRule, finding: &Finding) -> TestCase {
    let subject = &*finding.subject;
    let kind = subject.kind.as_str().replace('_', " ");
    let name = subject.name.as_deref().unwrap_or(&subject.id);
    let region = match subject.region.as_deref() {
        Some(region) if region != name => format!(" in {region}"),
        _ => String::new(),
    };
    let mut case = TestCase::new(xml(&format!("{}: {kind} {name}{region}", rule.id)), status(rule, finding));
    case.set_classname(xml(&rule.id));
    case
}

fn status(rule: &ReportedRule, finding: &Finding) -> TestCaseStatus {
    let message = Report::message(rule, finding);
    match (finding.verdict, finding.waiver.as_deref()) {
        (Verdict::Pass, _) => TestCaseStatus::success(),
        (Verdict::NotApplicable, _) => skipped("not_applicable", "not applicable", rule, finding),
        (Verdict::Fail, Some(waiver)) => skipped("waived", &waived(waiver), rule, finding),
        (Verdict::Fail, None) => {
            let kind = NonSuccessKind::Failure;
            non_success(
                kind,
                rule.severity.as_str(),
                message,
                details(rule, finding, Some(&rule.remediation)),
            )
        }
        (Verdict::Unknown, _) => {
            non_success(NonSuccessKind::Error, "unknown", message, details(rule, finding, None))
        }
    }
}

fn non_success(kind: NonSuccessKind, word: &str, message: &str, details: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(xml(word)).set_message(xml(message)).set_description(details);
    status
}

fn skipped(word: &str, message: &str, rule: &ReportedRule, finding: &Finding) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(xml(word)).set_message(xml(message));
    if finding.waiver.is_some() {
        status.set_description(details(rule, finding, None));
    }
    status
}

fn waived(waiver: &Waiver) -> String {
    let Waiver { id, reason, owner, expires, ticket } = waiver;
    let ticket = ticket.as_deref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    format!("waived: {reason} ({id}, {owner}, until {expires}{ticket})")
}

fn details(rule: &ReportedRule, finding: &Finding, remediation: Option<&str>) -> String {
    let subject = &*finding.subject;
    let gaps: Vec<&str> = finding.gaps.iter().map(GapId::as_str).collect();
    let lines = [
        ("", Some(Report::message(rule, finding))),
        ("severity: ", Some(rule.severity.as_str())),
        ("subject: ", Some(subject.arn.as_deref().unwrap_or(&subject.id))),
        ("could not be read: ", (!gaps.is_empty()).then(|| gaps.join(" ")).as_deref()),
        ("what to do: ", remediation),
        ("fingerprint: ", Some(&*fingerprint(&rule.id, subject))),
    ]
    .into_iter()
    .filter_map(|(word, value)| Some(format!("{word}{}", escape(value?))))
    .collect::<Vec<_>>();
    lines.join("\n")
}

fn unread(gaps: &[&Gap]) -> String {
    let line = |gap: &&Gap| {
        let region = gap.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
        format!("{}: {}:{}{region} did not answer: {}", gap.id, gap.service, gap.operation, gap.detail)
    };
    let mut lines: Vec<String> = gaps.iter().take(GAPS_IN_SUITE).map(line).collect();
    if gaps.len() > GAPS_IN_SUITE {
        lines.push(format!("and {} more", grouped(gaps.len() - GAPS_IN_SUITE)));
    }
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n")
}

/// Characters that XML forbids or that steer a terminal are made visible; line feeds are the document's own.
fn xml(text: &str) -> XmlString {
    XmlString::new(escape_lines(text))
}
