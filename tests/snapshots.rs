//! Snapshots of other versions: what one lacks is unknown, never none, and never damage.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trailproof::evaluate::{CheckError, Evaluation, check};
use trailproof::example::Example;
use trailproof::facts::{Subject, SubjectKind};
use trailproof::finding::{Verdict, fingerprint};
use trailproof::model::{Expectations, GapReason};
use trailproof::rules::RuleSet;
use trailproof::snapshot::Source;

/// What identifies a snapshot and its records: every version has written it, so a file without it was changed.
const ALWAYS_THERE: &[&str] = &[
    "header.format_version",
    "header.taken_at",
    "header.partition",
    "header.caller_account_id",
    "header.accounts",
    "account.id",
    "stores.account_id",
    "end.accounts",
];

/// What a bucket receives is taken from what names it. Where the only bucket that does is not read, the bucket is held
/// to more than it needs: an open question of the facts, `access_logs_only` and `replicas_only`, not of snapshots.
const NAMED_BY_OTHERS: &[&str] = &["stores.buckets[].logging", "stores.buckets[].replication"];

fn lines(example: Example) -> Vec<Value> {
    example.records().iter().map(|record| serde_json::to_value(record).unwrap()).collect()
}

fn checked(folder: &Path, lines: &[Value], rules: &RuleSet) -> Result<Evaluation, CheckError> {
    let path = folder.join("snapshot.jsonl");
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(&path, text.join("\n") + "\n").unwrap();
    check(&Source::Files(vec![path]), Expectations::default(), rules)
}

/// The verdict of each rule about each subject.
fn verdicts(evaluation: &Evaluation, rules: &RuleSet) -> BTreeMap<(String, String), Verdict> {
    let rule = |number| rules.rule(number).unwrap().id.to_string();
    evaluation
        .findings
        .iter()
        .map(|finding| {
            let id = rule(finding.rule);
            let mut subject = Subject::clone(&finding.subject);
            if subject.kind == SubjectKind::Bucket {
                // Unique without it, and a snapshot may lack it.
                subject.region = None;
            }
            let subject = fingerprint(&id, &subject);
            ((id, subject), finding.verdict)
        })
        .collect()
}

/// The ways to each field, with `[]` for every element of a list.
fn fields(value: &Value, way: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields_of) => {
            for (name, value) in fields_of {
                let way = if way.is_empty() { name.clone() } else { format!("{way}.{name}") };
                fields(value, &way, found);
                found.insert(way);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                fields(element, &format!("{way}[]"), found);
            }
        }
        _ => {}
    }
}

/// Does something to each object that holds the field at the end of the way.
fn each_holder(
    value: &mut Value,
    way: &str,
    change: &mut dyn FnMut(&mut serde_json::Map<String, Value>, &str),
) {
    if let Some(rest) = way.strip_prefix("[]") {
        for element in value.as_array_mut().into_iter().flatten() {
            each_holder(element, rest.strip_prefix('.').unwrap_or(rest), change);
        }
        return;
    }
    let end = way.find(['.', '[']).unwrap_or(way.len());
    let (name, rest) = way.split_at(end);
    let Some(object) = value.as_object_mut() else { return };
    if rest.is_empty() {
        change(object, name);
    } else if let Some(inner) = object.get_mut(name) {
        each_holder(inner, rest.strip_prefix('.').unwrap_or(rest), change);
    }
}

/// What may not be: another verdict than before, but unknown; a finding that is gone without an unknown in its place.
fn wrong(
    before: &BTreeMap<(String, String), Verdict>,
    now: &BTreeMap<(String, String), Verdict>,
) -> Vec<String> {
    let unknown: BTreeSet<&str> = now
        .iter()
        .filter(|(_, verdict)| **verdict == Verdict::Unknown)
        .map(|((rule, _), _)| rule.as_str())
        .collect();
    let changed = before.iter().filter_map(|(key, verdict)| match now.get(key) {
        Some(now) if now == verdict || *now == Verdict::Unknown => None,
        None if unknown.contains(key.0.as_str()) => None,
        now => Some(format!("{}: {verdict:?}, now {now:?}", key.0)),
    });
    let new = now.iter().filter(|(key, verdict)| !before.contains_key(*key) && **verdict != Verdict::Unknown);
    let new = new.map(|(key, verdict)| format!("{}: new: {verdict:?}", key.0));
    changed.chain(new).collect::<BTreeSet<_>>().into_iter().collect()
}

fn is_field(way: &str) -> bool {
    let last = way.rsplit(['.', ']']).next().unwrap_or_default();
    // What came of a call, and the kinds of a value, are no fields.
    !["known", "unavailable", "basic", "advanced"].contains(&last)
        && way.contains('.')
        && !way.contains(".tags.")
        && !way.contains("scope.known")
}

/// All of the demonstration: `TRAILPROOF_ALL_FIELDS=1 cargo test --test snapshots`.
#[test]
fn a_field_that_a_record_lacks_is_unknown() {
    let rules = RuleSet::builtin().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let example = match std::env::var("TRAILPROOF_ALL_FIELDS") {
        Ok(_) => Example::demo(),
        Err(_) => Example::healthy(1, &["eu-central-1"]),
    };
    let whole = lines(example);
    let before = verdicts(&checked(folder.path(), &whole, &rules).unwrap(), &rules);
    let mut ways = BTreeSet::new();
    for line in &whole {
        fields(line, "", &mut ways);
    }
    let ways: Vec<&String> = ways.iter().filter(|way| is_field(way)).collect();
    assert!(ways.len() > 150, "{}", ways.len());
    let mut problems = Vec::new();
    for way in ways {
        let mut without = whole.clone();
        for line in &mut without {
            each_holder(line, way, &mut |object, name| drop(object.remove(name)));
        }
        match checked(folder.path(), &without, &rules) {
            Ok(evaluation) => {
                let named: BTreeSet<&str> = evaluation.gaps.iter().map(|gap| gap.id.as_str()).collect();
                let lost = evaluation.findings.gaps();
                let lost: BTreeSet<&str> =
                    lost.map(trailproof::model::GapId::as_str).filter(|gap| !named.contains(gap)).collect();
                problems.extend(lost.iter().map(|gap| format!("{way}: {gap} is not in the list")));
                let mut wrong = wrong(&before, &verdicts(&evaluation, &rules));
                if NAMED_BY_OTHERS.iter().any(|start| way.starts_with(start)) {
                    wrong.retain(|wrong| !wrong.starts_with("bucket-"));
                }
                problems.extend(wrong.iter().map(|wrong| format!("{way}: {wrong}")));
            }
            Err(_) if ALWAYS_THERE.contains(&way.as_str()) => {}
            Err(error) => problems.push(format!("{way}: {error}")),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Adds a field to each object that is a record or a part of one.
fn add(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(add);
            let words = ["known", "unavailable", "basic", "advanced", "header", "account", "stores", "end"];
            if !words.iter().any(|word| object.contains_key(*word)) && !object.is_empty() {
                object.insert("zz_novelty".to_owned(), json!({ "of": ["a newer", "version"] }));
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(add),
        _ => {}
    }
}

/// From a newer version: fields, kinds of records, and values that this one has no word for.
#[test]
fn what_a_newer_version_adds_is_passed_over_or_unknown() {
    let rules = RuleSet::builtin().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let whole = lines(Example::demo());
    let before = verdicts(&checked(folder.path(), &whole, &rules).unwrap(), &rules);
    let mut more = whole.clone();
    for line in &mut more {
        for record in line.as_object_mut().unwrap().values_mut() {
            add(record);
            // Tags, and the settings of a scope, are maps of texts.
            each_holder(record, "scope.known.settings", &mut |object, name| drop(object.remove(name)));
        }
    }
    more.insert(2, json!({ "weather": { "is": "fine" } }));
    assert_eq!(verdicts(&checked(folder.path(), &more, &rules).unwrap(), &rules), before);

    let values = [
        ("account.trails.known[].event_selectors.known", json!({ "sorted": [] })),
        ("account.trails.known[].event_selectors", json!({ "sampled": {} })),
        ("stores.buckets[].object_lock.known.default_retention", json!({ "mode": "immutable", "days": 9 })),
        ("account.buckets", json!(null)),
    ];
    for (way, value) in values {
        let mut other = whole.clone();
        let mut changed = 0;
        for line in &mut other {
            each_holder(line, way, &mut |object, name| {
                if let Some(field) = object.get_mut(name) {
                    *field = value.clone();
                    changed += 1;
                }
            });
        }
        assert!(changed > 0, "{way}");
        let evaluation = checked(folder.path(), &other, &rules).unwrap();
        assert_eq!(wrong(&before, &verdicts(&evaluation, &rules)), Vec::<String>::new(), "{way}");
        assert!(evaluation.gaps.iter().any(|gap| gap.reason == GapReason::NotCollected), "{way}");
    }
}

/// Rules that were mended since, and pass where they failed without cause: CHANGELOG says which.
const MENDED: &[&str] = &[
    // Trails that record everything together are complete.
    "trail-management-events",
];

#[test]
fn a_snapshot_of_an_earlier_release_says_what_it_said() {
    let rules = RuleSet::builtin().unwrap();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/snapshots/2026-11-22.jsonl.zst");
    let evaluation = check(&Source::Files(vec![path.clone()]), Expectations::default(), &rules).unwrap();
    assert_eq!(
        evaluation.coverage.accounts_read, 15,
        "of 17: one is suspended, and one could not be entered"
    );
    let whole = |finding: trailproof::finding::Finding| {
        let id = rules.rule(finding.rule).unwrap().id.to_string();
        let subject = fingerprint(&id, &finding.subject);
        ((id, subject), finding.verdict)
    };
    let now: BTreeMap<(String, String), Verdict> = evaluation.findings.iter().map(whole).collect();
    let failures = std::fs::read_to_string(path.with_file_name("2026-11-22.failures")).unwrap();
    let mut wrong = Vec::new();
    for line in failures.lines() {
        let (rule, subject) = line.split_once(' ').unwrap();
        match now.get(&(rule.to_owned(), subject.to_owned())) {
            Some(Verdict::Fail | Verdict::Unknown) => {}
            Some(Verdict::Pass) if MENDED.contains(&rule) => {}
            other => wrong.push(format!("{line}: {other:?}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let unknown = now.values().filter(|verdict| **verdict == Verdict::Unknown).count();
    // That release did not ask each region for its trails: what could hang on one that it missed is unknown.
    assert!(unknown * 2 < now.len(), "{unknown} of {} are unknown", now.len());
}
