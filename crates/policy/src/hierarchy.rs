//! The organization's guardrails: service control policies and resource control policies, level by level.
//!
//! Follows "SCP evaluation" and "RCP evaluation" of the AWS Organizations User Guide. A request passes the service
//! control policies of the caller's account if every level from the root down to the account allows it and none
//! denies it; resource control policies of the resource's account can only deny. [`Guardrails::evaluate`] judges one
//! request, [`Guardrails::prove`] all requests of a kind.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::arn::{is_account_id, segment};
use super::document::Document;
use super::reference::{self, ResourceControl};
use super::request::{Principal, Target};
use super::truth::Truth;

mod concrete;
mod contradiction;
mod derived;
mod sessions;
mod spared;

pub(super) use concrete::Findings;
pub use concrete::{Deciding, GuardrailDecision, Open};
pub use contradiction::Contradiction;
use derived::is_of_several_accounts;
pub(super) use derived::{Member, region_of, without_owner};
pub(super) use spared::ROOTS;

/// The policies of one type that bind one account: the root first, the account last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// The levels on the account's path. None at all bind nothing.
    pub levels: Vec<Level>,
}

/// The root, an organizational unit or an account with the policies that are attached to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level {
    /// Its id (`r-...`, `ou-...` or the account's twelve digits).
    pub id: String,
    /// What is attached to it directly.
    pub policies: Vec<AttachedPolicy>,
    /// Some policy of this level could not be listed, read or parsed: what it denies and allows is unknown.
    pub unread: bool,
}

/// A policy where it is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedPolicy {
    /// Its id (`p-...`) or name.
    pub id: String,
    /// What it says; shared between the places where it is attached.
    pub document: Arc<Document>,
}

/// Which type of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// A service control policy: binds the principals of member accounts.
    ServiceControl,
    /// A resource control policy: binds the resources of member accounts.
    ResourceControl,
    /// The policy of the resource itself, such as a bucket's or a key's.
    ResourceBased,
    /// A policy of the caller: of a user with its groups, or of a role.
    IdentityBased,
    /// The permissions boundary of a user or role.
    PermissionsBoundary,
    /// A policy that was passed when a session was begun.
    Session,
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ServiceControl => "SCP",
            Self::ResourceControl => "RCP",
            Self::ResourceBased => "resource policy",
            Self::IdentityBased => "identity policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
        })
    }
}

/// What is known of the organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// Its id (`o-...`).
    pub id: Option<String>,
    /// The management account, twelve digits.
    pub management_account: Option<String>,
}

/// The guardrails between a caller's account and a resource.
#[derive(Debug, Clone, Default)]
pub struct Guardrails<'a> {
    /// The organization that the policies belong to.
    pub organization: Organization,
    /// The service control policies of the caller's account; `None` where that type of policy is not enabled. If
    /// the last level's id is an account id, callers of other accounts are not bound.
    pub service_control: Option<&'a Hierarchy>,
    /// The resource control policies of the resource's account; `None` where that type of policy is not enabled.
    pub resource_control: Option<&'a Hierarchy>,
    /// The resource's own policy as a level, by the resource's ARN. Only what it denies counts: what it allows says
    /// nothing of what other policies grant.
    pub resource_policy: Option<&'a Level>,
    /// The account that owns the resource, twelve digits, where the resource's ARN does not tell; without it the last
    /// level of `resource_control` does.
    pub resource_account: Option<String>,
    /// Prefixes of services that resource control policies bind besides those of [`reference::resource_control`].
    pub resource_controlled: &'a [String],
}

/// Why service control policies do not bind a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbound {
    /// The management account's principals are never bound.
    ManagementAccount,
    /// A service-linked role: its path is `/aws-service-role/`.
    ServiceLinkedRole,
    /// A principal of an account that the hierarchy is not about.
    OtherAccount,
    /// An AWS service by its own principal.
    AwsService,
    /// A caller without an AWS identity of an account.
    NoAccount,
}

impl Unbound {
    /// Why, in a few words.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::ManagementAccount => "service control policies do not bind the management account",
            Self::ServiceLinkedRole => "service control policies do not bind service-linked roles",
            Self::OtherAccount => "the service control policies are those of another account",
            Self::AwsService => "service control policies do not bind AWS services",
            Self::NoAccount => "service control policies bind principals of accounts only",
        }
    }
}

impl Hierarchy {
    /// The account that the hierarchy is about, if its last level is one.
    pub fn account(&self) -> Option<&str> {
        self.levels.last().map(|level| level.id.as_str()).filter(|id| is_account_id(id))
    }

    /// Every document with where it is attached, the root's first.
    pub fn documents(&self) -> impl Iterator<Item = (&Level, &AttachedPolicy)> {
        self.levels.iter().flat_map(|level| level.policies.iter().map(move |policy| (level, policy)))
    }

    /// The ids of the levels whose policies are not all known.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().filter(|level| level.unread).map(|level| level.id.as_str())
    }
}

impl Guardrails<'_> {
    /// Why the service control policies do not bind the caller; `None` where they do. `principal_arn` is the value
    /// of `aws:PrincipalArn`, which shows a role's path where the principal's own ARN does not.
    pub fn unbound(&self, principal: &Principal, principal_arn: Option<&str>) -> Option<Unbound> {
        let (account, arn) = match principal {
            Principal::AwsAccountPrincipal { arn, account } => (account, Some(arn.as_str())),
            Principal::AnyOfAccount(account) => (account, None),
            Principal::Service(_) => return Some(Unbound::AwsService),
            Principal::Anonymous | Principal::Federated(_) | Principal::CanonicalUser(_) => {
                return Some(Unbound::NoAccount);
            }
            Principal::Any => return None,
        };
        // Of whatever account: neither do resource control policies bind them.
        if [arn, principal_arn].into_iter().flatten().any(is_service_linked_role) {
            return Some(Unbound::ServiceLinkedRole);
        }
        if self.organization.management_account.as_ref() == Some(account) {
            return Some(Unbound::ManagementAccount);
        }
        let of = self.service_control.and_then(Hierarchy::account);
        if of.is_some_and(|of| of != account) { Some(Unbound::OtherAccount) } else { None }
    }

    /// The levels with the effect that each has on a caller whom service control policies do not bind for this reason.
    pub(super) fn layers(&self, unbound: Option<Unbound>, action: &str, resource: &Target) -> Vec<Layer<'_>> {
        let service_control = self.service_control.filter(|_| unbound.is_none());
        let binding = self.resource_control_binding(action);
        let bound = self.is_resource_bound(resource);
        let resource_control = self.resource_control.filter(|_| {
            unbound != Some(Unbound::ServiceLinkedRole)
                && binding != ResourceControl::NotBound
                && !bound.is_false()
        });
        let certain = binding == ResourceControl::Bound && bound.is_true();
        layers_of(PolicyKind::ServiceControl, service_control, true)
            .chain(layers_of(PolicyKind::ResourceControl, resource_control, certain))
            .chain(self.resource_policy.map(|level| Layer {
                kind: PolicyKind::ResourceBased,
                level,
                certain: true,
            }))
            .collect()
    }

    /// Whether resource control policies bind the action. They bind resources; whether also an action that is asked on
    /// none AWS does not say.
    pub fn resource_control_binding(&self, action: &str) -> ResourceControl {
        match reference::resource_control(action, self.resource_controlled) {
            ResourceControl::Bound if reference::takes_no_resource(action) => ResourceControl::Unknown,
            binding => binding,
        }
    }

    /// Whether resource control policies bind the resource: those of the management account never, and of another account
    /// than the one that the levels lead to, others do. Of resources of several accounts they bind some.
    pub fn is_resource_bound(&self, resource: &Target) -> Truth {
        let Some(owner) = self.resource_owner(resource) else {
            return if is_of_several_accounts(resource) { Truth::Unknown } else { Truth::True };
        };
        let of = self.resource_control.and_then(Hierarchy::account);
        let managed = self.organization.management_account.as_ref() == Some(&owner);
        Truth::from(!managed && of.is_none_or(|of| of == owner))
    }

    /// Whether the account may be of another organization: neither do the policies lead to it, nor does it manage the
    /// organization.
    pub(super) fn may_be_stranger(&self, account: &str) -> bool {
        let of = |hierarchy: Option<&Hierarchy>| hierarchy.and_then(Hierarchy::account).map(str::to_owned);
        let (of_caller, of_resource) = (of(self.service_control), of(self.resource_control));
        let known = [&of_caller, &of_resource, &self.organization.management_account];
        // Levels without an account are those of whoever calls.
        let is_told = of_caller.is_some() || self.service_control.is_none() && of_resource.is_some();
        is_told && !known.into_iter().flatten().any(|member| member == account)
    }

    /// What the action is really asked on: an action without types of resources on none, whatever a request names.
    pub(super) fn asked_on<'t>(action: &str, resource: &'t Target) -> Cow<'t, Target> {
        if reference::takes_no_resource(action) {
            Cow::Owned(Target::no_resource())
        } else {
            Cow::Borrowed(resource)
        }
    }
}

/// A level as a caller meets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) kind: PolicyKind,
    pub(super) level: &'a Level,
    /// Whether it binds the request at all is known: what may not bind is no denial, and no reason to say that there is
    /// none.
    pub(super) certain: bool,
}

fn layers_of(
    kind: PolicyKind,
    hierarchy: Option<&Hierarchy>,
    certain: bool,
) -> impl Iterator<Item = Layer<'_>> {
    let levels = hierarchy.into_iter().flat_map(|hierarchy| &hierarchy.levels);
    levels.map(move |level| Layer { kind, level, certain })
}

impl Layer<'_> {
    /// Whether a request needs an `Allow` here: `RCPFullAWSAccess` cannot be detached, and is taken as there.
    pub(super) fn must_allow(self) -> bool {
        self.kind == PolicyKind::ServiceControl
    }
}

/// By the path, which only AWS services can give; a name or a deeper folder that looks alike is not exempt.
fn is_service_linked_role(arn: &str) -> bool {
    segment(arn, 5).is_some_and(|resource| resource.starts_with("role/aws-service-role/"))
}

#[cfg(test)]
mod tests;
