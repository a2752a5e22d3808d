//! What the guide tells pipelines and auditors to do works: the sessions on its pages are run as they stand, the action
//! too, and workflows, templates and images are what their readers take.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fake_aws;
mod validators;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{FakeAws, Fault, Matcher, World};

const REGION: &str = "eu-west-1";
const BUCKET: &str = "audit-reports";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn served() -> FakeAws {
    let mut world = World::healthy(3, &[REGION]);
    let mut bucket = world.buckets.values().next().unwrap().clone();
    MANAGEMENT.clone_into(&mut bucket.owner);
    world.buckets.insert(BUCKET.to_owned(), bucket);
    FakeAws::start(world)
}

/// A folder with nothing of the environment but the program, the system's tools and an AWS to ask.
struct Place {
    fake: FakeAws,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { fake: served(), folder: TempDir::new().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let bin = Path::new(assert_cmd::cargo::cargo_bin!("trailproof")).parent().unwrap();
        let path = std::env::join_paths(
            [bin.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path.unwrap())
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .envs(self.fake.environment(MANAGEMENT, REGION))
            .stdin(Stdio::null());
        command
    }
}

/// Each command of a page's sessions, with what it prints. A line of three dots stands for any lines.
fn session(page: &str) -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join("docs/src").join(page)).unwrap();
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line.strip_prefix("$ ")) {
            _ if line.starts_with("```") => inside = line == "```console",
            (true, Some(command)) => steps.push((command.to_owned(), Vec::new())),
            (true, None) => steps.last_mut().expect("a command comes first").1.push(line.to_owned()),
            (false, _) => {}
        }
    }
    assert!(!steps.is_empty(), "{page} has a session");
    steps
}

/// One shell runs them all, so that `$?` is what it is for a person.
fn run_session(page: &str, place: &Place) {
    let steps = session(page);
    let mark = "--- next ---";
    let lines: Vec<String> = steps
        .iter()
        .map(|(command, _)| format!("{command}\n_code=$?\necho '{mark}'\n(exit $_code)\n"))
        .collect();
    let script = lines.concat();
    let run = place.command("sh").args(["-c", &script]).output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(!stderr.contains("error"), "{page}: {stderr}");
    let printed = String::from_utf8(run.stdout).unwrap();
    let parts: Vec<&str> = printed.split(&format!("{mark}\n")).collect();
    for ((command, wanted), found) in steps.iter().zip(parts) {
        let found: Vec<&str> = found.lines().collect();
        if wanted.iter().all(|line| line != "...") {
            assert_eq!(found, *wanted, "{page}: $ {command}\n{stderr}");
        } else {
            assert!(!found.is_empty(), "{page}: $ {command} prints something\n{stderr}");
        }
    }
}

#[test]
fn the_sessions_for_pipelines_run() {
    let place = Place::new();
    run_session("pipeline.md", &place);
    assert!(place.read("junit.xml").contains("<testsuite "));
}

#[test]
fn the_sessions_for_scheduled_audits_run() {
    let place = Place::new();
    run_session("scheduled-audit.md", &place);
    assert_eq!(place.fake.uploads().len(), 1);
    assert!(place.read("findings.csv").starts_with("rule_id,"));
}

/// A snapshot that is whole is a success of `collect`, whatever did not answer; `check` says what that leaves unknown.
#[test]
fn collect_and_check_are_the_two_halves_of_a_scan() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let line =
        readme.lines().find(|line| line.starts_with("trailproof collect -o organization.zst && ")).unwrap();
    let command = line.split('#').next().unwrap();
    let place = Place::new();
    for (operation, service) in [("DescribeConfigurationRecorders", "config"), ("GetKeyPolicy", "kms")] {
        place.fake.fault(Matcher::operation(service, operation), Fault::AccessDenied);
        let run = place.command("sh").args(["-c", command]).output().unwrap();
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert!(stderr.contains("did not answer: what needs them stays unknown"), "{stderr}");
        let stdout = String::from_utf8(run.stdout).unwrap();
        assert!(stdout.starts_with("Trailproof: organization"), "check ran: {stderr}");
        assert_ne!(run.status.code(), Some(0), "what could not be read is no success of check");
    }
    let collected = place.command("trailproof").args(["collect", "-q", "-o", "again.zst"]).output().unwrap();
    assert_eq!(collected.status.code(), Some(0));
    let check = ["check", "-q", "--fail-on", "never", "again.zst"];
    assert_eq!(place.command("trailproof").args(check).output().unwrap().status.code(), Some(3));
}

/// A terminal that is closed ends a scan as Ctrl-C does; under nohup it goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_hangup_leaves_nothing_behind() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    if u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 1 {
        return; // These tests run under nohup themselves, and so does what they start.
    }
    let place = Place::new();
    place.fake.latency(std::time::Duration::from_millis(500));
    let scan = |program: &str, first: &[&str]| {
        let mut command = place.command(program);
        command.args(first).args(["scan", "-q", "-o", "scan.json"]).stdout(Stdio::null());
        place.fake.reset_recording();
        let mut child = command.spawn().unwrap();
        let began = std::time::Instant::now();
        // A machine that is busy takes its time until the first call, from which on signals are heeded.
        while place.fake.requests().is_empty() && began.elapsed().as_secs() < 60 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(child.try_wait().unwrap().is_none(), "it is under way");
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        child
    };
    assert_eq!(scan("trailproof", &[]).wait().unwrap().code(), Some(130));
    let left: Vec<_> = fs::read_dir(place.folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    let left: Vec<_> =
        left.into_iter().filter(|name| name.to_string_lossy().contains("trailproof")).collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new());

    let mut child = scan("nohup", &["trailproof"]);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "it goes on without its terminal");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The documented lines import every finding, as many at a time as Security Hub takes.
#[test]
fn the_documented_import_into_security_hub_sends_every_finding() {
    let place = Place::new();
    let page = fs::read_to_string(root().join("docs/src/outputs-standards.md")).unwrap();
    let block = page.split("```sh\n").find(|block| block.contains("batch-import-findings")).unwrap();
    let script = block.split("```").next().unwrap().replace("check example.snapshot", "demo");
    let bin = place.path("bin");
    fs::create_dir(&bin).unwrap();
    // Stands for the AWS CLI: keeps what it is given.
    let stub = "#!/bin/sh\ncase \"$*\" in \"securityhub batch-import-findings --findings file://\"*) \\\n\
                cp \"${4#file://}\" \"sent-$(ls | grep -c sent-).json\";; *) exit 2;; esac\n";
    fs::write(bin.join("aws"), stub).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(bin.join("aws")).status().unwrap().success());
    let mut command = place.command("bash");
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let path: Vec<PathBuf> = [bin].into_iter().chain(std::env::split_paths(&path)).collect();
    let run =
        command.args(["-c", &script]).env("PATH", std::env::join_paths(path).unwrap()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let read = |name: &str| -> Vec<serde_json::Value> { serde_json::from_str(&place.read(name)).unwrap() };
    let all = read("findings.json");
    let mut sent = Vec::new();
    for number in 0.. {
        let name = format!("sent-{number}.json");
        if !place.path(&name).exists() {
            break;
        }
        let batch = read(&name);
        assert!((1..=100).contains(&batch.len()), "{name}: {}", batch.len());
        sent.extend(batch);
    }
    assert!(all.len() > 1_000);
    assert_eq!(sent, all);
}

/// One name of the role and one external id, from the template to the scan.
#[test]
fn the_page_of_setting_up_makes_the_role_that_it_scans_with() {
    let place = Place::new();
    let page = fs::read_to_string(root().join("docs/src/setting-up.md")).unwrap();
    let block = page.split("```sh\n").find(|block| block.contains("--stackset")).unwrap();
    let script = block.split("```").next().unwrap();
    let (making, scan) = script.split_at(script.find("trailproof scan").unwrap());
    let run = place.command("sh").args(["-e", "-c", making]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let template: serde_json::Value = serde_json::from_str(&place.read("role.json")).unwrap();
    let role = &template["Resources"]["AuditRole"]["Properties"];
    let name = role["RoleName"].as_str().unwrap();
    assert!(scan.contains(&format!("--role-name {name}")), "{scan}");
    let demanded = template.pointer(
        "/Resources/AuditRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals/sts:ExternalId",
    );
    assert_eq!(demanded, Some(&serde_json::json!({ "Ref": "ExternalId" })));
    assert!(script.contains("TRAILPROOF_EXTERNAL_ID"), "{script}");
    assert!(place.read("caller-policy.json").contains(&format!("role/{name}")));
    for page in ["docs/src/setting-up.md", "docs/src/configuration.md", "examples/github/scheduled-audit.yml"]
    {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for line in text.lines().filter(|line| line.contains("--role-name ") || line.contains("role_name = "))
        {
            assert!(line.contains(name), "{page}: {line}");
        }
    }
}

/// Each variable that the command line takes is on the page, and none that it does not take.
#[test]
fn the_page_of_the_configuration_names_the_variables() {
    fn variables(command: &clap::Command, found: &mut std::collections::BTreeSet<String>) {
        let own = command.get_arguments().filter_map(|argument| argument.get_env());
        found.extend(own.map(|name| name.to_string_lossy().into_owned()));
        command.get_subcommands().for_each(|command| variables(command, found));
    }
    let mut known = std::collections::BTreeSet::new();
    variables(&trailproof::cli::Cli::description(), &mut known);
    let page = fs::read_to_string(root().join("docs/src/configuration.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `TRAILPROOF_")?.split('`').next());
    let named: std::collections::BTreeSet<String> = rows.map(|name| format!("TRAILPROOF_{name}")).collect();
    assert_eq!(named, known);
}

fn action(place: &Place, arguments: &str, annotations: &str) -> Output {
    place
        .command("bash")
        .arg(root().join("scripts/action-run"))
        .env("RUNNER_TEMP", place.folder.path())
        .env("GITHUB_STEP_SUMMARY", place.path("summary"))
        .env("GITHUB_OUTPUT", place.path("output"))
        .env("TRAILPROOF_ARGUMENTS", arguments)
        .env("TRAILPROOF_ANNOTATIONS", annotations)
        .env("TRAILPROOF_SUMMARY", "true")
        .output()
        .unwrap()
}

#[test]
fn the_action_ends_as_the_program_does_and_leaves_its_reports() {
    let place = Place::new();
    let run = action(&place, "demo\n--rules\ntrail-*", "true");
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(stdout.lines().all(|line| line.starts_with("::")), "{stdout}");
    assert!(place.read("summary").starts_with("## Trailproof: failed"));
    let output = place.read("output");
    assert!(output.starts_with("exit-code=1\n"), "{output}");
    for name in ["sarif=", "json="] {
        let path = output.lines().find_map(|line| line.strip_prefix(name)).expect("the file is named");
        serde_json::from_str::<serde_json::Value>(&fs::read_to_string(path).unwrap()).unwrap();
    }
}

/// The reports of an earlier step are not those of one that wrote none.
#[test]
fn the_action_twice_in_a_job_leaves_each_its_own_reports() {
    let place = Place::new();
    action(&place, "demo\n--rules\ntrail-*", "false");
    let first = place.read("output");
    fs::remove_file(place.path("output")).unwrap();
    fs::remove_file(place.path("summary")).unwrap();
    let run = action(&place, "check\nno-such-snapshot", "false");
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(place.read("output"), "exit-code=2\n", "no report of the first step");
    assert_eq!(place.read("summary"), "");
    fs::remove_file(place.path("output")).unwrap();
    action(&place, "demo\n--rules\nbucket-*", "false");
    assert_ne!(place.read("output"), first);
    let path = first.lines().find_map(|line| line.strip_prefix("json=")).unwrap();
    assert!(
        fs::read_to_string(path).unwrap().contains("\"trail-kms\""),
        "the first step's are still its own"
    );
}

#[test]
fn the_action_takes_an_argument_a_line_and_runs_no_other_command() {
    let place = Place::new();
    let run = action(&place, "demo\n--rules\ntrail-kms; touch stolen\n--fail-on\nnever", "false");
    assert_eq!(run.status.code(), Some(2), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(!place.path("stolen").exists());
    assert_eq!(place.read("output"), "exit-code=2\n");
    let run = action(&place, "demo\n--fail-on\nnever\n--allow-incomplete", "false");
    assert_eq!(run.status.code(), Some(0));
    assert!(String::from_utf8(run.stdout).unwrap().starts_with("Trailproof: organization"));
}

#[test]
fn the_action_installs_what_its_checksum_says_and_nothing_else() {
    let place = Place::new();
    let target = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", arch) => format!("{arch}-apple-darwin"),
        (_, arch) => format!("{arch}-unknown-linux-musl"),
    };
    let release = place.path("releases/v0.1.0");
    fs::create_dir_all(release.join("trailproof")).unwrap();
    fs::write(release.join("trailproof/trailproof"), "#!/bin/sh\necho released\n").unwrap();
    let archive = format!("trailproof-{target}.tar.xz");
    let packed = place
        .command("sh")
        .args(["-c", "cd releases/v0.1.0 && tar -cJf \"$0\" trailproof && (sha256sum \"$0\" || shasum -a 256 \"$0\") > \"$0.sha256\"", &archive])
        .output()
        .unwrap();
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let install = || {
        place
            .command("bash")
            .arg(root().join("scripts/action-install"))
            .env("RUNNER_TEMP", place.folder.path())
            .env("GITHUB_PATH", place.path("path"))
            .env("TRAILPROOF_VERSION", "0.1.0")
            .env("TRAILPROOF_RELEASES", format!("file://{}", place.path("releases").display()))
            .output()
            .unwrap()
    };
    let run = install();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let folder = place.read("path");
    assert!(Path::new(folder.trim()).join("trailproof").exists(), "{folder}");
    fs::remove_file(place.path("path")).unwrap();
    let mut bytes = fs::read(release.join(&archive)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(release.join(&archive), bytes).unwrap();
    assert!(!install().status.success(), "a changed archive is not installed");
    assert!(!place.path("path").exists());
}

/// Runs a program of the environment.
fn tool(name: &str, arguments: &[&str]) {
    let python = validators::PIPELINES.python();
    let run = Command::new(python.with_file_name(name))
        .args(arguments)
        .current_dir(root())
        .env("PATH", python.parent().unwrap())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(run.status.success(), "{name} {arguments:?}: {}{}", text(&run.stdout), text(&run.stderr));
}

#[test]
fn workflows_actions_and_templates_are_what_their_readers_take() {
    let builtin = |schema: &str, file: &str| tool("check-jsonschema", &["--builtin-schema", schema, file]);
    builtin("vendor.github-actions", "action.yml");
    builtin("vendor.gitlab-ci", "examples/gitlab-ci.yml");
    for workflow in ["pull-request", "scheduled-audit"] {
        builtin("vendor.github-workflows", &format!("examples/github/{workflow}.yml"));
    }
    tool("zizmor", &["--offline", "--no-progress", "action.yml", "examples/github"]);
    tool("cfn-lint", &["examples/scheduled-audit.cfn.yaml"]);
}

/// What `iam-policy --caller` prints is what the template allows.
#[test]
fn the_template_allows_what_a_scan_calls() {
    let template = fs::read_to_string(root().join("examples/scheduled-audit.cfn.yaml")).unwrap();
    let place = Place::new();
    let run = place.command("trailproof").args(["iam-policy", "--caller"]).output().unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let mut seen = 0;
    for statement in policy["Statement"].as_array().unwrap() {
        for action in statement["Action"].as_array().unwrap() {
            assert!(template.contains(action.as_str().unwrap()), "{action} is not in the template");
            seen += 1;
        }
    }
    assert!(seen > 5, "{policy}");
}

#[test]
fn the_image_has_no_shell_and_no_root() {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch AS release"), "{last}");
    assert!(last.contains("\nUSER 65532:65532\n"));
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert!(text.contains(&format!("FROM rust:{version}-alpine AS build")), "built with Rust {version}");
}

#[test]
fn the_action_installs_what_the_releases_are() {
    let script = fs::read_to_string(root().join("scripts/action-install")).unwrap();
    let dist: toml::Value =
        toml::from_str(&fs::read_to_string(root().join("dist-workspace.toml")).unwrap()).unwrap();
    for target in dist["dist"]["targets"].as_array().unwrap() {
        assert!(script.contains(target.as_str().unwrap()), "{target}");
    }
    let action = fs::read_to_string(root().join("action.yml")).unwrap();
    assert!(action.contains(&format!("default: {}\n", env!("CARGO_PKG_VERSION"))));
}

/// Nothing is published before the archives were looked at, and each job that is named is there.
#[test]
fn releases_name_their_crates_and_are_checked() {
    let dist: toml::Value =
        toml::from_str(&fs::read_to_string(root().join("dist-workspace.toml")).unwrap()).unwrap();
    assert_eq!(dist["dist"]["cargo-auditable"].as_bool(), Some(true));
    let image = fs::read_to_string(root().join("Dockerfile")).unwrap();
    assert!(image.contains("cargo auditable build --profile dist --locked"));
    let jobs = dist["dist"]["global-artifacts-jobs"].as_array().unwrap();
    for job in jobs {
        let name = job.as_str().unwrap().strip_prefix("./").unwrap();
        let workflow = fs::read_to_string(root().join(format!(".github/workflows/{name}.yml"))).unwrap();
        assert!(workflow.contains("workflow_call:") && workflow.contains("scripts/check-release"), "{name}");
    }
    assert_eq!(jobs.len(), 1);
}

/// The nightly workflow takes only an empty bucket for the first night: one that cannot be read ends the job.
#[test]
fn a_refusal_is_not_taken_for_the_first_night() {
    let workflow = fs::read_to_string(root().join("examples/github/scheduled-audit.yml")).unwrap();
    let (_, step) = workflow.split_once("- name: Fetch the last report").unwrap();
    let (_, script) = step.split_once("run: |\n").unwrap();
    let (script, _) = script.split_once("      - id: audit").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let stub = folder.path().join("aws");
    let fetch = |answer: &str| {
        fs::write(&stub, format!("#!/bin/sh\n{answer}\n")).unwrap();
        fs::set_permissions(&stub, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        // As the runner calls it.
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .env("PATH", path)
            .env("BUCKET", "audit-reports")
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(fetch("echo 0"), (true, "no report yet\n".to_owned()));
    assert_eq!(fetch("[ $1 = s3 ] || echo 1"), (true, String::new()));
    let refused =
        "echo 'An error occurred (AccessDenied) when calling the ListObjectsV2 operation' >&2; exit 254";
    assert_eq!(fetch(refused), (false, String::new()));
}
