//! How hard it is to meet a requirement: what the account's own administrators can arrange, what takes something
//! from outside, and what nobody can have. See [`super`].
//!
//! A name or a tag is the administrators' to give unless the same guardrails deny giving it; whom those exempt may have
//! to be obtained in turn ([`super::goals`]).

use std::borrow::Cow;

use super::Question;
use super::caller_context::principals;
use super::goals::{Goal, Goals, Means};
use crate::arn::segment;
use crate::condition::compare::Range;
use crate::condition::{Condition, Operator};
use crate::condition_keys::{Endpoint, endpoint, is_always_there, is_of_outside};
use crate::context::ContextValue;
use crate::exemption::{Exemption, ExemptionAtom, ExemptionKind, Passes, Requirement, names_left};
use crate::glob::Glob;
use crate::pattern::{Lookup, Pattern};
use crate::undecided::{Undecided, is_of_role, unique_id};

/// The paths of roles that IAM refuses to change for anyone but IAM Identity Center, which is not the member's:
/// `UnmodifiableEntity` ("`UpdateAssumeRolePolicy`", IAM API Reference, read 2026-11-28).
pub(super) const RESERVED_ROLES: &str = "role/aws-reserved/sso.amazonaws.com/";

/// Answers for one question.
#[derive(Clone, Copy)]
pub(super) struct Attainability<'a> {
    question: &'a Question<'a>,
    goals: &'a Goals<'a>,
}

impl<'a> Attainability<'a> {
    pub(super) fn new(question: &'a Question<'a>, goals: &'a Goals<'a>) -> Self {
        Self { question, goals }
    }

    /// How hard the easiest of the means to a requirement is.
    pub(super) fn kind(&self, requirement: &Requirement, means: &Means) -> ExemptionKind {
        self.goals.kind(requirement, means)
    }

    /// What it takes to make the condition hold, or not hold.
    pub(super) fn condition(&self, condition: &Condition, holds: bool, lookup: &Lookup<'_>) -> Means {
        let key = condition.lowercase_key();
        let positive = condition.is_negated() != holds;
        if let Some(why) = Undecided::of_condition(condition) {
            return Means::of(self.goals.undecided(why));
        }
        let absent = condition.holds(&|_| Cow::Owned(ContextValue::Absent));
        let may_lack = key != "aws:principalarn" && !is_always_there(key);
        let absence_meets = if holds { !absent.is_false() } else { !absent.is_true() };
        // To be other than what is listed takes nothing, where the value is the caller's to choose, and neither does
        // leaving the key out.
        if !positive || condition.is_presence() || (absence_meets && may_lack) {
            let of_outside = is_of_outside(key) && condition.compares_addresses() && !absence_meets;
            return Means::of(if of_outside { ExemptionKind::External } else { ExemptionKind::SelfService });
        }
        if !condition.is_textual() {
            // Of a large part of the Internet anybody has some address, and of what providers rent out, too.
            let mut ranges = condition.values().iter().filter_map(|value| Range::parse(value.text()));
            let broad = condition.compares_addresses()
                && ranges.any(|range| range.is_broad() || range.is_rented_out());
            let of_outside = is_of_outside(key) && !broad;
            return Means::of(if of_outside { ExemptionKind::External } else { ExemptionKind::SelfService });
        }
        let possible = condition.values().iter().filter(|value| is_possible(key, value, condition));
        let possible: Vec<&Pattern> = possible.collect();
        if possible.is_empty() {
            return Means::of(ExemptionKind::Unattainable);
        }
        if let Some(endpoint) = endpoint(key) {
            let kinds = possible.iter().map(|value| match Undecided::of_value(condition, value) {
                Some(why) => self.goals.undecided(why),
                None => self.endpoint(endpoint, value),
            });
            return Means::of(kinds.min().unwrap_or(ExemptionKind::SelfService));
        }
        match key {
            "aws:principalarn" => {
                let bound = principals(self.question.callers);
                let described = possible.into_iter().filter_map(|value| value.described_by(lookup));
                let met = described.filter(|value| !bound.covered_by(&[value]).is_false());
                let names: Vec<String> = met.map(|value| value.to_string()).collect();
                self.names(names.iter().map(String::as_str))
            }
            "aws:userid" => self.user_ids(condition, &possible),
            _ if key.starts_with("aws:principaltag/") => self.tag(condition),
            _ if is_of_outside(key) => Means::of(ExemptionKind::External),
            _ => Means::of(ExemptionKind::SelfService),
        }
    }

    /// The unique id of a role or user is nobody's to choose, and goes with it for good: one that is deleted and made anew has
    /// another ("IAM identifiers", IAM User Guide, read 2026-11-29). Whoever may change what has it acts as it
    /// nevertheless, where it is of the account. What follows the colon is the caller's choice.
    fn user_ids(&self, condition: &Condition, possible: &[&Pattern]) -> Means {
        let mut means = Means { known: None, goals: Vec::new() };
        for value in possible {
            let id = unique_id(value.text());
            let kind = match (id, Undecided::of_value(condition, value)) {
                (Some(_), Some(why)) => self.goals.undecided(why),
                _ => ExemptionKind::SelfService,
            };
            let of_account = id.filter(|_| self.question.callers.account.is_some());
            match of_account.filter(|_| kind == ExemptionKind::SelfService) {
                Some(id) => match self.goals.number(Goal::Existing { role: is_of_role(id) }) {
                    Ok(number) => means.goals.push(number),
                    Err(kind) => means.add(kind),
                },
                None => means.add(kind),
            }
        }
        means
    }

    /// Whoever can make an endpoint in the account gets through where that is enough; so does whoever can make one in
    /// an account of the own organization. Only what is certainly of others takes somebody outside.
    fn endpoint(&self, endpoint: Endpoint, value: &Pattern) -> ExemptionKind {
        let text = value.text();
        let literal = value.is_literal() || !text.contains(['*', '?']);
        // Whose it is may not be known, so that it may be the own.
        let may_be = |own: Option<&str>| own.is_none_or(|own| own.eq_ignore_ascii_case(text));
        let callers = self.question.callers;
        let is_own = match endpoint {
            // Whose one is that is named whole, is not known.
            Endpoint::Id => true,
            Endpoint::Account => !literal || may_be(callers.account.as_deref()),
            Endpoint::Organization => !literal || may_be(self.goals.organization_id()),
            Endpoint::Path => {
                let organization = text.split('/').next().unwrap_or_default();
                let is_open = organization.contains(['*', '?', '$']);
                let may_be_own = self.goals.organization_id().is_none_or(|own| own == organization);
                // An endpoint of the account is where the account is.
                let elsewhere = callers.organization_path.as_deref().is_some_and(|path| {
                    !if literal { text == path } else { Glob::wildcard(text).matches(path) }
                });
                is_open || may_be_own && !elsewhere
            }
            Endpoint::Arn => {
                let account = segment(text, 4).unwrap_or("*");
                callers.account.as_deref().is_none_or(|own| Glob::wildcard(account).matches(own))
            }
        };
        let is_variable = text.contains("${");
        if is_variable || is_own { ExemptionKind::SelfService } else { ExemptionKind::External }
    }

    /// The same with the names alone that several exemptions have in common: how hard others are to have is no matter.
    pub(super) fn in_common(&self, passes: Passes) -> Passes {
        let Passes::If(Exemption::All(terms)) = passes else { return passes };
        let left = names_left(&terms);
        if left.iter().all(Option::is_none) {
            return Passes::If(Exemption::All(terms));
        }
        Passes::all(terms.into_iter().zip(left).map(|(term, left)| match (term, left) {
            (Exemption::Atom(atom), Some(left)) => Passes::If(Exemption::Atom(self.among(atom, left))),
            (term, _) => Passes::If(term),
        }))
    }

    fn among(&self, atom: ExemptionAtom, left: Vec<String>) -> ExemptionAtom {
        let Requirement::Condition { holds, operator, key, .. } = atom.requirement else { return atom };
        let condition = Condition::new(Operator::new(&operator), &key, &left, true);
        let requirement = Requirement::Condition { holds, operator, key, values: left };
        let kind = self
            .kind(&requirement, &self.condition(&condition, holds, &|_| Cow::Owned(ContextValue::Unknown)));
        ExemptionAtom { requirement, kind, ..atom }
    }

    /// What it takes to act as one of these principals. Where none is left to look at, it is not known to be hard.
    pub(super) fn names<'b>(&self, patterns: impl Iterator<Item = &'b str>) -> Means {
        let mut means = Means { known: None, goals: Vec::new() };
        for pattern in patterns {
            match self.name(pattern) {
                Ok(kind) => means.add(kind),
                Err(goal) => means.goals.push(goal),
            }
        }
        if means.known.is_none() && means.goals.is_empty() {
            means.known = Some(ExemptionKind::SelfService);
        }
        means
    }

    /// How hard it is to act as one of these, or the goal that it is.
    fn name(&self, pattern: &str) -> Result<ExemptionKind, usize> {
        let callers = self.question.callers;
        let (Some(account), Some(resource)) = (&callers.account, segment(pattern, 5)) else {
            return Ok(ExemptionKind::SelfService);
        };
        if pattern.contains("${") {
            return Ok(ExemptionKind::SelfService);
        }
        let concrete = format!("arn:{}:iam::{account}:{resource}", callers.partition);
        let designated: Vec<&Glob> = self.question.designated.iter().collect();
        if Glob::arn(&concrete).covered_by(&designated).is_true() {
            return Ok(ExemptionKind::Designated);
        }
        if resource.starts_with(RESERVED_ROLES) {
            return Ok(ExemptionKind::External);
        }
        let goal = if resource.starts_with("role/") {
            Goal::Role(concrete)
        } else if resource.starts_with("user/") {
            Goal::User(concrete)
        } else {
            return Ok(ExemptionKind::SelfService);
        };
        match self.goals.number(goal) {
            Ok(number) => Err(number),
            Err(kind) => Ok(kind),
        }
    }

    /// A tag of the principal: given to roles and users, or passed with a session.
    fn tag(&self, condition: &Condition) -> Means {
        let (Some(_), Some((_, tag))) = (&self.question.callers.account, condition.key().split_once('/'))
        else {
            return Means::of(ExemptionKind::SelfService);
        };
        // The values count too: a policy may deny giving one and not another.
        let values = condition.values().iter().map(Pattern::described).collect();
        let is_open = condition.values().iter().any(|value| value.variables().next().is_some());
        let texts = condition.values().iter().map(|value| value.text().to_owned()).collect();
        let goal = Goal::Tag { tag: tag.to_owned(), texts, values: (!is_open).then_some(values) };
        match self.goals.number(goal) {
            Ok(number) => Means { known: None, goals: vec![number] },
            Err(kind) => Means::of(kind),
        }
    }
}

/// Whether a value that is compared as a whole can be one: names, tags and ids never contain wildcards.
pub(crate) fn is_possible(key: &str, value: &Pattern, condition: &Condition) -> bool {
    let of_identity = key.starts_with("aws:principal")
        || endpoint(key).is_some()
        || matches!(key, "aws:userid" | "aws:username" | "kms:calleraccount");
    let literal = value.is_literal() && value.variables().next().is_none();
    !(of_identity && literal && condition.is_textual() && value.text().contains(['*', '?']))
}
