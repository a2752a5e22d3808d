//! What can be wrong with a chain, and what could not be verified.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::range::TimeRange;
use crate::severity::Severity;

/// The kinds of defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DefectKind {
    /// The log's content is not what its digest says.
    LogHashMismatch,
    /// The log that a digest lists is not there.
    LogMissing,
    /// The log is not a whole gzip object.
    LogMalformed,
    /// Bytes stand after the log's end.
    LogTrailingBytes,
    /// No digest lists the log.
    LogUnlisted,
    /// The digest is not gzip, not JSON, or lacks what a digest has.
    DigestMalformed,
    /// Bytes stand after the digest's end.
    DigestTrailingBytes,
    /// The digest carries no signature.
    DigestUnsigned,
    /// The digest's signature is not its own.
    DigestSignatureInvalid,
    /// The key that the digest is said to be signed with is not one of CloudTrail's.
    DigestKeyUnknown,
    /// Another algorithm than SHA-256 with RSA.
    DigestAlgorithm,
    /// The digest that the next one names is not there.
    DigestMissing,
    /// The digest says that it belongs elsewhere.
    DigestMoved,
    /// The digest's content is not what the next one says.
    ChainHashMismatch,
    /// The digest's signature is not what the next one says.
    ChainSignatureMismatch,
    /// Time that no digest covers, though the chain says that one should.
    Hole,
    /// Logging stopped and was started again.
    Stop,
    /// No digest up to the end of what was asked.
    TailMissing,
    /// No digest from the beginning of what was asked.
    HeadMissing,
    /// No digest at all.
    NoDigests,
    /// It could not be read.
    Unverifiable,
}

impl DefectKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::LogHashMismatch,
        Self::LogMissing,
        Self::LogMalformed,
        Self::LogTrailingBytes,
        Self::LogUnlisted,
        Self::DigestMalformed,
        Self::DigestTrailingBytes,
        Self::DigestUnsigned,
        Self::DigestSignatureInvalid,
        Self::DigestKeyUnknown,
        Self::DigestAlgorithm,
        Self::DigestMissing,
        Self::DigestMoved,
        Self::ChainHashMismatch,
        Self::ChainSignatureMismatch,
        Self::Hole,
        Self::Stop,
        Self::TailMissing,
        Self::HeadMissing,
        Self::NoDigests,
        Self::Unverifiable,
    ];

    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LogHashMismatch => "log-hash-mismatch",
            Self::LogMissing => "log-missing",
            Self::LogMalformed => "log-malformed",
            Self::LogTrailingBytes => "log-trailing-bytes",
            Self::LogUnlisted => "log-unlisted",
            Self::DigestMalformed => "digest-malformed",
            Self::DigestTrailingBytes => "digest-trailing-bytes",
            Self::DigestUnsigned => "digest-unsigned",
            Self::DigestSignatureInvalid => "digest-signature-invalid",
            Self::DigestKeyUnknown => "digest-key-unknown",
            Self::DigestAlgorithm => "digest-algorithm",
            Self::DigestMissing => "digest-missing",
            Self::DigestMoved => "digest-moved",
            Self::ChainHashMismatch => "chain-hash-mismatch",
            Self::ChainSignatureMismatch => "chain-signature-mismatch",
            Self::Hole => "hole",
            Self::Stop => "stop",
            Self::TailMissing => "tail-missing",
            Self::HeadMissing => "head-missing",
            Self::NoDigests => "no-digests",
            Self::Unverifiable => "unverifiable",
        }
    }

    /// How bad it is. A stop of which nothing shows that its last digest stands is [`Severity::High`] instead.
    pub fn severity(self) -> Severity {
        match self {
            Self::LogHashMismatch
            | Self::LogMissing
            | Self::LogMalformed
            | Self::DigestMalformed
            | Self::DigestSignatureInvalid
            | Self::DigestMissing
            | Self::ChainHashMismatch
            | Self::ChainSignatureMismatch
            | Self::Hole
            | Self::TailMissing
            | Self::NoDigests => Severity::Critical,
            Self::LogTrailingBytes
            | Self::DigestTrailingBytes
            | Self::DigestUnsigned
            | Self::DigestKeyUnknown
            | Self::DigestAlgorithm
            | Self::DigestMoved => Severity::High,
            Self::Unverifiable => Severity::Medium,
            Self::LogUnlisted | Self::Stop | Self::HeadMissing => Severity::Info,
        }
    }

    /// What it means, in a sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::LogHashMismatch => {
                "The log file was changed after CloudTrail delivered it: its hash is not the one that the signed digest lists."
            }
            Self::LogMissing => "The log file that the digest lists was deleted or moved.",
            Self::LogMalformed => {
                "The log file is not gzip, is damaged or ends early: it is not what CloudTrail delivered."
            }
            Self::LogTrailingBytes => {
                "Bytes were appended to the log file; some tools read them as further events."
            }
            Self::LogUnlisted => {
                "No digest lists the log file: it may be younger than the last digest, come from a trail without log file validation, or be forged."
            }
            Self::DigestMalformed => "The digest file is damaged or is not one that CloudTrail wrote.",
            Self::DigestTrailingBytes => "Bytes were appended to the digest file.",
            Self::DigestUnsigned => {
                "The digest file's metadata has no signature: it was written again or copied without metadata."
            }
            Self::DigestSignatureInvalid => {
                "The digest file or its signature was changed after CloudTrail delivered it."
            }
            Self::DigestKeyUnknown => {
                "CloudTrail has no public key of the fingerprint that the digest file names."
            }
            Self::DigestAlgorithm => {
                "The digest file names another algorithm than the one that CloudTrail uses."
            }
            Self::DigestMissing => "The digest file that the next one names was deleted or moved.",
            Self::DigestMoved => {
                "The digest file says that it was delivered to another bucket or key than where it stands."
            }
            Self::ChainHashMismatch => {
                "The digest file is not the one that the next digest follows: its content differs."
            }
            Self::ChainSignatureMismatch => {
                "The digest file is not the one that the next digest follows: its signature differs."
            }
            Self::Hole => "The chain says that digests cover this time, and none does.",
            Self::Stop => "Logging was stopped and started again; nothing was logged between.",
            Self::TailMissing => {
                "No digest covers the end of the time that was asked for: the newest were deleted, or the trail no longer logs."
            }
            Self::HeadMissing => "No digest covers the beginning of the time that was asked for.",
            Self::NoDigests => "There is no digest at all: all were deleted, or the trail writes none here.",
            Self::Unverifiable => "It could not be read, so nothing is known of it.",
        }
    }
}

/// An object in S3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectName {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

/// Something wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What it is.
    pub kind: DefectKind,
    /// How bad it is.
    pub severity: Severity,
    /// The object that is wrong or missing; `None` for time without one.
    pub object: Option<ObjectName>,
    /// The beginning of the time that it concerns.
    pub from: Option<DateTime<Utc>>,
    /// The end of the time that it concerns.
    pub to: Option<DateTime<Utc>>,
    /// What should be.
    pub expected: Option<String>,
    /// What is.
    pub found: Option<String>,
    /// For people.
    pub detail: String,
}

/// The most characters of a text that may come from an object: what is hostile need not be repeated in full.
const LONGEST_TEXT: usize = 2048;

fn bounded(text: impl Into<String>) -> String {
    let mut text = text.into();
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl Defect {
    pub(crate) fn new(kind: DefectKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            severity: kind.severity(),
            object: None,
            from: None,
            to: None,
            expected: None,
            found: None,
            detail: bounded(detail),
        }
    }

    pub(crate) fn at(mut self, bucket: &str, key: &str) -> Self {
        self.object = Some(ObjectName { bucket: bounded(bucket), key: bounded(key) });
        self
    }

    pub(crate) fn during(mut self, range: TimeRange) -> Self {
        self.from = Some(range.from);
        self.to = Some(range.to);
        self
    }

    pub(crate) fn between(mut self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        self.expected = Some(bounded(expected));
        self.found = Some(bounded(found));
        self
    }
}

/// Why an object could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnverifiableReason {
    /// S3 refused.
    AccessDenied,
    /// The key that encrypts it may not be used.
    KeyDenied,
    /// It lies in an archive and would have to be restored first.
    Archived,
    /// S3 kept refusing for the rate of calls.
    Throttled,
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
    /// The service failed inside.
    ServerError,
    /// The connection was cut before the object's end, each time.
    Truncated,
    /// Larger than what is read.
    TooLarge,
    /// CloudTrail's public keys could not be had.
    KeysUnavailable,
    /// It lies in a bucket or folder that is not part of what was asked.
    OtherPlace,
    /// The run ended before.
    Interrupted,
    /// Anything else; the detail says it.
    Other,
}

/// An object that could not be read, which is not the same as one that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unverifiable {
    /// Why.
    pub reason: UnverifiableReason,
    /// For people, with the way out.
    pub detail: String,
}

impl Unverifiable {
    /// From its parts.
    pub fn new(reason: UnverifiableReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: bounded(detail) }
    }
}
