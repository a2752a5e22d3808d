//! One request against the guardrails. See [`super`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::sessions::Session;
use super::{AttachedPolicy, Guardrails, Layer, Level, Member, PolicyKind, region_of};
use crate::arn::segment;
use crate::condition_keys::{is_always_there, of_owner};
use crate::context::ContextValue;
use crate::document::{Document, Effect, Statement, StatementId};
use crate::evaluate::{Outcome, View};
use crate::pattern::{Lookup, Pattern};
use crate::reference;
use crate::request::{Principal, Request, Target};
use crate::truth::Truth;
use crate::undecided::Undecided;

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
    /// What the request would have to tell, or AWS to document, where the outcome is unknown.
    pub open: Open,
}

/// Why an outcome is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Open {
    /// Condition keys that every such request carries, and whose value is not known.
    pub keys: BTreeSet<String>,
    /// Resources with a policy variable where AWS supports none, and the variable.
    pub misplaced: BTreeSet<(String, String)>,
    /// Operators that take no policy variables, with a value that has one.
    pub unfilled: BTreeSet<(String, String)>,
    /// What of the conditions' own operators and values AWS leaves open.
    pub undecided: BTreeSet<Undecided>,
    /// Operators, each with a condition key, of the condition or in a policy variable, whose values in the request they do
    /// not decide about: several, or such as are not of their type.
    pub uncompared: BTreeSet<(String, String)>,
}

impl Open {
    fn merge(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self.misplaced.extend(other.misplaced);
        self.unfilled.extend(other.unfilled);
        self.undecided.extend(other.undecided);
        self.uncompared.extend(other.uncompared);
        self
    }
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
pub(crate) struct Findings {
    pub(crate) denies: Vec<Deciding>,
    pub(crate) unsure_denies: Vec<Deciding>,
    pub(crate) without_allow: Vec<Deciding>,
    pub(crate) unsure_allows: Vec<Deciding>,
    pub(crate) allows: Vec<Deciding>,
    open: Open,
}

impl Guardrails<'_> {
    /// Judges one request.
    ///
    /// Condition keys that follow from the principal and the resource are derived where the context does not give them.
    /// A role session tells its role's name but not the role's path: in a
    /// [concrete](super::super::Context::concrete) request the role is taken to have none, and the outcome is unknown
    /// where a path that some policy names would change it.
    pub fn evaluate(&self, request: &Request) -> GuardrailDecision {
        self.weigh(request, &[], |_, _| {})
    }

    /// [`Self::evaluate`] together with what other policies say.
    pub(crate) fn weigh(
        &self,
        request: &Request,
        documents: &[&Document],
        others: impl Fn(&View<'_>, &mut Findings),
    ) -> GuardrailDecision {
        let Some(session) = Session::of(request) else { return self.weigh_as(request, None, &others) };
        let plain = self.weigh_as(request, Some(&session.role()), &others);
        if plain.outcome == Outcome::Unknown || session.is_reserved() {
            return plain;
        }
        let all = self.documents().chain(documents.iter().copied());
        for role in session.elsewhere(all) {
            let other = self.weigh_as(request, Some(&ContextValue::one(role)), &others);
            if other.outcome != plain.outcome {
                let mut decided_by = [plain.decided_by, other.decided_by].concat();
                decided_by.sort();
                decided_by.dedup();
                let mut open = plain.open.merge(other.open);
                open.keys.insert("aws:PrincipalArn".to_owned());
                return GuardrailDecision { outcome: Outcome::Unknown, decided_by, open };
            }
        }
        plain
    }

    /// [`Self::weigh`] with this role behind the session.
    fn weigh_as(
        &self,
        request: &Request,
        role: Option<&ContextValue>,
        others: impl Fn(&View<'_>, &mut Findings),
    ) -> GuardrailDecision {
        let lookup: &Lookup<'_> = &|key| self.lookup(request, role, key);
        let principal_arn = lookup("aws:principalarn");
        let principal_arn = match principal_arn.as_ref() {
            ContextValue::Known(values) => values.first().map(String::as_str),
            _ => None,
        };
        let unbound = self.unbound(&request.principal, principal_arn);
        let action = match &request.action {
            Target::Exact(action) => action.as_str(),
            Target::AnyOf(_) => "",
        };
        let resource = Self::asked_on(action, &request.resource);
        let view = View::new(&request.action, &request.principal, &resource, lookup);
        let mut findings = Findings::default();
        for mut layer in self.layers(unbound, action, &request.resource) {
            if layer.kind == PolicyKind::ResourceBased {
                match self.spares(&request.principal, action, &request.resource) {
                    Truth::True => continue,
                    spares => layer.certain &= spares.is_false(),
                }
            }
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
        if key == "aws:principalarn"
            && let Some(role) = role
        {
            return Cow::Borrowed(role);
        }
        if let Some(value) = request.given_or_derived(key) {
            return value;
        }
        let member = request.principal.account().filter(|_| self.is_member(&request.principal));
        let member = member.map(|account| Member { account, path: None });
        let action = match &request.action {
            Target::Exact(action) => action.as_str(),
            Target::AnyOf(_) => "",
        };
        if let Some(value) = self.derived(key, member, action, &request.resource) {
            return Cow::Owned(value);
        }
        match only_region(action, request).or_else(|| region_of(&request.resource)) {
            Some(region) if key == "aws:requestedregion" => Cow::Owned(ContextValue::one(region)),
            _ if is_always_there(key) => Cow::Owned(ContextValue::present()),
            _ if of_owner(key).is_some() => Cow::Borrowed(&ContextValue::Unknown),
            _ => Cow::Borrowed(request.context.others()),
        }
    }

    /// Whether the principal is taken to be of the organization: unless the policies are those of other accounts.
    fn is_member(&self, principal: &Principal) -> bool {
        matches!(principal, Principal::AwsAccountPrincipal { .. } | Principal::AnyOfAccount(_))
            && !principal.account().is_some_and(|account| self.may_be_stranger(account))
    }
}

/// The Region that requests for the action are made to whoever makes them, in the partition of the caller or else of the
/// resource.
pub(super) fn only_region(action: &str, request: &Request) -> Option<String> {
    let resource = match &request.resource {
        Target::Exact(arn) => segment(arn, 1),
        Target::AnyOf(_) => None,
    };
    let caller = request.principal.arn().and_then(|arn| segment(arn, 1));
    reference::only_region(action, caller.or(resource)?).map(str::to_owned)
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
                self.note(statement, applies, view);
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

    /// Notes why it is not known whether a statement applies.
    pub(crate) fn note(&mut self, statement: &Statement, applies: Truth, view: &View<'_>) {
        if applies != Truth::Unknown {
            return;
        }
        if let Some((pattern, variable)) = statement.misplaced_variable() {
            self.open.misplaced.insert((pattern.text().to_owned(), variable.to_owned()));
        }
        let is_open =
            |key: &str| matches!(*(view.lookup)(key), ContextValue::Unknown | ContextValue::Like(_));
        let has_several =
            |key: &str| matches!(&*(view.lookup)(key), ContextValue::Known(values) if values.len() > 1);
        for condition in &statement.conditions {
            let texts = condition.values().iter().map(Pattern::text).filter(|text| text.contains("${"));
            let unfilled = texts.filter(|_| !condition.is_textual());
            let named = unfilled.map(|text| (condition.operator().name().to_owned(), text.to_owned()));
            self.open.unfilled.extend(named);
            if is_open(condition.lowercase_key()) {
                self.open.keys.insert(condition.key().to_owned());
            }
            let variables = condition.values().iter().flat_map(Pattern::variables);
            self.open.keys.extend(variables.filter(|key| is_open(key)).map(str::to_owned));
            if condition.holds(view.lookup) != Truth::Unknown {
                continue;
            }
            match Undecided::of_condition(condition) {
                // Who gives a value is no question of a request that has it.
                None | Some(Undecided::Key { .. }) => {
                    let operator = condition.operator().name();
                    let variables = condition.values().iter().flat_map(Pattern::variables);
                    let several: Vec<&str> = variables.filter(|key| has_several(key)).collect();
                    let keys = if several.is_empty() { vec![condition.key()] } else { several };
                    let named = keys.into_iter().map(|key| (operator.to_owned(), key.to_owned()));
                    self.open.uncompared.extend(named);
                }
                Some(undecided) => {
                    self.open.undecided.insert(undecided);
                }
            }
        }
    }

    fn decide(self) -> GuardrailDecision {
        let Self { denies, unsure_denies, without_allow, unsure_allows, allows, open } = self;
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
        let open = if outcome == Outcome::Unknown { open } else { Open::default() };
        GuardrailDecision { outcome, decided_by, open }
    }
}

impl Deciding {
    pub(crate) fn statement(
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

    pub(crate) fn level(kind: PolicyKind, level: &Level) -> Self {
        Self { kind, level: level.id.clone(), policy: None, statement: None }
    }
}
