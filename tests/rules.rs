//! Every rule in `rules/` loads, passes its own tests, and keeps its id.

use trailproof::rules::{RuleSet, testing};

/// What a guardrail's rule recommends denies all that it asks about.
#[test]
fn the_recommended_statements_deny_every_protected_action() {
    let list = include_str!("../src/facts/guardrail/protected.txt");
    let mut rule = "";
    for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some("left out") => return,
            Some(id) => rule = id,
            None => {
                let name = rule.trim_start_matches("org-");
                let text = std::fs::read_to_string(format!("rules/organization/{name}.toml")).unwrap();
                assert!(text.contains(&format!("\"{line}\",")), "{rule}: {line}");
            }
        }
    }
}

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

/// A remedy that only looks helps nobody; where no command does it, the rule says why.
#[test]
fn every_rule_has_a_remedy_that_changes_something() {
    for rule in RuleSet::builtin().unwrap().rules() {
        let remediation = &rule.remediation;
        let is_there = remediation.cli.is_some() || remediation.terraform.is_some();
        assert_ne!(is_there, remediation.by_hand.is_some(), "{}: cli or terraform, or why neither", rule.id);
        let Some(cli) = &remediation.cli else { continue };
        let calls = cli.text().split("aws ").skip(1).filter_map(|call| call.split_whitespace().nth(1));
        let reads = |call: &str| {
            ["get-", "list-", "describe-", "head-", "validate-"].iter().any(|it| call.starts_with(it))
        };
        assert!(calls.clone().any(|call| !reads(call)), "{}: {}", rule.id, cli.text());
    }
}

/// Where a policy of the account sets the retention, a group's own setting has no effect: what has one comes first.
#[test]
fn the_remedy_of_retention_begins_with_the_policy_that_overrides_it() {
    let rules = RuleSet::builtin().unwrap();
    let rule = rules.rules().iter().find(|rule| rule.id.to_string() == "logs-retention").unwrap();
    let cli = rule.remediation.cli.as_ref().unwrap().text();
    let first = cli.split("aws logs ").nth(1).unwrap();
    assert!(first.starts_with("put-account-policy --policy-type RETENTION_POLICY"), "{cli}");
    assert!(cli.starts_with("# Where the finding names an account-level retention policy"), "{cli}");
    let text = rule.remediation.text.text();
    assert!(
        text.starts_with("Where the finding names an account-level retention policy, change that policy"),
        "{text}"
    );
}
