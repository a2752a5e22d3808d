//! What could not be decided, by the call that did not answer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::Report;
use super::super::text::{count, escape, fit, grouped};
use super::account::account;
use super::heading::reason_text;
use super::{Layout, Paint, Tone, at_most, pairs};
use crate::finding::Verdict;
use crate::model::{Gap, GapReason};

/// Rows, each of a call and a reason.
const ROWS: usize = 20;
/// Accounts and rules that a row names.
const NAMED: usize = 3;

#[derive(Default)]
struct Row<'a> {
    gaps: Vec<&'a Gap>,
    rules: BTreeSet<&'a str>,
    findings: usize,
}

pub(super) fn render(report: &Report, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows_of(report);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{}  {}",
        paint.text(Tone::Warning, "UNKNOWN"),
        paint.text(Tone::Bold, "what could not be read or decided")
    )?;
    let (needed, idle): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| !row.rules.is_empty());
    let mut cells: Vec<[String; 2]> =
        needed.iter().take(ROWS).map(|(key, row)| [call(key), consequences(report, row)]).collect();
    let sum_of = |rows: &[(Key<'_>, Row<'_>)]| rows.iter().map(|(_, row)| row.gaps.len()).sum::<usize>();
    let hidden = sum_of(needed.get(ROWS..).unwrap_or_default());
    if hidden > 0 {
        cells.push([format!("and {}", count(hidden, "more call")), "all of them: --format json".to_owned()]);
    }
    if !idle.is_empty() {
        let distinct: BTreeSet<String> = idle
            .iter()
            .map(|((service, operation, _), _)| format!("{}:{}", fit(service, 24), fit(operation, 48)))
            .collect();
        let names: Vec<String> = distinct.into_iter().collect();
        let text = format!("no rule that ran needs them: {}", first_few(&names, ROWS));
        cells.push([count(sum_of(&idle), if needed.is_empty() { "call" } else { "other call" }), text]);
    }
    pairs(layout, at_most(layout, 50), cells).iter().try_for_each(|line| writeln!(out, "{line}"))
}

type Key<'a> = (&'a str, &'a str, GapReason);

/// The calls that keep the most findings from a verdict come first.
fn rows_of(report: &Report) -> Vec<(Key<'_>, Row<'_>)> {
    let by_id: BTreeMap<&str, &Gap> = report.gaps().iter().map(|gap| (gap.id.as_str(), gap)).collect();
    let mut rows: BTreeMap<Key<'_>, Row<'_>> = BTreeMap::new();
    for gap in report.gaps() {
        rows.entry((&gap.service, &gap.operation, gap.reason)).or_default().gaps.push(gap);
    }
    for (rule, finding) in
        report.failures_and_unknowns().filter(|(_, finding)| finding.verdict == Verdict::Unknown)
    {
        let keys: BTreeSet<Key<'_>> = finding
            .gaps
            .iter()
            .filter_map(|id| by_id.get(id.as_str()))
            .map(|gap| (gap.service.as_str(), gap.operation.as_str(), gap.reason))
            .collect();
        for key in keys {
            if let Some(row) = rows.get_mut(&key) {
                row.rules.insert(&rule.id);
                row.findings += 1;
            }
        }
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.findings));
    rows
}

fn call((service, operation, reason): &Key<'_>) -> String {
    format!("{}:{}\n{}", fit(service, 24), fit(operation, 48), reason_text(*reason))
}

fn consequences(report: &Report, row: &Row<'_>) -> String {
    let accounts: BTreeSet<&str> = row.gaps.iter().filter_map(|gap| gap.account_id.as_deref()).collect();
    let regions: BTreeSet<&str> = row.gaps.iter().filter_map(|gap| gap.region.as_deref()).collect();
    let whose = if accounts.is_empty() {
        "for the organization".to_owned()
    } else {
        let named: Vec<String> = accounts.iter().map(|id| account(report, id)).collect();
        format!("in {}: {}", count(accounts.len(), "account"), first_few(&named, NAMED))
    };
    let place =
        if regions.is_empty() { whose } else { format!("{whose}, {}", count(regions.len(), "region")) };
    let detail = row.gaps.first().map(|gap| fit(&gap.detail, 200));
    let waiting: Vec<String> = row.rules.iter().map(|rule| escape(rule).into_owned()).collect();
    let consequence = format!("{} of {}", count(row.findings, "finding"), first_few(&waiting, NAMED));
    [Some(place), detail, Some(consequence)].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn first_few(names: &[String], limit: usize) -> String {
    let shown: Vec<&str> = names.iter().take(limit).map(String::as_str).collect();
    match names.len().saturating_sub(limit) {
        0 => shown.join(", "),
        rest => format!("{} and {} more", shown.join(", "), grouped(rest)),
    }
}
