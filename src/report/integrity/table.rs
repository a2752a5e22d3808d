//! The verification for people: a summary read in ten seconds, the chains with the worst first, then what is amiss by
//! kind.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, Width};

use super::{IntegrityReport, address, lack};
use crate::attestation::{AttestedCounts, LogsRead, is_valid};
use crate::integrity::{ChainResult, Counts, Defect, DefectKind, TimeRange};
use crate::policy::Arn;
use crate::report::table::paint::{Paint, Tone};
use crate::report::table::{Layout, at_most, pairs, paragraph, plain};
use crate::report::text::{count, escape, fit, grouped};
use crate::severity::Severity;

/// Chains with something amiss that have a row of their own.
const BAD_ROWS: usize = 100;
/// Chains without that have one.
const GOOD_ROWS: usize = 20;
/// Objects that are named of each kind of defect.
const OBJECTS: usize = 8;

pub(super) fn render(report: &IntegrityReport, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(layout.color);
    heading(report, layout, paint, out)?;
    chains(report, layout, paint, out)?;
    defects(report, layout, paint, out)?;
    writeln!(out, "\n{}", paint.text(Tone::Bold, "Next"))?;
    let steps = [
        ["--format html=timeline.html".to_owned(), "a calendar of what was verified when".to_owned()],
        ["--format json=report.json".to_owned(), "every chain and every defect".to_owned()],
        ["--attestation FILE".to_owned(), "for trailproof check, and for auditors".to_owned()],
    ];
    write_lines(&pairs(layout, at_most(layout, 60), steps), out)
}

fn write_lines(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn heading(report: &IntegrityReport, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let verification = &report.verification;
    writeln!(out, "{}", paint.text(Tone::Bold, "Trailproof: integrity of CloudTrail logs"))?;
    let TimeRange { from, to } = verification.range;
    let mut rows = vec![["Range".to_owned(), format!("{} to {} UTC", minute(from), minute(to))]];
    for (number, place) in report.places.iter().enumerate() {
        let prefix = if place.prefix.is_empty() { String::new() } else { format!("/{}", place.prefix) };
        let whose = match &place.trail {
            Some(trail) => {
                let owner = Arn::parse(&trail.arn).map_or("", |arn| arn.account_id);
                format!("{} of {owner}, to {}{prefix}", trail.name, place.bucket)
            }
            None => format!("{}{prefix}", place.bucket),
        };
        let label = if number == 0 { "Archive".to_owned() } else { String::new() };
        rows.push([label, fit(&whose, layout.width().saturating_sub(16))]);
    }
    rows.push(["Digests".to_owned(), counts(verification.totals.digests)]);
    let logs = match (report.logs_read, report.sample_percent) {
        (LogsRead::None, _) => "none read (--digests-only)".to_owned(),
        (LogsRead::Sample, Some(percent)) => {
            format!("{}, of a sample of {percent} in 100", counts(verification.totals.logs))
        }
        _ => counts(verification.totals.logs),
    };
    rows.push(["Logs".to_owned(), logs]);
    rows.push(["Root hash".to_owned(), escape(&verification.root_hash).into_owned()]);
    write_lines(&pairs(layout, at_most(layout, 30), rows), out)?;
    writeln!(out)?;
    let mut conclusions = Vec::new();
    let bad = report
        .defects()
        .filter(|(_, defect)| defect.severity > Severity::Info && defect.kind != DefectKind::Unverifiable);
    let bad = bad.count();
    let broken = verification.chains.iter().filter(|chain| !is_valid(chain)).count();
    let all = count(verification.chains.len(), "chain");
    if bad > 0 {
        let text = format!("{} in {} of {all}", count(bad, "defect"), grouped(broken));
        conclusions.push((Tone::Bad, "FAILED", text));
    }
    for gap in &verification.gaps {
        conclusions.push((Tone::Warning, "INCOMPLETE", escape(&lack(gap)).into_owned()));
    }
    let (digests, logs) = (verification.totals.digests, verification.totals.logs);
    if verification.chains.iter().any(|chain| !chain.complete()) {
        let text = format!(
            "{} and {} could not be verified, which is neither valid nor not",
            count(number(digests.unverifiable), "digest"),
            count(number(logs.unverifiable), "log")
        );
        conclusions.push((Tone::Warning, "INCOMPLETE", text));
    }
    if conclusions.is_empty() {
        let text = match report.logs_read {
            LogsRead::All => format!("{all}: every log is as CloudTrail delivered it"),
            LogsRead::Sample => format!("{all}: every digest, and every log of the sample"),
            LogsRead::None => format!("{all}: every digest; no log was read"),
        };
        conclusions.push((Tone::Good, "VERIFIED", text));
    }
    for (tone, mark, text) in conclusions {
        let rows = [[mark.to_owned(), text]];
        for line in pairs(layout, at_most(layout, 30), rows) {
            writeln!(out, "{}", line.replacen(mark, &paint.text(tone, mark), 1))?;
        }
    }
    Ok(())
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// `2,160 valid, 1 missing`: what there is none of is not said, but for what is valid.
fn counts(counts: Counts) -> String {
    let AttestedCounts { valid, invalid, missing, unverifiable } = counts.into();
    let mut parts = vec![format!("{} valid", grouped(number(valid)))];
    for (count, what) in [(invalid, "invalid"), (missing, "missing"), (unverifiable, "unverifiable")] {
        if count > 0 {
            parts.push(format!("{} {what}", grouped(number(count))));
        }
    }
    parts.join(", ")
}

/// The time that valid digests cover.
fn covered(chain: &ChainResult) -> String {
    match (chain.covered.first(), chain.covered.last()) {
        (Some(first), Some(last)) => {
            let parts = match chain.covered.len() {
                1 => String::new(),
                parts => format!(", in {} parts", grouped(parts)),
            };
            format!("{} to {}{parts}", minute(first.from), minute(last.to))
        }
        _ => "nothing".to_owned(),
    }
}

fn chains(report: &IntegrityReport, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", paint.text(Tone::Bold, "By account and region"))?;
    let several = {
        let mut trails = report.verification.chains.iter().filter_map(|chain| chain.trail.as_deref());
        let first = trails.next();
        trails.any(|trail| Some(trail) != first)
    };
    let chains = report.chains_worst_first();
    let bad = chains.iter().filter(|chain| !is_valid(chain)).count();
    let shown_bad = bad.min(BAD_ROWS);
    let shown_good = (chains.len() - bad).min(GOOD_ROWS);
    let mut table = plain(layout);
    table.add_row(["Account", "Region", "Digests", "Logs", "Covered"].map(Cell::new));
    let shown = chains.iter().take(shown_bad).chain(chains.iter().skip(bad).take(shown_good));
    for chain in shown {
        let region = match &chain.trail {
            Some(trail) if several => format!("{} ({})", fit(&chain.region, 20), fit(trail, 32)),
            _ => fit(&chain.region, 20),
        };
        table.add_row([
            Cell::new(fit(&chain.account_id, 12)),
            Cell::new(region),
            Cell::new(counts(chain.digests)),
            Cell::new(counts(chain.logs)),
            Cell::new(covered(chain)),
        ]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((2, 1)).set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(15)));
    }
    for place in 1..5 {
        if let Some(column) = table.column_mut(place) {
            column.set_padding((0, 1)).set_cell_alignment(CellAlignment::Left);
        }
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    for (hidden, what) in
        [(bad - shown_bad, "with something amiss"), (chains.len() - bad - shown_good, "valid")]
    {
        if hidden > 0 {
            writeln!(out, "  and {}, {what}: --format json lists them", count(hidden, "more chain"))?;
        }
    }
    Ok(())
}

fn defects(report: &IntegrityReport, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut kinds: Vec<(DefectKind, Severity)> = Vec::new();
    let worst_first = report.worst_first();
    for (_, defect) in &worst_first {
        let kind = (defect.kind, defect.severity);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    for (kind, severity) in kinds {
        let is_of = |defect: &Defect| (defect.kind, defect.severity) == (kind, severity);
        let list: Vec<_> = worst_first.iter().filter(|(_, defect)| is_of(defect)).collect();
        writeln!(
            out,
            "\n{}  {}",
            paint.text(Tone::Severity(severity), &severity.as_str().to_uppercase()),
            paint.text(Tone::Bold, &format!("{}, {}", kind.as_str(), grouped(list.len())))
        )?;
        write_lines(&paragraph(layout, kind.meaning()), out)?;
        for (chain, defect) in list.iter().take(OBJECTS) {
            let place = format!("{} {}", chain.account_id, chain.region);
            let what = match address(defect) {
                Some(address) => format!("{}: {address}", defect.detail),
                None => defect.detail.clone(),
            };
            let rows = [[fit(&place, 30), escape(&what).into_owned()]];
            write_lines(&pairs(layout, at_most(layout, 30), rows), out)?;
        }
        let hidden = list.len().saturating_sub(OBJECTS);
        if hidden > 0 {
            writeln!(out, "  and {} more: --format json lists them", grouped(hidden))?;
        }
    }
    Ok(())
}
