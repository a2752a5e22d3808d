//! OCSF, ASFF and OSCAL: how often they say what, and what those who define them say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use trailproof::evaluate;
use trailproof::example::Example;
use trailproof::facts::Subject;
use trailproof::finding::Finding;
use trailproof::report::{FormatKind, Report};
use trailproof::rules::RuleSet;

use crate::readers::{add, files};
use crate::validators::{AWS, Environment, OCSF, OSCAL};
use crate::{Counts, Word, report};

pub(crate) fn read_ocsf(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for line in files.iter().flat_map(|file| file.lines()) {
        let event: Value = serde_json::from_str(line).unwrap();
        let word = match (event["compliance"]["status"].as_str().unwrap(), event["status"].as_str()) {
            ("Pass", None) => Word::Pass,
            ("Fail", Some("New")) => Word::Fail,
            ("Fail", Some("Suppressed")) => Word::Waived,
            ("Unknown", Some("New")) => Word::Unknown,
            ("Not Applicable", None) => Word::NotApplicable,
            other => panic!("{other:?} is no status"),
        };
        let account = event["cloud"]["account"]["uid"].as_str().unwrap_or_default();
        add(&mut counts, event["compliance"]["control"].as_str().unwrap(), account, word);
    }
    counts
}

pub(crate) fn read_asff(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let findings: Vec<Value> = serde_json::from_str(file).unwrap();
        for finding in &findings {
            let text = |pointer: &str| finding.pointer(pointer).unwrap().as_str().unwrap();
            let word = match (text("/Compliance/Status"), text("/Workflow/Status"), text("/RecordState")) {
                ("PASSED", "RESOLVED", "ACTIVE") => Word::Pass,
                ("FAILED", "NEW", "ACTIVE") => Word::Fail,
                ("FAILED", "SUPPRESSED", "ACTIVE") => Word::Waived,
                ("NOT_AVAILABLE", "NEW", "ACTIVE") => Word::Unknown,
                ("NOT_AVAILABLE", "RESOLVED", "ARCHIVED") => Word::NotApplicable,
                other => panic!("{other:?} is no state"),
            };
            let account = finding["ProductFields"]["trailproof/AccountId"].as_str().unwrap_or_default();
            let rule = text("/GeneratorId").strip_prefix("trailproof/").unwrap();
            add(&mut counts, rule, account, word);
        }
    }
    counts
}

/// A property of this program.
fn property<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    let found = item["props"].as_array()?.iter().find(|each| each["name"] == name)?;
    found["value"].as_str()
}

/// Counts observations, and sees that each leads to the finding that belongs to its verdict.
pub(crate) fn read_oscal(files: &[String]) -> Counts {
    let mut counts = Counts::new();
    for file in files {
        let document: Value = serde_json::from_str(file).unwrap();
        let result = &document["assessment-results"]["results"][0];
        let list = |name: &str| result[name].as_array().cloned().unwrap_or_default();
        let mut statuses = BTreeMap::new();
        for finding in list("findings") {
            if let Some(observation) = finding.pointer("/related-observations/0/observation-uuid") {
                let status = &finding["target"]["status"];
                let said = (status["state"].clone(), status["reason"].clone(), status["remarks"].clone());
                statuses.insert(observation.as_str().unwrap().to_owned(), said);
            }
        }
        let mut risks = BTreeMap::new();
        for risk in list("risks") {
            let observation = risk.pointer("/related-observations/0/observation-uuid").unwrap();
            risks.insert(
                observation.as_str().unwrap().to_owned(),
                risk["status"].as_str().unwrap().to_owned(),
            );
        }
        for observation in list("observations") {
            let uuid = observation["uuid"].as_str().unwrap();
            let verdict = property(&observation, "verdict").unwrap();
            let said = statuses.get(uuid).map(|(state, reason, remarks)| {
                let unknown = remarks.as_str().is_some_and(|remarks| remarks.starts_with("Unknown"));
                (state.as_str().unwrap(), reason.as_str().unwrap(), unknown)
            });
            let word = match (verdict, said, risks.get(uuid).map(String::as_str)) {
                ("pass", Some(("satisfied", "pass", false)), None) => Word::Pass,
                ("fail", Some(("not-satisfied", "fail", false)), Some("open")) => Word::Fail,
                ("fail", Some(("not-satisfied", "other", false)), Some("deviation-approved")) => Word::Waived,
                ("unknown", Some(("not-satisfied", "other", true)), None) => Word::Unknown,
                ("not_applicable", None, None) => Word::NotApplicable,
                other => panic!("{other:?} does not go together"),
            };
            let account = property(&observation, "account-id").unwrap_or_default();
            add(&mut counts, property(&observation, "rule-id").unwrap(), account, word);
        }
    }
    counts
}

/// Names as an attacker would choose them.
const HOSTILE: [&str; 10] = [
    "\u{1b}[2J\u{1b}[31mowned\u{7}",
    "a\r\nFAILED: none\t\u{9b}1m",
    "<script>alert(1)</script>[click](https://example.com)",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
    "../../../etc/passwd",
    "|`$(id)`|=cmd()",
    "日本語の名前-größe-🙂",
    "\u{2028}\u{2029}",
    " ",
    "",
];

/// The example, its names changed for hostile ones, some of ten thousand characters.
fn hostile() -> Report {
    let rules = RuleSet::builtin().unwrap();
    let source = Example::demo().into_source();
    let mut evaluation =
        evaluate::check(&source, trailproof::model::Expectations::default(), &rules).unwrap();
    let hostile = |(number, mut finding): (usize, Finding)| {
        let name = HOSTILE[number % HOSTILE.len()];
        let long = name.repeat(if number % 3 == 0 { 10_000 / name.len().max(1) } else { 1 });
        finding.subject = Arc::new(Subject {
            id: format!("{long}{number}").into(),
            arn: (number % 2 == 0).then(|| long.as_str().into()),
            name: Some(long.as_str().into()),
            ..(*finding.subject).clone()
        });
        finding.message = finding.message.as_ref().map(|_| format!("{long} is not right").into());
        finding
    };
    evaluation.findings = evaluation.findings.iter().enumerate().map(hostile).collect();
    Report::of(evaluation, &rules)
}

/// Asks the outside validator about the example, with waivers, and about hostile names.
#[track_caller]
fn stands_up(kind: FormatKind, environment: Environment, validator: &str) {
    for report in [report(), hostile()] {
        let [document] = files(&report, kind).try_into().unwrap();
        let steering =
            |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(!document.contains(steering), "hostile characters are escaped");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, document).unwrap();
        let said = environment.run(validator, &[&path], b"").unwrap_or_else(|said| {
            let end: Vec<&str> = said.lines().rev().take(20).collect();
            panic!("{}", end.into_iter().rev().collect::<Vec<_>>().join("\n"))
        });
        assert_eq!(said.trim(), report.findings().count().to_string(), "it read every finding");
    }
}

#[test]
fn ocsf_is_what_py_ocsf_models_take() {
    stands_up(FormatKind::Ocsf, OCSF, include_str!("../validators/ocsf.py"));
}

#[test]
fn asff_is_what_botocore_and_the_documented_limits_take() {
    stands_up(FormatKind::Asff, AWS, include_str!("../validators/asff.py"));
}

#[test]
fn oscal_is_what_compliance_trestle_takes() {
    stands_up(FormatKind::Oscal, OSCAL, include_str!("../validators/oscal.py"));
}
