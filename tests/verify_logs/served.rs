//! An archive behind the fake AWS, and the real program run over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use trailproof::integrity::DefectKind;

use crate::digest_chain::tamper::Expected;
use crate::digest_chain::{Archive, stamp};
use crate::fake_aws::healthy::{ARCHIVE_BUCKET, MANAGEMENT};
use crate::fake_aws::objects::Reading;
use crate::fake_aws::{FakeAws, World};
use crate::organization::{REGIONS, fill};

/// A folder to run in, and an AWS to ask.
pub(crate) struct Served {
    pub(crate) fake: FakeAws,
    folder: TempDir,
    pub(crate) range: [String; 2],
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// The report, where it is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

impl Served {
    pub(crate) fn new(archive: &Archive) -> Self {
        let mut world = World::healthy(4, &REGIONS);
        fill(&mut world, archive);
        Self {
            fake: FakeAws::start(world),
            folder: TempDir::new().unwrap(),
            range: [stamp(archive.plan.start), stamp(archive.end())],
        }
    }

    /// Another archive in the same place.
    pub(crate) fn replace(&self, archive: &Archive) {
        self.fake.update(|world| fill(world, archive));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes how an object reads.
    pub(crate) fn reading(&self, key: &str, reading: Reading) {
        self.fake.update(|world| {
            let objects = world.objects.bucket(ARCHIVE_BUCKET);
            objects.get_mut(key).expect("the object").reading = reading;
        });
    }

    /// The program with these arguments, as a user of the management account.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trailproof"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .envs(self.fake.environment(MANAGEMENT, REGIONS[0]))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&self.command(arguments).output().unwrap())
    }

    /// `verify-logs` over the archive's range.
    pub(crate) fn verify_command(&self, arguments: &[&str]) -> Command {
        let [from, to] = &self.range;
        let mut all =
            vec!["verify-logs", "--start-time", from, "--end-time", to, "--regions", "eu-west-1,us-east-1"];
        all.extend(arguments);
        self.command(&all)
    }

    /// `verify-logs` over the archive's range in one region of an account.
    pub(crate) fn verify_one(&self, account_id: &str, region: &str) -> Run {
        let [from, to] = &self.range;
        let range = ["verify-logs", "--start-time", from, "--end-time", to, "--format", "json"];
        self.run(&[&range[..], &["--accounts", account_id, "--regions", region]].concat())
    }

    pub(crate) fn verify(&self, arguments: &[&str]) -> Run {
        Run::of(&self.verify_command(arguments).output().unwrap())
    }

    /// The report as JSON, and the exit code.
    pub(crate) fn report(&self, arguments: &[&str]) -> (Value, Option<i32>) {
        let run = self.verify(&[&["--format", "json"], arguments].concat());
        (run.json(), run.code)
    }
}

/// What is amiss, sorted: kind and object's key.
pub(crate) fn defects(report: &Value) -> Vec<(String, Option<String>)> {
    let chains = report["chains"].as_array().expect("chains").iter();
    let defects = chains.flat_map(|chain| chain["defects"].as_array().expect("defects"));
    let mut found: Vec<_> = defects
        .map(|defect| {
            let key = defect["object"]["key"].as_str().map(str::to_owned);
            (defect["kind"].as_str().expect("a kind").to_owned(), key)
        })
        .collect();
    found.sort();
    found
}

/// The same of what must be found.
pub(crate) fn expected(defects: &[Expected]) -> Vec<(String, Option<String>)> {
    let mut expected: Vec<_> =
        defects.iter().map(|defect| (defect.kind.as_str().to_owned(), defect.object.clone())).collect();
    expected.sort();
    expected
}

pub(crate) fn kinds(report: &Value) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for (kind, _) in defects(report) {
        *kinds.entry(kind).or_insert(0) += 1;
    }
    kinds
}

/// The worst of these is failed by default.
pub(crate) fn is_failure(expected: &[Expected]) -> bool {
    use trailproof::severity::Severity;
    expected
        .iter()
        .any(|defect| defect.kind.severity() >= Severity::High && defect.kind != DefectKind::Unverifiable)
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
