//! The bundled organizations against the bundled rules: nothing is wrong in the healthy one, and the demonstration shows
//! every rule that can fail at all beside a good archive.

#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};

use trailproof::evaluate::{Evaluation, check};
use trailproof::example::Example;
use trailproof::finding::Verdict;
use trailproof::model::Expectations;
use trailproof::rules::RuleSet;

/// Rules that an organization with a working archive and organization trail cannot break.
const HOLD_IN_THE_DEMONSTRATION: &[&str] = &[];

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
        let rule = &rules.rules()[finding.rule as usize];
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
