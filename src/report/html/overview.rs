//! The top of the page: the verdict in one sentence, what it rests on, and how far each log type reaches.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;

use super::page::Text;
use crate::finding::Verdict;
use crate::model::GapReason;
use crate::report::Report;
use crate::report::summary::LogType;
use crate::report::table::reason_text;
use crate::report::text::{count, grouped};
use crate::severity::Severity;

#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct Overview<'a> {
    class: &'static str,
    mark: &'static str,
    lead: &'static str,
    sentences: Vec<String>,
    tiles: Vec<Tile>,
    coverage: Vec<Coverage>,
    facts: Vec<(&'static str, String)>,
    organization: Option<Text<'a>>,
}

/// A number that is read first.
struct Tile {
    class: &'static str,
    number: String,
    word: &'static str,
    note: String,
}

/// How far a log type reaches.
struct Coverage {
    name: &'static str,
    what: &'static str,
    covered: usize,
    not_covered: usize,
    unknown: usize,
    rule: &'static str,
}

impl Coverage {
    fn total(&self) -> usize {
        self.covered + self.not_covered + self.unknown
    }

    /// The share that is covered, never rounded up to all of it.
    fn percent(&self) -> String {
        let percent = (self.covered * 100).checked_div(self.total());
        percent.map_or("–".to_owned(), |percent| format!("{percent} %"))
    }

    fn numbers(&self) -> [String; 3] {
        [self.covered, self.not_covered, self.unknown].map(grouped)
    }
}

impl<'a> Overview<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let failed = report.worst_failure().is_some();
        let (class, mark, lead) = match (failed, report.complete()) {
            (true, true) => ("fail", "✕", "Failing."),
            (true, false) => ("fail", "✕", "Failing, and not complete."),
            (false, false) => ("unknown", "?", "Not complete."),
            (false, true) => ("pass", "✓", "Complete, and nothing fails."),
        };
        Self {
            class,
            mark,
            lead,
            sentences: sentences(report),
            tiles: tiles(report),
            coverage: coverage(report),
            facts: facts(report),
            organization: report.organization.as_ref().map(|(id, _)| Text(id)),
        }
    }
}

fn open_failures(report: &Report, severity: Severity) -> usize {
    let summary = report.summary();
    summary.failed_by_severity.of(severity).saturating_sub(summary.waived_by_severity.of(severity))
}

fn waived(report: &Report) -> usize {
    Severity::ALL.into_iter().map(|severity| report.summary().waived_by_severity.of(severity)).sum()
}

fn sentences(report: &Report) -> Vec<String> {
    let mut sentences = Vec::new();
    let by_severity: Vec<(usize, Severity)> = Severity::ALL
        .into_iter()
        .rev()
        .map(|severity| (open_failures(report, severity), severity))
        .filter(|(number, _)| *number > 0)
        .collect();
    if by_severity.is_empty() {
        sentences.push(if report.complete() {
            "Everything in scope was read, every rule was decided.".to_owned()
        } else {
            "Nothing fails in what could be read.".to_owned()
        });
    } else {
        let accounts: BTreeSet<Option<Arc<str>>> = report
            .failures_and_unknowns()
            .filter(|(_, finding)| finding.verdict == Verdict::Fail && finding.waiver.is_none())
            .map(|(_, finding)| finding.subject.account_id.clone())
            .collect();
        let total: usize = by_severity.iter().map(|(number, _)| number).sum();
        let words: Vec<String> =
            by_severity.iter().map(|(number, severity)| format!("{} {severity}", grouped(*number))).collect();
        sentences.push(format!(
            "{} ({}) in {}.",
            count(total, "failure"),
            words.join(", "),
            count(accounts.len(), "account")
        ));
    }
    if !report.complete() {
        sentences.push(undecided(report));
    }
    let waived = waived(report);
    if waived > 0 {
        let (are, risks) = if waived == 1 { ("is", "an accepted risk") } else { ("are", "accepted risks") };
        sentences.push(format!("{} {are} waived as {risks}.", count(waived, "further failure")));
    }
    sentences
}

/// What is not known, and why.
fn undecided(report: &Report) -> String {
    let summary = report.summary();
    let open = summary.gaps_by_reason.get(&GapReason::Undecided).copied().unwrap_or_default();
    let unanswered: usize = summary.gaps_by_reason.values().sum::<usize>() - open;
    let mut causes = Vec::new();
    if unanswered > 0 {
        causes.push(format!("{} did not answer", count(unanswered, "call")));
    }
    if open > 0 {
        causes.push(format!("{} cannot be decided from what was read", count(open, "answer")));
    }
    let unknown = summary.by_verdict.unknown;
    let are = if unknown == 1 { "is" } else { "are" };
    let what = format!("{} {are} unknown, which is neither pass nor fail", count(unknown, "check"));
    if causes.is_empty() { format!("{what}.") } else { format!("{what}: {}.", causes.join(", ")) }
}

fn tiles(report: &Report) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| *severity != Severity::Info || open_failures(report, *severity) > 0)
        .map(|severity| Tile {
            class: if open_failures(report, severity) > 0 { severity.as_str() } else { "zero" },
            number: grouped(open_failures(report, severity)),
            word: severity.as_str(),
            note: match report.summary().waived_by_severity.of(severity) {
                0 => "failing".to_owned(),
                waived => format!("failing, {} waived", grouped(waived)),
            },
        })
        .collect();
    let verdicts = report.summary().by_verdict;
    let mut more = |class, number: usize, word, note: &str| {
        let class = if number > 0 { class } else { "zero" };
        tiles.push(Tile { class, number: grouped(number), word, note: note.to_owned() });
    };
    more("unknown", verdicts.unknown, "unknown", "could not be decided");
    more("pass", verdicts.pass, "pass", "checked and held");
    tiles
}

fn coverage(report: &Report) -> Vec<Coverage> {
    let row = |row: &crate::report::LogTypeCoverage| {
        let LogType { name, places: what, rule, .. } = *row.of_type()?;
        let crate::report::LogTypeCoverage { covered, not_covered, unknown, .. } = *row;
        Some(Coverage { name, what, covered, not_covered, unknown, rule })
    };
    report.summary().coverage.iter().filter_map(row).collect()
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let summary = report.summary();
    let accounts = summary.accounts;
    let listed = accounts.in_organization.map(|listed| format!("{} in the organization", grouped(listed)));
    let suspended = accounts.suspended.filter(|suspended| *suspended > 0);
    let read: Vec<String> =
        [format!("{} of {} in scope", grouped(accounts.read), grouped(accounts.in_scope))]
            .into_iter()
            .chain(listed)
            .chain(suspended.map(|suspended| format!("{} suspended", grouped(suspended))))
            .collect();
    let mut facts = vec![("Taken", report.taken_at.format("%Y-%m-%d %H:%M UTC").to_string())];
    if let Some((_, management)) = &report.organization {
        let name = report.account_names.get(management);
        let name = name.map(|name| format!("{} ({})", Text(name), Text(management)));
        facts.push(("Management account", name.unwrap_or_else(|| Text(management).to_string())));
    }
    facts.push(("Accounts read", read.join(", ")));
    facts.push(("Regions", grouped(summary.regions)));
    facts.push(("Rules run", grouped(report.rules.len())));
    facts.push(("Scope", report.scope().lines().join("; ")));
    let unanswered: Vec<String> = summary
        .gaps_by_reason
        .iter()
        .map(|(reason, number)| format!("{} {}", grouped(*number), reason_text(*reason)))
        .collect();
    facts.push((
        "Not read",
        if unanswered.is_empty() { "nothing: every call answered".to_owned() } else { unanswered.join(", ") },
    ));
    facts.push(("Made by", format!("trailproof {}", env!("CARGO_PKG_VERSION"))));
    facts
}
