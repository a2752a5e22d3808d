//! The corpus of policy cases in `fixtures/policies`, put to the real program in one go.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Fields of a case that say what it is; all others are expected of the answer.
const DESCRIPTION: [&str; 4] = ["name", "reason", "source", "input"];

const OPERATORS: [&str; 26] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
];

struct Case {
    file: String,
    fields: toml::Table,
}

impl Case {
    fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(toml::Value::as_str).unwrap_or_default()
    }

    fn has_own_policies(&self) -> bool {
        let fields = ["identityPolicies", "permissionsBoundary", "sessionPolicies", "resourcePolicy"];
        let input = parse(self.line().as_bytes());
        fields.iter().any(|field| input.get(field).is_some())
    }

    fn title(&self) -> String {
        format!("{}: {}", self.file, self.text("name"))
    }

    /// The input on one line: a line break in JSON is white space.
    fn line(&self) -> String {
        self.text("input").replace('\n', " ")
    }
}

fn corpus() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policies");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let table: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        for case in table.get("case").unwrap().as_array().unwrap() {
            cases.push(Case { file: file.clone(), fields: case.as_table().unwrap().clone() });
        }
    }
    cases
}

fn simulate(lines: String) -> Vec<Value> {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("trailproof"))
        .args(["guardrails", "simulate", "--static", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(2), "the corpus has cases that must be refused");
    output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(parse).collect()
}

fn parse(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap()
}

/// Whether the answer has what is expected: of an object in a list, the fields that are given.
fn meets(expected: &toml::Value, actual: &Value) -> bool {
    match (expected, actual) {
        (toml::Value::String(expected), Value::String(actual)) => expected == actual,
        (toml::Value::Integer(expected), Value::Number(actual)) => actual.as_i64() == Some(*expected),
        (toml::Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(expected, actual)| meets(expected, actual))
        }
        (toml::Value::Table(expected), Value::Object(actual)) => expected
            .iter()
            .all(|(name, expected)| actual.get(name).is_some_and(|actual| meets(expected, actual))),
        _ => false,
    }
}

fn differences(case: &Case, answer: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    if case.fields.contains_key("error") != answer.get("error").is_some() {
        return vec![format!("{}: {answer}", case.title())];
    }
    for (field, expected) in &case.fields {
        if DESCRIPTION.contains(&field.as_str()) || field == "error" {
            continue;
        }
        let actual = answer.get(field).unwrap_or(&Value::Null);
        if !meets(expected, actual) {
            differences.push(format!("{}: {field}: expected {expected}, got {actual}", case.title()));
        }
    }
    // What holds for every bound caller holds for this one, whatever the case expects; unless its context says that
    // it is another one than its principal.
    let verdict = (answer["static"].as_str(), answer["effective"].as_str());
    if answer.get("note").is_none()
        && !case.line().contains(r#""context": {"aws:PrincipalOrgID""#)
        && matches!(
            verdict,
            (Some("DeniedForAll"), Some("Allowed"))
                | (Some("NotDenied"), Some("ExplicitlyDenied" | "ImplicitlyDenied"))
        )
        // Policies of the caller and the resource limit one caller further, and are no part of what is proved.
        && !(verdict.0 == Some("NotDenied") && case.has_own_policies())
    {
        differences.push(format!("{}: the static verdict contradicts the caller's: {answer}", case.title()));
    }
    differences
}

#[test]
fn every_case_is_answered_as_the_documentation_says() {
    let cases = corpus();
    let lines: String = cases.iter().map(|case| case.line() + "\n").collect();
    let answers = simulate(lines);
    assert_eq!(answers.len(), cases.len(), "one answer for each case");
    let differences: Vec<String> =
        cases.iter().zip(&answers).flat_map(|(case, answer)| differences(case, answer)).collect();
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_case_is_named_and_founded() {
    let cases = corpus();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let mut names = BTreeSet::new();
    for case in &cases {
        assert!(names.insert(case.text("name")), "{} is there twice", case.title());
        assert!(!case.text("reason").is_empty(), "{} has no reason", case.title());
        let source = case.text("source");
        assert!(source.contains("https://") || source.starts_with("seen"), "{} has no source", case.title());
        let expects = case.fields.keys().any(|field| !DESCRIPTION.contains(&field.as_str()));
        assert!(expects, "{} expects nothing", case.title());
    }
}

fn operators(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let ("Condition", Value::Object(condition)) = (name.as_str(), value) {
                    found.extend(condition.keys().cloned());
                }
                operators(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| operators(item, found)),
        _ => {}
    }
}

#[test]
fn every_operator_occurs() {
    let mut found = BTreeSet::new();
    for case in corpus().iter().filter(|case| !case.fields.contains_key("error")) {
        operators(&parse(case.line().as_bytes()), &mut found);
    }
    let forms = |operator: &&str| [(*operator).to_owned(), format!("{operator}IfExists")];
    let missing: Vec<String> = OPERATORS
        .iter()
        .flat_map(forms)
        .chain(["Null".to_owned()])
        .filter(|operator| !found.contains(operator))
        .collect();
    assert!(missing.is_empty(), "no case has {}", missing.join(", "));
    for prefix in ["ForAllValues:", "ForAnyValue:"] {
        for operator in ["StringEquals", "StringNotEquals", "StringLike", "ArnLike"] {
            assert!(found.contains(&format!("{prefix}{operator}")), "no case has {prefix}{operator}");
        }
    }
}
