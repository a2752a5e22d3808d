//! Tests of rules: `<name>.test.toml` beside the rule, as cases of facts and the verdict that is expected.
//!
//! A case starts from the file's `[facts]`, to which it adds its `set`. A fact that the rule reads and neither sets
//! is an error: nothing is assumed. `{ denied = true }` stands for a fact that could not be read, `{ null = true }`
//! for one that AWS says there is none of. A fact in words that follows from others is derived from them, by the code that
//! derives it everywhere; one that is stated and contradicts them is an error. Every rule needs a case that passes, one that fails and one that stays
//! unknown, and one to which it does not apply if it has a `when`. Then every operand of `&&` and `||` and every `!`
//! is dropped in turn, and every whole-number parameter shifted: some case must notice.

mod case;
mod facts;

use std::sync::Arc;

use rayon::prelude::*;

use self::case::Prepared;
use self::facts::TestFacts;
use super::cel::Mutant;
use super::parameter::ParameterValue;
use super::rule::{Decision, join};
use super::{Rule, RuleSet};
use crate::facts::{Subject, SubjectFacts, variables};
use crate::finding::Verdict;

/// What came of one case, or of a check over all cases of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseResult {
    /// The rule.
    pub rule_id: String,
    /// The case, or what was checked over all cases.
    pub name: String,
    /// What is wrong, for people; several lines where the source is drawn.
    pub problem: Option<String>,
}

impl CaseResult {
    /// Nothing is wrong.
    pub fn passed(&self) -> bool {
        self.problem.is_none()
    }
}

/// Runs the tests of all rules, in the order of rules and cases.
pub fn run(rules: &RuleSet) -> Vec<CaseResult> {
    let results: Vec<Vec<CaseResult>> = rules.rules().par_iter().map(test).collect();
    results.into_iter().flatten().collect()
}

fn test(rule: &Rule) -> Vec<CaseResult> {
    let result = |name: &str, problem: Option<String>| CaseResult {
        rule_id: rule.id.to_string(),
        name: name.to_owned(),
        problem,
    };
    let Some(file) = &rule.tests else {
        let problem = format!("there is no {} beside it", rule.file.path.replace(".toml", ".test.toml"));
        return vec![result("tests", Some(problem))];
    };
    let cases = match case::prepare(rule, file) {
        Ok(cases) => cases,
        Err(errors) => return vec![result("tests", Some(errors.to_string()))],
    };
    let mut results: Vec<CaseResult> =
        cases.iter().map(|case| result(&case.name, judge(rule, case).err())).collect();
    let complete = results.iter().all(CaseResult::passed);
    for verdict in Verdict::ALL {
        let wanted = verdict != Verdict::NotApplicable || rule.when.is_some();
        if wanted && !cases.iter().any(|case| case.expect == verdict) {
            let problem = format!("no case expects {}", verdict.as_str());
            results.push(result("verdicts", Some(problem)));
        }
    }
    // Variants of a rule say nothing while its own cases fail.
    if complete {
        let unnoticed: Vec<String> = unnoticed(rule, &cases);
        let problem = (!unnoticed.is_empty()).then(|| unnoticed.join("\n"));
        results.push(result("operands and parameters", problem));
    }
    results
}

/// The facts of a case as a subject.
fn subject(rule: &Rule, facts: &TestFacts) -> SubjectFacts {
    let name: Arc<str> = Arc::from("the case");
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: rule.subject,
            account_id: None,
            region: None,
            id: name,
            arn: None,
            name: None,
        }),
        variables: variables(rule.subject)
            .into_iter()
            .filter_map(|(name, _)| Some((name, facts.view(name)?)))
            .collect(),
        unlisted: None,
    }
}

fn judge(rule: &Rule, case: &Prepared) -> Result<(), String> {
    let subject = subject(rule, &case.facts);
    let decision = rule.decide(&subject).map_err(|errors| errors.to_string())?;
    let missing = case.facts.missing();
    if !missing.is_empty() {
        return Err(format!(
            "the rule reads {}, which neither [facts] nor the case sets",
            missing.join(", ")
        ));
    }
    if decision.verdict != case.expect {
        let message = match decision.verdict {
            Verdict::Fail => format!(": {}", rule.message.render(&rule.parameters, Some(&subject))),
            _ => String::new(),
        };
        return Err(format!("expected {}, got {}{message}", case.expect.as_str(), decision.verdict.as_str()));
    }
    let Some(wanted) = &case.message_contains else { return Ok(()) };
    let message = rule.message.render(&rule.parameters, Some(&subject));
    if message.contains(wanted.as_str()) {
        return Ok(());
    }
    Err(format!("the message does not contain `{wanted}`: {message}"))
}

/// The variants of a rule that no case notices.
fn unnoticed(rule: &Rule, cases: &[Prepared]) -> Vec<String> {
    let notices = |decide: &dyn Fn(&SubjectFacts) -> Option<Decision>| {
        cases.iter().any(|case| {
            let subject = subject(rule, &case.facts);
            let decision = decide(&subject);
            // A variant that asks for a fact which the case leaves open says nothing.
            case.facts.missing().is_empty() && decision.is_none_or(|decision| decision.verdict != case.expect)
        })
    };
    let mut unnoticed = Vec::new();
    let mut dropped = |part: &str, mutant: &Mutant, decide: &dyn Fn(&SubjectFacts) -> Option<Decision>| {
        if !notices(decide) {
            unnoticed.push(format!("no case notices that {} of `{part}` is dropped", mutant.dropped));
        }
    };
    let values = &rule.values;
    if let Some(when) = &rule.when {
        for mutant in when.expression.mutants() {
            dropped("when", &mutant, &|subject| {
                join(Some(mutant.evaluate(subject, values)), || {
                    rule.pass.expression.evaluate(subject, values)
                })
                .ok()
            });
        }
    }
    for mutant in rule.pass.expression.mutants() {
        dropped("pass", &mutant, &|subject| {
            let when = rule.when.as_ref().map(|when| when.expression.evaluate(subject, values));
            join(when, || mutant.evaluate(subject, values)).ok()
        });
    }
    for (name, value) in values {
        let ParameterValue::Int(number) = value else { continue };
        let shifted = |by: i64| {
            let mut values = values.clone();
            values.insert(name.clone(), ParameterValue::Int(number.saturating_add(by)));
            notices(&|subject| rule.decide_with(subject, &values).ok())
        };
        if !shifted(1) && !shifted(-1) {
            unnoticed.push(format!("no case notices that `parameters.{name}` is one more or one less"));
        }
    }
    unnoticed
}
