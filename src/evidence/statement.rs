//! What is signed: in-toto statements, <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::digest::FileDigest;
use super::key::SigningError;
use super::ledger::LedgerPlace;
use super::redact::Redaction;
use crate::report::Scope;

const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// What the statement about a bundle's contents says; the number is raised when a field changes or goes.
pub const EVIDENCE: &str = "urn:trailproof:evidence:1";
/// What the statement about a time stamp says.
pub const TIMESTAMP: &str = "urn:trailproof:evidence-timestamp:1";

/// A statement about files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    of_type: String,
    subject: Vec<Resource>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    /// What is said of them.
    pub predicate: P,
}

/// A file, as in-toto's resource descriptor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    name: String,
    digest: BTreeMap<String, String>,
    annotations: Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    size: u64,
}

/// What the signer says of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The run that made it.
    pub run: Run,
    /// The archive's bytes before the signature part.
    pub archive: FileDigest,
    /// The authority that was asked for a time stamp: its token belongs into the bundle.
    pub timestamp_authority: Option<String>,
    /// Where the bundle stands in the ledger.
    pub ledger: Option<LedgerPlace>,
}

/// What the signer says of a time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timestamp {
    /// The authority that gave it.
    pub timestamp_authority: String,
}

/// The facts of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What made the bundle.
    pub tool: Tool,
    /// When collecting began.
    pub taken_at: DateTime<Utc>,
    /// The organization, `o-` and its identity; null for an account that is in none, or where it could not be read.
    pub organization: Option<String>,
    /// The day on which waivers were held to be in force or expired.
    pub waivers_on: NaiveDate,
    /// What was removed from the snapshot; null if it is whole.
    pub redaction: Option<RedactionRecord>,
    /// Nothing in scope was left unread and nothing undecided.
    pub complete: bool,
    /// What was looked at, and what was not; bundles of releases before 0.2 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Findings by verdict.
    pub counts: Counts,
}

impl Run {
    /// The time that the archive gives all its members, in seconds since 1970, so that no clock is in them.
    pub(super) fn member_time(&self) -> u64 {
        u64::try_from(self.taken_at.timestamp()).unwrap_or(0)
    }
}

/// The program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `trailproof`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its executable file.
    pub executable_sha256: String,
}

/// What a redaction left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionRecord {
    /// How far it went.
    pub level: Redaction,
    /// The files that were collected, before: whoever holds them can make the same redaction again, and compare.
    pub collected: Vec<FileDigest>,
}

/// What keeps a payload from being a statement that this program understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// Another statement, or another version of it.
    #[error("it states {found:?}, not {expected:?}: verify it with the trailproof release that made it")]
    Type {
        /// What it states.
        found: String,
        /// What this program understands.
        expected: &'static str,
    },
    /// Not of a statement's shape.
    #[error("it is no statement: {0}")]
    Malformed(String),
}

impl<P: Serialize + DeserializeOwned> Statement<P> {
    /// A statement about these files.
    pub fn new<'f>(
        predicate_type: &str,
        files: impl IntoIterator<Item = (&'f str, &'f FileDigest)>,
        predicate: P,
    ) -> Self {
        let resource = |(name, digest): (&str, &FileDigest)| Resource {
            name: name.to_owned(),
            digest: BTreeMap::from([("sha256".to_owned(), digest.sha256.clone())]),
            annotations: Size { size: digest.size },
        };
        Self {
            of_type: STATEMENT_TYPE.to_owned(),
            subject: files.into_iter().map(resource).collect(),
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// As JSON. What cannot be written is not signed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SigningError> {
        serde_json::to_vec(self).map_err(|error| SigningError::Failed(error.to_string()))
    }

    /// Reads a statement of this type.
    pub fn parse(payload: &[u8], predicate_type: &'static str) -> Result<Self, StatementError> {
        #[derive(Deserialize)]
        struct Types {
            #[serde(rename = "_type")]
            statement: String,
            #[serde(rename = "predicateType")]
            predicate: String,
        }
        let malformed = |error: serde_json::Error| StatementError::Malformed(error.to_string());
        let types: Types = serde_json::from_slice(payload).map_err(malformed)?;
        for (found, expected) in [(types.statement, STATEMENT_TYPE), (types.predicate, predicate_type)] {
            if found != expected {
                return Err(StatementError::Type { found, expected });
            }
        }
        serde_json::from_slice(payload).map_err(malformed)
    }

    /// The files that it is about, each once; an error names one without a SHA-256 or that stands twice.
    pub fn files(&self) -> Result<BTreeMap<String, FileDigest>, StatementError> {
        let mut files = BTreeMap::new();
        for resource in &self.subject {
            let wrong = || StatementError::Malformed(format!("the subject {:?}", resource.name));
            let sha256 = resource.digest.get("sha256").ok_or_else(wrong)?.clone();
            let digest = FileDigest { sha256, size: resource.annotations.size };
            if files.insert(resource.name.clone(), digest).is_some() {
                return Err(wrong());
            }
        }
        Ok(files)
    }
}

/// `manifest.json`: the statement's files and run again, to be read without decoding an envelope.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Trailproof evidence manifest")]
pub struct Manifest<'a> {
    schema_version: &'static str,
    /// The run that made the bundle.
    run: &'a Run,
    /// Every file but this one and the signature files, by path.
    files: Vec<ManifestFile<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ManifestFile<'a> {
    path: &'a str,
    sha256: &'a str,
    size: u64,
}

impl<'a> Manifest<'a> {
    /// The manifest of these files.
    pub fn new(run: &'a Run, files: impl IntoIterator<Item = (&'a str, &'a FileDigest)>) -> Self {
        let file = |(path, digest): (&'a str, &'a FileDigest)| ManifestFile {
            path,
            sha256: &digest.sha256,
            size: digest.size,
        };
        Self { schema_version: "1.0", run, files: files.into_iter().map(file).collect() }
    }
}
