//! Reads an organization through the AWS API into a snapshot.
//!
//! The caller's credentials discover the accounts, the audit role of each account reads it, and what the accounts say
//! of where their logs go decides which buckets and keys are read in a second step. A call that fails is a gap; an
//! account that fails is a record that says so; neither ends the run. Uses [`crate::plan`] and [`crate::model`],
//! writes [`crate::snapshot`].

mod error;

use std::path::{Path, PathBuf};

pub use error::CollectError;

use crate::plan::CollectSettings;

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

/// Collects into `target`. With `resume`, goes on with what an interrupted run left beside it, if there is any.
///
/// Blocks until it is done, on threads of its own. The snapshot appears under its name only when it is whole.
pub fn collect(
    settings: &CollectSettings,
    target: &Path,
    resume: bool,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<Outcome, CollectError> {
    let _ = (settings, target, resume, events);
    Err(CollectError::Runtime(std::io::Error::other("collecting is not wired yet")))
}
