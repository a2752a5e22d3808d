//! IAM: roles and their policies, account aliases.

use serde_json::{Value, json};

use super::call::Call;
use super::encoding::percent_encode;
use super::protocol::{Answer, Failure};
use super::world::{Account, Role, World};

const CREATED: &str = "2020-09-13T12:26:40Z";

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let id = call.caller.account.as_str();
    let account =
        world.accounts.get(id).ok_or_else(|| Failure::new(404, "NoSuchEntity", "no such account"))?;
    match call.key.operation.as_str() {
        "GetRole" => {
            let name = call.required("RoleName")?;
            let Role { path, trust_policy, .. } = role(account, name)?;
            let path = if path.is_empty() { "/" } else { path };
            Ok(Answer::Members(json!({ "Role": {
                "RoleName": name,
                "Path": path,
                "RoleId": format!("AROA{id}ROLE"),
                "Arn": format!("arn:{}:iam::{id}:role{path}{name}", world.partition),
                "CreateDate": CREATED,
                "AssumeRolePolicyDocument": document(trust_policy),
                "MaxSessionDuration": 3600,
            } })))
        }
        "ListRolePolicies" => {
            let role = role(account, call.required("RoleName")?)?;
            paged(world, call, "PolicyNames", role.inline_policies.keys().map(|name| json!(name)))
        }
        "GetRolePolicy" => {
            let (role_name, name) = (call.required("RoleName")?, call.required("PolicyName")?);
            let policy = role(account, role_name)?.inline_policies.get(name);
            let policy = policy.ok_or_else(|| absent(&format!("The role policy with name {name}")))?;
            Ok(Answer::Members(json!({
                "RoleName": role_name, "PolicyName": name, "PolicyDocument": document(policy),
            })))
        }
        "ListAttachedRolePolicies" => {
            let role = role(account, call.required("RoleName")?)?;
            let policies = role.attached_policies.iter();
            let policies = policies.map(|arn| json!({ "PolicyName": name_of(arn), "PolicyArn": arn }));
            paged(world, call, "AttachedPolicies", policies)
        }
        "GetPolicy" => {
            let arn = call.required("PolicyArn")?;
            managed_policy(account, arn)?;
            Ok(Answer::Members(json!({ "Policy": {
                "PolicyName": name_of(arn), "Arn": arn, "PolicyId": "ANPAEXAMPLEPOLICY", "Path": "/",
                "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": true, "CreateDate": CREATED,
            } })))
        }
        "GetPolicyVersion" => {
            let (arn, version) = (call.required("PolicyArn")?, call.required("VersionId")?);
            let policy = managed_policy(account, arn)?;
            if version != "v1" {
                return Err(absent(&format!("Policy {arn} version {version}")));
            }
            Ok(Answer::Members(json!({ "PolicyVersion": {
                "Document": document(policy), "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": CREATED,
            } })))
        }
        "ListAccountAliases" => {
            paged(world, call, "AccountAliases", account.aliases.iter().map(|alias| json!(alias)))
        }
        other => Err(Failure::not_implemented("iam", other)),
    }
}

fn paged(
    world: &World,
    call: &Call,
    name: &str,
    items: impl Iterator<Item = Value>,
) -> Result<Answer, Failure> {
    let (page, next) = world.page("iam", items, call.text("Marker"), call.number("MaxItems"))?;
    let mut result = json!({ name: { "member": page }, "IsTruncated": next.is_some() });
    if let Some(next) = next {
        result["Marker"] = json!(next);
    }
    Ok(Answer::Members(result))
}

fn absent(what: &str) -> Failure {
    Failure::new(404, "NoSuchEntity", format!("{what} cannot be found."))
}

fn role<'a>(account: &'a Account, name: &str) -> Result<&'a Role, Failure> {
    account.roles.get(name).ok_or_else(|| absent(&format!("The role with name {name}")))
}

fn managed_policy<'a>(account: &'a Account, arn: &str) -> Result<&'a Value, Failure> {
    account.managed_policies.get(arn).ok_or_else(|| absent(&format!("Policy {arn}")))
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// IAM percent-encodes its documents.
fn document(policy: &Value) -> String {
    percent_encode(&policy.to_string())
}
