//! The formats over reports made by hand, hostile names among them; JSON and SARIF against their schemas.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use serde_json::{Value, json};
use trailproof::evaluate::{LogReach, Places};
use trailproof::facts::{Subject, SubjectKind};
use trailproof::finding::{Evidence, Finding, Verdict, Waiver};
use trailproof::model::{AccountSummary, Gap, GapPlace, GapReason, Observed, Organization, Scope};
use trailproof::report::dto::ReportDto;
use trailproof::report::table::Layout;
use trailproof::report::{AccountCounts, Contents, FormatKind, Report, ReportedRule, sarif, table};
use trailproof::severity::Severity;
use trailproof::snapshot::{FORMAT_VERSION, Header};

const ACCOUNTS: [(&str, &str); 5] = [
    ("111111111111", "management"),
    ("222222222222", "log-archive"),
    ("333333333333", "payments-production"),
    ("444444444444", "payments-staging"),
    ("555555555555", "sandbox"),
];

fn header(names: &[(&str, &str)]) -> Header {
    let account = |(id, name): &(&str, &str)| AccountSummary {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        status: "ACTIVE".to_owned(),
        parent_id: Observed::Known("r-ab12".to_owned()),
        joined_at: Observed::Absent,
        ..AccountSummary::default()
    };
    Header {
        format_version: FORMAT_VERSION,
        tool_version: "0.1.0".to_owned(),
        taken_at: "2026-11-20T10:00:00Z".parse().unwrap(),
        partition: "aws".to_owned(),
        caller_account_id: "111111111111".to_owned(),
        organization: Observed::Known(Organization {
            id: "o-ab12cd34ef".to_owned(),
            management_account_id: "111111111111".to_owned(),
            all_features: Observed::Known(true),
            roots: Observed::Absent,
            organizational_units: Observed::Absent,
            accounts: Observed::Known(names.iter().map(account).collect()),
            service_control_policies: Observed::Absent,
            resource_control_policies: Observed::Absent,
            trusted_services: Observed::Absent,
            delegated_administrators: Observed::Absent,
            centralization_rules: Observed::Absent,
            ..Organization::default()
        }),
        accounts: names.iter().map(|(id, _)| (*id).to_owned()).collect(),
        scope: Observed::Known(Scope::default()),
        ..Header::default()
    }
}

fn rule(id: &str, title: &str, severity: Severity, subject: SubjectKind) -> ReportedRule {
    ReportedRule {
        id: id.to_owned(),
        title: title.to_owned(),
        severity,
        subject,
        family: id.split('-').next().unwrap().to_owned(),
        rationale: format!("Because {id} matters."),
        remediation: "Change the setting.".to_owned(),
        cli: Some("aws cloudtrail update-trail --name {trail.arn}".to_owned()),
        terraform: None,
        by_hand: None,
        references: vec!["https://docs.aws.amazon.com/awscloudtrail/".to_owned()],
        controls: Vec::new(),
    }
}

fn subject(
    kind: SubjectKind,
    account: &str,
    region: Option<&str>,
    id: &str,
    name: Option<&str>,
) -> Arc<Subject> {
    Arc::new(Subject {
        kind,
        account_id: Some(account.into()),
        region: region.map(Into::into),
        id: id.into(),
        arn: id.starts_with("arn:").then(|| id.into()),
        name: name.map(Into::into),
    })
}

fn finding(rule: u32, subject: &Arc<Subject>, verdict: Verdict, message: Option<&str>) -> Finding {
    Finding {
        rule,
        subject: subject.clone(),
        verdict,
        message: message.map(Into::into),
        evidence: vec![Evidence {
            path: "region.covered".into(),
            value: (verdict != Verdict::Unknown).then(|| json!(verdict == Verdict::Pass)),
        }]
        .into(),
        gaps: Arc::from([]),
        waiver: None,
    }
}

fn denied(account: &str, region: &str) -> Gap {
    let place = GapPlace {
        account_id: Some(account),
        region: Some(region),
        service: "cloudtrail",
        operation: "GetTrailStatus",
        resource: None,
    };
    Gap::new(
        place,
        GapReason::AccessDenied,
        "AccessDeniedException: not authorized to perform cloudtrail:GetTrailStatus",
    )
}

fn report(
    names: &[(&str, &str)],
    rules: Vec<ReportedRule>,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
) -> Report {
    let places = |id: &str| {
        let of_rule = |finding: &&Finding| rules.get(finding.rule as usize).is_some_and(|rule| rule.id == id);
        let count = |verdict| findings.iter().filter(of_rule).filter(|it| it.verdict == verdict).count();
        let [covered, not_covered, unknown] = [Verdict::Pass, Verdict::Fail, Verdict::Unknown].map(count);
        Places { covered, not_covered, unknown }
    };
    let reach = LogReach {
        management_events: places("trail-coverage"),
        config_history: places("config-delivery-central"),
        ..LogReach::default()
    };
    Report::new(Contents {
        header: header(names),
        rules,
        frameworks: Vec::new(),
        findings: findings.into_iter().collect(),
        gaps,
        accounts: AccountCounts {
            in_organization: Some(names.len() + 1),
            in_scope: names.len(),
            read: names.len(),
            suspended: Some(1),
        },
        regions: 3,
        reach,
        scope: trailproof::report::Scope::default(),
    })
}

/// Three rules, five accounts, three regions; failures that fold, one unknown, one that does not apply.
fn mixed() -> Report {
    let rules = vec![
        rule(
            "config-delivery-central",
            "Config delivers to the archive",
            Severity::High,
            SubjectKind::Region,
        ),
        rule(
            "trail-coverage",
            "Every account and region is covered by a trail",
            Severity::Critical,
            SubjectKind::Region,
        ),
        rule("trail-log-file-validation", "Log file validation is on", Severity::High, SubjectKind::Trail),
        rule("trail-redundant", "No trail records what another records", Severity::Info, SubjectKind::Trail),
    ];
    let mut findings = Vec::new();
    let mut gaps = Vec::new();
    for (number, (account, _)) in ACCOUNTS.iter().enumerate() {
        for region in ["ap-southeast-2", "eu-central-1", "us-east-1"] {
            let place = subject(SubjectKind::Region, account, Some(region), region, Some(region));
            findings.push(finding(0, &place, Verdict::Pass, None));
            if region == "ap-southeast-2" && number > 1 {
                let message =
                    format!("{region} of {account} is covered by no trail that logs to the archive");
                findings.push(finding(1, &place, Verdict::Fail, Some(&message)));
            } else if region == "us-east-1" && number == 4 {
                let gap = denied(account, region);
                let mut unknown =
                    finding(1, &place, Verdict::Unknown, Some("coverage of us-east-1 could not be read"));
                unknown.gaps = vec![gap.id.clone()].into();
                findings.push(unknown);
                gaps.push(gap);
            } else {
                findings.push(finding(1, &place, Verdict::Pass, None));
            }
        }
        let name = format!("trail-{number}");
        let arn = format!("arn:aws:cloudtrail:eu-central-1:{account}:trail/{name}");
        let trail = subject(SubjectKind::Trail, account, Some("eu-central-1"), &arn, Some(&name));
        let message = format!("{name} writes no digest files: changed or deleted logs would go unnoticed");
        findings.push(finding(2, &trail, Verdict::Fail, Some(&message)));
        findings.push(finding(3, &trail, Verdict::NotApplicable, None));
    }
    report(&ACCOUNTS, rules, findings, gaps)
}

/// Names as an attacker would choose them, in an account's name, a subject's, a message and a gap.
fn hostile() -> Report {
    let names = [
        "\u{1b}[2J\u{1b}[31mowned\u{7}",
        "a\r\nFAILED: none\t\u{9b}1m",
        "<script>alert(1)</script>[click](https://example.com){0}{{1}}",
        "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
        "../../../etc/passwd",
        "|`$(id)`|=cmd()",
        "日本語の名前-größe-🙂",
    ];
    let long = "x".repeat(10_000);
    let rules = vec![rule(
        "trail-log-file-validation",
        "Log file validation is on",
        Severity::High,
        SubjectKind::Trail,
    )];
    let mut findings = Vec::new();
    for name in names.iter().copied().chain([long.as_str(), "..", ""]) {
        let trail = subject(SubjectKind::Trail, "333333333333", Some("eu-central-1"), name, Some(name));
        findings.push(finding(
            0,
            &trail,
            Verdict::Fail,
            Some(&format!("{name} writes no digest files: {name}")),
        ));
    }
    let place = GapPlace {
        account_id: Some("333333333333"),
        service: "s3",
        operation: "GetBucketAcl",
        resource: Some(names[0]),
        ..GapPlace::default()
    };
    let gap = Gap::new(place, GapReason::Other, format!("{} {long}", names[1]));
    report(&[("333333333333", names[0]), ("444444444444", &long)], rules, findings, vec![gap])
}

fn text(render: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_table(report: &Report, width: usize) -> String {
    text(|out| table::render(report, Layout { width, color: false }, out))
}

fn as_json(report: &Report) -> String {
    text(|out| trailproof::report::json::render(report, out))
}

fn as_sarif(report: &Report, file: usize) -> Value {
    serde_json::from_str(&text(|out| sarif::Files::new(report).render(file, out))).unwrap()
}

fn valid(schema: &Value, document: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn sarif_schema() -> Value {
    serde_json::from_str(include_str!("data/sarif-schema-2.1.0.json")).unwrap()
}

fn columns(text: &str) -> usize {
    text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap()
}

#[test]
fn the_table_at_100_columns() {
    insta::assert_snapshot!(as_table(&mixed(), 100));
}

#[test]
fn the_table_at_60_columns() {
    insta::assert_snapshot!(as_table(&mixed(), 60));
}

#[test]
fn the_table_where_nothing_failed() {
    let rules = vec![rule(
        "trail-coverage",
        "Every account and region is covered by a trail",
        Severity::Critical,
        SubjectKind::Region,
    )];
    let place = subject(SubjectKind::Region, "111111111111", Some("us-east-1"), "us-east-1", None);
    let findings = vec![finding(0, &place, Verdict::Pass, None)];
    insta::assert_snapshot!(as_table(&report(&ACCOUNTS, rules, findings, Vec::new()), 100));
}

#[test]
fn the_table_fits_any_width() {
    for report in [mixed(), hostile()] {
        for width in 60..200 {
            assert!(columns(&as_table(&report, width)) <= width, "{width}");
        }
        assert!(columns(&as_table(&report, 10)) <= 60);
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let painted = text(|out| table::render(&mixed(), Layout { width: 100, color: true }, out));
    assert!(painted.contains("\u{1b}["));
    let plain = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(&painted, "").into_owned();
    assert_eq!(plain, as_table(&mixed(), 100));
}

#[test]
fn hostile_text_cannot_steer_a_terminal() {
    let hostile = hostile();
    for output in [as_table(&hostile, 100), as_json(&hostile), text(|out| sarif::render(&hostile, out))] {
        let steering = |character: char| {
            (character.is_control() && character != '\n')
                || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!output.contains(steering));
    }
    assert!(as_table(&hostile, 100).contains("\\u{1b}[2J"));
}

#[test]
fn json_keeps_names_as_they_are() {
    let document: Value = serde_json::from_str(&as_json(&hostile())).unwrap();
    let names: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["subject"]["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"\u{1b}[2J\u{1b}[31mowned\u{7}"));
    assert!(names.iter().any(|name| name.len() == 10_000));
}

#[test]
fn json_follows_its_schema() {
    let schema = serde_json::to_value(ReportDto::schema()).unwrap();
    for report in [mixed(), hostile()] {
        valid(&schema, &serde_json::from_str(&as_json(&report)).unwrap());
    }
}

#[test]
fn the_shipped_schema_is_current() {
    let mut schema = serde_json::to_string_pretty(&ReportDto::schema()).unwrap();
    schema.push('\n');
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/report.schema.json");
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &schema).unwrap();
    }
    let shipped = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        shipped == schema,
        "schemas/report.schema.json is stale: UPDATE_SCHEMAS=1 cargo test --test report"
    );
}

#[test]
fn json_has_the_documented_shape() {
    let document: Value = serde_json::from_str(&as_json(&mixed())).unwrap();
    let unknown =
        document["findings"].as_array().unwrap().iter().find(|it| it["verdict"] == "unknown").unwrap();
    let compact = json!({
        "schema_version": document["schema_version"],
        "tool": document["tool"]["name"],
        "snapshot": document["snapshot"],
        "organization": document["organization"],
        "summary": document["summary"],
        "complete": document["complete"],
        "rules": document["rules"],
        "finding": document["findings"][0],
        "unknown": unknown,
        "gaps": document["gaps"],
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&compact).unwrap());
}

#[test]
fn every_finding_is_in_the_json_and_none_repeats() {
    let document: Value = serde_json::from_str(&as_json(&mixed())).unwrap();
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 5 * (3 + 3 + 2));
    let prints: std::collections::BTreeSet<&str> =
        findings.iter().map(|it| it["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), findings.len());
    let pass = findings.iter().find(|it| it["verdict"] == "pass").unwrap();
    assert_eq!(pass["message"], "Config delivers to the archive");
}

#[test]
fn sarif_follows_the_standards_schema() {
    for report in [mixed(), hostile(), many(10)] {
        valid(&sarif_schema(), &as_sarif(&report, 0));
    }
}

#[test]
fn sarif_for_github() {
    let log = as_sarif(&mixed(), 0);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    // Every rule that ran, and one for what could not be decided.
    assert_eq!(rules.len(), 5);
    assert_eq!(rules[1]["properties"]["security-severity"], "9.5");
    assert_eq!(rules[3]["properties"].get("security-severity"), None);
    assert_eq!(rules[4]["id"], "trail-coverage/unknown");
    assert_eq!(rules[4]["properties"].get("security-severity"), None);
    for rule in rules {
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3 + 5 + 1);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("aws/o-ab12cd34ef/"), "{uri}");
        assert_eq!(place["region"], json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().len(), 32);
    }
    assert_eq!(results[0]["ruleId"], "trail-coverage");
    assert_eq!(results[0]["level"], "error");
    let unknown = &results[8];
    assert_eq!((&unknown["kind"], unknown.get("level")), (&json!("open"), None));
    let trail = &results[3]["locations"][0];
    assert_eq!(
        trail["physicalLocation"]["artifactLocation"]["uri"],
        "aws/o-ab12cd34ef/111111111111/eu-central-1/cloudtrail/trail/trail-0"
    );
    assert_eq!(
        trail["logicalLocations"][0]["fullyQualifiedName"],
        "arn:aws:cloudtrail:eu-central-1:111111111111:trail/trail-0"
    );
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 1);
}

#[test]
fn sarif_of_hostile_names_stays_plain() {
    let log = as_sarif(&hostile(), 0);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert_eq!(uri.split('/').count(), 7, "{uri}");
        assert!(uri.split('/').all(|part| !matches!(part, "" | "." | "..")), "{uri}");
        let message = result["message"]["text"].as_str().unwrap();
        assert!(!message.replace("\\[", "").contains('['), "{message}");
        assert!(message.chars().count() < 2_500);
    }
}

fn many(accounts: u64) -> Report {
    let rules = vec![
        rule(
            "trail-coverage",
            "Every account and region is covered by a trail",
            Severity::Critical,
            SubjectKind::Region,
        ),
        rule(
            "trail-kms",
            "Trails are encrypted with a key of their own",
            Severity::Medium,
            SubjectKind::Trail,
        ),
    ];
    let mut findings = Vec::new();
    for number in 0..accounts {
        let account = format!("{:012}", 100_000_000_000 + number);
        let region = subject(SubjectKind::Region, &account, Some("eu-west-1"), "eu-west-1", None);
        findings.push(finding(0, &region, Verdict::Fail, Some("eu-west-1 is not covered")));
        let trail = subject(SubjectKind::Trail, &account, Some("eu-west-1"), "own", Some("own"));
        findings.push(finding(1, &trail, Verdict::Fail, Some("own has no key")));
    }
    report(&ACCOUNTS, rules, findings, Vec::new())
}

#[test]
fn sarif_is_split_where_github_stops_showing() {
    let report = many(5_200);
    let files = sarif::Files::new(&report);
    assert_eq!((files.results(), files.count()), (10_400, 3));
    let mut prints = std::collections::BTreeSet::new();
    let mut categories = std::collections::BTreeSet::new();
    for (file, expected) in [5_000, 5_000, 400].into_iter().enumerate() {
        let log = as_sarif(&report, file);
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), expected);
        if file == 0 {
            assert!(
                results.iter().all(|result| result["ruleId"] == "trail-coverage"),
                "the worst come first"
            );
        }
        for result in results {
            prints.insert(
                result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned(),
            );
        }
        categories.insert(run["automationDetails"]["id"].as_str().unwrap().to_owned());
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }
    assert_eq!((prints.len(), categories.len()), (10_400, 3));
}

#[test]
fn a_large_table_stays_short() {
    let table = as_table(&many(5_200), 100);
    assert!(table.lines().count() < 40, "{table}");
    assert!(table.contains("in 5,200 accounts, 1 region:"), "{table}");
}

#[test]
fn every_format_is_the_same_twice() {
    assert_eq!(as_json(&mixed()), as_json(&mixed()));
    assert_eq!(as_sarif(&mixed(), 0), as_sarif(&mixed(), 0));
    assert_eq!(as_table(&hostile(), 80), as_table(&hostile(), 80));
}

#[test]
fn a_finding_is_found_by_the_start_of_its_fingerprint() {
    let report = mixed();
    let document: Value = serde_json::from_str(&as_json(&report)).unwrap();
    let print = document["findings"][7]["fingerprint"].as_str().unwrap();
    let (rule, finding) = report.find(&print[..16]).unwrap();
    assert_eq!(trailproof::finding::fingerprint(&rule.id, &finding.subject), print);
    assert!(report.find("").is_none(), "not unique");
    assert!(report.find("zz").is_none());
}

#[test]
fn a_waived_failure_stays_a_failure_and_no_longer_counts_as_the_worst() {
    let waiver = Arc::new(Waiver {
        id: "W-1".to_owned(),
        reason: "moves in spring".to_owned(),
        owner: "Ada".to_owned(),
        expires: "2027-03-31".parse().unwrap(),
        ticket: None,
    });
    let place = subject(SubjectKind::Region, ACCOUNTS[0].0, Some("eu-central-1"), "eu-central-1", None);
    let trail = subject(SubjectKind::Trail, ACCOUNTS[0].0, Some("eu-central-1"), "main", Some("main"));
    let mut waived = finding(0, &place, Verdict::Fail, Some("not covered"));
    waived.waiver = Some(waiver);
    let findings = vec![waived, finding(1, &trail, Verdict::Fail, Some("a second copy"))];
    let rules = vec![
        rule("trail-coverage", "Covered", Severity::Critical, SubjectKind::Region),
        rule("trail-redundant", "No copy", Severity::Info, SubjectKind::Trail),
    ];
    let report = report(&ACCOUNTS, rules, findings, Vec::new());
    assert_eq!(report.worst_failure(), Some(Severity::Info));
    let json: Value = serde_json::from_str(&as_json(&report)).unwrap();
    valid(&serde_json::to_value(ReportDto::schema()).unwrap(), &json);
    assert_eq!(json["findings"][0]["verdict"], "fail");
    assert_eq!(
        json["findings"][0]["waiver"],
        json!({"id": "W-1", "reason": "moves in spring", "owner": "Ada", "expires": "2027-03-31", "ticket": null})
    );
    assert_eq!(json["findings"][1]["waiver"], Value::Null);
    assert_eq!(json["summary"]["failed_by_severity"]["critical"], 1);
    assert_eq!(json["summary"]["waived_by_severity"]["critical"], 1);
}

/// In Security Hub and OCSF one resource is of one account, what could not be listed too.
#[test]
fn what_could_not_be_listed_is_named_by_its_account() {
    let mut findings = Vec::new();
    for (account, _) in &ACCOUNTS[..2] {
        let unlisted = subject(SubjectKind::Bucket, account, Some("eu-central-1"), "*", None);
        findings.push(finding(0, &unlisted, Verdict::Unknown, Some("buckets could not be listed")));
    }
    let rules = vec![rule("bucket-versioning", "Versions are kept", Severity::High, SubjectKind::Bucket)];
    let report = report(&ACCOUNTS, rules, findings, Vec::new());
    let written = |kind| {
        let document = trailproof::commands::formats::document(&report, kind);
        text(|out| document.render(0, Layout { width: Layout::DEFAULT_WIDTH, color: false }, out))
    };
    let expected = ["AWS::::Account:111111111111", "AWS::::Account:222222222222"];
    let named = |found: &[Value], pointer: &str| -> Vec<String> {
        let name = |it: &Value| it.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        let mut names: Vec<String> = found.iter().map(name).collect();
        names.sort();
        names
    };
    let asff: Vec<Value> = serde_json::from_str(&written(FormatKind::Asff)).unwrap();
    assert_eq!(named(&asff, "/Resources/0/Id"), expected);
    assert_eq!(named(&asff, "/Resources/0/Type"), ["AwsAccount"; 2]);
    let ocsf = written(FormatKind::Ocsf);
    let ocsf: Vec<Value> = ocsf.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(named(&ocsf, "/resources/0/uid"), expected);
}
