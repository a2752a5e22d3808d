//! `verify-logs` and `copy-logs`.

use chrono::{DateTime, TimeDelta, Utc};

use crate::attestation::Attestation;
use crate::cli::{
    ArchiveArgs, AwsArgs, CollectingArgs, CopyLogsArgs, RoleArgs, ScopeArgs, VerifyLogsArgs, VerifyOutputArgs,
};
use crate::collect::archive::{self, ArchiveError, ArchiveEvent, LocalCopy, Request, Sample, Target};
use crate::deliver::{DeliverError, Document, FileTarget, Targets, room};
use crate::error::Error;
use crate::exit::{Exit, Gate};
use crate::finding::Severity;
use crate::integrity::TimeRange;
use crate::plan::CollectSettings;
use crate::printer::{Printer, Progress};
use crate::report::integrity::IntegrityReport;
use crate::report::json::write_lines;
use crate::report::text::{count, grouped};
use crate::settings::{self, SettingsError, config::ConfigFile};

/// Objects in flight where nobody says.
const MAX_CONCURRENCY: u16 = 64;

pub(super) fn verify(args: &VerifyLogsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let settings = collect_settings(&args.role, &args.aws, config);
    let targets = Targets::open(settings::verify_outputs(&args.output)?, settings.clone())?;
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
    let verified = archive::verify(&settings, &request, &|event| show(&event, printer, &progress))?;
    drop(progress);
    let report = IntegrityReport::from(verified);
    if let Some(target) = attestation {
        write_attestation(&report.attestation(), target)?;
    }
    let rendered = &report;
    targets.write(printer, |kind| Document::whole(move |layout, out| rendered.render(kind, layout, out)))?;
    Ok(judge(&report, gate(&args.output, config)))
}

pub(super) fn copy(args: &CopyLogsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let mut request = request(&args.archive, &args.role, config)?;
    if args.digests_only {
        request.sample = Sample::DigestsOnly;
    }
    let failed = |source| ArchiveError::WriteCopy { path: args.folder.clone(), source };
    room::for_folder(&args.folder).map_err(failed)?;
    let settings = collect_settings(&args.role, &args.aws, config);
    let progress = printer.progress();
    let copied = archive::copy(&settings, &request, &args.folder, &|event| show(&event, printer, &progress))?;
    drop(progress);
    for (what, why) in copied.failed.iter().take(20) {
        printer.warn(&format!("{what} was not copied: {why}"));
    }
    if copied.failed.len() > 20 {
        printer.warn(&format!("and {} more were not copied", grouped(copied.failed.len() - 20)));
    }
    printer.note(&format!(
        "{} in {}. Verify them: trailproof verify-logs --from {} --public-keys {} --start-time {} --end-time {}",
        count(copied.objects, "object"),
        args.folder.display(),
        args.folder.display(),
        copied.public_keys.display(),
        word(copied.range.from),
        word(copied.range.to),
    ));
    Ok(if copied.failed.is_empty() { Exit::Complete } else { Exit::Incomplete })
}

fn word(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
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

fn request(args: &ArchiveArgs, role: &RoleArgs, config: &ConfigFile) -> Result<Request, Error> {
    let target = match (&args.trail_arn, &args.bucket) {
        (Some(arn), _) => Target::Trail(arn.clone()),
        (None, Some(bucket)) => Target::Bucket {
            bucket: bucket.clone(),
            prefix: args.prefix.as_deref().unwrap_or_default().trim_matches('/').to_owned(),
        },
        (None, None) => Target::Organization,
    };
    Ok(Request {
        target,
        range: range(args.start_time, args.end_time)?,
        accounts: sorted(&args.accounts),
        regions: sorted(&args.regions),
        sample: Sample::All,
        state: None,
        archive_account: args.archive_account.clone(),
        role_is_chosen: role.role_name.is_some() || config.scan.role_name.is_some(),
        copy: None,
    })
}

fn range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<Option<TimeRange>, SettingsError> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let to = to.unwrap_or_else(Utc::now);
    let from = from.unwrap_or_else(|| to - TimeDelta::days(90));
    if from >= to {
        return Err(SettingsError::EmptyRange { from: word(from), to: word(to) });
    }
    Ok(Some(TimeRange::new(from, to)))
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

fn collect_settings(role: &RoleArgs, aws: &AwsArgs, config: &ConfigFile) -> CollectSettings {
    let scope = ScopeArgs::default();
    let mut args = CollectingArgs { scope, role: role.clone(), aws: aws.clone() };
    // Objects are smaller and faster than answers of the other services: more of them are in flight.
    args.aws.max_concurrency = args.aws.max_concurrency.or(Some(MAX_CONCURRENCY));
    super::collect::settings(&args, config)
}

fn show(event: &ArchiveEvent, printer: &Printer, progress: &Progress<'_>) {
    match event {
        ArchiveEvent::Planned { places, folders, resumed, range } => {
            let before =
                if *resumed > 0 { format!(", {} verified before", grouped(*resumed)) } else { String::new() };
            let buckets: std::collections::BTreeSet<&str> =
                places.iter().map(|place| place.bucket.as_str()).collect();
            let buckets = buckets.into_iter().collect::<Vec<_>>().join(", ");
            let folders = count(*folders, "folder");
            printer.note(&format!(
                "{buckets}: {folders}{before}, {} to {}",
                word(range.from),
                word(range.to)
            ));
        }
        ArchiveEvent::Progress { done, total, objects, bytes } => {
            progress.update_objects(*done, *total, *objects, *bytes);
        }
        ArchiveEvent::Warning(text) => printer.warn(text),
    }
}
