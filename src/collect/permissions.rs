//! What the table of calls needs to be allowed: the session policy, the audit role's policy, and the caller's.

use serde_json::{Value, json};

use super::table::{Call, Scope, TABLE};

#[cfg(test)]
mod tests;

/// The longest session policy that STS takes, in characters.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[cfg(test)]
const LONGEST_SESSION_POLICY: usize = 2048;

fn actions(wanted: impl Fn(&Call) -> bool) -> Vec<&'static str> {
    let mut actions: Vec<&str> =
        TABLE.iter().filter(|call| wanted(call)).flat_map(|call| call.actions).copied().collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}

fn statement(id: &str, actions: &[&str], resources: &Value) -> Value {
    json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": resources })
}

fn document(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The policy over every assumed session: the table's calls and nothing else, whatever the role itself may do. One
/// statement without identities, since STS limits its length.
pub(crate) fn session_policy() -> String {
    let actions = actions(Call::is_made_in_accounts);
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    })
    .to_string()
}

/// What the audit role of each account must be allowed: an IAM policy document.
pub fn audit_role_policy() -> Value {
    document(&[statement("TrailproofReadLogging", &actions(Call::is_made_in_accounts), &json!("*"))])
}

/// What the caller must be allowed, in the management account or a delegated administrator's: to see the organization
/// and to assume the audit roles. `role_name` is the audit role's name.
pub fn caller_policy(role_name: &str) -> Value {
    let organization = actions(|call| call.scope == Scope::Organization);
    let role = format!("arn:*:iam::*:role/{role_name}");
    document(&[
        statement("TrailproofSeeOrganization", &organization, &json!("*")),
        statement("TrailproofEnterAccounts", &["sts:AssumeRole"], &json!(role)),
    ])
}

/// A template for AWS stack sets that makes the audit role in every account, trusted by `caller_account`.
pub fn stack_set_template(role_name: &str, caller_account: &str) -> Value {
    let role = json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role_name,
            "AssumeRolePolicyDocument": trust(&json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{caller_account}:root") })),
            "Policies": [{ "PolicyName": "trailproof", "PolicyDocument": audit_role_policy() }],
        },
    });
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role with which Trailproof reads an account's logging",
        "Resources": { "AuditRole": role },
    })
}

/// Terraform for the audit role of one account, trusted by `caller_account`.
pub fn terraform(role_name: &str, caller_account: &str) -> Result<String, serde_json::Error> {
    let partition = "${data.aws_partition.current.partition}";
    let trust = trust(&json!(format!("arn:{partition}:iam::{caller_account}:root")));
    let trust = serde_json::to_string_pretty(&trust)?;
    let policy = serde_json::to_string_pretty(&audit_role_policy())?;
    Ok(format!(
        "data \"aws_partition\" \"current\" {{}}\n\nresource \"aws_iam_role\" \"trailproof\" {{\n  name               = \"{role_name}\"\n  assume_role_policy = <<-JSON\n{}\n  JSON\n}}\n\n\
         resource \"aws_iam_role_policy\" \"trailproof\" {{\n  name   = \"trailproof\"\n  role   = aws_iam_role.trailproof.id\n  policy = <<-JSON\n{}\n  JSON\n}}\n",
        indent(&trust),
        indent(&policy),
    ))
}

fn trust(principal: &Value) -> Value {
    document(&[json!({
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": "sts:AssumeRole",
    })])
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The name that the printed policies give the audit role where none is chosen: not the organization's administrator
/// role, which exists already and may do everything.
pub const SUGGESTED_ROLE_NAME: &str = "TrailproofAudit";
