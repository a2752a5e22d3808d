//! The report as Markdown, for the summary of a pipeline's job (`GITHUB_STEP_SUMMARY`): the conclusion and what was
//! covered first, then the worst failures, what could not be decided, and what is waived.
//!
//! GitHub takes 1 MiB of a step and shows nothing of more. What may be another's text stands in code spans, where no
//! link, tag, mention or emphasis comes to life, whatever shows the Markdown.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::table::heading::{accounts, coverage, incomplete, reason_text};
use super::text::{fit, grouped};
use super::{Report, ReportedRule, VerdictCounts};
use crate::finding::{Finding, Verdict};
use crate::model::GapReason;
use crate::severity::Severity;

/// What all sections may take, in bytes; the rest of GitHub's 1,048,576 is for the head and the words between.
const ALL_ROWS: usize = 900_000;
/// The widest cell, in columns.
const WIDEST: usize = 240;
/// Rows of failures.
const FAILURES: usize = 200;
/// Rows of anything else.
const OTHERS: usize = 50;

/// Writes the report.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    let mut budget = Budget { left: ALL_ROWS };
    let open = report.open_findings();
    let findings: Vec<(&ReportedRule, Finding)> =
        open.into_iter().filter_map(|place| report.finding(place)).collect();
    let (waived, open): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(_, finding)| finding.waiver.is_some());
    let (failures, unknowns): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|(_, finding)| finding.verdict == Verdict::Fail);
    by_rule(report, &waived, &mut budget, out)?;
    let row = |(rule, finding): &(&ReportedRule, Finding)| failure(report, rule, finding);
    let columns = ["severity", "rule", "account", "region", "message"];
    section("Failures, worst first", &columns, &failures, FAILURES, row, &mut budget, out)?;
    section("Unknown: neither pass nor fail", &columns, &unknowns, OTHERS, row, &mut budget, out)?;
    gaps(report, &mut budget, out)?;
    let row = |(rule, finding): &(&ReportedRule, Finding)| waived_row(report, rule, finding);
    let columns = ["waiver", "until", "owner", "rule", "account", "region", "message"];
    section("Waived", &columns, &waived, OTHERS, row, &mut budget, out)
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let open = |severity: Severity| {
        summary.failed_by_severity.of(severity).saturating_sub(summary.waived_by_severity.of(severity))
    };
    let failed: Vec<String> = Severity::ALL
        .into_iter()
        .rev()
        .filter(|severity| open(*severity) > 0)
        .map(|severity| format!("{} {severity}", grouped(open(severity))))
        .collect();
    let conclusion = match (failed.is_empty(), report.complete()) {
        (false, _) => format!("failed ({})", failed.join(", ")),
        (true, true) => "passed".to_owned(),
        (true, false) => "no failures among what could be read".to_owned(),
    };
    writeln!(out, "## Trailproof: {conclusion}\n")?;
    if !report.complete() {
        writeln!(out, "**Incomplete**: {}.\n", incomplete(report))?;
    }
    let organization = report.organization.as_ref().map_or("none", |(id, _)| id);
    writeln!(
        out,
        "Organization: {}. Snapshot: {}. Accounts: {}. Regions: {}.\n",
        text(organization),
        report.taken_at.format("%Y-%m-%d %H:%M UTC"),
        accounts(summary),
        grouped(summary.regions),
    )?;
    if report.scope_line.is_some() {
        for line in report.scope().lines() {
            writeln!(out, "- **Scope**: {}", text(&line))?;
        }
    }
    for line in coverage(summary) {
        writeln!(out, "- {line}")?;
    }
    let VerdictCounts { pass, fail, unknown, not_applicable } = summary.by_verdict;
    let waived: usize =
        Severity::ALL.into_iter().map(|severity| summary.waived_by_severity.of(severity)).sum();
    writeln!(
        out,
        "\n| pass | fail | of these waived | unknown | not applicable |\n|---:|---:|---:|---:|---:|\n\
         | {} | {} | {} | {} | {} |",
        grouped(pass),
        grouped(fail),
        grouped(waived),
        grouped(unknown),
        grouped(not_applicable),
    )
}

/// Every rule that did not pass everywhere, with its counts.
fn by_rule(
    report: &Report,
    waived: &[(&ReportedRule, Finding)],
    budget: &mut Budget,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut waived_by_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, _) in waived {
        *waived_by_rule.entry(&rule.id).or_default() += 1;
    }
    let mut rules: Vec<&(ReportedRule, VerdictCounts)> =
        report.rules.iter().filter(|(_, counts)| counts.fail + counts.unknown > 0).collect();
    let waived = |rule: &ReportedRule| waived_by_rule.get(rule.id.as_str()).copied().unwrap_or_default();
    rules.sort_by_key(|(rule, counts)| {
        let open = counts.fail.saturating_sub(waived(rule));
        (open == 0, std::cmp::Reverse(rule.severity), std::cmp::Reverse(open))
    });
    let row = |(rule, counts): &&(ReportedRule, VerdictCounts)| {
        vec![
            rule.severity.to_string(),
            text(&rule.id),
            text(&rule.title),
            grouped(counts.fail),
            grouped(waived(rule)),
            grouped(counts.unknown),
            grouped(counts.pass),
        ]
    };
    let columns = ["severity", "rule", "expected", "fail", "of these waived", "unknown", "pass"];
    section("Rules", &columns, &rules, FAILURES, row, budget, out)
}

fn failure(report: &Report, rule: &ReportedRule, finding: &Finding) -> Vec<String> {
    let subject = &*finding.subject;
    vec![
        rule.severity.to_string(),
        text(&rule.id),
        account(report, subject.account_id.as_deref()),
        text(subject.region.as_deref().unwrap_or_default()),
        text(Report::message(rule, finding)),
    ]
}

fn waived_row(report: &Report, rule: &ReportedRule, finding: &Finding) -> Vec<String> {
    let subject = &*finding.subject;
    let waiver = finding.waiver.as_deref();
    vec![
        text(waiver.map_or("", |waiver| &waiver.id)),
        waiver.map_or_else(String::new, |waiver| waiver.expires.to_string()),
        text(waiver.map_or("", |waiver| &waiver.owner)),
        text(&rule.id),
        account(report, subject.account_id.as_deref()),
        text(subject.region.as_deref().unwrap_or_default()),
        text(Report::message(rule, finding)),
    ]
}

/// Calls that did not answer, by call and reason, with one answer of each.
fn gaps(report: &Report, budget: &mut Budget, out: &mut dyn Write) -> io::Result<()> {
    let mut calls: BTreeMap<(&str, &str, GapReason), (usize, &str)> = BTreeMap::new();
    for gap in report.gaps() {
        calls.entry((&gap.service, &gap.operation, gap.reason)).or_insert((0, &gap.detail)).0 += 1;
    }
    let mut calls: Vec<_> = calls.into_iter().collect();
    calls.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    let row = |((service, operation, reason), (times, detail)): &((&str, &str, GapReason), (usize, &str))| {
        vec![
            text(&format!("{service}:{operation}")),
            reason_text(*reason).to_owned(),
            grouped(*times),
            text(detail),
        ]
    };
    let columns = ["call", "reason", "times", "for example"];
    section("Gaps: what could not be read", &columns, &calls, OTHERS, row, budget, out)
}

/// What is left of the bytes for rows.
struct Budget {
    left: usize,
}

/// A heading and a table, or nothing where there are no rows. What is left out is counted.
fn section<T>(
    title: &str,
    columns: &[&str],
    items: &[T],
    most: usize,
    row: impl Fn(&T) -> Vec<String>,
    budget: &mut Budget,
    out: &mut dyn Write,
) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title} ({})\n", grouped(items.len()))?;
    writeln!(out, "| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()))?;
    let mut shown = 0;
    for item in items.iter().take(most) {
        let line = format!("| {} |\n", row(item).join(" | "));
        if line.len() > budget.left {
            break;
        }
        budget.left -= line.len();
        shown += 1;
        out.write_all(line.as_bytes())?;
    }
    if shown < items.len() {
        writeln!(out, "\n{} more: `--format json` has them all.", grouped(items.len() - shown))?;
    }
    Ok(())
}

fn account(report: &Report, id: Option<&str>) -> String {
    let Some(id) = id else { return String::new() };
    match report.account_name(id) {
        Some(name) => format!("{} {}", text(id), text(name)),
        None => text(id),
    }
}

/// Text for a cell: as it is where nothing in it could mean anything, else as a code span.
fn text(cell: &str) -> String {
    let cell = fit(cell, WIDEST);
    let is_plain = |character: char| character.is_alphanumeric() || " .,;()'-".contains(character);
    if cell.chars().all(is_plain) && !cell.to_ascii_lowercase().contains("www.") {
        return cell;
    }
    code(&cell)
}

/// <https://spec.commonmark.org/0.31.2/#code-spans>. A bar ends the cell also in a code span, and no two readers agree
/// on what a backslash before it does.
fn code(cell: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for character in cell.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if cell.starts_with(['`', ' ']) || cell.ends_with(['`', ' ']) { " " } else { "" };
    let mut span = String::with_capacity(cell.len() + 2 * fence.len() + 2);
    // Writing into a string cannot fail.
    let _ = write!(span, "{fence}{pad}{}{pad}{fence}", cell.replace('|', "\\u{7c}"));
    span
}
