//! Shards on a real Slurm: an array of tasks and a merge after it, by the scripts in `examples/engines/slurm`, while a task is
//! killed, another runs twice at once and a manifest is damaged.

#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "slurm/cluster.rs"]
mod cluster;
mod fake_aws;
#[path = "slurm/packages.rs"]
mod packages;
mod program;
mod shards;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use cluster::Cluster;
use fake_aws::healthy::{MANAGEMENT, workload};
use fake_aws::{Fault, Matcher};
use shards::{Place, REGION};

/// Set where the test must not be skipped.
const REQUIRED: &str = "TRAILPROOF_REQUIRE_SLURM";
const ACCOUNTS: usize = 320;
const SHARDS: usize = 16;
const DAMAGED: usize = 0;
const KILLED: usize = 3;
const TWICE: usize = 5;

#[test]
fn an_array_of_tasks_is_merged_into_the_snapshot_of_one_machine() {
    let packages = match packages::unpacked() {
        Ok(packages) => packages,
        Err(why) => {
            let message = format!(
                "SKIPPED: tests/slurm.rs: nothing ran on Slurm, for its packages cannot be had: {why}. They are \
                 Debian's and Ubuntu's, fetched by apt-get and not installed."
            );
            assert!(std::env::var_os(REQUIRED).is_none(), "{message}");
            // Not by the macro, whose output a test that passes keeps to itself.
            std::io::stderr().write_all(format!("{message}\n").as_bytes()).unwrap();
            return;
        }
    };
    let place = Place::new(ACCOUNTS, &[REGION]);
    let cluster = Cluster::start(&packages);
    let plan = place.sandbox.path("plan").display().to_string();
    let snapshot = place.sandbox.path("merged.zst").display().to_string();
    place.good(&["shard", "plan", "--to", &plan, "--shards", &SHARDS.to_string()]);
    let environment = environment(&place);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/engines/slurm");
    let script = |name: &str, arguments: &[&str]| {
        let run =
            cluster.script(&scripts.join(name)).args(arguments).current_dir(place.sandbox.folder()).output();
        let run = run.unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    };
    let submit = |shards: &str| script("submit", &[&environment, &plan, &snapshot, shards]);
    // Management, archive and security come before the workloads.
    let entered =
        |shard: usize| Matcher::operation("sts", "AssumeRole").account(&workload(shard * ACCOUNTS / SHARDS));
    place.fake.fault(entered(KILLED), Fault::Hold);
    place.fake.fault(entered(TWICE), Fault::Hold);

    // As after a lost node: the same shard, while its first task still runs.
    let mut twice = cluster.client("sbatch");
    let twice = twice
        .arg(format!("--array={TWICE}"))
        .arg(scripts.join("shards.sbatch"))
        .args([&environment, &plan])
        .current_dir(place.sandbox.folder())
        .output()
        .unwrap();
    assert!(twice.status.success(), "{}", String::from_utf8_lossy(&twice.stderr));
    submit(&format!("0-{}", SHARDS - 1));
    cluster.until("task that is to be killed", |_| place.fake.calls(&entered(KILLED)) > 0);
    kill_task(&plan, KILLED);
    cluster.until("shard that runs twice", |_| place.fake.calls(&entered(TWICE)) == 2);
    let manifest = place.sandbox.path(&format!("plan/shards/{DAMAGED:05}.json"));
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    place.fake.clear_faults();
    cluster.until_all_jobs_ended();

    // Slurm says that a task failed, and nothing of the manifest; the merge ran all the same, and says both.
    let failed = cluster.ended().lines().filter(|line| line.contains("JobState=FAILED")).count();
    assert_eq!(failed, 2, "the killed task and the merge: {}", cluster.ended());
    assert!(!Path::new(&snapshot).exists());
    let said = merge_log(&place);
    for part in [
        "2 of 16 shards are not done".to_owned(),
        format!("shard {DAMAGED}, 20 accounts from {MANAGEMENT} to 100000000020, is damaged"),
        format!("shard {KILLED}, 20 accounts from 100000000061 to 100000000080, is missing"),
        format!("Run them again: {DAMAGED},{KILLED}."),
    ] {
        assert!(said.contains(&part), "{part}: {said}");
    }
    let logs = logs(&place, &format!("_{TWICE}.log"));
    let first = logs.iter().filter(|log| log.contains("20 accounts, 0 unanswered calls")).count();
    assert!(logs.len() == 2 && first == 1, "one of two counts: {logs:?}");

    submit(&format!("{DAMAGED},{KILLED}"));
    cluster.until_all_jobs_ended();
    assert!(Path::new(&snapshot).exists(), "{}", merge_log(&place));
    drop(cluster);
    place.is_of_one_machine("merged.zst");
}

/// What the scripts read on the node. Nothing of it is in the environment of whoever submits.
fn environment(place: &Place) -> String {
    let program = Path::new(assert_cmd::cargo::cargo_bin!("trailproof")).parent().unwrap();
    let mut text =
        format!("export PATH={}:$PATH TMPDIR={}\n", program.display(), place.sandbox.folder().display());
    for (name, value) in place.fake.environment(MANAGEMENT, REGION) {
        writeln!(text, "export {name}='{value}'").unwrap();
    }
    place.sandbox.write("environment", &text).display().to_string()
}

/// Ends the program of a task with SIGKILL, as a node does that has no memory left.
fn kill_task(plan: &str, index: usize) {
    let variable = format!("SLURM_ARRAY_TASK_ID={index}");
    let of_task = |process: &Path| {
        let has = |file: &str, entry: &str| {
            let bytes = fs::read(process.join(file)).unwrap_or_default();
            bytes.split(|byte| *byte == 0).any(|found| found == entry.as_bytes())
        };
        has("cmdline", "run") && has("cmdline", plan) && has("environ", &variable)
    };
    let mut processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let process = processes.find(|process| of_task(process)).expect("the task runs");
    let id = process.file_name().unwrap().to_owned();
    assert!(Command::new("kill").arg("-KILL").arg(id).status().unwrap().success());
}

/// The logs whose names end so.
fn logs(place: &Place, end: &str) -> Vec<String> {
    place
        .sandbox
        .names()
        .iter()
        .filter(|name| name.ends_with(end))
        .map(|name| place.sandbox.read(name))
        .collect()
}

/// What the last merge said.
fn merge_log(place: &Place) -> String {
    let mut names = place.sandbox.names();
    names.retain(|name| name.starts_with("trailproof-merge-"));
    names.sort_by_key(|name| (name.len(), name.clone()));
    names.last().map(|name| place.sandbox.read(name)).unwrap_or_default()
}
