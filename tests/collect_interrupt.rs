//! The wish to end while collecting: from whoever uses the library, and by Ctrl-C from whoever runs the program.
#![cfg(unix)]

mod collect_support;
mod fake_aws;
mod program;

use std::process::{Command, Stdio};
use std::time::Duration;

use collect_support::{Collected, REGIONS, collect, collected, is_isolated, settings};
use fake_aws::healthy::MANAGEMENT;
use fake_aws::{FakeAws, Matcher, World};
use program::{Run, Sandbox};
use tokio::sync::Notify;
use trailproof::collect::{self, CollectError, Event};

#[test]
fn a_stop_keeps_what_was_read_and_a_resumed_run_ends_as_if_nothing_happened() {
    if !is_isolated("a_stop_keeps_what_was_read_and_a_resumed_run_ends_as_if_nothing_happened") {
        return;
    }
    let fake = FakeAws::start(World::healthy(12, &REGIONS));
    fake.latency(Duration::from_millis(5));
    let mut settings = settings(&fake, MANAGEMENT);
    settings.max_concurrency = 2;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot");
    let stop = Notify::new();
    let events = |event| {
        if let Event::AccountDone { done: 2, .. } = event {
            stop.notify_one();
        }
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error =
        runtime.block_on(collect::collect(&settings, &target, false, &events, stop.notified())).unwrap_err();
    assert!(matches!(&error, CollectError::Interrupted { done: 2.., total: 12, .. }), "{error}");
    assert!(!target.exists(), "half a snapshot must not look like a whole one");
    collect(&settings, &target, true, &|_| {}).unwrap();
    assert_eq!(Collected::read(&target).text(), collected(&fake, &settings).text());
}

#[test]
fn ctrl_c_ends_the_program_with_130_and_says_how_to_go_on() {
    let fake = FakeAws::start(World::healthy(12, &REGIONS));
    fake.latency(Duration::from_millis(15));
    let sandbox = Sandbox::empty();
    let run = |arguments: &[&str], calls: usize| -> Run {
        fake.reset_recording();
        let mut command = sandbox.command(arguments);
        command.envs(fake.environment(MANAGEMENT, REGIONS[0])).args(["--max-concurrency", "2"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while fake.calls(&Matcher::operation("sts", "AssumeRole")) < calls {
            std::thread::sleep(Duration::from_millis(5));
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
        }
        // The second is no more than the first.
        for _ in 0..2 {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        }
        child.wait_with_output().unwrap().into()
    };
    let ended = run(&["collect", "--output", "whole.snapshot"], 4);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("interrupted with ") && ended.stderr.contains(". Go on with --resume"),
        "{}",
        ended.stderr
    );
    assert!(!sandbox.path("whole.snapshot").exists());

    fake.latency(Duration::ZERO);
    let mut rest = sandbox.command(&["collect", "--output", "whole.snapshot", "--resume"]);
    let rest: Run = rest.envs(fake.environment(MANAGEMENT, REGIONS[0])).output().unwrap().into();
    assert_eq!(rest.code, Some(0), "{}", rest.stderr);
    assert!(rest.stderr.contains("read before"), "{}", rest.stderr);

    fake.latency(Duration::from_millis(15));
    let scan = run(&["scan"], 4);
    assert_eq!(scan.code, Some(130), "{}", scan.stderr);
    assert!(scan.stderr.contains("With --snapshot FILE a scan can be resumed"), "{}", scan.stderr);
}
