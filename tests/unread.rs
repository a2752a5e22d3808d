//! What could not be read is never a pass, a fail, "not applicable" or silence: every field that a call answers, in every
//! record of the example, healthy and with its defects, is taken away. What is then still said must be so whatever the
//! call would have answered.
//!
//! By default a sample; all of it, and more answers for each, with `scripts/faults`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
#![expect(clippy::print_stdout, reason = "the figures are what somebody runs it for")]

#[path = "unread/fields.rs"]
mod fields;
mod verdicts;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use fields::{Answers, Field};
use rayon::prelude::*;
use regex::Regex;
use serde_json::{Value, json};
use trailproof::example::Example;
use trailproof::model::{Gap, GapPlace, GapReason};
use trailproof::rules::RuleSet;
use trailproof::snapshot::{Record, Source};
use verdicts::Verdicts;

/// An organization whose records can be changed.
struct Organization {
    records: Vec<Record>,
    values: Vec<Value>,
}

impl Organization {
    fn of(example: Example) -> Self {
        let records = example.records();
        let values = records.iter().map(|record| serde_json::to_value(record).unwrap()).collect();
        Self { records, values }
    }

    fn source(&self) -> Source {
        Source::Records(Arc::new(self.records.clone()))
    }

    /// Whose answer it is, where an account has answered.
    fn asked(&self, field: &Field) -> Option<&str> {
        let record = self.values[field.record].as_object().unwrap().values().next().unwrap();
        record.get("id").or(record.get("account_id")).and_then(Value::as_str)
    }

    /// The same with other answers in some fields.
    fn with(&self, changes: &[(&Field, Value)]) -> Source {
        let mut values: BTreeMap<usize, Value> = BTreeMap::new();
        for (field, value) in changes {
            let record = values.entry(field.record).or_insert_with(|| self.values[field.record].clone());
            *fields::at(record, &field.path) = value.clone();
        }
        let mut records = self.records.clone();
        for (number, mut value) in values {
            let gap = serde_json::to_value(gap(number)).unwrap();
            let record = value.as_object_mut().unwrap().values_mut().next().unwrap();
            if let Some(gaps) = record["gaps"].as_array_mut() {
                gaps.push(gap);
            }
            records[number] = serde_json::from_value(value).unwrap();
        }
        Source::Records(Arc::new(records))
    }
}

/// A refused call of a record.
fn gap(record: usize) -> Gap {
    let resource = record.to_string();
    let place =
        GapPlace { resource: Some(&resource), service: "test", operation: "Test", ..GapPlace::default() };
    Gap::new(place, GapReason::AccessDenied, "refused by the test")
}

fn unread(record: usize) -> Value {
    json!({ "unavailable": gap(record).id.as_str() })
}

/// Some of the fields of each kind, spread over the records; all of them where everything is asked for.
fn sample(fields: &[Field], of_each_kind: usize) -> Vec<&Field> {
    let mut by_kind: BTreeMap<&str, Vec<&Field>> = BTreeMap::new();
    for field in fields {
        by_kind.entry(&field.kind).or_default().push(field);
    }
    let mut some = Vec::new();
    for fields in by_kind.into_values() {
        let step = fields.len().div_ceil(of_each_kind).max(1);
        some.extend(fields.into_iter().step_by(step));
    }
    some
}

/// Answers that were tried, verdicts that became unknown, and what was said that must not be, by kind.
type Found = (usize, usize, Vec<(String, String)>);

fn everything() -> bool {
    std::env::var("TRAILPROOF_FAULTS").is_ok()
}

#[test]
fn what_a_gap_leaves_standing_holds_whatever_would_have_been_answered() {
    let rules = RuleSet::builtin().unwrap();
    let healthy = Organization::of(Example::healthy(2, &["eu-central-1", "us-east-1"]));
    let defective = Organization::of(Example::demo());
    let mut answers = Answers::default();
    answers.learn(&healthy.values);
    answers.learn(&defective.values);
    let (of_each_kind, most) = if everything() { (6, 8) } else { (1, 2) };
    let mut untrue = Vec::new();
    for organization in [&healthy, &defective] {
        let before = Verdicts::over(&organization.source(), &rules);
        let all = fields::all(&organization.values);
        let sample = sample(&all, of_each_kind);
        let begun = Instant::now();
        let found: Vec<Found> = sample
            .par_iter()
            .map(|field| {
                let asked = organization.asked(field);
                let gapped = Verdicts::over(&organization.with(&[(field, unread(field.record))]), &rules);
                let mut untrue = gapped.untrue_beside(&before, asked);
                let mut value = organization.values[field.record].clone();
                let instead = answers.instead(&field.kind, fields::at(&mut value, &field.path), most);
                let tried = 1 + instead.len();
                for answer in instead {
                    let text = answer.to_string();
                    let other = Verdicts::over(&organization.with(&[(field, answer)]), &rules);
                    let text: String = text.chars().take(160).collect();
                    untrue.extend(
                        gapped.untrue_where(&other, asked).into_iter().map(|it| format!("{it} with {text}")),
                    );
                }
                let named = untrue.into_iter().map(|it| {
                    let rule = it.split(' ').next().unwrap_or_default();
                    (format!("{}: {rule}", field.kind), format!("{}: {it}", field.path.join(".")))
                });
                (tried, gapped.newly_unknown(&before), named.collect())
            })
            .collect();
        let tried: usize = found.iter().map(|(tried, _, _)| tried).sum();
        let unknown: usize = found.iter().map(|(_, unknown, _)| unknown).sum();
        println!(
            "{} fields of {}, {tried} answers, {unknown} verdicts became unknown, in {:?}",
            sample.len(),
            all.len(),
            begun.elapsed()
        );
        assert!(unknown > 0, "gaps are noticed");
        untrue.extend(found.into_iter().flat_map(|(_, _, untrue)| untrue));
    }
    let kinds = verdicts::kinds(&untrue);
    let lines: Vec<String> = kinds
        .iter()
        .map(|(kind, (times, example))| format!("{kind} ({times} times)\n    {example}"))
        .collect();
    assert!(lines.is_empty(), "{} of {} kinds\n{}", untrue.len(), lines.len(), lines.join("\n"));
}

/// What records keep of AWS's enumerations, in some value that they have: the files of records list them.
static VALUES: LazyLock<String> = LazyLock::new(|| {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model");
    let folders = [model.clone(), model.join("region"), model.join("stores")];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
    let list = Regex::new(r"const [A-Z_]+: &\[&str\] =\s*&\[([^\]]*)\]").unwrap();
    let values = files.map(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        list.captures_iter(&text).map(|list| list[1].to_owned()).collect::<String>()
    });
    values.collect()
});

fn is_of_an_enumeration(text: &str) -> bool {
    let others = ["ACTIVE", "AWS_KMS", "SYMMETRIC_DEFAULT"];
    others.contains(&text)
        || text.bytes().any(|byte| byte.is_ascii_uppercase()) && VALUES.contains(&format!("\"{text}\""))
}

/// A value that this release does not know is no value that it does: what is said beside it is as it was, or unknown.
#[test]
fn a_value_that_nobody_knows_is_no_certain_answer() {
    let rules = RuleSet::builtin().unwrap();
    let mut untrue = Vec::new();
    for example in [Example::healthy(1, &["us-east-1"]), Example::demo()] {
        let organization = Organization::of(example);
        let before = Verdicts::over(&organization.source(), &rules);
        let mut fields = fields::texts(&organization.values);
        // The names of types of policies say which are enabled.
        fields.retain(|(field, text)| {
            is_of_an_enumeration(text) && !field.kind.ends_with("enabled_policy_types[]")
        });
        let fields: Vec<Field> = fields.into_iter().map(|(field, _)| field).collect();
        let sample = sample(&fields, if everything() { 40 } else { 3 });
        let found: Vec<(usize, Vec<(String, String)>)> = sample
            .par_iter()
            .map(|field| {
                let changed = organization.with(&[(field, json!("Tomorrow"))]);
                let now = Verdicts::over(&changed, &rules);
                let untrue = now.untrue_beside(&before, organization.asked(field));
                let named = untrue.into_iter().map(|it| (field.kind.clone(), it));
                (now.newly_unknown(&before), named.collect())
            })
            .collect();
        assert!(sample.len() > 10, "{} fields", sample.len());
        assert!(found.iter().any(|(unknown, _)| *unknown > 0), "such values are noticed");
        untrue.extend(found.into_iter().flat_map(|(_, untrue)| untrue));
    }
    let kinds = verdicts::kinds(&untrue);
    assert!(kinds.is_empty(), "{kinds:#?}");
}
