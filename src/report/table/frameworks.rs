//! What the rules say of the controls of the frameworks that were asked for.

use std::io::{self, Write};

use super::super::Report;
use super::super::frameworks::{ControlResult, FrameworkResult};
use super::super::text::{count, escape, fit, grouped};
use super::{Layout, Paint, Tone, at_most, pairs, paragraph};
use crate::frameworks::{ControlVerdict, PART};

/// With more frameworks than these each is a line.
const WITH_CONTROLS: usize = 3;

pub(super) fn render(report: &Report, layout: Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if !report.frameworks_asked || report.frameworks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{}  {}",
        paint.text(Tone::Bold, "FRAMEWORKS"),
        paint.text(Tone::Bold, "what the rules say of controls")
    )?;
    for line in paragraph(layout, PART) {
        writeln!(out, "{line}")?;
    }
    if report.frameworks.len() > WITH_CONTROLS {
        let rows = report.frameworks.iter().map(|framework| [title(framework), verdicts(framework)]);
        return pairs(layout, at_most(layout, 50), rows).iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    for framework in &report.frameworks {
        let lead = format!("{}: {}", title(framework), verdicts(framework));
        writeln!(out)?;
        for line in paragraph(layout, &lead) {
            writeln!(out, "{}", paint.text(Tone::Bold, &line))?;
        }
        pairs(layout, at_most(layout, 30), rows(framework))
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn title(framework: &FrameworkResult) -> String {
    format!("{} {}", fit(&framework.name, 60), fit(&framework.version, 24))
}

/// `1 pass, 2 fail, 0 unknown, 24 not covered of 27 controls listed`
fn verdicts(framework: &FrameworkResult) -> String {
    let of = |verdict| framework.controls.iter().filter(|control| control.verdict == verdict).count();
    format!(
        "{} pass, {} fail, {} unknown, {} not covered; rules for {} of the {} listed",
        of(ControlVerdict::Pass),
        of(ControlVerdict::Fail),
        of(ControlVerdict::Unknown),
        of(ControlVerdict::NotCovered),
        grouped(framework.covered),
        count(framework.controls.len(), "control")
    )
}

fn rows(framework: &FrameworkResult) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    for verdict in [ControlVerdict::Fail, ControlVerdict::Unknown, ControlVerdict::Pass] {
        for control in framework.controls.iter().filter(|control| control.verdict == verdict) {
            rows.push([format!("{verdict:<7}  {}", fit(&control.id, 32)), about(control)]);
        }
    }
    let uncovered: Vec<String> = framework
        .controls
        .iter()
        .filter(|control| control.verdict == ControlVerdict::NotCovered)
        .map(|control| fit(&control.id, 32))
        .collect();
    if !uncovered.is_empty() {
        rows.push(["not covered".to_owned(), uncovered.join(", ")]);
    }
    rows
}

fn about(control: &ControlResult) -> String {
    let waived = match control.waived {
        0 => String::new(),
        waived => format!(", {} waived", grouped(waived)),
    };
    let mut text = match control.counts.fail {
        0 => escape(&control.topic).into_owned(),
        failed => format!("{} ({}{waived})", escape(&control.topic), count(failed, "failure")),
    };
    if control.verdict == ControlVerdict::Pass
        && let Some(note) = &control.note
    {
        text.push('\n');
        text.push_str(&escape(note));
    }
    text
}
