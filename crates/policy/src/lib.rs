//! The AWS policy language: parsing, three-valued evaluation, and the questions that an audit asks of policies.
//!
//! Works on text alone: no AWS call is made, and nothing is asked of a clock or a file. [`Document::parse`] reads any kind of
//! policy, [`Document::evaluate`] judges a request, and [`audit`] answers what holds of all requests of a kind. Evaluation
//! is three-valued: what is not known of a request makes a statement's effect unknown, never true or false.
//!
//! ```
//! use trailproof_policy::{Context, ContextValue, Document, Outcome, Principal, Request};
//!
//! let policy = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
//!      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}}
//! ]}"#;
//! let document = Document::parse(policy)?;
//! let request = |context| {
//!     let reader = Principal::of_arn("arn:aws:iam::111111111111:role/reader").expect("it is an ARN");
//!     Request::new(reader, "s3:GetObject", "arn:aws:s3:::logs/2026.json.gz", context)
//! };
//! let of = |id: &str| Context::concrete().with("aws:PrincipalOrgID", ContextValue::one(id));
//! assert_eq!(document.evaluate(&request(of("o-exampleorg1"))).outcome, Outcome::Allowed);
//! assert_eq!(document.evaluate(&request(of("o-another"))).outcome, Outcome::ImplicitlyDenied);
//! // Nothing is known of the caller's organization.
//! assert_eq!(document.evaluate(&request(Context::open())).outcome, Outcome::Unknown);
//! # Ok::<(), trailproof_policy::ParseError>(())
//! ```
//!
//! [`Guardrails`] puts the policies of an organization together: [`Guardrails::evaluate`] judges one request,
//! [`Guardrails::prove`] all requests for an action, with the [`Exemption`] of those that get through. [`AccountEquivalence`]
//! says which accounts need a proof of their own, [`Document::without_effect`] which statements are mistakes.
//! [`Access`] judges one request by the caller's own policies and the resource's as well.
//!
//! ```
//! use std::sync::Arc;
//!
//! use trailproof_policy::{
//!     AttachedPolicy, Callers, Document, Guardrails, Hierarchy, Level, Organization, Question, Target, Verdict,
//! };
//!
//! let deny = r#"{"Version": "2012-10-17", "Statement": [
//!     {"Effect": "Allow", "Action": "*", "Resource": "*"},
//!     {"Sid": "KeepTrails", "Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*",
//!      "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/break-glass"}}}
//! ]}"#;
//! let policy = AttachedPolicy { id: "p-guard".to_owned(), document: Arc::new(Document::parse(deny)?) };
//! let level = |id: &str| Level { id: id.to_owned(), policies: vec![policy.clone()], unread: false };
//! let hierarchy = Hierarchy { levels: vec![level("r-root"), level("111111111111")] };
//! let guardrails = Guardrails {
//!     organization: Organization { id: Some("o-exampleorg1".to_owned()), management_account: None },
//!     service_control: Some(&hierarchy),
//!     resource_control: None,
//!     resource_policy: None,
//!     resource_account: None,
//!     resource_controlled: &[],
//! };
//! let proof = guardrails.prove(&Question {
//!     callers: &Callers::of_account("111111111111"),
//!     action: "cloudtrail:StopLogging",
//!     resource: &Target::resources("arn:aws:cloudtrail:*:111111111111:trail/*"),
//!     designated: &[],
//! });
//! // Nobody but who has that role, which an administrator of the account may well make.
//! let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
//! assert!(exemption.to_string().contains("role/break-glass"), "{exemption}");
//! # Ok::<(), trailproof_policy::ParseError>(())
//! ```
//!
//! What only AWS can change (actions with their resource types, condition keys, the services that resource control policies
//! bind) is in dated files: see [`mod@reference`].

mod access;
mod account_equivalence;
mod arn;
pub mod audit;
mod condition;
mod condition_keys;
mod context;
mod document;
mod evaluate;
mod exemption;
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
pub use account_equivalence::{AccountEquivalence, AccountGroup, canonical_resource};
pub use arn::Arn;
pub use condition::{Condition, Operator};
pub use context::{Context, ContextValue};
pub use document::{
    ActionPattern, Document, Effect, Element, PrincipalPattern, Statement, StatementId, Version,
};
pub use evaluate::{Decision, Outcome};
pub use exemption::{Exemption, ExemptionAtom, ExemptionKind, Passes, Requirement};
pub use glob::{Glob, Language};
pub use hierarchy::{
    AttachedPolicy, Contradiction, Deciding, GuardrailDecision, Guardrails, Hierarchy, Level, Open,
    Organization, PolicyKind, Unbound,
};
pub use json::Json;
pub use parse::{ParseError, Problem, SIZE_LIMIT};
pub use pattern::Pattern;
pub use proof::{Callers, DefaultCaller, LevelProof, Memory, Proof, Question, StatementProof, Verdict};
pub use request::{Principal, Request, Target};
pub use truth::Truth;
pub use undecided::Undecided;
pub use without_effect::{Bound, Mistake, WithoutEffect};
