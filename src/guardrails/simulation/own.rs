//! The policies of a case beside the organization's: the caller's own, its boundary, its session's, the resource's.

use super::case::{CaseError, CasePolicy, Members, Policies, member, policy, refuse};
use super::documents::Documents;
use super::json::Json;
use crate::policy::{Access, AttachedPolicy, Guardrails, PolicyKind, Principal, Target};

/// What the case has of them; `None` where it has no such field, and nothing of the kind is consulted.
#[derive(Debug)]
pub(super) struct OwnPolicies {
    identity: Option<Vec<CasePolicy>>,
    permissions_boundary: Option<Vec<CasePolicy>>,
    session: Option<Vec<CasePolicy>>,
    resource: Option<Vec<CasePolicy>>,
}

/// The same as the evaluator takes them, by their places.
pub(super) struct Attached {
    identity: Option<Vec<AttachedPolicy>>,
    permissions_boundary: Option<Vec<AttachedPolicy>>,
    session: Option<Vec<AttachedPolicy>>,
    resource: Option<Vec<AttachedPolicy>>,
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

    pub(super) fn of_kind(&self, kind: PolicyKind) -> &[CasePolicy] {
        match kind {
            PolicyKind::IdentityBased => self.identity.as_deref(),
            PolicyKind::PermissionsBoundary => self.permissions_boundary.as_deref(),
            PolicyKind::Session => self.session.as_deref(),
            _ => self.resource.as_deref(),
        }
        .unwrap_or_default()
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
        let begins = |starts: &[&str]| {
            let resource = text.splitn(6, ':').nth(5).filter(|_| of_account).unwrap_or_default();
            starts.iter().any(|start| resource.starts_with(start))
        };
        let sessions = ["role/", "assumed-role/", "federated-user/"];
        let identities = ["user/", "role/", "assumed-role/", "federated-user/"];
        for (kind, field, may_have, whose) in [
            (PolicyKind::IdentityBased, "identityPolicies", &identities[..], "users and roles"),
            (PolicyKind::PermissionsBoundary, "permissionsBoundary", &identities, "users and roles"),
            (PolicyKind::Session, "sessionPolicies", &sessions, "sessions of roles and federated users"),
        ] {
            if !self.of_kind(kind).is_empty() && !begins(may_have) {
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

    pub(super) fn attached(&self) -> Attached {
        let attached = |policies: &Option<Vec<CasePolicy>>| -> Option<Vec<AttachedPolicy>> {
            let attach = |(at, policy): (usize, &CasePolicy)| AttachedPolicy {
                id: at.to_string(),
                document: policy.document.clone(),
            };
            policies.as_ref().map(|policies| policies.iter().enumerate().map(attach).collect())
        };
        Attached {
            identity: attached(&self.identity),
            permissions_boundary: attached(&self.permissions_boundary),
            session: attached(&self.session),
            resource: attached(&self.resource),
        }
    }
}

impl Attached {
    pub(super) fn access<'a>(&'a self, guardrails: Guardrails<'a>) -> Access<'a> {
        Access {
            guardrails,
            identity: self.identity.as_deref(),
            permissions_boundary: self.permissions_boundary.as_ref().and_then(|policies| policies.first()),
            session: self.session.as_deref(),
            resource_policy: self.resource.as_ref().and_then(|policies| policies.first()),
        }
    }
}

/// An array of policies, or one; null is as good as left out.
fn several(
    members: &Members,
    field: &str,
    documents: &Documents,
) -> Result<Option<Vec<CasePolicy>>, CaseError> {
    match member(members, field) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(at, json)| policy(&format!("{field}[{at}]"), json, documents))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(single @ (Json::Object(_) | Json::String(_))) => {
            Ok(Some(vec![policy(field, single, documents)?]))
        }
        Some(other) => refuse(format!(
            "`{field}` must be an array of policies, not {}; [] says that there are none",
            other.kind()
        )),
    }
}

fn one(members: &Members, field: &str, documents: &Documents) -> Result<Option<Vec<CasePolicy>>, CaseError> {
    match member(members, field) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => Ok(Some(vec![policy(field, json, documents)?])),
    }
}
