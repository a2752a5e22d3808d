//! Keys that cannot sign or verify, and where bundles cannot go.

use std::fs;

use super::sandbox::{Sandbox, data};

#[track_caller]
fn refused(sandbox: &Sandbox, arguments: &[&str], code: i32, words: &str) {
    let run = sandbox.run(arguments);
    assert_eq!(run.code, Some(code), "{}", run.stderr);
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(!run.stderr.contains("MC4CAQAwBQYDK2Vw"), "the key is quoted");
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new();
    let sign = |key: &str, code, words: &str| {
        let key = data(key).display().to_string();
        refused(&sandbox, &["evidence", "export", "example.snapshot", "-o", "b", "--key", &key], code, words);
    };
    sign("encrypted.pem", 2, "is encrypted, and nobody can be asked");
    sign("sec1.pem", 2, "openssl pkcs8 -topk8");
    sign("rsa.pem", 2, "neither Ed25519 nor ECDSA P-256");
    sign("ed25519.pub.pem", 2, "there is no private key");
    sign("absent.pem", 2, "cannot read the key");
    refused(&sandbox, &["evidence", "export", "example.snapshot", "-o", "b"], 2, "--key");
    let both = ["evidence", "export", "s", "-o", "b", "--key", "k", "--kms-key", "a"];
    refused(&sandbox, &both, 2, "cannot be used with");
    assert!(!sandbox.path("b").exists());
}

#[test]
fn a_key_that_cannot_verify_is_refused() {
    let sandbox = Sandbox::new();
    let verify = |key: &str, words: &str| {
        let key = data(key).display().to_string();
        refused(&sandbox, &["evidence", "verify", "bundle", "--public-key", &key], 2, words);
    };
    verify("ed25519.pem", "holds a private key: it must not leave");
    verify("absent.pem", "cannot read the key");
    let rsa = sandbox.path("text.pem");
    fs::write(&rsa, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").unwrap();
    let rsa = rsa.display().to_string();
    refused(&sandbox, &["evidence", "verify", "bundle", "--public-key", &rsa], 2, "holds no public key");
    let key = data("p256.pub.pem").display().to_string();
    refused(&sandbox, &["evidence", "verify", "bundle", "--public-key", &key], 2, "cannot read the bundle");
    refused(&sandbox, &["evidence", "verify", ".", "--public-key", &key], 2, "cannot read the bundle");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_warned_of() {
    let sandbox = Sandbox::new();
    let key = sandbox.path("ed25519.pem");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let run = sandbox.run(&["evidence", "export", "example.snapshot", "-o", "b", "--key", "ed25519.pem"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("others than you may read the private key"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let before = sandbox.names();
    let export = |output: &str, code, words: &str| {
        let key = ["--key", "ed25519.pem", "--ledger", "ledger.jsonl"];
        refused(
            &sandbox,
            &[&["evidence", "export", "example.snapshot", "-o", output], &key[..]].concat(),
            code,
            words,
        );
    };
    export("absent/bundle.tar.zst", 5, "cannot write");
    #[cfg(target_os = "linux")]
    export("/dev/full", 5, "No space left on device");
    // The bundle could be written, but its ledger cannot.
    fs::create_dir(sandbox.path("folder")).unwrap();
    let ledger =
        ["evidence", "export", "example.snapshot", "-o", "b", "--key", "ed25519.pem", "--ledger", "folder"];
    let run = sandbox.run(&ledger);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    fs::remove_dir(sandbox.path("folder")).unwrap();
    for lock in ["ledger.jsonl.lock", "folder.lock"] {
        fs::remove_file(sandbox.path(lock)).ok();
    }
    assert_eq!(sandbox.names(), before);

    sandbox.export("bundle.tar.zst", &[]);
    let bytes = fs::read(sandbox.path("bundle.tar.zst")).unwrap();
    export("bundle.tar.zst", 5, "is there already, and evidence is not replaced");
    assert!(fs::read(sandbox.path("bundle.tar.zst")).unwrap() == bytes);
}
