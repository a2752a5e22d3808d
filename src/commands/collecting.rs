//! Collecting with a word on how far it is: for `collect`, whose snapshot is kept, and for those who look at the live
//! organization and keep none.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::connecting;
use super::error::Error;
use super::runtime::Runtime;
use crate::cli::CollectingArgs;
use crate::collect::{self, CollectError, Event, Outcome};
use crate::deliver::room;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::text::{count, grouped};
use crate::settings::config::ConfigFile;
use crate::snapshot::{SnapshotError, Source};

/// A snapshot that is kept for the time of the run only.
pub(super) struct Collected {
    pub(super) source: Source,
    _folder: TempDir,
}

impl Collected {
    /// Collects from a live organization.
    pub(super) fn live(args: &CollectingArgs, config: &ConfigFile, printer: &Printer) -> Result<Self, Error> {
        Self::new(&connecting::settings(args, config), &Runtime::default(), printer)
    }

    pub(super) fn new(
        settings: &CollectSettings,
        runtime: &Runtime,
        printer: &Printer,
    ) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("trailproof-").tempdir().map_err(Error::Temporary)?;
        let path = folder.path().join("snapshot");
        match run(settings, &path, false, runtime, printer) {
            Err(Error::Collect(CollectError::Interrupted { done, total, .. })) => {
                Err(Error::ScanInterrupted { done, total })
            }
            Err(error) => Err(error),
            Ok(_) => Ok(Self { source: Source::Files(vec![path]), _folder: folder }),
        }
    }
}

/// Before AWS is asked: the snapshot appears at the end, and could not then.
pub(super) fn check_room(path: &Path) -> Result<(), CollectError> {
    let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
    Ok(room::for_file(path).map_err(failed)?)
}

/// A time in the unit that people wait by.
fn time(time: Duration) -> String {
    match usize::try_from(time.as_secs()).unwrap_or(usize::MAX) {
        seconds @ 0..=90 => count(seconds.max(1), "second"),
        seconds => count(seconds.div_ceil(60), "minute"),
    }
}

/// Collects into this file, and says how it goes.
pub(super) fn run(
    settings: &CollectSettings,
    target: &Path,
    resume: bool,
    runtime: &Runtime,
    printer: &Printer,
) -> Result<Outcome, Error> {
    watching(printer, |events| {
        Ok(runtime.run(|stop| collect::collect(settings, target, resume, events, stop))??)
    })
}

/// Collects, and says how it goes.
pub(super) fn watching(
    printer: &Printer,
    collect: impl FnOnce(&(dyn Fn(Event) + Send + Sync)) -> Result<Outcome, Error>,
) -> Result<Outcome, Error> {
    let progress = printer.progress();
    let events = |event: Event| match event {
        Event::Discovered { organization_id, accounts: total, resumed, estimate } => {
            let whose = organization_id.unwrap_or_else(|| "no organization".to_owned());
            let before =
                if resumed > 0 { format!(", {} read before", grouped(resumed)) } else { String::new() };
            printer.note(&format!(
                "{whose}: {} in scope{before}; expect {} and {}, or more",
                count(total, "account"),
                count(estimate.calls, "call"),
                time(estimate.time)
            ));
            progress.update("accounts", resumed, total, 0, 0);
        }
        Event::AccountDone { account_id, gaps, done, total, calls, throttled } => {
            if gaps > 0 {
                printer.detail(&format!("{account_id}: {} did not answer", count(gaps, "call")));
            }
            progress.update("accounts", done, total, calls, throttled);
        }
        Event::StoresDone { done, total, calls, throttled } => {
            progress.update("owners of buckets and keys", done, total, calls, throttled);
        }
        Event::Warning(text) => printer.warn(&text),
    };
    let outcome = collect(&events)?;
    drop(progress);
    if outcome.gaps > 0 {
        printer.warn(&format!(
            "{} of {} did not answer: what needs them stays unknown",
            grouped(outcome.gaps),
            count(usize::try_from(outcome.calls).unwrap_or(usize::MAX), "call")
        ));
    }
    Ok(outcome)
}
