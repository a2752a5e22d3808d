//! Frameworks: what the rules say of the part of each standard that is about logging.

use askama::Template;

use super::page::Text;
use crate::frameworks::{ControlVerdict, PART};
use crate::report::Report;
use crate::report::frameworks::{ControlResult, FrameworkResult};
use crate::report::text::grouped;

#[derive(Template)]
#[template(path = "frameworks.html")]
pub(super) struct Frameworks<'a> {
    frameworks: Vec<FrameworkView<'a>>,
}

struct FrameworkView<'a> {
    framework: &'a FrameworkResult,
}

impl<'a> Frameworks<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let frameworks = report.frameworks().iter();
        Self { frameworks: frameworks.map(|framework| FrameworkView { framework }).collect() }
    }
}

impl FrameworkView<'_> {
    fn counts(&self) -> Vec<(&'static str, &'static str, usize)> {
        let count = |verdict: ControlVerdict| {
            let controls = self.framework.controls.iter();
            let number = controls.filter(|control| control.verdict == verdict).count();
            (class(verdict), word(verdict), number)
        };
        ControlVerdict::ALL.into_iter().map(count).filter(|(_, _, number)| *number > 0).collect()
    }

    fn class(control: &ControlResult) -> &'static str {
        class(control.verdict)
    }

    fn word(control: &ControlResult) -> &'static str {
        word(control.verdict)
    }

    /// The findings behind a control's verdict.
    fn behind(control: &ControlResult) -> String {
        let counts = control.counts;
        let parts = [
            (counts.fail.saturating_sub(control.waived), "fail"),
            (counts.unknown, "unknown"),
            (control.waived, "waived"),
            (counts.pass, "pass"),
        ];
        let some = parts.into_iter().filter(|(number, _)| *number > 0);
        some.map(|(number, word)| format!("{} {word}", grouped(number))).collect::<Vec<_>>().join(", ")
    }
}

fn class(verdict: ControlVerdict) -> &'static str {
    match verdict {
        ControlVerdict::Pass => "pass",
        ControlVerdict::Fail => "fail",
        ControlVerdict::Unknown => "unknown",
        ControlVerdict::NotCovered => "none",
    }
}

fn word(verdict: ControlVerdict) -> &'static str {
    match verdict {
        ControlVerdict::NotCovered => "not covered",
        other => other.as_str(),
    }
}
