//! What the table of calls needs to be allowed: the session policy, the audit role's policy, and the caller's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::table::{Call, CalledFor, LIST_BUCKETS, LIST_OBJECTS, LIST_PUBLIC_KEYS, TABLE};

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

/// The policy over the session that reads an archive: objects under `AWSLogs/` of this bucket alone.
pub(crate) fn archive_session_policy(partition: &str, bucket: &str, prefixes: &BTreeSet<&str>) -> String {
    let bucket = format!("arn:{partition}:s3:::{bucket}");
    let objects: Vec<String> = prefixes
        .iter()
        .map(|prefix| {
            let separator = if prefix.is_empty() { "" } else { "/" };
            format!("{bucket}/{prefix}{separator}AWSLogs/*")
        })
        .collect();
    archive_document(&json!(bucket), &json!(objects)).to_string()
}

/// The policy over the session that only looks whether an account owns a bucket.
pub(crate) fn find_buckets_session_policy() -> String {
    document(&[statement("TrailproofFindBucket", LIST_BUCKETS.actions, &json!("*"))]).to_string()
}

fn archive_document(bucket: &Value, objects: &Value) -> Value {
    document(&[
        statement("TrailproofListArchive", LIST_OBJECTS.actions, bucket),
        statement("TrailproofReadArchive", &["s3:GetObject"], objects),
        json!({
            "Sid": "TrailproofDecryptArchive",
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": { "StringLike": { "kms:ViaService": "s3.*.amazonaws.com*" } },
        }),
    ])
}

/// What the role that reads the archive must be allowed besides, for `verify-logs`: an IAM policy document. Without a
/// bucket, a placeholder stands for it.
pub fn archive_policy(bucket: &str) -> Value {
    let arn = format!("arn:*:s3:::{bucket}");
    let mut policy = archive_document(&json!(arn), &json!([format!("{arn}/*AWSLogs/*")]));
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.push(statement("TrailproofPublicKeys", LIST_PUBLIC_KEYS.actions, &json!("*")));
    }
    policy
}

/// What the audit role of each account must be allowed: an IAM policy document.
pub fn audit_role_policy() -> Value {
    document(&[statement("TrailproofReadLogging", &actions(Call::is_made_in_accounts), &json!("*"))])
}

/// What the caller must be allowed, in the management account or a delegated administrator's: to see the organization
/// and to assume the audit roles. `role_name` is the audit role's name.
pub fn caller_policy(role_name: &str) -> Value {
    let organization = actions(|call| call.called_for == CalledFor::Organization);
    let role = format!("arn:*:iam::*:role/{role_name}");
    document(&[
        statement("TrailproofSeeOrganization", &organization, &json!("*")),
        statement("TrailproofEnterAccounts", &["sts:AssumeRole"], &json!(role)),
    ])
}

/// A template for AWS stack sets that makes the audit role in every account, trusted by `caller_account`. With
/// `external_id`, who deploys it gives the external id that the role demands: it is in no file.
pub fn stack_set_template(role_name: &str, caller_account: &str, external_id: bool) -> Value {
    let demanded = external_id.then(|| json!({ "Ref": "ExternalId" }));
    let caller = json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{caller_account}:root") });
    let role = json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role_name,
            "AssumeRolePolicyDocument": trust(&caller, demanded),
            "Policies": [{ "PolicyName": "trailproof", "PolicyDocument": audit_role_policy() }],
        },
    });
    let mut template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role with which Trailproof reads an account's logging",
        "Resources": { "AuditRole": role },
    });
    if external_id && let Some(members) = template.as_object_mut() {
        let parameter =
            json!({ "ExternalId": { "Type": "String", "NoEcho": true, "MinLength": 2, "MaxLength": 1224 } });
        members.insert("Parameters".to_owned(), parameter);
    }
    template
}

/// Terraform for the audit role of one account, trusted by `caller_account`. With `external_id`, a variable holds the
/// external id that the role demands.
pub fn terraform(
    role_name: &str,
    caller_account: &str,
    external_id: bool,
) -> Result<String, serde_json::Error> {
    let demanded = external_id.then(|| json!("${var.external_id}"));
    let variable = if external_id {
        "variable \"external_id\" {\n  type      = string\n  sensitive = true\n}\n\n"
    } else {
        ""
    };
    let partition = "${data.aws_partition.current.partition}";
    let trust = trust(&json!(format!("arn:{partition}:iam::{caller_account}:root")), demanded);
    let trust = serde_json::to_string_pretty(&trust)?;
    let policy = serde_json::to_string_pretty(&audit_role_policy())?;
    Ok(format!(
        "{variable}data \"aws_partition\" \"current\" {{}}\n\nresource \"aws_iam_role\" \"trailproof\" {{\n  name               = \"{role_name}\"\n  assume_role_policy = <<-JSON\n{}\n  JSON\n}}\n\n\
         resource \"aws_iam_role_policy\" \"trailproof\" {{\n  name   = \"trailproof\"\n  role   = aws_iam_role.trailproof.id\n  policy = <<-JSON\n{}\n  JSON\n}}\n",
        indent(&trust),
        indent(&policy),
    ))
}

fn trust(principal: &Value, external_id: Option<Value>) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": "sts:AssumeRole",
    });
    if let (Some(id), Some(members)) = (external_id, statement.as_object_mut()) {
        members.insert("Condition".to_owned(), json!({ "StringEquals": { "sts:ExternalId": id } }));
    }
    document(&[statement])
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The name that the printed policies give the audit role where none is chosen: not the organization's administrator
/// role, which exists already and may do everything.
pub const SUGGESTED_ROLE_NAME: &str = "TrailproofAudit";
