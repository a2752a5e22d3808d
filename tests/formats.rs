//! Every format says the same: of each rule in each account as many passes, failures, waived failures, unknowns and
//! findings that do not apply. And every format is written whole, or not at all with exit code 5.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod fake_aws;
#[path = "formats/identities.rs"]
mod identities;
mod program;
#[path = "formats/readers.rs"]
mod readers;
#[path = "formats/shown.rs"]
mod shown;
#[path = "formats/standards.rs"]
mod standards;
#[path = "formats/unwritten.rs"]
mod unwritten;
mod validators;

use std::collections::BTreeMap;
use std::sync::Arc;

use trailproof::evaluate::{self, Evaluation};
use trailproof::example::Example;
use trailproof::finding::{Finding, Verdict, Waiver};
use trailproof::report::{Format, FormatKind, Report};
use trailproof::rules::RuleSet;

use crate::program::Sandbox;
use crate::readers::{READERS, Reader};

/// What a format says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Word {
    Pass,
    Fail,
    Waived,
    Unknown,
    NotApplicable,
}

/// Findings by rule, account (empty where there is none) and word.
pub(crate) type Counts = BTreeMap<(String, String, Word), usize>;

pub(crate) fn word(finding: &Finding) -> Word {
    match finding.verdict {
        Verdict::Pass => Word::Pass,
        Verdict::Fail if finding.waiver.is_some() => Word::Waived,
        Verdict::Fail => Word::Fail,
        Verdict::Unknown => Word::Unknown,
        Verdict::NotApplicable => Word::NotApplicable,
    }
}

fn waiver() -> Arc<Waiver> {
    Arc::new(Waiver {
        id: "accepted-1".to_owned(),
        reason: "moved by the end of the year, <b>see</b> the ticket".to_owned(),
        owner: "logging@example.org".to_owned(),
        expires: "2027-01-31".parse().unwrap(),
        ticket: Some("SEC-123".to_owned()),
    })
}

/// The example organization, every third failure waived.
fn report() -> Report {
    let rules = RuleSet::builtin().unwrap();
    let mut evaluation =
        evaluate::check(&Example::demo().into_source(), trailproof::model::Expectations::default(), &rules)
            .unwrap();
    waive(&mut evaluation);
    Report::of(evaluation, &rules)
}

/// Waives every third failure.
pub(crate) fn waive(evaluation: &mut Evaluation) {
    let waiver = waiver();
    let failures = evaluation.findings.open().filter(|(_, finding)| finding.verdict == Verdict::Fail);
    let places: Vec<u32> = failures.step_by(3).map(|(place, _)| place).collect();
    for place in places {
        evaluation.findings.waive(place, &waiver);
    }
}

fn counts(report: &Report) -> Counts {
    let mut counts = Counts::new();
    for (rule, finding) in report.findings() {
        let account = finding.subject.account_id.as_deref().unwrap_or_default();
        *counts.entry((rule.id.clone(), account.to_owned(), word(&finding))).or_default() += 1;
    }
    counts
}

/// What is left of counts in a format that does not tell them as finely.
fn told(reader: &Reader, counts: &Counts) -> Counts {
    let mut told = Counts::new();
    for ((rule, account, word), number) in counts {
        if reader.words.contains(word) {
            let account = if reader.by_account { account.as_str() } else { "" };
            *told.entry((rule.clone(), account.to_owned(), *word)).or_default() += number;
        }
    }
    told
}

/// The format says what the counts say. Shows what differs alone.
#[track_caller]
fn same(reader: &Reader, found: &Counts, counts: &Counts) {
    let wanted = told(reader, counts);
    let differs = |left: &Counts, right: &Counts| -> Vec<_> {
        let entries = left.iter().filter(|(key, number)| right.get(*key) != Some(number));
        entries.map(|(key, number)| (key.clone(), *number)).take(10).collect()
    };
    let (more, less) = (differs(found, &wanted), differs(&wanted, found));
    assert!(*found == wanted, "{}: found {more:#?}, wanted {less:#?}", reader.kind.as_str());
}

#[test]
fn every_format_has_a_reader() {
    // The table is for eyes alone: tests/report.rs has it.
    let read: Vec<&str> = READERS.iter().map(|reader| reader.kind.as_str()).collect();
    for kind in FormatKind::ALL.iter().filter(|kind| **kind != FormatKind::Table) {
        assert!(read.contains(&kind.as_str()), "tests/formats/readers.rs has no reader of {}", kind.as_str());
    }
}

#[test]
fn every_format_has_the_same_findings() {
    let report = report();
    let counts = counts(&report);
    for word in [Word::Pass, Word::Fail, Word::Waived, Word::Unknown, Word::NotApplicable] {
        assert!(counts.keys().any(|(_, _, each)| *each == word), "the example has {word:?}");
    }
    for reader in READERS {
        let files = readers::files(&report, reader.kind);
        same(reader, &(reader.read)(&files), &counts);
    }
}

/// `json=out.json` and so on, of every format.
pub(crate) fn outputs(place: &str) -> Vec<String> {
    FormatKind::ALL.iter().map(|kind| format!("{0}={place}out.{0}", kind.as_str())).collect()
}

#[test]
fn what_the_program_writes_has_the_same_findings() {
    let sandbox = Sandbox::empty();
    let run = sandbox.run(&["demo", "--format", &outputs("").join(",")]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let file = |kind: FormatKind| sandbox.read(&format!("out.{}", kind.as_str()));
    let json = READERS.iter().find(|reader| reader.kind == FormatKind::Json).unwrap();
    let counts = (json.read)(&[file(FormatKind::Json)]);
    assert!(!counts.is_empty());
    for reader in READERS {
        same(reader, &(reader.read)(&[file(reader.kind)]), &counts);
    }
}
