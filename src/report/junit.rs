//! The report as `JUnit` XML, for the test reports of a pipeline: a suite is an account, a test case is a rule and what
//! it is about.
//!
//! A failure is a `failure`, what could not be decided is an `error`, and what does not apply or is waived is
//! `skipped`. A call that did not answer is an `error` of its own, since readers pass over what a suite says beside
//! its cases. One suite at a time is made and written: an organization's test cases would not fit into memory.
//!
//! Readers know a case by `classname` and `name` alone, over all suites, and keep the first of several (GitLab:
//! <https://docs.gitlab.com/ci/testing/unit_test_reports/>, read 2026-11-28). So the name says account and region too,
//! and the identity where several things of a place are called the same.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use std::sync::Arc;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::remedy::Remedy;
use super::text::{escape, escape_lines};
use super::{Report, ReportedRule, words};
use crate::facts::Subject;
use crate::finding::{Finding, Verdict, Waiver, fingerprint};
use crate::model::{Gap, GapId};

/// The class of the cases that are calls without an answer.
const UNANSWERED_CALL: &str = "unanswered-call";

/// Gaps that a case has in words; it has the identities of all.
const GAPS_IN_WORDS: usize = 20;

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
    frame.tests = report.findings.len() + report.gaps.len();
    frame.failures = report.findings.open().filter(|(_, finding)| fails(finding)).count();
    frame.errors = report.summary().by_verdict.unknown + report.gaps.len();
    let frame = serialized(&frame)?;
    let (before, after) = cut(&frame, frame.rfind("</testsuites>"))?;
    out.write_all(before.trim_end().as_bytes())?;
    out.write_all(b"\n")?;
    let mut accounts: BTreeMap<Option<Arc<str>>, Contents<'_>> = BTreeMap::new();
    for (place, finding) in (0..).zip(report.findings.iter()) {
        accounts.entry(finding.subject.account_id.clone()).or_default().findings.push(place);
    }
    for gap in report.gaps() {
        accounts.entry(gap.account_id.as_deref().map(Arc::from)).or_default().gaps.push(gap);
    }
    let ambiguous = ambiguous(report);
    for (account_id, contents) in &accounts {
        write_suite(suite(report, account_id.as_deref(), contents, &ambiguous), out)?;
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

fn suite(
    report: &Report,
    account_id: Option<&str>,
    contents: &Contents<'_>,
    ambiguous: &HashSet<u64>,
) -> TestSuite {
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
    if let Some(scope) = &report.scope_line {
        suite.add_property(quick_junit::Property::new(xml("scope"), xml(scope)));
    }
    for (rule, finding) in contents.findings.iter().filter_map(|place| report.finding(*place)) {
        suite.add_test_case(test_case(report, rule, &finding, ambiguous));
    }
    for gap in &contents.gaps {
        suite.add_test_case(unanswered(gap));
    }
    suite
}

/// What a case is called unless another one is called so, too.
fn plain_name(rule: &ReportedRule, subject: &Subject) -> String {
    let kind = subject.kind.as_str().replace('_', " ");
    let name = subject.name.as_deref().unwrap_or(&subject.id);
    let account = match subject.account_id.as_deref() {
        Some(account) if account != name => format!(" of account {account}"),
        _ => String::new(),
    };
    let region = match subject.region.as_deref() {
        Some(region) if region != name => format!(" in {region}"),
        _ => String::new(),
    };
    format!("{}: {kind} {name}{account}{region}", rule.id)
}

/// A million names would not fit; of two that have the same number, both get their identity, which harms nobody.
fn number(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The names that several cases would have: units of different parents may be called the same, for instance.
fn ambiguous(report: &Report) -> HashSet<u64> {
    let mut seen = HashSet::with_capacity(report.findings.len());
    let names = report.findings().map(|(rule, finding)| number(&plain_name(rule, &finding.subject)));
    names.filter(|name| !seen.insert(*name)).collect()
}

fn test_case(report: &Report, rule: &ReportedRule, finding: &Finding, ambiguous: &HashSet<u64>) -> TestCase {
    let mut name = plain_name(rule, &finding.subject);
    if ambiguous.contains(&number(&name)) {
        name = format!("{name} ({})", finding.subject.id);
    }
    let mut case = TestCase::new(xml(&name), status(report, rule, finding));
    case.set_classname(xml(&rule.id));
    case
}

/// A call that did not answer: nobody knows what it would have said.
fn unanswered(gap: &Gap) -> TestCase {
    let place =
        |word: &str, value: Option<&str>| value.map(|value| format!(" {word} {value}")).unwrap_or_default();
    let name = format!(
        "{}:{}{}{}{} ({})",
        gap.service,
        gap.operation,
        place("of", gap.resource.as_deref()),
        place("in account", gap.account_id.as_deref()),
        place("in", gap.region.as_deref()),
        gap.id
    );
    let said = words::gap(gap);
    let mut case = TestCase::new(
        xml(&name),
        non_success(NonSuccessKind::Error, "gap", &said, escape(&said).into_owned()),
    );
    case.set_classname(UNANSWERED_CALL);
    case
}

fn status(report: &Report, rule: &ReportedRule, finding: &Finding) -> TestCaseStatus {
    let message = Report::message(rule, finding);
    match (finding.verdict, finding.waiver.as_deref()) {
        (Verdict::Pass, _) => TestCaseStatus::success(),
        (Verdict::NotApplicable, _) => skipped("not_applicable", "not applicable", report, rule, finding),
        (Verdict::Fail, Some(waiver)) => skipped("waived", &waived(waiver), report, rule, finding),
        (Verdict::Fail, None) => {
            let kind = NonSuccessKind::Failure;
            non_success(kind, rule.severity.as_str(), message, details(report, rule, finding))
        }
        (Verdict::Unknown, _) => {
            non_success(NonSuccessKind::Error, "unknown", message, details(report, rule, finding))
        }
    }
}

fn non_success(kind: NonSuccessKind, word: &str, message: &str, details: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(xml(word)).set_message(xml(message)).set_description(details);
    status
}

fn skipped(
    word: &str,
    message: &str,
    report: &Report,
    rule: &ReportedRule,
    finding: &Finding,
) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(xml(word)).set_message(xml(message));
    if finding.waiver.is_some() {
        status.set_description(details(report, rule, finding));
    }
    status
}

fn waived(waiver: &Waiver) -> String {
    let Waiver { id, reason, owner, expires, ticket } = waiver;
    let ticket = ticket.as_deref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
    format!("waived: {reason} ({id}, {owner}, until {expires}{ticket})")
}

fn details(report: &Report, rule: &ReportedRule, finding: &Finding) -> String {
    let subject = &*finding.subject;
    let gaps: Vec<&str> = finding.gaps.iter().map(GapId::as_str).collect();
    let print = fingerprint(&rule.id, subject);
    let remedy = Remedy::of(report, rule, finding);
    let unread = (!gaps.is_empty()).then(|| gaps.join(" "));
    let lines = [
        ("", Some(Report::message(rule, finding))),
        ("severity: ", Some(rule.severity.as_str())),
        ("subject: ", Some(subject.arn.as_deref().unwrap_or(&subject.id))),
        ("account: ", subject.account_id.as_deref()),
        ("could not be read: ", unread.as_deref()),
        ("what to do: ", fails(finding).then_some(&*remedy.text)),
        ("AWS CLI: ", remedy.cli.as_deref().filter(|_| fails(finding))),
        ("fingerprint: ", Some(&*print)),
    ]
    .into_iter()
    .filter_map(|(word, value)| Some(format!("{word}{}", escape(value?))));
    let read = words::gaps(report, finding, GAPS_IN_WORDS);
    lines.chain(read.map(|gaps| escape_lines(&gaps))).collect::<Vec<_>>().join("\n")
}

/// Characters that XML forbids or that steer a terminal are made visible; line feeds are the document's own.
fn xml(text: &str) -> XmlString {
    XmlString::new(escape_lines(text))
}
