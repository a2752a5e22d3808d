//! Making a bundle: everything is worked out and laid ready first, so that the sizes and digests are known; then it is
//! written in one go and signed.

mod redacting;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use tempfile::TempDir;

use self::redacting::{SNAPSHOT, extension, redact};
use super::archive;
use super::contents::{
    ATTESTATIONS, Inputs, MANIFEST, REPORTS, RULES, RunError, SETTINGS, SNAPSHOTS, STATEMENT, Settings,
    TIMESTAMP, TIMESTAMP_STATEMENT, WAIVERS,
};
use super::counts::Counts;
use super::digest::{FileDigest, Hashing};
use super::dsse::{Envelope, IN_TOTO};
use super::key::{Signer, SigningError};
use super::ledger::{Entry, LedgerPlace};
use super::redact::{RedactError, Redaction};
use super::statement::{
    EVIDENCE, Evidence, Manifest, RedactionRecord, Run, Statement, TIMESTAMP as TIMESTAMP_PREDICATE,
    Timestamp, Tool,
};
use super::timestamp::{Question, TimestampError};
use crate::attestation::{Attestation, AttestationError};
use crate::model::Expectations;
use crate::report::Report;
use crate::report::json::write_lines;
use crate::rules::{RuleSet, RuleText};
use crate::snapshot::{SnapshotError, Source};

/// What goes into a bundle.
#[derive(Debug)]
pub struct Request<'a> {
    /// The snapshot, or the shards of one.
    pub snapshots: &'a [PathBuf],
    /// The rules that run.
    pub rules: &'a RuleSet,
    /// Which places, principals and names are the intended ones.
    pub expectations: Expectations,
    /// Files that `verify-logs` wrote.
    pub attestations: &'a [PathBuf],
    /// Files of waivers, in TOML or YAML.
    pub waivers: &'a [PathBuf],
    /// What is removed.
    pub redaction: Option<Redaction>,
    /// The day on which waivers are held to be in force or expired; the snapshot's where none is said.
    pub waivers_on: Option<NaiveDate>,
}

/// Sends a question in DER, and returns the answer.
pub type Ask<'a> = dyn Fn(&str, &[u8]) -> Result<Vec<u8>, String> + 'a;

/// An authority for time stamps.
pub struct Authority<'a> {
    /// Its address.
    pub url: String,
    /// Sends it a question, and returns its answer.
    pub ask: &'a Ask<'a>,
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Nothing to put in.
    #[error("no snapshot is named, so there is nothing that evidence could rest on")]
    NoSnapshot,
    /// Running the rules.
    #[error(transparent)]
    Run(#[from] RunError),
    /// An attestation.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    /// Redacting.
    #[error(transparent)]
    Redact(#[from] RedactError),
    /// Reading what goes in.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No room for what is laid ready.
    #[error("cannot lay the bundle's files ready: {0}. Set TMPDIR to a folder with more room")]
    Temporary(io::Error),
    /// Writing the bundle.
    #[error("{0}")]
    Write(io::Error),
    /// Signing.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// Asking for a time stamp.
    #[error("no time stamp by {url}: {detail}")]
    Authority {
        /// Its address.
        url: String,
        /// What went wrong.
        detail: String,
    },
    /// A time stamp that is none.
    #[error("the answer of {url} is refused: {source}")]
    Timestamp {
        /// Its address.
        url: String,
        /// What is wrong with it.
        source: TimestampError,
    },
}

/// A file laid ready.
#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    /// A temporary file without a name.
    Spooled(File),
    Path(PathBuf),
}

/// A bundle that only needs to be written.
#[derive(Debug)]
pub struct Prepared {
    files: BTreeMap<String, (FileDigest, Content)>,
    run: Run,
    _folder: Option<TempDir>,
}

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// The whole file.
    pub bundle: FileDigest,
    /// The time that the authority states.
    pub timestamp: Option<DateTime<Utc>>,
}

/// Runs the rules and lays everything ready.
pub fn prepare(request: &Request<'_>) -> Result<Prepared, ExportError> {
    let source = Source::Files(request.snapshots.to_vec());
    let first = source.headers()?.into_iter().next().ok_or(ExportError::NoSnapshot)?;
    let waivers_on = request.waivers_on.unwrap_or_else(|| first.taken_at.date_naive());
    let mut attestations = Vec::new();
    for path in request.attestations {
        let bytes = std::fs::read(path).map_err(|source| ExportError::Read { path: path.clone(), source })?;
        attestations.push((Attestation::read(path)?, bytes));
    }
    let mut inputs = Inputs {
        snapshot: source,
        rules: request.rules.rules().iter().map(crate::rules::Rule::source).collect(),
        settings: Settings::of(request.rules, request.expectations.clone(), waivers_on),
        attestations: attestations.iter().map(|(attestation, _)| attestation.clone()).collect(),
        waivers: request.waivers.to_vec(),
    };
    let mut report = inputs.report()?;
    let mut snapshots = request.snapshots.to_vec();
    let mut folder = None;
    let mut redaction = None;
    if let Some(level) = request.redaction {
        let into =
            tempfile::Builder::new().prefix("trailproof-").tempdir().map_err(ExportError::Temporary)?;
        let (redacted, redacted_report) = redact(level, &inputs, &report, into.path())?;
        attestations = redacted.attestations.iter().map(|found| (found.clone(), lines(found))).collect();
        inputs = redacted;
        report = redacted_report;
        let collected = snapshots.iter().map(|path| digest_of(path)).collect::<Result<_, _>>()?;
        redaction = Some(RedactionRecord { level, collected });
        snapshots = vec![into.path().join(SNAPSHOT)];
        folder = Some(into);
    }
    let mut files = BTreeMap::new();
    for (number, path) in (1..).zip(&snapshots) {
        let name = format!("{SNAPSHOTS}{number:04}.jsonl.zst");
        files.insert(name, (digest_of(path)?, Content::Path(path.clone())));
    }
    for (number, (_, bytes)) in (1..).zip(attestations) {
        add(&mut files, format!("{ATTESTATIONS}{number:04}.json"), bytes);
    }
    for (number, path) in (1..).zip(&inputs.waivers) {
        let name = format!("{WAIVERS}{number:04}.{}", extension(path));
        files.insert(name, (digest_of(path)?, Content::Path(path.clone())));
    }
    for RuleText { family, name, text } in &inputs.rules {
        add(&mut files, format!("{RULES}{family}/{name}.toml"), text.clone().into_bytes());
    }
    add(&mut files, SETTINGS.to_owned(), lines(&inputs.settings));
    for (name, render) in REPORTS {
        files.insert((*name).to_owned(), spool(&report, *render).map_err(ExportError::Temporary)?);
    }
    let run = run(&report, &inputs, redaction)?;
    let manifest = lines(&Manifest::new(&run, digests(&files)));
    add(&mut files, MANIFEST.to_owned(), manifest);
    Ok(Prepared { files, run, _folder: folder })
}

fn run(report: &Report, inputs: &Inputs, redaction: Option<RedactionRecord>) -> Result<Run, ExportError> {
    let executable = std::env::current_exe().map_err(ExportError::Temporary)?;
    Ok(Run {
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            executable_sha256: digest_of(&executable)?.sha256,
        },
        taken_at: report.taken_at(),
        organization: report.organization_id().map(str::to_owned),
        waivers_on: inputs.settings.waivers_on,
        redaction,
        complete: report.complete(),
        scope: Some(report.scope().clone()),
        counts: Counts::from(report),
    })
}

fn lines(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Into memory, of types without a map that could have other keys than texts: nothing can fail.
    let _ = write_lines(value, &mut bytes);
    bytes
}

fn add(files: &mut BTreeMap<String, (FileDigest, Content)>, name: String, bytes: Vec<u8>) {
    files.insert(name, (FileDigest::of(&bytes), Content::Bytes(bytes)));
}

fn digests(files: &BTreeMap<String, (FileDigest, Content)>) -> impl Iterator<Item = (&str, &FileDigest)> {
    files.iter().map(|(name, (digest, _))| (name.as_str(), digest))
}

fn digest_of(path: &Path) -> Result<FileDigest, ExportError> {
    let failed = |source| ExportError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    FileDigest::of_reader(&mut BufReader::new(file)).map_err(failed)
}

fn spool(report: &Report, render: super::contents::Render) -> io::Result<(FileDigest, Content)> {
    let mut out = Hashing::new(BufWriter::new(tempfile::tempfile()?));
    render(report, &mut out)?;
    let digest = out.digest();
    let file = out.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((digest, Content::Spooled(file)))
}

impl Prepared {
    /// The facts of the run.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The entry of the bundle in a ledger.
    pub fn entry(&self, place: LedgerPlace, bundle: FileDigest) -> Entry {
        Entry {
            place,
            bundle,
            taken_at: self.run.taken_at,
            organization: self.run.organization.clone(),
            complete: self.run.complete,
            counts: self.run.counts,
        }
    }

    /// Writes and signs the bundle.
    pub fn write(
        &self,
        out: &mut dyn Write,
        signer: &Signer<'_>,
        authority: Option<&Authority<'_>>,
        ledger: Option<LedgerPlace>,
    ) -> Result<Written, ExportError> {
        let mut archive =
            archive::Writer::new(Hashing::new(out), self.run.member_time()).map_err(ExportError::Write)?;
        for (name, (digest, content)) in &self.files {
            let mut reader = content.reader().map_err(ExportError::Temporary)?;
            archive.add(name, digest, &mut *reader).map_err(ExportError::Write)?;
        }
        let (mut appendix, contents) = archive.finish().map_err(ExportError::Write)?;
        let evidence = Evidence {
            run: self.run.clone(),
            archive: contents,
            timestamp_authority: authority.map(|authority| authority.url.clone()),
            ledger,
        };
        let statement = Statement::new(EVIDENCE, digests(&self.files), evidence);
        let statement = Envelope::sign(IN_TOTO, statement.to_bytes()?, signer)?.to_bytes();
        appendix.add(STATEMENT, &statement);
        let mut timestamp = None;
        if let Some(authority) = authority {
            let (answer, time) = stamp(authority, &statement)?;
            let files = [(STATEMENT, &FileDigest::of(&statement)), (TIMESTAMP, &FileDigest::of(&answer))];
            let predicate = Timestamp { timestamp_authority: authority.url.clone() };
            let about = Statement::new(TIMESTAMP_PREDICATE, files, predicate);
            let about = Envelope::sign(IN_TOTO, about.to_bytes()?, signer)?.to_bytes();
            appendix.add(TIMESTAMP_STATEMENT, &about);
            appendix.add(TIMESTAMP, &answer);
            timestamp = Some(time);
        }
        let mut out = appendix.finish().map_err(ExportError::Write)?;
        out.flush().map_err(ExportError::Write)?;
        Ok(Written { bundle: out.digest(), timestamp })
    }
}

fn stamp(authority: &Authority<'_>, statement: &[u8]) -> Result<(Vec<u8>, DateTime<Utc>), ExportError> {
    let refused = |source| ExportError::Timestamp { url: authority.url.clone(), source };
    let question = Question::new(statement).map_err(refused)?;
    let answer = (authority.ask)(&authority.url, &question.der)
        .map_err(|detail| ExportError::Authority { url: authority.url.clone(), detail })?;
    let token = question.answer(&answer).map_err(refused)?;
    Ok((answer, token.time()))
}

impl Content {
    fn reader(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(bytes.as_slice()),
            Self::Spooled(file) => {
                let mut file = file;
                file.rewind()?;
                Box::new(BufReader::new(file))
            }
            Self::Path(path) => Box::new(BufReader::new(File::open(path)?)),
        })
    }
}
