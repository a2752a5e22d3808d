//! The templates for engines in `examples/engines` are what their readers take, and what their readers do not look at holds as
//! well: every command in them is one, no step leads nowhere, and the merge runs however the shards ended. What Slurm runs is in
//! `tests/slurm.rs`.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod validators;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser as _;
use regex::Regex;
use serde_json::Value;
use trailproof::cli::{Cli, Command as Asked, ShardCommand};
use trailproof::collect;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/engines")
}

/// A template with its tags left out, `!Ref X` as `X`.
fn template(name: &str) -> Value {
    let program = "
import json, sys, yaml
class Loader(yaml.SafeLoader): pass
def plain(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode): return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True)
Loader.add_multi_constructor('!', plain)
json.dump(list(yaml.load_all(sys.stdin, Loader)), sys.stdout, default=str)
";
    let text = fs::read(folder().join(name)).unwrap();
    let documents = validators::PIPELINES.run(program, &[], &text).unwrap();
    let documents: Vec<Value> = serde_json::from_str(&documents).unwrap();
    let [template] = documents.as_slice() else { panic!("{name} has one document") };
    template.clone()
}

/// The command that these words are, which the program must take.
fn command(words: &[String]) -> Asked {
    let words: Vec<String> = words.iter().map(|word| word.replace("${MaxConcurrency}", "128")).collect();
    let words = ["trailproof".to_owned()].into_iter().chain(words);
    Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).command
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn lint(program: &str, arguments: &[&Path]) {
    let python = validators::PIPELINES.python();
    let run = Command::new(python.with_file_name(program))
        .args(arguments)
        .env("PATH", python.parent().unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(run.status.success(), "{program} {arguments:?}: {}{}", text(&run.stdout), text(&run.stderr));
}

#[test]
fn the_templates_for_cloudformation_are_valid_and_fit_each_other() {
    let paths = ["fargate", "step-functions", "batch"].map(|name| folder().join(format!("{name}.cfn.yaml")));
    lint("cfn-lint", &paths.each_ref().map(PathBuf::as_path));
    let fargate = template("fargate.cfn.yaml");
    let given: BTreeSet<&String> = fargate["Outputs"].as_object().unwrap().keys().collect();
    let own = ["Image", "AuditRoleName", "Shards", "Subnets", "SecurityGroup"];
    for name in ["step-functions.cfn.yaml", "batch.cfn.yaml"] {
        let other = template(name);
        for parameter in other["Parameters"].as_object().unwrap().keys() {
            assert!(given.contains(parameter) || own.contains(&parameter.as_str()), "{name}: {parameter}");
        }
    }
    // What the linter takes for any text.
    let step = &template("batch.cfn.yaml")["Resources"]["Step"]["Properties"];
    assert!((1..=10).contains(&step["RetryStrategy"]["Attempts"].as_u64().unwrap()));
    let resources = &step["ContainerProperties"]["ResourceRequirements"];
    assert_eq!((&resources[0]["Value"], &resources[1]["Value"]), (&"0.5".into(), &"1024".into()));
    assert!(step["ContainerProperties"]["ExecutionRoleArn"].is_string(), "Fargate needs one");
}

/// What `iam-policy --caller` prints, and what the page says of the bucket.
#[test]
fn the_role_of_the_tasks_allows_what_all_steps_call() {
    let template = template("fargate.cfn.yaml");
    let statements =
        &template["Resources"]["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    let mut allowed = BTreeSet::new();
    for statement in statements.as_array().unwrap() {
        match &statement["Action"] {
            Value::String(action) => drop(allowed.insert(action.clone())),
            actions => allowed.extend(texts(actions)),
        }
    }
    let policy = collect::caller_policy("TrailproofAudit");
    let mut wanted: BTreeSet<String> =
        ["s3:GetObject", "s3:ListBucket", "s3:PutObject"].map(str::to_owned).into();
    for statement in policy["Statement"].as_array().unwrap() {
        match &statement["Action"] {
            Value::String(action) => drop(wanted.insert(action.clone())),
            actions => wanted.extend(texts(actions)),
        }
    }
    assert_eq!(allowed, wanted);
}

#[test]
fn the_tasks_run_commands_of_the_program() {
    let template = template("fargate.cfn.yaml");
    let resources = &template["Resources"];
    let container = |task: &str, place: usize| {
        let container = resources[task]["Properties"]["ContainerDefinitions"][place].clone();
        assert!(!container.is_null(), "{task} {place}");
        container
    };
    assert!(matches!(command(&texts(&container("Scan", 0)["Command"])), Asked::Scan(_)));
    // The check runs where the merge ended well, over what the merge is told to write, and its end is the task's.
    let (merge, check) = (container("Merge", 0), container("Merge", 1));
    assert_eq!((&merge["Name"], &merge["Essential"]), (&"merge".into(), &false.into()));
    assert_eq!(check["DependsOn"], serde_json::json!([{ "ContainerName": "merge", "Condition": "SUCCESS" }]));
    assert_eq!(check["Essential"], true);
    assert_eq!(merge["MountPoints"], check["MountPoints"]);
    let Asked::Check(check) = command(&texts(&check["Command"])) else { panic!("it checks") };
    assert_eq!(check.files, [Path::new("/tmp/organization.zst")]);
}

/// The words of an intrinsic `States.Array`, with a 1 for what is put in when it runs.
fn words(intrinsic: &str) -> Vec<String> {
    let formatted = Regex::new(r"States\.Format\('([^']*)', \$\.\w+\)").unwrap();
    let text = formatted
        .replace_all(intrinsic, |found: &regex::Captures<'_>| format!("'{}'", found[1].replace("{}", "1")));
    let list = text.strip_prefix("States.Array(").and_then(|rest| rest.strip_suffix(')')).unwrap();
    list.split(", ").map(|word| word.trim_matches('\'').to_owned()).collect()
}

/// Every command that a state machine gives, by the state.
fn commands(states: &Value, found: &mut Vec<(String, Asked)>) {
    for (name, state) in states.as_object().unwrap() {
        let overrides = [
            "/Parameters/Overrides/ContainerOverrides/0/Command.$",
            "/Parameters/ContainerOverrides/Command.$",
        ];
        if let Some(intrinsic) = overrides.iter().find_map(|place| state.pointer(place)) {
            found.push((name.clone(), command(&words(intrinsic.as_str().unwrap()))));
        }
        if let Some(inner) = state.pointer("/ItemProcessor/States") {
            commands(inner, found);
        }
    }
}

/// No state leads nowhere, and none is never reached.
fn is_connected(machine: &Value) {
    let states = machine["States"].as_object().unwrap();
    let mut reached = BTreeSet::new();
    let mut waiting = vec![machine["StartAt"].as_str().unwrap()];
    while let Some(name) = waiting.pop() {
        if !reached.insert(name) {
            continue;
        }
        let state = states.get(name).unwrap_or_else(|| panic!("there is no state {name}"));
        assert!(state["Next"].is_string() != (state["End"] == true), "{name} goes on or ends");
        let caught = state["Catch"].as_array().into_iter().flatten().map(|catch| &catch["Next"]);
        waiting.extend(caught.chain([&state["Next"]]).filter_map(Value::as_str));
        if !state["ItemProcessor"].is_null() {
            is_connected(&state["ItemProcessor"]);
        }
    }
    assert_eq!(reached.len(), states.len(), "{reached:?}");
}

#[test]
fn the_state_machines_plan_run_and_merge_however_shards_end() {
    let placeholder = Regex::new(r"\$\{(\w+)\}").unwrap();
    for name in ["step-functions.cfn.yaml", "batch.cfn.yaml"] {
        let template = template(name);
        let properties = &template["Resources"]["Machine"]["Properties"];
        let text = properties["DefinitionString"].as_str().unwrap();
        let used: BTreeSet<String> =
            placeholder.captures_iter(text).map(|found| found[1].to_owned()).collect();
        let given: BTreeSet<String> =
            properties["DefinitionSubstitutions"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(used, given, "{name}");
        let text = text.replace("${Shards}", "16").replace("${Bucket}", "audit-bucket");
        let machine: Value = serde_json::from_str(&text).unwrap();
        is_connected(&machine);
        let shards = &machine["States"]["Shards"];
        assert_eq!(shards["Next"], "Merge", "{name}");
        assert_eq!(shards["Catch"][0]["ErrorEquals"], serde_json::json!(["States.ALL"]), "{name}");
        assert_eq!(shards["Catch"][0]["Next"], "Merge", "{name}");
        // Otherwise the run's name is lost on the way.
        for state in ["Plan", "Shards"] {
            let state = &machine["States"][state];
            assert!(state["ResultPath"].is_null() && state.get("ResultPath").is_some(), "{name}");
        }
        let mut found = Vec::new();
        commands(&machine["States"], &mut found);
        let mut seen = BTreeSet::new();
        for (state, command) in found {
            let Asked::Shard(command) = command else { panic!("{state} of {name} is a step of a run") };
            seen.insert(match command {
                ShardCommand::Plan(args) => {
                    assert_eq!((args.to.to_str(), args.shards), (Some("s3://audit-bucket/shards/1"), 16));
                    "plan"
                }
                ShardCommand::Run(args) => {
                    // The children of an array job have a variable for it.
                    assert_eq!(args.index, (state == "Shard").then_some(1), "{name}");
                    assert_eq!(args.plan.to_str(), Some("s3://audit-bucket/shards/1"));
                    "run"
                }
                ShardCommand::Merge(args) => {
                    assert_eq!(args.output, Path::new("/tmp/organization.zst"), "what is checked then");
                    "merge"
                }
            });
        }
        assert_eq!(seen.len(), 3, "{name}: {seen:?}");
    }
}

/// The jobs as `run` puts them in.
fn jobs(target: &Path, shards: usize) -> Vec<(PathBuf, Value)> {
    let job = |step: &str| {
        let text = fs::read_to_string(folder().join(format!("kubernetes/{step}.yaml"))).unwrap();
        let values = [("IMAGE", "trailproof:1"), ("BUCKET", "audit-bucket"), ("RUN", "1"), ("ROLE", "Audit")];
        let text = values.iter().fold(text, |text, (name, value)| text.replace(name, value));
        let path = target.join(format!("{step}.yaml"));
        fs::write(&path, text.replace("SHARDS", &shards.to_string())).unwrap();
        let job = template(path.to_str().unwrap());
        (path, job)
    };
    ["plan", "shards", "merge"].map(job).to_vec()
}

#[test]
fn the_jobs_for_kubernetes_are_valid_and_run_each_step() {
    let target = tempfile::tempdir().unwrap();
    let jobs = jobs(target.path(), 16);
    for (path, job) in &jobs {
        let version = Path::new("1.33");
        lint("kubernetes-validate", &[Path::new("--strict"), Path::new("-k"), version, path]);
        let pod = &job["spec"]["template"]["spec"];
        assert_eq!(pod["restartPolicy"], "Never", "a Job takes no Always");
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    }
    let [(_, plan), (_, shards), (_, merge)] = jobs.as_slice() else { panic!("three steps") };
    let arguments = |pod: &Value| command(&texts(&pod["args"]));
    let container = |job: &Value| arguments(&job["spec"]["template"]["spec"]["containers"][0]);
    assert!(matches!(container(plan), Asked::Shard(ShardCommand::Plan(_))));
    let spec = &shards["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!(spec["completions"], 16);
    assert_eq!(spec["maxFailedIndexes"], spec["completions"], "every shard is tried");
    let rules = spec["podFailurePolicy"]["rules"].as_array().unwrap();
    let name = &spec["template"]["spec"]["containers"][0]["name"];
    assert!(
        rules
            .iter()
            .any(|rule| rule["action"] == "FailIndex" && rule["onExitCodes"]["containerName"] == *name)
    );
    let Asked::Shard(ShardCommand::Run(run)) = container(shards) else { panic!("it runs a shard") };
    assert_eq!(run.index, None, "JOB_COMPLETION_INDEX says it");
    let first = &merge["spec"]["template"]["spec"]["initContainers"][0];
    let Asked::Shard(ShardCommand::Merge(merged)) = arguments(first) else { panic!("it merges") };
    let Asked::Check(check) = container(merge) else { panic!("it checks") };
    assert_eq!(check.files, [merged.output]);
}

/// However the shards ended, the merge begins when they have, and its end is the script's.
#[cfg(unix)]
#[test]
fn the_script_for_kubernetes_merges_when_the_shards_have_ended() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    // Stands for kubectl: a job is under way when it is first looked at.
    let stub = "#!/bin/sh\ncase \"$1\" in\napply) cat > applied; sed -n 's/^  name: /apply /p' applied >> log ;;\n\
                get) case \"$*\" in *succeeded*) printf %s \"$SUCCEEDED\"; exit ;; esac\n\
                echo \"get $3\" >> log; [ \"$(grep -c \"get $3\" log)\" -gt 1 ] && printf %s \"$STATE\" ;;\nesac\nexit 0\n";
    let kubectl = place.path().join("kubectl");
    fs::write(&kubectl, stub).unwrap();
    fs::set_permissions(&kubectl, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", place.path().display(), std::env::var("PATH").unwrap());
    for (state, succeeded) in [("Complete", true), ("FailureTarget Failed", false)] {
        let scripts = place.path().join("kubernetes");
        fs::create_dir_all(&scripts).unwrap();
        for name in ["run", "plan.yaml", "shards.yaml", "merge.yaml"] {
            fs::copy(folder().join("kubernetes").join(name), scripts.join(name)).unwrap();
        }
        let run = Command::new("bash")
            .arg(scripts.join("run"))
            .args(["trailproof:1", "audit-bucket", "1", "16", "Audit"])
            .envs([("PATH", path.as_str()), ("STATE", state), ("TRAILPROOF_POLL", "0")])
            .env("SUCCEEDED", if succeeded { "1" } else { "" })
            .output()
            .unwrap();
        assert_eq!(run.status.success(), succeeded, "{}", String::from_utf8_lossy(&run.stderr));
        let log = fs::read_to_string(scripts.join("log")).unwrap();
        let steps = ["plan", "shards", "merge"].map(|step| {
            let name = format!("trailproof-{step}-1");
            format!("apply {name}\nget {name}\nget {name}\n")
        });
        assert_eq!(log, steps.concat());
        fs::remove_dir_all(scripts).unwrap();
    }
}

#[test]
fn the_scripts_for_slurm_take_nothing_along_and_wait_for_any_end() {
    let read = |name: &str| fs::read_to_string(folder().join("slurm").join(name)).unwrap();
    for name in ["shards.sbatch", "merge.sbatch"] {
        assert!(read(name).contains("\n#SBATCH --export=NONE\n"), "{name}");
    }
    assert!(read("submit").contains("--dependency=\"afterany:$array\""));
}
