//! What others' tools make of a bundle: OpenSSL verifies the signature over DSSE's encoding, and the statement is
//! in-toto's.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use trailproof::evidence::FileDigest;
use trailproof::evidence::verification::Verification;

use super::packing::{signature_files, unpack};
use super::sandbox::{Sandbox, data};
use super::validators;

fn envelope(sandbox: &Sandbox, key: &str) -> (Value, Vec<u8>, Vec<u8>) {
    let bundle = sandbox.export(&format!("{key}.tar.zst"), &["--key", &format!("{key}.pem")]);
    let files = signature_files(&bundle);
    let envelope: Value = serde_json::from_slice(&files[0].1).unwrap();
    let decode = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
    let (payload, signature) = (decode(&envelope["payload"]), decode(&envelope["signatures"][0]["sig"]));
    (envelope, payload, signature)
}

#[test]
fn the_statement_is_one_of_in_toto_about_every_file() {
    let sandbox = Sandbox::new();
    let (envelope, payload, _) = envelope(&sandbox, "ed25519");
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "urn:trailproof:evidence:1");
    let pieces = unpack(&sandbox.path("ed25519.tar.zst"));
    let subjects = statement["subject"].as_array().unwrap();
    assert_eq!(subjects.len(), pieces.files.len());
    for (subject, (name, content)) in subjects.iter().zip(&pieces.files) {
        assert_eq!(subject["name"], *name);
        assert_eq!(subject["digest"]["sha256"], FileDigest::of(content).sha256);
    }
    // The manifest says the same, but of itself.
    let manifest: Value =
        serde_json::from_slice(unpack(&sandbox.path("ed25519.tar.zst")).content("manifest.json")).unwrap();
    assert_eq!(manifest["files"].as_array().unwrap().len(), subjects.len() - 1);
    assert_eq!(manifest["run"], statement["predicate"]["run"]);
    assert_eq!(manifest["run"]["tool"]["version"], env!("CARGO_PKG_VERSION"));
    let executable = fs::read(assert_cmd::cargo::cargo_bin!("trailproof")).unwrap();
    assert_eq!(manifest["run"]["tool"]["executable_sha256"], FileDigest::of(&executable).sha256);
}

#[test]
fn the_library_of_dsse_verifies_the_envelope() {
    let sandbox = Sandbox::new();
    let program = include_str!("../validators/dsse.py");
    for (key, other) in [("ed25519", "p256"), ("p256", "ed25519")] {
        let (envelope, _, _) = envelope(&sandbox, key);
        let run = |key: &str, envelope: &Value| {
            let public = data(&format!("{key}.pub.pem"));
            validators::SIGNATURES.run(program, &[&public], envelope.to_string().as_bytes())
        };
        let said = run(key, &envelope).unwrap();
        assert_eq!(said.trim(), "application/vnd.in-toto+json https://in-toto.io/Statement/v1");
        assert!(run(other, &envelope).is_err());
        let mut changed = envelope;
        changed["payloadType"] = "text/plain".into();
        assert!(run(key, &changed).is_err());
    }
}

#[test]
fn openssl_verifies_the_signature() {
    if Command::new("openssl").arg("version").output().is_err() {
        super::sandbox::skipped(
            "SKIPPED: there is no openssl here, so no signature is verified by it. Install it: apt-get install openssl",
        );
        return;
    }
    let sandbox = Sandbox::new();
    for key in super::sandbox::KEYS {
        let (envelope, payload, signature) = envelope(&sandbox, key);
        let kind = envelope["payloadType"].as_str().unwrap();
        let mut message = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
        message.extend(payload);
        fs::write(sandbox.path("message"), message).unwrap();
        fs::write(sandbox.path("signature"), signature).unwrap();
        let public = data(&format!("{key}.pub.pem")).display().to_string();
        let arguments: &[&str] = if key == "p256" {
            &["dgst", "-sha256", "-verify", &public, "-signature", "signature", "message"]
        } else {
            &[
                "pkeyutl",
                "-verify",
                "-rawin",
                "-pubin",
                "-inkey",
                &public,
                "-sigfile",
                "signature",
                "-in",
                "message",
            ]
        };
        let output = Command::new("openssl").args(arguments).current_dir(sandbox.folder()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // The key's name in the envelope is what the page for auditors says that it is.
        let der = Command::new("openssl")
            .args(["pkey", "-pubin", "-in", &public, "-outform", "DER"])
            .output()
            .unwrap();
        let named = format!("sha256:{}", FileDigest::of(&der.stdout).sha256);
        assert_eq!(envelope["signatures"][0]["keyid"], named);
    }
}

#[test]
fn the_shipped_schema_is_current_and_a_verification_follows_it() {
    let schema = serde_json::to_value(Verification::schema()).unwrap();
    let mut text = serde_json::to_string_pretty(&Verification::schema()).unwrap();
    text.push('\n');
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/evidence-verification.schema.json");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(path, &text).unwrap();
    }
    let shipped = fs::read_to_string(path).unwrap_or_default();
    assert!(shipped == text, "{path} is stale: UPDATE_SCHEMAS=1 cargo test --test evidence");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = Sandbox::new();
    let bundle = sandbox.export("bundle.tar.zst", &["--redact", "--ledger", "ledger.jsonl"]);
    for report in [sandbox.verify(&bundle, &[]), sandbox.verify(&sandbox.path("example.snapshot"), &[])] {
        let errors: Vec<String> =
            validator.iter_errors(&report.report).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn people_read_what_came_of_it() {
    let sandbox = Sandbox::new();
    sandbox.export(
        "bundle.tar.zst",
        &["--ledger", "ledger.jsonl", "--rules", "trail-*", "--skip-rules", "trail-kms"],
    );
    let key = data("ed25519.pub.pem").display().to_string();
    let run = sandbox.run(&[
        "evidence",
        "verify",
        "bundle.tar.zst",
        "--public-key",
        &key,
        "--ledger",
        "ledger.jsonl",
    ]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("[0-9a-f]{64}", "[sha256]");
    settings.add_filter(r"\d+ bytes", "[size] bytes");
    settings.bind(|| insta::assert_snapshot!(run.stdout));
}
