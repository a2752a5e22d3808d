//! `shard run`: reads the accounts of one shard. What it wrote counts from the moment on in which its manifest is there;
//! before, another run begins anew, and of two at once the first to write its manifest is the one that counts.

use super::{Planned, ShardError};
use crate::cli::ShardRunArgs;
use crate::collect::{CollectError, Outcome, sharding};
use crate::commands::collecting::watching;
use crate::commands::error::Error;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::text::count;
use crate::settings::{self, config::ConfigFile};
use crate::shard::store::{Condition, Digest, Put, Version};
use crate::shard::{self, Look, Manifest, PLAN, Trouble};

pub(super) fn run(args: &ShardRunArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let index = settings::shard_index(args.index, |name| std::env::var(name).ok())?;
    let planned = Planned::open(&args.plan, &args.session, &args.aws, config)?;
    let accounts = planned.plan.accounts_of(index);
    let accounts =
        accounts.map_err(|error| ShardError::Plan { place: planned.store.place_of(PLAN), error })?;
    let before = match look(&planned, index, accounts)? {
        Look::Done { manifest, .. } => {
            let accounts = count(manifest.accounts, "account");
            printer.note(&format!("shard {index} is done already: {accounts}"));
            return Ok(Exit::Complete);
        }
        Look::Undone { trouble: Trouble::Missing, .. } => None,
        Look::Undone { trouble, manifest } => {
            printer.warn(&format!("shard {index} is {trouble}. It is read anew"));
            manifest
        }
    };
    let outcome = read(&planned, accounts, printer)?;
    match write(&planned, index, &outcome, before.as_ref())? {
        Put::Done => {
            printer.note(&format!(
                "shard {index}: {}, {}",
                count(accounts.len(), "account"),
                count(outcome.gaps, "unanswered call")
            ));
        }
        Put::Taken => match look(&planned, index, accounts)? {
            Look::Done { .. } => {
                printer.note(&format!("shard {index} is done: another run of it was first, and counts"));
            }
            Look::Undone { trouble, .. } => {
                return Err(ShardError::Contended { shard: index, trouble: trouble.to_string() }.into());
            }
        },
    }
    Ok(Exit::Complete)
}

fn look(planned: &Planned, index: usize, accounts: &[String]) -> Result<Look, ShardError> {
    shard::look(&planned.store, &planned.plan, index, accounts).map_err(ShardError::Store)
}

fn read(planned: &Planned, accounts: &[String], printer: &Printer) -> Result<Outcome, Error> {
    let Planned { store, plan, settings, runtime } = planned;
    let target = store.scratch();
    let read = watching(printer, |events| {
        let read = |stop| sharding::read_part(settings, plan.header(), accounts, &target, events, stop);
        Ok(runtime.run(read)??)
    });
    match read {
        Err(Error::Collect(CollectError::Interrupted { .. } | CollectError::InterruptedEarly)) => {
            Err(ShardError::Interrupted.into())
        }
        read => read,
    }
}

/// The part first: a manifest that is there speaks of what is there.
fn write(planned: &Planned, shard: usize, outcome: &Outcome, before: Option<&Version>) -> Result<Put, Error> {
    let Planned { store, plan, .. } = planned;
    let digest = Digest::of(&outcome.snapshot).map_err(Error::Temporary)?;
    let part = shard::part_name(shard, &digest);
    store.put(&part, &outcome.snapshot, Condition::Always).map_err(ShardError::Store)?;
    let manifest = Manifest {
        plan: plan.id.clone(),
        shard,
        attempt: Manifest::new_attempt(),
        part,
        digest,
        accounts: outcome.accounts,
        gaps: outcome.gaps,
        calls: outcome.calls,
    };
    let name = shard::manifest_name(shard);
    let document = manifest
        .to_bytes()
        .map_err(|error| ShardError::Document { place: store.place_of(&name), detail: error.to_string() })?;
    let condition = before.map_or(Condition::New, Condition::Unchanged);
    Ok(store.put_document(&name, &document, condition).map_err(ShardError::Store)?)
}
