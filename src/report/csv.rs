//! The report as CSV: a row for each finding of every verdict, for spreadsheets and `grep`.
//!
//! A spreadsheet takes a cell that begins like a formula for one. Such a cell gets an apostrophe before it, as
//! <https://owasp.org/www-community/attacks/CSV_Injection> recommends.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, WriterBuilder};

use super::remedy::Remedy;
use super::text::escape;
use super::{Report, ReportedRule, words};
use crate::finding::{Finding, Verdict, fingerprint};
use crate::model::GapId;

/// The first row. Columns are added at the end, never moved or renamed.
pub const COLUMNS: [&str; 20] = [
    "rule_id",
    "severity",
    "verdict",
    "account_id",
    "account_name",
    "region",
    "subject_kind",
    "subject_id",
    "arn",
    "name",
    "message",
    "gaps",
    "waiver_id",
    "waiver_expires",
    "fingerprint",
    "waiver_owner",
    "title",
    "unit",
    "controls",
    "remedy",
];

/// Writes the report.
pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = WriterBuilder::new().quote_style(QuoteStyle::Necessary).from_writer(out);
    rows.write_record(COLUMNS)?;
    for (rule, finding) in report.findings() {
        rows.write_record(row(report, rule, &finding).iter().map(|cell| safe(cell).into_owned()))?;
    }
    rows.flush()
}

fn row<'a>(
    report: &'a Report,
    rule: &'a ReportedRule,
    finding: &'a Finding,
) -> [Cow<'a, str>; COLUMNS.len()] {
    let subject = &*finding.subject;
    let waiver = finding.waiver.as_deref();
    let account_id = subject.account_id.as_deref().unwrap_or_default();
    let gaps: Vec<&str> = finding.gaps.iter().map(GapId::as_str).collect();
    let unit = report.tree.place_of(account_id).and_then(|place| report.tree.places().get(place));
    let unit = unit.map_or("", |unit| &unit.path);
    let controls: Vec<String> = rule.controls.iter().map(words::requirement).collect();
    // What passes needs none.
    let remedy = match finding.verdict {
        Verdict::Fail => Remedy::of(report, rule, finding).text,
        Verdict::Pass | Verdict::Unknown | Verdict::NotApplicable => Cow::Borrowed(""),
    };
    [
        rule.id.as_str().into(),
        rule.severity.as_str().into(),
        finding.verdict.as_str().into(),
        account_id.into(),
        report.account_name(account_id).unwrap_or_default().into(),
        subject.region.as_deref().unwrap_or_default().into(),
        subject.kind.as_str().into(),
        (&*subject.id).into(),
        subject.arn.as_deref().unwrap_or_default().into(),
        subject.name.as_deref().unwrap_or_default().into(),
        Report::message(rule, finding).into(),
        gaps.join(" ").into(),
        waiver.map_or("", |waiver| &waiver.id).into(),
        waiver.map_or_else(String::new, |waiver| waiver.expires.to_string()).into(),
        fingerprint(&rule.id, subject).into(),
        waiver.map_or("", |waiver| &waiver.owner).into(),
        rule.title.as_str().into(),
        unit.into(),
        controls.join("; ").into(),
        remedy,
    ]
}

/// A cell that is text for every spreadsheet: visible characters alone, and no formula.
fn safe(cell: &str) -> Cow<'_, str> {
    let cell = escape(cell);
    match cell.chars().next() {
        // The wide forms are formulas too where the language of the spreadsheet writes them so.
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠') => {
            format!("'{cell}").into()
        }
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::safe;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for (cell, wanted) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("＝1", "'＝1"),
            ("\t=1", "\\u{9}=1"),
            ("\r=1", "\\u{d}=1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(safe(cell), wanted);
        }
    }

    proptest! {
        #[test]
        fn no_cell_steers_a_terminal_or_starts_a_formula(cell in ".*") {
            let safe = safe(&cell);
            prop_assert!(!safe.chars().any(char::is_control));
            prop_assert!(!safe.starts_with(['=', '+', '-', '@']));
        }
    }
}
