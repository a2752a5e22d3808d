//! What is asked of a role: what its own policies allow, and whether a service may assume it.

use crate::context::Context;
use crate::document::{Document, Effect};
use crate::request::{Principal, Request};
use crate::truth::Truth;

/// Whether a role's or user's policies together allow a request: some document allows it, none denies it.
pub fn identity_allows(documents: &[Document], request: &Request) -> Truth {
    let applies = |effect| {
        let statements = documents.iter().flat_map(move |document| document.with_effect(effect));
        Truth::any(statements.map(|statement| statement.applies(request)))
    };
    applies(Effect::Allow).and(!applies(Effect::Deny))
}

/// Whether a role's trust policy lets a service assume it (`cloudtrail.amazonaws.com`).
pub fn assumable_by(trust_policy: &Document, service: &str) -> Truth {
    let principal = Principal::Service(service.to_owned());
    let request = Request::new(principal, "sts:AssumeRole", "*", Context::open());
    trust_policy.evaluate(&request).allowed
}
