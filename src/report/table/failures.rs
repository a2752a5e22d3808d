//! Failures by rule, the worst first.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::super::text::{count, escape, grouped};
use super::super::{Report, ReportedRule};
use super::{Layout, Paint, Tone, at_most, fold, pairs, paragraph};

/// Rows for one rule.
const ROWS: usize = 8;

/// The rules that failed under no waiver, with their places and how often, the worst first.
pub(super) fn worst_first(report: &Report) -> Vec<(u32, &ReportedRule, usize)> {
    let mut rules: Vec<_> = (0..)
        .zip(report.rules.iter().zip(&report.waived))
        .map(|(place, ((rule, counts), waived))| (place, rule, counts.fail.saturating_sub(*waived)))
        .filter(|(_, _, open)| *open > 0)
        .collect();
    rules.sort_by_key(|(_, rule, _)| Reverse(rule.severity));
    rules
}

/// Writes the failures; returns the worst rule.
pub(super) fn render<'a>(
    report: &'a Report,
    layout: Layout,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<Option<&'a str>> {
    let rules = worst_first(report);
    for (place, rule, open) in &rules {
        let severity = rule.severity.as_str().to_uppercase();
        let failures = count(*open, "failure");
        writeln!(
            out,
            "\n{}  {}",
            paint.text(Tone::Severity(rule.severity), &severity),
            paint.text(Tone::Bold, &format!("{}, {failures}", escape(&rule.id)))
        )?;
        for line in paragraph(layout, &format!("Expected: {}", escape(&rule.title))) {
            writeln!(out, "{line}")?;
        }
        let failed = report.findings.failures_of(*place).filter(|finding| finding.waiver.is_none());
        let groups = fold::groups(rule, failed);
        let mut rows: Vec<[String; 2]> =
            groups.iter().take(ROWS).map(|group| [group.message.clone(), group.places(report)]).collect();
        let hidden: usize = groups.iter().skip(ROWS).map(|group| group.findings.len()).sum();
        if hidden > 0 {
            rows.push([format!("and {} more", grouped(hidden)), "all of them: --format json".to_owned()]);
        }
        for line in pairs(layout, at_most(layout, 55), rows) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(rules.first().map(|(_, rule, _)| rule.id.as_str()))
}
