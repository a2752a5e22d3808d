//! What guardrails decide about every request of a kind: one action on one resource (or any of a pattern), by any
//! caller of an account.
//!
//! A request is denied if a `Deny` fires or a level has no `Allow` that fires. What is true of every bound caller is
//! put in; what is left of the negation of that formula is the exemption, exact as far as the policies' conditions
//! can be told apart, and never smaller than the real one.

use super::context::ContextValue;
use super::document::{Effect, StatementId};
use super::exemption::{Exemption, Passes};
use super::glob::Glob;
use super::hierarchy::{Deciding, PolicyKind, Unbound};
use super::request::Target;
use super::undecided::Undecided;

mod attainability;
mod caller_context;
mod closing_statement;
mod goals;
mod levels;
mod memory;
mod noted;
mod prove;
mod signature;
mod steps;
mod ways;

pub(super) use attainability::is_possible;
pub(super) use caller_context::bound_principals;
pub use memory::Memory;

/// Any caller of an account, and what is true of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callers {
    /// The account, twelve digits; `None` for callers of any account.
    pub account: Option<String>,
    /// The path of the account in the organization (`o-.../r-.../ou-.../`), as `aws:PrincipalOrgPaths` has it.
    pub organization_path: Option<String>,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// Further condition keys that every request of the kind carries with these values.
    pub facts: Vec<(String, ContextValue)>,
}

impl Callers {
    /// Any caller of this account in the partition `aws`.
    pub fn of_account(account: impl Into<String>) -> Self {
        Self {
            account: Some(account.into()),
            organization_path: None,
            partition: "aws".to_owned(),
            facts: Vec::new(),
        }
    }
}

/// What is to be proved about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub callers: &'a Callers,
    /// The action, in any case.
    pub action: &'a str,
    /// The resource: [`Target::resources`] of an ARN or of a pattern, or [`Target::no_resource`].
    pub resource: &'a Target,
    /// The break-glass roles: patterns of their ARNs, as made by [`Glob::arn`].
    pub designated: &'a [Glob],
}

/// The verdict with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The verdict.
    pub verdict: Verdict,
    /// What happens to a fresh role without tags and MFA, from a public address, in the resource's region.
    pub default_caller: DefaultCaller,
    /// Why service control policies do not bind these callers, if they do not.
    pub unbound: Option<Unbound>,
    /// What decides: each `Deny` that covers the request and each level without an `Allow`; for what is not denied,
    /// an allowing statement per level.
    pub decided_by: Vec<Deciding>,
    /// Every level, the root's first, service control policies before resource control policies.
    pub levels: Vec<LevelProof>,
}

/// Whether the callers are denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every bound caller is denied.
    DeniedForAll {
        /// An exemption that is written in the policies and that no bound caller can meet.
        unattainable: Option<Exemption>,
    },
    /// Who meets the exemption passes, all others are denied. Its kind is never `Unattainable`.
    DeniedExcept {
        /// The exemption.
        exemption: Exemption,
    },
    /// No bound caller is denied.
    NotDenied,
    /// Levels that could not be read, or of which it is not known whether they bind, or statements of which AWS does not
    /// say what they do, may change the rest.
    Unknown {
        /// The ids of the levels.
        levels: Vec<String>,
        /// Resources of statements with a policy variable where AWS supports none, before the fifth colon.
        misplaced: Vec<String>,
        /// What exempt names and tags take was not followed to its end, and that decides.
        unfinished: bool,
        /// What of conditions the policies alone do not settle, and that decides.
        undecided: Vec<Undecided>,
        /// The exemption that all else leaves; `None` if it leaves everyone. The real one is no wider.
        at_most: Option<Exemption>,
    },
}

/// What happens to the default caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultCaller {
    /// It is denied.
    Denied,
    /// It is allowed, or may be.
    Allowed,
    /// What decides is not known.
    Unknown,
}

/// What one level says of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelProof {
    /// The type of policy.
    pub kind: PolicyKind,
    /// The level's id.
    pub level: String,
    /// Not all of its policies are known.
    pub unread: bool,
    /// It would deny, but whether it binds the action's service at all is not known.
    pub binding_unknown: bool,
    /// The statements that are about the action and the resource.
    pub statements: Vec<StatementProof>,
    /// What a request needs in order to pass this level.
    pub passes: Passes,
}

impl LevelProof {
    /// What it says is not known, or not all of it.
    pub fn is_unknown(&self) -> bool {
        self.unread || self.binding_unknown
    }
}

/// A statement that is about the action and the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementProof {
    /// The policy's id.
    pub policy: String,
    /// The statement.
    pub statement: StatementId,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Which requests pass the `Deny`, or are allowed by the `Allow`.
    pub passes: Passes,
}

#[cfg(test)]
mod tests;
