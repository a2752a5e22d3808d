//! A snapshot: everything that was collected, in one file.
//!
//! Lines of JSON under zstd: a [`Header`], then a line for each account, then a line for each account's stores, then
//! an [`End`]. Each line is a zstd frame of its own, so that files concatenate (shards), accounts stream through in
//! bounded memory, a run that was cut off can go on, and the final file is put in order without decompressing.
//! Written by `collect`, read by [`crate::facts`].

mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use reader::begins_snapshot;
pub use reader::{Records, Source};
pub use writer::{Partial, Writer};

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{AccountRecord, Gap, Observed, Organization, StoresRecord};

/// The version of the format that this program writes and reads. A field that is added raises it.
pub const FORMAT_VERSION: u32 = 1;

/// The first line of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// The version of the program that wrote it.
    pub tool_version: String,
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
    /// What could not be read of the organization.
    pub gaps: Vec<Gap>,
}

/// The last line: without it the file was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Account records in the file.
    pub accounts: usize,
    /// Calls to AWS that it took, retries among them.
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
    #[error(
        "{path} is not a snapshot, or is damaged: line {line}: {detail}. Collect it again: trailproof collect -o FILE"
    )]
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
    #[error(
        "{path} ends too early: it was cut off while being written. Resume it with trailproof collect --resume, or collect again"
    )]
    CutOff {
        /// The file.
        path: String,
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
    /// Resuming, but the partial file is of another run's scope.
    #[error("{} was begun with other settings: {detail}. Remove it to start anew", path.display())]
    CannotResume {
        /// The partial file.
        path: PathBuf,
        /// What differs.
        detail: String,
    },
}
