//! Test files as they are written. See [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::facts::{Contradiction, TestFacts};
use crate::facts::variables;
use crate::finding::Verdict;
use crate::rules::Rule;
use crate::rules::diagnostic::{RuleError, RuleErrors};
use crate::rules::source::SourceFile;

type Facts = BTreeMap<Spanned<String>, toml::Value>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestFile {
    #[serde(default)]
    facts: Facts,
    #[serde(default)]
    case: Vec<CaseFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    name: Option<String>,
    #[serde(default)]
    set: Facts,
    expect: Verdict,
    message_contains: Option<String>,
}

/// A case with its facts.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) name: String,
    pub(super) facts: TestFacts,
    pub(super) expect: Verdict,
    pub(super) message_contains: Option<String>,
}

/// Reads a test file.
pub(super) fn prepare(rule: &Rule, file: &Arc<SourceFile>) -> Result<Vec<Prepared>, RuleErrors> {
    let parsed: TestFile =
        toml::from_str(&file.text).map_err(|error| RuleErrors::new(vec![RuleError::toml(file, &error)]))?;
    let variables = variables(rule.subject);
    let mut errors = Vec::new();
    let mut state = |facts: &mut TestFacts, stated: &Facts| {
        for (path, value) in stated {
            if let Err((title, help)) = facts.state(path.get_ref(), value, &variables) {
                let error = RuleError::at(file, path.span(), title, "this fact");
                errors.push(match help {
                    Some(help) => error.help(help),
                    None => error,
                });
            }
        }
    };
    state(&mut TestFacts::new(&variables), &parsed.facts);
    let mut cases = Vec::new();
    let mut contradictions: Vec<(Range<usize>, Contradiction)> = Vec::new();
    for (number, case) in (1..).zip(parsed.case) {
        let mut facts = TestFacts::new(&variables);
        for (path, value) in &parsed.facts {
            // What is wrong with these was reported once, above.
            if facts.state(path.get_ref(), value, &variables).is_err() {
                break;
            }
        }
        state(&mut facts, &case.set);
        for contradiction in facts.settle() {
            // What the case sets is nearer than what all cases share; the whole thing may have been stated at once.
            let places = case.set.keys().chain(parsed.facts.keys());
            let mut places = places.filter(|place| {
                let place = place.get_ref();
                contradiction
                    .path
                    .strip_prefix(place)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            let span = places.next().map_or(0..0, Spanned::span);
            contradictions.push((span, contradiction));
        }
        cases.push(Prepared {
            name: case.name.unwrap_or_else(|| format!("case {number} ({})", case.expect.as_str())),
            facts,
            expect: case.expect,
            message_contains: case.message_contains,
        });
    }
    // Each is told once, though all cases may share it.
    let mut told = BTreeSet::new();
    for (span, Contradiction { title, help, .. }) in contradictions {
        if told.insert((span.start, title.clone(), help.clone())) {
            errors.push(RuleError::at(file, span, title, "this fact").help(help));
        }
    }
    if errors.is_empty() { Ok(cases) } else { Err(RuleErrors::new(errors)) }
}
