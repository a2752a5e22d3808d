//! The folder to run in, with a snapshot of the example and keys that OpenSSL made.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use trailproof::example::Example;
use trailproof::snapshot::Record;

pub(crate) use crate::program::{Run, Sandbox};

/// Made by `openssl genpkey` and `openssl pkey -pubout`; they sign nothing but the bundles of these tests.
pub(crate) const KEYS: [&str; 2] = ["ed25519", "p256"];

/// A file of `tests/data/evidence`.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/evidence").join(name)
}

/// Says that something was not tried, whatever the test runner hides, and fails where it must be.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("TRAILPROOF_REQUIRE_OPENSSL").is_none(), "{why}");
    // Not by the macro, whose output a test that passes keeps to itself.
    std::io::stderr().write_all(format!("\n{why}\n\n").as_bytes()).unwrap();
}

/// The example, collected at another time.
pub(crate) fn records(hours_later: i64) -> Vec<Record> {
    let mut records = Example::demo().records();
    for record in &mut records {
        if let Record::Header(header) = record {
            header.taken_at += chrono::TimeDelta::hours(hours_later);
        }
    }
    records
}

impl Sandbox {
    /// With the example and the keys.
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        for name in ["ed25519.pem", "p256.pem"] {
            let path = sandbox.path(name);
            fs::copy(data(name), &path).unwrap();
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        sandbox.write_snapshot("example.snapshot", &records(0));
        sandbox
    }

    /// Exports the example as `name`, signed with the Ed25519 key unless the arguments name a key.
    #[track_caller]
    pub(crate) fn export(&self, name: &str, more: &[&str]) -> PathBuf {
        let mut arguments = vec!["evidence", "export", "example.snapshot", "-o", name];
        if !more.iter().any(|argument| argument.ends_with("key") || argument.ends_with("kms-key")) {
            arguments.extend(["--key", "ed25519.pem"]);
        }
        arguments.extend(more);
        let run = self.run(&arguments);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        self.path(name)
    }

    /// Verifies with the Ed25519 key.
    pub(crate) fn verify(&self, bundle: &Path, more: &[&str]) -> Verified {
        let key = data("ed25519.pub.pem");
        self.verify_with(bundle, &key, more)
    }

    pub(crate) fn verify_with(&self, bundle: &Path, key: &Path, more: &[&str]) -> Verified {
        let (bundle, key) = (bundle.display().to_string(), key.display().to_string());
        let mut arguments = vec!["evidence", "verify", &bundle, "--public-key", &key, "--format", "json"];
        arguments.extend(more);
        let run = self.run(&arguments);
        let report = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
        Verified { code: run.code, report }
    }
}

/// What `evidence verify --format json` said.
pub(crate) struct Verified {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
}

impl Verified {
    pub(crate) fn outcome(&self, subject: &str) -> &str {
        self.check(subject)["outcome"].as_str().unwrap()
    }

    pub(crate) fn check(&self, subject: &str) -> &Value {
        let checks = self.report["checks"].as_array().unwrap();
        checks.iter().find(|check| check["subject"] == subject).unwrap()
    }

    pub(crate) fn problems(&self, subject: &str) -> Vec<&str> {
        let problems = self.check(subject)["problems"].as_array().unwrap();
        problems.iter().map(|problem| problem.as_str().unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn passed(&self) {
        assert_eq!(self.report["verified"], true, "{:#}", self.report);
        assert_eq!(self.code, Some(0));
    }

    /// It is not verified, and this check says so in these words.
    #[track_caller]
    pub(crate) fn failed(&self, subject: &str, words: &str) {
        assert_eq!(self.report["verified"], false, "{:#}", self.report);
        assert_eq!(self.code, Some(5));
        assert_eq!(self.outcome(subject), "failed", "{:#}", self.report);
        assert!(self.problems(subject).iter().any(|problem| problem.contains(words)), "{:#}", self.report);
    }
}
