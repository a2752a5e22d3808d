//! The last stages of `check`, `demo` and `scan`: evaluate, render, deliver, judge.
//!
//! What the rules say comes from [`super::evaluating`], each format from [`super::formats`], and how the run ends from
//! [`super::gating`].

use super::advice;
use super::delivering::deliver;
use super::error::Error;
use super::evaluating::evaluation;
use super::formats::Contents;
use super::gating::Gating;
use super::runtime::Runtime;
use crate::attestation::Attestation;
use crate::cli::SecurityHubArgs;
use crate::deliver::Targets;
use crate::deliver::security_hub::SecurityHub;
use crate::exit::Exit;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::{FormatKind, Report};
use crate::rules::RuleSet;
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;

/// Where a report goes.
pub(super) struct Destinations {
    pub(super) targets: Targets<FormatKind>,
    /// Passes are folded in what is written in JSON.
    pub(super) folds_passes: bool,
    pub(super) hub: Option<SecurityHub>,
}

/// Security Hub, where it was asked for and answers.
pub(super) fn security_hub(
    args: &SecurityHubArgs,
    settings: &CollectSettings,
    runtime: &Runtime,
) -> Result<Option<SecurityHub>, Error> {
    if !args.send_to_security_hub {
        return Ok(None);
    }
    Ok(Some(SecurityHub::open(settings, args.security_hub_region.as_deref(), runtime.waiter())?))
}

/// Checks a snapshot, writes the reports, and judges.
pub(super) fn evaluate_and_deliver(
    source: &Source,
    attestations: &[Attestation],
    rules: &RuleSet,
    config: &ConfigFile,
    destinations: Destinations,
    gate: &Gating,
    printer: &Printer,
) -> Result<Exit, Error> {
    let mut evaluation = evaluation(source, attestations, rules, config, printer)?;
    gate.accepted.apply_waivers(&mut evaluation, rules, printer);
    let Destinations { targets, folds_passes, hub } = destinations;
    let report = Report::of(evaluation, rules).with_passes_folded(folds_passes);
    let contents = Contents { report: &report, matrix: None };
    let written = deliver(targets, printer, |kind| contents.document(kind));
    let sent = hub.map_or(Ok(()), |hub| hub.send(&report, printer));
    if let (Err(_), Err(error)) = (&written, &sent) {
        printer.error(&advice::of_delivering(error));
    }
    written?;
    sent?;
    Ok(gate.judge(&report, printer))
}
