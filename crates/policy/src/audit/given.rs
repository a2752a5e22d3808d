//! A document for requests of which something is known. See [`super`].

use std::borrow::Cow;

use crate::context::ContextValue;
use crate::document::{Document, Statement};
use crate::truth::Truth;

/// The document for requests that carry these condition keys (in lower case) with these values: conditions that they meet
/// are left out, statements whose conditions they do not meet are dropped. Statements keep their numbers.
pub(super) fn given(document: &Document, values: &[(&str, ContextValue)]) -> Document {
    let known = |key: &str| values.iter().find(|(given, _)| *given == key).map(|(_, value)| value);
    let apply = |statement: &Statement| {
        let mut conditions = Vec::new();
        for condition in &statement.conditions {
            let holds = match known(condition.lowercase_key()) {
                Some(_) => {
                    condition.holds(&|key| Cow::Owned(known(key).cloned().unwrap_or(ContextValue::Unknown)))
                }
                None => Truth::Unknown,
            };
            match holds {
                Truth::True => {}
                Truth::False => return None,
                Truth::Unknown => conditions.push(condition.clone()),
            }
        }
        Some(Statement { conditions, ..statement.clone() })
    };
    Document { statements: document.statements.iter().filter_map(apply).collect(), ..document.clone() }
}
