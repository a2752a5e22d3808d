//! `guardrails simulate` with the policies of the caller and the resource: what it answers and what it refuses.

use serde_json::{Value, json};

use super::{MEMBER, allow, answer, case, deny, error, run};

fn grant(principal: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {
        "Sid": "Grant", "Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*",
    }})
}

fn reads() -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "cloudtrail:Get*", "Resource": "*"}})
}

/// A role of a member account that stops its trail, under SCPs that allow everything.
fn stopping(field: &str, value: Value) -> Value {
    let mut case = case(&json!([allow()]), &json!([allow()]));
    case[field] = value;
    case
}

#[test]
fn what_decides_is_named_by_its_kind_and_its_place() {
    let decided = |case: &Value| {
        let answer = answer(case);
        (answer["effective"].clone(), answer["decidedBy"].as_array().unwrap().last().cloned().unwrap())
    };
    let denying = json!([allow(), {"name": "careful", "document": deny(&json!({}))}]);
    for (field, value, effective, by) in [
        ("identityPolicies", json!([reads(), allow()]), "Allowed", json!(["identity", 1, 0])),
        ("identityPolicies", json!([reads()]), "ImplicitlyDenied", json!(["identity", null, null])),
        ("identityPolicies", json!([]), "ImplicitlyDenied", json!(["identity", null, null])),
        ("identityPolicies", denying.clone(), "ExplicitlyDenied", json!(["identity", "careful", "Guard"])),
        ("permissionsBoundary", reads(), "ImplicitlyDenied", json!(["permissionsBoundary", null, null])),
        ("permissionsBoundary", allow(), "Allowed", json!(["permissionsBoundary", 0, 0])),
        ("sessionPolicies", json!(reads().to_string()), "ImplicitlyDenied", json!(["session", null, null])),
        ("sessionPolicies", denying, "ExplicitlyDenied", json!(["session", "careful", "Guard"])),
        ("resourcePolicy", grant(&json!("*")), "Allowed", json!(["resource", 0, "Grant"])),
        (
            "resourcePolicy",
            json!({"name": "shared", "document": grant(&json!({"AWS": format!("arn:aws:iam::{MEMBER}:role/app")}))}),
            "Allowed",
            json!(["resource", "shared", "Grant"]),
        ),
        // Null is as good as left out.
        ("sessionPolicies", json!(null), "Allowed", json!([MEMBER, 0, 0])),
    ] {
        let named = json!({"level": by[0], "policy": by[1], "statement": by[2]});
        assert_eq!(decided(&stopping(field, value.clone())), (json!(effective), named), "{field}: {value}");
    }
}

#[test]
fn policies_are_taken_as_the_aws_cli_prints_them() {
    let granting = grant(&json!("*"));
    let text = granting.to_string();
    for (field, printed) in [
        ("resourcePolicy", json!({"Policy": text})),
        ("resourcePolicy", json!({"Policy": text, "PolicyName": "default"})),
        ("resourcePolicy", json!({"Policy": text, "RevisionId": "1"})),
        (
            "resourcePolicy",
            json!({"ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:x", "ResourcePolicy": text}),
        ),
        ("resourcePolicy", json!({"registryId": "1", "repositoryName": "x", "policyText": text})),
        ("resourcePolicy", json!({"Attributes": {"Policy": text}})),
        ("resourcePolicy", json!({"Role": {"RoleName": "x", "AssumeRolePolicyDocument": granting}})),
        ("permissionsBoundary", json!({"PolicyVersion": {"Document": allow(), "VersionId": "v1"}})),
        ("identityPolicies", json!([{"RoleName": "x", "PolicyName": "p", "PolicyDocument": allow()}])),
    ] {
        let answer = answer(&stopping(field, printed.clone()));
        assert_eq!(answer["effective"], "Allowed", "{field}: {printed}");
    }
    let told = error(&stopping("resourcePolicy", json!({"Policy": "{"})));
    assert!(told.contains("`resourcePolicy`"), "{told}");
    let told = error(&stopping("resourcePolicy", json!({"Policy": 5})));
    assert!(told.contains("`resourcePolicy`"), "{told}");
}

#[test]
fn what_is_proved_is_proved_of_the_organizations_policies_alone() {
    let proved = |case: &Value| {
        let mut answer = answer(case);
        let fields = answer.as_object_mut().unwrap();
        fields.remove("effective");
        fields.remove("decidedBy");
        answer
    };
    let plain = proved(&stopping("context", json!({})));
    assert_eq!(plain["static"], "NotDenied");
    for (field, value) in [
        ("identityPolicies", json!([])),
        ("permissionsBoundary", deny(&json!({}))),
        ("sessionPolicies", json!([reads()])),
        ("resourcePolicy", grant(&json!({"AWS": MEMBER}))),
    ] {
        assert_eq!(proved(&stopping(field, value)), plain, "{field}");
    }
    let mut denied = case(&json!([allow(), deny(&json!({}))]), &json!([allow()]));
    denied["resourcePolicy"] = grant(&json!("*"));
    assert_eq!(answer(&denied)["static"], "DeniedForAll");
    assert_eq!(answer(&denied)["effective"], "ExplicitlyDenied");
}

#[test]
fn the_policies_of_an_account_are_judged_without_an_organization() {
    let mut alone = stopping("identityPolicies", json!([reads()]));
    alone.as_object_mut().unwrap().remove("hierarchy");
    let answered = answer(&alone);
    assert_eq!(answered["effective"], "ImplicitlyDenied");
    assert!(answered.get("note").is_none(), "{answered}");
}

#[test]
fn what_cannot_be_is_refused_by_what_to_do_about_it() {
    let user = format!("arn:aws:iam::{MEMBER}:user/alice");
    let root = format!("arn:aws:iam::{MEMBER}:root");
    let with = |principal: &str, field: &str, value: Value| {
        let mut case = stopping(field, value);
        case["principal"] = principal.into();
        error(&case)
    };
    for (principal, field, value, said) in [
        (user.as_str(), "identityPolicies", json!(5), "`identityPolicies` must be an array of policies"),
        (&user, "identityPolicies", json!([5]), "`identityPolicies[0]` must be a policy document"),
        (&user, "identityPolicies", json!([grant(&json!("*"))]), "given as `resourcePolicy`"),
        (&user, "permissionsBoundary", json!([allow()]), "`permissionsBoundary` must be a policy document"),
        (&user, "permissionsBoundary", json!({"Statement": {"Effect": "allow"}}), "Effect"),
        (&user, "resourcePolicy", allow(), "a resource policy has a `Principal`"),
        (&user, "resourcePolicy", json!([]), "`resourcePolicy` must be a policy document"),
        (&user, "sessionPolicies", json!([allow()]), "only sessions of roles and federated users"),
        (&root, "identityPolicies", json!([allow()]), "only users and roles"),
        (&root, "permissionsBoundary", allow(), "only users and roles"),
        ("config.amazonaws.com", "sessionPolicies", json!([allow()]), "config.amazonaws.com cannot have any"),
        ("*", "identityPolicies", json!([allow()]), "* cannot have any"),
        (&user, "identityPolicy", json!([allow()]), "did you mean `identityPolicies`?"),
        (&user, "permissionBoundary", allow(), "did you mean `permissionsBoundary`?"),
        (&user, "session_policies", json!([allow()]), "did you mean `sessionPolicies`?"),
        (&user, "resourcePolicies", grant(&json!("*")), "did you mean `resourcePolicy`?"),
    ] {
        let refused = with(principal, field, value);
        assert!(refused.contains(said), "{said:?} is not in {refused}");
    }
    // What has no policies may say so.
    for principal in [root.as_str(), "config.amazonaws.com", "*"] {
        let mut none = stopping("identityPolicies", json!([]));
        none["principal"] = principal.into();
        assert_eq!(answer(&none)["effective"], "Allowed", "{principal}");
    }
}

#[test]
fn what_the_resource_is_must_be_told() {
    let mut asked = stopping("resourcePolicy", grant(&json!({"AWS": MEMBER})));
    asked["action"] = "s3:GetObject".into();
    asked["resource"] = "arn:aws:s3:::logs/1".into();
    assert!(error(&asked).contains("`resourceAccount` is missing"));
    asked["resourceAccount"] = MEMBER.into();
    assert_eq!(answer(&asked)["effective"], "Allowed");
    asked["resourceAccount"] = "999988887777".into();
    asked["identityPolicies"] = json!([]);
    assert_eq!(answer(&asked)["effective"], "ImplicitlyDenied");
    asked["resource"] = "*".into();
    assert!(error(&asked).contains("`resource` is *"));
}

#[test]
fn a_resource_policy_that_does_not_tell_whom_it_names_decides_nothing() {
    let somebody = json!({"AWS": format!("arn:aws:iam::{MEMBER}:role/*")});
    let mut asked = stopping("resourcePolicy", grant(&somebody));
    assert_eq!(answer(&asked)["effective"], "Allowed");
    asked["identityPolicies"] = json!([]);
    let undecided = error(&asked);
    assert!(undecided.contains(r#"statement "Grant" of policy [0] at level "resource""#), "{undecided}");
    assert!(undecided.contains("by the ARN of the user, role or session"), "{undecided}");
}

#[test]
fn the_example_of_the_guide_is_answered_as_it_says() {
    let page = include_str!("../../docs/src/guardrails.md");
    let section = page.split("### Policies of the caller and the resource").nth(1).unwrap();
    let mut blocks = section.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let (asked, expected) = (blocks.next().unwrap(), blocks.next().unwrap());
    assert_eq!(run(&["simulate"], asked).stdout, expected);
}
