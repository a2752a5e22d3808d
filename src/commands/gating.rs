//! What is known and accepted, laid over what was found.

use chrono::{NaiveDate, Utc};

use super::error::Error;
use crate::baseline::Baseline;
use crate::cli::AcceptedArgs;
use crate::evaluate::Evaluation;
use crate::exit::{Exit, Gate};
use crate::printer::Printer;
use crate::report::Report;
use crate::report::text::{count, grouped};
use crate::rules::RuleSet;
use crate::settings::{self, config::ConfigFile};
use crate::waivers::Waivers;

/// What is known and accepted.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    waivers: Waivers,
    baseline: Option<Baseline>,
}

/// What makes a run fail, and what does not.
#[derive(Debug)]
pub(super) struct Gating {
    pub(super) gate: Gate,
    pub(super) accepted: Accepted,
}

/// The day by which waivers end.
pub(super) fn today() -> NaiveDate {
    Utc::now().date_naive()
}

impl Accepted {
    pub(super) fn load(args: &AcceptedArgs, config: &ConfigFile, rules: &RuleSet) -> Result<Self, Error> {
        let waivers = Waivers::load(&settings::waivers(&args.waivers, config), rules)?;
        let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
        Ok(Self { waivers, baseline })
    }

    /// Lays the waivers over the failures, and says what is wrong with waivers.
    pub(super) fn apply_waivers(&self, evaluation: &mut Evaluation, rules: &RuleSet, printer: &Printer) {
        for remark in self.waivers.apply(evaluation, rules, today()) {
            printer.warn(&remark.text());
        }
    }
}

impl Gating {
    /// How the run ends.
    pub(super) fn judge(&self, report: &Report, printer: &Printer) -> Exit {
        let Some(baseline) = &self.accepted.baseline else { return self.gate.judge(report) };
        let compared = baseline.judge(report, self.gate);
        let gone = if compared.gone > 0 {
            format!("; {} of it are no more: write it anew", grouped(compared.gone))
        } else {
            String::new()
        };
        let not_looked_at = if compared.not_looked_at > 0 {
            format!("; {} of it were not looked at", grouped(compared.not_looked_at))
        } else {
            String::new()
        };
        let first = if compared.first_looked_at > 0 {
            format!("; {} were looked at for the first time", count(compared.first_looked_at, "finding"))
        } else {
            String::new()
        };
        printer.note(&format!(
            "the baseline knows {} and {}{gone}{not_looked_at}{first}",
            count(compared.known_failures, "failure"),
            count(compared.known_unknowns, "unknown")
        ));
        compared.exit
    }
}
