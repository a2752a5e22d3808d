//! Loading, overriding and testing rules.

use std::sync::Arc;

use super::rule::RuleSource;
use super::source::SourceFile;
use super::testing;
use super::{RuleErrors, RuleOverrides, RuleSet};
use crate::finding::Severity;

const HOME: &str = r#"
id = "trail-home"
title = "The trail is at home"
severity = "medium"
subject = "trail"
since = "0.1.0"
when = "trail.name != parameters.ignored"
pass = """
organization.all_features != null
    && organization.all_features
    && trail.home_region.startsWith(parameters.region)"""
message = "{trail.name} is in {trail.home_region}, not in {parameters.region}"
rationale = "Somebody must be at home."
references = ["https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html"]
aliases = ["trail-house"]
[remediation]
text = "Make it anew in {parameters.region}."
cli = "aws cloudtrail create-trail --name {trail.name} --tags-list '[{\"Key\": \"a\"}]'"
[parameters.region]
default = "eu-"
doc = "The start of the regions where trails may be."
[parameters.ignored]
default = "lost"
doc = "A trail that may be anywhere."
"#;

const HOME_TESTS: &str = r#"
[facts]
"trail.name" = "main"
"trail.home_region" = "eu-central-1"
"organization.all_features" = true

[[case]]
expect = "pass"

[[case]]
name = "abroad"
set = { "trail.home_region" = "us-east-1" }
expect = "fail"
message_contains = "main is in us-east-1, not in eu-"

[[case]]
set = { "organization.all_features" = { denied = true } }
expect = "unknown"

[[case]]
set = { "organization.all_features" = false }
expect = "fail"

[[case]]
set = { "organization.all_features" = { null = true } }
expect = "fail"

[[case]]
set = { trail = { name = "lost" } }
expect = "not_applicable"
"#;

fn source(family: &str, name: &str, text: &str, tests: Option<&str>) -> RuleSource {
    let file = |path: String, text: &str| Arc::new(SourceFile { path, text: text.to_owned() });
    RuleSource {
        family: family.to_owned(),
        name: name.to_owned(),
        file: file(format!("rules/{family}/{name}.toml"), text),
        tests: tests.map(|tests| file(format!("rules/{family}/{name}.test.toml"), tests)),
    }
}

fn load(sources: Vec<RuleSource>, overrides: &RuleOverrides) -> Result<RuleSet, RuleErrors> {
    RuleSet::compile(sources, overrides, Vec::new())
}

fn home(text: &str, tests: &str) -> Result<RuleSet, RuleErrors> {
    load(vec![source("trail", "home", text, Some(tests))], &RuleOverrides::default())
}

/// The problems that testing finds.
fn problems(rules: &RuleSet) -> String {
    let failed = testing::run(rules).into_iter().filter_map(|result| {
        let problem = result.problem?;
        Some(format!("{} / {}: {problem}", result.rule_id, result.name))
    });
    failed.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_sound_rule_loads_and_its_tests_pass() {
    let rules = home(HOME, HOME_TESTS).unwrap();
    assert_eq!(problems(&rules), "");
    let rule = rules.get("trail-house").unwrap();
    assert_eq!((&*rule.id, rule.severity), ("trail-home", Severity::Medium));
    assert_eq!(rules.nearest("trail-hom"), Some("trail-home"));
    let labels: Vec<&str> = rule.evidence.iter().map(|path| &*path.label).collect();
    assert_eq!(labels, ["trail.name", "organization.all_features", "trail.home_region"]);
    let cli = rule.remediation.cli.as_ref().unwrap();
    assert_eq!(
        cli.render(&rule.parameters, None),
        "aws cloudtrail create-trail --name {trail.name} --tags-list '[{\"Key\": \"a\"}]'"
    );
}
