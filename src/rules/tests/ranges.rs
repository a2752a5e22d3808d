//! Numbers of parameters that make sense.

use crate::rules::{ParameterValue, RuleOverrides, RuleSet};

#[test]
fn a_number_with_which_a_rule_says_nothing_is_refused_with_the_nearest() {
    for (rule, parameter, number, said) in [
        ("trail-digest-chain", "min_days", -1, "from 1 to 3650: the nearest is 1"),
        ("bucket-retention", "min_days", 0, "the nearest is 1"),
        ("trail-delivery", "max_hours", 1_000_000, "from 1 to 168: the nearest is 168"),
        ("config-delivery", "max_days", i64::MAX, "the nearest is 90"),
        ("kms-rotation", "max_days", i64::MIN, "the nearest is 90"),
    ] {
        let set = |number: i64| RuleOverrides {
            parameters: [(rule.to_owned(), [(parameter.to_owned(), toml::Value::Integer(number))].into())]
                .into(),
            ..RuleOverrides::default()
        };
        let refused = RuleSet::load(&[], &set(number)).unwrap_err().to_string();
        assert!(refused.contains(&format!("`{parameter}` of {rule}")) && refused.contains(said), "{refused}");
        assert!(RuleSet::load(&[], &set(100)).is_ok() || rule == "config-delivery", "{rule}");
    }
    // Every number of the rules that come with the program has bounds.
    for rule in RuleSet::load(&[], &RuleOverrides::default()).unwrap().rules() {
        for (name, parameter) in &rule.parameters {
            if !matches!(parameter.value, ParameterValue::Int(_)) {
                continue;
            }
            for number in [i64::MIN, 0, i64::MAX] {
                let set = toml::Value::Integer(number);
                let overrides = RuleOverrides {
                    parameters: [(rule.id.to_string(), [(name.clone(), set)].into())].into(),
                    ..RuleOverrides::default()
                };
                assert!(RuleSet::load(&[], &overrides).is_err(), "{} {name} {number}", rule.id);
            }
        }
    }
}
