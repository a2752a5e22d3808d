//! Evidence bundles by the real program: made, verified, and tampered with in every way that we know.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod fake_aws;
#[path = "evidence/hostile.rs"]
mod hostile;
#[path = "evidence/keys.rs"]
mod keys;
#[path = "evidence/kms.rs"]
mod kms;
#[path = "evidence/ledgers.rs"]
mod ledgers;
#[path = "evidence/outside.rs"]
mod outside;
#[path = "evidence/packing.rs"]
mod packing;
mod program;
#[path = "evidence/redaction.rs"]
mod redaction;
#[path = "evidence/sandbox.rs"]
mod sandbox;
#[path = "evidence/tamper.rs"]
mod tamper;
#[path = "evidence/timestamps.rs"]
mod timestamps;
mod validators;

use std::fs;

use sandbox::{KEYS, Sandbox, data};

#[test]
fn a_bundle_is_verified_with_the_public_key_of_either_kind() {
    let sandbox = Sandbox::new();
    for key in KEYS {
        let bundle = sandbox.export(&format!("{key}.tar.zst"), &["--key", &format!("{key}.pem")]);
        let verified = sandbox.verify_with(&bundle, &data(&format!("{key}.pub.pem")), &[]);
        verified.passed();
        for subject in ["archive", "signature", "files", "rules", "findings", "reports"] {
            assert_eq!(verified.outcome(subject), "verified", "{subject}");
        }
        assert_eq!(verified.outcome("timestamp"), "not_checked");
        assert_eq!(verified.outcome("ledger"), "not_checked");
        assert_eq!(verified.report["found"], verified.report["run"]["counts"]);
    }
}

#[test]
fn waivers_are_taken_along_and_laid_over_again() {
    let sandbox = Sandbox::new();
    let waiver = |expires: &str| {
        format!(
            "[[waivers]]\nid = \"w-1\"\nrule = \"trail-*\"\nreason = \"accepted\"\nowner = \"jane@example.com\"\n\
             expires = {expires}\nregions = [\"*-1\"]\n"
        )
    };
    fs::write(sandbox.path("waivers.toml"), waiver("2026-11-20")).unwrap();
    let waived = |name: &str, more: &[&str]| {
        let bundle = sandbox.export(name, &[&["--waivers", "waivers.toml"], more].concat());
        let verified = sandbox.verify(&bundle, &[]);
        verified.passed();
        verified.report["found"]["waived"].as_u64().unwrap()
    };
    // The rules that the waiver names need not all be there.
    let before = waived("waived.tar.zst", &["--skip-rules", "trail-kms"]);
    assert!(before > 0);
    assert_eq!(waived("redacted.tar.zst", &["--redact", "--skip-rules", "trail-kms"]), before);
    assert_eq!(waived("identities.tar.zst", &["--redact=identities", "--skip-rules", "trail-kms"]), before);
    // The snapshot is of the day after: the waiver is over, whatever the day of the export.
    fs::write(sandbox.path("waivers.toml"), waiver("2026-11-19")).unwrap();
    assert_eq!(waived("expired.tar.zst", &[]), 0);
    fs::write(sandbox.path("waivers.toml"), "[[waivers]]\nid = 1\n").unwrap();
    let run = sandbox.run(&[
        "evidence",
        "export",
        "example.snapshot",
        "-o",
        "b",
        "--key",
        "ed25519.pem",
        "--waivers",
        "waivers.toml",
    ]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
}

#[test]
fn the_same_inputs_give_the_same_bytes_but_for_the_signature() {
    let sandbox = Sandbox::new();
    // Ed25519 signatures are the same each time.
    let (one, other) = (sandbox.export("one.tar.zst", &[]), sandbox.export("other.tar.zst", &[]));
    assert!(fs::read(one).unwrap() == fs::read(other).unwrap());
}
