//! Condition keys whose values follow from whose the resource is and where both accounts stand. See [`super`].
//!
//! One answer for one request and for all requests of a kind, so that the two cannot contradict each other.

use super::{Guardrails, Hierarchy};
use crate::arn::{account_of, is_account_id, segment};
use crate::condition_keys::{OfOwner, of_owner};
use crate::context::ContextValue;
use crate::glob::Glob;
use crate::request::Target;

/// Actions whose requests carry no `aws:Resource...` key of the owner ("AWS global condition context keys",
/// `aws:ResourceAccount`, IAM User Guide, read 2026-11-28): those of EBS all.
const WITHOUT_OWNER: [&str; 16] = [
    "auditmanager:updateassessmentframeworkshare",
    "detective:acceptinvitation",
    "ds:acceptshareddirectory",
    "ebs:*",
    "ec2:accepttransitgatewaypeeringattachment",
    "ec2:acceptvpcendpointconnections",
    "ec2:acceptvpcpeeringconnection",
    "ec2:createtransitgatewaypeeringattachment",
    "ec2:createvpcendpoint",
    "ec2:createvpcpeeringconnection",
    "es:acceptinboundconnection",
    "guardduty:acceptadministratorinvitation",
    "macie2:acceptinvitation",
    "route53:associatevpcwithhostedzone",
    "route53:createvpcassociationauthorization",
    "securityhub:acceptadministratorinvitation",
];

/// The patterns of actions whose requests carry no key of the resource's owner.
pub(crate) fn without_owner() -> impl Iterator<Item = Glob> {
    WITHOUT_OWNER.iter().map(|action| Glob::wildcard(action))
}

/// The caller's account, as far as it is one of the organization.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member<'a> {
    pub(crate) account: &'a str,
    /// Its path in the organization, where that is known beforehand.
    pub(crate) path: Option<&'a str>,
}

impl Guardrails<'_> {
    /// The account that owns the resource, as far as it can be told: by its ARN, or else by what was given. Resources of
    /// several accounts have none.
    pub fn resource_owner(&self, resource: &Target) -> Option<String> {
        if is_of_several_accounts(resource) {
            return None;
        }
        let named = match resource {
            Target::Exact(arn) => account_of(arn).map(str::to_owned),
            Target::AnyOf(glob) => glob.literal_segment(4).filter(|account| is_account_id(account)),
        };
        let of_hierarchy = || self.resource_control.and_then(Hierarchy::account).map(str::to_owned);
        named.or_else(|| self.resource_account.clone()).or_else(of_hierarchy)
    }

    /// What is known of the key for a request of this member (`None`: of somebody of whom nothing is known) for the action
    /// on the resource; `None` where nothing follows.
    pub(crate) fn derived(
        &self,
        key: &str,
        caller: Option<Member<'_>>,
        action: &str,
        resource: &Target,
    ) -> Option<ContextValue> {
        match key {
            "aws:principalorgid" => caller.and(self.organization.id.as_ref()).map(ContextValue::one),
            "aws:principalorgpaths" => {
                let caller = caller?;
                self.path_of(caller.account, Some(caller)).map(ContextValue::one)
            }
            _ => {
                let kind = of_owner(key)?;
                if key.starts_with("aws:")
                    && without_owner().any(|glob| glob.matches(&action.to_ascii_lowercase()))
                {
                    return Some(ContextValue::Absent);
                }
                let owner = self.resource_owner(resource)?;
                match kind {
                    OfOwner::Account => Some(ContextValue::one(owner)),
                    OfOwner::Organization if self.is_known_member(&owner, caller) => {
                        self.organization.id.as_ref().map(ContextValue::one)
                    }
                    OfOwner::Organization => None,
                    OfOwner::Path => self.path_of(&owner, caller).map(ContextValue::one),
                }
            }
        }
    }

    /// Whether the account is certainly of the organization: it manages it, its policies bind it, or the caller is of
    /// the same.
    fn is_known_member(&self, account: &str, caller: Option<Member<'_>>) -> bool {
        let hierarchies = [self.service_control, self.resource_control];
        let bound = hierarchies.into_iter().flatten().filter_map(Hierarchy::account);
        bound
            .chain(self.organization.management_account.as_deref())
            .chain(caller.map(|caller| caller.account))
            .any(|member| member == account)
    }

    /// The path of a member in the organization, as `aws:PrincipalOrgPaths` has it.
    fn path_of(&self, account: &str, caller: Option<Member<'_>>) -> Option<String> {
        if let Some(path) = caller.filter(|caller| caller.account == account).and_then(|caller| caller.path) {
            return Some(path.to_owned());
        }
        let id = self.organization.id.as_deref()?;
        let mut hierarchies = [self.service_control, self.resource_control].into_iter().flatten();
        let hierarchy = hierarchies.find(|hierarchy| hierarchy.account() == Some(account))?;
        hierarchy.path(id)
    }
}

impl Hierarchy {
    /// The path of its account: `o-.../r-.../ou-.../`, if the levels go by their ids.
    fn path(&self, organization_id: &str) -> Option<String> {
        let (_, above) = self.levels.split_last()?;
        let (root, units) = above.split_first()?;
        let are_ids = root.id.starts_with("r-") && units.iter().all(|unit| unit.id.starts_with("ou-"));
        let ids = std::iter::once(organization_id).chain(above.iter().map(|level| level.id.as_str()));
        are_ids.then(|| format!("{}/", ids.collect::<Vec<_>>().join("/")))
    }
}

/// Whether the target stands for resources whose ARNs name different accounts.
pub(crate) fn is_of_several_accounts(resource: &Target) -> bool {
    match resource {
        Target::Exact(_) => false,
        Target::AnyOf(glob) => glob.literal_segment(4).is_none(),
    }
}

/// The region in the resource's ARN, if it is the same for all that the target stands for.
pub(crate) fn region_of(resource: &Target) -> Option<String> {
    let region = match resource {
        Target::Exact(arn) => segment(arn, 3).map(str::to_owned),
        Target::AnyOf(glob) => glob.literal_segment(3),
    };
    region.filter(|region| !region.is_empty() && !region.contains(['*', '?']))
}
