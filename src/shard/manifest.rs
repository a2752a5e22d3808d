//! What a shard came to: which part is its, and what the part holds.

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::seal::{open, seal};
use super::store::Digest;
use crate::model::stable_digest;

/// The last that a shard writes: without it, nothing that it wrote counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The plan, by its digest.
    pub(crate) plan: String,
    /// Which shard of it.
    pub(crate) shard: usize,
    /// Tells apart those who ran it.
    pub(crate) attempt: String,
    /// The part's name.
    pub(crate) part: String,
    /// What it is known by.
    pub(crate) digest: Digest,
    /// Accounts in it.
    pub(crate) accounts: usize,
    /// Calls that were not answered.
    pub(crate) gaps: usize,
    /// Calls to AWS, retries among them.
    pub(crate) calls: u64,
}

impl Manifest {
    /// The document.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        seal(self).map(|(document, _)| document)
    }

    pub(super) fn read(document: &[u8]) -> Result<Self, String> {
        open(document).map(|(manifest, _)| manifest)
    }

    /// A name that no other attempt has.
    pub(crate) fn new_attempt() -> String {
        let moment = Utc::now().to_rfc3339_opts(SecondsFormat::Nanos, true);
        let process = std::process::id().to_string();
        stable_digest(&[&moment, &process, &fastrand::u64(..).to_string()], 8)
    }
}

/// The name of a part with this content: whoever writes the same writes it under the same name.
pub(crate) fn part_name(shard: usize, digest: &Digest) -> String {
    format!("parts/{shard:05}-{}.zst", digest.sha256.get(..16).unwrap_or(&digest.sha256))
}
