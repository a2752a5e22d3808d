//! What a pipeline stops on: frameworks, waivers, baselines and differences, with the real program.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod program;

use std::fs;
use std::path::Path;

use program::{Run, Sandbox};
use serde_json::Value;
use trailproof::baseline::BaselineDto;
use trailproof::diff::Diff;
use trailproof::example::Example;

impl Sandbox {
    /// With the example's snapshot in it.
    fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.write_snapshot("snapshot", &Example::demo().records());
        sandbox
    }

    /// The report in JSON of a run with these arguments besides, and the run.
    fn report(&self, arguments: &[&str]) -> (Value, Run) {
        let run = self.run(&[&["check", "--format", "json", "snapshot"], arguments].concat());
        (serde_json::from_str(&run.stdout).unwrap_or_default(), run)
    }
}

impl Run {
    #[track_caller]
    fn ended(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        for text in said {
            assert!(self.stderr.contains(text), "{text:?} is not in\n{}", self.stderr);
        }
    }
}

fn findings<'a>(report: &'a Value, verdict: &'a str) -> impl Iterator<Item = &'a Value> {
    report["findings"].as_array().unwrap().iter().filter(move |finding| finding["verdict"] == verdict)
}

/// Trails without a key of their own are accepted, in all regions.
const WAIVER: &str = r#"
[[waivers]]
id = "W-1"
rule = "trail-kms"
regions = ["??-*"]
reason = "moves in spring"
owner = "Ada <b>|\u001b[31m"
expires = 2999-12-31
"#;

const TRAILS: [&str; 5] = ["--rules", "trail-kms", "--fail-on", "medium", "--allow-incomplete"];

#[test]
fn a_waived_failure_is_shown_and_does_not_gate() {
    let sandbox = Sandbox::new();
    sandbox.write("waivers.toml", WAIVER);
    sandbox.report(&TRAILS).1.ended(1, &[]);
    let with = [&TRAILS[..], &["--waivers", "waivers.toml"]].concat();
    let (report, run) = sandbox.report(&with);
    run.ended(0, &[]);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert!(findings(&report, "fail").count() > 0);
    assert!(findings(&report, "fail").all(|finding| finding["waiver"]["id"] == "W-1"));
    assert_eq!(report["summary"]["failed_by_severity"], report["summary"]["waived_by_severity"]);

    let table = sandbox.run(&[&["check", "snapshot"], &with[..]].concat());
    assert!(table.stdout.contains("WAIVED  accepted risks"), "{}", table.stdout);
    assert!(table.stdout.contains("until 2999-12-31"), "{}", table.stdout);
    assert!(!table.stdout.contains('\u{1b}'));

    let sarif = sandbox.run(&[&["check", "--format", "sarif", "snapshot"], &with[..]].concat());
    let sarif: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let failed = results.iter().filter(|result| result["kind"] == "fail");
    assert!(failed.clone().count() > 0);
    for result in failed {
        assert_eq!(result["suppressions"][0]["kind"], "external");
        assert_eq!(result["suppressions"][0]["status"], "accepted");
    }
}

#[test]
fn the_configuration_may_name_the_waivers() {
    let sandbox = Sandbox::new();
    sandbox.write("waivers.toml", WAIVER);
    sandbox.write("trailproof.toml", "[waivers]\nfiles = [\"waivers.toml\"]\n");
    sandbox.report(&TRAILS).1.ended(0, &[]);
}

#[test]
fn what_could_not_be_read_is_never_waived() {
    let sandbox = Sandbox::new();
    sandbox.write("waivers.toml", &WAIVER.replace("trail-kms", "*"));
    let (report, run) = sandbox.report(&["--waivers", "waivers.toml", "--fail-on", "never"]);
    run.ended(3, &["waiver W-1 of Ada <b>|", "is too broad: it covers every rule"]);
    assert!(findings(&report, "unknown").count() > 0);
    assert!(findings(&report, "unknown").all(|finding| finding["waiver"].is_null()));
    assert!(findings(&report, "fail").any(|finding| !finding["waiver"].is_null()));
    assert!(!run.stderr.contains('\u{1b}'), "what a waiver says steers no terminal");
}

#[test]
fn an_expired_waiver_lets_the_failure_count_again() {
    let sandbox = Sandbox::new();
    sandbox.write("waivers.toml", &WAIVER.replace("2999-12-31", "2020-02-29"));
    let (report, run) = sandbox.report(&[&TRAILS[..], &["--waivers", "waivers.toml"]].concat());
    run.ended(1, &["warning: waiver W-1 of Ada", "expired on 2020-02-29", "count again"]);
    assert!(findings(&report, "fail").all(|finding| finding["waiver"].is_null()));
}

#[test]
fn waivers_are_checked_for_a_pipeline() {
    let sandbox = Sandbox::new();
    sandbox.write("good.toml", WAIVER);
    sandbox.run(&["waivers", "check", "good.toml", "--snapshot", "snapshot"]).ended(0, &[]);
    let elsewhere = WAIVER.replace("??-*", "mars-1");
    sandbox.write("unread.toml", &elsewhere);
    // One account did not say which regions it has.
    sandbox
        .run(&["waivers", "check", "unread.toml", "--snapshot", "snapshot"])
        .ended(1, &["covers no failure that could be seen", "keep it until they can"]);
    let in_one = elsewhere.replace("regions =", "accounts = [\"400000000001\"]\nregions =");
    sandbox.write("unused.toml", &in_one);
    sandbox.run(&["waivers", "check", "unused.toml"]).ended(0, &[]);
    sandbox
        .run(&["waivers", "check", "unused.toml", "--snapshot", "snapshot"])
        .ended(1, &["covers no failure: remove it"]);
    sandbox.write("broad.toml", &WAIVER.replace("regions", "resources").replace("??-*", "*"));
    sandbox.run(&["waivers", "check", "broad.toml"]).ended(1, &["its resources are *"]);
    sandbox.write("expired.toml", &WAIVER.replace("2999", "2019"));
    sandbox.run(&["waivers", "check", "expired.toml"]).ended(1, &["expired on 2019-12-31"]);
    sandbox.write("broken.toml", &WAIVER.replace("owner", "ownr"));
    let broken = sandbox.run(&["waivers", "check", "broken.toml"]);
    broken.ended(2, &["broken.toml:7:1", "did you mean `owner`?"]);
    assert!(!broken.stderr.contains('\u{1b}'));
    sandbox.run(&["waivers", "check", "none.toml"]).ended(2, &["cannot read the waivers in none.toml"]);
    sandbox.run(&["waivers", "check"]).ended(2, &["FILE"]);
}

#[test]
fn a_waiver_is_added_for_one_failure() {
    let sandbox = Sandbox::new();
    let (report, _) = sandbox.report(&TRAILS);
    let failure = findings(&report, "fail").next().unwrap();
    let fingerprint = failure["fingerprint"].as_str().unwrap();
    sandbox.write("waivers.toml", "# Reviewed each quarter.\n");
    let add = ["waivers", "add", &fingerprint[..12], "snapshot"];
    sandbox.run(&add).ended(2, &["cannot ask for the reason", "Say it with --reason"]);
    let answers = ["--reason", "moves", "--owner", "Ada", "--expires", "2999-12-31", "--ticket", "T-1"];
    sandbox.run(&[&add[..], &answers[..]].concat()).ended(0, &["until 2999-12-31, in waivers.toml"]);
    assert!(sandbox.read("waivers.toml").starts_with("# Reviewed each quarter.\n"));
    let (report, _) = sandbox.report(&[&TRAILS[..], &["--waivers", "waivers.toml"]].concat());
    let waived: Vec<&Value> =
        findings(&report, "fail").filter(|finding| !finding["waiver"].is_null()).collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0]["fingerprint"], fingerprint);
    assert_eq!(waived[0]["waiver"]["ticket"], "T-1");

    sandbox.run(&[&add[..], &answers[..]].concat()).ended(2, &["another waiver has this id"]);
    let yaml = sandbox.run(&[&add[..], &answers[..], &["--waivers", "waivers.yaml"]].concat());
    yaml.ended(2, &["Add this to waivers.yaml yourself", "  - id: \"trail-kms-"]);
    let (report, _) = sandbox.report(&[]);
    let unknown = findings(&report, "unknown").next().unwrap()["fingerprint"].as_str().unwrap();
    let refused = sandbox.run(&[&["waivers", "add", unknown, "snapshot"], &answers[..]].concat());
    refused.ended(2, &["is unknown: failures alone can be waived"]);
    sandbox
        .run(&[&["waivers", "add", "ffffffff", "snapshot"], &answers[..]].concat())
        .ended(2, &["ffffffff"]);
}

#[test]
fn waivers_that_are_added_at_once_are_all_kept() {
    let sandbox = Sandbox::new();
    let (report, _) = sandbox.report(&[]);
    let failures: Vec<&str> =
        findings(&report, "fail").map(|finding| finding["fingerprint"].as_str().unwrap()).take(12).collect();
    assert_eq!(failures.len(), 12);
    sandbox.write("waivers.toml", "# Reviewed each quarter.\n");
    let children: Vec<_> = failures
        .iter()
        .map(|fingerprint| {
            let add = ["waivers", "add", *fingerprint, "snapshot", "--reason", "moves", "--owner", "Ada"];
            sandbox.command(&[&add[..], &["--expires", "2999-12-31"]].concat()).spawn().unwrap()
        })
        .collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let text = sandbox.read("waivers.toml");
    assert!(text.starts_with("# Reviewed each quarter.\n"));
    assert_eq!(text.matches("[[waivers]]").count(), 12, "{text}");
    let (report, _) = sandbox.report(&["--waivers", "waivers.toml"]);
    let waived = findings(&report, "fail").filter(|finding| !finding["waiver"].is_null());
    let mut waived: Vec<&str> = waived.map(|finding| finding["fingerprint"].as_str().unwrap()).collect();
    let mut wanted = failures.clone();
    waived.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(waived, wanted);
}

#[test]
fn only_what_the_baseline_does_not_know_gates() {
    let sandbox = Sandbox::new();
    sandbox.run(&["baseline", "write", "baseline.json", "snapshot"]).ended(0, &["findings in baseline.json"]);
    let gate = ["--fail-on-new", "--baseline", "baseline.json"];
    let (report, run) = sandbox.report(&gate);
    run.ended(0, &["the baseline knows"]);
    assert_eq!(report["complete"], false, "a baseline changes no report");

    let whole = sandbox.read("baseline.json");
    let without = |verdict: &str, severe: &dyn Fn(&str) -> bool| {
        let mut dropped = false;
        let kept = |line: &&str| {
            let drop = !dropped && line.contains(&format!("\"verdict\":\"{verdict}\"")) && severe(line);
            dropped |= drop;
            !drop
        };
        let lines: Vec<&str> = whole.lines().filter(kept).collect();
        lines.join("\n").replace(",\n  ]", "\n  ]")
    };
    sandbox.write("baseline.json", &without("fail", &|line| line.contains("\"trail-log-file-validation\"")));
    sandbox.report(&gate).1.ended(1, &[]);
    sandbox.write("baseline.json", &without("fail", &|line| line.contains("\"config-recorder-role\"")));
    sandbox.report(&gate).1.ended(0, &[]);
    sandbox.write("baseline.json", &without("unknown", &|_| true));
    sandbox.report(&gate).1.ended(3, &[]);
    sandbox.write("baseline.json", &whole.replace("\"verdict\":\"unknown\"", "\"verdict\":\"fail\""));
    sandbox.report(&gate).1.ended(3, &[]);

    sandbox.write("baseline.json", "{\"schema_version\": \"9.0\", \"findings\": [], \"gaps\": []}");
    sandbox.report(&gate).1.ended(2, &["schema version \"9.0\""]);
    sandbox.write("baseline.json", "<html>");
    sandbox.report(&gate).1.ended(2, &["is no baseline of trailproof"]);
    sandbox.report(&["--fail-on-new"]).1.ended(2, &["--baseline"]);
    sandbox.report(&["--basline", "baseline.json"]).1.ended(2, &["similar argument exists: '--baseline'"]);
}

#[test]
fn a_report_and_its_snapshot_are_the_same_baseline() {
    let sandbox = Sandbox::new();
    sandbox.write("report.json", &sandbox.report(&[]).1.stdout);
    sandbox.run(&["baseline", "write", "one.json", "snapshot"]).ended(0, &[]);
    sandbox.run(&["baseline", "write", "two.json", "report.json"]).ended(0, &[]);
    assert_eq!(sandbox.read("one.json"), sandbox.read("two.json"));
    let valid = serde_json::from_str(&sandbox.read("one.json")).unwrap();
    is_valid(&serde_json::to_value(BaselineDto::schema()).unwrap(), &valid);

    sandbox.write("waivers.toml", WAIVER);
    sandbox.run(&["baseline", "write", "three.json", "snapshot", "--waivers", "waivers.toml"]).ended(0, &[]);
    let lacks = |name: &str| {
        !sandbox.read(name).lines().any(|line| line.contains("\"trail-kms\"") && line.contains("\"fail\""))
    };
    assert!(lacks("three.json") && !lacks("one.json"), "what is waived is not known");
}

fn is_valid(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_folded_report_says_the_same_of_every_finding() {
    let sandbox = Sandbox::new();
    sandbox.run(&["check", "snapshot", "-o", "full.json"]).ended(1, &[]);
    sandbox.run(&["check", "snapshot", "--passes", "folded", "-o", "folded.json.zst"]).ended(1, &[]);
    let said = |name: &str| trailproof::saved_report::read(&sandbox.path(name)).unwrap();
    assert_eq!(said("full.json"), said("folded.json.zst"));
    sandbox.run(&["diff", "full.json", "folded.json.zst"]).ended(0, &[]);
    sandbox.run(&["diff", "folded.json.zst", "snapshot"]).ended(0, &[]);

    let packed = std::fs::read(sandbox.path("folded.json.zst")).unwrap();
    let folded: Value = serde_json::from_slice(&zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    is_valid(&serde_json::to_value(trailproof::report::dto::ReportDto::schema()).unwrap(), &folded);
    let listed = folded["findings"].as_array().unwrap();
    assert!(listed.iter().all(|it| it["verdict"] == "fail" || it["verdict"] == "unknown"));
    let folded_passes: u64 = folded["passes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["verdict"] == "pass")
        .map(|it| it["count"].as_u64().unwrap())
        .sum();
    assert_eq!(Some(folded_passes), folded["summary"]["by_verdict"]["pass"].as_u64());

    // What was changed by hand is not taken for something else.
    for (wrong, said) in
        [("/passes/0/subjects/0/1", "fewer subjects"), ("/passes/0/rule_id", "what rule that is")]
    {
        let mut changed = folded.clone();
        let place = changed.pointer_mut(wrong).unwrap();
        *place = if place.is_string() { "no-such".into() } else { 1_000_000.into() };
        sandbox.write("changed.json", &changed.to_string());
        sandbox.run(&["diff", "changed.json", "full.json"]).ended(2, &[said]);
    }
}

#[test]
fn differences_are_told_in_every_format() {
    let sandbox = Sandbox::new();
    let (report, run) = sandbox.report(&[]);
    sandbox.write("now.json", &run.stdout);
    sandbox.run(&["diff", "now.json", "snapshot"]).ended(0, &[]);
    sandbox.run(&["diff", "snapshot", "now.json", "--format", "markdown"]).ended(0, &[]);

    // Before, one failure passed, another was unknown, and a third, of a hostile name, was there that is no more.
    let mut before = report.clone();
    let list = before["findings"].as_array_mut().unwrap();
    let severe = |finding: &Value| finding["verdict"] == "fail" && finding["severity"] == "critical";
    let failed: Vec<usize> = (0..list.len()).filter(|place| severe(&list[*place])).collect();
    list[failed[0]]["verdict"] = "pass".into();
    list[failed[1]]["verdict"] = "unknown".into();
    list[failed[2]]["message"] = "it said something else".into();
    let mut gone = list[failed[2]].clone();
    gone["fingerprint"] = "0123456789abcdef0123456789abcdef".into();
    gone["subject"]["name"] = "\u{1b}[31m|<script>alert(1)</script>`@team` \u{202e}".into();
    let known = list.iter().position(|finding| {
        finding["verdict"] == "unknown"
            && finding["fingerprint"] != report["findings"][failed[1]]["fingerprint"]
    });
    list[known.unwrap()]["verdict"] = "pass".into();
    list.push(gone);
    sandbox.write("before.json", &before.to_string());

    let run = sandbox.run(&["diff", "before.json", "snapshot", "--format", "json"]);
    run.ended(1, &[]);
    let diff: Value = serde_json::from_str(&run.stdout).unwrap();
    is_valid(&serde_json::to_value(Diff::schema()).unwrap(), &diff);
    let lengths =
        ["appeared", "newly_unknown", "changed", "gone"].map(|list| diff[list].as_array().unwrap().len());
    assert_eq!(lengths, [2, 1, 1, 1], "{diff:#}");
    assert_eq!(diff["changed"][0]["message_before"], "it said something else");

    let table = sandbox.run(&["diff", "before.json", "snapshot"]);
    table.ended(1, &[]);
    assert!(
        table.stdout.starts_with("Differences: 2 appeared, 1 newly unknown, 1 changed, 1 gone"),
        "{}",
        table.stdout
    );
    assert!(!table.stdout.contains(['\u{1b}', '\u{202e}']));
    let markdown = sandbox.run(&["diff", "before.json", "snapshot", "--format", "markdown=out.md"]);
    markdown.ended(1, &[]);
    let markdown = sandbox.read("out.md");
    assert!(markdown.contains("### Appeared: failures"), "{markdown}");
    assert!(
        !markdown.contains("<script>") && !markdown.contains("@team") && !markdown.contains('`'),
        "{markdown}"
    );
    for line in markdown.lines().filter(|line| line.starts_with("| critical")) {
        assert_eq!(line.matches('|').count(), 6, "{line}");
    }

    sandbox.run(&["diff", "before.json", "snapshot", "--fail-on", "never"]).ended(3, &[]);
    sandbox
        .run(&["diff", "before.json", "snapshot", "--fail-on", "never", "--allow-incomplete"])
        .ended(0, &[]);
}

#[test]
fn runs_of_two_organizations_and_runs_given_backwards_are_told_apart() {
    let sandbox = Sandbox::new();
    let (report, _) = sandbox.report(&[]);
    let mut other = report.clone();
    other["organization"]["id"] = "o-elsewhere1".into();
    sandbox.write("other.json", &other.to_string());
    sandbox.run(&["diff", "other.json", "snapshot"]).ended(2, &["two organizations", "o-elsewhere1"]);
    let mut later = report.clone();
    later["snapshot"]["taken_at"] = "2099-01-01T00:00:00Z".into();
    sandbox.write("later.json", &later.to_string());
    sandbox.run(&["diff", "later.json", "snapshot"]).ended(0, &["later.json was taken after snapshot"]);
    let run = sandbox.run(&["diff", "snapshot", "later.json"]);
    run.ended(0, &[]);
    assert!(!run.stderr.contains("taken after"), "{}", run.stderr);
    // Where the organization could not be read, nothing says that they differ.
    let mut unread = report;
    unread["organization"] = Value::Null;
    sandbox.write("unread.json", &unread.to_string());
    sandbox.run(&["diff", "unread.json", "snapshot"]).ended(0, &[]);
}

#[test]
fn what_is_neither_report_nor_snapshot_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("text", "hello");
    sandbox.run(&["diff", "text", "snapshot"]).ended(2, &["text is no report of trailproof"]);
    sandbox.write("long.json", &format!("{{\"schema_version\": \"{}\"}}", "x".repeat(2 << 20)));
    sandbox.run(&["diff", "snapshot", "long.json"]).ended(2, &["a text longer than any report has"]);
    sandbox.write("deep.json", &"[".repeat(100_000));
    sandbox.run(&["diff", "snapshot", "deep.json"]).ended(2, &["deep.json is no report"]);
    sandbox.write("new.json", "{\"schema_version\": \"2.0\", \"rules\": [], \"findings\": [], \"gaps\": []}");
    sandbox.run(&["diff", "snapshot", "new.json"]).ended(2, &["schema version \"2.0\""]);
    sandbox.run(&["diff", "snapshot", "none"]).ended(2, &["cannot read none"]);
    sandbox.run(&["diff", "snapshot", "snapshot", "--format", "sarif"]).ended(2, &["table, json, markdown"]);
    sandbox.run(&["diff", "snapshot"]).ended(2, &["NEW"]);
    sandbox.run(&["baseline", "write", "b.json", "new.json", "snapshot"]).ended(2, &["new.json is a report"]);
    assert!(!sandbox.path("b.json").exists());
}

#[test]
fn a_framework_chooses_rules_and_is_reported() {
    let sandbox = Sandbox::new();
    let (report, run) = sandbox.report(&["--framework", "cis-aws-foundations-7.0"]);
    run.ended(1, &[]);
    let frameworks = report["frameworks"].as_array().unwrap();
    assert_eq!(frameworks.len(), 1);
    let controls = frameworks[0]["controls"].as_array().unwrap();
    let control = |id: &str| controls.iter().find(|control| control["id"] == id).unwrap();
    assert_eq!(control("4.2")["verdict"], "fail");
    assert_eq!(control("4.7")["verdict"], "not_covered");
    let rules = report["rules"].as_array().unwrap();
    assert!(rules.iter().all(|rule| !rule["controls"].as_array().unwrap().is_empty()));
    assert!(!rules.iter().any(|rule| rule["id"] == "logs-naming"));

    let table = sandbox.run(&["check", "snapshot", "--framework", "cis-aws-foundations-7.0"]);
    assert!(table.stdout.contains("this is no statement that a framework is met"), "{}", table.stdout);
    assert!(table.stdout.contains("rules for 8 of the\n"), "{}", table.stdout);
    assert!(!sandbox.run(&["check", "snapshot"]).stdout.contains("FRAMEWORKS"));

    let all = sandbox.report(&["--rules", "trail-kms"]).0;
    assert!(all["frameworks"].as_array().unwrap().len() > 10);
    sandbox
        .report(&["--framework", "cis-aws-foundation-7.0"])
        .1
        .ended(2, &["did you mean `cis-aws-foundations-7.0`?"]);
}

#[test]
fn frameworks_are_listed_and_shown() {
    let sandbox = Sandbox::new();
    let list = sandbox.run(&["frameworks", "list"]);
    list.ended(0, &[]);
    assert!(list.stdout.contains("pci-dss-4.0.1"), "{}", list.stdout);
    let json = sandbox.run(&["frameworks", "list", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(
        json.as_array()
            .unwrap()
            .iter()
            .all(|framework| framework["covered"].as_u64() < framework["listed"].as_u64())
    );
    let show = sandbox.run(&["frameworks", "show", "pci-dss-4.0.1"]);
    assert!(show.stdout.contains("not covered by this program"), "{}", show.stdout);
    let show = sandbox.run(&["frameworks", "show", "pci-dss-4.0.1", "--format", "json"]);
    let show: Value = serde_json::from_str(&show.stdout).unwrap();
    assert_eq!(show["controls"][0]["id"], "3.5.1");
    sandbox.run(&["frameworks", "show", "pci-dss-4.0"]).ended(2, &["did you mean \"pci-dss-4.0.1\"?"]);
}

#[test]
fn the_shipped_schemas_are_current() {
    for (name, schema) in [("baseline", BaselineDto::schema()), ("diff", Diff::schema())] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::write(&path, &text).unwrap();
        }
        assert!(
            fs::read_to_string(&path).unwrap_or_default() == text,
            "schemas/{name}.schema.json is not current"
        );
    }
}
