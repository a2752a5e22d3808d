//! One run on many machines, through the real program: plan, shards and merge, in a folder and in S3, and whatever an engine
//! does to shards meanwhile.

mod fake_aws;
mod program;
mod shards;

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fake_aws::healthy::{ARCHIVE, workload};
use fake_aws::{FakeAws, Fault, Matcher, Misbehaviour};
use program::Run;
use shards::{BUCKET, Place, REGION};

const REGIONS: [&str; 2] = [REGION, "us-east-1"];
const S3: &str = "s3://audit-shards/runs/1";

fn assumed() -> Matcher {
    Matcher::operation("sts", "AssumeRole")
}

#[test]
fn shards_in_a_folder_are_the_snapshot_of_one_machine() {
    let place = Place::new(10, &REGIONS);
    let said = place.good(&["shard", "plan", "--to", "runs/1", "--shards", "4"]);
    assert!(said.contains("10 accounts in 4 shards"), "{said}");
    let merge = ["shard", "merge", "--plan", "runs/1", "--output", "merged.zst"];
    let said = place.refused(3, &merge);
    for part in ["4 of 4 shards", "shard 0, 2 accounts from 100000000001 to ", "missing", "0,1,2,3"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!place.sandbox.path("merged.zst").exists());
    for index in [2, 0, 3, 1] {
        place.shard("runs/1", index);
    }
    // Once more, and nobody is entered for it.
    let entered = place.fake.calls(&assumed());
    assert!(place.shard("runs/1", 2).contains("shard 2 is done already"));
    assert_eq!(place.fake.calls(&assumed()), entered);
    place.good(&merge);
    place.is_of_one_machine("merged.zst");
    assert_eq!(place.fake.unexpected(), Vec::<String>::new());
    assert_eq!(place.sandbox.names(), ["merged.zst", "runs"], "nothing is left behind");
    // Merged again, it is the same.
    let first = place.bytes("merged.zst");
    place.good(&merge);
    assert!(place.bytes("merged.zst") == first);
}

#[test]
fn a_plan_is_made_once_and_kept_to() {
    let place = Place::new(6, &[REGION]);
    let plan = [
        "shard",
        "plan",
        "--to",
        "run",
        "--shards",
        "2",
        "--regions",
        REGION,
        "--role-name",
        "TrailproofAudit",
    ];
    place.good(&plan);
    let written = place.bytes("run/plan.json");
    let said = place.refused(2, &plan);
    assert!(said.contains("plan.json is there") && said.contains("--to"), "{said}");
    assert_eq!(place.bytes("run/plan.json"), written);
    // What a shard reads and by which role, the plan says, whatever this machine is set to.
    place.sandbox.write("trailproof.toml", "[scan]\nrole_name = \"Other\"\nregions = [\"us-east-1\"]\n");
    let mut run = place.command(&["shard", "run", "--plan", "run"]);
    let run: Run = run
        .envs([("TRAILPROOF_ROLE_NAME", "Another"), ("JOB_COMPLETION_INDEX", "0")])
        .output()
        .unwrap()
        .into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("0 unanswered calls"), "{}", run.stderr);

    let text = String::from_utf8(written).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let other = text.replace(&format!("\"tool_version\":\"{version}\""), "\"tool_version\":\"9.9.9\"");
    let damaged = text.replacen(ARCHIVE, "999999999999", 1);
    for (text, says) in [(other, "made by trailproof 9.9.9"), (damaged, "damaged")] {
        place.sandbox.write("run/plan.json", &text);
        for command in [vec!["shard", "run", "--index", "1"], vec!["shard", "merge", "-o", "merged.zst"]] {
            let said = place.refused(2, &[command, vec!["--plan", "run"]].concat());
            assert!(said.contains(says), "{said}");
        }
    }
    let said = place.refused(2, &["shard", "run", "--plan", "nowhere", "--index", "1"]);
    assert!(said.contains("there is no plan nowhere/plan.json"), "{said}");
}

#[test]
fn which_shard_it_is_must_be_clear() {
    let place = Place::new(4, &[REGION]);
    place.good(&["shard", "plan", "--to", "run", "--shards", "6"]);
    let run = |index: &[&str], variables: &[(&str, &str)]| -> Run {
        let mut command = place.command(&[&["shard", "run", "--plan", "run"], index].concat());
        command.envs(variables.iter().copied()).output().unwrap().into()
    };
    let none = run(&[], &[]);
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("SLURM_ARRAY_TASK_ID"), "{}", none.stderr);
    let two = run(&["--index", "1"], &[("AWS_BATCH_JOB_ARRAY_INDEX", "2")]);
    assert_eq!(two.code, Some(2));
    assert!(two.stderr.contains("--index 1, AWS_BATCH_JOB_ARRAY_INDEX 2"), "{}", two.stderr);
    let far = run(&["--index", "6"], &[]);
    assert_eq!(far.code, Some(2));
    assert!(far.stderr.contains("it has 6 shards, numbered from 0: there is no shard 6"), "{}", far.stderr);
    // More shards than accounts: some have nothing to do.
    for index in ["0", "1", "2", "3", "4", "5"] {
        assert_eq!(run(&[], &[("SLURM_ARRAY_TASK_ID", index)]).code, Some(0));
    }
    place.good(&["shard", "merge", "--plan", "run", "-o", "merged.zst"]);
    place.is_of_one_machine("merged.zst");
}

#[test]
fn what_is_missing_damaged_or_foreign_is_named_and_mended() {
    let place = Place::new(9, &[REGION]);
    for run in ["run", "other"] {
        place.good(&["shard", "plan", "--to", run, "--shards", "5"]);
        for index in 0..5 {
            place.shard(run, index);
        }
    }
    let path = |name: &str| place.sandbox.path(name);
    let manifest = |index: usize| path(&format!("run/shards/{index:05}.json"));
    let part = |index: usize| {
        let mut parts = fs::read_dir(path("run/parts")).unwrap().map(|entry| entry.unwrap().path());
        parts
            .find(|part| part.file_name().unwrap().to_str().unwrap().starts_with(&format!("{index:05}-")))
            .unwrap()
    };
    fs::remove_file(manifest(0)).unwrap();
    let text = fs::read_to_string(manifest(1)).unwrap();
    fs::write(manifest(1), text.replace("\"gaps\":0", "\"gaps\":1")).unwrap();
    fs::copy(path("other/shards/00002.json"), manifest(2)).unwrap();
    fs::copy(manifest(4), manifest(3)).unwrap();
    let mut bytes = fs::read(part(4)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(part(4), bytes).unwrap();

    let merge = ["shard", "merge", "--plan", "run", "--output", "merged.zst"];
    let said = place.refused(3, &merge);
    for part in [
        "shard 0, account 100000000001, is missing",
        "shard 1, 2 accounts from 100000000002 to 100000000003, is damaged: its manifest",
        "shard 2, 2 accounts from 100000000004 to 100000000005, is foreign: its manifest is of another plan",
        "shard 3, 2 accounts from 100000000006 to 100000000007, is foreign: its manifest is that of shard 4",
        "shard 4, 2 accounts from 100000000008 to 100000000009, is damaged: its part",
        "0,1,2,3,4",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!path("merged.zst").exists());

    // Without them, what they were to read is unknown, and says why.
    for index in [1, 2, 3, 4] {
        let said = place.shard("run", index);
        assert!(said.contains("It is read anew"), "{said}");
    }
    let said = place.good(&[&merge[..], &["--allow-missing"]].concat());
    assert!(said.contains("shard 0, account 100000000001, is missing"), "{said}");
    let report = place.run(&["check", "-q", "--fail-on", "never", "--format", "json", "merged.zst"]);
    assert_eq!(report.code, Some(3), "{}", report.stderr);
    assert!(report.stdout.contains("its shard 0 is missing: it has no manifest"), "the gap says why");
    assert!(report.stdout.contains("\"not_collected\""));
    place.shard("run", 0);
    place.good(&merge);
    place.is_of_one_machine("merged.zst");
}

#[cfg(unix)]
#[test]
fn a_shard_may_be_killed_and_run_twice_at_once() {
    let place = Place::new(8, &[REGION]);
    place.fake.latency(Duration::from_millis(3));
    place.good(&["shard", "plan", "--to", "run", "--shards", "2"]);
    let arguments = ["shard", "run", "--plan", "run", "--index", "0"];
    for calls in [1, 10, 30, 60] {
        place.fake.reset_recording();
        let mut child = place.start(&arguments);
        while place.fake.requests().len() < calls && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        // SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let twice = [place.start(&arguments), place.start(&arguments), place.start(&arguments)];
    let said: Vec<String> = twice
        .into_iter()
        .map(|child| {
            let run: Run = child.wait_with_output().unwrap().into();
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            run.stderr
        })
        .collect();
    let wrote = said.iter().filter(|said| said.contains("shard 0: 4 accounts")).count();
    assert!(wrote <= 1, "{said:?}");
    place.shard("run", 1);
    let merge = ["shard", "merge", "--plan", "run", "-o", "merged.zst"];
    // So may the merge.
    place.fake.reset_recording();
    let mut child = place.start(&merge);
    while place.fake.requests().len() < 5 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    place.good(&merge);
    place.fake.latency(Duration::ZERO);
    place.is_of_one_machine("merged.zst");
}

#[test]
fn shards_in_s3_are_the_snapshot_of_one_machine() {
    let place = Place::new(7, &[REGION]);
    // The bucket is in another region than the one that is asked first.
    let run = |arguments: &[&str]| place.good(&[arguments, &["--region", "us-east-1"]].concat());
    run(&["shard", "plan", "--to", S3, "--shards", "3"]);
    let said = place.refused(2, &["shard", "plan", "--to", S3, "--shards", "3"]);
    assert!(said.contains("s3://audit-shards/runs/1/plan.json is there"), "{said}");
    for index in ["0", "1"] {
        run(&["shard", "run", "--plan", S3, "--index", index]);
    }
    let twice = [0, 1].map(|_| place.start(&["shard", "run", "--plan", S3, "--index", "2"]));
    for child in twice {
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    assert!(place.shard(S3, 2).contains("is done already"));
    let puts: Vec<_> =
        place.fake.requests().into_iter().filter(|request| request.key.operation == "PutObject").collect();
    for put in puts {
        let key = put.parameters["Key"].as_str().unwrap();
        assert_eq!(put.parameters["IfNoneMatch"] == "*", !key.contains("/parts/"), "{key}");
        assert!(put.parameters["ChecksumSHA256"].is_string(), "{key}");
    }
    run(&["shard", "merge", "--plan", &format!("{S3}/"), "-o", "merged.zst"]);
    place.is_of_one_machine("merged.zst");
    assert_eq!(place.fake.unexpected(), Vec::<String>::new());
}

/// Another write is under way, an answer is lost on its way, a manifest is replaced: S3's conditions decide.
#[test]
fn conditional_writes_are_tried_again_and_read_back() {
    let place = Place::new(4, &[REGION]);
    let put = Matcher::operation("s3", "PutObject");
    place.fake.fault(put.clone(), Fault::Conflict { times: 2 });
    place.good(&["shard", "plan", "--to", S3, "--shards", "2"]);
    place.fake.fault(put, Fault::Conflict { times: 1 });
    place.shard(S3, 0);
    // What was stored before the connection was cut is the same run's, whose second try is refused.
    let cut = AtomicUsize::new(0);
    place.fake.tamper(move |exchange| {
        let call = exchange.call;
        let is_manifest = call.text("Key").is_some_and(|key| key.ends_with("shards/00001.json"));
        let first =
            call.key.operation == "PutObject" && is_manifest && cut.fetch_add(1, Ordering::Relaxed) == 0;
        first.then_some(Misbehaviour::CutConnection)
    });
    assert!(place.shard(S3, 1).contains("shard 1: 2 accounts"));

    let good = |fake: &FakeAws| {
        fake.uploads().into_iter().map(|((_, key), object)| (key, object.body)).collect::<Vec<_>>()
    };
    let before = good(&place.fake);
    place.fake.spoil(BUCKET, "runs/1/shards/00000.json");
    let said = place.refused(3, &["shard", "merge", "--plan", S3, "-o", "merged.zst"]);
    assert!(said.contains("shard 0") && said.contains("is damaged") && !said.contains("shard 1,"), "{said}");
    place.shard(S3, 0);
    assert_eq!(good(&place.fake).len(), before.len(), "the same part, the same name");
    place.good(&["shard", "merge", "--plan", S3, "-o", "merged.zst"]);
    place.is_of_one_machine("merged.zst");
}

#[test]
fn what_s3_or_aws_refuses_is_said_with_the_way_out() {
    let place = Place::new(4, &[REGION]);
    place.good(&["shard", "plan", "--to", S3, "--shards", "2"]);
    let run = ["shard", "run", "--plan", S3, "--index", "0"];
    place.fake.fault(Matcher::operation("s3", "GetObject"), Fault::AccessDenied);
    let said = place.refused(4, &run);
    assert!(said.contains("plan.json: AccessDenied") && said.contains("s3:ListBucket"), "{said}");
    place.fake.clear_faults();
    place.fake.fault(Matcher::operation("s3", "PutObject"), Fault::AccessDenied);
    let said = place.refused(5, &run);
    assert!(said.contains("/parts/00000-") && said.contains("s3:PutObject"), "{said}");
    place.fake.clear_faults();
    let said = place.refused(4, &["shard", "run", "--plan", "s3://no-such-bucket/runs", "--index", "0"]);
    assert!(said.contains("NoSuchBucket"), "{said}");
    // Other credentials than those that planned read other things.
    place.good(&["shard", "plan", "--to", "run", "--shards", "2"]);
    let mut other = place.sandbox.command(&["shard", "run", "--plan", "run", "--index", "0"]);
    let other: Run = other.envs(place.fake.environment(&workload(0), REGION)).output().unwrap().into();
    assert_eq!(other.code, Some(4), "{}", other.stderr);
    assert!(other.stderr.contains("the run was planned from account 100000000001"), "{}", other.stderr);
}
