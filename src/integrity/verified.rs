//! What came of verifying an archive: what was looked at, which part of its logs was read, and what was found. Reading
//! makes it ([`crate::collect::archive`]), reports tell it ([`crate::report::integrity`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::result::Verification;

/// What came of a run that went to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// When it began.
    pub began: DateTime<Utc>,
    /// What was looked at.
    pub places: Vec<ArchivePlace>,
    /// The part of the logs that was read.
    pub sample: Sample,
    /// What was found.
    pub verification: Verification,
}

/// A trail's bucket, or a bucket that was named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ArchivePlace {
    /// The bucket.
    pub bucket: String,
    /// The prefix, without slashes at its ends; empty for none.
    pub prefix: String,
    /// The trail that delivers there; `None` where nobody said.
    pub trail: Option<TrailPlace>,
}

/// What matters here of a trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrailPlace {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The region in which it was made.
    pub home_region: String,
    /// It records for every account of the organization.
    pub organization_trail: bool,
    /// It records in every enabled region.
    pub multi_region: bool,
}

/// The part of the logs that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sample {
    /// Every log.
    All,
    /// So many of a hundred, by a choice that nobody can foresee.
    Percent {
        /// 1 to 99.
        percent: u8,
        /// What decides the choice.
        seed: u64,
    },
    /// Digests alone.
    DigestsOnly,
}
