//! The fields of records that a call answers, wherever they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// An organization has accounts.
const ACCOUNTS: &str = "header.organization.accounts";

/// Where a field is: names, and numbers of elements.
pub(crate) type Path = Vec<String>;

/// A field that a call answers, in one record.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The record's number.
    pub(crate) record: usize,
    pub(crate) path: Path,
    /// The same for all fields of that name: `account.regions[].recorders`.
    pub(crate) kind: String,
}

fn is_observed(value: &Value) -> bool {
    match value {
        Value::String(text) => text == "absent",
        Value::Object(map) => {
            map.len() == 1 && map.keys().all(|name| name == "known" || name == "unavailable")
        }
        _ => false,
    }
}

fn kind(path: &Path) -> String {
    let mut kind = String::new();
    for part in path {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            kind.push_str("[]");
        } else if part != "known" {
            kind.push_str(if kind.is_empty() { "" } else { "." });
            kind.push_str(part);
        }
    }
    kind
}

/// Every such field that is not already unread.
pub(crate) fn all(records: &[Value]) -> Vec<Field> {
    fn walk(record: usize, value: &Value, path: &mut Path, found: &mut Vec<Field>) {
        if is_observed(value) && value.get("unavailable").is_none() {
            found.push(Field { record, path: path.clone(), kind: kind(path) });
        }
        let mut into = |name: String, value: &Value| {
            path.push(name);
            walk(record, value, path, found);
            path.pop();
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| into(name.clone(), value)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(number, value)| into(number.to_string(), value));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (number, record) in records.iter().enumerate() {
        walk(number, record, &mut Path::new(), &mut found);
    }
    found
}

/// Every text of the records, with its place.
pub(crate) fn texts(records: &[Value]) -> Vec<(Field, String)> {
    fn walk(record: usize, value: &Value, path: &mut Path, found: &mut Vec<(Field, String)>) {
        let mut into = |name: String, value: &Value| {
            path.push(name);
            walk(record, value, path, found);
            path.pop();
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| into(name.clone(), value)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(number, value)| into(number.to_string(), value));
            }
            Value::String(text) => {
                let field = Field { record, path: path.clone(), kind: kind(path) };
                found.push((field, text.clone()));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for (number, record) in records.iter().enumerate() {
        walk(number, record, &mut Path::new(), &mut found);
    }
    found
}

/// The field in its record.
pub(crate) fn at<'a>(record: &'a mut Value, path: &Path) -> &'a mut Value {
    path.iter().fold(record, |value, part| match value {
        Value::Array(list) => list.get_mut(part.parse::<usize>().unwrap()).unwrap(),
        value => value.get_mut(part).unwrap(),
    })
}

/// What calls answer elsewhere, by the kind of the field.
#[derive(Debug, Default)]
pub(crate) struct Answers(BTreeMap<String, BTreeSet<String>>);

impl Answers {
    pub(crate) fn learn(&mut self, records: &[Value]) {
        let mut records = records.to_vec();
        for field in all(&records.clone()) {
            let value = at(&mut records[field.record], &field.path).to_string();
            self.0.entry(field.kind).or_default().insert(value);
        }
    }

    /// What could have been answered instead: that there is none, nothing, one element less, and what was answered
    /// elsewhere; some of it, `most` at most.
    pub(crate) fn instead(&self, kind: &str, value: &Value, most: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let elsewhere: Vec<Value> = self.0.get(kind).into_iter().flatten().map(|text| parse(text)).collect();
        if elsewhere.contains(&json!("absent")) {
            found.push(json!("absent"));
        }
        if let Some(list) = value["known"].as_array() {
            if kind != ACCOUNTS {
                found.push(json!({ "known": [] }));
            }
            for left_out in 0..list.len().min(2) {
                let mut list = list.clone();
                list.remove(left_out);
                found.push(json!({ "known": list }));
            }
        }
        if let Some(truth) = value["known"].as_bool() {
            found.push(json!({ "known": !truth }));
        }
        let step = elsewhere.len().div_ceil(most).max(1);
        found.extend(elsewhere.into_iter().step_by(step));
        found.retain(|other| other != value);
        found.dedup();
        found
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
