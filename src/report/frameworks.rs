//! What the rules say of the controls of frameworks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ReportedRule, VerdictCounts};
use crate::frameworks::{Control, ControlVerdict, Framework};

/// A framework with what the rules say of its controls. It lists the controls about logging and auditing alone, and
/// not even of those all are covered: it never says that a standard is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Framework")]
pub struct FrameworkResult {
    /// `cis-aws-foundations-7.0`.
    pub id: String,
    /// The standard's name.
    pub name: String,
    /// The standard's version.
    pub version: String,
    /// How many of the listed controls this program has rules for.
    pub covered: usize,
    /// The standard's controls about logging and auditing; it has others.
    pub controls: Vec<ControlResult>,
}

/// What the rules say of a control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Control")]
pub struct ControlResult {
    /// As the standard numbers it.
    pub id: String,
    /// What it is about, in words of this program.
    pub topic: String,
    /// What the rules leave open.
    pub note: Option<String>,
    /// What its rules say together.
    pub verdict: ControlVerdict,
    /// Those of its rules that ran.
    pub rules: Vec<String>,
    /// Those of its rules that did not run.
    pub not_run: Vec<String>,
    /// The findings of the rules that ran.
    pub counts: VerdictCounts,
    /// Failures among them that a waiver covers.
    pub waived: usize,
}

/// Joins frameworks with the verdicts of the rules, whose waived failures are counted beside.
pub(super) fn results(
    frameworks: Vec<Framework>,
    rules: &[(ReportedRule, VerdictCounts)],
    waived: &[usize],
) -> Vec<FrameworkResult> {
    let ran: BTreeMap<&str, (VerdictCounts, usize)> =
        rules.iter().zip(waived).map(|((rule, counts), waived)| (&*rule.id, (*counts, *waived))).collect();
    frameworks
        .into_iter()
        .map(|framework| FrameworkResult {
            covered: framework.covered(),
            id: framework.id,
            name: framework.name,
            version: framework.version,
            controls: framework.controls.into_iter().map(|control| result(control, &ran)).collect(),
        })
        .collect()
}

fn result(control: Control, ran: &BTreeMap<&str, (VerdictCounts, usize)>) -> ControlResult {
    let mut counts = VerdictCounts::default();
    let mut waived = 0;
    let (rules, not_run): (Vec<String>, Vec<String>) =
        control.rules.into_iter().partition(|rule| ran.contains_key(rule.as_str()));
    for (of_rule, waived_of_rule) in rules.iter().filter_map(|rule| ran.get(rule.as_str())) {
        counts += *of_rule;
        waived += waived_of_rule;
    }
    let verdict = if counts.fail > 0 {
        ControlVerdict::Fail
    } else if counts.unknown > 0 {
        ControlVerdict::Unknown
    } else if counts.pass > 0 && not_run.is_empty() {
        ControlVerdict::Pass
    } else {
        ControlVerdict::NotCovered
    };
    ControlResult {
        id: control.id,
        topic: control.topic,
        note: control.note,
        verdict,
        rules,
        not_run,
        counts,
        waived,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(counts: &[(&'static str, VerdictCounts)], rules: &[&str]) -> ControlVerdict {
        let ran = counts.iter().map(|(rule, counts)| (*rule, (*counts, 0))).collect();
        let control = Control {
            id: "1".to_owned(),
            topic: "one".to_owned(),
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            note: None,
        };
        result(control, &ran).verdict
    }

    #[test]
    fn a_control_passes_only_if_every_rule_of_it_ran_and_something_was_checked() {
        let passed = VerdictCounts { pass: 3, ..VerdictCounts::default() };
        let undecided = VerdictCounts { pass: 3, unknown: 1, ..VerdictCounts::default() };
        let failed = VerdictCounts { fail: 1, unknown: 1, ..VerdictCounts::default() };
        let needless = VerdictCounts { not_applicable: 4, ..VerdictCounts::default() };
        assert_eq!(verdict(&[("a", passed), ("b", needless)], &["a", "b"]), ControlVerdict::Pass);
        assert_eq!(verdict(&[("a", passed), ("b", undecided)], &["a", "b"]), ControlVerdict::Unknown);
        assert_eq!(verdict(&[("a", undecided), ("b", failed)], &["a", "b"]), ControlVerdict::Fail);
        assert_eq!(verdict(&[("a", passed)], &["a", "b"]), ControlVerdict::NotCovered);
        assert_eq!(verdict(&[("a", failed)], &["a", "b"]), ControlVerdict::Fail);
        assert_eq!(verdict(&[("a", needless)], &["a"]), ControlVerdict::NotCovered);
        assert_eq!(verdict(&[("a", passed)], &[]), ControlVerdict::NotCovered);
    }
}
