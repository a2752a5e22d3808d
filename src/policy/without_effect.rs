//! Statements that can never match: mistakes that leave a policy without the effect it seems to have.

use std::fmt;

use super::document::{Document, Effect, Statement, StatementId};
use super::hierarchy::PolicyKind;

mod actions;
mod conditions;
mod resources;

/// A statement, or a part of it, that can never match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutEffect {
    /// The statement.
    pub statement: StatementId,
    /// The whole statement can never match; otherwise only the named parts cannot.
    pub whole: bool,
    /// Why, for each part.
    pub reasons: Vec<Mistake>,
}

/// Why a part of a statement can never match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// No resource has such an ARN.
    ImpossibleResource {
        /// The pattern as the policy has it.
        pattern: String,
        /// What is wrong.
        explanation: String,
    },
    /// The resource belongs to a service that none of the actions is of.
    ForeignResource {
        /// The pattern as the policy has it.
        pattern: String,
        /// Its service.
        service: String,
    },
    /// A policy variable that never has a value.
    UnresolvedVariable {
        /// The pattern as the policy has it.
        pattern: String,
        /// The variable.
        variable: String,
    },
    /// No action is called so.
    ImpossibleAction {
        /// The action as the policy has it.
        action: String,
        /// What is wrong.
        explanation: String,
    },
    /// A condition that no bound caller meets.
    ImpossibleCondition {
        /// Operator, key and values in words.
        condition: String,
        /// What is wrong.
        explanation: String,
    },
    /// The element lists nothing.
    Empty {
        /// The element.
        element: &'static str,
    },
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImpossibleResource { pattern, explanation } => {
                write!(formatter, "no resource has the ARN `{pattern}`: {explanation}")
            }
            Self::ForeignResource { pattern, service } => {
                write!(formatter, "`{pattern}` is a resource of {service}, which none of the actions is of")
            }
            Self::UnresolvedVariable { pattern, variable } => {
                write!(formatter, "`{pattern}` matches nothing: `${{{variable}}}` never has a value")
            }
            Self::ImpossibleAction { action, explanation } => {
                write!(formatter, "no action is called `{action}`: {explanation}")
            }
            Self::ImpossibleCondition { condition, explanation } => {
                write!(formatter, "no bound caller meets {condition}: {explanation}")
            }
            Self::Empty { element } => write!(formatter, "`{element}` lists nothing"),
        }
    }
}

impl Document {
    /// The `Deny` statements that can never match, or not with all of their parts, if the document is attached as a
    /// policy of this kind in this organization. What can match is never listed.
    pub fn without_effect(&self, kind: PolicyKind, organization_id: Option<&str>) -> Vec<WithoutEffect> {
        let bound = Bound { kind, organization_id };
        self.with_effect(Effect::Deny).filter_map(|statement| judge(statement, &bound)).collect()
    }
}

/// Whom the policy binds.
struct Bound<'a> {
    kind: PolicyKind,
    organization_id: Option<&'a str>,
}

fn judge(statement: &Statement, bound: &Bound<'_>) -> Option<WithoutEffect> {
    let mut reasons = Vec::new();
    let mut whole = false;
    // What a `NotAction` or `NotResource` lists in vain makes the statement deny more, not less.
    if !statement.action.negated {
        let mistakes: Vec<Mistake> =
            statement.action.patterns.iter().filter_map(|pattern| actions::mistake(pattern.text())).collect();
        whole |= mistakes.len() == statement.action.patterns.len();
        reasons.extend(mistakes);
        if statement.action.patterns.is_empty() {
            reasons.push(Mistake::Empty { element: "Action" });
        }
    }
    if let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) {
        let mistakes: Vec<Mistake> =
            element.patterns.iter().filter_map(|pattern| resources::mistake(pattern, statement)).collect();
        whole |= mistakes.len() == element.patterns.len();
        reasons.extend(mistakes);
        if element.patterns.is_empty() {
            reasons.push(Mistake::Empty { element: "Resource" });
        }
    }
    for condition in &statement.conditions {
        let mistake = conditions::mistake(condition, bound);
        whole |= mistake.is_some();
        reasons.extend(mistake);
    }
    (!reasons.is_empty()).then(|| WithoutEffect { statement: statement.id.clone(), whole, reasons })
}

#[cfg(test)]
mod tests;
