//! What tests of shards share: an organization in a fake AWS, the program in a folder of its own, and the snapshot that one
//! machine would have written in the run of the plan.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use trailproof::snapshot::{Header, Record, Source, Writer};

use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{FakeAws, World};
use crate::program::{Run, Sandbox};

pub(crate) const REGION: &str = "eu-west-1";
/// The management account's, for plans, parts and manifests.
pub(crate) const BUCKET: &str = "audit-shards";

/// An organization, and a machine.
pub(crate) struct Place {
    pub(crate) fake: FakeAws,
    pub(crate) sandbox: Sandbox,
}

impl Place {
    pub(crate) fn new(accounts: usize, regions: &[&str]) -> Self {
        let mut world = World::healthy(accounts, regions);
        world.add_bucket(BUCKET, MANAGEMENT, REGION);
        Self { fake: FakeAws::start(world), sandbox: Sandbox::empty() }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.envs(self.fake.environment(MANAGEMENT, REGION));
        command
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Runs what must end well, and returns what it said.
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
        run.stderr
    }

    /// Runs what must end with this code, and returns what it said.
    pub(crate) fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.stderr);
        run.stderr
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.sandbox.path(name)).unwrap()
    }

    pub(crate) fn shard(&self, plan: &str, index: usize) -> String {
        self.good(&["shard", "run", "--plan", plan, "--index", &index.to_string()])
    }

    /// The merged snapshot is what one machine would have written, had it begun the run: a run's identity and its time are
    /// all that differs, and so are the reports.
    pub(crate) fn is_of_one_machine(&self, merged: &str) {
        self.good(&["collect", "--quiet", "--output", "one.zst"]);
        assert_eq!(self.rewritten("one.zst", |_| {}), self.bytes("one.zst"), "rewriting changes nothing");
        let header = header(&self.sandbox.path(merged));
        let one = self.rewritten("one.zst", |own| {
            own.taken_at = header.taken_at;
            own.run_id.clone_from(&header.run_id);
        });
        assert!(one == self.bytes(merged), "{merged} is not the snapshot of one machine");
        fs::write(self.sandbox.path("one.zst"), one).unwrap();
        let report = |snapshot: &str| {
            let run = self.run(&["check", "--quiet", "--format", "json", snapshot]);
            assert!(run.stdout.len() > 1000, "{}", run.stderr);
            (run.code, run.stdout)
        };
        assert!(report("one.zst") == report(merged), "the reports differ");
        fs::remove_file(self.sandbox.path("one.zst")).unwrap();
    }

    fn rewritten(&self, name: &str, change: impl Fn(&mut Header)) -> Vec<u8> {
        let copy = self.sandbox.path("rewritten.zst");
        let mut writer = Writer::create(&copy).unwrap();
        for record in Source::Files(vec![self.sandbox.path(name)]).records() {
            let mut record = record.unwrap();
            if let Record::Header(header) = &mut record {
                change(header);
            }
            writer.write(&record).unwrap();
        }
        writer.finish().unwrap();
        let bytes = fs::read(&copy).unwrap();
        fs::remove_file(copy).unwrap();
        bytes
    }
}

fn header(snapshot: &Path) -> Header {
    match Source::Files(vec![snapshot.to_owned()]).records().next() {
        Some(Ok(Record::Header(header))) => *header,
        other => panic!("{other:?}"),
    }
}
