//! `evidence export` and `evidence verify`.

use std::io;
use std::path::Path;

use chrono::{TimeDelta, Utc};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::connecting::connect;
use super::delivering::deliver;
use super::error::Error;
use super::runtime::Runtime;
use super::selecting;
use crate::aws::kms::{KmsError, KmsKey};
use crate::aws::post::post;
use crate::aws::waiter::Unfinished;
use crate::cli::{EvidenceCommand, EvidenceExportArgs, EvidenceVerifyArgs};
use crate::deliver::{Document, FileTarget, Targets};
use crate::evidence::EvidenceError;
use crate::evidence::export::{self, Authority, ExportError, Request, Written};
use crate::evidence::key::{self, PrivateKey, PublicKey, Signer, SigningError};
use crate::evidence::ledger::{Entries, Locked};
use crate::evidence::verify;
use crate::exit::Exit;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};
use crate::waivers::Waivers;

/// How a key of the right kind is made.
const MAKE_KEY: &str = ". Make one: aws kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY";

pub(super) fn run(command: &EvidenceCommand, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    match command {
        EvidenceCommand::Export(args) => export(args, config, printer),
        EvidenceCommand::Verify(args) => verify(args, printer),
    }
}

fn export(args: &EvidenceExportArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    // All that can be wrong is found before the rules run.
    let rules = selecting::rules(&args.rules, config, printer)?;
    if args.output.is_file() {
        return Err(EvidenceError::Exists { path: args.output.clone() }.into());
    }
    let waivers = settings::waivers(&args.waivers, config);
    Waivers::load(&waivers, &rules)?;
    let settings = connect(&args.connection, config);
    let runtime = Runtime::default();
    let signer = signer(args, &settings, &runtime, printer)?;
    let ledger = args.ledger.as_deref().map(Locked::open).transpose().map_err(EvidenceError::from)?;
    let target = FileTarget::open(args.output.clone())?;

    let request = Request {
        snapshots: &args.files,
        rules: &rules,
        expectations: config.organization.clone(),
        attestations: &args.evidence.attestation,
        waivers: &waivers,
        redaction: args.redact.map(|redact| redact.0),
        waivers_on: None,
    };
    let prepared = export::prepare(&request).map_err(EvidenceError::from)?;
    let ask = |url: &str, question: &[u8]| {
        let kinds = ("application/timestamp-query", "application/timestamp-reply");
        let answer = post(url, kinds.0, question, kinds.1, settings.ca_bundle.as_deref());
        let answer = runtime.wait_to_the_end(answer).map_err(|error| error.to_string())?;
        answer.map_err(|error| error.to_string())
    };
    let authority = args.timestamp_url.as_ref().map(|url| Authority { url: url.clone(), ask: &ask });
    let place = ledger.as_ref().map(|ledger| ledger.place().clone());

    let mut written: Option<Result<Written, ExportError>> = None;
    let delivered = target.write(|out| {
        let result = prepared.write(out, &signer, authority.as_ref(), place.clone());
        let failed = match &result {
            Err(ExportError::Write(error)) => Err(io::Error::new(error.kind(), error.to_string())),
            Err(error) => Err(io::Error::other(error.to_string())),
            Ok(_) => Ok(()),
        };
        written = Some(result);
        failed
    });
    let written = match (written, delivered) {
        (Some(Ok(written)), Ok(())) => written,
        (Some(Err(error)), Err(delivered)) => {
            return Err(match error {
                // The target's error names the file.
                ExportError::Write(_) => delivered.into(),
                error => EvidenceError::from(error).into(),
            });
        }
        (_, Err(error)) => return Err(error.into()),
        (_, Ok(())) => return Ok(Exit::NotWritten),
    };
    if let (Some(ledger), Some(place)) = (ledger, place) {
        let entry = prepared.entry(place.clone(), written.bundle.clone());
        if let Err(error) = ledger.append(&entry, &signer) {
            // A bundle that names a place which it does not have would never verify.
            if let Err(error) = std::fs::remove_file(&args.output) {
                printer.warn(&format!(
                    "{} is not in the ledger, and cannot be removed: {error}",
                    args.output.display()
                ));
            }
            return Err(EvidenceError::from(error).into());
        }
        printer.note(&format!(
            "entry {} of {}",
            place.sequence,
            args.ledger.as_deref().unwrap_or(Path::new("")).display()
        ));
    }
    if let Some(time) = written.timestamp {
        printer.note(&format!("time-stamped at {}", time.format("%Y-%m-%d %H:%M:%S UTC")));
    }
    let run = prepared.run();
    printer.note(&format!(
        "{}: {} bytes, SHA-256 {}, signed by the key {}; {} failed, {} unknown",
        args.output.display(),
        written.bundle.size,
        written.bundle.sha256,
        signer.public_key().fingerprint(),
        run.counts.fail,
        run.counts.unknown,
    ));
    Ok(Exit::Complete)
}

fn signer(
    args: &EvidenceExportArgs,
    settings: &CollectSettings,
    runtime: &Runtime,
    printer: &Printer,
) -> Result<Signer<'static>, Error> {
    match (&args.key, &args.kms_key) {
        (Some(path), _) => Ok(local(path, printer)?),
        (None, Some(id)) => remote(id, settings, runtime),
        (None, None) => Err(EvidenceError::NoSigner.into()),
    }
}

fn local(path: &Path, printer: &Printer) -> Result<Signer<'static>, EvidenceError> {
    let key = PrivateKey::read(path)?;
    if key::is_readable_by_others(path) {
        printer.warn(&format!(
            "others than you may read the private key {0}, and sign in your name: chmod 600 {0}",
            path.display()
        ));
    }
    Ok(Signer::local(key))
}

fn remote(id: &str, settings: &CollectSettings, runtime: &Runtime) -> Result<Signer<'static>, Error> {
    let key = runtime.wait(KmsKey::open(settings, id)).map_err(|unfinished| match unfinished {
        Unfinished::Interrupted => EvidenceError::Interrupted.into(),
        Unfinished::Runtime(source) => Error::Runtime(source),
    })?;
    let failed = |error: KmsError| {
        let way_out = if matches!(error, KmsError::Kind { .. }) { MAKE_KEY } else { "" };
        EvidenceError::Kms { key: id.to_owned(), detail: format!("{error}{way_out}") }
    };
    let key = key.map_err(failed)?;
    let public_key = PublicKey::from_spki(key.public_key()).ok_or_else(|| EvidenceError::Kms {
        key: id.to_owned(),
        detail: "its public key is not one of P-256".to_owned(),
    })?;
    let runtime = runtime.clone();
    Ok(Signer::remote(public_key, move |message| match runtime.wait(key.sign(message)) {
        Ok(signature) => signature.map_err(|error| SigningError::Failed(error.to_string())),
        Err(Unfinished::Interrupted) => Err(SigningError::Interrupted),
        Err(Unfinished::Runtime(error)) => Err(SigningError::Failed(error.to_string())),
    }))
}

fn verify(args: &EvidenceVerifyArgs, printer: &Printer) -> Result<Exit, Error> {
    let keys: Vec<PublicKey> = args
        .public_key
        .iter()
        .map(|path| PublicKey::read(path))
        .collect::<Result<_, _>>()
        .map_err(EvidenceError::from)?;
    let ledger = args.ledger.as_deref().map(|path| Entries::read(path, &keys)).transpose();
    let ledger = ledger.map_err(EvidenceError::from)?;
    let authorities = args.tsa_ca.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let targets = Targets::open(
        settings::verification_outputs(&args.format, args.output.as_deref())?,
        CollectSettings::default(),
        Runtime::default().waiter(),
    )?;
    let request = verify::Request {
        bundle: &args.bundle,
        keys: &keys,
        ledger: ledger.as_ref(),
        max_age: args.max_age.map(|days| TimeDelta::days(days.get().into())),
        authorities: &authorities,
        now: Utc::now(),
    };
    let verification = &verify::verify(&request).map_err(EvidenceError::from)?;
    deliver(targets, printer, |kind| {
        Document::whole(move |layout, out| verification.render(kind, layout, out))
    })?;
    Ok(if verification.verified { Exit::Complete } else { Exit::NotWritten })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, EvidenceError> {
    let failed = |detail: String| EvidenceError::Certificates { path: path.to_owned(), detail };
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed(error.to_string()))?;
    if found.is_empty() { Err(failed("it holds none in PEM form".to_owned())) } else { Ok(found) }
}
