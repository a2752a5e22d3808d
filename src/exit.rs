//! Exit codes: the same for every command and format, so that a pipeline can act on them.

use crate::report::Report;
use crate::severity::Severity;
use crate::snapshot::SnapshotError;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Complete, and nothing failed at or above the threshold.
    Complete = 0,
    /// Something failed at or above the threshold, whether or not everything could be read.
    Failures = 1,
    /// The command line, the configuration, a rule or an input file is wrong.
    Usage = 2,
    /// Something in scope could not be read, and nothing else failed at or above the threshold.
    Incomplete = 3,
    /// No usable credentials, no connection, or no organization.
    NoAccess = 4,
    /// A report or a snapshot could not be written, or the system had no room for the work.
    NotWritten = 5,
    /// Interrupted by the user or the system.
    Interrupted = 130,
}

impl Exit {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Complete,
        Self::Failures,
        Self::Usage,
        Self::Incomplete,
        Self::NoAccess,
        Self::NotWritten,
        Self::Interrupted,
    ];

    /// The number that the system is given.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// How a run ends whose snapshot could not be used.
    pub fn of_snapshot(error: &SnapshotError) -> Self {
        match error {
            SnapshotError::Write { .. } => Self::NotWritten,
            SnapshotError::Read { .. }
            | SnapshotError::Malformed { .. }
            | SnapshotError::UnknownVersion { .. }
            | SnapshotError::CutOff { .. }
            | SnapshotError::Mixed { .. }
            | SnapshotError::Twice { .. }
            | SnapshotError::TwoRuns { .. }
            | SnapshotError::CannotResume { .. }
            | SnapshotError::PartialKept { .. }
            | SnapshotError::Busy { .. }
            | SnapshotError::NothingToResume { .. } => Self::Usage,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// What makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The mildest failure that counts; `None` for none.
    pub fail_on: Option<Severity>,
    /// What could not be read does not fail the run.
    pub allow_incomplete: bool,
}

impl Gate {
    /// How a run that made this report ends.
    pub fn judge(self, report: &Report) -> Exit {
        let gating = self.fail_on.is_some_and(|least| report.worst_failure() >= Some(least));
        if gating {
            Exit::Failures
        } else if !report.complete() && !self.allow_incomplete {
            Exit::Incomplete
        } else {
            Exit::Complete
        }
    }
}
