//! `verify-logs`: whether the archive's logs are the ones that CloudTrail delivered, all of them.

use super::archive_request::{collect_settings, request, show};
use super::delivering::deliver;
use super::error::Error;
use super::runtime::Runtime;
use crate::attestation::Attestation;
use crate::cli::{VerifyLogsArgs, VerifyOutputArgs};
use crate::collect::archive::{self, ArchiveError, LocalCopy};
use crate::deliver::{DeliverError, Document, FileTarget, Targets, room};
use crate::exit::{Exit, Gate};
use crate::integrity::Sample;
use crate::printer::Printer;
use crate::report::integrity::IntegrityReport;
use crate::report::json::write_lines;
use crate::settings::{self, config::ConfigFile};
use crate::severity::Severity;

pub(super) fn verify(args: &VerifyLogsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let settings = collect_settings(&args.role, &args.aws, config);
    let runtime = Runtime::for_hashing();
    let targets = Targets::open(settings::verify_outputs(&args.output)?, settings.clone(), runtime.waiter())?;
    let attestation = args.output.attestation.clone().map(FileTarget::open).transpose()?;
    let mut request = request(&args.archive, &args.role, config)?;
    request.sample = match args.sample {
        Some(percent) => Sample::of(percent),
        None if args.digests_only => Sample::DigestsOnly,
        None => Sample::All,
    };
    if let Some(path) = &args.state {
        let failed = |source| ArchiveError::WriteState { path: path.clone(), source };
        room::for_file(path).map_err(failed)?;
    }
    request.state.clone_from(&args.state);
    request.copy = match (&args.from, &args.public_keys) {
        (Some(folder), Some(public_keys)) => {
            Some(LocalCopy { folder: folder.clone(), public_keys: public_keys.clone() })
        }
        _ => None,
    };
    let progress = printer.progress();
    let events = |event| show(&event, printer, &progress);
    let verified = runtime.run(|stop| archive::verify(&settings, &request, &events, stop))??;
    drop(progress);
    let report = IntegrityReport::from(verified);
    if let Some(target) = attestation {
        write_attestation(&report.attestation(), target)?;
    }
    let rendered = &report;
    deliver(targets, printer, |kind| Document::whole(move |layout, out| rendered.render(kind, layout, out)))?;
    Ok(judge(&report, gate(&args.output, config)))
}

fn write_attestation(attestation: &Attestation, target: FileTarget) -> Result<(), DeliverError> {
    target.write(|out| write_lines(attestation, out))
}

fn gate(args: &VerifyOutputArgs, config: &ConfigFile) -> Gate {
    let from_file = config.output.fail_on.map(settings::config::Threshold::severity);
    Gate {
        fail_on: args.fail_on.map(|threshold| threshold.0).or(from_file).unwrap_or(Some(Severity::High)),
        allow_incomplete: args.allow_incomplete || config.output.allow_incomplete,
    }
}

/// A defect that is milder than the threshold is no failure, but what has it was not verified.
fn judge(report: &IntegrityReport, gate: Gate) -> Exit {
    let worst = report.worst_defect().filter(|severity| *severity > Severity::Info);
    if gate.fail_on.is_some_and(|least| report.worst_failure() >= Some(least)) {
        Exit::Failures
    } else if (worst.is_some() || !report.complete()) && !gate.allow_incomplete {
        Exit::Incomplete
    } else {
        Exit::Complete
    }
}
