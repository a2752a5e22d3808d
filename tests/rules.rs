//! Every rule in `rules/` loads, passes its own tests, and keeps its id.

use trailproof::rules::{RuleSet, testing};

#[test]
fn every_rule_passes_its_own_tests() {
    let rules = RuleSet::builtin().unwrap();
    let problems: Vec<String> = testing::run(&rules)
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
    let rules = RuleSet::builtin().unwrap();
    let lines = rules.rules().iter().map(|rule| {
        let names = [&[rule.id.to_string()], &rule.aliases[..]].concat().join(", once ");
        format!("{names}: {}, {}", rule.subject.as_str(), rule.severity)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}
