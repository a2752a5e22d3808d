//! AWS Organizations, for the management account and delegated administrators.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::{Account, Organization, Policy, Unit, World};

/// Epoch seconds of everything that has begun.
const JOINED: u64 = 1_600_000_000;

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let member = world.accounts.get(&call.caller.account).is_some_and(|account| account.parent.is_some());
    let organization = world.organization.as_ref().filter(|_| member).ok_or_else(|| {
        Failure::new(
            400,
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        )
    })?;
    let operation = call.key.operation.as_str();
    let caller = &call.caller.account;
    let entitled = *caller == organization.management_account
        || organization.delegated_administrators.contains_key(caller);
    // Any member may describe its organization; all else is for these two.
    if !entitled && operation != "DescribeOrganization" {
        return Err(Failure::new(
            400,
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    let desk = Desk { world, organization, call };
    match operation {
        "DescribeOrganization" => Ok(desk.describe_organization()),
        "ListRoots" => desk.paged("Roots", std::iter::once(()), |()| desk.root()),
        "ListOrganizationalUnitsForParent" => {
            let parent = desk.parent("ParentId")?;
            desk.paged("OrganizationalUnits", desk.units_under(parent), |unit| desk.unit(unit))
        }
        "ListAccountsForParent" => {
            let parent = desk.parent("ParentId")?;
            let children = desk.members().filter(|account| account.parent.as_deref() == Some(parent));
            desk.paged("Accounts", children, |account| desk.account(account))
        }
        "ListAccounts" => desk.paged("Accounts", desk.members(), |account| desk.account(account)),
        "ListTagsForResource" => {
            let account = desk.member(call.required("ResourceId")?)?;
            desk.paged("Tags", account.tags.iter(), |(key, value)| json!({ "Key": key, "Value": value }))
        }
        "DescribeAccount" => {
            let account = desk.member(call.required("AccountId")?)?;
            Ok(Answer::Members(json!({ "Account": desk.account(account) })))
        }
        "ListParents" => {
            let parent = desk.parent_of(call.required("ChildId")?)?;
            desk.paged("Parents", std::iter::once(parent), |parent| desk.parent_entry(parent))
        }
        "ListPolicies" => {
            let kind = call.required("Filter")?;
            let policies = organization.policies.iter().filter(|policy| policy.kind == kind);
            desk.paged("Policies", policies, |policy| desk.policy_summary(policy))
        }
        "DescribePolicy" => {
            let policy = desk.policy(call.required("PolicyId")?)?;
            let summary = desk.policy_summary(policy);
            Ok(Answer::Members(json!({ "Policy": { "PolicySummary": summary, "Content": policy.content } })))
        }
        "ListTargetsForPolicy" => {
            let policy = desk.policy(call.required("PolicyId")?)?;
            desk.paged("Targets", policy.targets.iter(), |target| desk.target(target))
        }
        "ListPoliciesForTarget" => {
            let (target, kind) = (call.required("TargetId")?, call.required("Filter")?);
            if desk.target_name(target).is_none() {
                return Err(Failure::new(
                    400,
                    "TargetNotFoundException",
                    "We can't find a root, OU, or account with the TargetId that you specified.",
                ));
            }
            let attached =
                organization.policies.iter().filter(|p| p.kind == kind && p.targets.contains(target));
            desk.paged("Policies", attached, |policy| desk.policy_summary(policy))
        }
        "ListAWSServiceAccessForOrganization" => {
            let enabled = organization.service_access.iter();
            desk.paged(
                "EnabledServicePrincipals",
                enabled,
                |service| json!({ "ServicePrincipal": service, "DateEnabled": JOINED }),
            )
        }
        "ListDelegatedAdministrators" => desk.delegated_administrators(),
        "ListDelegatedServicesForAccount" => {
            let id = call.required("AccountId")?;
            let services = organization.delegated_administrators.get(id).ok_or_else(|| {
                Failure::new(
                    400,
                    "AccountNotRegisteredException",
                    "The provided account is not a registered delegated administrator for your organization.",
                )
            })?;
            desk.paged(
                "DelegatedServices",
                services.iter(),
                |service| json!({ "ServicePrincipal": service, "DelegationEnabledDate": JOINED }),
            )
        }
        other => Err(Failure::not_implemented("organizations", other)),
    }
}

struct Desk<'a> {
    world: &'a World,
    organization: &'a Organization,
    call: &'a Call,
}

impl<'a> Desk<'a> {
    /// One page; only its items are written as JSON, so that a late page of many accounts costs little.
    fn paged<T>(
        &self,
        name: &str,
        items: impl Iterator<Item = T>,
        write: impl Fn(T) -> Value,
    ) -> Result<Answer, Failure> {
        let (token, limit) = (self.call.text("NextToken"), self.call.number("MaxResults"));
        let (page, next) = self.world.page("organizations", items, token, limit)?;
        let page: Vec<Value> = page.into_iter().map(write).collect();
        Ok(Answer::Members(json!({ name: page, "NextToken": next })))
    }

    fn arn(&self, kind: &str, rest: &str) -> String {
        let Organization { id, management_account, .. } = self.organization;
        format!("arn:{}:organizations::{management_account}:{kind}/{id}{rest}", self.world.partition)
    }

    fn describe_organization(&self) -> Answer {
        let Organization { id, management_account, feature_set, .. } = self.organization;
        Answer::Members(json!({ "Organization": {
            "Id": id,
            "Arn": self.arn("organization", ""),
            "FeatureSet": feature_set,
            "MasterAccountArn": self.arn("account", &format!("/{management_account}")),
            "MasterAccountId": management_account,
            "MasterAccountEmail": email(management_account),
            "AvailablePolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
        } }))
    }

    fn root(&self) -> Value {
        let types = self.organization.policy_types.iter();
        let types: Vec<Value> = types.map(|kind| json!({ "Type": kind, "Status": "ENABLED" })).collect();
        let id = &self.organization.root;
        json!({ "Id": id, "Arn": self.arn("root", &format!("/{id}")), "Name": "Root", "PolicyTypes": types })
    }

    fn units_under(&self, parent: &str) -> impl Iterator<Item = &'a Unit> {
        self.organization.units.iter().filter(move |unit| unit.parent == parent)
    }

    fn unit(&self, unit: &Unit) -> Value {
        json!({ "Id": unit.id, "Arn": self.arn("ou", &format!("/{}", unit.id)), "Name": unit.name })
    }

    fn members(&self) -> impl Iterator<Item = &'a Account> {
        self.world.accounts.values().filter(|account| account.parent.is_some())
    }

    fn member(&self, id: &str) -> Result<&'a Account, Failure> {
        self.world.accounts.get(id).filter(|account| account.parent.is_some()).ok_or_else(|| {
            Failure::new(400, "AccountNotFoundException", "You specified an account that doesn't exist.")
        })
    }

    fn account(&self, account: &Account) -> Value {
        let joined = if account.id == self.organization.management_account { "INVITED" } else { "CREATED" };
        json!({
            "Id": account.id,
            "Arn": self.arn("account", &format!("/{}", account.id)),
            "Email": email(&account.id),
            "Name": account.name,
            "Status": account.status,
            "State": account.status,
            "JoinedMethod": joined,
            "JoinedTimestamp": JOINED,
        })
    }

    /// The id in a parameter that must be the root or a unit.
    fn parent(&self, parameter: &str) -> Result<&'a str, Failure> {
        let id = self.call.required(parameter)?;
        let known = id == self.organization.root || self.organization.units.iter().any(|unit| unit.id == id);
        known.then_some(id).ok_or_else(|| {
            Failure::new(
                400,
                "ParentNotFoundException",
                "We can't find a root or OU with the ParentId that you specified.",
            )
        })
    }

    fn parent_of(&self, child: &str) -> Result<&'a str, Failure> {
        if let Some(unit) = self.organization.units.iter().find(|unit| unit.id == child) {
            return Ok(&unit.parent);
        }
        self.world.accounts.get(child).and_then(|account| account.parent.as_deref()).ok_or_else(|| {
            Failure::new(400, "ChildNotFoundException", "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.")
        })
    }

    fn parent_entry(&self, id: &str) -> Value {
        let kind = if id == self.organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
        json!({ "Id": id, "Type": kind })
    }

    fn policy(&self, id: &str) -> Result<&'a Policy, Failure> {
        self.organization.policies.iter().find(|policy| policy.id == id).ok_or_else(|| {
            Failure::new(
                400,
                "PolicyNotFoundException",
                "We can't find a policy with the PolicyId that you specified.",
            )
        })
    }

    fn policy_summary(&self, policy: &Policy) -> Value {
        let arn = self.arn("policy", &format!("/{}/{}", policy.kind.to_lowercase(), policy.id));
        json!({
            "Id": policy.id,
            "Arn": arn,
            "Name": policy.name,
            "Description": "",
            "Type": policy.kind,
            "AwsManaged": policy.aws_managed,
        })
    }

    fn target_name(&self, id: &str) -> Option<(&'static str, &'a str)> {
        if id == self.organization.root {
            return Some(("ROOT", "Root"));
        }
        if let Some(unit) = self.organization.units.iter().find(|unit| unit.id == id) {
            return Some(("ORGANIZATIONAL_UNIT", &unit.name));
        }
        self.world.accounts.get(id).map(|account| ("ACCOUNT", account.name.as_str()))
    }

    fn target(&self, id: &str) -> Value {
        let (kind, name) = self.target_name(id).unwrap_or(("ACCOUNT", ""));
        let arn_kind = match kind {
            "ROOT" => "root",
            "ORGANIZATIONAL_UNIT" => "ou",
            _ => "account",
        };
        let arn = self.arn(arn_kind, &format!("/{id}"));
        json!({ "TargetId": id, "Arn": arn, "Name": name, "Type": kind })
    }

    fn delegated_administrators(&self) -> Result<Answer, Failure> {
        let service = self.call.text("ServicePrincipal");
        let administrators = self
            .organization
            .delegated_administrators
            .iter()
            .filter(|(_, services)| service.is_none_or(|service| services.contains(service)))
            .filter_map(|(id, _)| self.world.accounts.get(id));
        self.paged("DelegatedAdministrators", administrators, |account| {
            let mut entry = self.account(account);
            entry["DelegationEnabledDate"] = json!(JOINED);
            entry
        })
    }
}

fn email(account: &str) -> String {
    format!("aws+{account}@example.com")
}
