//! The report for people: a summary read in ten seconds, failures by rule with the worst first, what could not be
//! decided by the call that did not answer, and what to do next.

mod account;
mod failures;
mod fold;
mod frameworks;
pub(super) mod heading;
pub(super) mod paint;
mod sheet;
mod unknowns;
mod waived;

use std::io::{self, Write};

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

pub(super) use self::heading::reason_text;
pub(crate) use self::paint::{Paint, Tone};
pub use self::sheet::Sheet;
use super::Report;

/// How a table is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the terminal; fewer than [`Layout::NARROWEST`] are taken for so many.
    pub width: usize,
    /// With ANSI colours.
    pub color: bool,
}

impl Layout {
    /// Where the width of the terminal is not known.
    pub const DEFAULT_WIDTH: usize = 100;
    /// Narrower than this nothing can be read.
    pub const NARROWEST: usize = 60;

    pub(super) fn width(self) -> usize {
        self.width.max(Self::NARROWEST)
    }
}

/// Writes the report.
pub fn render(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(layout.color);
    heading::render(report, layout, paint, out)?;
    let failures = failures::render(report, layout, paint, out)?;
    unknowns::render(report, layout, paint, out)?;
    waived::render(report, layout, paint, out)?;
    frameworks::render(report, layout, paint, out)?;
    next_steps(report, failures, layout, paint, out)
}

/// Text that fills the width inside the margin.
pub(crate) fn paragraph(layout: Layout, text: &str) -> Vec<String> {
    let mut table = plain(layout);
    table.add_row([Cell::new(text)]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((2, 0));
    }
    lines(&table)
}

pub(super) fn plain(layout: Layout) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(layout.width()).unwrap_or(u16::MAX));
    table
}

pub(super) fn lines(table: &Table) -> Vec<String> {
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Rows of two columns, without borders, inside the margin.
pub(crate) fn pairs(
    layout: Layout,
    left: ColumnConstraint,
    rows: impl IntoIterator<Item = [String; 2]>,
) -> Vec<String> {
    let mut table = plain(layout);
    for row in rows {
        table.add_row(row.map(Cell::new));
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(left).set_padding((2, 2));
    }
    if let Some(column) = table.column_mut(1) {
        column.set_padding((0, 0));
    }
    lines(&table)
}

/// The left column as wide as its content, but never over a share of the width.
pub(crate) fn at_most(layout: Layout, percent: usize) -> ColumnConstraint {
    let columns = layout.width() * percent / 100;
    ColumnConstraint::UpperBoundary(Width::Fixed(u16::try_from(columns).unwrap_or(u16::MAX)))
}

fn next_steps(
    report: &Report,
    first_failure: Option<&str>,
    layout: Layout,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut steps: Vec<[String; 2]> = Vec::new();
    if let Some(rule) = first_failure {
        steps.push([
            format!("trailproof explain {rule}"),
            "why it matters, and how to put it right".to_owned(),
        ]);
    }
    if report.gaps().iter().any(|gap| gap.reason == crate::model::GapReason::AccessDenied) {
        steps.push([
            "trailproof iam-policy".to_owned(),
            "what the audit role must be allowed to call".to_owned(),
        ]);
    }
    steps.push([
        "--format json=report.json".to_owned(),
        "every finding with its evidence, those that passed too".to_owned(),
    ]);
    writeln!(out, "\n{}", paint.text(Tone::Bold, "Next"))?;
    pairs(layout, at_most(layout, 60), steps).iter().try_for_each(|line| writeln!(out, "{line}"))
}
