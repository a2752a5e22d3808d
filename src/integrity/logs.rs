//! The logs that digests list, and what became of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::defect::{Defect, DefectKind, Unverifiable, UnverifiableReason};
use super::gzip::{GzipError, Hash, LogDigest};
use super::name::is_plain_path;
use super::range::TimeRange;
use super::stream::Stream;
use crate::model::hexadecimal;

/// A log to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogToRead {
    /// Its bucket.
    pub bucket: Arc<str>,
    /// Its key, as a digest writes it: see [`is_plain_path`](super::is_plain_path).
    pub key: String,
}

/// What became of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogReading {
    /// All of it was read.
    Read(Result<LogDigest, GzipError>),
    /// S3 has no such object.
    Missing,
    /// It could not be read.
    Unverifiable(Unverifiable),
    /// It was left out on purpose.
    NotSampled,
}

/// A digest's word on a log.
pub(super) struct Claim {
    pub(super) stream: Arc<Stream>,
    /// The digest's end.
    pub(super) end: DateTime<Utc>,
    sha256: Hash,
    /// The digest's signature is good.
    signed: bool,
}

/// A log and the words on it: one as a rule, more after a backfill.
pub(super) struct Entry {
    pub(super) claims: Vec<Claim>,
    /// A digest whose signature is good lists it.
    signed: bool,
    outcome: Option<Outcome>,
}

/// Compact where all is well, because that is what nearly all logs are.
enum Outcome {
    Matches,
    Other(Box<LogReading>),
}

/// A place in S3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) bucket: Arc<str>,
    pub(super) key: Box<str>,
}

/// All logs that a folder's digests list.
#[derive(Default)]
pub(super) struct Logs {
    pub(super) entries: BTreeMap<Place, Entry>,
}

/// How a log is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    Valid,
    Invalid,
    Missing,
    Unverifiable,
    NotSampled,
}

impl Logs {
    pub(super) fn claim(
        &mut self,
        place: Place,
        stream: &Arc<Stream>,
        end: DateTime<Utc>,
        sha256: Hash,
        signed: bool,
    ) {
        let entry =
            self.entries.entry(place).or_insert_with(|| Entry { claims: Vec::new(), signed, outcome: None });
        // What was read was compared with the words known then.
        entry.outcome = None;
        entry.signed |= signed;
        entry.claims.push(Claim { stream: Arc::clone(stream), end, sha256, signed });
    }

    pub(super) fn read(&mut self, bucket: &str, key: &str, reading: LogReading) {
        let place = Place { bucket: Arc::from(bucket), key: Box::from(key) };
        let Some(entry) = self.entries.get_mut(&place) else { return };
        let matches = match &reading {
            LogReading::Read(Ok(digest)) => entry.words().all(|claim| digest.is(&claim.sha256)),
            _ => false,
        };
        entry.outcome = Some(if matches { Outcome::Matches } else { Outcome::Other(Box::new(reading)) });
    }
}

impl LogDigest {
    /// The object is this content and nothing else, be it in one gzip member or in several.
    fn is(&self, expected: &Hash) -> bool {
        match &self.trailing {
            None => self.sha256 == *expected,
            Some(trailing) => trailing.all_members.as_ref() == Some(expected),
        }
    }
}

impl Entry {
    /// The words that count: beside a signed one, nothing that is not signed.
    fn words(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.signed == self.signed)
    }

    /// Whether the log is worth a request, and may be asked for. A digest without a good signature could name any
    /// object of any bucket: of those only what lies in the account's own folder is read.
    pub(super) fn readable(&self, place: &Place, bucket: &str, account_folder: &str) -> bool {
        self.signed
            || (&*place.bucket == bucket
                && place.key.starts_with(account_folder)
                && is_plain_path(&place.key))
    }

    /// Counts it, with the defect if there is one. `trusted` says of a claim whether its digest may speak for logs.
    pub(super) fn judge(
        &self,
        place: &Place,
        claim: &Claim,
        range: TimeRange,
        trusted: impl Fn(&Claim) -> bool,
    ) -> (Judged, Option<Defect>) {
        let defect = |kind: DefectKind, detail: String| {
            Defect::new(kind, detail).at(&place.bucket, &place.key).during(range)
        };
        let reading = match &self.outcome {
            Some(Outcome::Matches) if self.claims.iter().any(trusted) => return (Judged::Valid, None),
            // It is what a digest says that is itself not valid: the digest's defect tells.
            Some(Outcome::Matches) => return (Judged::Unverifiable, None),
            Some(Outcome::Other(reading)) => &**reading,
            None => &LogReading::Unverifiable(Unverifiable::new(
                UnverifiableReason::Interrupted,
                "it was not read before the run ended",
            )),
        };
        match reading {
            LogReading::Read(Ok(found)) => {
                let contradicted = self.words().find(|claim| claim.sha256 != found.sha256).unwrap_or(claim);
                let expected = || hexadecimal(&contradicted.sha256);
                let defect = match &found.trailing {
                    Some(trailing) if self.words().all(|claim| claim.sha256 == found.sha256) => defect(
                        DefectKind::LogTrailingBytes,
                        format!("{} bytes stand after the log's end", trailing.bytes),
                    ),
                    _ => defect(
                        DefectKind::LogHashMismatch,
                        "its content is not what its digest says".to_owned(),
                    )
                    .between(expected(), hexadecimal(&found.sha256)),
                };
                (Judged::Invalid, Some(defect))
            }
            LogReading::Read(Err(error @ GzipError::TooLarge { .. })) => {
                (Judged::Unverifiable, Some(defect(DefectKind::Unverifiable, error.to_string())))
            }
            LogReading::Read(Err(error)) => {
                (Judged::Invalid, Some(defect(DefectKind::LogMalformed, error.to_string())))
            }
            LogReading::Missing => {
                (Judged::Missing, Some(defect(DefectKind::LogMissing, "its digest lists it".to_owned())))
            }
            LogReading::Unverifiable(why) => {
                (Judged::Unverifiable, Some(defect(DefectKind::Unverifiable, why.detail.clone())))
            }
            LogReading::NotSampled => (Judged::NotSampled, None),
        }
    }
}
