//! Which digests follow each other: those of one trail, those of a backfill apart. [`super::folder`] verifies each such
//! stream by itself, and [`super::logs`] notes which one lists a log.

use serde::{Deserialize, Serialize};

/// A trail as digest files name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrailName {
    /// Its name.
    pub name: String,
    /// The region that it was made in.
    pub home_region: String,
}

/// The digests that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stream {
    pub(super) trail: TrailName,
    pub(super) backfill: bool,
}
