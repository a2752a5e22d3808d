//! The whole, end to end: an organization in moto, set up through the AWS API, scanned by the real binary as a user
//! would run it.
//!
//! What moto cannot do is in `tests/fake_aws/`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "emulator/archive.rs"]
mod archive;
#[path = "emulator/buckets.rs"]
mod buckets;
#[path = "emulator/clients.rs"]
mod clients;
#[path = "emulator/expectations.rs"]
mod expectations;
#[path = "emulator/log_groups.rs"]
mod log_groups;
#[path = "emulator/moto.rs"]
mod moto;
#[path = "emulator/organization.rs"]
mod organization;
#[path = "emulator/permissions.rs"]
mod permissions;
#[path = "emulator/recorders.rs"]
mod recorders;
#[path = "emulator/scanner.rs"]
mod scanner;
#[path = "emulator/trails.rs"]
mod trails;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::clients::{ANY_KEY, Session};
use crate::moto::Moto;
use crate::organization::Organization;
use crate::scanner::Machine;

/// The region that is scanned from, and of the organization trail.
const HOME: &str = "us-east-1";
/// The region of the archive bucket and of the keys that encrypt what is in it.
const ARCHIVE_REGION: &str = "eu-central-1";
/// The regions that are scanned.
const REGIONS: [&str; 3] = [HOME, "eu-west-1", ARCHIVE_REGION];

/// The organization with its known defects. Scans change nothing in it, so that tests share it.
struct Scene {
    moto: Moto,
    organization: Organization,
}

impl Scene {
    /// The scene, built by the first test that asks and ended with the last that holds it.
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Scene>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let scene = Arc::new(Self::build());
            *shared = Arc::downgrade(&scene);
            scene
        })
    }

    fn build() -> Self {
        let moto = Moto::start("defects");
        let organization = block_on(async {
            let management = Session::first(moto.endpoint());
            let organization = Organization::nested(&management).await;
            let archive = archive::build(&organization, &management).await;
            trails::build(&organization, &management, &archive).await;
            recorders::build(&organization, &management).await;
            log_groups::build(&organization, &management).await;
            organization
        });
        Self { moto, organization }
    }

    fn machine(&self) -> Machine {
        Machine::new(self.moto.endpoint(), ANY_KEY)
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime starts").block_on(future)
}

#[test]
fn every_verdict_is_as_expected() {
    let scene = Scene::shared();
    let run = scene.machine().live("scan", &["--format", "json"]);
    let report = run.report();
    expectations::check(include_str!("emulator/expected.txt"), &report.findings(&scene.organization));
    assert_eq!(run.code, 1, "there are gating findings:\n{}", run.errors);
    assert!(!report.is_complete());
}

#[test]
fn two_scans_differ_in_nothing_but_their_time_stamps() {
    let scene = Scene::shared();
    let [first, second] = [(); 2].map(|()| scene.machine().live("scan", &["--format", "json"]));
    assert_eq!(first.timeless(), second.timeless());
    assert_eq!(first.code, second.code);
}

#[test]
fn a_scan_is_collecting_and_then_checking() {
    let scene = Scene::shared();
    let machine = scene.machine();
    let collected = machine.live("collect", &["-o", "snapshot"]);
    assert_eq!(collected.output, "", "data goes to the file alone");
    let checked = machine.run(&["check", "snapshot", "--format", "json"]);
    let scanned = machine.live("scan", &["--format", "json"]);
    assert_eq!(checked.timeless(), scanned.timeless());
    assert_eq!(checked.code, scanned.code);
}

#[test]
fn what_was_not_asked_for_stays_unknown() {
    let scene = Scene::shared();
    let chosen = ["payments", "orders"];
    let numbers = chosen.map(|name| scene.organization.account(name)).join(",");
    let report = scene.machine().live("scan", &["--accounts", &numbers, "--format", "json"]).report();
    let findings = report.findings(&scene.organization);
    assert!(!findings.is_empty());
}

#[test]
fn nothing_but_gaps_is_an_incomplete_scan() {
    let scene = Scene::shared();
    let machine = scene.machine();
    let run = machine.live("scan", &["--rules", "config-delivery", "--format", "json"]);
    assert_eq!(run.code, 3, "{}", run.errors);
    let run = machine.live("scan", &["--rules", "config-delivery", "--format", "json", "--allow-incomplete"]);
    assert_eq!(run.code, 0, "{}", run.errors);
    assert!(!run.report().is_complete(), "allowed is not complete");
}

#[test]
fn a_closed_account_does_not_stop_the_others() {
    let moto = Moto::start("permissions");
    let (organization, key) = block_on(async {
        let management = Session::first(moto.endpoint());
        let organization = Organization::flat(&management, &permissions::ACCOUNTS).await;
        let key = permissions::build(&organization, &management).await;
        (organization, key)
    });
    moto.enforce_permissions();
    let machine = Machine::new(moto.endpoint(), (&key.id, &key.secret));
    let run = machine.live("scan", &["--format", "json"]);
    let report = run.report();
    expectations::check(include_str!("emulator/expected-permissions.txt"), &report.findings(&organization));
    assert!(!report.is_complete());
}
