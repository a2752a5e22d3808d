//! The callers that guardrails do not bind, as an expression over the policies' own conditions.

use std::fmt;

use super::condition::Condition;

/// How hard an escape is to have, the easiest first.
///
/// Of several parts that must all be met the hardest counts, of several ways the easiest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EscapeKind {
    /// The member account's own administrators can arrange it: MFA, a tag, a role that they may create, the root
    /// user, a parameter of the request, waiting for a date.
    SelfService,
    /// It takes something outside the account: an address, a network, a role that nobody there may create.
    External,
    /// It takes one of the roles that the audit's configuration designates.
    Designated,
    /// No bound caller can meet it.
    Unattainable,
}

impl EscapeKind {
    /// The name in reports and in JSON: `self-service`, `external`, `designated`, `unattainable`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SelfService => "self-service",
            Self::External => "external",
            Self::Designated => "designated",
            Self::Unattainable => "unattainable",
        }
    }
}

impl fmt::Display for EscapeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a request must meet in order to pass; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Escape {
    /// A single requirement.
    Atom(EscapeAtom),
    /// One of them suffices.
    Any(Vec<Escape>),
    /// All of them are needed.
    All(Vec<Escape>),
}

/// A single requirement of an escape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EscapeAtom {
    /// What must be met.
    pub requirement: Requirement,
    /// How hard that is.
    pub kind: EscapeKind,
}

/// What an escape requires.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// A condition of a policy.
    Condition {
        /// Whether it must hold (of an `Allow`) or must not (of a `Deny`).
        holds: bool,
        /// The operator as the policy has it.
        operator: String,
        /// The condition key as the policy has it.
        key: String,
        /// The values as the policy has them.
        values: Vec<String>,
    },
    /// The resource must be among (of an `Allow`), or not among, those of a statement.
    Resource {
        /// Whether it must be among them.
        among: bool,
        /// The patterns as the policy has them.
        patterns: Vec<String>,
    },
    /// The principal must be among, or not among, those of a statement.
    Principal {
        /// Whether it must be among them.
        among: bool,
        /// The principals as the policy has them.
        patterns: Vec<String>,
    },
}

impl Requirement {
    pub(super) fn condition(condition: &Condition, holds: bool) -> Self {
        Self::Condition {
            holds,
            operator: condition.operator().name().to_owned(),
            key: condition.key().to_owned(),
            values: condition.values().iter().map(|value| value.text().to_owned()).collect(),
        }
    }
}

impl Escape {
    /// How hard the escape is to have.
    pub fn kind(&self) -> EscapeKind {
        match self {
            Self::Atom(atom) => atom.kind,
            Self::Any(ways) => ways.iter().map(Self::kind).min().unwrap_or(EscapeKind::Unattainable),
            Self::All(parts) => parts.iter().map(Self::kind).max().unwrap_or(EscapeKind::SelfService),
        }
    }

    /// The single requirements in it, in order.
    pub fn atoms(&self) -> Vec<&EscapeAtom> {
        match self {
            Self::Atom(atom) => vec![atom],
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::atoms).collect(),
        }
    }
}

impl fmt::Display for Escape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(atom) => write!(formatter, "{}", atom.requirement),
            Self::Any(parts) => joined(formatter, parts, " or "),
            Self::All(parts) => joined(formatter, parts, " and "),
        }
    }
}

fn joined(formatter: &mut fmt::Formatter<'_>, parts: &[Escape], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        match part {
            Escape::Atom(_) => write!(formatter, "{part}")?,
            Escape::Any(_) | Escape::All(_) => write!(formatter, "({part})")?,
        }
    }
    Ok(())
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition { holds, operator, key, values } => {
                write!(
                    formatter,
                    "{}{key} {operator} {}",
                    if *holds { "" } else { "not " },
                    values.join(", ")
                )
            }
            Self::Resource { among, patterns } => {
                write!(formatter, "resource {}{}", if *among { "" } else { "not " }, patterns.join(", "))
            }
            Self::Principal { among, patterns } => {
                write!(formatter, "principal {}{}", if *among { "" } else { "not " }, patterns.join(", "))
            }
        }
    }
}
