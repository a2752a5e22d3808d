//! Statements that can never match: mistakes that leave a policy without the effect it seems to have.

use std::collections::BTreeSet;
use std::fmt;

use super::condition::Condition;
use super::document::{Document, Effect, Statement, StatementId};
use super::hierarchy::{Organization, PolicyKind};
use super::pattern::Pattern;
use super::reference;
use super::truth::Truth;
use super::undecided::Undecided;

mod actions;
mod conditions;
mod resources;

/// A statement, or a part of it, that can never match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutEffect {
    /// The statement.
    pub statement: StatementId,
    /// Whether the whole statement can never match; where it can, only the named parts cannot. Unknown where it is about
    /// actions of which it is not known whether AWS has them, and on what they are asked.
    pub whole: Truth,
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
    /// A policy variable where AWS supports none: whether the statement has any effect is not known, whatever else it
    /// lists.
    MisplacedVariable {
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
    /// None of the actions is asked on such a resource.
    UnfitResource {
        /// The pattern as the policy has it.
        pattern: String,
        /// On what they are asked.
        explanation: String,
    },
    /// An action that is in no list: AWS may have added it.
    UnknownAction {
        /// The action as the policy has it.
        action: String,
    },
    /// A condition that only requests with a key meet which is in no list: AWS may have added it.
    UnknownKey {
        /// The key as the policy has it.
        key: String,
    },
    /// A condition of which AWS does not say whether anything meets it.
    UndecidedCondition(Undecided),
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
    /// The `Not` form of the element lists all that there is, so that nothing is left.
    NothingLeft {
        /// The element.
        element: &'static str,
    },
    /// An action that resource control policies do not bind.
    UnboundAction {
        /// The action as the policy has it.
        action: String,
    },
    /// A condition that only requests with a key of another service meet than those that the actions are of.
    ForeignKey {
        /// The key as the policy has it.
        key: String,
    },
    /// Conditions that no request meets together.
    ExclusiveConditions,
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
            Self::MisplacedVariable { pattern, variable } => {
                write!(
                    formatter,
                    "`{pattern}` is not relied on, nor is the statement: AWS supports policy variables after the fifth \
                     colon of an ARN only, and `${{{variable}}}` stands before it"
                )
            }
            Self::ImpossibleAction { action, explanation } => {
                write!(formatter, "no action is called `{action}`: {explanation}")
            }
            Self::UnfitResource { pattern, explanation } => {
                write!(formatter, "nothing is asked on `{pattern}`: {explanation}")
            }
            Self::UnknownAction { action } => {
                let date = reference::date_of_actions();
                write!(
                    formatter,
                    "`{action}` is in no list of actions of {date}: AWS may have added it since"
                )
            }
            Self::UnknownKey { key } => {
                let date = reference::date_of_condition_keys();
                write!(
                    formatter,
                    "`{key}` is in no list of condition keys of {date}, and no request meets the condition without it: \
                     AWS may have added it since"
                )
            }
            Self::UndecidedCondition(why) => why.fmt(formatter),
            Self::ImpossibleCondition { condition, explanation } => {
                write!(formatter, "no bound caller meets {condition}: {explanation}")
            }
            Self::Empty { element } => write!(formatter, "`{element}` lists nothing"),
            Self::NothingLeft { element } => {
                write!(formatter, "`{element}` lists all that there is, so that nothing is left to deny")
            }
            Self::UnboundAction { action } => {
                let date = reference::date_of_resource_control();
                write!(formatter, "resource control policies do not bind `{action}` (list of {date})")
            }
            Self::ForeignKey { key } => write!(
                formatter,
                "`{key}` is a key of another service than the actions are of, and no request meets the condition \
                 without it"
            ),
            Self::ExclusiveConditions => write!(formatter, "no request meets all of its conditions together"),
        }
    }
}

impl Document {
    /// The resources of statements with a policy variable where AWS supports none, before the fifth colon of an ARN. What
    /// such a statement does is not documented.
    pub fn misplaced_variables(&self) -> Vec<String> {
        let elements = self.statements.iter().filter_map(|statement| statement.resource.as_ref());
        let patterns = elements.flat_map(|element| &element.patterns);
        let misplaced = patterns.filter(|pattern| pattern.misplaced_variable().is_some());
        misplaced.map(|pattern| pattern.text().to_owned()).collect()
    }

    /// The `Deny` statements that can never match, or not with all of their parts, if the document is attached as a
    /// policy of this kind in this organization, and those of which AWS does not say that they
    /// match anything. What certainly can match is never listed.
    pub fn without_effect(&self, bound: &Bound<'_>) -> Vec<WithoutEffect> {
        self.with_effect(Effect::Deny).filter_map(|statement| judge(statement, bound)).collect()
    }
}

impl Statement {
    /// What a `Deny` seems to leave out and does not, since a policy variable in it never has a value.
    pub fn empty_exemptions(&self) -> Vec<Mistake> {
        let inverted = self.conditions.iter().filter(|condition| condition.is_negated());
        let spared = self.resource.iter().filter(|element| element.negated);
        let patterns = inverted.flat_map(Condition::values).chain(spared.flat_map(|it| &it.patterns));
        let unresolved = patterns.filter_map(|pattern| Some((pattern.text(), pattern.unresolvable()?)));
        unresolved
            .map(|(pattern, variable)| Mistake::UnresolvedVariable {
                pattern: pattern.to_owned(),
                variable: variable.to_owned(),
            })
            .collect()
    }
}

/// Whom a policy binds.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The type of policy.
    pub kind: PolicyKind,
    /// The organization that it is attached in.
    pub organization: &'a Organization,
    /// Its partition, where it is known.
    pub partition: Option<&'a str>,
    /// The accounts of the organization, the management account too, where they are known.
    pub accounts: Option<&'a BTreeSet<String>>,
    /// Prefixes of services that resource control policies bind besides those of the list.
    pub resource_controlled: &'a [String],
}

fn judge(statement: &Statement, bound: &Bound<'_>) -> Option<WithoutEffect> {
    let mut reasons = Vec::new();
    let mut whole = Truth::False;
    let mut named: Vec<&str> = Vec::new();
    // What a `NotAction` or `NotResource` lists in vain makes the statement deny more, not less.
    if !statement.action.negated {
        let mut mistakes = Vec::new();
        for pattern in &statement.action.patterns {
            match actions::mistake(pattern.text(), bound) {
                Some(mistake) => mistakes.push(mistake),
                None => named.push(pattern.text()),
            }
        }
        if named.is_empty() {
            whole = whole.or(Truth::from(mistakes.iter().all(Mistake::is_certain)).or(Truth::Unknown));
        } else {
            mistakes.retain(Mistake::is_certain);
        }
        reasons.extend(mistakes);
        if statement.action.patterns.is_empty() {
            reasons.push(Mistake::Empty { element: "Action" });
        }
    } else if actions::lists_all(statement) {
        whole = Truth::True;
        reasons.push(Mistake::NothingLeft { element: "NotAction" });
    }
    if let Some(element) = statement.resource.as_ref().filter(|element| !element.negated) {
        let mut mistakes = Vec::new();
        let mut possible = Vec::new();
        for pattern in &element.patterns {
            match resources::mistake(pattern, statement, bound) {
                Some(mistake) => mistakes.push(mistake),
                None => possible.push(pattern),
            }
        }
        // One misplaced variable may make the statement invalid as a whole.
        let misplaced = mistakes.iter().any(|mistake| matches!(mistake, Mistake::MisplacedVariable { .. }));
        whole = whole.or(Truth::from(possible.is_empty() || misplaced));
        for pattern in &possible {
            mistakes.extend(unfit(pattern, &named));
        }
        reasons.extend(mistakes);
        if element.patterns.is_empty() {
            reasons.push(Mistake::Empty { element: "Resource" });
        }
        if !named.is_empty() && !possible.is_empty() {
            let pairs = possible.iter().flat_map(|pattern| named.iter().map(|action| (*pattern, *action)));
            whole = whole.or(!Truth::any(pairs.map(|(pattern, action)| resources::fits(pattern, action))));
        }
    }
    if let Some(element) = statement.resource.as_ref().filter(|element| element.negated) {
        let misplaced: Vec<Mistake> = element.patterns.iter().filter_map(resources::misplaced).collect();
        whole = whole.or(Truth::from(!misplaced.is_empty()));
        if misplaced.is_empty() && resources::nothing_left(&element.patterns, &named, bound) {
            whole = Truth::True;
            reasons.push(Mistake::NothingLeft { element: "NotResource" });
        }
        reasons.extend(misplaced);
    }
    for condition in &statement.conditions {
        let mistake = conditions::mistake(condition, statement, bound);
        whole = whole.or(match &mistake {
            Some(mistake) if mistake.is_certain() => Truth::True,
            Some(_) => Truth::Unknown,
            None => Truth::False,
        });
        reasons.extend(mistake);
    }
    if !whole.is_true() && conditions::exclude_each_other(&statement.conditions) {
        whole = Truth::True;
        reasons.push(Mistake::ExclusiveConditions);
    }
    if whole == Truth::Unknown && reasons.is_empty() {
        reasons.extend(named.iter().map(|action| Mistake::UnknownAction { action: (*action).to_owned() }));
    }
    (!reasons.is_empty()).then(|| WithoutEffect { statement: statement.id.clone(), whole, reasons })
}

/// A resource that none of the actions is asked on.
fn unfit(pattern: &Pattern, named: &[&str]) -> Option<Mistake> {
    let fits = Truth::any(named.iter().map(|action| resources::fits(pattern, action)));
    (!named.is_empty() && fits.is_false()).then(|| Mistake::UnfitResource {
        pattern: pattern.text().to_owned(),
        explanation: named.iter().map(|action| resources::instead(action)).collect::<Vec<_>>().join("; "),
    })
}

impl Mistake {
    /// It is none that AWS may have made right since.
    fn is_certain(&self) -> bool {
        !matches!(
            self,
            Self::UnknownAction { .. }
                | Self::UnknownKey { .. }
                | Self::ForeignKey { .. }
                | Self::UndecidedCondition(_)
        )
    }
}

#[cfg(test)]
mod tests;
