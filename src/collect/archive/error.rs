//! What keeps an archive from being verified at all. One object that cannot be read is part of the result instead.

use std::io;
use std::path::PathBuf;

use crate::collect::CollectError;

/// Why nothing, or not everything, was verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Before the archive: credentials, the network, settings.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// The trail that was named.
    #[error("cannot verify the trail {arn}: {detail}")]
    NoTrail {
        /// What was named.
        arn: String,
        /// Why not.
        detail: String,
    },
    /// AWS does not say how a trail is.
    #[error("cannot read the trail {arn}: {detail}")]
    UnreadTrail {
        /// The trail.
        arn: String,
        /// What AWS says.
        detail: String,
    },
    /// No trails to be seen.
    #[error("cannot find the organization's trails: {detail}")]
    NoTrails {
        /// Why not.
        detail: String,
    },
    /// The account that owns the bucket.
    #[error("cannot enter account {account_id}, which owns the archive: {detail}")]
    CannotEnter {
        /// The account.
        account_id: String,
        /// What AWS says.
        detail: String,
    },
    /// The bucket cannot be listed, so nothing is known of it.
    #[error("cannot list the bucket {bucket}: {detail}. Nothing was verified")]
    CannotList {
        /// The bucket.
        bucket: String,
        /// What S3 says.
        detail: String,
    },
    /// The bucket can be listed, but no log and no digest is there.
    #[error("there is no log and no digest of CloudTrail in {whose}: nothing was verified")]
    Nothing {
        /// The buckets.
        whose: String,
    },
    /// The copy on this machine.
    #[error("cannot use the copy in {}: {detail}", path.display())]
    Copy {
        /// The folder, or what in it.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// A copy that cannot be written.
    #[error("cannot write the copy to {}: {source}", path.display())]
    WriteCopy {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file of public keys.
    #[error("cannot use the public keys in {}: {detail}. aws cloudtrail list-public-keys prints such a file", path.display())]
    PublicKeys {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The state file, of another run or damaged.
    #[error("cannot go on with {}: {detail}. Repeat the command that made it, or remove it to start anew", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What differs, or is wrong.
        detail: String,
    },
    /// The state file cannot be written.
    #[error("cannot keep the state in {}: {source}", path.display())]
    WriteState {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A defect of this program.
    #[error("verifying {place} failed inside trailproof: please report it")]
    Inside {
        /// The account and region, or the object.
        place: String,
    },
    /// Ctrl-C or the system's request to end.
    #[error("interrupted{}", what_is_kept(.state.as_ref()))]
    Interrupted {
        /// What keeps the results so far.
        state: Option<PathBuf>,
    },
}

fn what_is_kept(state: Option<&PathBuf>) -> String {
    match state {
        Some(path) => {
            format!(": what was verified is kept in {}", path.display())
        }
        None => ", and nothing is kept".to_owned(),
    }
}
