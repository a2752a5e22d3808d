//! Requirements on the same condition key that exclude or complete each other. See [`super`].
//!
//! Decided only where a few values stand for all: booleans, absence, and texts that are compared as wholes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Exemption, Requirement};
use crate::condition::{Condition, Operator};
use crate::condition_keys::is_always_there;
use crate::context::ContextValue;
use crate::pattern::Pattern;
use crate::truth::Truth;

/// Whether no request can meet all of the terms.
pub(super) fn contradict(terms: &[Exemption]) -> bool {
    by_key(terms).iter().any(|group| group.values().all(|value| group.truths(&value).any(Truth::is_false)))
}

/// Whether every request meets one of the terms.
pub(super) fn exhaust(terms: &[Exemption]) -> bool {
    by_key(terms).iter().any(|group| group.values().all(|value| group.truths(&value).any(Truth::is_true)))
}

/// Whether every request that meets the one requirement meets the other.
pub(super) fn implies(one: &Requirement, other: &Requirement) -> bool {
    let terms = [one, other].map(|requirement| {
        let (requirement, kind) = (requirement.clone(), super::ExemptionKind::SelfService);
        Exemption::Atom(super::ExemptionAtom { requirement, kind, by_default: false })
    });
    let groups = by_key(&terms);
    let [group] = groups.as_slice() else { return false };
    group.conditions.len() == 2
        && group.values().all(|value| {
            let truths: Vec<Truth> = group.truths(&value).collect();
            matches!(truths.as_slice(), [one, other] if one.is_false() || other.is_true())
        })
}

/// The requirements on one key.
#[derive(Default)]
struct Group {
    conditions: Vec<(bool, Condition)>,
}

fn by_key(terms: &[Exemption]) -> Vec<Group> {
    let mut keys: BTreeMap<String, Group> = BTreeMap::new();
    for term in terms {
        if let Exemption::Atom(atom) = term
            && let Requirement::Condition { holds, operator, key, values } = &atom.requirement
            && compares_wholes(operator)
            && !values.iter().any(|value| value.contains("${"))
        {
            let condition = Condition::new(Operator::new(operator), key, values, false);
            let group = keys.entry(key.to_ascii_lowercase()).or_default();
            group.conditions.push((*holds, condition));
        }
    }
    keys.into_values().collect()
}

fn compares_wholes(operator: &str) -> bool {
    let name = operator.to_ascii_lowercase();
    let base = name.strip_suffix("ifexists").unwrap_or(&name);
    matches!(base, "bool" | "null" | "stringequals" | "stringnotequals")
}

/// Stands for every text that no condition names.
const UNNAMED: &str = "\u{0}";

impl Group {
    /// Values of which one behaves like any value that a request can carry.
    fn values(&self) -> impl Iterator<Item = ContextValue> {
        let conditions = || self.conditions.iter().map(|(_, condition)| condition);
        let booleans = conditions().all(|condition| {
            let name = condition.operator().name().to_ascii_lowercase();
            name.starts_with("bool") || name == "null"
        });
        let mut texts: Vec<&str> = if booleans {
            vec!["true", "false"]
        } else {
            let named = conditions().flat_map(|condition| condition.values().iter().map(Pattern::text));
            named.chain([UNNAMED, "true", "false"]).collect()
        };
        texts.sort_unstable();
        texts.dedup();
        let texts: Vec<ContextValue> = texts.into_iter().map(ContextValue::one).collect();
        let key = self.conditions.first().map_or("", |(_, condition)| condition.lowercase_key());
        let absent = (!is_always_there(key)).then_some(ContextValue::Absent);
        texts.into_iter().chain(absent)
    }

    fn truths(&self, value: &ContextValue) -> impl Iterator<Item = Truth> {
        self.conditions.iter().map(move |(holds, condition)| {
            let truth = condition.holds(&|_| Cow::Borrowed(value));
            if *holds { truth } else { !truth }
        })
    }
}
