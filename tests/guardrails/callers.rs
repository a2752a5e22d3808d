//! Which policies bind which callers: of the member account, of the management account, of strangers, and services.

use serde_json::{Value, json};

use super::{MEMBER, allow, answer, error};

const MANAGEMENT: &str = "999988887777";
const STRANGER: &str = "555566667777";

fn scp(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Scp", "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition,
    }]})
}

fn rcp(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Rcp", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition,
    }]})
}

fn case(principal: &str, scp: Option<&Value>, rcp: Option<&Value>) -> Value {
    let mut case = json!({
        "principal": principal, "action": "s3:DeleteObject", "resource": "arn:aws:s3:::logs/1",
        "resourceAccount": MEMBER, "managementAccountId": MANAGEMENT, "orgId": "o-exampleorgid",
    });
    if let Some(scp) = scp {
        case["hierarchy"] =
            json!([{"id": "r-root", "policies": [allow(), scp]}, {"id": MEMBER, "policies": [allow()]}]);
    }
    if let Some(rcp) = rcp {
        case["rcpHierarchy"] = json!([{"id": "r-root", "policies": [rcp]}, {"id": MEMBER, "policies": []}]);
    }
    case
}

fn deciding(answer: &Value) -> Vec<&str> {
    let by = answer["decidedBy"].as_array().unwrap().iter();
    by.filter_map(|by| by["statement"].as_str()).collect()
}

#[test]
fn service_control_policies_bind_members_and_resource_control_policies_everybody() {
    let (scp, rcp) = (scp(&json!({})), rcp(&json!({})));
    for (principal, bound) in [
        (format!("arn:aws:iam::{MEMBER}:root"), true),
        (format!("arn:aws:sts::{MEMBER}:assumed-root"), true),
        (format!("arn:aws:iam::{MEMBER}:role/app"), true),
        (format!("arn:aws:iam::{MANAGEMENT}:root"), false),
        (format!("arn:aws:sts::{MANAGEMENT}:assumed-role/app/ann"), false),
        (format!("arn:aws:iam::{STRANGER}:root"), false),
        (format!("arn:aws:sts::{STRANGER}:assumed-root"), false),
        (format!("arn:aws:iam::{STRANGER}:role/app"), false),
        ("cloudtrail.amazonaws.com".to_owned(), false),
        ("*".to_owned(), false),
    ] {
        let by_scp = answer(&case(&principal, Some(&scp), None));
        assert_eq!(
            by_scp["effective"],
            if bound { "ExplicitlyDenied" } else { "Allowed" },
            "{principal}: {by_scp}"
        );
        assert_eq!(by_scp["note"].is_null(), bound, "{principal}: {by_scp}");
        let by_rcp = answer(&case(&principal, None, Some(&rcp)));
        assert_eq!(by_rcp["effective"], "ExplicitlyDenied", "{principal}: {by_rcp}");
        assert_eq!(deciding(&by_rcp), ["Rcp"], "{principal}");
        let by_both = answer(&case(&principal, Some(&scp), Some(&rcp)));
        assert_eq!(by_both["effective"], "ExplicitlyDenied", "{principal}: {by_both}");
        assert_eq!(deciding(&by_both), if bound { vec!["Scp", "Rcp"] } else { vec!["Rcp"] }, "{principal}");
    }
}

#[test]
fn nothing_binds_service_linked_roles_of_whatever_account() {
    let (scp, rcp) = (scp(&json!({})), rcp(&json!({})));
    for account in [MEMBER, MANAGEMENT, STRANGER] {
        let role = format!(
            "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        );
        for (scp, rcp) in [(Some(&scp), None), (None, Some(&rcp)), (Some(&scp), Some(&rcp))] {
            let answered = answer(&case(&role, scp, rcp));
            assert_eq!(answered["effective"], "Allowed", "{account}: {answered}");
        }
        let alike = format!("arn:aws:iam::{account}:role/AWSServiceRoleForConfig");
        assert_eq!(answer(&case(&alike, None, Some(&rcp)))["effective"], "ExplicitlyDenied", "{account}");
    }
}

#[test]
fn conditions_on_the_root_user_meet_root_users_alone() {
    let root = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}});
    let effective = |principal: &str, scps: bool| {
        let (scp, rcp) = (scp(&root), rcp(&root));
        let asked = if scps { case(principal, Some(&scp), None) } else { case(principal, None, Some(&rcp)) };
        answer(&asked)["effective"].as_str().unwrap().to_owned()
    };
    let root_of = |account: &str| format!("arn:aws:iam::{account}:root");
    assert_eq!(effective(&root_of(MEMBER), true), "ExplicitlyDenied");
    assert_eq!(effective(&format!("arn:aws:iam::{MEMBER}:role/app"), true), "Allowed");
    for account in [MEMBER, MANAGEMENT, STRANGER] {
        assert_eq!(effective(&root_of(account), false), "ExplicitlyDenied", "{account}");
        assert_eq!(effective(&format!("arn:aws:iam::{account}:role/app"), false), "Allowed", "{account}");
    }
    assert_eq!(effective("cloudtrail.amazonaws.com", false), "Allowed");
}

/// A perimeter is about the organization of the caller, which an account's number alone does not tell.
#[test]
fn a_stranger_s_organization_is_not_taken_for_the_own() {
    let perimeter = rcp(&json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}}));
    let scp = allow();
    for hierarchy in [None, Some(&scp)] {
        for principal in
            [format!("arn:aws:iam::{STRANGER}:root"), format!("arn:aws:sts::{STRANGER}:assumed-role/app/ann")]
        {
            let mut asked = case(&principal, hierarchy, Some(&perimeter));
            assert_eq!(
                answer(&asked)["effective"],
                "ExplicitlyDenied",
                "of no organization, as far as is told"
            );
            for (own, effective) in [
                (json!("o-exampleorgid"), "Allowed"),
                (json!("o-another"), "ExplicitlyDenied"),
                (json!([]), "ExplicitlyDenied"),
            ] {
                asked["context"] = json!({"aws:PrincipalOrgID": own});
                assert_eq!(answer(&asked)["effective"], effective, "{own}");
                assert_ne!(answer(&asked)["static"], "NotDenied", "said of all callers of the account");
            }
        }
        for account in [MEMBER, MANAGEMENT] {
            let asked = case(&format!("arn:aws:iam::{account}:root"), hierarchy, Some(&perimeter));
            assert_eq!(answer(&asked)["effective"], "Allowed", "{account}");
        }
        let service = case("cloudtrail.amazonaws.com", hierarchy, Some(&perimeter));
        assert_eq!(answer(&service)["effective"], "ExplicitlyDenied", "a service is of no organization");
    }
}

#[test]
fn resource_control_policies_bind_the_resources_of_their_own_account() {
    let rcp = rcp(&json!({}));
    for (owner, effective) in [(MEMBER, "ExplicitlyDenied"), (MANAGEMENT, "Allowed"), (STRANGER, "Allowed")] {
        let mut asked = case(&format!("arn:aws:iam::{STRANGER}:role/app"), None, Some(&rcp));
        asked["resourceAccount"] = owner.into();
        let answered = answer(&asked);
        assert_eq!(answered["effective"], effective, "{owner}: {answered}");
        let noted = answered["note"].as_str().is_some_and(|note| note.contains("resource control policies"));
        assert_eq!(noted, owner != MEMBER, "{answered}");
    }
}

/// "Even if their bucket policy explicitly denies the root principal's access".
#[test]
fn a_bucket_policy_never_keeps_its_owner_s_root_user_from_itself() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]},
    ]});
    let ask = |principal: &str, action: &str| {
        let mut asked = case(principal, None, None);
        asked["action"] = action.into();
        asked["resource"] = "arn:aws:s3:::logs".into();
        asked["resourcePolicy"] = policy.clone();
        asked
    };
    let root = format!("arn:aws:iam::{MEMBER}:root");
    for action in ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] {
        assert_eq!(answer(&ask(&root, action))["effective"], "Allowed", "{action}");
        let session = format!("arn:aws:sts::{MEMBER}:assumed-root");
        assert_eq!(answer(&ask(&session, action))["effective"], "Allowed", "{action}");
        for other in [
            format!("arn:aws:iam::{MEMBER}:role/app"),
            format!("arn:aws:iam::{STRANGER}:root"),
            format!("arn:aws:iam::{MANAGEMENT}:root"),
        ] {
            assert_eq!(answer(&ask(&other, action))["effective"], "ExplicitlyDenied", "{other} {action}");
        }
        // What the organization denies it does not get.
        let mut bound = ask(&root, action);
        bound["hierarchy"] = json!([
            {"id": "r-root", "policies": [allow(), scp(&json!({}))]}, {"id": MEMBER, "policies": [allow()]}
        ]);
        assert_eq!(deciding(&answer(&bound)), ["Scp"], "{action}");
    }
    for action in ["s3:DeleteBucket", "s3:PutBucketAcl"] {
        assert_eq!(answer(&ask(&root, action))["effective"], "ExplicitlyDenied", "{action}");
    }
}

#[test]
fn log_groups_are_asked_about_as_cloudwatch_logs_asks() {
    let ask = |action: &str, listed: &str, resource: &str| {
        let statement = json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Groups", "Effect": "Deny", "Action": "logs:*",
            "Resource": format!("arn:aws:logs:*:*:log-group:{listed}"),
        }]});
        let mut asked = case(&format!("arn:aws:iam::{MEMBER}:role/app"), Some(&statement), None);
        asked.as_object_mut().unwrap().remove("resourceAccount");
        asked["action"] = action.into();
        asked["resource"] = format!("arn:aws:logs:eu-west-1:{MEMBER}:log-group:{resource}").into();
        answer(&asked)
    };
    for action in ["logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter"] {
        let denied = ask(action, "name:*", "name");
        assert_eq!(
            (&denied["effective"], &denied["static"]),
            (&json!("ExplicitlyDenied"), &json!("DeniedForAll"))
        );
        assert!(denied["note"].as_str().unwrap().contains(":log-group:name:*"), "{denied}");
        let open = ask(action, "name", "name");
        assert_eq!((&open["effective"], &open["static"]), (&json!("Allowed"), &json!("NotDenied")), "{open}");
        assert!(ask(action, "name:*", "name:*")["note"].is_null());
    }
    for action in ["logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"] {
        assert_eq!(ask(action, "name", "name:*")["effective"], "ExplicitlyDenied", "{action}");
        assert_eq!(ask(action, "name:*", "name")["effective"], "Allowed", "{action}");
    }
}

#[test]
fn the_region_of_services_with_one_endpoint_needs_not_be_told() {
    let ask = |action: &str, region: &str, context: Value| {
        let statement = json!({"Version": "2012-10-17", "Statement": [{
            "Sid": "Regions", "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": region}},
        }]});
        let mut asked = case(&format!("arn:aws:iam::{MEMBER}:role/app"), Some(&statement), None);
        asked["action"] = action.into();
        asked["resource"] = "*".into();
        asked["context"] = context;
        asked
    };
    for action in ["organizations:LeaveOrganization", "account:CloseAccount", "iam:ListRoles"] {
        let denied = answer(&ask(action, "eu-west-1", json!({})));
        assert_eq!(
            (&denied["effective"], &denied["static"]),
            (&json!("ExplicitlyDenied"), &json!("DeniedForAll"))
        );
        let open = answer(&ask(action, "us-east-1", json!({})));
        assert_eq!((&open["effective"], &open["static"]), (&json!("Allowed"), &json!("NotDenied")));
        let refused = error(&ask(action, "eu-west-1", json!({"aws:RequestedRegion": "eu-west-1"})));
        assert!(refused.contains("contradicts itself") && refused.contains("us-east-1"), "{refused}");
    }
    assert!(error(&ask("sts:GetCallerIdentity", "eu-west-1", json!({}))).contains("aws:RequestedRegion"));
}
