//! What is said of a case that cannot be decided: what is missing by its name, and what exempts nobody.

use serde_json::{Value, json};

use super::{MEMBER, allow, answer, case, deny, error, run};

fn asked(condition: &Value) -> Value {
    case(&json!([allow(), deny(condition)]), &json!([allow()]))
}

#[test]
fn a_session_whose_path_decides_is_asked_for_its_role() {
    let path = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*";
    let mut asked = asked(&json!({"ArnNotLike": {"aws:PrincipalArn": path.replace("aws-reserved", "team")}}));
    asked["principal"] = format!("arn:aws:sts::{MEMBER}:assumed-role/AWSReservedSSO_Admin_x/ann").into();
    // Such a role has one path alone, which AWS gives it.
    assert_eq!(answer(&asked)["effective"], "ExplicitlyDenied");
    asked["principal"] =
        format!("arn:aws:sts::{MEMBER}:assumed-role/Deploy_AWSReservedSSO_Admin_x/ann").into();
    let refusal = error(&asked);
    assert!(refusal.contains("it depends on aws:PrincipalArn"), "{refusal}");
    assert!(refusal.contains("the ARN of a session does not show the path of its role"), "{refusal}");
    // With what was asked for there is an answer.
    let role = format!("arn:aws:iam::{MEMBER}:role/Deploy_AWSReservedSSO_Admin_x");
    asked["context"] = json!({ "aws:PrincipalArn": role });
    assert_eq!(answer(&asked)["effective"], "ExplicitlyDenied");
}

#[test]
fn what_cannot_be_compared_is_named_and_not_several_values() {
    for (condition, context, said) in [
        (
            json!({"NumericLessThan": {"s3:max-keys": "${aws:PrincipalTag/limit, '10'}"}}),
            json!({"s3:max-keys": "5"}),
            "NumericLessThan makes of `${aws:PrincipalTag/limit, '10'}`",
        ),
        (
            json!({"Bool": {"aws:SecureTransport": "${aws:PrincipalTag/tls}"}}),
            json!({"aws:SecureTransport": "false"}),
            "Bool makes of `${aws:PrincipalTag/tls}`",
        ),
        (
            json!({"Bool": {"aws:SecureTransport": "yes"}}),
            json!({"aws:SecureTransport": "false"}),
            "`yes` is no value that `Bool` can compare `aws:SecureTransport` with",
        ),
        (
            json!({"NumericLessThan": {"s3:max-keys": "10"}}),
            json!({"s3:max-keys": "many"}),
            "`NumericLessThan` takes one value of its type, which that of `s3:max-keys` in `context` is not",
        ),
        (
            json!({"StringEquals": {"s3:prefix": "logs/"}}),
            json!({"s3:prefix": ["logs/", "home/"]}),
            "`StringEquals` takes one value of its type, which that of `s3:prefix` in `context` is not",
        ),
        (
            json!({"StringEquals": {"s3:prefix": "${aws:PrincipalTag/team}/"}}),
            json!({"s3:prefix": "logs/", "aws:PrincipalTag/team": ["logs", "home"]}),
            "which that of `aws:principaltag/team` in `context` is not",
        ),
    ] {
        let mut asked = asked(&condition);
        asked["context"] = context;
        let run = run(&["simulate"], &asked.to_string());
        assert_eq!(run.code, Some(2), "{condition}: {}", run.stdout);
        let refusal = run.lines()[0]["error"].as_str().unwrap().to_owned();
        assert!(refusal.contains(said), "{refusal}");
        assert!(!refusal.contains("several values"), "{refusal}");
    }
    // The one that may have several.
    let mut tags = asked(&json!({"StringEquals": {"aws:TagKeys": "team"}}));
    tags["context"] = json!({"aws:TagKeys": ["team"]});
    let refusal = error(&tags);
    assert!(refusal.contains("`aws:TagKeys` may have several"), "{refusal}");
}

#[test]
fn a_denial_for_all_says_what_exempts_nobody() {
    let exempt = |role: &str| asked(&json!({"ArnNotLike": {"aws:PrincipalArn": role}}));
    let found = answer(&exempt("arn:aws:iam::${Account}:role/X"));
    assert_eq!(found["static"], "DeniedForAll");
    let note = found["note"].as_str().unwrap_or_default();
    assert!(note.contains("`arn:aws:iam::${Account}:role/X` matches nothing"), "{found}");
    assert!(note.contains("`${Account}` never has a value, so that it exempts nobody"), "{found}");
    // A role that there may be is an exemption, and needs no such note.
    let found = answer(&exempt("arn:aws:iam::${aws:PrincipalAccount}:role/X"));
    assert_eq!((&found["static"], &found["note"]), (&json!("DeniedExcept"), &Value::Null));
    // Without a condition nobody was meant to be exempt.
    assert_eq!(answer(&asked(&json!({})))["note"], Value::Null);
}
