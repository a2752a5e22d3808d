//! `guardrails explain` says how an exemption is had, and why the default caller has one, so that who reads it can act.
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use trailproof::example::Example;
use trailproof::model::Observed;

use crate::program::Sandbox;

const SANDBOX_ACCOUNT: &str = "400000000012";
const ACTION: &str = "securityhub:DisableSecurityHub";

/// What is said of the action where the one policy that denies it in the account is this.
fn explained(statements: &Value) -> (String, Value) {
    let mut example = Example::demo();
    let Observed::Known(organization) = &mut example.header.organization else { panic!("no organization") };
    let Observed::Known(policies) = &mut organization.service_control_policies else { panic!("no policies") };
    let policy = policies.iter_mut().find(|policy| policy.name == "sandbox-guardrails").unwrap();
    policy.content = Observed::Known(json!({ "Version": "2012-10-17", "Statement": statements }).to_string());
    let sandbox = Sandbox::empty();
    sandbox.write_snapshot("organization.zst", &example.records());
    let explain =
        ["guardrails", "explain", SANDBOX_ACCOUNT, ACTION, "--snapshot", "organization.zst", "--format"];
    let text = sandbox.run(&[&explain[..], &["table"]].concat());
    let json = sandbox.run(&[&explain[..], &["json"]].concat());
    assert_eq!(text.code, json.code, "{}{}", text.stderr, json.stderr);
    let words = text.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut answer: Value = serde_json::from_str(&json.stdout).unwrap();
    (words, answer["proofs"][0].take())
}

fn deny(condition: &Value) -> Value {
    json!({ "Effect": "Deny", "Action": ACTION, "Resource": "*", "Condition": condition })
}

#[test]
fn the_steps_to_an_exempt_role_are_told_in_order() {
    let role = "arn:aws:iam::*:role/deployer";
    let (text, proof) = explained(&json!([deny(&json!({ "ArnNotLike": { "aws:PrincipalArn": role } }))]));
    assert_eq!(proof["exemption_kind"], "self-service", "{text}");
    let steps: Vec<&str> =
        proof["exemption_steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    assert!(steps[0].starts_with("iam:CreateRole") && steps.len() > 1, "{steps:?}");
    let told = format!("How, by the account's own administrators: 1. {} 2. {}", steps[0], steps[1]);
    assert!(text.contains(&told), "{told}\n{text}");
}

#[test]
fn the_default_caller_passes_for_a_reason_that_is_told() {
    let (text, proof) =
        explained(&json!([deny(&json!({ "StringEquals": { "aws:PrincipalTag/kind": "robot" } }))]));
    assert_eq!(proof["default_caller"], "allowed", "{text}");
    let why = proof["default_caller_passes"].as_str().unwrap();
    assert!(text.contains(&format!("allowed, since {why}")), "{why}\n{text}");
}

#[test]
fn an_exempt_role_that_a_service_may_be_given_is_one_step_away() {
    let role = "arn:aws:iam::*:role/deployer";
    let kept = json!({
        "Effect": "Deny",
        "Action": ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "sts:AssumeRole*"],
        "Resource": role,
        "Condition": { "ArnNotLike": { "aws:PrincipalArn": role } },
    });
    let exempt = deny(&json!({ "ArnNotLike": { "aws:PrincipalArn": role } }));
    let (text, proof) = explained(&json!([exempt.clone(), kept.clone()]));
    assert_ne!(proof["exemption_kind"], "self-service", "{text}");
    assert_eq!(proof["passable_roles"].as_array().unwrap().len(), 1, "{proof}");
    assert!(text.contains("One step away: iam:PassRole on"), "{text}");
    // Where that is denied, too, nothing is said of it.
    let passing = json!({ "Effect": "Deny", "Action": "iam:PassRole", "Resource": role });
    let (text, proof) = explained(&json!([exempt, kept, passing]));
    assert_eq!(proof["passable_roles"], json!([]));
    assert!(!text.contains("One step away"), "{text}");
}
