//! A digest file: read, parsed, its signature checked. Nothing of other objects.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::defect::{Defect, DefectKind, Unverifiable, UnverifiableReason};
use super::gzip::{self, GzipError, Hash};
use super::hash;
use super::name::DigestName;
use super::range::TimeRange;
use super::signature::{ALGORITHM, KeyAbsent, KeyRing};
use crate::model::hexadecimal;

/// The most bytes that are read of a digest file: larger ones are unverifiable.
pub const MAX_DIGEST_BYTES: u64 = 8 << 20;
/// The most bytes that a digest file may inflate to: some 25,000 logs in an hour of an account and region.
pub const MAX_DIGEST_INFLATED: u64 = 16 << 20;

const HASH_ALGORITHM: &str = "SHA-256";

/// The user metadata of a digest file that verifying needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestMetadata {
    /// `signature`: hexadecimal digits.
    pub signature: Option<String>,
    /// `signature-algorithm`.
    pub signature_algorithm: Option<String>,
    /// `backfill-generation-timestamp`: which public keys to ask for.
    pub backfill_generation_timestamp: Option<String>,
}

impl DigestMetadata {
    /// Picks what is needed from an object's user metadata, whose names S3 may give in any case.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut metadata = Self::default();
        for (name, value) in pairs {
            let field = match name.to_ascii_lowercase().as_str() {
                "signature" => &mut metadata.signature,
                "signature-algorithm" => &mut metadata.signature_algorithm,
                "backfill-generation-timestamp" => &mut metadata.backfill_generation_timestamp,
                _ => continue,
            };
            *field = Some(value.to_owned());
        }
        metadata
    }
}

/// The public key that a digest was signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNeeded {
    /// Its fingerprint.
    pub fingerprint: String,
    /// For a backfill digest: when it was made. The key was valid within an hour of it, which need not be within the
    /// time that is verified.
    pub generated_at: Option<DateTime<Utc>>,
}

/// A digest file that was read; its signature is not yet checked.
#[derive(Debug)]
pub struct DigestObject {
    checked: CheckedDigest,
    generated_at: Option<DateTime<Utc>>,
}

/// A digest file whose signature was checked.
#[derive(Debug)]
pub struct CheckedDigest {
    pub(super) body: Option<Box<Body>>,
    /// Of the inflated bytes.
    pub(super) sha256: Option<Hash>,
    /// As its metadata has it.
    pub(super) signature: Option<String>,
    /// What is wrong with it; without time and object, which follow from its name.
    pub(super) defects: Vec<Defect>,
    /// Why nothing can be said of it.
    pub(super) unverifiable: Option<Unverifiable>,
    /// The signature is CloudTrail's and covers the content.
    pub(super) signed: bool,
    /// It stands elsewhere than it says.
    pub(super) moved: bool,
}

/// What became of a digest file.
#[derive(Debug)]
pub enum DigestReading {
    /// It was read.
    Read(CheckedDigest),
    /// S3 has no such object.
    Missing,
    /// It could not be read.
    Unverifiable(Unverifiable),
}

/// The content of a digest file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) range: TimeRange,
    pub(super) bucket: String,
    pub(super) object: String,
    pub(super) previous: Option<Previous>,
    pub(super) logs: Vec<ListedLog>,
    fingerprint: String,
    algorithm: String,
    /// Of hashes, where it is not SHA-256.
    other_hash_algorithm: Option<String>,
    /// As written: it is part of what is signed.
    end: String,
    account_id: String,
}

/// The digest that a digest follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) bucket: String,
    pub(super) object: String,
    pub(super) sha256: Hash,
    pub(super) signature: String,
}

/// A log that a digest lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListedLog {
    /// `None` for the digest's own.
    pub(super) bucket: Option<Box<str>>,
    pub(super) key: Box<str>,
    pub(super) sha256: Hash,
}

impl DigestObject {
    /// Reads the bytes that stand at a key: inflates, hashes, parses and compares them with where they stand.
    pub fn read(bucket: &str, key: &str, bytes: &[u8], metadata: &DigestMetadata) -> Self {
        let mut checked = CheckedDigest {
            body: None,
            sha256: None,
            signature: metadata.signature.clone(),
            defects: Vec::new(),
            unverifiable: None,
            signed: false,
            moved: false,
        };
        let mut generated_at = None;
        match gzip::inflate_whole(bytes, MAX_DIGEST_INFLATED) {
            Ok((inflated, trailing)) => {
                checked.sha256 = Some(Sha256::digest(&inflated).into());
                if trailing > 0 {
                    checked.push(
                        DefectKind::DigestTrailingBytes,
                        format!("{trailing} bytes stand after the digest's end"),
                    );
                }
                match Body::parse(&inflated) {
                    Ok(body) => checked.compare_place(bucket, key, body),
                    Err(problem) => checked.push(DefectKind::DigestMalformed, problem),
                }
            }
            Err(error @ GzipError::TooLarge { .. }) => {
                checked.unverifiable =
                    Some(Unverifiable::new(UnverifiableReason::TooLarge, error.to_string()));
            }
            Err(error) => checked.push(DefectKind::DigestMalformed, error.to_string()),
        }
        if DigestName::parse(key).is_ok_and(|name| name.backfill) {
            let at = metadata.backfill_generation_timestamp.as_deref();
            generated_at = at.and_then(|at| DateTime::parse_from_rfc3339(at).ok()).map(|at| at.to_utc());
            if generated_at.is_none() {
                checked.push(
                    DefectKind::DigestMalformed,
                    "the metadata of a backfill digest must say when it was made (backfill-generation-timestamp)",
                );
            }
        }
        checked.check_algorithms(metadata);
        Self { checked, generated_at }
    }

    /// The key that [`Self::check`] needs; `None` where there is no signature to check.
    pub fn key_needed(&self) -> Option<KeyNeeded> {
        let body = self.checked.body.as_ref()?;
        self.checked.signature.as_ref()?;
        Some(KeyNeeded { fingerprint: body.fingerprint.clone(), generated_at: self.generated_at })
    }

    /// Checks the signature.
    pub fn check(self, keys: &KeyRing) -> CheckedDigest {
        let mut checked = self.checked;
        let (Some(body), Some(sha256)) = (&checked.body, &checked.sha256) else { return checked };
        let Some(signature) = &checked.signature else { return checked };
        let foreign_algorithm =
            checked.defects.iter().any(|defect| defect.kind == DefectKind::DigestAlgorithm);
        let text = string_to_sign(body, sha256);
        let Some(signature) = hash::bytes(signature) else {
            checked.push(DefectKind::DigestSignatureInvalid, "the signature is not hexadecimal");
            return checked;
        };
        match keys.verify(&body.fingerprint, text.as_bytes(), &signature) {
            Ok(true) => checked.signed = !foreign_algorithm,
            // Of a signature by another algorithm nothing is said but that it is by another algorithm.
            Ok(false) if foreign_algorithm => {}
            Ok(false) => {
                let detail = format!("the key {} did not sign this content", body.fingerprint);
                checked.push(DefectKind::DigestSignatureInvalid, detail);
            }
            Err(KeyAbsent::Unknown) => {
                let detail = format!("CloudTrail lists no public key {}", body.fingerprint);
                checked.push(DefectKind::DigestKeyUnknown, detail);
            }
            Err(KeyAbsent::Unavailable(why)) => checked.unverifiable = Some(why.clone()),
        }
        checked
    }
}

impl CheckedDigest {
    fn push(&mut self, kind: DefectKind, detail: impl Into<String>) {
        self.defects.push(Defect::new(kind, detail));
    }

    fn compare_place(&mut self, bucket: &str, key: &str, body: Body) {
        if body.bucket != bucket || body.object != key {
            self.moved = true;
            self.defects.push(
                Defect::new(DefectKind::DigestMoved, "it says that it was delivered elsewhere")
                    .between(format!("s3://{}/{}", body.bucket, body.object), format!("s3://{bucket}/{key}")),
            );
        } else if let Ok(name) = DigestName::parse(key)
            && (name.end != body.range.to || name.account_id != body.account_id)
        {
            self.push(DefectKind::DigestMalformed, "its end or account is not that of its name");
            return;
        }
        self.body = Some(Box::new(body));
    }

    fn check_algorithms(&mut self, metadata: &DigestMetadata) {
        if self.signature.is_none() {
            self.push(DefectKind::DigestUnsigned, "the object's metadata has no signature");
        }
        let mut defects = Vec::new();
        let mut compare = |what: &str, expected: &str, found: &str| {
            if expected != found {
                defects.push(
                    Defect::new(DefectKind::DigestAlgorithm, format!("unknown {what}"))
                        .between(expected, found),
                );
            }
        };
        if let Some(body) = &self.body {
            compare("signature algorithm in the digest", ALGORITHM, &body.algorithm);
            compare(
                "hash algorithm",
                HASH_ALGORITHM,
                body.other_hash_algorithm.as_deref().unwrap_or(HASH_ALGORITHM),
            );
        }
        if self.signature.is_some() {
            let found = metadata.signature_algorithm.as_deref().unwrap_or("none");
            compare("signature algorithm in the metadata", ALGORITHM, found);
        }
        self.defects.append(&mut defects);
    }
}

/// What CloudTrail signs.
fn string_to_sign(body: &Body, sha256: &Hash) -> String {
    let mut text = format!("{}\n{}/{}\n{}\n", body.end, body.bucket, body.object, hexadecimal(sha256));
    let previous = body.previous.as_ref().map_or("null", |previous| &previous.signature);
    // Writing into a string cannot fail.
    let _ = write!(text, "{previous}");
    text
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    aws_account_id: String,
    digest_start_time: DateTime<Utc>,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    previous_digest_s3_bucket: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<WrittenLog>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenLog {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: String,
}

impl Body {
    /// Unknown fields are skipped without recursion, so that no depth of nesting does harm.
    fn parse(json: &[u8]) -> Result<Self, String> {
        let written: Written =
            serde_json::from_slice(json).map_err(|error| format!("not a digest: {error}"))?;
        let end = DateTime::parse_from_rfc3339(&written.digest_end_time)
            .map_err(|_| "digestEndTime is no time".to_owned())?;
        let range = TimeRange { from: written.digest_start_time, to: end.to_utc() };
        if range.is_empty() {
            return Err("digestEndTime is not after digestStartTime".to_owned());
        }
        let mut other_hash_algorithm = None;
        let mut note = |algorithm: String| {
            if algorithm != HASH_ALGORITHM {
                other_hash_algorithm = Some(algorithm);
            }
        };
        let previous = match (
            written.previous_digest_s3_bucket,
            written.previous_digest_s3_object,
            written.previous_digest_hash_value,
            written.previous_digest_signature,
        ) {
            (None, None, None, None) => None,
            (Some(bucket), Some(object), Some(hash_value), Some(signature)) => {
                written.previous_digest_hash_algorithm.into_iter().for_each(&mut note);
                let sha256 = hash::parse(&hash_value).ok_or("previousDigestHashValue is no SHA-256 hash")?;
                Some(Previous { bucket, object, sha256, signature })
            }
            _ => return Err("the fields of the previous digest are only partly there".to_owned()),
        };
        let mut logs = Vec::with_capacity(written.log_files.len());
        for log in written.log_files {
            note(log.hash_algorithm);
            let sha256 = hash::parse(&log.hash_value).ok_or("a log's hashValue is no SHA-256 hash")?;
            let bucket = (log.s3_bucket != written.digest_s3_bucket).then(|| log.s3_bucket.into_boxed_str());
            logs.push(ListedLog { bucket, key: log.s3_object.into_boxed_str(), sha256 });
        }
        Ok(Self {
            range,
            bucket: written.digest_s3_bucket,
            object: written.digest_s3_object,
            previous,
            logs,
            fingerprint: written.digest_public_key_fingerprint,
            algorithm: written.digest_signature_algorithm,
            other_hash_algorithm,
            end: written.digest_end_time,
            account_id: written.aws_account_id,
        })
    }
}
