//! `check` and `demo`, and the second half of `scan`.

use std::time::Instant;

use super::writing::{Contents, Files};
use crate::attestation::Attestation;
use crate::cli::{CheckArgs, DemoArgs, EvidenceArgs};
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
    let attestations = attestations(&args.evidence)?;
    finish(&Source::Files(args.files.clone()), &attestations, &rules, config, files, gate, printer)
}

pub(super) fn demo(args: &DemoArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = super::rules(&args.rules, config, printer)?;
    let files = Files::open(settings::outputs(&args.output, config)?)?;
    let gate = settings::gate(&args.output, config);
    finish(&Example::demo().into_source(), &[], &rules, config, files, gate, printer)
}

/// What was verified elsewhere.
pub(super) fn attestations(args: &EvidenceArgs) -> Result<Vec<Attestation>, Error> {
    Ok(args.attestation.iter().map(|path| Attestation::read(path)).collect::<Result<_, _>>()?)
}

/// Checks a snapshot, writes the reports, and judges.
pub(super) fn finish(
    source: &Source,
    attestations: &[Attestation],
    rules: &RuleSet,
    config: &ConfigFile,
    files: Files,
    gate: Gate,
    printer: &Printer,
) -> Result<Exit, Error> {
    let report = report(source, attestations, rules, config, printer)?;
    files.write(&Contents { report: &report, matrix: None }, printer)?;
    Ok(gate.judge(&report))
}

/// Checks a snapshot.
pub(super) fn report(
    source: &Source,
    attestations: &[Attestation],
    rules: &RuleSet,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Report, Error> {
    let began = Instant::now();
    let evaluation = evaluate::check_with(source, config.organization.clone(), attestations, rules)?;
    printer.detail(&format!("{} findings in {:.1?}", evaluation.findings.len(), began.elapsed()));
    Ok(Report::of(evaluation, rules))
}
