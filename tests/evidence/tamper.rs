//! What somebody without the key can do to a bundle. By default a sample of the bits and cuts; all of them with
//! `TRAILPROOF_FAULTS` (see `scripts/faults`).

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::TempDir;
use trailproof::evidence::key::PublicKey;
use trailproof::evidence::verify::{Request, verify};
use trailproof::example::Example;

use super::packing::{Pieces, appendix, unpack};
use super::sandbox::{Sandbox, data};

/// A bundle of one account and one rule: small enough to try every bit.
fn small(sandbox: &Sandbox, more: &[&str]) -> PathBuf {
    sandbox.write_snapshot("example.snapshot", &Example::healthy(1, &["eu-central-1"]).records());
    let one_rule = ["--rules", "trail-log-file-validation"];
    sandbox.export("small.tar.zst", &[&one_rule, more].concat())
}

/// Verifies within this process: a hundred thousand processes would take too long.
fn is_verified(bundle: &Path, keys: &[PublicKey]) -> bool {
    let request =
        Request { bundle, keys, ledger: None, max_age: None, authorities: &[], now: chrono::Utc::now() };
    verify(&request).unwrap().verified
}

/// How many of these forms of the bundle are verified though they should not.
fn undetected(forms: impl ParallelIterator<Item = (String, Vec<u8>)>) -> Vec<String> {
    let keys = [PublicKey::read(&data("ed25519.pub.pem")).unwrap()];
    let folder = TempDir::new().unwrap();
    forms
        .filter(|(_, bytes)| {
            let path = folder.path().join(format!("{}", rayon::current_thread_index().unwrap_or(0)));
            fs::write(&path, bytes).unwrap();
            is_verified(&path, &keys)
        })
        .map(|(what, _)| what)
        .collect()
}

/// So many are tried, in steps that share no factor with a byte, so that each bit of a byte has its turn.
fn steps(of_sample: usize) -> usize {
    if std::env::var("TRAILPROOF_FAULTS").is_ok() { 1 } else { of_sample }
}

fn flipped(bytes: &[u8], bit: usize) -> (String, Vec<u8>) {
    let mut changed = bytes.to_vec();
    changed[bit / 8] ^= 1 << (bit % 8);
    (format!("bit {} of byte {}", bit % 8, bit / 8), changed)
}

#[test]
fn every_flipped_bit_is_found() {
    let sandbox = Sandbox::new();
    let bundle = small(&sandbox, &["--ledger", "ledger.jsonl"]);
    let bytes = fs::read(&bundle).unwrap();
    let contents = bytes.len() - unpack(&bundle).appendix.len();
    let keys = [PublicKey::read(&data("ed25519.pub.pem")).unwrap()];
    assert!(is_verified(&sandbox.path("small.tar.zst"), &keys));
    // Of the contents, whose bytes are hashed as they stand, one bit of each byte; every bit of the signature part.
    let of_contents = (0..contents).map(|byte| byte * 8 + byte % 8).step_by(steps(5));
    let bits: Vec<usize> = of_contents.chain((contents * 8..bytes.len() * 8).step_by(steps(5))).collect();
    let forms = bits.into_par_iter().map(|bit| flipped(&bytes, bit));
    assert_eq!(undetected(forms), Vec::<String>::new());
}

#[test]
fn flipped_bits_of_a_whole_organizations_bundle_are_found() {
    let sandbox = Sandbox::new();
    let bytes = fs::read(sandbox.export("bundle.tar.zst", &[])).unwrap();
    // Steps that share no factor with a byte or a block, from one end to the other.
    let step = (bytes.len() * 8 / 400) | 1;
    let bits: Vec<usize> = (0..bytes.len() * 8).step_by(step).collect();
    assert_eq!(undetected(bits.into_par_iter().map(|bit| flipped(&bytes, bit))), Vec::<String>::new());
}

#[test]
fn a_truncated_or_lengthened_bundle_is_found() {
    let sandbox = Sandbox::new();
    let bytes = fs::read(small(&sandbox, &[])).unwrap();
    // Frames and files begin and end at both ends of it.
    let ends = (0..bytes.len()).filter(|end| end % steps(7) == 0 || *end < 300 || bytes.len() - end < 300);
    let ends: Vec<usize> = ends.collect();
    let cut = ends.into_par_iter().map(|end| (format!("cut at {end}"), bytes[..end].to_vec()));
    assert_eq!(undetected(cut), Vec::<String>::new());
    let tails: [&[u8]; 4] = [&[0], b"more", &[0; 1_024], &bytes];
    let longer = tails.into_par_iter().map(|tail| (format!("{} more", tail.len()), [&bytes, tail].concat()));
    assert_eq!(undetected(longer), Vec::<String>::new());

    let path = sandbox.path("cut.tar.zst");
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    sandbox.verify(&path, &[]).failed("archive", "truncated");
    fs::write(&path, "no bundle at all").unwrap();
    sandbox.verify(&path, &[]).failed("archive", "does not begin as one");
}

#[test]
fn whoever_packs_a_bundle_anew_is_told_which_file_is_another() {
    let sandbox = Sandbox::new();
    let bundle = sandbox.export("bundle.tar.zst", &[]);
    let pieces = unpack(&bundle);
    let pack = |change: &dyn Fn(&mut Pieces)| {
        let mut pieces = pieces.clone();
        change(&mut pieces);
        pieces.files.sort();
        sandbox.verify(&pieces.pack(&sandbox.path("other.tar.zst")), &[])
    };
    let failures = |text: &[u8]| String::from_utf8_lossy(text).replace("\"fail\"", "\"pass\"").into_bytes();
    let report = "reports/report.json";

    let changed = pack(&|pieces| *pieces.content(report) = failures(pieces.content(report)));
    changed.failed("files", "reports/report.json was changed");
    assert_eq!(changed.outcome("signature"), "verified");
    assert_eq!(changed.outcome("findings"), "not_checked");

    let missing = pack(&|pieces| pieces.files.retain(|(name, _)| name != "rules/trail/kms.toml"));
    missing.failed("files", "rules/trail/kms.toml is missing");

    let added = pack(&|pieces| pieces.files.push(("rules/trail/zzz.toml".to_owned(), b"x".to_vec())));
    added.failed("files", "rules/trail/zzz.toml was added");

    let swapped = pack(&|pieces| {
        let one = pieces.content("rules/trail/kms.toml").clone();
        let other = std::mem::replace(pieces.content("rules/trail/logging.toml"), one);
        *pieces.content("rules/trail/kms.toml") = other;
    });
    swapped
        .failed("files", "rules/trail/kms.toml was swapped: it has the content of rules/trail/logging.toml");
    swapped.failed("files", "rules/trail/logging.toml was swapped");

    // The same files in another order of compression are not what was signed either.
    pack(&|_| {}).failed("files", "packed anew");
    let mut other_time = pieces.clone();
    other_time.time += 1;
    sandbox.verify(&other_time.pack(&sandbox.path("other.tar.zst")), &[]).failed("archive", "signature part");
}

#[test]
fn a_bundle_that_another_key_signed_is_not_verified() {
    let sandbox = Sandbox::new();
    let bundle = sandbox.export("bundle.tar.zst", &["--key", "p256.pem"]);
    let verified = sandbox.verify(&bundle, &[]);
    verified.failed("signature", "is not by sha256:");
    assert_eq!(verified.report["signed_by"], serde_json::Value::Null);
    assert_eq!(verified.outcome("findings"), "not_checked");

    // A part of one bundle with the signature of another.
    let other = sandbox.export("other.tar.zst", &["--skip-rules", "trail-kms"]);
    let (mut contents, signature) = (unpack(&other), unpack(&sandbox.export("third.tar.zst", &[])).appendix);
    contents.appendix = signature;
    sandbox.verify(&contents.pack(&sandbox.path("joined.tar.zst")), &[]).failed("files", "is missing");
}

#[test]
fn a_signature_that_is_taken_away_is_missed() {
    let sandbox = Sandbox::new();
    let mut pieces = unpack(&small(&sandbox, &[]));
    pieces.appendix = appendix(&[], pieces.time);
    let bundle = pieces.pack(&sandbox.path("unsigned.tar.zst"));
    sandbox.verify(&bundle, &[]).failed("signature", "statement.dsse.json is missing");
}
