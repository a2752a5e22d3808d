//! One request against the guardrails. See [`super`].

use std::borrow::Cow;

use super::{AttachedPolicy, Exemption, Guardrails, Layer, Level, PolicyKind};
use crate::policy::arn::{account_of, segment};
use crate::policy::context::ContextValue;
use crate::policy::document::{Effect, StatementId};
use crate::policy::evaluate::{Outcome, View};
use crate::policy::pattern::Lookup;
use crate::policy::request::{Principal, Request, Target};
use crate::policy::truth::Truth;

/// What policies decide about a request. [`Guardrails::evaluate`] takes the caller's own permissions as granting
/// everything.
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

/// What the layers say, collected by how sure it is.
#[derive(Default)]
pub(in crate::policy) struct Findings {
    pub(in crate::policy) denies: Vec<Deciding>,
    pub(in crate::policy) unsure_denies: Vec<Deciding>,
    pub(in crate::policy) without_allow: Vec<Deciding>,
    pub(in crate::policy) unsure_allows: Vec<Deciding>,
    pub(in crate::policy) allows: Vec<Deciding>,
}

impl Guardrails<'_> {
    /// Judges one request.
    ///
    /// Condition keys that follow from the principal are derived where the context does not give them. A role
    /// session tells its role's name but not the role's path: in a [concrete](super::super::Context::concrete)
    /// request the role is taken to have none.
    pub fn evaluate(&self, request: &Request) -> GuardrailDecision {
        self.weigh(request, |_, _| {})
    }

    /// [`Self::evaluate`] together with what other policies say.
    pub(in crate::policy) fn weigh(
        &self,
        request: &Request,
        others: impl FnOnce(&View<'_>, &mut Findings),
    ) -> GuardrailDecision {
        let role = role_of_session(&request.principal);
        let lookup: &Lookup<'_> = &|key| self.lookup(request, role.as_ref(), key);
        let principal_arn = lookup("aws:principalarn");
        let principal_arn = match principal_arn.as_ref() {
            ContextValue::Known(values) => values.first().map(String::as_str),
            _ => None,
        };
        let exemption = self.exemption(&request.principal, principal_arn);
        let action = match &request.action {
            Target::Exact(action) => action.as_str(),
            Target::AnyOf(_) => "",
        };
        let resource = Self::asked_on(action, &request.resource);
        let view = View::new(&request.action, &request.principal, &resource, lookup);
        let mut findings = Findings::default();
        for layer in self.layers(exemption, action, &request.resource) {
            findings.add(layer, &view);
        }
        others(&view, &mut findings);
        findings.decide()
    }

    fn lookup<'a>(
        &'a self,
        request: &'a Request,
        role: Option<&'a ContextValue>,
        key: &str,
    ) -> Cow<'a, ContextValue> {
        let open = *request.context.others() == ContextValue::Unknown;
        if key == "aws:principalarn"
            && let Some(role) = role
            && !open
            && request.context.mentioned(key).is_none()
        {
            return Cow::Borrowed(role);
        }
        if let Some(value) = request.given_or_derived(key) {
            return value;
        }
        match (key, &self.organization.id) {
            ("aws:principalorgid", Some(id)) if self.is_member(&request.principal) => {
                Cow::Owned(ContextValue::one(id.as_str()))
            }
            _ => Cow::Borrowed(request.context.others()),
        }
    }

    /// Whether the principal is taken to be of the organization: unless the policies are those of another account.
    fn is_member(&self, principal: &Principal) -> bool {
        matches!(principal, Principal::AwsAccountPrincipal { .. } | Principal::AnyOfAccount(_))
            && self.exemption(principal, None) != Some(Exemption::OtherAccount)
    }
}

/// The ARN of the role behind a session, as `aws:PrincipalArn` has it, if the role has no path.
fn role_of_session(principal: &Principal) -> Option<ContextValue> {
    let Principal::AwsAccountPrincipal { arn, .. } = principal else { return None };
    let (role, _) = segment(arn, 5)?.strip_prefix("assumed-role/")?.split_once('/')?;
    let (partition, account) = (segment(arn, 1)?, account_of(arn)?);
    Some(ContextValue::one(format!("arn:{partition}:iam::{account}:role/{role}")))
}

impl Findings {
    fn add(&mut self, layer: Layer<'_>, view: &View<'_>) {
        let Layer { kind, level, certain } = layer;
        let mut allowed = Truth::False;
        for policy in &level.policies {
            for statement in &policy.document.statements {
                let allow = statement.effect == Effect::Allow;
                if allow && (allowed.is_true() || !layer.must_allow()) {
                    continue;
                }
                let applies = statement.applies_to(view);
                let list = match (allow, applies) {
                    (_, Truth::False) => continue,
                    (true, Truth::True) => &mut self.allows,
                    (true, Truth::Unknown) => &mut self.unsure_allows,
                    (false, Truth::True) if certain => &mut self.denies,
                    (false, Truth::True | Truth::Unknown) => &mut self.unsure_denies,
                };
                list.push(Deciding::statement(kind, level, policy, &statement.id));
                if allow {
                    allowed = allowed.or(applies);
                }
            }
        }
        if level.unread {
            self.unsure_denies.push(Deciding::level(kind, level));
        } else if layer.must_allow() && allowed.is_false() {
            self.without_allow.push(Deciding::level(kind, level));
        }
        if allowed.is_true() {
            self.unsure_allows.retain(|deciding| deciding.kind != kind || deciding.level != level.id);
        }
    }

    fn decide(self) -> GuardrailDecision {
        let Self { denies, unsure_denies, without_allow, unsure_allows, allows } = self;
        let (outcome, decided_by) = if !denies.is_empty() {
            (Outcome::ExplicitlyDenied, denies)
        } else if !without_allow.is_empty() {
            // Denied for certain, whether or not a `Deny` fires as well.
            (Outcome::ImplicitlyDenied, without_allow)
        } else if unsure_denies.is_empty() && unsure_allows.is_empty() {
            (Outcome::Allowed, allows)
        } else {
            (Outcome::Unknown, [unsure_denies, unsure_allows].concat())
        };
        GuardrailDecision { outcome, decided_by }
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
