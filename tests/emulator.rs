//! The whole, end to end: an organization in moto, set up through the AWS API, scanned by the real binary as a user
//! would run it.
//!
//! What moto cannot do is in `tests/fake_aws/`.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise; an absent member of a JSON value reads as null"
)]

#[path = "emulator/archive.rs"]
mod archive;
#[path = "emulator/buckets.rs"]
mod buckets;
#[path = "emulator/clients.rs"]
mod clients;
#[path = "emulator/deliveries.rs"]
mod deliveries;
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
#[path = "emulator/security_hub.rs"]
mod security_hub;
#[path = "emulator/streams.rs"]
mod streams;
#[path = "emulator/trails.rs"]
mod trails;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use crate::clients::{ANY_KEY, Session};
use crate::moto::Moto;
use crate::organization::Organization;
use crate::scanner::{Machine, Run};

/// The region that is scanned from, and of the organization trail.
const HOME: &str = "us-east-1";
/// The region of the archive bucket and of the keys that encrypt what is in it.
const ARCHIVE_REGION: &str = "eu-central-1";
/// The regions that are scanned.
const REGIONS: [&str; 3] = [HOME, "eu-west-1", ARCHIVE_REGION];

/// What the emulator does not answer, or not in words that the SDK reads.
const UNANSWERED: [&str; 5] = [
    "cloudtrail:GetInsightSelectors",
    "config:DescribeDeliveryChannelStatus",
    "logs:DescribeAccountPolicies",
    "logs:DescribeResourcePolicies",
    "s3:GetBucketVersioning",
];

/// The organization with its known defects. Scans change nothing in it, so that tests share it.
struct Scene {
    moto: Moto,
    organization: Organization,
    scan: OnceLock<Run>,
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
        let (organization, log_archive) = block_on(async {
            let management = Session::first(moto.endpoint());
            let organization = Organization::nested(&management).await;
            let archive = archive::build(&organization, &management).await;
            trails::build(&organization, &management, &archive).await;
            recorders::build(&organization, &management).await;
            log_groups::build(&organization, &management).await;
            let log_archive = organization.enter(&management, "log-archive").await;
            (organization, log_archive)
        });
        streams::build(&moto, &log_archive, organization.account("log-archive"));
        deliveries::build(&moto, &log_archive, organization.account("log-archive"));
        Self { moto, organization, scan: OnceLock::new() }
    }

    /// A scan of everything.
    fn scan(&self) -> &Run {
        self.scan.get_or_init(|| self.machine().live("scan", &["--format", "json"]))
    }

    fn machine(&self) -> Machine {
        Machine::new(self.moto.endpoint(), ANY_KEY)
    }
}

/// How many accounts a report must speak of.
fn accounts(in_organization: usize, in_scope: usize, read: usize, suspended: usize) -> serde_json::Value {
    serde_json::json!({"in_organization": in_organization, "in_scope": in_scope, "read": read, "suspended": suspended})
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime starts").block_on(future)
}

#[test]
fn every_verdict_is_as_expected() {
    let scene = Scene::shared();
    let run = scene.scan();
    let report = run.report();
    let findings = report.findings(&scene.organization);
    let (of_version, answered) = match scene.moto.version() {
        "5.1.22" => (include_str!("emulator/expected-5.1.22.txt"), &["s3:GetBucketVersioning"][..]),
        _ => (include_str!("emulator/expected-5.2.1.txt"), &[][..]),
    };
    expectations::check(&[include_str!("emulator/expected.txt"), of_version].concat(), &findings);
    let unanswered: BTreeSet<_> = findings.iter().map(|finding| finding.about.as_str()).collect();
    let unanswered: Vec<_> = unanswered.into_iter().filter(|about| about.contains(':')).collect();
    let mut expected = UNANSWERED.to_vec();
    expected.retain(|call| !answered.contains(call));
    expected.sort_unstable();
    assert_eq!(unanswered, expected, "no other call goes unanswered");
    assert_eq!(report.at("/summary/accounts"), &accounts(34, 33, 33, 1));
    assert_eq!(run.code, 1, "there are gating findings:\n{}", run.errors);
    assert!(!report.is_complete());
}

#[test]
fn two_scans_differ_in_nothing_but_their_time_stamps() {
    let scene = Scene::shared();
    let again = scene.machine().live("scan", &["--format", "json"]);
    assert_eq!(again.timeless(), scene.scan().timeless());
    assert_eq!(again.code, scene.scan().code);
}

#[test]
fn a_scan_is_collecting_and_then_checking() {
    let scene = Scene::shared();
    let machine = scene.machine();
    let collected = machine.live("collect", &["-o", "snapshot"]);
    assert_eq!(collected.output, "", "data goes to the file alone");
    let checked = machine.run(&["check", "snapshot", "--format", "json"]);
    assert_eq!(checked.timeless(), scene.scan().timeless());
    assert_eq!(checked.code, scene.scan().code);

    let undecided = ["check", "snapshot", "--rules", "config-delivery", "--format", "json"];
    let run = machine.run(&undecided);
    assert_eq!(run.code, 3, "nothing fails, something is unknown:\n{}", run.errors);
    let allowed = machine.run(&[&undecided[..], &["--allow-incomplete"]].concat());
    assert_eq!(allowed.code, 0, "{}", allowed.errors);
    assert!(!allowed.report().is_complete(), "allowed is not complete");
}

#[test]
fn what_was_not_asked_for_stays_unknown() {
    let scene = Scene::shared();
    let orders = scene.organization.account("orders");
    let chosen = format!("payments,{orders}");
    let run = scene.machine().live("scan", &["--accounts", &chosen, "--format", "json"]);
    let report = run.report();
    expectations::check(
        include_str!("emulator/expected-accounts.txt"),
        &report.findings(&scene.organization),
    );
    assert_eq!(report.at("/summary/accounts"), &accounts(34, 2, 2, 1));
    assert_eq!(run.code, 1, "{}", run.errors);
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
