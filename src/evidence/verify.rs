//! Verifying a bundle that somebody else made. Nothing in it is believed before its signature is verified: until then
//! it is hashed and not looked at. Only then are the snapshot, rules and settings taken out, into a temporary folder
//! and under names of this program's own.

mod ledger;
mod recheck;
mod timestamp;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use rustls_pki_types::CertificateDer;

use super::archive::{self, ArchiveError, Keep, Walked};
use super::contents::{MANIFEST, STATEMENT, TIMESTAMP, TIMESTAMP_STATEMENT};
use super::digest::FileDigest;
use super::dsse::{Envelope, IN_TOTO};
use super::key::PublicKey;
use super::ledger::Entries;
use super::statement::{EVIDENCE, Evidence, Statement};
use super::verification::{Check, Outcome, Subject, Verification};

/// What is verified, and by what.
#[derive(Debug)]
pub struct Request<'a> {
    /// The bundle.
    pub bundle: &'a Path,
    /// The keys that may have signed.
    pub keys: &'a [PublicKey],
    /// The ledger, if there is one.
    pub ledger: Option<&'a Entries>,
    /// The longest time between two audits, for the ledger.
    pub max_age: Option<TimeDelta>,
    /// Certificates of authorities for time stamps.
    pub authorities: &'a [CertificateDer<'static>],
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// Why a bundle could not be verified at all. That it is not verified is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The bundle cannot be read.
    #[error("cannot read the bundle {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No room for what is taken out.
    #[error("cannot lay the bundle's snapshot ready: {0}. Set TMPDIR to a folder with more room")]
    Temporary(io::Error),
}

/// Verifies a bundle.
pub fn verify(request: &Request<'_>) -> Result<Verification, VerifyError> {
    let mut verification = Verification::default();
    let walked = match walk(request.bundle, &mut |_| Ok(None))? {
        Ok(walked) => walked,
        Err(error) => {
            let summary = "it is not the file that was written";
            verification.checks.push(Check::failed(Subject::Archive, summary, vec![error.to_string()]));
            let because = "the archive is not whole";
            verification.checks.extend(unchecked(because, Subject::Signature));
            return Ok(verification);
        }
    };
    verification.bundle = Some(walked.whole.clone());
    let summary = format!("{} files, {} bytes", walked.members.len(), walked.whole.size);
    verification.checks.push(Check::verified(Subject::Archive, summary));

    let (statement, check) = signature(&walked, request.keys);
    let signed = check.outcome == Outcome::Verified;
    verification.checks.push(check);
    let Some((statement, key)) = statement else {
        verification.checks.extend(unchecked("nothing in it is signed", Subject::Files));
        return Ok(verification);
    };
    let files = files(&walked, &statement, signed);
    let sound = signed && files.outcome == Outcome::Verified;
    verification.checks.push(files);
    if !signed {
        verification.checks.extend(unchecked("it is not signed by a key that was given", Subject::Timestamp));
        return Ok(verification);
    }
    verification.signed_by = key;
    verification.run = Some(statement.predicate.run.clone());
    verification.checks.push(timestamp::check(&walked, &statement.predicate, request));
    verification.checks.push(ledger::check(&walked, &statement.predicate, request));
    if sound {
        let (found, checks) = recheck::check(request, &walked, &statement.predicate.run)?;
        verification.found = found;
        verification.checks.extend(checks);
    } else {
        verification.checks.extend(unchecked("the files are not those that were signed", Subject::Rules));
    }
    verification.verified = verification.checks.iter().all(|check| check.outcome != Outcome::Failed);
    Ok(verification)
}

/// The checks from this one on, which were not made.
fn unchecked(because: &str, from: Subject) -> Vec<Check> {
    let all = [
        Subject::Signature,
        Subject::Files,
        Subject::Timestamp,
        Subject::Ledger,
        Subject::Rules,
        Subject::Findings,
        Subject::Reports,
    ];
    all.into_iter()
        .skip_while(|subject| *subject != from)
        .map(|subject| Check::not_checked(subject, because))
        .collect()
}

fn walk(bundle: &Path, keep: &mut Keep<'_>) -> Result<Result<Walked, ArchiveError>, VerifyError> {
    let failed = |source| VerifyError::Read { path: bundle.to_owned(), source };
    let file = File::open(bundle).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    match archive::walk(file, keep) {
        Err(ArchiveError::Read(source)) => Err(failed(source)),
        walked => Ok(walked),
    }
}

/// A file of the signature part.
fn appendix<'w>(walked: &'w Walked, name: &str) -> Option<&'w [u8]> {
    walked.appendix.iter().find(|(found, _)| found == name).map(|(_, content)| content.as_slice())
}

type Signed = (Statement<Evidence>, Option<String>);

/// The statement, even if it is not signed: what it says of the files helps to see what happened.
fn signature(walked: &Walked, keys: &[PublicKey]) -> (Option<Signed>, Check) {
    let failed = |problem: String| {
        Check::failed(
            Subject::Signature,
            "the statement is not signed by a key that was given",
            vec![problem],
        )
    };
    let Some(envelope) = appendix(walked, STATEMENT) else {
        return (None, failed(format!("{STATEMENT} is missing")));
    };
    let envelope = match Envelope::parse(envelope) {
        Ok(envelope) => envelope,
        Err(error) => return (None, failed(format!("{STATEMENT}: {error}"))),
    };
    let verified = envelope.verify(IN_TOTO, keys);
    let statement = match Statement::parse(&envelope.payload, EVIDENCE) {
        Ok(statement) => statement,
        Err(error) => return (None, failed(format!("{STATEMENT}: {error}"))),
    };
    match verified {
        Ok(key) => {
            let fingerprint = key.fingerprint();
            let check = Check::verified(Subject::Signature, format!("by the key {fingerprint}"));
            (Some((statement, Some(fingerprint))), check)
        }
        Err(error) => (Some((statement, None)), failed(format!("{STATEMENT}: {error}"))),
    }
}

fn files(walked: &Walked, statement: &Statement<Evidence>, signed: bool) -> Check {
    let stated = match statement.files() {
        Ok(stated) => stated,
        Err(error) => {
            return Check::failed(
                Subject::Files,
                "the statement does not name the files",
                vec![error.to_string()],
            );
        }
    };
    let mut problems = differences(walked, &stated);
    let known = [STATEMENT, TIMESTAMP, TIMESTAMP_STATEMENT];
    let added = walked.appendix.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    problems.extend(added.map(|(name, _)| format!("{name} was added")));
    if problems.is_empty() && statement.predicate.archive != walked.contents {
        problems.push("the archive was packed anew: its bytes are not those that were signed".to_owned());
    }
    if problems.is_empty() && walked.time != statement.predicate.run.member_time() {
        problems.push("the files have another time than the snapshot".to_owned());
    }
    match (problems.is_empty(), signed) {
        (true, true) => {
            Check::verified(Subject::Files, format!("{} files are as they were signed", stated.len()))
        }
        (true, false) => {
            Check::not_checked(Subject::Files, "they fit a statement that is not signed by a given key")
        }
        (false, _) => Check::failed(Subject::Files, "files are not as they were signed", problems),
    }
}

fn differences(walked: &Walked, stated: &BTreeMap<String, FileDigest>) -> Vec<String> {
    let mut problems = Vec::new();
    let found: BTreeMap<&str, &FileDigest> =
        walked.members.iter().map(|member| (member.name.as_str(), &member.digest)).collect();
    for (name, digest) in stated {
        match found.get(name.as_str()) {
            None => problems.push(format!("{name} is missing")),
            Some(actual) if *actual != digest => {
                let other = stated.iter().find(|(other, digest)| *other != name && *digest == *actual);
                problems.push(match other {
                    Some((other, _)) => format!("{name} was swapped: it has the content of {other}"),
                    None => format!("{name} was changed"),
                });
            }
            Some(_) => {}
        }
    }
    let added = found.keys().filter(|name| !stated.contains_key(**name));
    problems.extend(added.map(|name| format!("{name} was added")));
    if !stated.contains_key(MANIFEST) {
        problems.push(format!("{MANIFEST} is not signed"));
    }
    problems
}

/// Reads a temporary file whole.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}
