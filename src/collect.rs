//! Reads an organization through the AWS API into a snapshot.
//!
//! The caller's credentials discover the accounts, the audit role of each account reads it, and what the accounts say
//! of where their logs go decides which buckets and keys are read in a second step. A call that fails is a gap; an
//! account that fails is a record that says so; neither ends the run. Uses [`crate::plan`] and [`crate::model`],
//! writes [`crate::snapshot`].

mod account;
mod answers;
pub mod archive;
mod call;
mod centralization;
mod convert;
mod discovery;
mod error;
mod estimate;
mod gate;
mod guard;
mod identity;
mod in_scope;
mod locking;
mod log_destinations;
mod organization;
mod pace;
mod permissions;
mod policies;
mod region;
mod resuming;
mod role;
mod session;
pub mod sharding;
mod sockets;
mod table;
mod tasks;
mod trails;
mod window;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::SdkConfig;

pub use error::CollectError;
pub use estimate::Estimate;
pub use permissions::{
    SUGGESTED_ROLE_NAME, archive_policy, audit_role_policy, caller_policy, stack_set_template, terraform,
};
pub use table::{ARCHIVE_TABLE, Call, CalledFor, TABLE};

pub use crate::aws::profiles::Remedy;
use crate::aws::{self, failure};
use crate::model::{AccountRecord, Gap, GapPlace, GapReason, Observed};
use crate::plan::{CollectSettings, Setting};
use crate::snapshot::{Claim, Header, Partial};
use identity::Identity;
use in_scope::{Target, targets};
use pace::Calls;
use resuming::{header, open};
use session::{Refused, Session};
use tasks::Tasks;

/// What is going on, for whoever shows progress. Called from one thread at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The organization is known.
    Discovered {
        /// The organization's identity; `None` for an account on its own.
        organization_id: Option<String>,
        /// Accounts in scope.
        accounts: usize,
        /// Accounts among them that an interrupted run has read.
        resumed: usize,
        /// What the others take, or more.
        estimate: Estimate,
    },
    /// One more account is read.
    AccountDone {
        /// The account.
        account_id: String,
        /// What could not be read in it.
        gaps: usize,
        /// Accounts that are read.
        done: usize,
        /// Accounts in scope.
        total: usize,
        /// Calls so far, retries among them.
        calls: u64,
        /// Calls so far that AWS refused for their rate.
        throttled: u64,
    },
    /// One more owner's buckets and keys are read.
    StoresDone {
        /// Owners that are read.
        done: usize,
        /// Owners known so far.
        total: usize,
        /// Calls so far, retries among them.
        calls: u64,
        /// Calls so far that AWS refused for their rate.
        throttled: u64,
    },
    /// Something that the user should know, in one sentence.
    Warning(String),
}

/// What came of a run that went to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The snapshot.
    pub snapshot: PathBuf,
    /// Accounts in it.
    pub accounts: usize,
    /// Calls that could not be answered.
    pub gaps: usize,
    /// Calls to AWS, retries among them.
    pub calls: u64,
    /// Calls that AWS refused for their rate, whether or not a retry succeeded.
    pub throttled: u64,
}

/// What a run knows and shares: everything that is fixed before the first account.
#[derive(Debug)]
struct Run {
    settings: CollectSettings,
    config: SdkConfig,
    region: String,
    calls: Arc<Calls>,
    identity: Identity,
    /// Accounts that are asked for Config aggregators.
    aggregating_accounts: BTreeSet<String>,
    /// The management account, where it is not scanned but the caller may read its organization trail.
    reads_trails_of: Option<String>,
}

impl Run {
    async fn begin(settings: &CollectSettings) -> Result<Self, CollectError> {
        let config = aws::configure(settings).await?;
        let region = config.region().map_or_else(String::new, ToString::to_string);
        let calls = Calls::new(settings.max_concurrency, settings.max_attempts, settings.call_time_limit);
        let mut run = Self {
            settings: settings.clone(),
            config,
            region,
            calls: Arc::new(calls),
            identity: Identity::default(),
            aggregating_accounts: BTreeSet::new(),
            reads_trails_of: None,
        };
        run.identity = identity::identify(&run).await?;
        run.aggregating_accounts.insert(run.identity.account_id.clone());
        Ok(run)
    }

    /// Takes in what follows from the organization.
    fn learn(&mut self, header: &Header) {
        let Observed::Known(organization) = &header.organization else { return };
        let management = &organization.management_account_id;
        let administrators = organization.delegated_administrators.list().unwrap_or_default();
        self.aggregating_accounts.insert(management.clone());
        self.aggregating_accounts.extend(administrators.iter().map(|one| one.account_id.clone()));
        let administers_trails = administrators.iter().any(|administrator| {
            administrator.account_id == self.identity.account_id
                && administrator
                    .services
                    .list()
                    .is_ok_and(|services| services.iter().any(|name| name == "cloudtrail.amazonaws.com"))
        });
        let management_is_scanned = header.accounts.contains(management);
        if administers_trails && !management_is_scanned {
            self.reads_trails_of = Some(management.clone());
        }
    }

    /// Enough to keep all calls busy; more would only wait, and hold what they have read.
    fn accounts_at_once(&self) -> usize {
        self.calls.at_once().div_ceil(4)
    }

    fn failed_inside(account_id: &str) -> Gap {
        let place = GapPlace {
            account_id: Some(account_id),
            region: None,
            service: table::ASSUME_ROLE.service,
            operation: table::ASSUME_ROLE.operation,
            resource: None,
        };
        Gap::new(place, GapReason::Other, "reading the account failed inside Trailproof: please report it")
    }
}

/// How far a run is, for the message when it is interrupted.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
}

/// Collects into `target`. With `resume`, goes on with what an interrupted run left beside it, if there is any.
///
/// The snapshot appears under its name only when it is whole. What was read until `stop` ends is kept beside it.
pub async fn collect(
    settings: &CollectSettings,
    target: &Path,
    resume: bool,
    events: &(dyn Fn(Event) + Send + Sync),
    stop: impl Future<Output = ()>,
) -> Result<Outcome, CollectError> {
    check(settings)?;
    // What is in the way is found before AWS is asked.
    let claim = Claim::take(target, resume)?;
    let progress = Progress::default();
    tokio::select! {
        result = Box::pin(work(settings, target, claim, events, &progress)) => result,
        () = stop => Err(interrupted(target, &progress)),
    }
}

fn check(settings: &CollectSettings) -> Result<(), CollectError> {
    let wrong = |setting, value: String, detail| Err(CollectError::Setting { setting, value, detail });
    let seconds = settings.role.session_duration.as_secs();
    if settings.max_concurrency == 0 || settings.max_concurrency > 1000 {
        return wrong(
            Setting::MaxConcurrency,
            settings.max_concurrency.to_string(),
            "1 to 1,000 are allowed",
        );
    }
    let name = &settings.role.session_name;
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if !(2..=64).contains(&name.len()) || !name.chars().all(is_allowed) {
        let detail = "AWS allows 2 to 64 letters, digits and _+=,.@-";
        return wrong(Setting::SessionName, format!("{name:?}"), detail);
    }
    if settings.max_attempts == 0 {
        return wrong(Setting::MaxAttempts, "0".to_owned(), "each call needs one attempt at least");
    }
    if !(900..=43_200).contains(&seconds) {
        return wrong(Setting::SessionDuration, format!("{seconds} s"), "AWS allows 900 to 43,200 seconds");
    }
    Ok(())
}

fn interrupted(target: &Path, progress: &Progress) -> CollectError {
    match progress.total.load(Ordering::Relaxed) {
        0 => CollectError::InterruptedEarly,
        total => CollectError::Interrupted {
            partial: Partial::path_of(target),
            done: progress.done.load(Ordering::Relaxed),
            total,
        },
    }
}

async fn work(
    settings: &CollectSettings,
    target: &Path,
    claim: Claim,
    events: &(dyn Fn(Event) + Send + Sync),
    progress: &Progress,
) -> Result<Outcome, CollectError> {
    let mut run = Run::begin(settings).await?;
    let header = discover(&mut run, events).await?;
    let mut partial = open(target, claim, &header)?;
    let finished = partial.finished_accounts();
    announce(&run, &header, header.accounts.len(), finished.len(), events, progress);
    let run = Arc::new(run);
    let left = targets(&header, header.accounts.iter().filter(|id| !finished.contains(*id)));
    read_accounts(&run, &mut partial, left, events, progress).await?;
    log_destinations::read_all(&run, &mut partial, &header.accounts.iter().cloned().collect(), events)
        .await?;
    let calls = run.calls.made();
    finish(&run, partial, header.gaps.len(), target, calls)
}

/// Lists the organization: the head of the run's snapshot follows from it.
async fn discover(run: &mut Run, events: &(dyn Fn(Event) + Send + Sync)) -> Result<Header, CollectError> {
    let mut plan = discovery::discover(run).await?;
    for warning in aws::endpoints_in_the_clear(&run.config).into_iter().chain(plan.warning.take()) {
        events(Event::Warning(warning));
    }
    let header = header(run, plan);
    run.learn(&header);
    Ok(header)
}

fn announce(
    run: &Run,
    header: &Header,
    accounts: usize,
    resumed: usize,
    events: &(dyn Fn(Event) + Send + Sync),
    progress: &Progress,
) {
    let organization_id = match &header.organization {
        Observed::Known(organization) => Some(organization.id.clone()),
        Observed::Absent | Observed::Unavailable(_) => None,
    };
    progress.done.store(resumed, Ordering::Relaxed);
    progress.total.store(accounts, Ordering::Relaxed);
    let estimate = Estimate::new(run, accounts.saturating_sub(resumed));
    events(Event::Discovered { organization_id, accounts, resumed, estimate });
}

fn finish(
    run: &Run,
    mut partial: Partial,
    mut gaps: usize,
    target: &Path,
    calls: u64,
) -> Result<Outcome, CollectError> {
    let accounts = partial.finished_accounts().len();
    partial.for_each_account(|account| gaps += account.gaps.len())?;
    partial.for_each_stores(|stores| gaps += stores.gaps.len())?;
    partial.finish(calls)?;
    Ok(Outcome { snapshot: target.to_owned(), accounts, gaps, calls, throttled: run.calls.throttled() })
}

async fn read_accounts(
    run: &Arc<Run>,
    partial: &mut Partial,
    accounts: Vec<Target>,
    events: &(dyn Fn(Event) + Send + Sync),
    progress: &Progress,
) -> Result<(), CollectError> {
    let mut tasks = Tasks::new(run.accounts_at_once());
    let mut waiting = accounts.into_iter();
    loop {
        tasks.allow(run.accounts_at_once());
        while tasks.has_room()
            && let Some(account) = waiting.next()
        {
            let run = Arc::clone(run);
            tasks.spawn(account.id.clone(), async move { read_account(&run, account).await });
        }
        let Some((account_id, finished)) = tasks.next().await else { return Ok(()) };
        let record = match finished {
            Some(Ok(record)) => record,
            Some(Err(detail)) => return Err(CollectError::CredentialsExpired { detail }),
            None => {
                let gap = Run::failed_inside(&account_id);
                AccountRecord::unavailable(account_id.clone(), None, gap)
            }
        };
        let gaps = record.gaps.len();
        partial.add_account(record)?;
        let done = progress.done.fetch_add(1, Ordering::Relaxed) + 1;
        events(Event::AccountDone {
            account_id,
            gaps,
            done,
            total: progress.total.load(Ordering::Relaxed),
            calls: run.calls.made(),
            throttled: run.calls.throttled(),
        });
    }
}

/// Reads one account. The error is that the caller's own credentials are no longer good.
async fn read_account(run: &Run, target: Target) -> Result<AccountRecord, String> {
    match Session::enter(run, &target.id).await {
        Ok(session) => Ok(account::read(run, &session, target).await),
        Err(Refused::Account(gap)) => Ok(AccountRecord::unavailable(target.id, target.name, gap)),
        Err(Refused::Caller(detail)) => Err(detail),
    }
}
