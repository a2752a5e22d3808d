//! `check` and `demo`, and the second half of `scan`.

use std::time::Instant;

use super::collect;
use super::formats::Contents;
use super::gating::{Accepted, Gating};
use crate::attestation::Attestation;
use crate::cli::{CheckArgs, CollectingArgs, ConnectionArgs, DemoArgs, EvidenceArgs, SecurityHubArgs};
use crate::deliver::Targets;
use crate::deliver::security_hub::SecurityHub;
use crate::error::Error;
use crate::evaluate::{self, Evaluation};
use crate::example::Example;
use crate::exit::Exit;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::{FormatKind, Report};
use crate::rules::RuleSet;
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;

pub(super) fn check(args: &CheckArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = super::rules(&args.rules, config, printer)?;
    let reach = reach(&args.connection, config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let targets = Targets::open(settings::outputs(&args.output, config)?, reach.clone())?;
    let outlets = Outlets { targets, hub: security_hub(&args.security_hub, &reach)? };
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let attestations = attestations(&args.evidence)?;
    finish(&Source::Files(args.files.clone()), &attestations, &rules, config, outlets, &gate, printer)
}

pub(super) fn demo(args: &DemoArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = super::rules(&args.rules, config, printer)?;
    let reach = reach(&ConnectionArgs::default(), config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let targets = Targets::open(settings::outputs(&args.output, config)?, reach)?;
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let outlets = Outlets { targets, hub: None };
    finish(&Example::demo().into_source(), &[], &rules, config, outlets, &gate, printer)
}

/// Where a report goes.
pub(super) struct Outlets {
    pub(super) targets: Targets<FormatKind>,
    pub(super) hub: Option<SecurityHub>,
}

/// Security Hub, where it was asked for and answers.
pub(super) fn security_hub(
    args: &SecurityHubArgs,
    settings: &CollectSettings,
) -> Result<Option<SecurityHub>, Error> {
    if !args.send_to_security_hub {
        return Ok(None);
    }
    Ok(Some(SecurityHub::open(settings, args.security_hub_region.as_deref())?))
}

/// How AWS is reached by those who only deliver.
pub(super) fn reach(connection: &ConnectionArgs, config: &ConfigFile) -> CollectSettings {
    let mut args = CollectingArgs::default();
    args.aws.connection = connection.clone();
    collect::settings(&args, config)
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
    outlets: Outlets,
    gate: &Gating,
    printer: &Printer,
) -> Result<Exit, Error> {
    let mut evaluation = evaluation(source, attestations, rules, config, printer)?;
    gate.accepted.lay_over(&mut evaluation, rules, printer);
    let report = Report::of(evaluation, rules);
    let contents = Contents { report: &report, matrix: None };
    let Outlets { targets, hub } = outlets;
    let written = targets.write(printer, |kind| contents.document(kind));
    let sent = hub.map_or(Ok(()), |hub| hub.send(&report, printer));
    if let (Err(_), Err(error)) = (&written, &sent) {
        printer.error(&error.to_string());
    }
    written?;
    sent?;
    Ok(gate.judge(&report, printer))
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
