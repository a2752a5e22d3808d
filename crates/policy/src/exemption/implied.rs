//! What follows from another part of a formula, and need not be said beside it. See [`super`].
//!
//! Decided only where it is plain: conditions on one key with one operator, or with values that stand for all.

use super::solve;
use super::{Exemption, ExemptionAtom, Requirement};
use crate::glob::Glob;

/// Whether whoever meets `other` meets the term, which is no harder: of both, `other` suffices.
pub(super) fn follows(term: &Exemption, other: &Exemption) -> bool {
    term.kind() <= other.kind() && implies(other, term)
}

/// Whether whoever meets the term meets `other`, which is no harder: of either, `other` suffices.
pub(super) fn narrows(term: &Exemption, other: &Exemption) -> bool {
    other.kind() <= term.kind() && implies(term, other)
}

fn implies(one: &Exemption, other: &Exemption) -> bool {
    match (one, other) {
        (Exemption::Atom(one), Exemption::Atom(other)) => atom_implies(one, other),
        (Exemption::Any(ways), _) => ways.iter().all(|way| implies(way, other)),
        (_, Exemption::All(parts)) => parts.iter().all(|part| implies(one, part)),
        (_, Exemption::Any(ways)) => ways.iter().any(|way| implies(one, way)),
        (Exemption::All(parts), Exemption::Atom(_)) => parts.iter().any(|part| implies(part, other)),
    }
}

fn atom_implies(one: &ExemptionAtom, other: &ExemptionAtom) -> bool {
    let (
        Requirement::Condition { holds, operator, key, values },
        Requirement::Condition {
            holds: other_holds,
            operator: other_operator,
            key: other_key,
            values: other_values,
        },
    ) = (&one.requirement, &other.requirement)
    else {
        return one.requirement == other.requirement;
    };
    if !key.eq_ignore_ascii_case(other_key)
        || values.iter().chain(other_values).any(|value| value.contains("${"))
    {
        return false;
    }
    if holds == other_holds && operator.eq_ignore_ascii_case(other_operator) {
        let Some(listing) = Listing::of(operator) else {
            return solve::implies(&one.requirement, &other.requirement);
        };
        // Being among fewer is being among more, and not being among more is not being among fewer.
        return if *holds == listing.negated {
            listing.among(other_values, values)
        } else {
            listing.among(values, other_values)
        };
    }
    solve::implies(&one.requirement, &other.requirement)
}

/// An operator that asks whether a value is among those that are listed.
struct Listing {
    negated: bool,
    patterns: fn(&str) -> Option<Glob>,
}

impl Listing {
    fn of(operator: &str) -> Option<Self> {
        let name = operator.to_ascii_lowercase();
        let base = name.strip_suffix("ifexists").unwrap_or(&name);
        let literal = |_: &str| None;
        let (negated, patterns): (bool, fn(&str) -> Option<Glob>) = match base {
            "stringequals" => (false, literal),
            "stringnotequals" => (true, literal),
            "stringlike" => (false, |value| Some(Glob::wildcard(value))),
            "stringnotlike" => (true, |value| Some(Glob::wildcard(value))),
            "arnlike" | "arnequals" => (false, |value| Some(Glob::arn(value))),
            "arnnotlike" | "arnnotequals" => (true, |value| Some(Glob::arn(value))),
            _ => return None,
        };
        Some(Self { negated, patterns })
    }

    /// Whether whatever is among the few is among the many.
    fn among(&self, few: &[String], many: &[String]) -> bool {
        let patterns: Vec<Glob> = many.iter().filter_map(|value| (self.patterns)(value)).collect();
        few.iter().all(|value| {
            many.contains(value)
                || (self.patterns)(value)
                    .is_some_and(|few| few.covered_by(&patterns.iter().collect::<Vec<_>>()).is_true())
        })
    }
}
