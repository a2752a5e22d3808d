//! The facts that decided, kept small: a million findings are held at once. See [`super`].

use serde_json::Value;

use crate::facts::SubjectFacts;
use crate::facts::view::Fact;
use crate::finding::Evidence;
use crate::rules::{FactPath, Rule, Shape};

/// Characters of a text, and elements of a list, that evidence keeps.
const LONGEST_TEXT: usize = 256;
const LONGEST_LIST: usize = 20;

/// What the facts that a rule asks for say of a subject.
pub(super) struct Gathered {
    pub(super) evidence: Vec<Evidence>,
    /// It is all that the rule can see of the subject: nothing is unknown, cut off, or a list of things.
    pub(super) is_whole: bool,
}

pub(super) fn gather(rule: &Rule, subject: &SubjectFacts) -> Gathered {
    let mut evidence = Vec::with_capacity(rule.evidence.len());
    let mut is_whole = true;
    for path in &rule.evidence {
        let fact = path.read(subject);
        is_whole &= fact.as_ref().is_some_and(|fact| is_told(path.shape, fact));
        if let Some(fact) = fact {
            evidence.push(Evidence { path: path.label.clone(), value: shown(path, &fact) });
        }
    }
    Gathered { evidence, is_whole }
}

/// Whether evidence says all of a fact that an expression can see. Of a thing it asks whether there is one; what it asks of
/// it besides has a path of its own.
fn is_told(shape: Shape, fact: &Fact<'_>) -> bool {
    match shape {
        Shape::Size => false,
        Shape::Presence => !matches!(fact, Fact::Unavailable(_)),
        Shape::Value => fits(fact),
    }
}

fn fits(fact: &Fact<'_>) -> bool {
    match fact {
        Fact::Null | Fact::Bool(_) | Fact::Int(_) => true,
        Fact::Text(text) => text.chars().nth(LONGEST_TEXT).is_none(),
        Fact::List(facts) => facts.len() <= LONGEST_LIST && facts.iter().all(fits),
        Fact::Object(_) | Fact::Unavailable(_) => false,
    }
}

fn shown(path: &FactPath, fact: &Fact<'_>) -> Option<Value> {
    match (path.shape, fact) {
        (_, Fact::Unavailable(_)) => None,
        (Shape::Presence, fact) => Some(Value::Bool(!matches!(fact, Fact::Null))),
        (Shape::Size, Fact::List(facts)) => {
            let unknown = facts.iter().any(|fact| matches!(fact, Fact::Unavailable(_)));
            (!unknown).then(|| Value::from(facts.len()))
        }
        (Shape::Value | Shape::Size, fact) => value(fact),
    }
}

fn value(fact: &Fact<'_>) -> Option<Value> {
    Some(match fact {
        Fact::Null => Value::Null,
        Fact::Bool(truth) => Value::Bool(*truth),
        Fact::Int(number) => Value::from(*number),
        Fact::Text(text) => Value::String(cut(text)),
        Fact::List(facts) => {
            let mut values: Vec<Value> = facts.iter().take(LONGEST_LIST).map(value).collect::<Option<_>>()?;
            if let Some(more) = facts.len().checked_sub(LONGEST_LIST).filter(|more| *more > 0) {
                values.push(Value::String(format!("… and {more} more")));
            }
            Value::Array(values)
        }
        Fact::Object(view) => Value::String(view.schema().name.to_owned()),
        Fact::Unavailable(_) => return None,
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The message of a finding that stays unknown. The rule's title tells it from those of other rules about the same
/// thing: several tools know a finding by its text and place.
pub(super) fn why_unknown(title: &str, evidence: &[Evidence]) -> String {
    let missing: Vec<&str> =
        evidence.iter().filter(|one| one.value.is_none()).map(|one| one.path.as_ref()).collect();
    if missing.is_empty() {
        // Facts of elements of a list are no evidence of their own.
        return format!("cannot be decided: {title} (some of what it depends on could not be read)");
    }
    format!("cannot be decided: {title} ({} could not be read)", missing.join(", "))
}
