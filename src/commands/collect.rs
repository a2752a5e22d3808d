//! `collect`, and the first half of `scan`.

use std::path::Path;

use tempfile::TempDir;

use super::check::{self, Outlets};
use super::gating::{Accepted, Gating};
use crate::cli::{CollectArgs, CollectingArgs, ScanArgs};
use crate::collect::{self, CollectError, Event, Outcome};
use crate::deliver::{Targets, room};
use crate::error::Error;
use crate::exit::Exit;
use crate::plan::{CollectSettings, MfaTokenSource};
use crate::printer::Printer;
use crate::report::text::{count, grouped};
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::{SnapshotError, Source};

pub(super) fn scan(args: &ScanArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    // All that can be wrong without AWS is found before AWS is asked.
    let rules = super::rules(&args.rules, config, printer)?;
    let settings = settings(&args.collecting, config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let targets = Targets::open(settings::outputs(&args.output, config)?, settings.clone())?;
    let outlets = Outlets { targets, hub: check::security_hub(&args.security_hub, &settings)? };
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let attestations = check::attestations(&args.evidence)?;
    if let Some(path) = &args.snapshot {
        check_room(path)?;
        run(&settings, path, args.resume, printer)?;
        let source = Source::Files(vec![path.clone()]);
        return check::finish(&source, &attestations, &rules, config, outlets, &gate, printer);
    }
    let collected = Collected::new(&settings, printer)?;
    check::finish(&collected.source, &attestations, &rules, config, outlets, &gate, printer)
}

/// A snapshot that is kept for the time of the run only.
pub(super) struct Collected {
    pub(super) source: Source,
    _folder: TempDir,
}

impl Collected {
    /// Collects from a live organization.
    pub(super) fn live(args: &CollectingArgs, config: &ConfigFile, printer: &Printer) -> Result<Self, Error> {
        Self::new(&settings(args, config), printer)
    }

    fn new(settings: &CollectSettings, printer: &Printer) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("trailproof-").tempdir().map_err(Error::Temporary)?;
        let path = folder.path().join("snapshot");
        match run(settings, &path, false, printer) {
            Err(Error::Collect(CollectError::Interrupted { done, total, .. })) => {
                Err(Error::ScanInterrupted { done, total })
            }
            Err(error) => Err(error),
            Ok(_) => Ok(Self { source: Source::Files(vec![path]), _folder: folder }),
        }
    }
}

pub(super) fn collect(args: &CollectArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    check_room(&args.output)?;
    let outcome = run(&settings(&args.collecting, config), &args.output, args.resume, printer)?;
    printer.note(&format!(
        "{} in {}. Check it: trailproof check {}",
        count(outcome.accounts, "account"),
        outcome.snapshot.display(),
        outcome.snapshot.display()
    ));
    // The snapshot is whole, and names what did not answer: `check` judges that.
    Ok(Exit::Complete)
}

/// Before AWS is asked: the snapshot appears at the end, and could not then.
fn check_room(path: &Path) -> Result<(), CollectError> {
    let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
    Ok(room::for_file(path).map_err(failed)?)
}

pub(super) fn settings(args: &CollectingArgs, config: &ConfigFile) -> CollectSettings {
    let mut settings = settings::collecting(args, config, |name| std::env::var(name).ok());
    settings.mfa_token = Some(MfaTokenSource::new(|serial| {
        Printer::ask(&format!("The six digits of the MFA device {serial}:"))
    }));
    settings
}

fn run(settings: &CollectSettings, target: &Path, resume: bool, printer: &Printer) -> Result<Outcome, Error> {
    let progress = printer.progress();
    let events = |event: Event| match event {
        Event::Discovered { organization_id, accounts: total, resumed } => {
            let whose = organization_id.unwrap_or_else(|| "no organization".to_owned());
            let before =
                if resumed > 0 { format!(", {} read before", grouped(resumed)) } else { String::new() };
            printer.note(&format!("{whose}: {} in scope{before}", count(total, "account")));
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
    let outcome = collect::collect(settings, target, resume, &events)?;
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
