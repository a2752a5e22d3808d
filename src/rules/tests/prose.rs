//! What a test states in words follows from what it states in facts.

use super::{RuleOverrides, load, problems, source};
use crate::facts::variables;
use crate::facts::view::{FactType, Field, Schema};
use crate::rules::RuleSet;

/// A rule whose message says everything that is known of a thing in words.
fn rule(id: &str, subject: &str, pass: &str, message: &str) -> String {
    format!(
        r#"
id = "{id}"
title = "It is as it should be"
severity = "low"
subject = "{subject}"
since = "0.1.0"
pass = "{pass}"
message = "{message}"
rationale = "It matters."
references = []
[remediation]
text = "Mend it."
by_hand = "Nobody else can."
"#
    )
}

fn versioning(tests: &str) -> String {
    let text = rule(
        "bucket-versions",
        "bucket",
        "bucket.versioning == 'Enabled'",
        "{bucket.name} {bucket.versioning_state}",
    );
    problems(
        &load(vec![source("bucket", "versions", &text, Some(tests))], &RuleOverrides::default()).unwrap(),
    )
}

const CASES: &str = r#"
[[case]]
expect = "pass"
[[case]]
set.bucket = { versioning = "Suspended" }
expect = "fail"
message_contains = "logs is suspended"
[[case]]
set.bucket = { versioning = { denied = true } }
expect = "unknown"
"#;

#[test]
fn words_that_nobody_states_are_derived() {
    let facts = "[facts.bucket]\nname = \"logs\"\nversioning = \"Enabled\"\n";
    assert_eq!(versioning(&format!("{facts}{CASES}")), "");
}

#[test]
fn a_contradiction_is_refused_with_its_place() {
    // What all cases share is true of the first alone.
    let shared =
        "[facts.bucket]\nname = \"logs\"\nversioning = \"Enabled\"\nversioning_state = \"is enabled\"\n";
    let problem = versioning(&format!("{shared}{CASES}"));
    let expected = "`bucket.versioning_state` does not follow from versioning";
    assert!(problem.contains(expected), "{problem}");
    assert!(problem.contains("versions.test.toml"), "{problem}");
    assert!(problem.contains("leave it out: it is \"is suspended\""), "{problem}");
    // A case of its own.
    let own = CASES.replace(
        "versioning = \"Suspended\"",
        "versioning = \"Suspended\", versioning_state = \"was never enabled\"",
    );
    let problem = versioning(&format!("[facts.bucket]\nname = \"logs\"\nversioning = \"Enabled\"\n{own}"));
    assert!(problem.contains(expected) && problem.contains("versions.test.toml:8"), "{problem}");
    // Words of which nothing is stated that they follow from.
    let alone = CASES.replace("versioning = \"Suspended\"", "versioning_state = \"is suspended\"");
    let problem = versioning(&format!("[facts.bucket]\nname = \"logs\"\n{alone}"));
    assert!(problem.contains("state versioning too, and leave this out"), "{problem}");
}

/// Contradictions of every subject, and of words that only say whether there is something to say.
#[test]
fn words_are_held_to_the_facts_of_every_subject() {
    for (family, subject, pass, facts, wrong) in [
        (
            "trail",
            "trail",
            "trail.delivery_error == null",
            r#"trail = { delivery_error = "NoSuchBucket", hours_since_delivery = 3, delivery = "all is well" }"#,
            "trail.delivery",
        ),
        (
            "trail",
            "trail",
            "trail.delivers_to_archive",
            r#"trail = { delivers_to_archive = true, outside_archive = "delivers elsewhere" }"#,
            "trail.outside_archive",
        ),
        (
            "trail",
            "trail",
            "trail.bucket_account_id != null",
            r"trail = { bucket_account_id = { null = true }, foreign_bucket = { null = true } }",
            "trail.foreign_bucket",
        ),
        (
            "keys",
            "key",
            "key.rotation_days != null",
            r#"key = { rotation_days = 366, rotation = "is rotated every 365 days" }"#,
            "key.rotation",
        ),
        (
            "logs",
            "log_group",
            "log_group.retention_days == null",
            r#"log_group = { retention_days = 30, retention_policy = "short", retention = "30 days" }"#,
            "log_group.retention",
        ),
        (
            "config",
            "region",
            "region.recorder_recording",
            r#"region = { has_recorder = false, recorder_recording = false, recorder_last_status = { null = true }, recorder_error = { null = true }, recorder_problem = "Config's recorder is stopped" }"#,
            "region.recorder_problem",
        ),
        (
            "organization",
            "account",
            "guardrails.leave.openness == 'none'",
            r#"guardrails = { leave = { openness = "none", open = "to everyone" } }"#,
            "leave.open",
        ),
        (
            "organization",
            "organization",
            "organization.trusted_services.size() > 0",
            r#"organization = { trusted_services = [], trusted_access = "config.amazonaws.com" }"#,
            "organization.trusted_access",
        ),
    ] {
        let prefix = match family {
            "organization" => "org",
            "keys" => "kms",
            family => family,
        };
        let text = rule(&format!("{prefix}-words"), subject, pass, "Something is wrong");
        let tests = format!("[[case]]\nset = {{ {facts} }}\nexpect = \"pass\"\n");
        let rules =
            load(vec![source(family, "words", &text, Some(&tests))], &RuleOverrides::default()).unwrap();
        let problem = problems(&rules);
        let field = wrong.split_once('.').unwrap().1;
        assert!(problem.contains(&format!(".{field}` does not follow from")), "{wrong}: {problem}");
    }
}

/// Words that take more than the facts of the same thing, each with what they take.
const TAKE_MORE: &[(&str, &str)] = &[
    ("bucket.deletion_advice", "who delivers into the bucket"),
    ("bucket.replication_shortfall", "the rules of its replication"),
    ("delivery_stream.destination", "what else belongs to the archive"),
    ("log_group.subscription", "subscriptions and destinations"),
    ("logging.other_duties", "facts of the account"),
    ("organization.administrators", "each service's administrators"),
    ("organization.config_aggregators", "each aggregator"),
    ("region.config_delivery", "each kind of delivery and its time"),
    ("trail.digest_chain", "hours, where the facts tell days"),
];

/// Copies of what AWS answered: names.
const NAMES: &[&str] = &["id", "name", "arn", "path", "home_region", "bucket_name", "target_arn", "kind"];

fn field(variables: &[(&'static str, &'static Schema)], path: &str) -> Option<&'static Field> {
    let mut segments = path.split('.');
    let root = segments.next()?;
    let mut schema = variables.iter().find(|(name, _)| *name == root)?.1;
    let mut found = None;
    for segment in segments {
        let field = schema.field(segment)?;
        if let FactType::Object(inner) = field.kind {
            schema = inner();
        }
        found = Some(field);
    }
    found
}

#[test]
fn what_messages_say_in_words_follows_from_facts() {
    let rules = RuleSet::builtin().unwrap();
    let mut of_more = Vec::new();
    for rule in rules.rules() {
        let variables = variables(rule.subject);
        let conditions: Vec<&str> = rule.evidence.iter().map(|path| &*path.label).collect();
        for placeholder in rule.message.text().split('{').skip(1) {
            let path = placeholder.split('}').next().unwrap_or_default();
            let Some(field) = field(&variables, path) else { continue };
            let in_words = matches!(field.kind, FactType::Text) && !NAMES.contains(&field.name);
            if !in_words || field.prose.is_some() || conditions.contains(&path) {
                continue;
            }
            assert!(
                TAKE_MORE.iter().any(|(known, _)| *known == path),
                "{}: `{path}` is in words, and nothing says what it follows from",
                rule.id
            );
            of_more.push(path.to_owned());
        }
    }
    for (path, _) in TAKE_MORE {
        assert!(of_more.iter().any(|used| used == path), "{path} needs no exception");
    }
}
