//! What follows from when the policy was read. See [`super`].

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::condition::Condition;
use crate::condition_keys::is_clock;
use crate::context::ContextValue;
use crate::document::{Document, Effect, Statement};
use crate::truth::Truth;

/// The policy as it works from this instant on. What no later request can meet is dropped, and so is a denial that only
/// begins later: so far it denies nothing. Conditions that every later request meets are left out, and those of grants that
/// end later: so far they grant. What else depends on the time of a request stays. Statements keep their numbers.
pub fn in_force(document: &Document, at: DateTime<Utc>) -> Document {
    settled(document, at, |statement| statement.effect == Effect::Deny)
}

/// The same with denials that begin later, for who wants to tell of them.
pub fn in_force_or_later(document: &Document, at: DateTime<Utc>) -> Document {
    settled(document, at, |_| false)
}

fn settled(document: &Document, at: DateTime<Utc>, drops_later: impl Fn(&Statement) -> bool) -> Document {
    let statements = document.statements.iter().filter_map(|statement| {
        let mut conditions = Vec::new();
        for condition in &statement.conditions {
            if !is_clock(condition.lowercase_key()) {
                conditions.push(condition.clone());
                continue;
            }
            match (now(condition, at), from_now_on(condition, at)) {
                (_, Truth::True) => {}
                (_, Truth::False) => return None,
                (Truth::True, Truth::Unknown) if statement.effect == Effect::Allow => {}
                (Truth::False, Truth::Unknown) if drops_later(statement) => return None,
                _ => conditions.push(condition.clone()),
            }
        }
        Some(Statement { conditions, ..statement.clone() })
    });
    Document { statements: statements.collect(), ..document.clone() }
}

fn now(condition: &Condition, at: DateTime<Utc>) -> Truth {
    let time = if condition.compares_numbers() { at.timestamp().to_string() } else { written(at) };
    condition.holds(&|_| Cow::Owned(ContextValue::one(time.clone())))
}

fn from_now_on(condition: &Condition, at: DateTime<Utc>) -> Truth {
    if condition.is_presence() { now(condition, at) } else { condition.holds_since(&written(at)) }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
