//! What a resource's own policy grants to a caller, by how the policy names it.
//!
//! "Resource-based policy logic differs from other policy types if the specified principal is an IAM user, an IAM role,
//! or a session principal" (IAM User Guide, "How AWS enforcement code logic evaluates requests"): a grant to the caller
//! itself stands alone, one to its role is limited by boundary and session, one to its account delegates.

use super::Side;
use crate::arn::{account_of, segment};
use crate::context::ContextValue;
use crate::document::{Effect, PrincipalPattern, Statement};
use crate::evaluate::View;
use crate::hierarchy::{AttachedPolicy, Deciding, Findings, PolicyKind};
use crate::request::Principal;
use crate::truth::Truth;

/// The grants of a resource policy.
pub(super) struct Grants {
    /// To the caller itself, or to everyone.
    pub(super) direct: Side,
    /// To the role of the caller, or to the user who began the session.
    pub(super) role: Side,
    /// To the caller's account.
    pub(super) account: Side,
}

/// To whom an entry of `Principal` grants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grade {
    Direct,
    Role,
    Account,
}

impl Grants {
    /// What the policy grants; what it denies goes to the findings, unless the caller is `spared`.
    pub(super) fn of(
        policy: &AttachedPolicy,
        view: &View<'_>,
        has_boundary: bool,
        spared: Truth,
        findings: &mut Findings,
    ) -> Self {
        let kind = PolicyKind::ResourceBased;
        let [direct, role, account] = [(); 3].map(|()| Side::nothing(kind));
        let mut grants = Self { direct, role, account };
        for statement in &policy.document.statements {
            let deciding = || Deciding::own(kind, policy, &statement.id);
            match statement.effect {
                Effect::Deny => {
                    findings.deny(denies(statement, view, has_boundary).and(!spared), deciding);
                }
                Effect::Allow => {
                    let about = but_for_principal(statement, view);
                    if !about.is_false() {
                        grants.add(statement, view, about, &deciding);
                    }
                }
            }
        }
        grants
    }

    pub(super) fn are_none(&self) -> bool {
        [&self.direct, &self.role, &self.account].iter().all(|side| side.truth.is_false())
    }

    fn add(&mut self, statement: &Statement, view: &View<'_>, about: Truth, deciding: &dyn Fn() -> Deciding) {
        let Some(element) = &statement.principal else {
            return self.direct.allow(about, deciding);
        };
        if element.negated {
            // "Using it with "Effect":"Allow" is not supported" ("AWS JSON policy elements: NotPrincipal").
            let named = statement.covers_principal(view.principal);
            return self.direct.allow(about.and(named).and(Truth::Unknown), deciding);
        }
        for pattern in &element.patterns {
            let (grade, named) = grade(pattern, view);
            let granted = about.and(named);
            match grade {
                Grade::Direct => self.direct.allow(granted, deciding),
                Grade::Role => self.role.allow(granted, deciding),
                Grade::Account => {
                    self.account.allow(granted, deciding);
                    // The role may be specified "in the Principal element or the aws:PrincipalArn condition key": with
                    // the account as the principal, whether that is a grant to the role is left open.
                    if names_role_by_condition(statement) {
                        self.role.allow(granted.and(Truth::Unknown), deciding);
                    }
                }
            }
        }
    }
}

/// To whom the entry grants, and whether that is the caller.
fn grade(pattern: &PrincipalPattern, view: &View<'_>) -> (Grade, Truth) {
    let principal = view.principal;
    let named = pattern.names(principal);
    match (pattern, principal) {
        (PrincipalPattern::Account(_), _) if principal.is_root_user() => (Grade::Direct, named),
        (PrincipalPattern::Account(_) | PrincipalPattern::CanonicalUser(_), _) => (Grade::Account, named),
        (PrincipalPattern::Arn(arn), Principal::AwsAccountPrincipal { arn: caller, .. }) => {
            let resource = segment(arn, 5).unwrap_or_default();
            if resource.starts_with("role/") {
                // A pattern, which AWS does not take, is held against the role of a session.
                let is_pattern = arn.contains(['*', '?']);
                let role = is_pattern.then(|| principal_by_condition_key(view)).flatten();
                (Grade::Role, role.map_or(named, |role| pattern.names(&role)))
            } else if resource.starts_with("user/")
                && principal.is_session_of_federated_user()
                && account_of(arn) == account_of(caller)
            {
                // Which user began the session, its own ARN does not tell for certain.
                (Grade::Role, Truth::Unknown)
            } else {
                (Grade::Direct, named)
            }
        }
        _ => (Grade::Direct, named),
    }
}

/// The caller as `aws:PrincipalArn` has it: the role behind a session.
fn principal_by_condition_key(view: &View<'_>) -> Option<Principal> {
    match (view.lookup)("aws:principalarn").as_ref() {
        ContextValue::Known(values) => Principal::of_arn(values.first()?),
        _ => None,
    }
}

fn names_role_by_condition(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| condition.lowercase_key() == "aws:principalarn")
}

/// "The `NotPrincipal` element with a Deny effect will always deny any IAM principal that has a permissions boundary
/// policy attached, regardless of the values specified" ("AWS JSON policy elements: `NotPrincipal`").
fn denies(statement: &Statement, view: &View<'_>, has_boundary: bool) -> Truth {
    let all_but = statement.principal.as_ref().is_some_and(|element| element.negated);
    if !(all_but && has_boundary) {
        return statement.applies_to(view);
    }
    let covered = if view.principal.is_user_or_role() {
        Truth::True
    } else if view.principal.is_session_of_federated_user() {
        // Whether the boundary of the user who began the session counts, is not said.
        statement.covers_principal(view.principal).or(Truth::Unknown)
    } else {
        statement.covers_principal(view.principal)
    };
    but_for_principal(statement, view).and(covered)
}

/// Whether the statement is about the request, whoever makes it.
fn but_for_principal(statement: &Statement, view: &View<'_>) -> Truth {
    let about = statement.lists_action(view);
    if about.is_false() {
        return Truth::False;
    }
    let about = about.and(statement.covers_target(view.resource, view.lookup));
    if about.is_false() {
        return Truth::False;
    }
    about.and(Truth::all(statement.conditions.iter().map(|condition| condition.holds(view.lookup))))
}
