//! Every rule in `rules/` loads, passes its own tests, and keeps its id.

use trailproof::rules::{RuleSet, testing};

fn builtin() -> RuleSet {
    match RuleSet::builtin() {
        Ok(rules) => rules,
        Err(errors) => panic!("{errors}"),
    }
}

#[test]
fn every_rule_passes_its_own_tests() {
    let problems: Vec<String> = testing::run(&builtin())
        .into_iter()
        .filter_map(|result| {
            let problem = result.problem?;
            Some(format!("{}: {}: {problem}", result.rule_id, result.name))
        })
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// An id in somebody's waivers or settings must not change or vanish unnoticed.
#[test]
fn the_ids_of_rules_are_known() {
    let rules = builtin();
    let lines = rules.rules().iter().map(|rule| {
        let aliases: String = rule.aliases.iter().map(|alias| format!(" (was {alias})")).collect();
        format!("{} {} {}{aliases}", rule.id, rule.severity, rule.subject.as_str())
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}
