//! A snapshot: everything that was collected, in one file.
//!
//! Lines of JSON under zstd: a [`Header`], then a line for each account, then a line for each account's stores, then
//! an [`End`]. Each line is a zstd frame of its own, so that files concatenate (shards), accounts stream through in
//! bounded memory, and a run that was cut off can go on. Frames carry checksums (`frame`), and a chain runs through the
//! lines (`chain`), so that what was changed, left out, repeated or moved is found and named. What another version of
//! the format did not write is not collected (`lenient`), and a value that this one does not know is unknown (`settle`). Written by `collect`, read by [`crate::facts`].

mod again;
mod alike;
mod chain;
mod frame;
mod lenient;
mod lines;
mod part;
mod partial;
mod reader;
mod settle;
mod survey;
#[cfg(test)]
mod tests;
mod writer;

pub use again::{Again, Undecoded, Wanted};
pub use alike::{Group, Named};
pub use part::Part;
pub use partial::{Claim, Partial};
pub(crate) use reader::begins_snapshot;
pub use reader::{Records, Source};
pub use survey::Survey;
pub use writer::Writer;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{AccountRecord, Gap, Observed, Organization, Scope, StoresRecord};

/// The version of the format that this program writes and reads. A field that is added does not raise it: readers pass
/// over what they do not know, and take what is missing for not collected.
pub const FORMAT_VERSION: u32 = 1;

/// The first line of a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The version of the program that wrote it.
    #[serde(default)]
    pub tool_version: String,
    /// The run that wrote it, the same in all of its shards; empty in snapshots of releases that gave none.
    #[serde(default)]
    pub run_id: String,
    /// When collecting began.
    pub taken_at: DateTime<Utc>,
    /// `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: String,
    /// The account whose credentials were given.
    pub caller_account_id: String,
    /// The organization; `Absent` where the caller's account is in none.
    pub organization: Observed<Organization>,
    /// The accounts that this file set out to read, by number.
    pub accounts: Vec<String>,
    /// What the operator chose to look at.
    pub scope: Observed<Scope>,
    /// What could not be read of the organization.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

impl Header {
    /// Both are of one run. Snapshots without a run's identity are, if they were begun at the same moment.
    pub fn is_of_the_run_of(&self, other: &Self) -> bool {
        let identity = |it: &Self| {
            (it.run_id.clone(), it.taken_at, it.tool_version.clone(), it.caller_account_id.clone())
        };
        identity(self) == identity(other) && self.scope == other.scope && self.partition == other.partition
    }

    /// The run, for people.
    fn run(&self) -> String {
        format!("the run of {}", self.taken_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

/// The last line: without it the file was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Account records in the file.
    pub accounts: usize,
    /// Records of stores in the file; releases without a chain did not count them.
    #[serde(default)]
    pub stores: Option<usize>,
    /// Calls to AWS that it took, retries among them.
    #[serde(default)]
    pub calls: u64,
}

/// A line of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// The first line.
    Header(Box<Header>),
    /// An account.
    Account(Box<AccountRecord>),
    /// An account's stores of logs.
    Stores(Box<StoresRecord>),
    /// The last line.
    End(End),
}

/// What can be wrong with a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The file cannot be opened or read.
    #[error("cannot read the snapshot {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the snapshot {path}: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not a snapshot at all, or damaged.
    #[error("{path} is not a snapshot, or is damaged: line {line}: {detail}")]
    Malformed {
        /// The file.
        path: String,
        /// The line of JSON, from 1.
        line: usize,
        /// What the parser says.
        detail: String,
    },
    /// From a newer program.
    #[error(
        "{path} has format version {found}; this program reads version {FORMAT_VERSION}. Use the trailproof release that wrote it, or collect again"
    )]
    UnknownVersion {
        /// The file.
        path: String,
        /// The version in the file.
        found: u64,
    },
    /// No [`End`] line.
    #[error("{path} ends too early, after line {line}: it was cut off while being written")]
    CutOff {
        /// The file.
        path: String,
        /// The last line of JSON that is whole, from 1.
        line: usize,
    },
    /// Shards of different organizations.
    #[error(
        "{first} is of {first_organization}, {second} of {second_organization}: shards must be of one organization"
    )]
    Mixed {
        /// A file.
        first: String,
        /// Its organization.
        first_organization: String,
        /// Another file.
        second: String,
        /// Its organization.
        second_organization: String,
    },
    /// What is in two files, or twice in one.
    #[error(
        "{what} is in {first} and again in {second}. Give each snapshot once: two runs are compared with trailproof diff"
    )]
    Twice {
        /// The account, or its stores.
        what: String,
        /// A file.
        first: String,
        /// Another file, or the same.
        second: String,
    },
    /// Files of several runs.
    #[error(
        "{first} is of {first_run}, {second} of {second_run}: only shards of one run go together. Check them one by one, or compare them with trailproof diff"
    )]
    TwoRuns {
        /// A file.
        first: String,
        /// Its run.
        first_run: String,
        /// Another file.
        second: String,
        /// Its run.
        second_run: String,
    },
    /// Resuming, but the partial file cannot be gone on with.
    #[error("cannot go on with {}: {detail}. It is left as it is; remove it to start anew", path.display())]
    CannotResume {
        /// The partial file.
        path: PathBuf,
        /// What is in the way.
        detail: String,
    },
    /// A partial file that is kept, and nobody said to go on with it.
    #[error(
        "{} keeps {accounts} of an interrupted run",
        path.display()
    )]
    PartialKept {
        /// The partial file.
        path: PathBuf,
        /// What it keeps.
        accounts: String,
    },
    /// Another run writes the same snapshot.
    #[error("another run is writing {}: wait for its end, or give another file", path.display())]
    Busy {
        /// The partial file.
        path: PathBuf,
    },
    /// Nothing is left to resume, and a snapshot is finished.
    #[error(
        "there is nothing to resume: {} is finished",
        path.display()
    )]
    NothingToResume {
        /// The snapshot.
        path: PathBuf,
    },
}
