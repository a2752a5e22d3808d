//! Puts an element that nobody declared into every place of every answer, and a value that no enumeration has in place of
//! every one that some has, one place after the other, and scans with the real binary: a verdict stays, or becomes
//! unknown. The element could have been a filter, and the value could mean anything.
//!
//! By default every second place of each answer, beginning with another one in each operation; all of them with
//! `TRAILPROOF_FAULTS` (see `scripts/faults`).

#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod fake_aws;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Arc, Mutex};

use fake_aws::{FakeAws, Misbehaviour, World, healthy, observabilityadmin};
use serde_json::{Value, json};

const REGIONS: [&str; 1] = ["eu-central-1"];
const STRANGER: &str = "Stranger";

/// The verdicts by fingerprint, and in what follows them what they are about.
fn scan(fake: &FakeAws) -> BTreeMap<String, (String, String)> {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trailproof"))
        .args(["scan", "--format", "json", "--max-attempts", "1", "--no-progress"])
        .args(["--endpoint-url", &fake.endpoint()])
        .env_clear()
        .env("HOME", home.path())
        .envs(fake.environment(healthy::MANAGEMENT, REGIONS[0]))
        .current_dir(home.path())
        .output()
        .expect("the binary starts");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert!(report.is_object(), "no report: {}", String::from_utf8_lossy(&output.stderr));
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = |finding: &Value| format!("{}: {}", text(&finding["rule_id"]), text(&finding["message"]));
    let entry = |finding: &Value| (text(&finding["fingerprint"]), (text(&finding["verdict"]), told(finding)));
    findings.iter().map(entry).collect()
}

/// The places of each call's answers, by service and operation.
type Seen = BTreeMap<(String, String), BTreeSet<String>>;

/// Values of enumerations, as the service models have them; besides those that collectors judge themselves.
const VALUES: &str = include_str!("../src/collect/answers/shapes.txt");
const JUDGED: [&str; 6] =
    ["ENABLED", "ENABLED_BY_DEFAULT", "ACTIVE", "STANDARD", "AWS_KMS", "SYMMETRIC_DEFAULT"];

fn is_of_an_enumeration(value: &str) -> bool {
    JUDGED.contains(&value)
        || VALUES
            .lines()
            .any(|line| line.starts_with("values ") && line.split(' ').skip(2).any(|known| known == value))
}

/// Visits the texts of a document that are values of enumerations, with their places.
fn values(value: &mut Value, path: &str, visit: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, member)| values(member, &format!("{path}/{name}"), visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| values(item, path, visit)),
        Value::String(text) if is_of_an_enumeration(text) => visit(path, text),
        _ => {}
    }
}

/// The same in XML: where such a value stands, and how long it is.
fn written_values(body: &str) -> Vec<(String, usize, usize)> {
    let value = |at: usize| &body[at..at + body[at..].find('<').unwrap_or(0)];
    let places = tags(body).into_iter().map(|(path, at)| (path, at, value(at).len()));
    places.filter(|(_, at, _)| is_of_an_enumeration(value(*at))).collect()
}

fn places_of_values(body: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match serde_json::from_str::<Value>(body) {
        Ok(mut document) => values(&mut document, "", &mut |path, _| {
            found.insert(path.to_owned());
        }),
        Err(_) => found.extend(written_values(body).into_iter().map(|(path, _, _)| path)),
    }
    found
}

/// The answer with a value that nobody knows in every place of the kind.
fn changed(body: &str, place: &str) -> String {
    if let Ok(mut document) = serde_json::from_str::<Value>(body) {
        values(&mut document, "", &mut |path, text| {
            if path == place {
                *text = "Tomorrow".to_owned();
            }
        });
        return document.to_string();
    }
    let mut changed = body.to_owned();
    for (path, at, length) in written_values(body).into_iter().rev() {
        if path == place {
            changed.replace_range(at..at + length, "Tomorrow");
        }
    }
    changed
}

/// The places of an answer, as kinds: the items of a list are one kind.
fn places(body: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(mut document) = serde_json::from_str::<Value>(body) {
        objects(&mut document, "", &mut |path, _| {
            found.insert(path.to_owned());
        });
    } else {
        for (path, _) in tags(body) {
            found.insert(path);
        }
    }
    found
}

fn objects(value: &mut Value, path: &str, visit: &mut dyn FnMut(&str, &mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                objects(member, &format!("{path}/{name}"), visit);
            }
            visit(path, members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| objects(item, path, visit)),
        _ => {}
    }
}

/// Where elements open, and the names on the way there.
fn tags(body: &str) -> Vec<(String, usize)> {
    let mut open: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = body[at..].find('<').map(|offset| at + offset) {
        let end = start + body[start..].find('>').unwrap();
        let tag = &body[start + 1..end];
        at = end + 1;
        if tag.starts_with('?') {
            continue;
        }
        if tag.starts_with('/') {
            open.pop();
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
            found.push((open.join("/"), at));
        }
    }
    found
}

/// The answer with the stranger in every place of the kind.
fn disturbed(body: &str, place: &str) -> String {
    if let Ok(mut document) = serde_json::from_str::<Value>(body) {
        objects(&mut document, "", &mut |path, members| {
            if path == place {
                members.insert(STRANGER.to_owned(), json!({ "Prefix": "AWSLogs/" }));
            }
        });
        return document.to_string();
    }
    let mut disturbed = body.to_owned();
    for (path, at) in tags(body).into_iter().rev() {
        if path == place {
            disturbed.insert_str(at, &format!("<{STRANGER}><Prefix>AWSLogs/</Prefix></{STRANGER}>"));
        }
    }
    disturbed
}

#[test]
fn an_element_that_nobody_declared_changes_no_verdict_but_to_unknown() {
    let (tried, unknown) = disturb_each(places, disturbed);
    let times = if everything() { 2 } else { 1 };
    assert!(tried > 40 * times && unknown > 20 * times, "{tried} places, {unknown} unknown");
}

#[test]
fn a_value_that_no_model_has_changes_no_verdict_but_to_unknown() {
    let (tried, unknown) = disturb_each(places_of_values, changed);
    let times = if everything() { 2 } else { 1 };
    assert!(tried > 12 * times && unknown > 7 * times, "{tried} places, {unknown} unknown");
}

fn everything() -> bool {
    std::env::var("TRAILPROOF_FAULTS").is_ok()
}

/// Scans with each place disturbed in turn; how many there were, and how many made something unknown.
fn disturb_each(places: fn(&str) -> BTreeSet<String>, disturbed: fn(&str, &str) -> String) -> (usize, usize) {
    let mut world = World::healthy(4, &REGIONS);
    observabilityadmin::centralize(&mut world, "all", &REGIONS, REGIONS[0]);
    // What only the rule copies.
    world.region_mut(&healthy::workload(0), REGIONS[0]).subscription_filters.clear();
    let fake = FakeAws::start(world);
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let into = Arc::clone(&seen);
    fake.tamper(move |exchange| {
        let key = &exchange.call.key;
        // A policy's document is its owner's text, not the protocol's.
        if exchange.reply.status == 200 && key.operation != "GetBucketPolicy" {
            let mut seen = into.lock().unwrap();
            let of_call = seen.entry((key.service.clone(), key.operation.clone())).or_default();
            of_call.extend(places(&exchange.reply.body));
        }
        None
    });
    let before = scan(&fake);
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() > 40, "every call of a scan is disturbed: {}", seen.len());
    let (mut tried, mut unknown, mut wrong) = (0, 0, Vec::new());
    let (first, step) = if everything() { (0, 1) } else { (1, 2) };
    let of_calls = seen.into_iter().filter(|((_, name), _)| name != "GetCallerIdentity");
    for (number, ((service, operation), places)) in of_calls.enumerate() {
        for place in places.into_iter().skip(number % 2 * first).step_by(step) {
            let (of_service, of_operation, at) = (service.clone(), operation.clone(), place.clone());
            fake.tamper(move |exchange| {
                let key = &exchange.call.key;
                let is_meant = exchange.reply.status == 200
                    && key.service == of_service
                    && key.operation == of_operation;
                is_meant.then(|| {
                    let mut reply = exchange.reply.clone();
                    reply.body = disturbed(&reply.body, &at);
                    Misbehaviour::Answer(reply)
                })
            });
            let after = scan(&fake);
            tried += 1;
            let is_new = |(verdict, _): &(String, String)| verdict == "unknown";
            unknown += usize::from(after.values().any(is_new));
            for (finding, (verdict, _)) in &before {
                let now = after.get(finding).filter(|(now, _)| now != verdict && now != "unknown");
                if let Some((now, told)) = now {
                    wrong.push(format!("{service}:{operation} {place}: {now} was {verdict}: {told}"));
                }
            }
            if !after.values().any(is_new) && after.len() < before.len() {
                wrong.push(format!(
                    "{service}:{operation} {place}: findings are gone, and nothing is unknown"
                ));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    (tried, unknown)
}
