//! Where a policy looks at condition keys, and which of their values make a difference to it.
//!
//! [`super::caller`] says which of these values a caller can have, [`super::search`] tries them.

use std::collections::BTreeMap;

use crate::condition::Condition;
use crate::context::ContextValue;
use crate::document::Statement;
use crate::glob::Glob;
use crate::pattern::{Lookup, Pattern};

/// What stands for a `*` in an example: no policy names it.
pub(super) const FILLER: &str = "x7q2z9";

/// The values of a condition key that can make a difference.
pub(super) struct Candidates {
    pub(super) values: Vec<ContextValue>,
    /// Whether no other value could behave differently.
    pub(super) exhaustive: bool,
}

/// One place where a policy looks at a condition key.
pub(super) struct Mention<'a> {
    pub(super) condition: &'a Condition,
    pub(super) pattern: &'a Pattern,
}

/// The condition keys that decide, in lower case, and where they are looked at.
pub(super) type Mentions<'a> = BTreeMap<String, Vec<Mention<'a>>>;

/// Adds the places where a statement looks at condition keys.
pub(super) fn mention<'a>(statement: &'a Statement, mentions: &mut Mentions<'a>) {
    for condition in &statement.conditions {
        let places = mentions.entry(condition.lowercase_key().to_owned()).or_default();
        places.extend(condition.values().iter().map(|pattern| Mention { condition, pattern }));
        for variable in condition.values().iter().flat_map(Pattern::variables) {
            mentions.entry(variable.to_owned()).or_default();
        }
    }
    for pattern in statement.resource.iter().flat_map(|element| &element.patterns) {
        for variable in pattern.variables() {
            mentions.entry(variable.to_owned()).or_default();
        }
    }
}

impl Mention<'_> {
    /// The automaton of the value, variables filled in as far as they are known.
    pub(super) fn glob(&self, lookup: &Lookup<'_>) -> Option<Glob> {
        self.pattern.resolved(lookup)
    }
}
