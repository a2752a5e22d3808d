//! What follows from whose the resource is. See [`super`].

use std::borrow::Cow;

use super::OrganizationScope;
use crate::condition::{Condition, Operator};
use crate::condition_keys::{OfOwner, is_multivalued, of_owner};
use crate::context::ContextValue;
use crate::document::{Document, Element, Statement, Version};
use crate::pattern::{Pattern, Style};
use crate::truth::Truth;

/// The policy of a resource that this account owns, at this path (`o-.../r-.../ou-.../`) where that is known:
/// `aws:ResourceAccount`, `s3:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths` have the owner's values in
/// every request for it. Conditions that are met by them are left out, statements whose
/// conditions are not are dropped, and policy variables are filled in. Statements keep their numbers.
pub fn of_owner_account(
    document: &Document,
    (account, path): (&str, Option<&str>),
    organization: &OrganizationScope,
) -> Document {
    let owner = Owner {
        account,
        path,
        organization: organization
            .organization_id
            .as_deref()
            .filter(|_| organization.account_ids.contains(account)),
        variables: document.version == Version::V2012,
    };
    let statements = document.statements.iter().filter_map(|statement| owner.apply(statement)).collect();
    Document { statements, ..document.clone() }
}

struct Owner<'a> {
    account: &'a str,
    path: Option<&'a str>,
    organization: Option<&'a str>,
    variables: bool,
}

impl Owner<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        match of_owner(key)? {
            OfOwner::Account => Some(self.account),
            OfOwner::Organization => self.organization,
            OfOwner::Path => self.path,
        }
    }

    fn apply(&self, statement: &Statement) -> Option<Statement> {
        let mut conditions = Vec::new();
        for condition in &statement.conditions {
            let condition = self.turned(self.filled(condition));
            let holds = match self.value(condition.lowercase_key()) {
                Some(value) => condition.holds(&|key| {
                    let known = key == condition.lowercase_key();
                    Cow::Owned(if known { ContextValue::one(value) } else { ContextValue::Unknown })
                }),
                None => Truth::Unknown,
            };
            match holds {
                Truth::True => {}
                Truth::False => return None,
                Truth::Unknown => conditions.push(condition),
            }
        }
        let resource = statement.resource.as_ref().map(|element| Element {
            negated: element.negated,
            patterns: element.patterns.iter().map(|pattern| self.filled_resource(pattern)).collect(),
        });
        Some(Statement { resource, conditions, ..statement.clone() })
    }

    /// That the owner's value is the caller's says the same as that the caller's is the owner's.
    fn turned(&self, condition: Condition) -> Condition {
        let (Some(own), [value]) = (self.value(condition.lowercase_key()), condition.values()) else {
            return condition;
        };
        let variable = value.text().strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or("");
        // The owner's value is there, so that `IfExists` says nothing.
        let name = condition.operator().name();
        let stem = name.len().checked_sub("IfExists".len()).and_then(|at| name.split_at_checked(at));
        let operator = match stem {
            Some((stem, end)) if end.eq_ignore_ascii_case("IfExists") => stem,
            _ => name,
        };
        let single = condition.is_plain() && condition.is_textual();
        let known = value.variables().next().filter(|key| *key == variable.to_ascii_lowercase());
        if !single || known.is_none() || is_multivalued(&variable.to_ascii_lowercase()) {
            return condition;
        }
        Condition::new(Operator::new(operator), variable, &[own.to_owned()], false)
    }

    fn filled(&self, condition: &Condition) -> Condition {
        if !condition.values().iter().any(|value| self.is_filled(value)) {
            return condition.clone();
        }
        let values: Vec<String> = condition.values().iter().map(|value| self.text(value)).collect();
        Condition::new(condition.operator().clone(), condition.key(), &values, self.variables)
    }

    fn filled_resource(&self, pattern: &Pattern) -> Pattern {
        if pattern.misplaced_variable().is_some() || !self.is_filled(pattern) {
            return pattern.clone();
        }
        Pattern::new(&self.text(pattern), Style::Resource, false, self.variables)
    }

    fn is_filled(&self, pattern: &Pattern) -> bool {
        pattern.variables().any(|key| self.single(key).is_some())
    }

    /// Variables are of keys with one value.
    fn single(&self, key: &str) -> Option<&str> {
        self.value(key).filter(|_| !is_multivalued(key))
    }

    /// The text with the owner's values, which hold no character that means something in a pattern.
    fn text(&self, pattern: &Pattern) -> String {
        let mut text = String::new();
        let mut rest = pattern.text();
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inside, remainder)) = after.split_once('}') else { break };
            text.push_str(before);
            let key = inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
            match self.single(&key) {
                Some(value) => text.push_str(value),
                None => text.extend(["${", inside, "}"]),
            }
            rest = remainder;
        }
        text.push_str(rest);
        text
    }
}
