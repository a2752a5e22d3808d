//! What ends a command early, with the exit code that belongs to it.

use std::io;
use std::path::PathBuf;

use super::shard::ShardError;
use crate::attestation::AttestationError;
use crate::collect::CollectError;
use crate::collect::archive::ArchiveError;
use crate::deliver::DeliverError;
use crate::evaluate::CheckError;
use crate::evidence::EvidenceError;
use crate::exit::Exit;
use crate::guardrails::explain::ExplainError;
use crate::rules::RuleErrors;
use crate::saved_report::SavedReportError;
use crate::settings::SettingsError;
use crate::settings::config::ConfigError;
use crate::waivers::WaiverError;

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The configuration file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Flags that contradict each other.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Rules.
    #[error(transparent)]
    Rules(#[from] RuleErrors),
    /// The selection leaves no rule: a check that asks nothing must not pass.
    #[error(
        "no rule is left to run. Choose fewer of --rules, --skip-rules, --family, --framework and --severity, or look at trailproof rules list"
    )]
    NoRules,
    /// No rule of this name.
    #[error("there is no rule {id:?}{}", suggestion(.nearest.as_deref()))]
    NoSuchRule {
        /// What was asked for.
        id: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// No framework of this name.
    #[error("there is no framework {id:?}{}", framework_suggestion(.nearest.as_deref()))]
    NoSuchFramework {
        /// What was asked for.
        id: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A fingerprint without the snapshot that it is in.
    #[error(
        "{fingerprint:?} is no rule. If it is a finding's fingerprint, name the snapshot too: trailproof explain {fingerprint} FILE"
    )]
    FindingWithoutSnapshot {
        /// What was asked for.
        fingerprint: String,
    },
    /// No finding, or several, of this fingerprint.
    #[error(
        "{fingerprint:?} is the fingerprint of no finding here, or the start of several. trailproof check --format json FILE lists them"
    )]
    NoSuchFinding {
        /// What was asked for.
        fingerprint: String,
    },
    /// Tests of rules that did not pass.
    #[error("{failed} of {total} tests of rules failed")]
    RuleTests {
        /// How many failed.
        failed: usize,
        /// How many there are.
        total: usize,
    },
    /// The system gives no threads or no signals.
    #[error("cannot begin to ask AWS: {0}")]
    Runtime(io::Error),
    /// Collecting.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// A scan that keeps no snapshot cannot be resumed.
    #[error(
        "interrupted with {done} of {total} accounts read, and nothing is kept. With --snapshot FILE a scan can be resumed"
    )]
    ScanInterrupted {
        /// Accounts that were read.
        done: usize,
        /// Accounts in scope.
        total: usize,
    },
    /// A run on several machines.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// Reading the archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Taking in an attestation.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    /// Evidence.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Checking.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A report that cannot be written.
    #[error(transparent)]
    Deliver(#[from] DeliverError),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    StandardOutput(io::Error),
    /// Waivers.
    #[error(transparent)]
    Waivers(#[from] WaiverError),
    /// A report in JSON or a baseline.
    #[error(transparent)]
    SavedReport(#[from] SavedReportError),
    /// A waiver for what is no failure.
    #[error("{fingerprint} is {verdict}: failures alone can be waived")]
    NotWaivable {
        /// The finding.
        fingerprint: String,
        /// What it is.
        verdict: &'static str,
    },
    /// A question that nobody can answer.
    #[error("cannot ask for {what}: {source}. Say it with {flag}")]
    NobodyToAsk {
        /// What is asked for.
        what: &'static str,
        /// The flag that says it.
        flag: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// A report among the shards of a snapshot.
    #[error("{} is a report: give it alone", path.display())]
    ReportAmongSnapshots {
        /// The report.
        path: PathBuf,
    },
    /// Runs over two organizations.
    #[error(
        "the runs are of two organizations, {before} and {now}: what one found says nothing of the other"
    )]
    OrganizationsDiffer {
        /// The organization of the run before.
        before: String,
        /// The organization of this run.
        now: String,
    },
    /// An answer that is no date.
    #[error("{answer:?} is no date. Write it so: 2027-03-31")]
    NoDate {
        /// The answer.
        answer: String,
    },
    /// A proof that cannot be given.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// Cases of a simulation that cannot be read.
    #[error("cannot read the cases of {}: {source}", path.display())]
    Cases {
        /// The file, `-` for standard input.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A simulation of nothing.
    #[error(
        "there is no case in {}. A case is a JSON object with hierarchy, principal, action, resource and context",
        path.display()
    )]
    NoCases {
        /// The file, `-` for standard input.
        path: PathBuf,
    },
    /// No room for the snapshot of a scan that keeps none.
    #[error(
        "cannot make a temporary folder for the snapshot: {0}. Set TMPDIR, or name a file with --snapshot"
    )]
    Temporary(io::Error),
}

fn suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(id) => format!("; did you mean {id:?}?"),
        None => ". trailproof rules list names them".to_owned(),
    }
}

fn framework_suggestion(nearest: Option<&str>) -> String {
    match nearest {
        Some(id) => format!("; did you mean {id:?}?"),
        None => ". trailproof frameworks list names them".to_owned(),
    }
}

impl Error {
    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_)
            | Self::Settings(_)
            | Self::Rules(_)
            | Self::NoRules
            | Self::NoSuchRule { .. }
            | Self::NoSuchFramework { .. }
            | Self::FindingWithoutSnapshot { .. }
            | Self::NoSuchFinding { .. }
            | Self::Cases { .. }
            | Self::NoCases { .. }
            | Self::Attestation(_)
            | Self::Waivers(_)
            | Self::SavedReport(_)
            | Self::NotWaivable { .. }
            | Self::NobodyToAsk { .. }
            | Self::ReportAmongSnapshots { .. }
            | Self::OrganizationsDiffer { .. }
            | Self::NoDate { .. }
            | Self::Explain(
                ExplainError::NoSuchAccount { .. }
                | ExplainError::NoAction { .. }
                | ExplainError::NoSuchAction { .. }
                | ExplainError::ForeignResource { .. }
                | ExplainError::NoResource { .. },
            )
            | Self::Check(CheckError::Evaluate(_)) => Exit::Usage,
            Self::Evidence(error) => error.exit(),
            Self::Shard(error) => error.exit(),
            Self::RuleTests { .. } => Exit::Failures,
            Self::Collect(error) => of_collecting(error),
            Self::Archive(error) => of_archive(error),
            Self::Deliver(DeliverError::SecurityHubSetup { .. }) => Exit::NoAccess,
            Self::ScanInterrupted { .. }
            | Self::Deliver(DeliverError::Interrupted { .. } | DeliverError::SecurityHubInterrupted) => {
                Exit::Interrupted
            }
            Self::Check(CheckError::Snapshot(error)) | Self::Explain(ExplainError::Snapshot(error)) => {
                Exit::of_snapshot(error)
            }
            Self::Deliver(
                DeliverError::File { .. }
                | DeliverError::StandardOutput(_)
                | DeliverError::Temporary { .. }
                | DeliverError::TooLarge { .. }
                | DeliverError::Object { .. }
                | DeliverError::SecurityHub { .. }
                | DeliverError::FindingsRefused { .. }
                | DeliverError::Runtime(_),
            )
            | Self::Runtime(_)
            | Self::StandardOutput(_)
            | Self::Temporary(_) => Exit::NotWritten,
        }
    }
}

fn of_collecting(error: &CollectError) -> Exit {
    match error {
        CollectError::NoCredentials { .. }
        | CollectError::CredentialsExpired { .. }
        | CollectError::Mfa { .. }
        | CollectError::OtherCaller { .. }
        | CollectError::ProfileRole { .. }
        | CollectError::NoOrganization { .. }
        | CollectError::CannotReach { .. }
        | CollectError::NotAws { .. } => Exit::NoAccess,
        CollectError::Snapshot(error) => Exit::of_snapshot(error),
        CollectError::Interrupted { .. } | CollectError::InterruptedEarly => Exit::Interrupted,
        CollectError::WrongRegion { .. }
        | CollectError::Selection(_)
        | CollectError::Certificates { .. }
        | CollectError::Setting { .. } => Exit::Usage,
    }
}

fn of_archive(error: &ArchiveError) -> Exit {
    match error {
        ArchiveError::NoTrails { .. }
        | ArchiveError::UnreadTrail { .. }
        | ArchiveError::CannotEnter { .. }
        | ArchiveError::CannotList { .. } => Exit::NoAccess,
        // Nothing there is no reason to be content.
        ArchiveError::Nothing { .. } | ArchiveError::Inside { .. } => Exit::Incomplete,
        ArchiveError::WriteCopy { .. } | ArchiveError::WriteState { .. } => Exit::NotWritten,
        ArchiveError::Interrupted { .. } => Exit::Interrupted,
        ArchiveError::Collect(error) => of_collecting(error),
        ArchiveError::NoTrail { .. }
        | ArchiveError::Copy { .. }
        | ArchiveError::PublicKeys { .. }
        | ArchiveError::State { .. } => Exit::Usage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_exit_code() {
        let no_room = || io::Error::other("no room");
        let ends = [
            (Error::NoRules, Exit::Usage),
            (Error::OrganizationsDiffer { before: "o-a".to_owned(), now: "o-b".to_owned() }, Exit::Usage),
            (Error::RuleTests { failed: 1, total: 2 }, Exit::Failures),
            (Error::Runtime(no_room()), Exit::NotWritten),
            (Error::Collect(CollectError::InterruptedEarly), Exit::Interrupted),
            (Error::ScanInterrupted { done: 1, total: 2 }, Exit::Interrupted),
            (Error::Deliver(DeliverError::SecurityHubInterrupted), Exit::Interrupted),
            (Error::Deliver(DeliverError::Runtime(no_room())), Exit::NotWritten),
            (
                Error::Deliver(DeliverError::SecurityHubSetup {
                    detail: String::new(),
                    caller_is_unknown: false,
                }),
                Exit::NoAccess,
            ),
            (Error::Evidence(EvidenceError::Interrupted), Exit::Interrupted),
            (Error::StandardOutput(no_room()), Exit::NotWritten),
            (Error::Temporary(no_room()), Exit::NotWritten),
        ];
        for (error, exit) in ends {
            assert_eq!(error.exit(), exit, "{error}");
        }
    }
}
