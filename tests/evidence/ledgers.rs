//! The ledger: every way to lose an audit shows.

use std::fs;
use std::path::{Path, PathBuf};

use super::sandbox::{Sandbox, Verified, records};

/// Four audits, two days after each other but for the last, which is five days later. The bundles, and the lines.
fn audits(sandbox: &Sandbox) -> (Vec<PathBuf>, Vec<String>) {
    let bundles = [0, 48, 96, 216]
        .into_iter()
        .enumerate()
        .map(|(number, hours)| {
            sandbox.write_snapshot("example.snapshot", &records(hours));
            sandbox.export(&format!("{number}.tar.zst"), &["--ledger", "ledger.jsonl", "--rules", "trail-*"])
        })
        .collect();
    let ledger = fs::read_to_string(sandbox.path("ledger.jsonl")).unwrap();
    (bundles, ledger.split_inclusive('\n').map(str::to_owned).collect())
}

fn against(sandbox: &Sandbox, bundle: &Path, lines: &[&String], more: &[&str]) -> Verified {
    let text: String = lines.iter().map(|line| line.as_str()).collect();
    fs::write(sandbox.path("other.jsonl"), text).unwrap();
    sandbox.verify(bundle, &[&["--ledger", "other.jsonl"], more].concat())
}

#[test]
fn an_audit_that_is_taken_out_moved_or_changed_shows() {
    let sandbox = Sandbox::new();
    let (bundles, lines) = audits(&sandbox);
    let last = &bundles[3];
    let [one, two, three, four] = lines.as_slice() else { panic!("four lines") };

    let whole = against(&sandbox, last, &[one, two, three, four], &[]);
    whole.passed();
    assert_eq!(whole.check("ledger")["summary"], "entry 4 of 4, all of them in order");

    let failed = |lines: &[&String], words: &str| against(&sandbox, last, lines, &[]).failed("ledger", words);
    failed(&[one, three, four], "entry 2 is missing");
    failed(&[one, four], "entries 2 to 3 are missing");
    failed(&[two, three, four], "entry 1 is missing");
    failed(&[one, three, two, four], "entry 2 stands after entry 3");
    failed(&[one, two, two, three, four], "entry 2 stands after entry 2");
    failed(&[one, two, three], "no entry 4, which is this bundle's: it was cut");
    failed(&[], "no entry 4");

    // An edited entry is no longer signed; an entry of another bundle with the right number does not fit its neighbours.
    let edited = two.replacen("eyJwbGFjZSI6eyJzZXF1ZW5jZSI6M", "eyJwbGFjZSI6eyJzZXF1ZW5jZSI6O", 1);
    assert_ne!(edited, *two);
    failed(&[one, &edited, three, four], "line 2 was altered");
    let torn = three[..three.len() / 2].to_owned();
    failed(&[one, two, &torn], "line 3 was altered");

    let another = Sandbox::new();
    let (_, others) = audits(&another);
    assert_eq!(others[0], *one, "the same inputs, the same key");
    another.write_snapshot("example.snapshot", &records(1));
    fs::write(another.path("ledger.jsonl"), &others[0]).unwrap();
    another.export("x.tar.zst", &["--ledger", "ledger.jsonl", "--rules", "trail-*"]);
    let replaced = fs::read_to_string(another.path("ledger.jsonl")).unwrap();
    let replaced = replaced.split_inclusive('\n').nth(1).unwrap().to_owned();
    failed(&[one, &replaced, three, four], "entry 3 was not written after the entry that stands before it");

    // A bundle that was exported besides, and one that was never in a ledger.
    let besides = sandbox.export("besides.tar.zst", &[]);
    against(&sandbox, &besides, &[one, two, three, four], &[]).failed("ledger", "made without a ledger");
    another.write_snapshot("example.snapshot", &records(217));
    fs::write(another.path("ledger.jsonl"), [one.as_str(), two, three].concat()).unwrap();
    let forked = another.export("forked.tar.zst", &["--ledger", "ledger.jsonl", "--rules", "trail-*"]);
    against(&sandbox, &forked, &[one, two, three, four], &[])
        .failed("ledger", "entry 4 is of another bundle");
}

#[test]
fn times_without_an_audit_show() {
    let sandbox = Sandbox::new();
    let (bundles, lines) = audits(&sandbox);
    let all: Vec<&String> = lines.iter().collect();
    let found = against(&sandbox, &bundles[3], &all, &["--max-age", "3"]);
    found.failed("ledger", "5 days");
    assert!(!found.problems("ledger").iter().any(|problem| problem.contains("2 days")));
    against(&sandbox, &bundles[3], &all, &["--max-age", "20000"]).passed();
}

#[test]
fn a_broken_or_busy_ledger_is_not_written_to() {
    let sandbox = Sandbox::new();
    let (_, lines) = audits(&sandbox);
    let export = || {
        sandbox.run(&[
            "evidence",
            "export",
            "example.snapshot",
            "-o",
            "new.tar.zst",
            "--key",
            "ed25519.pem",
            "--ledger",
            "ledger.jsonl",
        ])
    };
    let broken = [lines[0].as_str(), &lines[2]].concat();
    fs::write(sandbox.path("ledger.jsonl"), &broken).unwrap();
    let run = export();
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("entry 2 is missing"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(sandbox.path("ledger.jsonl")).unwrap(), broken);

    fs::write(sandbox.path("ledger.jsonl"), lines.concat()).unwrap();
    let lock = fs::File::options().write(true).open(sandbox.path("ledger.jsonl.lock")).unwrap();
    lock.lock().unwrap();
    let run = export();
    assert_eq!(run.code, Some(5), "{}", run.stderr);
    assert!(run.stderr.contains("another export is writing"), "{}", run.stderr);
    assert!(!sandbox.path("new.tar.zst").exists());
    drop(lock);
    assert_eq!(export().code, Some(0));
}

#[test]
fn several_keys_over_the_years_are_all_given() {
    let sandbox = Sandbox::new();
    let first = sandbox.export("first.tar.zst", &["--ledger", "ledger.jsonl"]);
    let ledger = sandbox.path("ledger.jsonl").display().to_string();
    let second = sandbox.export("second.tar.zst", &["--ledger", "ledger.jsonl", "--key", "p256.pem"]);
    let p256 = super::sandbox::data("p256.pub.pem").display().to_string();
    for bundle in [&first, &second] {
        sandbox.verify(bundle, &["--public-key", &p256, "--ledger", &ledger]).passed();
    }
    sandbox.verify(&first, &["--ledger", &ledger]).failed("ledger", "line 2 was altered");
}
