//! What only AWS can change: actions, the resources that they are asked on, and the services that resource control
//! policies bind.

use serde_json::{Value, json};

use super::{MEMBER, allow, answer, case, error, run};

fn of(action: &str, resource: &str, denied: &Value, on: &Value) -> Value {
    let deny =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": denied, "Resource": on}});
    let mut case = case(&json!([allow(), deny]), &json!([allow()]));
    case["action"] = action.into();
    case["resource"] = resource.into();
    case
}

/// A case of resource control policies alone.
fn resource_controlled(action: &str, resource: &str, denied: &str) -> Value {
    let mut case = of(action, resource, &json!("sqs:None*"), &json!("*"));
    case.as_object_mut().unwrap().remove("hierarchy");
    let deny = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*",
    }});
    case["rcpHierarchy"] = json!([{"id": "r-root", "policies": [deny]}, {"id": MEMBER, "policies": []}]);
    case["resourceAccount"] = MEMBER.into();
    case
}

fn verdicts(case: &Value) -> (String, String) {
    let answer = answer(case);
    let text = |field: &str| answer[field].as_str().unwrap().to_owned();
    (text("effective"), text("static"))
}

#[test]
fn resource_control_policies_bind_the_services_of_awss_list() {
    for (action, resource) in [
        ("firehose:DeleteDeliveryStream", "arn:aws:firehose:eu-west-1:222233334444:deliverystream/logs"),
        ("events:DisableRule", "arn:aws:events:eu-west-1:222233334444:rule/audit"),
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:222233334444:table/ledger"),
        ("wafv2:DeleteLoggingConfiguration", "arn:aws:wafv2:eu-west-1:222233334444:regional/webacl/a/b"),
        ("cloudtrail-data:PutAuditEvents", "arn:aws:cloudtrail:eu-west-1:222233334444:channel/a"),
        ("transfer:DeleteServer", "arn:aws:transfer:eu-west-1:222233334444:server/a"),
        ("cognito-idp:DeleteUserPool", "arn:aws:cognito-idp:eu-west-1:222233334444:userpool/eu-west-1_a"),
        (
            "cognito-identity:DeleteIdentityPool",
            "arn:aws:cognito-identity:eu-west-1:222233334444:identitypool/eu-west-1:a",
        ),
        ("cloudfront:DeleteDistribution", "arn:aws:cloudfront::222233334444:distribution/A"),
        ("xray:DeleteGroup", "arn:aws:xray:eu-west-1:222233334444:group/a/b"),
    ] {
        let found = verdicts(&resource_controlled(action, resource, action));
        assert_eq!(found, ("ExplicitlyDenied".to_owned(), "DeniedForAll".to_owned()), "{action}");
    }
    for (action, resource) in [
        ("sns:DeleteTopic", "arn:aws:sns:eu-west-1:222233334444:alarms"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:eu-west-1:222233334444:trail/a"),
        ("kms:RetireGrant", "arn:aws:kms:eu-west-1:222233334444:key/a"),
        // Beside the two of Cognito that the list has.
        (
            "cognito-sync:DeleteDataset",
            "arn:aws:cognito-sync:eu-west-1:222233334444:identitypool/a/identity/b/dataset/c",
        ),
    ] {
        let found = verdicts(&resource_controlled(action, resource, action));
        assert_eq!(found, ("Allowed".to_owned(), "NotDenied".to_owned()), "{action}");
    }
}

#[test]
fn of_a_service_in_neither_list_nothing_is_certain() {
    let resource = "arn:aws:newservice2030:eu-west-1:222233334444:thing/a";
    let refusal = error(&resource_controlled("newservice2030:Delete", resource, "newservice2030:*"));
    assert!(
        refusal.contains("whether resource control policies bind newservice2030 is not known"),
        "{refusal}"
    );
    // A policy that is about other services decides nothing of this one, whether it binds or not.
    let answered = answer(&resource_controlled("newservice2030:Delete", resource, "s3:*"));
    assert_eq!(answered["effective"], "Allowed");
    assert!(
        answered["note"].as_str().unwrap().contains("no service has the prefix newservice2030"),
        "{answered}"
    );
    // A service control policy denies all the same.
    let mut denied = resource_controlled("newservice2030:Delete", resource, "newservice2030:*");
    denied["hierarchy"] =
        of("newservice2030:Delete", resource, &json!("newservice2030:*"), &json!("*"))["hierarchy"].clone();
    assert_eq!(answer(&denied)["effective"], "ExplicitlyDenied");
    assert_eq!(answer(&denied)["static"], "DeniedForAll");
}

#[test]
fn a_service_that_a_named_configuration_adds_is_bound() {
    let resource = "arn:aws:newservice2030:eu-west-1:222233334444:thing/a";
    let asked = resource_controlled("newservice2030:Delete", resource, "newservice2030:*");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trailproof.toml");
    std::fs::write(&path, "[organization]\nresource_controlled_services = [\"newservice2030\"]\n").unwrap();
    let path = path.to_str().unwrap();
    let named = run(&["simulate", "--static", "--config", path], &asked.to_string());
    assert_eq!(named.code, Some(0), "{}{}", named.stdout, named.stderr);
    assert_eq!(named.json()["effective"], "ExplicitlyDenied");
    assert_eq!(named.json()["static"], "DeniedForAll");
    // Without it the refusal tells of the way.
    let refusal = error(&asked);
    assert!(
        refusal.contains("`resource_controlled_services` of a configuration that --config names"),
        "{refusal}"
    );
    std::fs::write(path, "[organization]\nresource_controlled_services = 1\n").unwrap();
    assert_eq!(
        run(&["simulate", "--config", path], &asked.to_string()).code,
        Some(2),
        "what is named is read"
    );
}

#[test]
fn an_action_without_resources_is_denied_by_a_star_alone() {
    for (action, resource) in [
        (
            "guardduty:DisassociateFromAdministratorAccount",
            "arn:aws:guardduty:eu-west-1:222233334444:detector/a",
        ),
        ("guardduty:DisassociateMembers", "arn:aws:guardduty:eu-west-1:222233334444:detector/a"),
        (
            "config:DeleteDeliveryChannel",
            "arn:aws:config:eu-west-1:222233334444:configuration-recorder/default/a",
        ),
        ("logs:PutAccountPolicy", "arn:aws:logs:eu-west-1:222233334444:log-group:a:*"),
        ("securityhub:DisableSecurityHubV2", "arn:aws:securityhub:eu-west-1:222233334444:hub/default"),
    ] {
        let narrow = of(action, resource, &json!(action), &json!(resource));
        let answered = answer(&narrow);
        assert_eq!(
            (&answered["effective"], &answered["static"]),
            (&json!("Allowed"), &json!("NotDenied")),
            "{action}"
        );
        assert!(answered["note"].as_str().unwrap().contains("is asked on no resource"), "{answered}");
        let found = verdicts(&of(action, resource, &json!(action), &json!("*")));
        assert_eq!(found, ("ExplicitlyDenied".to_owned(), "DeniedForAll".to_owned()), "{action}");
    }
    let never = answer(&of("s3:DeleteObject", "arn:aws:s3:::logs", &json!("s3:*"), &json!("*")));
    assert!(never["note"].as_str().unwrap().contains("is never asked on arn:aws:s3:::logs"), "{never}");
}

#[test]
fn a_misspelt_action_is_refused_by_every_command_that_takes_one() {
    for (action, meant) in [
        ("cloudtrail:StopLoging", "did you mean cloudtrail:StopLogging?"),
        ("s3:PutBucketEncryption", "did you mean s3:PutEncryptionConfiguration, which grants it?"),
        ("cloudtrial:StopLogging", "did you mean cloudtrail:StopLogging?"),
        ("kms:ScheduleKeyDeletions", "did you mean kms:ScheduleKeyDeletion?"),
        ("s3:ListObjectsV2", "did you mean s3:ListBucket, which grants it?"),
    ] {
        let explained = run(&["explain", "222222222222", action, "--demo"], "");
        assert_eq!((explained.code, explained.stdout.as_str()), (Some(2), ""), "{action}");
        assert!(explained.stderr.contains(meant), "{}", explained.stderr);
        let refusal = error(&of(action, "*", &json!("*"), &json!("*")));
        assert!(refusal.contains(meant), "{refusal}");
    }
    let foreign = run(&["explain", "222222222222", "s3:DeleteObject", "arn:aws:s3:::logs", "--demo"], "");
    assert_eq!(foreign.code, Some(2), "{}", foreign.stdout);
    assert!(foreign.stderr.contains("is never asked on arn:aws:s3:::logs"), "{}", foreign.stderr);
}

/// "Action vendors must not contain wildcards", says AWS.
#[test]
fn a_wildcard_for_the_service_is_refused() {
    for denied in ["*:Stop*", "cloudtrail*:StopLogging", "cloud?rail:*", "*Trail*", "s*:*"] {
        let refusal = error(&of("cloudtrail:StopLogging", "*", &json!(denied), &json!("*")));
        assert!(refusal.contains("does not name its service"), "{denied}: {refusal}");
    }
    for denied in ["*", "*:*", "cloudtrail:*", "cloudtrail:*Log*"] {
        let found = answer(&of("cloudtrail:StopLogging", "*", &json!(denied), &json!("*")));
        assert_eq!(found["effective"], "ExplicitlyDenied", "{denied}");
    }
}
