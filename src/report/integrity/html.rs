//! The verification as one HTML file: for each chain a calendar, a column for each day and a row for each hour, and the
//! same as tables. No script, no other file; light or dark as the reader's system is. Text from AWS is escaped.

use std::io::{self, Write};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{IntegrityReport, address, lack, trail_of};
use crate::attestation::{AttestedCounts, LogsRead, is_valid};
use crate::integrity::{ChainResult, Counts, TimeRange};
use crate::report::html::page::{Page, escaped as safe};
use crate::report::text::{count, grouped};
use crate::severity::Severity;

/// Width of a day and height of an hour in a calendar, in units of its own.
const DAY: i64 = 8;
const HOUR: i64 = 3;
/// Defects of one chain that are named.
const DEFECTS: usize = 200;
/// Intervals of one chain that are listed.
const INTERVALS: usize = 400;

/// Beside the style of every page.
const STYLE: &str = include_str!("calendar.css");

/// What an hour was. Later ones are drawn over earlier ones.
#[derive(Debug, Clone, Copy)]
enum State {
    Verified,
    Stopped,
    Unverifiable,
    Invalid,
    Missing,
}

impl State {
    const ALL: [Self; 5] = [Self::Verified, Self::Stopped, Self::Unverifiable, Self::Invalid, Self::Missing];

    fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Stopped => "stopped",
            Self::Unverifiable => "unverifiable",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
        }
    }

    /// A colour alone is not told apart by everyone: what is not verified has a pattern too.
    fn pattern(self) -> &'static str {
        match self {
            Self::Verified => "",
            Self::Stopped => "<path d=\"M0 2h4\" stroke=\"var(--paper)\" stroke-width=\".8\"/>",
            Self::Unverifiable => "<path d=\"M0 4L4 0\" stroke=\"var(--paper)\" stroke-width=\".8\"/>",
            Self::Invalid => "<path d=\"M1 0v4M3 0v4\" stroke=\"var(--paper)\" stroke-width=\".8\"/>",
            Self::Missing => "<path d=\"M0 0L4 4M0 4L4 0\" stroke=\"var(--paper)\" stroke-width=\".8\"/>",
        }
    }

    fn of(self, chain: &ChainResult) -> &[TimeRange] {
        match self {
            Self::Verified => &chain.covered,
            Self::Stopped => &chain.stopped,
            Self::Unverifiable => &chain.unverifiable,
            Self::Invalid => &chain.invalid,
            Self::Missing => &chain.missing,
        }
    }
}

pub(super) fn render(report: &IntegrityReport, out: &mut dyn Write) -> io::Result<()> {
    let verification = &report.verification;
    let TimeRange { from, to } = verification.range;
    let page = Page { title: "Integrity of CloudTrail logs", style: STYLE, script: None };
    page.open(out)?;
    writeln!(out, "<main class=\"calendars\">\n<h1>Integrity of CloudTrail logs</h1>")?;
    writeln!(out, "<p>{}</p>", conclusion(report))?;
    for gap in &verification.gaps {
        writeln!(out, "<p>{}</p>", safe(&lack(gap)))?;
    }
    writeln!(
        out,
        "<table><tbody>{}{}{}{}{}</tbody></table>",
        row("Range", &format!("{} to {} UTC", minute(from), minute(to))),
        row("Digests", &counts(verification.totals.digests)),
        row("Logs", &logs(report)),
        row("Root hash", &verification.root_hash),
        row("Made", &format!("{} UTC, by trailproof {}", minute(report.began), env!("CARGO_PKG_VERSION")))
    )?;
    patterns(out)?;
    write!(
        out,
        "<p class=\"legend soft\">Time that digests cover: a column is a day, its top is midnight UTC. Logs are \
         counted below each calendar."
    )?;
    for state in State::ALL {
        let name = state.name();
        write!(
            out,
            "<svg viewBox=\"0 0 14 8\" aria-hidden=\"true\">{}</svg>{name}",
            rectangle(state, 0, 0, 14, 8)
        )?;
    }
    writeln!(
        out,
        "<svg viewBox=\"0 0 14 8\" aria-hidden=\"true\"><rect class=\"empty\" width=\"14\" height=\"8\"/></svg>no digest \
         expected</p>"
    )?;
    for chain in report.chains_worst_first() {
        section(chain, verification.range, out)?;
    }
    writeln!(out, "</main>")?;
    page.close(out)
}

/// The patterns, once for all calendars.
fn patterns(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<svg class=\"hidden\" aria-hidden=\"true\"><defs>")?;
    for state in State::ALL {
        write!(
            out,
            "<pattern id=\"{0}\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\"><rect class=\"{0}\" width=\"4\" \
             height=\"4\"/>{1}</pattern>",
            state.name(),
            state.pattern()
        )?;
    }
    writeln!(out, "</defs></svg>")
}

fn rectangle(state: State, x: i64, y: i64, width: i64, height: i64) -> String {
    let name = state.name();
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"url(#{name})\"/>")
}

fn conclusion(report: &IntegrityReport) -> String {
    let chains = &report.verification.chains;
    let broken = chains.iter().filter(|chain| !is_valid(chain)).count();
    let all = count(chains.len(), "chain");
    let of_what = match report.logs_read {
        LogsRead::All => "every log is as CloudTrail delivered it",
        LogsRead::Sample => "every digest, and every log of the sample, is as CloudTrail delivered it",
        LogsRead::None => "every digest is as CloudTrail delivered it; no log was read",
    };
    match (broken, report.complete()) {
        (0, true) => format!("<strong>Verified.</strong> {all}: {of_what}."),
        (_, true) => {
            format!("<strong>Not intact.</strong> Something is amiss in {} of {all}.", grouped(broken))
        }
        (0, false) => format!(
            "<strong>Not verified as a whole.</strong> Nothing is amiss in {all}, but not everything could be read."
        ),
        (_, false) => format!(
            "<strong>Not verified as a whole.</strong> Something is amiss in {} of {all}, and not everything could \
             be read.",
            grouped(broken)
        ),
    }
}

fn logs(report: &IntegrityReport) -> String {
    let text = counts(report.verification.totals.logs);
    match (report.logs_read, report.sample_percent) {
        (LogsRead::None, _) => "none read".to_owned(),
        (_, Some(percent)) => format!("{text}, of a sample of {percent} in 100"),
        _ => text,
    }
}

fn section(chain: &ChainResult, range: TimeRange, out: &mut dyn Write) -> io::Result<()> {
    let name = format!("{} {}, {}", chain.account_id, chain.region, trail_of(chain));
    let state = if is_valid(chain) { "whole" } else { "not whole" };
    writeln!(out, "<section><h2>{}: {state}</h2>", safe(&name))?;
    let first = day_of(range.from);
    let days = days_until(first, range.to).max(1);
    let (width, height) = (days * DAY, 24 * HOUR);
    let summary = format!("digests: {}; logs: {}", counts(chain.digests), counts(chain.logs));
    write!(
        out,
        "<figure><svg viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" width=\"{}rem\" \
         role=\"img\" aria-label=\"{}\">\
         <rect class=\"empty\" width=\"{width}\" height=\"{height}\"/>",
        // A range of a few days is not stretched over the page.
        days.max(8),
        safe(&format!("Calendar of {name}: {summary}"))
    )?;
    for state in State::ALL {
        for interval in state.of(chain) {
            out.write_all(calendar(state, *interval, first, days).as_bytes())?;
        }
    }
    writeln!(out, "</svg><figcaption>{}</figcaption></figure>", safe(&summary))?;
    writeln!(out, "<details><summary>Intervals and defects of {}</summary>", safe(&name))?;
    intervals(chain, out)?;
    defects(chain, out)?;
    writeln!(out, "</details></section>")
}

fn day_of(time: DateTime<Utc>) -> DateTime<Utc> {
    time.date_naive().and_time(NaiveTime::MIN).and_utc()
}

fn days_until(first: DateTime<Utc>, time: DateTime<Utc>) -> i64 {
    let hours = (time - first).num_minutes().div_euclid(60)
        + i64::from((time - first).num_minutes().rem_euclid(60) > 0);
    hours.div_euclid(24) + i64::from(hours.rem_euclid(24) > 0)
}

/// An interval as at most three rectangles: the rest of its first day, whole days, the beginning of its last.
fn calendar(state: State, interval: TimeRange, first: DateTime<Utc>, days: i64) -> String {
    let hour = |time: DateTime<Utc>| (time - first).num_seconds().div_euclid(3_600).clamp(0, days * 24);
    // An interval of minutes is drawn as an hour: it must be seen.
    let (from, to) = (hour(interval.from), hour(interval.to + TimeDelta::seconds(3_599)));
    let mut drawn = String::new();
    let mut at = from;
    while at < to {
        let (day, begins) = (at / 24, at % 24);
        let whole = if begins == 0 { (to - at) / 24 } else { 0 };
        let (width, hours) = if whole > 0 { (whole, 24) } else { (1, (24 - begins).min(to - at)) };
        drawn.push_str(&rectangle(state, day * DAY, begins * HOUR, width * DAY, hours * HOUR));
        at += if whole > 0 { whole * 24 } else { hours };
    }
    drawn
}

fn intervals(chain: &ChainResult, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<(DateTime<Utc>, DateTime<Utc>, &'static str)> = Vec::new();
    for state in State::ALL {
        rows.extend(state.of(chain).iter().map(|interval| (interval.from, interval.to, state.name())));
    }
    rows.sort_unstable();
    write!(
        out,
        "<table><caption class=\"soft\">Intervals, in UTC</caption><thead><tr><th scope=\"col\">From</th><th \
         scope=\"col\">To</th><th scope=\"col\">State</th></tr></thead><tbody>"
    )?;
    for &(from, to, state) in rows.iter().take(INTERVALS) {
        write!(out, "<tr><td>{}</td><td>{}</td><td>{state}</td></tr>", minute(from), minute(to))?;
    }
    more(rows.len().saturating_sub(INTERVALS), 3, out)?;
    writeln!(out, "</tbody></table>")
}

fn defects(chain: &ChainResult, out: &mut dyn Write) -> io::Result<()> {
    if chain.defects.is_empty() {
        return writeln!(out, "<p>No defects.</p>");
    }
    write!(
        out,
        "<table><caption class=\"soft\">Defects</caption><thead><tr><th scope=\"col\">Severity</th><th \
         scope=\"col\">Kind</th><th scope=\"col\">What</th></tr></thead><tbody>"
    )?;
    let mut worst: Vec<_> = chain.defects.iter().collect();
    worst.sort_by_key(|defect| std::cmp::Reverse(defect.severity));
    for defect in worst.iter().take(DEFECTS) {
        let object =
            address(defect).map(|object| format!("<br><code>{}</code>", safe(&object))).unwrap_or_default();
        let severity = if defect.severity == Severity::Info { "note" } else { defect.severity.as_str() };
        let kind = defect.kind.as_str();
        write!(out, "<tr><td>{severity}</td><td>{kind}</td><td>{}{object}</td></tr>", safe(&defect.detail))?;
    }
    more(worst.len().saturating_sub(DEFECTS), 3, out)?;
    writeln!(out, "</tbody></table>")
}

fn more(hidden: usize, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    if hidden == 0 {
        return Ok(());
    }
    write!(out, "<tr><td colspan=\"{columns}\">and {} more, in the JSON report</td></tr>", grouped(hidden))
}

fn row(name: &str, value: &str) -> String {
    format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>", safe(name), safe(value))
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn counts(counts: Counts) -> String {
    let AttestedCounts { valid, invalid, missing, unverifiable } = counts.into();
    format!("{valid} valid, {invalid} invalid, {missing} missing, {unverifiable} unverifiable")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> TimeRange {
        TimeRange { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn an_interval_is_a_few_rectangles_however_long() {
        let first = "2026-11-01T00:00:00Z".parse().unwrap();
        let long =
            calendar(State::Verified, range("2026-11-01T05:00:00Z", "2026-11-29T03:00:00Z"), first, 30);
        assert_eq!(long.matches("<rect").count(), 3, "{long}");
        assert!(long.contains("x=\"0\" y=\"15\" width=\"8\" height=\"57\""), "{long}");
        assert!(long.contains("x=\"8\" y=\"0\" width=\"216\" height=\"72\""), "{long}");
        let short =
            calendar(State::Missing, range("2026-11-02T10:10:00Z", "2026-11-02T10:20:00Z"), first, 30);
        assert!(short.contains("height=\"3\""), "a gap of minutes is seen: {short}");
    }

    #[test]
    fn intervals_outside_the_range_are_cut() {
        let first = "2026-11-10T00:00:00Z".parse().unwrap();
        assert_eq!(
            calendar(State::Verified, range("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z"), first, 2),
            ""
        );
    }
}
