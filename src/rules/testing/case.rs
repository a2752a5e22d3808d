//! Test files as they are written. See [`super`].

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::facts::TestFacts;
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
    for (number, case) in (1..).zip(parsed.case) {
        let mut facts = TestFacts::new(&variables);
        for (path, value) in &parsed.facts {
            // What is wrong with these was reported once, above.
            if facts.state(path.get_ref(), value, &variables).is_err() {
                break;
            }
        }
        state(&mut facts, &case.set);
        cases.push(Prepared {
            name: case.name.unwrap_or_else(|| format!("case {number} ({})", case.expect.as_str())),
            facts,
            expect: case.expect,
            message_contains: case.message_contains,
        });
    }
    if errors.is_empty() { Ok(cases) } else { Err(RuleErrors::new(errors)) }
}
