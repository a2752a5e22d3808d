//! What the rules say of a snapshot, for every command that asks: [`super::finishing`] goes on to write and judge it,
//! others look into it.

use std::time::Instant;

use super::error::Error;
use crate::attestation::Attestation;
use crate::cli::EvidenceArgs;
use crate::evaluate::{self, Evaluation};
use crate::printer::Printer;
use crate::report::Report;
use crate::rules::RuleSet;
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;

/// What was verified elsewhere.
pub(super) fn attestations(args: &EvidenceArgs) -> Result<Vec<Attestation>, Error> {
    Ok(args.attestation.iter().map(|path| Attestation::read(path)).collect::<Result<_, _>>()?)
}

/// Asks the rules about a snapshot.
pub(super) fn evaluation(
    source: &Source,
    attestations: &[Attestation],
    rules: &RuleSet,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Evaluation, Error> {
    let began = Instant::now();
    let evaluation = evaluate::check_with(source, config.organization.clone(), attestations, rules)?;
    printer.detail(&format!("{} findings in {:.1?}", evaluation.findings.len(), began.elapsed()));
    Ok(evaluation)
}

/// Checks a snapshot, with nothing accepted.
pub(super) fn report(
    source: &Source,
    attestations: &[Attestation],
    rules: &RuleSet,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Report, Error> {
    Ok(Report::of(evaluation(source, attestations, rules, config, printer)?, rules))
}
