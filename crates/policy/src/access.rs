//! One request against every policy that bears on it: the guardrails, the policies of the caller, the permissions
//! boundary, the session's policies and the policy of the resource.
//!
//! Follows "How AWS enforcement code logic evaluates requests to allow or deny access" and "Cross-account policy
//! evaluation logic" of the IAM User Guide. An explicit deny in any policy decides, and service control policies must
//! allow. Beyond that a request needs one of these, from its own account:
//!
//! - identity, boundary and session policies that all allow;
//! - a resource policy that names the caller's role, with boundary and session policies that allow;
//! - a resource policy that names the caller itself (an IAM user, a session) or everyone, whatever else allows nothing.
//!
//! A key policy and the trust policy of a role must let the caller in besides: by naming it, or by naming its account,
//! which leaves the rest to identity policies ("Default key policy", AWS KMS Developer Guide). From another account both
//! sides must allow. Services, callers without credentials and identity providers need the resource policy alone.
//!
//! Where the documentation is silent, a request counts as allowed rather than as denied: policies of one kind are
//! taken together, several session policies too, and services other than IAM and KMS are not taken to demand that
//! their resource's policy lets a caller of the same account in. Grants of KMS and access control lists are no
//! policies, and not looked at. See [`super::hierarchy`] for the guardrails alone.

use super::document::Effect;
use super::evaluate::View;
use super::hierarchy::{AttachedPolicy, Deciding, Findings, GuardrailDecision, Guardrails, PolicyKind};
use super::request::{Request, Target};
use super::truth::Truth;

use grants::Grants;
use ownership::{Ownership, ownerships};

mod grants;
mod ownership;

/// Every policy that bears on the request of one caller. What is `None` is not consulted: it limits nothing, and
/// grants whatever the rest does not deny.
#[derive(Debug, Clone, Default)]
pub struct Access<'a> {
    /// The organization's policies. Its `resource_policy` counts for what it denies only.
    pub guardrails: Guardrails<'a>,
    /// The policies of the caller: a user's with those of its groups, or the role's; for a federated user's session
    /// those of the user who began it. The root user has none, and full access without them.
    pub identity: Option<&'a [AttachedPolicy]>,
    /// The permissions boundary of the user or role.
    pub permissions_boundary: Option<&'a AttachedPolicy>,
    /// What was passed when the session was begun. An empty list is a session without such policies, which limits a
    /// role's session by nothing, and leaves a federated user's without permissions (`GetFederationToken`, AWS STS API
    /// Reference).
    pub session: Option<&'a [AttachedPolicy]>,
    /// The resource's own policy.
    pub resource_policy: Option<&'a AttachedPolicy>,
}

/// What the policies of one kind allow.
struct Side {
    kind: PolicyKind,
    truth: Truth,
    /// The first statement that allows, or all that may.
    statements: Vec<Deciding>,
}

/// What each kind says; `None` where it is not consulted.
struct Sides {
    identity: Option<Side>,
    boundary: Option<Side>,
    session: Option<Side>,
    grants: Option<Grants>,
}

impl Access<'_> {
    /// Judges the request of one caller. `decided_by` names the guardrails by the level where they are attached, and
    /// the other kinds by `identity`, `permissionsBoundary`, `session` and `resource`.
    ///
    /// The outcome is unknown where the guardrails' would be, where the policies do not tell whether they name the
    /// caller, and where the resource's owner is not known and decides.
    pub fn evaluate(&self, request: &Request) -> GuardrailDecision {
        let consulted = self.identity.is_some()
            || self.permissions_boundary.is_some()
            || self.session.is_some()
            || self.resource_policy.is_some();
        if !consulted {
            return self.guardrails.evaluate(request);
        }
        let own = [self.identity, self.session].into_iter().flatten().flatten();
        let single = self.permissions_boundary.into_iter().chain(self.resource_policy);
        let documents: Vec<_> = own.chain(single).map(|policy| policy.document.as_ref()).collect();
        self.guardrails.weigh(request, &documents, |view, findings| self.add(request, view, findings))
    }

    fn add(&self, request: &Request, view: &View<'_>, findings: &mut Findings) {
        let boundary = self.permissions_boundary.map(std::slice::from_ref);
        let restricts = |session: &&[AttachedPolicy]| {
            !session.is_empty() || request.principal.is_session_of_federated_user()
        };
        let mut side = |kind, policies: &[AttachedPolicy]| Side::of(kind, policies, view, findings);
        let identity = self.identity.map(|policies| side(PolicyKind::IdentityBased, policies));
        let sides = Sides {
            identity: identity.filter(|_| !request.principal.is_root_user()),
            boundary: boundary.map(|policies| side(PolicyKind::PermissionsBoundary, policies)),
            session: self.session.filter(restricts).map(|policies| side(PolicyKind::Session, policies)),
            grants: self.resource_policy.map(|policy| {
                let action = if let Target::Exact(action) = &request.action { action } else { "" };
                let spared = self.guardrails.spares(&request.principal, action, &request.resource);
                Grants::of(policy, view, self.permissions_boundary.is_some(), spared, findings)
            }),
        };
        let ownerships = ownerships(&self.guardrails, request);
        let verdicts = ownerships.iter().map(|ownership| sides.allow(*ownership));
        let Some(allowed) = verdicts.reduce(Truth::either) else { return };
        match allowed {
            Truth::True => sides.name_allows(&ownerships, findings),
            Truth::False => sides.name_lacking(&ownerships, findings),
            Truth::Unknown => sides.name_unsure(findings),
        }
    }
}

impl Side {
    /// What the policies of this kind allow; what they deny goes to the findings.
    fn of(kind: PolicyKind, policies: &[AttachedPolicy], view: &View<'_>, findings: &mut Findings) -> Self {
        let mut side = Self::nothing(kind);
        for policy in policies {
            for statement in &policy.document.statements {
                let applies = statement.applies_to(view);
                findings.note(statement, applies, view);
                let deciding = || Deciding::own(kind, policy, &statement.id);
                match statement.effect {
                    Effect::Deny => findings.deny(applies, deciding),
                    Effect::Allow => side.allow(applies, deciding),
                }
            }
        }
        side
    }

    fn nothing(kind: PolicyKind) -> Self {
        Self { kind, truth: Truth::False, statements: Vec::new() }
    }

    fn allow(&mut self, applies: Truth, deciding: impl FnOnce() -> Deciding) {
        match (self.truth, applies) {
            (Truth::True, _) | (_, Truth::False) => return,
            (_, Truth::True) => self.statements.clear(),
            (_, Truth::Unknown) => {}
        }
        self.statements.push(deciding());
        self.truth = applies;
    }
}

impl Findings {
    fn deny(&mut self, applies: Truth, deciding: impl FnOnce() -> Deciding) {
        match applies {
            Truth::True => self.denies.push(deciding()),
            Truth::Unknown => self.unsure_denies.push(deciding()),
            Truth::False => {}
        }
    }
}

impl Sides {
    /// The sides of which one combination must allow as a whole.
    fn ways(&self, ownership: Ownership) -> Vec<Vec<&Side>> {
        let limits = || self.boundary.iter().chain(&self.session);
        let own = || self.identity.iter().chain(limits());
        let Some(grants) = &self.grants else {
            return vec![if ownership == Ownership::NoAccount { Vec::new() } else { own().collect() }];
        };
        let Grants { direct, role, account } = grants;
        let with = |grant, rest: Vec<_>| std::iter::once(grant).chain(rest).collect::<Vec<&Side>>();
        match ownership {
            Ownership::SameAccount => {
                vec![vec![direct], with(role, limits().collect()), own().collect()]
            }
            Ownership::LetIn => {
                vec![vec![direct], with(role, limits().collect()), with(account, own().collect())]
            }
            Ownership::CrossAccount => {
                [direct, role, account].map(|grant| with(grant, own().collect())).into()
            }
            Ownership::NoAccount => [direct, role, account].map(|grant| vec![grant]).into(),
        }
    }

    fn allow(&self, ownership: Ownership) -> Truth {
        let all = |way: &Vec<&Side>| Truth::all(way.iter().map(|side| side.truth));
        Truth::any(self.ways(ownership).iter().map(all))
    }

    /// What needs most, where whose the resource is may be told in several ways: it holds in each of them.
    fn name_allows(&self, ownerships: &[Ownership], findings: &mut Findings) {
        let open = |ownership: &Ownership| {
            self.ways(*ownership).into_iter().find(|way| way.iter().all(|side| side.truth.is_true()))
        };
        let way = ownerships.iter().filter_map(open).max_by_key(Vec::len);
        for side in way.into_iter().flatten() {
            findings.allows.extend(side.statements.iter().cloned());
        }
    }

    /// Each kind that allows nothing and had to; of several ownerships, what lacks in each of them.
    fn name_lacking(&self, ownerships: &[Ownership], findings: &mut Findings) {
        let same_account =
            |ownership: &Ownership| matches!(ownership, Ownership::SameAccount | Ownership::LetIn);
        let lacks = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.truth.is_false());
        let by_role = self.grants.as_ref().is_some_and(|grants| grants.role.truth.is_true());
        let identity = lacks(&self.identity) && !(by_role && ownerships.iter().all(same_account));
        let unnamed = self.grants.as_ref().is_some_and(Grants::are_none);
        let or_identity = |ownership: &Ownership| *ownership == Ownership::SameAccount;
        let resource = unnamed && (identity || !ownerships.iter().all(or_identity));
        let limits = [&self.boundary, &self.session].into_iter().filter(|side| lacks(side));
        let kinds = [(resource, PolicyKind::ResourceBased), (identity, PolicyKind::IdentityBased)];
        let kinds = kinds.into_iter().filter(|(named, _)| *named).map(|(_, kind)| kind);
        let all = kinds.chain(limits.flatten().map(|side| side.kind));
        findings.without_allow.extend(all.map(Deciding::whole));
    }

    /// What may allow; where nothing does by itself, it is the resource's owner that is not known.
    fn name_unsure(&self, findings: &mut Findings) {
        let grants = self.grants.iter().flat_map(|grants| [&grants.direct, &grants.role, &grants.account]);
        let own = [&self.identity, &self.boundary, &self.session].into_iter().flatten();
        let unsure = grants.chain(own).filter(|side| side.truth == Truth::Unknown);
        let before = findings.unsure_allows.len();
        for deciding in unsure.flat_map(|side| &side.statements) {
            if !findings.unsure_allows.contains(deciding) {
                findings.unsure_allows.push(deciding.clone());
            }
        }
        if findings.unsure_allows.len() == before {
            findings.unsure_allows.push(Deciding::whole(PolicyKind::ResourceBased));
        }
    }
}

impl Deciding {
    fn own(kind: PolicyKind, policy: &AttachedPolicy, statement: &super::StatementId) -> Self {
        Self { policy: Some(policy.id.clone()), statement: Some(statement.clone()), ..Self::whole(kind) }
    }

    /// A kind of policy that has no levels, as a whole.
    fn whole(kind: PolicyKind) -> Self {
        let level = match kind {
            PolicyKind::IdentityBased => "identity",
            PolicyKind::PermissionsBoundary => "permissionsBoundary",
            PolicyKind::Session => "session",
            _ => "resource",
        };
        Self { kind, level: level.to_owned(), policy: None, statement: None }
    }
}

#[cfg(test)]
mod tests;
