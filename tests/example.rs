//! The bundled organizations against the bundled rules: nothing is wrong in the healthy one, and the demonstration shows
//! every rule that can fail at all beside a good archive.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use trailproof::evaluate::{Evaluation, check};
use trailproof::example::Example;
use trailproof::finding::Verdict;
use trailproof::model::Expectations;
use trailproof::rules::RuleSet;

/// Rules that an organization with a working archive and organization trail cannot break, or is not asked to keep.
const HOLD_IN_THE_DEMONSTRATION: &[&str] = &[
    // Kinesis keeps records for no less than the rule asks for by default.
    "kinesis-retention",
    // Log groups are subscribed, and no rule centralizes them.
    "logs-centralization",
    // Its policies could not exist with consolidated billing only.
    "org-all-features",
    // The archive is good, and that it serves for nothing else is part of that.
    "org-archive-dedicated",
    // The archive is good, and a guardrail keeps it.
    "org-deny-archive-deletion",
    // The guardrail that keeps the archive's protection is a service control policy.
    "org-scp-enabled",
    // The organization trail takes every account's management events to the archive.
    "trail-coverage",
    // The organization trail records the archive's object events.
    "trail-data-events-archive",
    // Asks only where a result of verify-logs is handed in.
    "trail-digest-chain",
    // The organization trail records events of global services for every account.
    "trail-global-events",
    // Asks only where the configuration names home regions, and the demonstration has no configuration.
    "trail-home-region",
    // The organization trail records management events, and other trails are for data events alone.
    "trail-management-events",
    // Asks only where the configuration names sources of network activity.
    "trail-network-events",
    // There is a multi-region organization trail that logs.
    "trail-organization",
];

fn checked(example: Example) -> (RuleSet, Evaluation) {
    let rules = RuleSet::builtin().expect("the bundled rules load");
    let evaluation =
        check(&example.into_source(), Expectations::default(), &rules).expect("the example is whole");
    (rules, evaluation)
}

fn rules_with(
    rules: &RuleSet,
    evaluation: &Evaluation,
    verdict: Verdict,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in evaluation.findings.iter().filter(|finding| finding.verdict == verdict) {
        let rule = rules.rule(finding.rule).expect("findings are of the rule set");
        let text = finding.message.as_deref().unwrap_or("").to_owned();
        found.entry(rule.id.to_string()).or_default().insert(format!("{}: {text}", finding.subject.id));
    }
    found
}

#[test]
fn a_healthy_organization_has_no_failure_and_nothing_unknown() {
    let (rules, evaluation) = checked(Example::healthy(3, &["eu-central-1", "us-east-1"]));
    assert_eq!(rules_with(&rules, &evaluation, Verdict::Fail), BTreeMap::new());
    assert_eq!(rules_with(&rules, &evaluation, Verdict::Unknown), BTreeMap::new());
}

#[test]
fn the_demonstration_breaks_every_rule_that_it_can() {
    let (rules, evaluation) = checked(Example::demo());
    let failed = rules_with(&rules, &evaluation, Verdict::Fail);
    let held: Vec<&str> =
        rules.rules().iter().map(|rule| &*rule.id).filter(|id| !failed.contains_key(*id)).collect();
    assert_eq!(held, HOLD_IN_THE_DEMONSTRATION);
    assert!(!rules_with(&rules, &evaluation, Verdict::Unknown).is_empty(), "gaps show as unknown");
}

#[test]
fn every_message_of_the_demonstration_is_a_sentence() {
    let (rules, evaluation) = checked(Example::demo());
    let placeholders = ["none", "null", "true", "false", "unknown"];
    for finding in evaluation.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        let id = &rules.rules()[finding.rule as usize].id;
        let message = finding.message.as_deref().expect("a failure has a message");
        assert!(message.starts_with(char::is_uppercase), "{id} begins a sentence: {message}");
        assert!(!message.contains("  "), "{id} has two spaces: {message}");
        let mut words = message.split(|character: char| !character.is_alphanumeric());
        assert_eq!(words.find(|word| placeholders.contains(word)), None, "{id}: {message}");
    }
}
