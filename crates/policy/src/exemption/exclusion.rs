//! Requirements on a condition key with one value that no value meets at once. See [`super`].
//!
//! A caller has one `aws:PrincipalArn`: who must be the one role and the other is nobody. Where patterns may have a text
//! in common, or the work gets long, nothing is concluded, so that an exemption is never told smaller than it is.

use std::borrow::Cow;
use std::cell::Cell;

use super::{Exemption, ExemptionAtom, Requirement};
use crate::arn::{has_segments, name_of, segment};
use crate::condition::{Condition, Operator};
use crate::condition_keys::{is_always_there, is_known, is_multivalued};
use crate::context::ContextValue;
use crate::glob::Glob;
use crate::pattern::Pattern;

/// Comparisons of patterns for one formula.
const WORK_LIMIT: usize = 1_000;

const PRINCIPAL_ARN: &str = "aws:principalarn";

/// What one requirement says of the value of a key.
struct Demand {
    key: String,
    /// The value must be one of these, or none of them.
    among: bool,
    texts: Vec<String>,
    globs: Vec<Glob>,
    /// A request without the key meets it.
    may_lack: bool,
}

/// Takes away from alternatives what the other terms exclude; `None` where no request can meet all of the terms.
pub(super) fn narrow(mut terms: Vec<Exemption>) -> Option<Vec<Exemption>> {
    let work = Work(Cell::new(WORK_LIMIT));
    loop {
        let demands: Vec<Demand> = terms.iter().filter_map(Demand::of_term).collect();
        if demands.is_empty() {
            return Some(terms);
        }
        if !work.are_possible(&demands) {
            return None;
        }
        let mut narrowed = Vec::with_capacity(terms.len());
        let mut is_settled = true;
        for term in terms {
            let Exemption::Any(ways) = term else {
                narrowed.push(term);
                continue;
            };
            let mut left: Vec<Exemption> =
                ways.into_iter().filter(|way| work.is_left(&demands, way)).collect();
            match left.pop() {
                None => return None,
                // What is the only way now excludes others in turn.
                Some(way) if left.is_empty() => {
                    is_settled = false;
                    narrowed.extend(if let Exemption::All(parts) = way { parts } else { vec![way] });
                }
                Some(way) => {
                    left.push(way);
                    narrowed.push(Exemption::Any(left));
                }
            }
        }
        terms = narrowed;
        if is_settled {
            return Some(terms);
        }
    }
}

/// For each of the terms the values of `aws:PrincipalArn` that the others leave, where that is not all of them.
pub(crate) fn names_left(terms: &[Exemption]) -> Vec<Option<Vec<String>>> {
    let work = Work(Cell::new(WORK_LIMIT));
    let demands: Vec<Demand> = terms.iter().filter_map(Demand::of_term).collect();
    let all: Vec<&Demand> = demands.iter().filter(|demand| demand.key == PRINCIPAL_ARN).collect();
    let left = |term: &Exemption| {
        let one = Demand::of_term(term)
            .filter(|one| one.among && one.key == PRINCIPAL_ARN && one.texts.len() > 1)?;
        let values = one.texts.iter().zip(&one.globs);
        let left: Vec<String> = values
            .filter(|(text, glob)| !all.iter().any(|other| work.excludes(other, text, glob)))
            .map(|(text, _)| text.clone())
            .collect();
        (!left.is_empty() && left.len() < one.texts.len()).then_some(left)
    };
    terms.iter().map(left).collect()
}

/// What is left to do before nothing more is concluded.
struct Work(Cell<usize>);

impl Work {
    fn spend(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether a way can be gone by who meets the demands.
    fn is_left(&self, demands: &[Demand], way: &Exemption) -> bool {
        let parts =
            if let Exemption::All(parts) = way { parts.as_slice() } else { std::slice::from_ref(way) };
        let own: Vec<Demand> = parts.iter().filter_map(Demand::of_term).collect();
        own.iter().all(|one| {
            let others = demands.iter().chain(&own).filter(|other| other.key == one.key);
            self.is_possible(one, &others.collect::<Vec<_>>())
        })
    }

    fn are_possible(&self, demands: &[Demand]) -> bool {
        demands.iter().all(|one| {
            let others = demands.iter().filter(|other| other.key == one.key);
            self.is_possible(one, &others.collect::<Vec<_>>())
        })
    }

    /// Whether some value, or none, meets the demand and all others on the key.
    fn is_possible(&self, one: &Demand, all: &[&Demand]) -> bool {
        if !one.among || all.iter().all(|demand| demand.may_lack) {
            return true;
        }
        let mut values = one.texts.iter().zip(&one.globs);
        values.any(|(text, glob)| !all.iter().any(|other| self.excludes(other, text, glob)))
    }

    /// Whether the demand is certainly met by nothing that the pattern describes.
    fn excludes(&self, demand: &Demand, text: &str, glob: &Glob) -> bool {
        if demand.among && demand.texts.iter().any(|other| other == text) || !self.spend() {
            return false;
        }
        let covered = glob.covered_by(&demand.globs.iter().collect::<Vec<_>>());
        if demand.among { covered.is_false() } else { covered.is_true() }
    }
}

impl Demand {
    fn of_term(term: &Exemption) -> Option<Self> {
        let Exemption::Atom(ExemptionAtom { requirement, .. }) = term else { return None };
        match requirement {
            Requirement::Condition { holds, operator, key, values } => {
                Self::of_condition(*holds, operator, key, values)
            }
            Requirement::Principal { among: true, patterns } => Self::of_principals(patterns),
            Requirement::Principal { among: false, .. } | Requirement::Resource { .. } => None,
        }
    }

    fn of_condition(holds: bool, operator: &str, key: &str, values: &[String]) -> Option<Self> {
        let condition = Condition::new(Operator::new(operator), key, values, false);
        let key = condition.lowercase_key().to_owned();
        if !condition.is_textual() || !condition.is_plain() || !is_known(&key) || is_multivalued(&key) {
            return None;
        }
        let among = condition.is_negated() != holds;
        // What a variable comes to is not known, nor how far a `*` reaches that ends an incomplete ARN.
        let is_open = |text: &String| {
            text.contains("${")
                || among && text.contains('*') && text.starts_with("arn:") && !has_segments(text)
        };
        if values.iter().any(is_open) {
            return None;
        }
        let absent = condition.holds(&|_| Cow::Owned(ContextValue::Absent));
        let may_lack = key != PRINCIPAL_ARN
            && !is_always_there(&key)
            && if holds { !absent.is_false() } else { !absent.is_true() };
        let globs = condition.values().iter().map(Pattern::described).collect();
        Some(Self { key, among, texts: values.to_vec(), globs, may_lack })
    }

    /// Of roles and users by their ARNs. A session's role is named whatever its path.
    fn of_principals(patterns: &[String]) -> Option<Self> {
        let glob = |pattern: &String| {
            let resource = segment(pattern, 5).filter(|_| has_segments(pattern))?;
            let start = pattern.strip_suffix(resource)?;
            if pattern.contains(['*', '?', '$']) {
                None
            } else if let Some(role) = resource.strip_prefix("role/") {
                Some(Glob::arn(&format!("{start}role/*{}", name_of(role))))
            } else {
                resource.starts_with("user/").then(|| Glob::literal(pattern))
            }
        };
        let globs = patterns.iter().map(glob).collect::<Option<Vec<Glob>>>()?;
        let key = PRINCIPAL_ARN.to_owned();
        Some(Self { key, among: true, texts: patterns.to_vec(), globs, may_lack: false })
    }
}
