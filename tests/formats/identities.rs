//! What tells findings, resources and texts apart where a reader of a format keeps one of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use trailproof::evaluate;
use trailproof::example::Example;
use trailproof::facts::{Subject, SubjectKind};
use trailproof::finding::{Finding, Verdict};
use trailproof::model::{Expectations, GapId, Observed};
use trailproof::report::{Format, FormatKind, Report};
use trailproof::rules::RuleSet;
use trailproof::snapshot::{Record, Source};

use crate::readers::{files, valid_junit};
use crate::report;

fn one(report: &Report, kind: FormatKind) -> String {
    let [document] = files(report, kind).try_into().unwrap();
    document
}

fn evaluated(example: Example) -> (evaluate::Evaluation, RuleSet) {
    let rules = RuleSet::builtin().unwrap();
    let evaluation = evaluate::check(&example.into_source(), Expectations::default(), &rules).unwrap();
    (evaluation, rules)
}

/// Every subject is called the same, as units of several parents and stores of several accounts may be.
#[test]
fn cases_of_the_same_name_are_told_apart() {
    let (mut evaluation, rules) = evaluated(Example::demo());
    let renamed = |finding: Finding| {
        let subject = Arc::new(Subject { name: Some("logs".into()), ..(*finding.subject).clone() });
        Finding { subject, ..finding }
    };
    evaluation.findings = evaluation.findings.iter().map(renamed).collect();
    let report = Report::of(evaluation, &rules);
    // The reader asserts that no two cases have one key.
    let lines = valid_junit(&one(&report, FormatKind::Junit)).unwrap();
    assert_eq!(lines.lines().count(), report.findings().count());
}

#[test]
fn a_case_says_account_and_region_and_a_gap_is_a_case() {
    let report = report();
    let text = one(&report, FormatKind::Junit);
    let (rule, finding) = report
        .findings()
        .find(|(rule, finding)| rule.subject == SubjectKind::Trail && finding.verdict == Verdict::Fail)
        .unwrap();
    let (account, region) =
        (finding.subject.account_id.as_deref().unwrap(), finding.subject.region.as_deref().unwrap());
    let name = finding.subject.name.as_deref().unwrap();
    assert!(
        text.contains(&format!("{}: trail {name} of account {account} in {region}", rule.id)),
        "{account}"
    );
    let gaps = text.matches("classname=\"unanswered-call\"").count();
    assert_eq!(gaps, report.gaps().len());
    assert!(gaps > 0 && !text.contains("<system-err>"), "readers pass over what a suite says");
}

/// Of each resource of a format: the accounts that it is said to be in.
fn one_account_each(kind: &str, resources: impl Iterator<Item = (String, String)>) {
    let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (resource, account) in resources {
        accounts.entry(resource).or_default().insert(account);
    }
    let shared: Vec<_> = accounts.iter().filter(|(_, accounts)| accounts.len() > 1).collect();
    assert!(shared.is_empty(), "{kind}: {shared:?}");
    assert!(accounts.keys().all(|resource| resource != "*"), "{kind}: what has no name is its account");
}

#[test]
fn a_resource_is_of_one_account() {
    // Denied, so that in several accounts the things themselves could not be listed.
    let (mut evaluation, rules) = evaluated(Example::demo());
    let unlisted = |finding: Finding| {
        let subject = Subject { id: "*".into(), arn: None, name: None, ..(*finding.subject).clone() };
        if finding.verdict == Verdict::Unknown {
            Finding { subject: Arc::new(subject), ..finding }
        } else {
            finding
        }
    };
    evaluation.findings = evaluation.findings.iter().map(unlisted).collect();
    let report = Report::of(evaluation, &rules);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ocsf = one(&report, FormatKind::Ocsf);
    let events: Vec<Value> = ocsf.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    one_account_each(
        "ocsf",
        events
            .iter()
            .filter(|event| !event["cloud"]["account"].is_null())
            .map(|event| (text(&event["resources"][0]["uid"]), text(&event["cloud"]["account"]["uid"]))),
    );
    let asff: Vec<Value> = serde_json::from_str(&one(&report, FormatKind::Asff)).unwrap();
    one_account_each(
        "asff",
        asff.iter()
            .filter(|finding| !finding["ProductFields"]["trailproof/AccountId"].is_null())
            .map(|it| (text(&it["Resources"][0]["Id"]), text(&it["ProductFields"]["trailproof/AccountId"]))),
    );
    let unlisted = events
        .iter()
        .find(|event| event["unmapped"]["subject_id"] == "*" && !event["cloud"]["account"].is_null())
        .unwrap();
    let account = text(&unlisted["cloud"]["account"]["uid"]);
    assert_eq!(unlisted["resources"][0]["uid"], format!("AWS::::Account:{account}"));
}

#[test]
fn no_two_unknowns_of_a_place_have_one_text() {
    let log: Value = serde_json::from_str(&one(&report(), FormatKind::Sarif)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let unknown: Vec<(&Value, &Value)> = results
        .iter()
        .filter(|result| result["kind"] == "open")
        .map(|result| {
            (
                &result["message"]["text"],
                &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            )
        })
        .collect();
    let distinct: BTreeSet<(String, String)> =
        unknown.iter().map(|(text, place)| (text.to_string(), place.to_string())).collect();
    assert!(unknown.len() > 100);
    assert_eq!(distinct.len(), unknown.len());
}

#[test]
fn every_descriptor_of_sarif_says_what_it_is() {
    let log: Value = serde_json::from_str(&one(&report(), FormatKind::Sarif)).unwrap();
    let driver = &log["runs"][0]["tool"]["driver"];
    let lists = ["rules", "notifications"].map(|list| driver[list].as_array().unwrap().clone());
    for descriptor in lists.concat() {
        let id = descriptor["id"].as_str().unwrap();
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(descriptor[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{id} {text}");
        }
        let name = descriptor["name"].as_str().unwrap();
        assert_ne!(name, id);
        assert!(name.starts_with(|it: char| it.is_ascii_uppercase()), "{name}");
        assert!(name.chars().all(|it| it.is_ascii_alphanumeric()), "{name}");
    }
}

/// The names that a finding knows are put into its remedy, in each format that has one for each finding.
#[test]
fn remedies_have_the_names_of_their_findings() {
    let (mut evaluation, rules) = evaluated(Example::demo());
    // What could not be listed has no name to put in.
    evaluation.findings = evaluation.findings.iter().filter(|finding| &*finding.subject.id != "*").collect();
    let report = Report::of(evaluation, &rules);
    for (path, kind) in [("bucket.name", SubjectKind::Bucket), ("trail.arn", SubjectKind::Trail)] {
        let placeholder = format!("{{{path}}}");
        let template =
            report.rules().find(|rule| rule.cli.as_ref().is_some_and(|cli| cli.contains(&placeholder)));
        assert!(template.is_some_and(|rule| rule.subject == kind), "a rule's own text keeps it");
        for format in
            [FormatKind::Ocsf, FormatKind::Junit, FormatKind::Oscal, FormatKind::Asff, FormatKind::Csv]
        {
            let text = one(&report, format);
            assert!(!text.contains(&placeholder), "{} has {placeholder}", format.as_str());
        }
    }
    let junit = one(&report, FormatKind::Junit);
    assert!(junit.contains("AWS CLI: aws s3api "), "the command stands in the case");
    // Nothing that a shell would run is put in.
    let (mut evaluation, rules) = evaluated(Example::demo());
    let renamed = |finding: Finding| {
        let name = Some("x$(touch stolen)".into());
        let subject = Arc::new(Subject { name, arn: None, ..(*finding.subject).clone() });
        Finding { subject, ..finding }
    };
    evaluation.findings = evaluation.findings.iter().map(renamed).collect();
    let report = Report::of(evaluation, &rules);
    for (rule, finding) in report.findings().filter(|(_, finding)| finding.verdict == Verdict::Fail) {
        assert!(!report.remedy(rule, &finding).contains("stolen"), "{}", rule.id);
    }
}

#[test]
fn csv_and_json_say_of_a_rule_what_its_readers_need() {
    let report = report();
    let text = one(&report, FormatKind::Csv);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = rows.deserialize().map(Result::unwrap).collect();
    let filled = |column: &str| rows.iter().filter(|row| !row[column].is_empty()).count();
    assert_eq!(filled("title"), rows.len());
    assert!(filled("controls") > rows.len() / 2 && filled("unit") > rows.len() / 2);
    for row in &rows {
        assert_eq!(row["verdict"] == "fail", !row["remedy"].is_empty(), "{row:?}");
    }
    let json: Value = serde_json::from_str(&one(&report, FormatKind::Json)).unwrap();
    for rule in json["rules"].as_array().unwrap() {
        assert!(rule["rationale"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        assert!(rule["references"].as_array().is_some_and(|list| !list.is_empty()), "{rule}");
        let remediation = &rule["remediation"];
        assert!(remediation["text"].is_string());
        let ways =
            ["cli", "terraform", "by_hand"].iter().filter(|way| remediation[**way].is_string()).count();
        assert!(ways > 0, "{rule}");
    }
}

/// Regions without a recorder, one whose recorder is stopped and one that nobody could look into are places as well.
#[test]
fn coverage_counts_places_and_not_verdicts() {
    let coverage = |change: &dyn Fn(usize, &mut trailproof::model::RegionRecord)| {
        let mut place = 0;
        let mut records = Example::healthy(3, &["eu-central-1", "us-east-1"]).records();
        for record in &mut records {
            if let Record::Account(account) = record {
                for region in &mut account.regions {
                    change(place, region);
                    place += 1;
                }
            }
        }
        let rules = RuleSet::builtin().unwrap();
        let source = Source::Records(Arc::new(records));
        let evaluation = evaluate::check(&source, Expectations::default(), &rules).unwrap();
        let json: Value =
            serde_json::from_str(&one(&Report::of(evaluation, &rules), FormatKind::Json)).unwrap();
        let row = json["summary"]["coverage"].as_array().unwrap();
        let row = row.iter().find(|row| row["log_type"] == "config_history").unwrap().clone();
        let number = |name: &str| row[name].as_u64().unwrap();
        (number("covered"), number("not_covered"), number("unknown"), place as u64)
    };
    let (covered, not_covered, unknown, places) = coverage(&|_, _| {});
    assert_eq!((covered, not_covered, unknown), (places, 0, 0));
    let changed = coverage(&|place, region| match place {
        0 => region.recorders = Observed::Known(Vec::new()),
        1 => {
            if let Observed::Known(recorders) = &mut region.recorders
                && let Observed::Known(status) = &mut recorders[0].status
            {
                status.recording = false;
            }
        }
        2 => region.recorders = Observed::Unavailable(GapId::new("gap-1")),
        _ => {}
    });
    assert_eq!(changed, (places - 3, 2, 1, places));
    let none = coverage(&|_, region| region.recorders = Observed::Known(Vec::new()));
    assert_eq!(none, (0, places, 0, places), "not 0 of 0");
}
