//! The policies of a case beside the organization's: the caller's own, its boundary, its session's, the resource's.

use std::sync::Arc;

use super::case_error::{CaseError, refuse};
use super::documents::Documents;
use super::fields::{Members, member};
use super::policies::{CasePolicy, Policies, policies, policy};
use crate::policy::Json;
use crate::policy::{Access, AttachedPolicy, Document, Guardrails, PolicyKind, Principal, Target};

/// What the case has of them; `None` where it has no such field, and nothing of the kind is consulted.
#[derive(Debug)]
pub(super) struct OwnPolicies {
    identity: Option<Attached>,
    permissions_boundary: Option<Attached>,
    session: Option<Attached>,
    resource: Option<Attached>,
}

/// Policies by their places, and the names that they were given.
#[derive(Debug)]
struct Attached {
    policies: Vec<AttachedPolicy>,
    names: Vec<Option<String>>,
}

impl Attached {
    fn of(policies: Vec<CasePolicy>) -> Self {
        let (names, documents): (Vec<_>, Vec<_>) =
            policies.into_iter().map(|policy| (policy.name, policy.document)).unzip();
        let attached =
            |(at, document): (usize, Arc<Document>)| AttachedPolicy { id: at.to_string(), document };
        Self { policies: documents.into_iter().enumerate().map(attached).collect(), names }
    }
}

impl OwnPolicies {
    pub(super) fn read(members: &Members, policies: &Policies) -> Result<Self, CaseError> {
        let Policies { of_principals, of_resources, .. } = policies;
        Ok(Self {
            identity: several(members, "identityPolicies", of_principals)?,
            permissions_boundary: one(members, "permissionsBoundary", of_principals)?,
            session: several(members, "sessionPolicies", of_principals)?,
            resource: one(members, "resourcePolicy", of_resources)?,
        })
    }

    /// Whether the case has none of these fields.
    pub(super) fn are_none(&self) -> bool {
        [&self.identity, &self.permissions_boundary, &self.session, &self.resource]
            .iter()
            .all(|policies| policies.is_none())
    }

    /// The name of the policy of a kind that has this place.
    pub(super) fn name(&self, kind: PolicyKind, place: usize) -> Option<&str> {
        let attached = match kind {
            PolicyKind::IdentityBased => &self.identity,
            PolicyKind::PermissionsBoundary => &self.permissions_boundary,
            PolicyKind::Session => &self.session,
            PolicyKind::ResourceBased => &self.resource,
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => &None,
        };
        attached.as_ref()?.names.get(place)?.as_deref()
    }

    /// All policies that bear on the case's request.
    pub(super) fn access<'a>(&'a self, guardrails: Guardrails<'a>) -> Access<'a> {
        let all = |attached: &'a Option<Attached>| attached.as_ref().map(|it| it.policies.as_slice());
        let single = |attached: &'a Option<Attached>| attached.as_ref()?.policies.first();
        Access {
            guardrails,
            identity: all(&self.identity),
            permissions_boundary: single(&self.permissions_boundary),
            session: all(&self.session),
            resource_policy: single(&self.resource),
        }
    }

    /// Refuses what the principal or the resource cannot have, and what cannot be told apart: a policy that bears on
    /// nothing would be a question misunderstood.
    pub(super) fn check(
        &self,
        principal: &Principal,
        text: &str,
        resource: &str,
        guardrails: &Guardrails<'_>,
    ) -> Result<(), CaseError> {
        let of_account = matches!(principal, Principal::AwsAccountPrincipal { .. });
        let is_identity = principal.is_user_or_role() || principal.is_session_of_federated_user();
        let begins_sessions = is_identity && !principal.is_user();
        for (policies, may_have, field, whose) in [
            (&self.identity, is_identity, "identityPolicies", "users and roles"),
            (&self.permissions_boundary, is_identity, "permissionsBoundary", "users and roles"),
            (&self.session, begins_sessions, "sessionPolicies", "sessions of roles and federated users"),
        ] {
            if !may_have && policies.as_ref().is_some_and(|it| !it.policies.is_empty()) {
                return refuse(format!("`{field}`: {text} cannot have any; only {whose} can"));
            }
        }
        if self.resource.is_none() {
            return Ok(());
        }
        if resource == "*" {
            return refuse(
                "`resourcePolicy` is the policy of one resource, but `resource` is *: give the resource's ARN",
            );
        }
        if of_account && guardrails.resource_owner(&Target::exact(resource)).is_none() {
            return refuse(
                "`resourceAccount` is missing: what `resourcePolicy` grants depends on whether the principal's \
                 account owns the resource, and the ARN does not tell",
            );
        }
        Ok(())
    }
}

/// Null is as good as left out.
fn several(members: &Members, field: &str, documents: &Documents) -> Result<Option<Attached>, CaseError> {
    let json = match member(members, field) {
        None | Some(Json::Null) => return Ok(None),
        Some(json) => json,
    };
    match policies(field, json, documents)? {
        Some(policies) => Ok(Some(Attached::of(policies))),
        None => refuse(format!(
            "`{field}` must be an array of policies, not {}; [] says that there are none",
            json.kind()
        )),
    }
}

fn one(members: &Members, field: &str, documents: &Documents) -> Result<Option<Attached>, CaseError> {
    match member(members, field) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => Ok(Some(Attached::of(vec![policy(field, json, documents)?]))),
    }
}
