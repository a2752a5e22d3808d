//! Ctrl-C while collecting: alone in its file, since the signal reaches the whole process.
#![cfg(unix)]

mod collect_support;
mod fake_aws;

use std::process::Command;
use std::time::Duration;

use collect_support::{Collected, REGIONS, collected, is_isolated, settings};
use fake_aws::healthy::MANAGEMENT;
use fake_aws::{FakeAws, World};
use trailproof::collect::{CollectError, Event, collect};

#[test]
fn ctrl_c_keeps_what_was_read_and_a_resumed_run_ends_as_if_nothing_happened() {
    if !is_isolated("ctrl_c_keeps_what_was_read_and_a_resumed_run_ends_as_if_nothing_happened") {
        return;
    }
    let fake = FakeAws::start(World::healthy(12, &REGIONS));
    fake.latency(Duration::from_millis(5));
    let mut settings = settings(&fake, MANAGEMENT);
    settings.max_concurrency = 2;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot");
    let error = collect(&settings, &target, false, &|event| {
        if let Event::AccountDone { done: 2, .. } = event {
            let id = std::process::id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        }
    })
    .unwrap_err();
    assert!(matches!(&error, CollectError::Interrupted { done: 2.., total: 12, .. }), "{error}");
    assert!(error.to_string().contains("--resume"), "{error}");
    assert!(!target.exists(), "half a snapshot must not look like a whole one");
    collect(&settings, &target, true, &|_| {}).unwrap();
    assert_eq!(Collected::read(&target).text(), collected(&fake, &settings).text());
}
