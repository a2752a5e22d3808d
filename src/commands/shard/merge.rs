//! `shard merge`: judges every shard by itself, whatever the engine says of it, and writes the snapshot of the whole run.

use std::path::{Path, PathBuf};

use super::{Planned, ShardError};
use crate::cli::ShardMergeArgs;
use crate::collect::sharding::{self, Parts};
use crate::collect::{CollectError, Outcome};
use crate::commands::collecting::{check_room, watching};
use crate::commands::error::Error;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::text::count;
use crate::settings::config::ConfigFile;
use crate::shard::{self, Look, Trouble};
use crate::snapshot::SnapshotError;

/// What the shards of a plan came to.
#[derive(Default)]
struct Judged {
    parts: Vec<PathBuf>,
    undone: Vec<(usize, Trouble)>,
    calls: u64,
}

pub(super) fn merge(args: &ShardMergeArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    check_room(&args.output)?;
    let planned = Planned::open(&args.plan, &args.session, &args.aws, config)?;
    let judged = judge(&planned)?;
    let mut missing: Vec<(String, String)> = Vec::new();
    if !judged.undone.is_empty() {
        let error = undone(&planned, &judged);
        if !args.allow_missing {
            return Err(error.into());
        }
        for (index, trouble) in &judged.undone {
            printer.warn(&format!("shard {index}, {}, is {trouble}", accounts_of(&planned, *index)));
            let why = format!("its shard {index} is {trouble}");
            let accounts = planned.plan.accounts_of(*index).unwrap_or_default();
            missing.extend(accounts.iter().map(|account| (account.clone(), why.clone())));
        }
    }
    let parts = Parts {
        header: planned.plan.header(),
        files: &judged.parts,
        missing: &missing,
        calls: planned.plan.calls() + judged.calls,
    };
    let outcome = write(&planned, &parts, &args.output, printer)?;
    let output = args.output.display();
    printer.note(&format!(
        "{} in {output}. Check it: trailproof check {output}",
        count(outcome.accounts, "account")
    ));
    // As with collect: the snapshot is whole, and names what did not answer.
    Ok(Exit::Complete)
}

fn judge(planned: &Planned) -> Result<Judged, ShardError> {
    let Planned { store, plan, .. } = planned;
    let mut judged = Judged::default();
    for index in 0..plan.shards() {
        let accounts = plan.accounts_of(index).unwrap_or_default();
        match shard::look(store, plan, index, accounts).map_err(ShardError::Store)? {
            Look::Done { manifest, part } => {
                judged.calls += manifest.calls;
                judged.parts.push(part);
            }
            Look::Undone { trouble, .. } => judged.undone.push((index, trouble)),
        }
    }
    Ok(judged)
}

/// The accounts of a shard, which stand in a row among those of the organization.
fn accounts_of(planned: &Planned, index: usize) -> String {
    let accounts = planned.plan.accounts_of(index).unwrap_or_default();
    match accounts {
        [] => "no accounts".to_owned(),
        [account] => format!("account {account}"),
        [first, .., last] => format!("{} from {first} to {last}", count(accounts.len(), "account")),
    }
}

fn undone(planned: &Planned, judged: &Judged) -> ShardError {
    let troubles: Vec<String> = judged
        .undone
        .iter()
        .map(|(index, trouble)| format!("\n  shard {index}, {}, is {trouble}", accounts_of(planned, *index)))
        .collect();
    let indexes: Vec<String> = judged.undone.iter().map(|(index, _)| index.to_string()).collect();
    ShardError::Undone {
        count: judged.undone.len(),
        shards: planned.plan.shards(),
        troubles: troubles.concat(),
        indexes: indexes.join(","),
    }
}

/// Writes the snapshot beside its name, and gives it its name when it is whole: whoever merges again begins anew.
fn write(planned: &Planned, parts: &Parts<'_>, output: &Path, printer: &Printer) -> Result<Outcome, Error> {
    let failed = |source| SnapshotError::Write { path: output.display().to_string(), source };
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let aside = tempfile::Builder::new().prefix(".trailproof-").tempdir_in(folder);
    let aside = aside.map_err(|source| CollectError::Snapshot(failed(source)))?;
    let target = aside.path().join("snapshot");
    let merged = watching(printer, |events| {
        let complete = |stop| sharding::complete(&planned.settings, parts, &target, events, stop);
        Ok(planned.runtime.run(complete)??)
    });
    let outcome = match merged {
        Err(Error::Collect(CollectError::InterruptedEarly)) => return Err(ShardError::Interrupted.into()),
        merged => merged?,
    };
    std::fs::rename(&target, output).map_err(|source| CollectError::Snapshot(failed(source)))?;
    Ok(outcome)
}
