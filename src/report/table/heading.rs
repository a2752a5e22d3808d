//! The top of the table.

use std::io::{self, Write};

use super::super::summary::LogType;
use super::super::text::{count, escape, fit, grouped, shorten};
use super::super::{Report, Summary};
use super::account::account;
use super::{Layout, Paint, Tone, at_most, pairs};
use crate::model::GapReason;
use crate::severity::Severity;

/// Rules that the summary names.
const WORST: usize = 5;

pub(super) fn render(report: &Report, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let whose = match &report.organization {
        Some((id, _)) => format!("organization {}", fit(id, layout.width() / 2)),
        None => "no organization".to_owned(),
    };
    writeln!(out, "{}", paint.text(Tone::Bold, &format!("Trailproof: {whose}")))?;
    let mut rows = vec![["Snapshot".to_owned(), report.taken_at.format("%Y-%m-%d %H:%M UTC").to_string()]];
    if let Some((_, management)) = &report.organization {
        rows.push(["Management".to_owned(), account(report, management)]);
    }
    rows.push(["Accounts".to_owned(), accounts(summary)]);
    rows.push(["Regions".to_owned(), grouped(summary.regions)]);
    for (place, line) in report.scope().lines().into_iter().enumerate() {
        rows.push([if place == 0 { "Scope".to_owned() } else { String::new() }, line]);
    }
    for (place, line) in coverage(summary).into_iter().enumerate() {
        rows.push([if place == 0 { "Covered".to_owned() } else { String::new() }, line]);
    }
    let verdicts = summary.by_verdict;
    rows.push([
        "Verdicts".to_owned(),
        format!(
            "{} pass, {} fail, {} unknown, {} not applicable ({})",
            grouped(verdicts.pass),
            grouped(verdicts.fail),
            grouped(verdicts.unknown),
            grouped(verdicts.not_applicable),
            count(report.rules.len(), "rule")
        ),
    ]);
    for line in pairs(layout, at_most(layout, 30), rows) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    let mut conclusions = vec![failures(report)];
    let worst = worst(report);
    if !report.complete() {
        conclusions.push((Tone::Warning, "INCOMPLETE", incomplete(report)));
    }
    let rows = conclusions.iter().map(|(_, mark, text)| [(*mark).to_owned(), text.clone()]);
    for line in pairs(layout, at_most(layout, 30), rows) {
        // The marks are painted after the columns are laid out: colour codes have no width.
        let marked = conclusions.iter().find(|(_, mark, _)| line.trim_start().starts_with(mark));
        match marked {
            Some((tone, mark, _)) => writeln!(out, "{}", line.replacen(mark, &paint.text(*tone, mark), 1))?,
            None => writeln!(out, "{line}")?,
        }
    }
    worst.into_iter().try_for_each(|line| writeln!(out, "  - {}", shorten(&line, layout.width() - 4)))
}

/// The rules that failed worst, a line for each.
fn worst(report: &Report) -> Vec<String> {
    let rules = super::failures::worst_first(report);
    let mut lines: Vec<String> = rules
        .iter()
        .take(WORST)
        .map(|(_, rule, open)| format!("{} ({}), expected: {}", rule.id, grouped(*open), rule.title))
        .map(|line| escape(&line).into_owned())
        .collect();
    let rest = rules.len().saturating_sub(WORST);
    if rest > 0 {
        lines.push(format!("and {}, below", count(rest, "more rule")));
    }
    lines
}

pub(in crate::report) fn accounts(summary: &Summary) -> String {
    let accounts = summary.accounts;
    let listed = accounts.in_organization.map(|listed| format!("{} in the organization, ", grouped(listed)));
    let suspended = accounts.suspended.filter(|suspended| *suspended > 0);
    format!(
        "{}{} in scope, {} read{}",
        listed.unwrap_or_default(),
        grouped(accounts.in_scope),
        grouped(accounts.read),
        suspended.map(|suspended| format!(", {} suspended", grouped(suspended))).unwrap_or_default()
    )
}

pub(in crate::report) fn coverage(summary: &Summary) -> Vec<String> {
    let line = |coverage: &super::super::LogTypeCoverage| {
        let LogType { name, places, .. } = coverage.of_type()?;
        let total = coverage.covered + coverage.not_covered + coverage.unknown;
        if total == 0 {
            return Some(format!("{name}: nothing to cover"));
        }
        let mut missing = Vec::new();
        for (number, what) in [(coverage.not_covered, "not covered"), (coverage.unknown, "unknown")] {
            if number > 0 {
                missing.push(format!("{} {what}", grouped(number)));
            }
        }
        let missing = if missing.is_empty() { String::new() } else { format!(" ({})", missing.join(", ")) };
        Some(format!("{name}: {} of {} {places}{missing}", grouped(coverage.covered), grouped(total)))
    };
    summary.coverage.iter().filter_map(line).collect()
}

fn failures(report: &Report) -> (Tone, &'static str, String) {
    let Summary { failed_by_severity, waived_by_severity, .. } = report.summary();
    let open = |severity| failed_by_severity.of(severity).saturating_sub(waived_by_severity.of(severity));
    let waived = report.waived();
    let counts: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| open(*severity) > 0)
        .map(|severity| format!("{} {severity}", grouped(open(severity))))
        .collect();
    if counts.is_empty() {
        let but = if waived > 0 { format!(" but {} under waivers", grouped(waived)) } else { String::new() };
        if report.complete() {
            let text = format!("nothing failed{but}, and everything in scope was read");
            return (Tone::Good, "PASSED", text);
        }
        return (Tone::Bold, "NO FAILURES", format!("among what could be read{but}"));
    }
    let besides =
        if waived > 0 { format!("; {} more under waivers", grouped(waived)) } else { String::new() };
    (Tone::Bad, "FAILED", format!("{}{besides}", counts.join(", ")))
}

pub(in crate::report) fn incomplete(report: &Report) -> String {
    let summary = report.summary();
    let mut parts = Vec::new();
    let mut reasons = Vec::new();
    let mut unanswered = 0;
    for (reason, number) in &summary.gaps_by_reason {
        if *reason == GapReason::Undecided {
            let answers = if *number == 1 { "answer" } else { "answers" };
            parts.push(format!("{} {answers} cannot be decided", grouped(*number)));
        } else {
            unanswered += number;
            reasons.push(format!("{} {}", grouped(*number), reason_text(*reason)));
        }
    }
    if unanswered > 0 {
        parts.insert(0, format!("{} did not answer ({})", count(unanswered, "call"), reasons.join(", ")));
    }
    format!(
        "{}: {} undecided, which is neither pass nor fail",
        parts.join(", "),
        count(summary.by_verdict.unknown, "finding")
    )
}

/// The reason of a gap, for people.
pub(in crate::report) fn reason_text(reason: GapReason) -> &'static str {
    match reason {
        GapReason::AccessDenied => "access denied",
        GapReason::Throttled => "throttled",
        GapReason::Timeout => "timed out",
        GapReason::Unreachable => "unreachable",
        GapReason::ServerError => "failed inside AWS",
        GapReason::MalformedResponse => "malformed answer",
        GapReason::CredentialsRejected => "credentials rejected",
        GapReason::RoleNotAssumable => "role not assumable",
        GapReason::Unsupported => "not offered there",
        GapReason::Interrupted => "interrupted",
        GapReason::NotCollected => "not collected",
        GapReason::Undecided => "cannot be decided",
        GapReason::Other => "other error",
    }
}
