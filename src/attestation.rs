//! What a verification of the archive says, in a file that rules and auditors take in: the range, the chains, the
//! counts, and one hash over everything that was verified. Made of [`crate::integrity`]'s results; read by
//! [`crate::facts`].

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

use crate::integrity::{ChainResult, Counts, TimeRange, Verification};
use crate::severity::Severity;

/// The version of the file's shape.
pub const SCHEMA_VERSION: &str = "1.0";
/// The largest file, in bytes: some hundred for each chain.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Which logs were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogsRead {
    /// All of them.
    All,
    /// A part of them, chosen by chance.
    Sample,
    /// None: only the digests.
    None,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Trailproof attestation")]
pub struct Attestation {
    /// The version of this shape.
    pub schema_version: String,
    /// The version of the program that verified.
    pub tool_version: String,
    /// When it began to verify.
    pub verified_at: DateTime<Utc>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Which logs were read.
    pub logs_read: LogsRead,
    /// Of a hundred, where only a part was read.
    pub sample_percent: Option<u8>,
    /// Nothing was left that could not be verified.
    pub complete: bool,
    /// Every chain is valid.
    pub valid: bool,
    /// Digests, over all chains.
    pub digests: AttestedCounts,
    /// Logs, over all chains.
    pub logs: AttestedCounts,
    /// SHA-256 over the verified digests of every chain.
    pub root_hash: String,
    /// The chains.
    pub chains: Vec<AttestedChain>,
}

/// Counts of digests or logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestedCounts {
    /// As `CloudTrail` delivered them.
    pub valid: u64,
    /// Changed, or not `CloudTrail`'s.
    pub invalid: u64,
    /// Not there, though they were delivered.
    pub missing: u64,
    /// Not readable, so nothing is known of them.
    pub unverifiable: u64,
}

/// The chain of one trail in one account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestedChain {
    /// Whose logs.
    pub account_id: String,
    /// Of which region.
    pub region: String,
    /// The trail's name; null where no digest says it.
    pub trail: Option<String>,
    /// The trail's home region.
    pub home_region: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// What stands before `AWSLogs`.
    pub prefix: String,
    /// The organization whose trail it is; null for an account's own.
    pub organization_id: Option<String>,
    /// Digests.
    pub digests: AttestedCounts,
    /// Logs.
    pub logs: AttestedCounts,
    /// The time that its verified digests cover, by time; none where no digest was verified. Earlier releases did not
    /// tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covered: Option<Vec<AttestedTime>>,
    /// Nothing is invalid, missing or unverifiable, and no time between its digests is without one.
    pub valid: bool,
    /// SHA-256 over its verified digests.
    pub root_hash: String,
}

/// From `from` up to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AttestedTime {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after.
    pub to: DateTime<Utc>,
}

/// What keeps a file from being taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// It cannot be read.
    #[error("cannot read the attestation {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is none, or of another version.
    #[error(
        "{} is no attestation that this program reads: {detail}",
        path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}

impl From<Counts> for AttestedCounts {
    fn from(counts: Counts) -> Self {
        Self {
            valid: counts.valid,
            invalid: counts.invalid,
            missing: counts.missing,
            unverifiable: counts.unverifiable,
        }
    }
}

impl AttestedCounts {
    fn are_clean(self) -> bool {
        self.invalid + self.missing + self.unverifiable == 0
    }
}

/// Nothing in the chain is amiss but what is only worth knowing.
pub fn is_valid(chain: &ChainResult) -> bool {
    AttestedCounts::from(chain.digests).are_clean()
        && AttestedCounts::from(chain.logs).are_clean()
        && chain.defects.iter().all(|defect| defect.severity == Severity::Info)
}

impl Attestation {
    /// Attests a verification.
    pub fn new(
        verified_at: DateTime<Utc>,
        verification: &Verification,
        logs_read: LogsRead,
        sample_percent: Option<u8>,
    ) -> Self {
        let chains: Vec<AttestedChain> = verification.chains.iter().map(attested).collect();
        let TimeRange { from, to } = verification.range;
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            verified_at,
            from,
            to,
            logs_read,
            sample_percent,
            complete: verification.complete,
            valid: verification.complete && chains.iter().all(|chain| chain.valid),
            digests: verification.totals.digests.into(),
            logs: verification.totals.logs.into(),
            root_hash: verification.root_hash.clone(),
            chains,
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, AttestationError> {
        let failed = |source| AttestationError::Read { path: path.to_owned(), source };
        let malformed = |detail: String| AttestationError::Malformed { path: path.to_owned(), detail };
        if std::fs::metadata(path).map_err(failed)?.len() > LARGEST {
            return Err(malformed("it is too large".to_owned()));
        }
        let text = std::fs::read(path).map_err(failed)?;
        let found: Self = serde_json::from_slice(&text).map_err(|error| malformed(error.to_string()))?;
        if found.schema_version != SCHEMA_VERSION {
            return Err(malformed(format!(
                "it has version {:?}, not {SCHEMA_VERSION:?}",
                found.schema_version
            )));
        }
        match found.contradiction() {
            Some(what) => Err(malformed(what)),
            None => Ok(found),
        }
    }

    /// What a verification would not have written: a file is taken at its word only where it does not gainsay itself.
    fn contradiction(&self) -> Option<String> {
        let valid = self.complete && self.chains.iter().all(|chain| chain.valid);
        if self.valid != valid {
            return Some("what it says of all chains is not what it says of each".to_owned());
        }
        if self.from > self.to {
            return Some(format!("it is about the time from {} to {}", self.from, self.to));
        }
        if !self.chains.is_empty() && self.chains.iter().all(|chain| chain.valid && chain.digests.valid == 0)
        {
            return Some("not one digest was verified".to_owned());
        }
        if let Some(AttestedChain { account_id, region, .. }) =
            self.chains.iter().find(|chain| !self.may_cover(chain))
        {
            return Some(format!(
                "the chain of account {account_id} in {region} covers time that its digests cannot cover"
            ));
        }
        let unclean = |chain: &&AttestedChain| !chain.digests.are_clean() || !chain.logs.are_clean();
        let wrong = self.chains.iter().filter(|chain| chain.valid).find(unclean)?;
        let AttestedChain { account_id, region, .. } = wrong;
        Some(format!(
            "the chain of account {account_id} in {region} is valid by its word, and by its counts is not"
        ))
    }

    /// Time is covered in its order, within what was asked, and by digests.
    fn may_cover(&self, chain: &AttestedChain) -> bool {
        let covered = chain.covered.as_deref().unwrap_or_default();
        let ordered = covered.windows(2).all(|pair| matches!(pair, [one, other] if one.to <= other.from));
        let asked = |time: &AttestedTime| self.from <= time.from && time.from < time.to && time.to <= self.to;
        ordered && covered.iter().all(asked) && (covered.is_empty() || chain.digests.valid > 0)
    }

    /// The JSON Schema of the file.
    pub fn schema() -> Schema {
        schema_for!(Self)
    }
}

fn attested(chain: &ChainResult) -> AttestedChain {
    AttestedChain {
        account_id: chain.account_id.clone(),
        region: chain.region.clone(),
        trail: chain.trail.clone(),
        home_region: chain.home_region.clone(),
        bucket: chain.bucket.clone(),
        prefix: chain.prefix.clone(),
        organization_id: chain.organization_id.clone(),
        digests: chain.digests.into(),
        logs: chain.logs.into(),
        covered: Some(
            chain.covered.iter().map(|&TimeRange { from, to }| AttestedTime { from, to }).collect(),
        ),
        valid: is_valid(chain),
        root_hash: chain.root_hash.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Attestation, SCHEMA_VERSION};
    use serde_json::{Value, json};

    fn read(change: impl FnOnce(&mut Value)) -> Result<Attestation, String> {
        let counts = json!({ "valid": 24, "invalid": 0, "missing": 0, "unverifiable": 0 });
        let mut file = json!({
            "schema_version": SCHEMA_VERSION, "tool_version": "0.1.0", "verified_at": "2026-07-01T00:00:00Z",
            "from": "2026-06-30T00:00:00Z", "to": "2026-07-01T00:00:00Z", "logs_read": "all",
            "sample_percent": null, "complete": true, "valid": true, "digests": counts, "logs": counts,
            "root_hash": "00",
            "chains": [{ "account_id": "111122223333", "region": "eu-west-1", "trail": "main",
                "home_region": "eu-west-1", "bucket": "archive", "prefix": "", "organization_id": null,
                "digests": counts, "logs": counts, "valid": true, "root_hash": "00",
                "covered": [{ "from": "2026-06-30T00:00:00Z", "to": "2026-06-30T22:00:00Z" }] }],
        });
        change(&mut file);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attestation.json");
        std::fs::write(&path, file.to_string()).unwrap();
        Attestation::read(&path).map_err(|error| error.to_string())
    }

    fn covered(file: &mut Value) -> &mut Value {
        &mut file["chains"][0]["covered"][0]
    }

    #[test]
    fn a_file_that_does_not_tell_what_each_chain_covers_stays_readable() {
        let untold = |file: &mut Value| drop(file["chains"][0].as_object_mut().unwrap().remove("covered"));
        assert_eq!(read(untold).unwrap().chains[0].covered, None);
        assert_eq!(
            read(|file| file["chains"][0]["covered"] = json!([])).unwrap().chains[0].covered,
            Some(vec![])
        );
    }

    #[test]
    fn a_file_that_gainsays_itself_is_refused() {
        assert!(read(|_| {}).is_ok());
        for (change, what) in [
            ((|file| file["valid"] = json!(false)) as fn(&mut Value), "not what it says of each"),
            (|file| file["complete"] = json!(false), "not what it says of each"),
            (|file| file["chains"][0]["digests"]["missing"] = json!(3), "account 111122223333 in eu-west-1"),
            (|file| file["chains"][0]["logs"]["invalid"] = json!(1), "account 111122223333 in eu-west-1"),
            (|file| file["chains"][0]["digests"]["valid"] = json!(0), "not one digest"),
            (|file| file["from"] = json!("2026-07-02T00:00:00Z"), "about the time from"),
            (
                |file| covered(file)["from"] = json!("2026-06-01T00:00:00Z"),
                "account 111122223333 in eu-west-1 covers",
            ),
            (
                |file| covered(file)["to"] = json!("2026-07-02T00:00:00Z"),
                "account 111122223333 in eu-west-1 covers",
            ),
            (
                |file| covered(file)["to"] = json!("2026-06-30T00:00:00Z"),
                "account 111122223333 in eu-west-1 covers",
            ),
        ] {
            let error = read(change).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        // A chain may be invalid for more than its counts.
        let broken = |file: &mut Value| {
            file["valid"] = json!(false);
            file["chains"][0]["valid"] = json!(false);
        };
        assert!(read(broken).is_ok());
    }
}
