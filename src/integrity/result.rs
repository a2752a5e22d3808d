//! What verifying says: the numbers, the time that is covered, the defects. The same for the same objects, in
//! whatever order they came.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::defect::{Defect, DefectKind};
use super::range::TimeRange;
use crate::model::{Gap, hexadecimal};

/// How many objects are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// What CloudTrail delivered.
    pub valid: u64,
    /// Something is wrong with it.
    pub invalid: u64,
    /// Not there.
    pub missing: u64,
    /// Nothing can be said of it: it could not be read, or no valid digest speaks for it.
    pub unverifiable: u64,
}

impl Counts {
    /// All of them.
    pub fn total(self) -> u64 {
        self.valid + self.invalid + self.missing + self.unverifiable
    }

    pub(super) fn add(&mut self, other: Self) {
        self.valid += other.valid;
        self.invalid += other.invalid;
        self.missing += other.missing;
        self.unverifiable += other.unverifiable;
    }
}

/// The chain of a trail's digests for an account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainResult {
    /// The account whose events are logged.
    pub account_id: String,
    /// The region whose events are logged.
    pub region: String,
    /// The trail's name; `None` where no digest says it.
    pub trail: Option<String>,
    /// The trail's home region; `None` where no digest says it.
    pub home_region: Option<String>,
    /// Where it stands.
    pub bucket: String,
    /// The trail's prefix in the bucket; empty without one.
    pub prefix: String,
    /// The organization, for an organization trail.
    pub organization_id: Option<String>,
    /// The digests that cover the range, backfill digests among them.
    pub digests: Counts,
    /// How many of the digests are backfill digests.
    pub backfill_digests: u64,
    /// The logs that these digests list.
    pub logs: Counts,
    /// Logs that were left out on purpose: another share of a sample, or digests alone were asked for.
    pub logs_not_sampled: u64,
    /// Time that valid digests cover.
    pub covered: Vec<TimeRange>,
    /// Time in which logging was stopped.
    pub stopped: Vec<TimeRange>,
    /// Time whose digests are missing.
    pub missing: Vec<TimeRange>,
    /// Time whose digests are invalid.
    pub invalid: Vec<TimeRange>,
    /// Time of whose digests nothing can be said.
    pub unverifiable: Vec<TimeRange>,
    /// By time, then kind and object.
    pub defects: Vec<Defect>,
    /// SHA-256 over key and content hash of every valid digest, by key.
    pub root_hash: String,
}

impl ChainResult {
    /// Everything that was asked for could be read.
    pub fn complete(&self) -> bool {
        self.digests.unverifiable == 0
            && self.logs.unverifiable == 0
            && !self.defects.iter().any(|defect| defect.kind == DefectKind::Unverifiable)
    }

    fn place(&self) -> impl Ord + use<'_> {
        (
            &self.bucket,
            &self.prefix,
            &self.organization_id,
            &self.account_id,
            &self.region,
            &self.trail,
            &self.home_region,
        )
    }
}

/// The numbers of all chains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Digests.
    pub digests: Counts,
    /// Logs.
    pub logs: Counts,
}

/// What verifying an archive says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The time that was asked for.
    pub range: TimeRange,
    /// Everything that was asked for could be read.
    pub complete: bool,
    /// Calls without whose answers chains may be missing here.
    pub gaps: Vec<Gap>,
    /// The numbers of all chains.
    pub totals: Totals,
    /// SHA-256 over the chains' places and root hashes: two runs over the same valid digests agree on it.
    pub root_hash: String,
    /// By bucket, prefix, organization, account, region and trail.
    pub chains: Vec<ChainResult>,
}

impl Verification {
    /// From the chains of all folders, in any order, and what was not answered when the folders were looked for.
    pub fn new(range: TimeRange, mut chains: Vec<ChainResult>, gaps: Vec<Gap>) -> Self {
        chains.sort_by(|one, other| one.place().cmp(&other.place()));
        let mut totals = Totals::default();
        let mut root = RootHash::default();
        for chain in &chains {
            totals.digests.add(chain.digests);
            totals.logs.add(chain.logs);
            root.add([
                &chain.bucket,
                &chain.prefix,
                chain.organization_id.as_deref().unwrap_or_default(),
                &chain.account_id,
                &chain.region,
                chain.trail.as_deref().unwrap_or_default(),
                chain.home_region.as_deref().unwrap_or_default(),
                &chain.root_hash,
            ]);
        }
        let complete = gaps.is_empty() && chains.iter().all(ChainResult::complete);
        Self { range, complete, gaps, totals, root_hash: root.finish(), chains }
    }
}

/// A hash over lists of texts, none of which can run into the next.
#[derive(Default)]
pub(super) struct RootHash(Sha256);

impl RootHash {
    pub(super) fn add<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            self.0.update((text.len() as u64).to_be_bytes());
            self.0.update(text);
        }
    }

    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}
