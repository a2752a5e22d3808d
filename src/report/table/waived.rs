//! Failures that are accepted, by waiver.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::Report;
use super::super::text::{count, escape, fit};
use super::{Layout, Paint, Tone, at_most, pairs};

/// Rows, each of a waiver and a rule.
const ROWS: usize = 20;

pub(super) fn render(report: &Report, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if report.waived() == 0 {
        return Ok(());
    }
    let mut groups = BTreeMap::new();
    for (rule, waiver) in report.findings.waivers() {
        if let Some((rule, _)) = report.rules.get(rule as usize) {
            groups.entry((&waiver.id, &rule.id)).or_insert((waiver, 0)).1 += 1;
        }
    }
    writeln!(
        out,
        "\n{}  {}",
        paint.text(Tone::Bold, "WAIVED"),
        paint.text(Tone::Bold, &format!("accepted risks, {}", count(report.waived(), "failure")))
    )?;
    let mut rows: Vec<[String; 2]> = groups
        .iter()
        .take(ROWS)
        .map(|((id, rule), (waiver, failures))| {
            let ticket = waiver.ticket.as_deref().map(|ticket| format!(" ({})", fit(ticket, 40)));
            [
                format!("{}{}\nuntil {}", fit(id, 40), ticket.unwrap_or_default(), waiver.expires),
                format!(
                    "{} of {}\n{}: {}",
                    count(*failures, "failure"),
                    escape(rule),
                    fit(&waiver.owner, 40),
                    fit(&waiver.reason, 200)
                ),
            ]
        })
        .collect();
    if groups.len() > ROWS {
        rows.push([format!("and {} more", groups.len() - ROWS), "all of them: --format json".to_owned()]);
    }
    pairs(layout, at_most(layout, 45), rows).iter().try_for_each(|line| writeln!(out, "{line}"))
}
