//! `check` and `demo`, and the second half of `scan`.

use std::time::Instant;

use super::writing::{Contents, Files};
use crate::cli::{CheckArgs, DemoArgs};
use crate::error::Error;
use crate::evaluate;
use crate::example::Example;
use crate::exit::{Exit, Gate};
use crate::printer::Printer;
use crate::report::Report;
use crate::rules::RuleSet;
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;

pub(super) fn check(args: &CheckArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = super::rules(&args.rules, config, printer)?;
    let files = Files::open(settings::outputs(&args.output, config)?)?;
    let gate = settings::gate(&args.output, config);
    finish(&Source::Files(args.files.clone()), &rules, config, files, gate, printer)
}

pub(super) fn demo(args: &DemoArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = super::rules(&args.rules, config, printer)?;
    let files = Files::open(settings::outputs(&args.output, config)?)?;
    let gate = settings::gate(&args.output, config);
    finish(&Example::demo().into_source(), &rules, config, files, gate, printer)
}

/// Checks a snapshot, writes the reports, and judges.
pub(super) fn finish(
    source: &Source,
    rules: &RuleSet,
    config: &ConfigFile,
    files: Files,
    gate: Gate,
    printer: &Printer,
) -> Result<Exit, Error> {
    let report = report(source, rules, config, printer)?;
    files.write(&Contents { report: &report, matrix: None }, printer)?;
    Ok(gate.judge(&report))
}

/// Checks a snapshot.
pub(super) fn report(
    source: &Source,
    rules: &RuleSet,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Report, Error> {
    let began = Instant::now();
    let evaluation = evaluate::check(source, config.organization.clone(), rules)?;
    printer.detail(&format!("{} findings in {:.1?}", evaluation.findings.len(), began.elapsed()));
    Ok(Report::of(evaluation, rules))
}
