//! How hard it is to meet a requirement: what the account's own administrators can arrange, what takes something
//! from outside, and what nobody can have. See [`super`].
//!
//! A name or a tag is the administrators' to give unless the same guardrails deny giving it. That is asked of the
//! same proof, and what is being asked about counts as not yet had: a role that only itself may create is no way to
//! itself.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::known::principals;
use super::{Callers, Question};
use crate::policy::arn::segment;
use crate::policy::condition::Condition;
use crate::policy::context::ContextValue;
use crate::policy::document::Document;
use crate::policy::escape::{EscapeKind, Passes};
use crate::policy::glob::{Glob, Language};
use crate::policy::hierarchy::Guardrails;
use crate::policy::pattern::Pattern;
use crate::policy::request::Target;

/// Names that lead to names that lead to names: beyond this the easiest answer is given.
const DEPTH_LIMIT: usize = 3;

/// The proofs that are made for one question about how something can be obtained; beyond them the easiest answer is
/// given. Real policies name a handful of roles and tags.
const PROOF_LIMIT: usize = 256;

/// Giving any of these to a role lets one act as it.
pub(super) const ROLE_ACTIONS: &[&str] = &["iam:CreateRole", "iam:UpdateAssumeRolePolicy"];

/// Any of these lets one act as a user.
pub(super) const USER_ACTIONS: &[&str] =
    &["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

/// What is being obtained, from the outermost question on.
#[derive(Default)]
pub(super) struct Obtaining<'a> {
    what: Option<String>,
    outer: Option<&'a Obtaining<'a>>,
    depth: usize,
    /// What was found for names and tags that are asked about again.
    found: RefCell<BTreeMap<String, EscapeKind>>,
    proofs: Cell<usize>,
}

impl<'a> Obtaining<'a> {
    fn within(outer: &'a Obtaining<'a>, what: &str) -> Self {
        Self { what: Some(what.to_owned()), outer: Some(outer), depth: outer.depth + 1, ..Self::default() }
    }

    /// Counts one more proof; whether it may still be made.
    fn may_prove(&self) -> bool {
        if let Some(outer) = self.outer {
            return outer.may_prove();
        }
        self.proofs.set(self.proofs.get() + 1);
        self.proofs.get() <= PROOF_LIMIT
    }

    /// `External` if the account's own administrators are kept from all of it.
    fn once(&self, what: &str, is_denied: impl Fn(&Obtaining<'_>) -> bool) -> EscapeKind {
        if self.is_underway(what) {
            return EscapeKind::Unattainable;
        }
        if let Some(kind) = self.found.borrow().get(what) {
            return *kind;
        }
        let denied = is_denied(&Obtaining::within(self, what));
        let kind = if denied { EscapeKind::External } else { EscapeKind::SelfService };
        self.found.borrow_mut().insert(what.to_owned(), kind);
        kind
    }

    fn is_underway(&self, what: &str) -> bool {
        self.what.as_deref() == Some(what) || self.outer.is_some_and(|outer| outer.is_underway(what))
    }

    /// How hard it is to make the condition hold, or not hold.
    pub(super) fn condition(
        &self,
        guardrails: &Guardrails<'_>,
        question: &Question<'_>,
        condition: &Condition,
        holds: bool,
    ) -> EscapeKind {
        let key = condition.lowercase_key();
        let positive = condition.is_negated() != holds;
        let absent = condition.holds(&|_| Cow::Owned(ContextValue::Absent));
        let absence_meets = if holds { !absent.is_false() } else { !absent.is_true() };
        // To be other than what is listed takes nothing, where the value is the caller's to choose, and neither does
        // leaving the key out.
        if !positive || condition.is_presence() || (absence_meets && key != "aws:principalarn") {
            return if is_of_outside(key) && condition.compares_addresses() && !absence_meets {
                EscapeKind::External
            } else {
                EscapeKind::SelfService
            };
        }
        if !condition.is_textual() {
            return if is_of_outside(key) { EscapeKind::External } else { EscapeKind::SelfService };
        }
        let possible = condition.values().iter().filter(|value| is_possible(key, value, condition));
        let values: Vec<String> = possible.map(|value| value.text().to_owned()).collect();
        if values.is_empty() {
            return EscapeKind::Unattainable;
        }
        match key {
            "aws:principalarn" => {
                let bound = principals(question.callers);
                let met = |value: &&String| {
                    value.contains("${") || !bound.covered_by(&[&Glob::arn(value)]).is_false()
                };
                self.names(guardrails, question, values.iter().filter(met).map(String::as_str))
            }
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:sourcevpcarn" => {
                let any = values.iter().any(|value| matches!(value.as_str(), "*" | "vpc-*" | "vpce-*"));
                if any { EscapeKind::SelfService } else { EscapeKind::External }
            }
            _ if key.starts_with("aws:principaltag/") => self.tag(guardrails, question, condition),
            _ if is_of_outside(key) => EscapeKind::External,
            _ => EscapeKind::SelfService,
        }
    }

    /// How hard it is to act as one of these principals: as hard as the easiest. Where none is left to look at, it
    /// is not known to be hard.
    pub(super) fn names<'b>(
        &self,
        guardrails: &Guardrails<'_>,
        question: &Question<'_>,
        patterns: impl Iterator<Item = &'b str>,
    ) -> EscapeKind {
        let kinds = patterns.map(|pattern| self.name(guardrails, question, pattern));
        kinds.min().unwrap_or(EscapeKind::SelfService)
    }

    fn name(&self, guardrails: &Guardrails<'_>, question: &Question<'_>, pattern: &str) -> EscapeKind {
        let callers = question.callers;
        let (Some(account), Some(resource)) = (&callers.account, segment(pattern, 5)) else {
            return EscapeKind::SelfService;
        };
        if pattern.contains("${") {
            return EscapeKind::SelfService;
        }
        let concrete = format!("arn:{}:iam::{account}:{resource}", callers.partition);
        let here = Glob::arn(&concrete);
        if here.covered_by(&question.designated.iter().collect::<Vec<_>>()).is_true() {
            return EscapeKind::Designated;
        }
        let actions = if resource.starts_with("role/") {
            ROLE_ACTIONS
        } else if resource.starts_with("user/") {
            USER_ACTIONS
        } else {
            return EscapeKind::SelfService;
        };
        if self.is_underway(&concrete) {
            return EscapeKind::Unattainable;
        }
        let target = Target::resources(&concrete);
        let own = Obtaining::within(self, &concrete);
        let denied =
            actions.iter().all(|action| own.is_denied(guardrails, question, action, &target, callers));
        if denied { EscapeKind::External } else { EscapeKind::SelfService }
    }

    /// A tag of the principal: given to roles and users, or passed with a session.
    fn tag(&self, guardrails: &Guardrails<'_>, question: &Question<'_>, condition: &Condition) -> EscapeKind {
        let callers = question.callers;
        let (Some(account), Some((_, tag))) = (&callers.account, condition.key().split_once('/')) else {
            return EscapeKind::SelfService;
        };
        let wanted = if condition.values().iter().any(|value| value.variables().next().is_some()) {
            ContextValue::Unknown
        } else {
            ContextValue::Like(Language::any_of(condition.values().iter().map(Pattern::described).collect()))
        };
        let asked = [("iam:TagRole", "role/*"), ("iam:TagUser", "user/*"), ("sts:TagSession", "role/*")];
        // Alone, and together with a tag that no policy names.
        let keys = [vec![tag.to_owned()], vec![tag.to_owned(), "\u{0}".to_owned()]];
        // The values count too: a policy may deny giving one and not another.
        let values: Vec<&str> = condition.values().iter().map(Pattern::text).collect();
        let what = format!("tag {} {}", tag.to_lowercase(), values.join("|"));
        self.once(&what, |own| {
            asked.iter().all(|(action, resource)| {
                let target = format!("arn:{}:iam::{account}:{resource}", callers.partition);
                keys.iter().all(|keys| {
                    let mut tagging = callers.clone();
                    tagging.facts.push((format!("aws:RequestTag/{tag}"), wanted.clone()));
                    tagging.facts.push(("aws:TagKeys".to_owned(), ContextValue::Known(keys.clone())));
                    own.is_denied(guardrails, question, action, &Target::resources(&target), &tagging)
                })
            })
        })
    }

    /// Whether the account's own administrators are kept from the action.
    fn is_denied(
        &self,
        guardrails: &Guardrails<'_>,
        question: &Question<'_>,
        action: &str,
        resource: &Target,
        callers: &Callers,
    ) -> bool {
        if self.depth > DEPTH_LIMIT || !self.may_prove() {
            return false;
        }
        // Policies of the resource at hand have no say about roles.
        let guardrails = Guardrails { resource_policy: None, resource_account: None, ..guardrails.clone() };
        let question = Question { callers, action, resource, designated: question.designated };
        let proof = guardrails.prove_assuming(&question, self);
        let passes = Passes::all(proof.levels.into_iter().map(|level| level.passes));
        passes.kind().is_some_and(|kind| kind > EscapeKind::SelfService)
    }
}

/// Keys whose values are given by a network, another account or AWS, not by the caller.
fn is_of_outside(key: &str) -> bool {
    matches!(
        key,
        "aws:sourceip"
            | "aws:sourcevpc"
            | "aws:sourcevpce"
            | "aws:sourcevpcarn"
            | "aws:vpceaccount"
            | "aws:vpceorgid"
            | "aws:vpceorgpaths"
            | "aws:principalaccount"
            | "aws:principalorgid"
            | "aws:principalorgpaths"
            | "aws:sourceaccount"
            | "aws:sourcearn"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
            | "aws:resourceaccount"
            | "aws:resourceorgid"
            | "aws:resourceorgpaths"
    )
}

/// Whether a value that is compared as a whole can be one: names, tags and ids never contain wildcards.
pub(in crate::policy) fn is_possible(key: &str, value: &Pattern, condition: &Condition) -> bool {
    let of_identity = key.starts_with("aws:principal")
        || matches!(
            key,
            "aws:userid" | "aws:username" | "aws:sourcevpc" | "aws:sourcevpce" | "kms:calleraccount"
        );
    let literal = value.is_literal() && value.variables().next().is_none();
    !(of_identity && literal && condition.is_textual() && value.text().contains(['*', '?']))
}

impl Guardrails<'_> {
    /// The documents of all levels, service control policies first.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        let hierarchies = self.service_control.into_iter().chain(self.resource_control);
        let levels = hierarchies.flat_map(|hierarchy| &hierarchy.levels).chain(self.resource_policy);
        levels.flat_map(|level| &level.policies).map(|policy| policy.document.as_ref())
    }
}
