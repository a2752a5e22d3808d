//! One run on several machines, in three steps: one lists the organization, each of many reads a part of its accounts, and
//! one reads the stores that accounts name.
//!
//! The stores come last and in one place, since each account may name any: what two machines read of one owner would be
//! two records of it, and a bucket leads on to others. They are few beside the accounts. So everything is read once,
//! whatever number of machines there is, and the snapshot is that of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::in_scope::targets;
use super::{
    CollectError, Event, Outcome, Progress, Run, announce, check, discover, finish, log_destinations,
    read_accounts,
};
use crate::aws;
use crate::model::{AccountRecord, Gap, GapPlace, GapReason};
use crate::plan::CollectSettings;
use crate::snapshot::{Claim, Header};

/// What the first step found.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The head of the run's snapshot.
    pub header: Header,
    /// Calls to AWS, retries among them.
    pub calls: u64,
}

/// A run whose accounts are read.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The head of the run's snapshot.
    pub header: &'a Header,
    /// Snapshots of some of its accounts each.
    pub files: &'a [PathBuf],
    /// Accounts that are in none of them, and why.
    pub missing: &'a [(String, String)],
    /// Calls to AWS that it took so far.
    pub calls: u64,
}

type Events<'a> = dyn Fn(Event) + Send + Sync + 'a;

/// Lists the organization and applies the selection.
pub async fn survey(
    settings: &CollectSettings,
    events: &Events<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Survey, CollectError> {
    check(settings)?;
    let work = async {
        let mut run = Run::begin(settings).await?;
        let header = discover(&mut run, events).await?;
        Ok(Survey { header, calls: run.calls.made() })
    };
    tokio::select! {
        survey = Box::pin(work) => survey,
        () = stop => Err(CollectError::InterruptedEarly),
    }
}

/// Reads some accounts of a run into a snapshot of their own.
pub async fn read_part(
    settings: &CollectSettings,
    header: &Header,
    accounts: &[String],
    target: &Path,
    events: &Events<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, CollectError> {
    let progress = Progress::default();
    let work = async {
        let (run, before) = join(settings, header, events).await?;
        let part = Header { accounts: accounts.to_vec(), ..header.clone() };
        let mut partial = Claim::take(target, false)?.begin(&part)?;
        announce(&run, &part, accounts.len(), 0, events, &progress);
        read_accounts(&run, &mut partial, targets(header, accounts), events, &progress).await?;
        let calls = run.calls.made() - before;
        finish(&run, partial, 0, target, calls)
    };
    tokio::select! {
        outcome = Box::pin(work) => outcome,
        () = stop => Err(super::interrupted(target, &progress)),
    }
}

/// Puts the parts of a run together, and reads the stores that they name.
pub async fn complete(
    settings: &CollectSettings,
    parts: &Parts<'_>,
    target: &Path,
    events: &Events<'_>,
    stop: impl Future<Output = ()>,
) -> Result<Outcome, CollectError> {
    let header = parts.header;
    let work = async {
        let (run, before) = join(settings, header, events).await?;
        let mut partial = Claim::take(target, false)?.begin(header)?;
        for file in parts.files {
            partial.add_part(file)?;
        }
        let unread = targets(header, parts.missing.iter().map(|(id, _)| id));
        for (account, (_, why)) in unread.into_iter().zip(parts.missing) {
            let place = GapPlace {
                account_id: Some(&account.id),
                service: "trailproof",
                operation: "collect",
                ..GapPlace::default()
            };
            let gap = Gap::new(place, GapReason::NotCollected, why);
            partial.add_account(AccountRecord::unavailable(account.id.clone(), account.name, gap))?;
        }
        let read = header.accounts.len() - parts.missing.len();
        announce(&run, header, header.accounts.len(), read, events, &Progress::default());
        let scope = header.accounts.iter().cloned().collect();
        log_destinations::read_all(&run, &mut partial, &scope, events).await?;
        let calls = parts.calls + run.calls.made() - before;
        finish(&run, partial, header.gaps.len(), target, calls)
    };
    tokio::select! {
        outcome = Box::pin(work) => outcome,
        () = stop => Err(CollectError::InterruptedEarly),
    }
}

/// Takes part in a run that was begun elsewhere. Who calls is asked once a run, so that the calls so far do not count.
async fn join(
    settings: &CollectSettings,
    header: &Header,
    events: &Events<'_>,
) -> Result<(Arc<Run>, u64), CollectError> {
    check(settings)?;
    let mut run = Run::begin(settings).await?;
    let identity = &run.identity;
    if (&identity.account_id, &identity.partition) != (&header.caller_account_id, &header.partition) {
        return Err(CollectError::OtherCaller {
            planned: format!("account {} of {}", header.caller_account_id, header.partition),
            found: format!("account {} of {}", identity.account_id, identity.partition),
        });
    }
    run.learn(header);
    // This machine may have other endpoints than the one that planned.
    for warning in aws::endpoints_in_the_clear(&run.config) {
        events(Event::Warning(warning));
    }
    let calls = run.calls.made();
    Ok((Arc::new(run), calls))
}
