//! The real program, as a user runs it: what it prints where, and how it ends.

mod program;

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use program::{Run, Sandbox};
use serde_json::Value;
use trailproof::example::Example;
use trailproof::report::{Format, FormatKind};

/// The example's snapshot as a file.
fn snapshot(sandbox: &Sandbox) -> PathBuf {
    sandbox.write_snapshot("example.snapshot", &Example::demo().records())
}

impl Run {
    /// It failed with this code, said this on standard error, and nothing on standard output.
    #[track_caller]
    fn refused(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert_eq!(self.stdout, "");
        for said in said {
            assert!(self.stderr.contains(said), "{said:?} is not in {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

#[test]
fn the_demo_needs_nothing_and_finds_failures() {
    let run = Sandbox::empty().run(&["demo"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.starts_with("Trailproof: organization o-exampleorg1\n"), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 100));
    assert!(!run.stdout.contains('\u{1b}'));
    insta::assert_snapshot!("demo", run.stdout);
}

#[test]
fn the_demo_is_the_same_twice_in_every_format() {
    let sandbox = Sandbox::empty();
    for format in ["table", "json", "sarif"] {
        let first = sandbox.run(&["demo", "--format", format]);
        let second = sandbox.run(&["demo", "--format", format]);
        assert_eq!(first.stdout, second.stdout);
        assert_eq!((first.code, second.code), (Some(1), Some(1)), "the code does not depend on the format");
    }
}

#[test]
fn checking_a_file_says_what_checking_the_records_says() {
    let sandbox = Sandbox::empty();
    let path = snapshot(&sandbox);
    let checked = sandbox.run(&["check", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(checked.stdout, sandbox.run(&["demo", "--format", "json"]).stdout);
    assert_eq!(checked.code, Some(1));
}

#[test]
fn the_exit_code_follows_the_gate() {
    let sandbox = Sandbox::empty();
    for (arguments, code) in [
        // Failures, critical ones among them, and things that could not be read.
        (&["demo"][..], 1),
        (&["demo", "--fail-on", "critical"], 1),
        (&["demo", "--fail-on", "never"], 3),
        (&["demo", "--fail-on", "never", "--allow-incomplete"], 0),
        // Nothing of this rule fails, but not everything could be read.
        (&["demo", "--rules", "org-all-features"], 3),
        (&["demo", "--rules", "org-all-features", "--allow-incomplete"], 0),
    ] {
        assert_eq!(sandbox.run(arguments).code, Some(code), "{arguments:?}");
    }
}

#[test]
fn several_formats_at_once() {
    let sandbox = Sandbox::empty();
    let run = sandbox.run(&["demo", "--format", "table,json=out.json", "--format", "sarif=out.sarif"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.starts_with("Trailproof:"));
    let json: Value = serde_json::from_str(&sandbox.read("out.json")).unwrap();
    assert_eq!(json["schema_version"], "1.3");
    let sarif: Value = serde_json::from_str(&sandbox.read("out.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sandbox.names(), ["out.json", "out.sarif"]);
}

#[test]
fn output_names_the_file_of_the_one_format() {
    let sandbox = Sandbox::empty();
    let run = sandbox.run(&["demo", "--format", "json", "-o", "out.json"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
    assert!(sandbox.path("out.json").exists());
}

#[test]
fn outputs_that_contradict_each_other_are_refused() {
    let sandbox = Sandbox::empty();
    for (arguments, said) in [
        (&["demo", "--format", "json,sarif"][..], "standard output"),
        (&["demo", "--format", "json=a,sarif=a"], "two formats go to a"),
        (&["demo", "--format", "json,sarif=a", "-o", "b"], "--output names one file"),
        (&["demo", "--format", "json=a", "-o", "b"], "both name a file"),
        (&["demo", "--format", "xml"], "there are table, json, sarif"),
        (&["demo", "--format", "json="], "missing after"),
    ] {
        sandbox.run(arguments).refused(2, &[said]);
    }
}

#[test]
fn a_report_that_cannot_be_written() {
    let sandbox = Sandbox::empty();
    fs::create_dir(sandbox.path("folder")).unwrap();
    for target in ["json=nowhere/out.json", "json=folder", "sarif=nowhere/out.sarif"] {
        sandbox.run(&["demo", "--format", target]).refused(5, &["cannot write the report to"]);
    }
    // Found before the snapshot is read, so before anything is collected either.
    sandbox.run(&["check", "missing", "--format", "json=nowhere/out.json"]).refused(5, &[]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["demo", "--format", "json=/dev/full"]).refused(5, &["/dev/full", "No space left"]);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = sandbox.command(&["demo"]).stdout(full).output().unwrap();
    Run::from(output).refused(5, &["standard output", "No space left"]);
    let run = sandbox.run(&["demo", "--format", "json=/dev/null"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
}

#[test]
fn a_reader_that_has_seen_enough() {
    let sandbox = Sandbox::empty();
    let seen_enough = |arguments: &[&str]| {
        let mut child =
            sandbox.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        Run::from(child.wait_with_output().unwrap())
    };
    // Each library that a format is written with makes an error of its own of a closed pipe.
    for kind in FormatKind::ALL {
        let run = seen_enough(&["demo", "--format", kind.as_str()]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{}", kind.as_str());
    }
    for arguments in [&["rules", "list"][..], &["man"], &["config", "schema"], &["completions", "bash"]] {
        let run = seen_enough(arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn the_ending_of_a_file_says_the_format() {
    let sandbox = Sandbox::empty();
    for (name, start) in [
        ("report.html", "<!DOCTYPE html>"),
        ("REPORT.HTM", "<!DOCTYPE html>"),
        ("report.json", "{\n  \"schema_version\""),
        ("report.sarif", "{\n  \"$schema\""),
        ("report.sarif.json", "{\n  \"$schema\""),
        ("report.csv", "rule_id,"),
        ("report.xml", "<?xml"),
        ("report.md", "## Trailproof"),
        ("report.oscal.json", "{\n  \"assessment-results\""),
        ("findings.ndjson", "{\"activity_id\""),
        ("report.txt", "Trailproof: organization"),
        ("report", "Trailproof: organization"),
        (".hidden", "Trailproof: organization"),
    ] {
        let run = sandbox.run(&["demo", "-o", name]);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        let text = sandbox.read(name);
        assert!(text.starts_with(start), "{name}: {}", text.chars().take(40).collect::<String>());
    }
    let file = snapshot(&sandbox);
    let file = file.to_str().unwrap();
    sandbox.run(&["diff", file, file, "-o", "diff.md"]);
    assert!(sandbox.read("diff.md").starts_with('#'), "{}", sandbox.read("diff.md"));
    for (arguments, said) in [
        (&["demo", "-o", "report.pdf"][..], "--output report.pdf: its ending is no format's"),
        (&["demo", "-o", "s3://bucket/report.docx"], "Name one with --format: table, json"),
        (&["diff", file, file, "-o", "diff.sarif"], "Name one with --format: table, json, markdown"),
    ] {
        sandbox.run(arguments).refused(2, &[said]);
    }
    // Who names the format means it.
    assert_eq!(sandbox.run(&["demo", "--format", "csv", "-o", "report.dat"]).code, Some(1));
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let sandbox = Sandbox::empty();
    let plain = sandbox.run(&["demo"]);
    let run = sandbox
        .command(&["demo"])
        .envs(
            ["TRAILPROOF_CONFIG", "TRAILPROOF_FAIL_ON", "TRAILPROOF_ROLE_NAME", "TMPDIR", "XDG_CONFIG_HOME"]
                .map(|name| (name, "")),
        )
        .output()
        .unwrap();
    let run = Run::from(run);
    assert_eq!((run.code, run.stdout, run.stderr), (plain.code, plain.stdout, plain.stderr));
    // What the AWS configuration reads, too: an empty region is no region, an empty address none.
    let empty = [
        "AWS_REGION",
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL",
        "AWS_CONFIG_FILE",
        "AWS_MAX_ATTEMPTS",
        "HTTPS_PROXY",
    ];
    let said = |variables: &[&str]| {
        let mut command = sandbox.command(&["scan", "--role-name", "audit"]);
        command.envs(variables.iter().map(|name| (*name, "")));
        Run::from(command.output().unwrap()).stderr
    };
    assert_eq!(said(&empty), said(&[]));
}

#[test]
fn colours_are_for_terminals_or_those_who_ask() {
    let sandbox = Sandbox::empty();
    let colored = |arguments: &[&str], no_color: &str| {
        let output = sandbox.command(arguments).env("NO_COLOR", no_color).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!colored(&["demo"], ""));
    assert!(colored(&["demo", "--color", "always"], ""));
    assert!(colored(&["demo", "--color", "always"], "1"), "the flag beats the variable");
    assert!(!colored(&["demo", "--color", "never"], ""));
}

#[test]
fn the_table_takes_the_width_of_the_variable() {
    let sandbox = Sandbox::empty();
    let output = sandbox.command(&["demo"]).env("COLUMNS", "60").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 60));
}

#[test]
fn a_wrong_flag_is_answered_with_the_right_one() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["demo", "--fial-on", "high"]).refused(2, &["--fail-on", "--fial-on"]);
    sandbox.run(&["demo", "--fail-on", "worst"]).refused(2, &["critical, high, medium, low, info, never"]);
    sandbox.run(&[]).refused(2, &["Usage: trailproof"]);
    sandbox.run(&["check"]).refused(2, &["FILE"]);
    sandbox.run(&["scan", "--resume"]).refused(2, &["--snapshot"]);
    sandbox.run(&["gardrails"]).refused(2, &["unrecognized subcommand", "guardrails"]);
}

#[test]
fn a_snapshot_that_cannot_be_read() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["check", "missing"]).refused(2, &["cannot read the snapshot missing", "No such file"]);
    let text = sandbox.write("text", "hello\n");
    sandbox.run(&["check", text.to_str().unwrap()]).refused(2, &["is not a snapshot", "trailproof collect"]);
    sandbox.write("empty", "");
    sandbox.run(&["check", "empty"]).refused(2, &["empty"]);
    sandbox.write("newer", "{\"header\":{\"format_version\":99}}\n");
    sandbox.run(&["check", "newer"]).refused(2, &["format version 99"]);
    let whole = fs::read(snapshot(&sandbox)).unwrap();
    fs::write(sandbox.path("cut"), &whole[..whole.len() / 2]).unwrap();
    sandbox.run(&["check", "cut", "--format", "json=out.json"]).refused(2, &["cut"]);
    assert!(!sandbox.path("out.json").exists(), "no report of what could not be read");
}

#[test]
fn a_whole_snapshot_of_the_next_format_is_refused_by_one_clear_error() {
    let sandbox = Sandbox::empty();
    let mut lines = Vec::new();
    for record in Example::healthy(1, &["eu-central-1"]).records() {
        let mut line = serde_json::to_value(record).unwrap();
        if let Some(version) = line.pointer_mut("/header/format_version") {
            *version = 2.into();
        }
        lines.push(line.to_string() + "\n");
    }
    sandbox.write("next", &lines.concat());
    let run = sandbox.run(&["check", "next"]);
    assert_eq!(run.stderr.matches("error").count(), 1, "{}", run.stderr);
    assert!(!run.stderr.contains("damaged"), "{}", run.stderr);
    run.refused(2, &["next has format version 2", "Use the trailproof release that wrote it"]);
}

#[test]
fn a_configuration_in_the_folder_is_taken() {
    let sandbox = Sandbox::empty();
    let path = snapshot(&sandbox);
    let path = path.to_str().unwrap();
    let critical = |sandbox: &Sandbox| {
        let run = sandbox.run(&["check", path, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        (
            run.code,
            report["rules"].as_array().unwrap().iter().filter(|rule| rule["severity"] == "critical").count(),
        )
    };
    let (code, before) = critical(&sandbox);
    assert_eq!(code, Some(1));
    let text = "[rules.trail-insights]\nseverity = \"critical\"\n[output]\nfail_on = \"never\"\nallow_incomplete = true\n";
    sandbox.write("trailproof.toml", text);
    assert_eq!(critical(&sandbox), (Some(0), before + 1));
    // A flag beats the file, a variable too.
    assert_eq!(sandbox.run(&["check", path, "--fail-on", "low"]).code, Some(1));
    let output = sandbox.command(&["check", path]).env("TRAILPROOF_FAIL_ON", "low").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    // The example does not depend on where it is run.
    assert_eq!(sandbox.run(&["demo"]).code, Some(1));
}

#[test]
fn the_configuration_of_the_user_and_the_one_that_is_named() {
    let sandbox = Sandbox::empty();
    sandbox.write(".config/trailproof/trailproof.toml", "[rules.trail-insights]\nenabled = false\n");
    let named = sandbox.write("named.toml", "");
    let lists = |arguments: &[&str]| sandbox.run(arguments).stdout.contains("trail-insights");
    assert!(!lists(&["rules", "list"]));
    assert!(lists(&["rules", "list", "--config", named.to_str().unwrap()]));
    assert!(lists(&["rules", "list", "--rules", "trail-insights"]), "who names a rule wants it");
}

#[test]
fn a_configuration_that_is_wrong() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["rules", "list", "--config", "missing.toml"]).refused(2, &["missing.toml"]);
    sandbox.write("trailproof.toml", "[scan]\nrole_nam = \"Audit\"\n");
    let run = sandbox.run(&["rules", "list"]);
    run.refused(2, &["trailproof.toml:2:1", "^^^^^^^^", "did you mean `role_name`?"]);
    sandbox.write("trailproof.toml", "[rules.trail-insihgts]\nenabled = false\n");
    sandbox.run(&["rules", "list"]).refused(2, &["trail-insights"]);
    // What helps to repair it works nevertheless.
    assert_eq!(sandbox.run(&["config", "schema"]).code, Some(0));
}

const RULE: &str = r#"
id = "house-region"
title = "Only regions of the house are used"
severity = "low"
subject = "region"
since = "0.1.0"
pass = "region.name in parameters.regions"
message = "{region.name} is none of {parameters.regions}"
rationale = "The house is here."
references = []
[remediation]
text = "Close the region."
[parameters.regions]
default = ["eu-central-1", "eu-west-1"]
doc = "Regions that may be used."
"#;

#[test]
fn rules_of_a_folder_are_added() {
    let sandbox = Sandbox::empty();
    sandbox.write("mine/house/region.toml", RULE);
    let run = sandbox.run(&["demo", "--rules", "./mine,house-*", "--format", "json", "--fail-on", "low"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["rules"].as_array().unwrap().len(), 1);
    assert!(report["summary"]["by_verdict"]["fail"].as_u64().unwrap() > 0);
    sandbox.run(&["demo", "--rules", "./other"]).refused(2, &["no such folder"]);
    sandbox.write("mine/house/region.toml", &RULE.replace("region.name in", "region.nme in"));
    sandbox.run(&["demo", "--rules", "mine"]).refused(2, &["region.toml", "did you mean `name`?"]);
}

#[cfg(unix)]
#[test]
fn a_folder_of_rules_with_a_pipe_in_it_is_refused() {
    let sandbox = Sandbox::empty();
    fs::create_dir_all(sandbox.path("mine/trail")).unwrap();
    let made =
        std::process::Command::new("mkfifo").arg(sandbox.path("mine/trail/pipe.toml")).status().unwrap();
    assert!(made.success());
    sandbox
        .run(&["rules", "check", "--rules", "./mine/"])
        .refused(2, &["mine/trail/pipe.toml", "it is no file"]);
    fs::remove_file(sandbox.path("mine/trail/pipe.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", sandbox.path("mine/trail/zeros.toml")).unwrap();
    sandbox.run(&["demo", "--rules", "./mine/"]).refused(2, &["mine/trail/zeros.toml", "it is no file"]);
}

#[test]
fn an_expression_that_is_too_long_or_too_deep_is_refused() {
    let sandbox = Sandbox::empty();
    let rule = |pass: &str| {
        let text = format!(
            "id = \"trail-own\"\ntitle = \"Own\"\nseverity = \"low\"\nsubject = \"trail\"\nsince = \"0.1.0\"\n\
             pass = \"{pass}\"\nmessage = \"m\"\nrationale = \"r\"\nreferences = []\n[remediation]\ntext = \"t\"\n"
        );
        sandbox.write("mine/trail/own.toml", &text);
        sandbox.run(&["demo", "--quiet", "--rules", "./mine/,trail-own", "--format", "json"])
    };
    for pass in [
        format!("{}trail.is_logging{}", "(".repeat(100), ")".repeat(100)),
        format!("{}trail.is_logging", "!".repeat(1_000)),
        format!("trail.is_logging{}", " && trail.is_logging".repeat(300)),
        format!("trail.name in [{}]", vec!["'a'"; 2_000].join(", ")),
    ] {
        rule(&pass).refused(2, &["trail/own.toml", "at most"]);
    }
    // What is as long as it may be is evaluated.
    for pass in [
        format!("{}trail.is_logging", "!".repeat(250)),
        format!("trail.is_logging{}", " || trail.is_logging".repeat(80)),
        format!("{}trail.is_logging{}", "(".repeat(30), ")".repeat(30)),
        format!("trail.is_logging{}", " ? trail.is_logging : trail.is_logging".repeat(50)),
    ] {
        let run = rule(&pass);
        assert!(matches!(run.code, Some(0 | 1 | 3)), "{:?} {}", run.code, run.stderr);
    }
}

#[test]
fn a_selection_that_leaves_no_rule_is_an_error() {
    let sandbox = Sandbox::empty();
    sandbox
        .run(&["demo", "--rules", "trail-kms", "--skip-rules", "trail-*"])
        .refused(2, &["no rule is left"]);
    sandbox.run(&["demo", "--rules", "trail-kmz"]).refused(2, &["did you mean `trail-kms`?"]);
    sandbox.run(&["demo", "--family", "trai"]).refused(2, &["did you mean `trail`?"]);
}

#[test]
fn the_catalogue_is_listed_shown_and_tested() {
    let sandbox = Sandbox::empty();
    let list = sandbox.run(&["rules", "list", "--format", "json"]);
    let entries: Value = serde_json::from_str(&list.stdout).unwrap();
    let ids = entries.as_array().unwrap().len();
    assert_eq!(sandbox.run(&["rules", "list"]).stdout.lines().count(), ids);
    let shown = sandbox.run(&["rules", "show", "bucket-retention"]);
    assert!(shown.stdout.contains("min_days = 365"), "{}", shown.stdout);
    sandbox.run(&["rules", "show", "bucket-retentoin"]).refused(2, &["did you mean \"bucket-retention\"?"]);
    let checked = sandbox.run(&["rules", "check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let tested = sandbox.run(&["rules", "test", "--rules", "trail-multi-region"]);
    assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);
    sandbox.write("mine/house/region.toml", RULE);
    let untested = sandbox.run(&["rules", "test", "--rules", "mine,house-*"]);
    assert_eq!(untested.code, Some(1));
    assert!(untested.stdout.contains("region.test.toml"), "{}", untested.stdout);
}

#[test]
fn a_rule_and_a_finding_are_explained() {
    let sandbox = Sandbox::empty();
    let rule = sandbox.run(&["explain", "trail-log-file-validation"]);
    assert_eq!(rule.code, Some(0));
    insta::assert_snapshot!(rule.stdout);

    let path = snapshot(&sandbox);
    let path = path.to_str().unwrap();
    let report = sandbox.run(&["check", path, "--format", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let failed = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["rule_id"] == "trail-log-file-validation" && it["verdict"] == "fail")
        .unwrap();
    let fingerprint = failed["fingerprint"].as_str().unwrap();
    let finding = sandbox.run(&["explain", fingerprint, path]);
    assert_eq!(finding.code, Some(0), "{}", finding.stderr);
    assert!(finding.stdout.starts_with("FAIL\n"), "{}", finding.stdout);
    for said in
        [failed["subject"]["arn"].as_str().unwrap(), "trail.log_file_validation = false", "What to do"]
    {
        assert!(finding.stdout.contains(said), "{said} is not in {}", finding.stdout);
    }
    sandbox.run(&["explain", fingerprint]).refused(2, &["name the snapshot too"]);
    sandbox.run(&["explain", "0123456789abcdef", path]).refused(2, &["the fingerprint of no finding"]);
    sandbox.run(&["explain", "trail-log-file-validaton"]).refused(2, &["did you mean"]);
}

#[test]
fn no_credentials_are_one_clear_error() {
    let sandbox = Sandbox::empty();
    for arguments in
        [&["scan"][..], &["collect", "-o", "new.snapshot"], &["guardrails"], &["guardrails", "recommend"]]
    {
        let run = sandbox.run(&[arguments, &["--region", "eu-central-1"]].concat());
        run.refused(4, &["error: no usable AWS credentials", "--profile"]);
        assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
        assert_eq!(sandbox.names(), Vec::<String>::new(), "nothing is left behind");
    }
}

#[test]
fn what_is_wrong_with_the_credentials_is_named_with_the_way_out() {
    let sandbox = Sandbox::empty();
    let scan = |config: &[u8], profile: &[&str]| {
        fs::create_dir_all(sandbox.path(".aws")).unwrap();
        fs::write(sandbox.path(".aws/config"), config).unwrap();
        sandbox.run(&[&["scan", "--region", "eu-central-1"][..], profile].concat())
    };
    let sso = b"[profile audit]\nsso_session = work\nsso_account_id = 111111111111\nsso_role_name = Audit\n\
        [sso-session work]\nsso_start_url = https://work.awsapps.example/start\nsso_region = eu-central-1\n";
    scan(b"[profile audit]\nregion = eu-central-1\n", &["--profile", "nosuch"]).refused(
        4,
        &["profile nosuch is in neither ", ".aws/config nor ", ".aws/credentials", "there are audit"],
    );
    scan(sso, &["--profile", "audit"]).refused(4, &["aws sso login --profile audit"]);
    scan(b"[profile audit]\nregion = eu-central-1\n", &["--profile", "audit"])
        .refused(4, &["profile audit says nothing of credentials"]);
    scan(b"[default]\nregion = eu-central-1\n[broken\n", &[]).refused(4, &[".aws/config", "line 3"]);
    let utf16: Vec<u8> = "\u{feff}[default]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    scan(&utf16, &[]).refused(4, &[".aws/config is in UTF-16. Save it as UTF-8"]);
    scan(b"[default]\n# caf\xe9\n", &[]).refused(4, &[".aws/config, line 2, is not in UTF-8"]);
    let none = sandbox.run(&["scan", "--region", "eu-central-1"]);
    none.refused(4, &["error: no usable AWS credentials", "trailproof demo"]);
    for run in [none, scan(b"", &[]), scan(b"", &["--profile", "x"])] {
        assert!(!run.stderr.contains("..") && !run.stderr.contains("not enabled"), "{}", run.stderr);
    }
}

#[test]
fn a_snapshot_that_could_not_be_written_is_refused_before_aws_is_asked() {
    let sandbox = Sandbox::empty();
    fs::create_dir(sandbox.path("folder")).unwrap();
    sandbox.write("file", "");
    for arguments in [
        &["collect", "-o", "folder"][..],
        &["collect", "-o", "nowhere/new.zst"],
        &["collect", "-o", "file/new.zst"],
        &["collect", "-o", "/dev/null"],
        &["scan", "--snapshot", "folder"],
        &["verify-logs", "--state", "folder"],
        &["verify-logs", "--attestation", "folder"],
        &["copy-logs", "file", "--start-time", "2026-11-01"],
    ] {
        // Without credentials: the folder is what is said, so that nothing was asked before.
        let run = sandbox.run(arguments);
        assert_eq!(run.code, Some(5), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("cannot "), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(sandbox.names(), ["file", "folder"], "nothing is left behind");
}

#[test]
fn an_endpoint_that_does_not_answer() {
    let sandbox = Sandbox::empty();
    // A port that was free a moment ago: nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = sandbox
        .command(&["scan", "--region", "eu-central-1", "--max-attempts", "1"])
        .args(["--endpoint-url", &format!("http://127.0.0.1:{port}")])
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "s3cr3t-key")
        .output()
        .unwrap();
    let run = Run::from(output);
    run.refused(4, &["cannot reach", &port.to_string()]);
    assert!(!run.stderr.contains("s3cr3t"));
}

#[test]
fn errors_are_json_for_programs() {
    let sandbox = Sandbox::empty();
    let run = sandbox.run(&["check", "missing", "--log-format", "json"]);
    assert_eq!(run.code, Some(2));
    let event: Value = serde_json::from_str(run.stderr.trim()).unwrap();
    assert_eq!(event["level"], "error");
    assert!(event["message"].as_str().unwrap().contains("missing"));
}

#[test]
fn what_is_generated_is_generated() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(&["completions", shell]);
        assert!(run.code == Some(0) && run.stdout.contains("trailproof"), "{shell}");
    }
    let manual = sandbox.run(&["man"]);
    for said in [".TH trailproof", "TRAILPROOF-SCAN", "\\-\\-external\\-id", "Exit codes"] {
        assert!(manual.stdout.contains(said), "{said}");
    }
    let role = |arguments: &[&str]| sandbox.run(&[&["iam-policy"], arguments].concat());
    let policy: Value = serde_json::from_str(&role(&[]).stdout).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.contains(&"cloudtrail:GetTrailStatus".into()));
    assert!(role(&["--caller", "--role-name", "Audit"]).stdout.contains("role/Audit"));
    let stack_set: Value =
        serde_json::from_str(&role(&["--stackset", "--caller-account", "111111111111"]).stdout).unwrap();
    assert_eq!(stack_set["Resources"]["AuditRole"]["Type"], "AWS::IAM::Role");
    assert!(
        role(&["--terraform", "--caller-account", "111111111111"]).stdout.contains("aws_iam_role_policy")
    );
    role(&["--terraform"]).refused(2, &["--caller-account"]);
    role(&["--terraform", "--caller-account", "1"]).refused(2, &["twelve digits"]);
    role(&["--caller", "--role-name", "a\"b"]).refused(2, &["letters, digits"]);
    let schema = sandbox.run(&["config", "schema"]).stdout;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/config.schema.json");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(path, &schema).unwrap();
    }
    let shipped = fs::read_to_string(path).unwrap_or_default();
    assert!(shipped == schema, "schemas/config.schema.json is stale: UPDATE_SCHEMAS=1 cargo test --test cli");
}

#[test]
fn no_help_text_shows_a_secret() {
    let sandbox = Sandbox::empty();
    let output =
        sandbox.command(&["scan", "--help"]).env("TRAILPROOF_EXTERNAL_ID", "s3cr3t").output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains("s3cr3t"));
}

#[test]
fn help_texts() {
    let sandbox = Sandbox::empty();
    for command in [
        "",
        "scan",
        "demo",
        "collect",
        "check",
        "shard",
        "shard plan",
        "shard run",
        "shard merge",
        "explain",
        "guardrails",
        "guardrails simulate",
        "rules",
        "iam-policy",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["-h"]).collect();
        let run = sandbox.run(&arguments);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        insta::assert_snapshot!(
            format!(
                "help_{}",
                if command.is_empty() { "trailproof".to_owned() } else { command.replace(' ', "_") }
            ),
            run.stdout
        );
    }
    assert!(sandbox.run(&["--version"]).stdout.starts_with("trailproof "));
}
