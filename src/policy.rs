//! The AWS policy language: parsing, three-valued evaluation, and the questions that the rules ask of policies.
//!
//! Works on text alone and knows no other module. [`Document::parse`] reads any kind of policy,
//! [`Document::evaluate`] judges a request, and [`audit`] answers what holds of all requests of a kind. Evaluation
//! is three-valued: what is not known of a request makes a statement's effect unknown, never true or false.
//!
//! [`Guardrails`] puts the policies of an organization together: [`Guardrails::evaluate`] judges one request,
//! [`Guardrails::prove`] all requests for an action, with the [`Escape`] of those that get through. [`Distinctions`]
//! says which accounts need a proof of their own, [`Document::without_effect`] which statements are mistakes.
//! [`Access`] judges one request by the caller's own policies and the resource's as well.

mod access;
mod arn;
pub mod audit;
mod condition;
mod condition_keys;
mod context;
mod distinctions;
mod document;
mod escape;
mod evaluate;
mod glob;
mod hierarchy;
mod json;
mod parse;
mod pattern;
mod proof;
pub mod reference;
mod request;
mod truth;
mod undecided;
mod without_effect;

pub use access::Access;
pub use condition::{Condition, Operator};
pub use context::{Context, ContextValue};
pub use distinctions::{AccountGroup, Distinctions, canonical_resource};
pub use document::{
    ActionPattern, Document, Effect, Element, PrincipalPattern, Statement, StatementId, Version,
};
pub use escape::{Escape, EscapeAtom, EscapeKind, Passes, Requirement};
pub use evaluate::{Decision, Outcome};
pub use glob::{Glob, Language};
pub use hierarchy::{
    AttachedPolicy, Contradiction, Deciding, Exemption, GuardrailDecision, Guardrails, Hierarchy, Level,
    Open, Organization, PolicyKind,
};
pub use parse::{ParseError, Problem, SIZE_LIMIT};
pub use pattern::Pattern;
pub use proof::{Callers, DefaultCaller, LevelProof, Proof, Question, StatementProof, Verdict};
pub use request::{Principal, Request, Target};
pub use truth::Truth;
pub use undecided::Undecided;
pub use without_effect::{Bound, Mistake, WithoutEffect};
