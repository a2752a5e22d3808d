//! The AWS policy language: parsing, three-valued evaluation, and the questions that the rules ask of policies.
//!
//! Works on text alone and knows no other module. [`Document::parse`] reads any kind of policy,
//! [`Document::evaluate`] judges a request, and [`audit`] answers what holds of all requests of a kind. Evaluation
//! is three-valued: what is not known of a request makes a statement's effect unknown, never true or false.

mod arn;
pub mod audit;
mod condition;
mod context;
mod document;
mod evaluate;
mod glob;
mod json;
mod parse;
mod pattern;
mod request;
mod truth;

pub use condition::{Condition, Operator};
pub use context::{Context, ContextValue};
pub use document::{
    ActionPattern, Document, Effect, Element, PrincipalPattern, Statement, StatementId, Version,
};
pub use evaluate::{Decision, Outcome};
pub use glob::Glob;
pub use parse::{ParseError, Problem, SIZE_LIMIT};
pub use pattern::Pattern;
pub use request::{Principal, Request, Target};
pub use truth::Truth;
