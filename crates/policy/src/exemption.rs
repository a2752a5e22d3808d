//! The callers that guardrails do not bind, as an expression over the policies' own conditions.

use std::fmt;

use super::condition::Condition;

pub(super) use exclusion::names_left;

mod display;
mod exclusion;
mod implied;
mod solve;

/// How hard an exemption is to have, the easiest first.
///
/// Of several parts that must all be met the hardest counts, of several ways the easiest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExemptionKind {
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

impl ExemptionKind {
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

impl fmt::Display for ExemptionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a request must meet in order to pass; never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exemption {
    /// A single requirement.
    Atom(ExemptionAtom),
    /// One of them suffices.
    Any(Vec<Exemption>),
    /// All of them are needed.
    All(Vec<Exemption>),
}

/// A single requirement of an exemption.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExemptionAtom {
    /// What must be met.
    pub requirement: Requirement,
    /// How hard that is.
    pub kind: ExemptionKind,
    /// The default caller meets it.
    pub by_default: bool,
}

/// What an exemption requires.
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

impl Exemption {
    /// How hard the exemption is to have.
    pub fn kind(&self) -> ExemptionKind {
        match self {
            Self::Atom(atom) => atom.kind,
            Self::Any(ways) => ways.iter().map(Self::kind).min().unwrap_or(ExemptionKind::Unattainable),
            Self::All(parts) => parts.iter().map(Self::kind).max().unwrap_or(ExemptionKind::SelfService),
        }
    }

    /// The easiest way: what must all be met for it.
    pub fn easiest(&self) -> Vec<&ExemptionAtom> {
        match self {
            Self::Atom(atom) => vec![atom],
            Self::Any(ways) => {
                let easiest = ways.iter().min_by_key(|way| (way.kind(), way.atoms().len()));
                easiest.map(Self::easiest).unwrap_or_default()
            }
            Self::All(parts) => parts.iter().flat_map(Self::easiest).collect(),
        }
    }

    /// A way that the default caller takes; what is about the resource alone is no matter of the caller.
    pub fn default_way(&self) -> Option<Vec<&ExemptionAtom>> {
        match self {
            Self::Atom(atom) => {
                let of_resource = matches!(atom.requirement, Requirement::Resource { .. });
                (atom.by_default || of_resource).then(|| vec![atom])
            }
            Self::Any(ways) => ways.iter().find_map(Self::default_way),
            Self::All(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(Self::default_way).collect();
                parts.map(|parts| parts.concat())
            }
        }
    }

    /// The single requirements in it, in order.
    pub fn atoms(&self) -> Vec<&ExemptionAtom> {
        match self {
            Self::Atom(atom) => vec![atom],
            Self::Any(parts) | Self::All(parts) => parts.iter().flat_map(Self::atoms).collect(),
        }
    }
}

/// Which requests get through: a formula over requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passes {
    /// All of them.
    Always,
    /// Those that meet this.
    If(Exemption),
    /// None.
    Never,
}

/// Beyond this many terms, terms that others make superfluous are left in place: the formula says the same.
const ABSORPTION_LIMIT: usize = 128;

/// The same for terms that follow from what others say: nobody reads so long a formula.
const IMPLICATION_LIMIT: usize = 16;

impl Passes {
    pub(super) fn requirement(requirement: Requirement, kind: ExemptionKind) -> Self {
        Self::If(Exemption::Atom(ExemptionAtom { requirement, kind, by_default: false }))
    }

    /// A requirement that the default caller meets.
    pub(super) fn ordinary(requirement: Requirement) -> Self {
        let kind = ExemptionKind::SelfService;
        Self::If(Exemption::Atom(ExemptionAtom { requirement, kind, by_default: true }))
    }

    /// How hard it is to get through; `None` where it takes nothing.
    pub fn kind(&self) -> Option<ExemptionKind> {
        match self {
            Self::Always => None,
            Self::If(exemption) => Some(exemption.kind()),
            Self::Never => Some(ExemptionKind::Unattainable),
        }
    }

    /// What gets through all of them.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut terms = Vec::new();
        for part in parts {
            match part {
                Self::Always => {}
                Self::Never => return Self::Never,
                Self::If(Exemption::All(inner)) => {
                    for term in inner {
                        insert(&mut terms, term);
                    }
                }
                Self::If(term) => insert(&mut terms, term),
            }
        }
        if solve::contradict(&terms) {
            return Self::Never;
        }
        // Where nobody gets through, only what stops them is worth telling.
        if terms.iter().any(|term| term.kind() == ExemptionKind::Unattainable) {
            terms.retain(|term| term.kind() == ExemptionKind::Unattainable);
        } else {
            match exclusion::narrow(terms) {
                Some(left) => terms = left,
                None => return Self::Never,
            }
        }
        let few = terms.len() <= IMPLICATION_LIMIT;
        absorb(&mut terms, |term, other| {
            matches!(term, Exemption::Any(ways) if ways.contains(other))
                || few && implied::follows(term, other)
        });
        match terms.pop() {
            None => Self::Always,
            Some(last) if terms.is_empty() => Self::If(last),
            Some(last) => {
                terms.push(last);
                Self::If(Exemption::All(terms))
            }
        }
    }

    /// What gets through any of them.
    pub(super) fn any(ways: impl IntoIterator<Item = Self>) -> Self {
        let mut terms = Vec::new();
        for way in ways {
            match way {
                Self::Always => return Self::Always,
                Self::Never => {}
                Self::If(Exemption::Any(inner)) => {
                    for term in inner {
                        insert(&mut terms, term);
                    }
                }
                Self::If(term) => insert(&mut terms, term),
            }
        }
        // A way that nobody can go is only worth telling where there is no other.
        if terms.iter().any(|term| term.kind() != ExemptionKind::Unattainable) {
            terms.retain(|term| term.kind() != ExemptionKind::Unattainable);
        }
        if solve::exhaust(&terms) {
            return Self::Always;
        }
        let few = terms.len() <= IMPLICATION_LIMIT;
        absorb(&mut terms, |term, other| {
            matches!(term, Exemption::All(parts) if parts.contains(other))
                || few && implied::narrows(term, other)
        });
        match terms.pop() {
            None => Self::Never,
            Some(last) if terms.is_empty() => Self::If(last),
            Some(last) => {
                terms.push(last);
                Self::If(Exemption::Any(terms))
            }
        }
    }
}

fn insert(terms: &mut Vec<Exemption>, term: Exemption) {
    if terms.len() > ABSORPTION_LIMIT || !terms.contains(&term) {
        terms.push(term);
    }
}

/// Leaves out the terms that another makes superfluous.
fn absorb(terms: &mut Vec<Exemption>, superfluous: impl Fn(&Exemption, &Exemption) -> bool) {
    if terms.len() > ABSORPTION_LIMIT {
        return;
    }
    let mut place = 0;
    while let Some(term) = terms.get(place) {
        // Of two that say the same one stays.
        let others = terms.iter().enumerate().filter(|(other, _)| *other != place);
        if others.into_iter().any(|(_, other)| superfluous(term, other)) {
            terms.remove(place);
        } else {
            place += 1;
        }
    }
}

#[cfg(test)]
mod tests;
