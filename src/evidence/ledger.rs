//! The ledger: one line for every bundle, each with the hash of the line before it, so that a missing audit shows.
//!
//! A line is a DSSE envelope around an [`Entry`]. Whoever holds the key can write a whole new ledger: what keeps them
//! from it is that the auditor has bundles, and each names its own place.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::digest::FileDigest;
use super::dsse::{Envelope, EnvelopeError};
use super::key::{PublicKey, Signer, SigningError};
use crate::lock::FileLock;

/// The payload type of an entry.
pub const ENTRY: &str = "application/vnd.trailproof.ledger-entry+json";
/// The largest ledger, in bytes: a hundred thousand audits.
const LARGEST: u64 = 128 << 20;

/// Where a bundle stands in a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerPlace {
    /// From 1.
    pub sequence: u64,
    /// SHA-256 of the line before, line feed included; null for the first.
    pub previous: Option<String>,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place.
    pub place: LedgerPlace,
    /// The bundle's file.
    pub bundle: FileDigest,
    /// When collecting began.
    pub taken_at: DateTime<Utc>,
    /// The organization.
    pub organization: Option<String>,
    /// Nothing in scope was left unread.
    pub complete: bool,
    /// Findings by verdict.
    pub counts: Counts,
}

/// Why a ledger cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// It cannot be read.
    #[error("cannot read the ledger {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the ledger {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another export holds it.
    #[error("another export is writing to the ledger {}: wait for it to end", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It must not be continued as if nothing were wrong.
    #[error("the ledger {} is broken: {defect}. Keep it as it is, and begin another", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The first thing that is wrong.
        defect: LedgerDefect,
    },
    /// The entry could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// What is wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerDefect {
    /// A line that is no entry, or not by the key.
    #[error("line {line} was altered: {why}")]
    Altered {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Entries that are not there.
    #[error("{}", missing(*.from, *.to))]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An entry after a later one, or a second time.
    #[error("entry {sequence} stands after entry {after}: lines were reordered or copied")]
    OutOfOrder {
        /// The entry.
        sequence: u64,
        /// The entry before it.
        after: u64,
    },
    /// An entry that another one stood before.
    #[error("entry {sequence} was not written after the entry that stands before it: that one was replaced")]
    Link {
        /// The entry.
        sequence: u64,
    },
    /// No audit for too long.
    #[error("there is no audit between {from} and {to}, {days} days")]
    Gap {
        /// The audit before.
        from: DateTime<Utc>,
        /// The audit after, or now.
        to: DateTime<Utc>,
        /// Days between them.
        days: i64,
    },
    /// An entry of another organization.
    #[error("entry {sequence} is of {found}, not of {expected}")]
    Organization {
        /// The entry.
        sequence: u64,
        /// Its organization.
        found: String,
        /// The bundle's.
        expected: String,
    },
    /// The bundle says that it is in no ledger.
    #[error("the bundle was made without a ledger")]
    NoPlace,
    /// The entry of the bundle is not there.
    #[error("the ledger has no entry {sequence}, which is this bundle's: it was cut")]
    Cut {
        /// The bundle's place.
        sequence: u64,
    },
    /// The entry at the bundle's place is of another bundle.
    #[error("entry {sequence} is of another bundle than this one")]
    OtherBundle {
        /// The place.
        sequence: u64,
    },
}

fn missing(from: u64, to: u64) -> String {
    if from == to {
        format!("entry {from} is missing")
    } else {
        format!("entries {from} to {to} are missing")
    }
}

/// A ledger that nobody else writes to meanwhile.
#[derive(Debug)]
pub struct Locked {
    path: PathBuf,
    lines: Vec<u8>,
    place: LedgerPlace,
    _lock: FileLock,
}

impl Locked {
    /// Takes hold of a ledger, and of its end. One that is not there begins with this entry.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let write = |source| LedgerError::Write { path: path.to_owned(), source };
        let Some(lock) = FileLock::take(path).map_err(write)? else {
            return Err(LedgerError::Locked { path: path.to_owned() });
        };
        let lines = if path.exists() { read(path)? } else { Vec::new() };
        let entries = Entries::parse(&lines, None);
        let mut defects = entries.chain_defects();
        if !defects.is_empty() {
            return Err(LedgerError::Broken { path: path.to_owned(), defect: defects.remove(0) });
        }
        let place = match entries.found.last() {
            Some(last) => {
                LedgerPlace { sequence: last.entry.place.sequence + 1, previous: Some(last.hash.clone()) }
            }
            None => LedgerPlace { sequence: 1, previous: None },
        };
        Ok(Self { path: path.to_owned(), lines, place, _lock: lock })
    }

    /// The place of the next entry.
    pub fn place(&self) -> &LedgerPlace {
        &self.place
    }

    /// Adds the entry: all of it, or nothing.
    pub fn append(mut self, entry: &Entry, signer: &Signer<'_>) -> Result<(), LedgerError> {
        let payload = serde_json::to_vec(entry).map_err(|error| SigningError::Failed(error.to_string()))?;
        self.lines.extend(Envelope::sign(ENTRY, payload, signer)?.to_bytes());
        self.replace().map_err(|source| LedgerError::Write { path: self.path.clone(), source })
    }

    fn replace(&self) -> io::Result<()> {
        let onto = if self.path.exists() { self.path.canonicalize()? } else { self.path.clone() };
        let folder = onto.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".trailproof-").tempfile_in(folder)?;
        file.write_all(&self.lines)?;
        if let Ok(found) = onto.metadata() {
            file.as_file().set_permissions(found.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&onto).map(drop).map_err(|error| error.error)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, LedgerError> {
    let failed = |source| LedgerError::Read { path: path.to_owned(), source };
    if path.metadata().map_err(failed)?.len() > LARGEST {
        return Err(failed(io::Error::other("it is too large for a ledger")));
    }
    std::fs::read(path).map_err(failed)
}

/// A ledger as it was found.
#[derive(Debug)]
pub struct Entries {
    found: Vec<Found>,
    altered: Vec<LedgerDefect>,
}

#[derive(Debug)]
struct Found {
    entry: Entry,
    hash: String,
    /// The line before it was an entry too: its hash.
    before: Option<String>,
}

impl Entries {
    /// Reads a ledger and verifies every line with these keys.
    pub fn read(path: &Path, keys: &[PublicKey]) -> Result<Self, LedgerError> {
        Ok(Self::parse(&read(path)?, Some(keys)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Reads the lines of a ledger; without keys, signatures are left alone.
    pub fn parse(bytes: &[u8], keys: Option<&[PublicKey]>) -> Self {
        let mut entries = Self { found: Vec::new(), altered: Vec::new() };
        let mut before = None;
        for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let hash = FileDigest::of(line).sha256;
            match entry(line, keys) {
                Ok(entry) => entries.found.push(Found { entry, hash: hash.clone(), before }),
                Err(why) => entries.altered.push(LedgerDefect::Altered { line: number, why }),
            }
            before = Some(hash);
        }
        entries
    }

    /// What is wrong with the chain itself.
    pub fn chain_defects(&self) -> Vec<LedgerDefect> {
        let mut defects = self.altered.clone();
        let sequences: BTreeSet<u64> = self.found.iter().map(|found| found.entry.place.sequence).collect();
        let mut expected = 1;
        for sequence in &sequences {
            if *sequence > expected {
                defects.push(LedgerDefect::Missing { from: expected, to: sequence - 1 });
            }
            expected = sequence.saturating_add(1);
        }
        let mut last = 0;
        for Found { entry, before, .. } in &self.found {
            let place = &entry.place;
            if place.sequence <= last {
                defects.push(LedgerDefect::OutOfOrder { sequence: place.sequence, after: last });
            } else if place.sequence == last + 1 && place.previous != *before {
                defects.push(LedgerDefect::Link { sequence: place.sequence });
            }
            last = place.sequence;
        }
        defects
    }

    /// Where no audit was made for longer than `longest`, until `now`.
    pub fn gaps(&self, longest: TimeDelta, now: DateTime<Utc>) -> Vec<LedgerDefect> {
        let mut times: Vec<DateTime<Utc>> = self.found.iter().map(|found| found.entry.taken_at).collect();
        times.sort_unstable();
        times.push(now);
        let pairs = times.iter().zip(times.iter().skip(1));
        pairs
            .filter(|(from, to)| **to - **from > longest)
            .map(|(from, to)| LedgerDefect::Gap { from: *from, to: *to, days: (*to - *from).num_days() })
            .collect()
    }

    /// What does not fit together between the ledger and a bundle.
    pub fn against(
        &self,
        place: Option<&LedgerPlace>,
        bundle: &FileDigest,
        organization: Option<&str>,
    ) -> Vec<LedgerDefect> {
        let mut defects = Vec::new();
        let expected = organization.unwrap_or("no organization");
        for Found { entry, .. } in &self.found {
            let found = entry.organization.as_deref().unwrap_or("no organization");
            if found != expected {
                defects.push(LedgerDefect::Organization {
                    sequence: entry.place.sequence,
                    found: found.to_owned(),
                    expected: expected.to_owned(),
                });
            }
        }
        let Some(place) = place else {
            defects.push(LedgerDefect::NoPlace);
            return defects;
        };
        match self.found.iter().find(|found| found.entry.place.sequence == place.sequence) {
            None => defects.push(LedgerDefect::Cut { sequence: place.sequence }),
            Some(found) if found.entry.bundle != *bundle || found.entry.place != *place => {
                defects.push(LedgerDefect::OtherBundle { sequence: place.sequence });
            }
            Some(_) => {}
        }
        defects
    }
}

fn entry(line: &[u8], keys: Option<&[PublicKey]>) -> Result<Entry, String> {
    let envelope = Envelope::parse(line).map_err(|error| error.to_string())?;
    if let Some(keys) = keys {
        envelope.verify(ENTRY, keys).map_err(|error: EnvelopeError| error.to_string())?;
    }
    serde_json::from_slice(&envelope.payload).map_err(|error| error.to_string())
}
