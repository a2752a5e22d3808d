use super::*;

mod properties;
mod values;

fn organization() -> Organization {
    Organization { id: Some("o-own".to_owned()), management_account: Some("999988887777".to_owned()) }
}

fn bound(kind: PolicyKind, organization: &Organization) -> Bound<'_> {
    Bound { kind, organization, partition: Some("aws"), accounts: None, resource_controlled: &[] }
}

fn found(statement: &str) -> Vec<String> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny",{statement}}}}}"#);
    let document = Document::parse(&text).unwrap();
    let list = document.without_effect(&bound(PolicyKind::ServiceControl, &organization()));
    list.iter()
        .flat_map(|found| {
            let scope = match found.whole {
                Truth::True => "whole",
                Truth::Unknown => "unknown",
                Truth::False => "part",
            };
            found.reasons.iter().map(move |reason| format!("{scope}: {reason}"))
        })
        .collect()
}

fn on(action: &str, resource: &str) -> Vec<String> {
    found(&format!(r#""Action":{action},"Resource":{resource}"#))
}

#[test]
fn mistakes_are_explained() {
    insta::assert_snapshot!(
        [
            on(r#""s3:*""#, r#""arn:aws:s3:::""#),
            on(r#""s3:DeleteObject""#, r#"["arn:aws:s3:::/*","arn:aws:s3:::logs/*"]"#),
            on(r#""cloudtrail:*""#, r#""arn:aws:cloudtrail:*::trail/""#),
            on(r#""cloudtrail:*""#, r#""arn:aws:cloudtrail:*:111122223333:trail/""#),
            on(r#""cloudtrail:*""#, r#""arn:aws:cloudtrail:${Region}:${Account}:trail/*""#),
            on(r#""cloudtrail:*""#, r#""trail/main""#),
            on(r#""cloudtrail:StopLogging""#, r#""arn:aws:s3:::logs""#),
            on(r#"["s3.Delete*","s3:DeleteObject"]"#, r#""*""#),
            on(r#""cloudwatchlogs:*""#, r#""*""#),
            on(r#""s3:s3:DeleteObject""#, r#""*""#),
            on("[]", r#""*""#),
            found(r#""Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/x/*"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-else"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"StringMatches":{"aws:PrincipalTag/a":"x"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"PrincipalArn":"x"}}"#),
            found(r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"${Team}"}}"#),
        ]
        .map(|reasons| reasons.join("\n"))
        .join("\n"),
        @r#"
        whole: no resource has the ARN `arn:aws:s3:::`: the resource is missing after the last colon
        part: no resource has the ARN `arn:aws:s3:::/*`: the name of a bucket is missing before `/`
        whole: no resource has the ARN `arn:aws:cloudtrail:*::trail/`: resources of cloudtrail have an account in their ARN
        whole: no resource has the ARN `arn:aws:cloudtrail:*:111122223333:trail/`: the name is missing after `/`
        whole: `arn:aws:cloudtrail:${Region}:${Account}:trail/*` matches nothing: `${Region}` never has a value
        whole: no resource has the ARN `trail/main`: an ARN is `arn:partition:service:region:account:resource`
        whole: `arn:aws:s3:::logs` is a resource of s3, which none of the actions is of
        part: no action is called `s3.Delete*`: names of actions do not contain `.`, they are `service:Action`
        whole: no action is called `cloudwatchlogs:*`: the service prefix is `logs`
        whole: no action is called `s3:s3:DeleteObject`: there is one colon in `service:Action`
        whole: `Action` lists nothing
        whole: no bound caller meets aws:PrincipalArn like arn:aws:sts::*:assumed-role/x/*: a bound caller's ARN is that of a role, user or root user of a member account, never of a session
        whole: no bound caller meets aws:PrincipalArn is arn:aws:iam::*:role/x: this operator takes `*` and `?` literally
        whole: no bound caller meets aws:PrincipalOrgID is o-else: bound callers are of the organization itself
        whole: no bound caller meets aws:PrincipalIsAWSService is true: service control policies do not bind AWS services
        whole: no bound caller meets StringMatches aws:PrincipalTag/a x: no condition operator is called `StringMatches`
        whole: no bound caller meets PrincipalArn is x: no condition key is called `PrincipalArn`: keys have a prefix
        whole: `${Team}` matches nothing: `${Team}` never has a value
        "#
    );
}

#[test]
fn what_can_match_is_not_listed() {
    for statement in [
        r#""Action":"*","Resource":"*""#,
        r#""Action":"s3:Delete*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*","arn:aws:s3:::*"]"#,
        r#""Action":"s3:*","Resource":"arn:aws:s3:*:*:accesspoint/*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:*:trail/*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:trail/*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:*:trail/${aws:PrincipalAccount}""#,
        r#""Action":"kinesis:StartStreamEncryption","Resource":"arn:aws:kms:*:*:key/*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*/main""#,
        r#""Action":"config:*","Resource":"arn:aws:config:*:*:config-rule/a:b""#,
        r#""Action":"s3:*","Resource":"arn:aws:*:::logs""#,
        r#""Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/x""#,
        r#""Action":"iam:DeletePolicy","Resource":"arn:aws:iam::aws:policy/x""#,
        r#""Action":["*Trail*","newservice2030:*","s3:Xyzzy","aws-portal:View*"],"Resource":"*""#,
        r#""Action":["ssm:SendCommand"],"Resource":"arn:aws:ec2:*:*:instance/*""#,
        r#""NotAction":"s3.x*","NotResource":"arn:aws:s3:::""#,
        r#""Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/x/*"}}"#,
        r#""Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:sts::*:assumed-role/x/*","arn:aws:iam::*:root"]}}"#,
        r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-own"}}"#,
        r#""Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-else"}}"#,
        r#""Action":"*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalTag/a":"*"}}"#,
        r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"s3:prefix":"*"}}"#,
        r#""Action":"*","Resource":"*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
    ] {
        assert_eq!(found(statement), Vec::<String>::new(), "{statement}");
    }
}

#[test]
fn resource_control_policies_bind_services_too() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
        "Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}}}"#;
    let document = Document::parse(text).unwrap();
    assert_eq!(document.without_effect(&bound(PolicyKind::ResourceControl, &organization())), []);
}

#[test]
fn a_name_of_an_action_has_both_parts() {
    for action in ["cloudtrail:", ":StopLogging", ":"] {
        let expected = format!("whole: no action is called `{action}`: an action is `service:Action`");
        assert_eq!(on(&format!("{action:?}"), r#""*""#), [expected]);
    }
}

/// Every bound caller has an ARN, so `IfExists` is no way out.
#[test]
fn the_arn_of_the_caller_is_never_missing() {
    let session = "arn:aws:sts::*:assumed-role/x/*";
    assert_eq!(
        found(&format!(
            r#""Action":"*","Resource":"*","Condition":{{"ArnLikeIfExists":{{"aws:PrincipalArn":"{session}"}}}}"#
        )),
        [format!(
            "whole: no bound caller meets aws:PrincipalArn like {session} or absent: a bound caller's ARN is that of a role, user or root user of a member account, never of a session"
        )]
    );
    let other =
        r#""Action":"*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-else"}}"#;
    assert_eq!(
        found(other),
        [
            "whole: no bound caller meets aws:PrincipalOrgID is o-else or absent: bound callers are of the organization itself"
        ]
    );
}

#[test]
fn a_list_without_values_is_met_by_nothing_and_excludes_nothing() {
    let with = |operator: &str| {
        found(&format!(
            r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:PrincipalTag/a":[]}}}}"#
        ))
    };
    assert_eq!(
        with("StringEquals"),
        ["whole: no bound caller meets aws:PrincipalTag/a is nothing: no value is listed"]
    );
    assert_eq!(with("ForAnyValue:StringNotEquals"), Vec::<String>::new());
}

#[test]
fn no_bound_caller_is_a_service_by_its_name() {
    for (operator, key) in [
        ("StringEquals", "aws:PrincipalServiceName"),
        ("ForAnyValue:StringLike", "aws:PrincipalServiceNamesList"),
    ] {
        let statement = format!(
            r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":"config.amazonaws.com"}}}}"#
        );
        let reasons = found(&statement);
        assert_eq!(reasons.len(), 1, "{statement}");
        assert!(reasons[0].ends_with("service control policies do not bind AWS services"), "{reasons:?}");
    }
}

/// What the actions are asked on, AWS's reference says.
#[test]
fn a_resource_that_no_action_is_asked_on_is_a_mistake() {
    for (action, resource) in [
        ("s3:DeleteObject", "arn:aws:s3:::logs"),
        ("s3:DeleteObject*", "arn:aws:s3:::logs-a"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::logs/*"),
        ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:*:alias/*"),
        ("iam:DeleteRole", "arn:aws:iam::*:user/*"),
        ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:eventdatastore/*"),
        ("guardduty:DisassociateMembers", "arn:aws:guardduty:*:*:detector/*"),
        ("organizations:LeaveOrganization", "arn:aws:organizations::*:account/o-own/*"),
        ("logs:PutAccountPolicy", "arn:aws:logs:*:*:log-group:*"),
        ("ec2:DeleteFlowLogs", "arn:aws:ec2:*:*:vpc/*"),
    ] {
        let reasons = on(&format!("{action:?}"), &format!("{resource:?}"));
        assert_eq!(reasons.len(), 1, "{action} {resource}: {reasons:?}");
        assert!(reasons[0].starts_with("whole: nothing is asked on `"), "{reasons:?}");
    }
    for (action, resource) in [
        ("kinesis:StartStreamEncryption", "arn:aws:kms:*:*:key/*"),
        ("s3:DeleteObject", "arn:aws:s3:::*"),
        ("s3:DeleteObject", "arn:aws:s3:::logs*"),
        ("s3:*", "arn:aws:s3:::logs"),
        ("logs:DeleteLogGroup", "arn:aws:logs:*:*:log-group:a"),
        ("logs:DeleteLogGroup", "arn:aws:logs:*:*:log-group:a:*"),
        ("sts:AssumeRole", "arn:aws:iam::*:role/x"),
        ("ssm:SendCommand", "arn:aws:ssm:*:*:document/x"),
        // The reference says destinations, the call itself sources.
        ("logs:DeleteDeliverySource", "arn:aws:logs:*:*:delivery-source:*"),
        ("logs:DeleteDeliverySource", "arn:aws:logs:*:*:delivery-destination:*"),
    ] {
        assert_eq!(
            on(&format!("{action:?}"), &format!("{resource:?}")),
            Vec::<String>::new(),
            "{action} {resource}"
        );
    }
}

#[test]
fn a_misspelt_action_and_the_name_of_a_call_are_mistakes() {
    for (action, meant) in [
        ("cloudtrail:StopLoging", "`cloudtrail:StopLogging` may be meant"),
        ("cloudtrail:StopLoging*", "`cloudtrail:StopLogging` may be meant"),
        ("cloudtrail:DeleteTrial", "`cloudtrail:DeleteTrail` may be meant"),
        ("guardduty:DeleteDetectr", "`guardduty:DeleteDetector` may be meant"),
        ("cloudtrial:StopLogging", "`cloudtrail:StopLogging` may be meant"),
        ("s3:PutBucketEncryption", "which `s3:PutEncryptionConfiguration` grants"),
        ("s3:PutBucketEncrypt*", "which `s3:PutEncryptionConfiguration` grants"),
        ("s3:PutBucketReplication", "which `s3:PutReplicationConfiguration` grants"),
        ("s3:HeadObject", "which `s3:GetObject` grants"),
        ("lambda:Invoke", "which `lambda:InvokeFunction` grants"),
    ] {
        let reasons = on(&format!("{action:?}"), r#""*""#);
        assert_eq!(reasons.len(), 1, "{action}: {reasons:?}");
        assert!(
            reasons[0].starts_with("whole: no action is called") && reasons[0].ends_with(meant),
            "{reasons:?}"
        );
    }
}

#[test]
fn what_aws_may_have_added_is_neither_a_mistake_nor_none() {
    for action in ["s3:Xyzzy", "newservice2030:*", "kinesis:CreateQueue", "cloudtrail:StopLoggings", "s3:Xy*"]
    {
        let reasons = on(&format!("{action:?}"), r#""*""#);
        assert_eq!(reasons.len(), 1, "{action}: {reasons:?}");
        assert!(
            reasons[0].starts_with(&format!("unknown: `{action}` is in no list of actions of 20")),
            "{reasons:?}"
        );
    }
    // Beside an action that there is, it takes nothing away.
    assert_eq!(on(r#"["s3:Xyzzy","s3:DeleteBucket"]"#, r#""*""#), Vec::<String>::new());
}

#[test]
fn what_is_in_another_partition_is_bound_by_nothing() {
    for resource in
        ["arn:aws-cn:cloudtrail:*:*:trail/*", "arn:aws-us-gov:s3:::logs", "arn:aws-eusc:kms:*:*:key/*"]
    {
        let service = resource.split(':').nth(2).unwrap();
        let reasons = on(&format!("\"{service}:*\""), &format!("{resource:?}"));
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(reasons[0].contains("the organization is in the partition aws"), "{reasons:?}");
    }
    assert_eq!(on(r#""cloudtrail:*""#, r#""arn:aws*:cloudtrail:*:*:trail/*""#), Vec::<String>::new());
    let role = r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws-cn:iam::*:role/x"}}"#;
    let reasons = found(&format!(r#""Action":"*","Resource":"*","Condition":{role}"#));
    assert!(reasons[0].starts_with("whole: no bound caller meets"), "{reasons:?}");
}

#[test]
fn nobody_is_outside_the_own_organization() {
    for condition in [
        r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#,
        r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own"}}"#,
        r#"{"StringNotLike":{"aws:PrincipalOrgID":"o-*"}}"#,
        r#"{"Null":{"aws:PrincipalOrgID":"true"}}"#,
        r#"{"Null":{"aws:PrincipalArn":"true"}}"#,
        r#"{"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-own/*"}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":"999988887777"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999988887777:role/*"}}"#,
    ] {
        let reasons = found(&format!(r#""Action":"*","Resource":"*","Condition":{condition}"#));
        assert_eq!(reasons.len(), 1, "{condition}");
        assert!(reasons[0].starts_with("whole: no bound caller meets"), "{reasons:?}");
    }
    for condition in [
        r#"{"StringNotEquals":{"aws:PrincipalAccount":"999988887777"}}"#,
        r#"{"ForAnyValue:StringNotEquals":{"aws:PrincipalOrgPaths":"o-own/r-1/ou-1/"}}"#,
        r#"{"StringNotEqualsIfExists":{"aws:ResourceOrgID":"o-own"}}"#,
    ] {
        let reasons = found(&format!(r#""Action":"*","Resource":"*","Condition":{condition}"#));
        assert_eq!(reasons, Vec::<String>::new(), "{condition}");
    }
}

#[test]
fn a_variable_before_the_fifth_colon_is_named() {
    for (element, pattern, variable) in [
        ("Resource", "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*", "aws:PrincipalAccount"),
        ("Resource", "arn:aws:cloudtrail:${aws:RequestedRegion}:*:trail/*", "aws:RequestedRegion"),
        ("NotResource", "arn:aws:cloudtrail:*:${aws:ResourceAccount}:trail/*", "aws:ResourceAccount"),
        (
            "Resource",
            "arn:${aws:PrincipalTag/partition}:cloudtrail:*:*:trail/*",
            "aws:PrincipalTag/partition",
        ),
    ] {
        let reasons = found(&format!(r#""Action":"cloudtrail:*","{element}":"{pattern}""#));
        assert_eq!(reasons.len(), 1, "{pattern}");
        assert!(reasons[0].starts_with("whole:") && reasons[0].contains(variable), "{reasons:?}");
    }
    let beside =
        r#""Action":"cloudtrail:*","Resource":["arn:aws:cloudtrail:*:${aws:PrincipalAccount}:*","*"]"#;
    assert!(found(beside)[0].starts_with("whole:"), "the statement may be invalid as a whole");
}

/// What is attached as a resource control policy.
fn of_resources(statement: &str) -> Vec<String> {
    let text =
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*",{statement}}}}}"#);
    let document = Document::parse(&text).unwrap();
    let list = document.without_effect(&bound(PolicyKind::ResourceControl, &organization()));
    list.iter().filter(|it| it.whole.is_true()).flat_map(|it| &it.reasons).map(ToString::to_string).collect()
}

#[test]
fn what_lists_all_there_is_in_its_not_form_denies_nothing() {
    for statement in [
        r#""NotAction":"*","Resource":"*""#,
        r#""NotAction":["s3:*","*:*"],"Resource":"*""#,
        r#""Action":"cloudtrail:StopLogging","NotResource":"*""#,
        r#""Action":"cloudtrail:StopLogging","NotResource":"arn:*""#,
        r#""Action":"cloudtrail:StopLogging","NotResource":"arn:aws:cloudtrail:*:*:trail/*""#,
        r#""Action":["kms:ScheduleKeyDeletion","kms:DisableKey"],"NotResource":"arn:aws:kms:*:*:*""#,
        r#""Action":"organizations:LeaveOrganization","NotResource":["arn:aws:s3:::b","*"]"#,
    ] {
        let reasons = found(statement);
        assert_eq!(reasons.len(), 1, "{statement}: {reasons:?}");
        assert!(reasons[0].starts_with("whole:") && reasons[0].ends_with("nothing is left to deny"));
    }
    for statement in [
        r#""NotAction":"s3:*","Resource":"*""#,
        r#""Action":"*","NotResource":"arn:*""#,
        r#""Action":"organizations:LeaveOrganization","NotResource":"arn:*""#,
        r#""Action":"cloudtrail:*","NotResource":"arn:aws:cloudtrail:*:*:trail/*""#,
        r#""Action":"cloudtrail:StopLogging","NotResource":"arn:aws:cloudtrail:*:111122223333:trail/*""#,
        r#""Action":"s3:DeleteObject","NotResource":"arn:aws:s3:::${aws:username}*""#,
    ] {
        assert_eq!(found(statement), Vec::<String>::new(), "{statement}");
    }
}

#[test]
fn conditions_that_no_request_meets_are_mistakes() {
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalTag/a":"x"},"StringNotEquals":{"aws:PrincipalTag/a":"x"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"},"BoolIfExists":{"aws:securetransport":"false"}}"#,
        r#"{"Null":{"aws:PrincipalTag/a":"true"},"StringEquals":{"aws:PrincipalTag/a":["x","y"]}}"#,
        r#"{"Null":{"aws:CurrentTime":"true"}}"#,
        r#"{"Null":{"aws:userid":"true"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}"#,
        r#"{"NumericLessThanIfExists":{"aws:EpochTime":"1577836800"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/a":"${AWS::AccountId}"}}"#,
    ] {
        let reasons = found(&format!(r#""Action":"*","Resource":"*","Condition":{condition}"#));
        assert_eq!(reasons.len(), 1, "{condition}: {reasons:?}");
        assert!(reasons[0].starts_with("whole:"), "{reasons:?}");
    }
    for condition in [
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2090-01-01"}}"#,
        r#"{"StringNotEquals":{"aws:PrincipalTag/a":"x"},"StringNotEqualsIfExists":{"aws:PrincipalTag/a":"y"}}"#,
        r#"{"Null":{"aws:TokenIssueTime":"true"}}"#,
        r#"{"StringEquals":{"lambda:SourceFunctionArn":"x"}}"#,
    ] {
        let statement = format!(r#""Action":"cloudtrail:*","Resource":"*","Condition":{condition}"#);
        assert_eq!(found(&statement), Vec::<String>::new(), "{condition}");
    }
}

#[test]
fn a_key_of_another_service_is_named_as_unknown() {
    for (action, condition) in [
        ("cloudtrail:StopLogging", r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#),
        ("guardduty:*", r#"{"Bool":{"kms:GrantIsForAWSResource":"false"}}"#),
        ("cloudtrail:StopLogging", r#"{"StringEquals":{"aws:PrincipalAcount":"111122223333"}}"#),
    ] {
        let reasons = found(&format!(r#""Action":"{action}","Resource":"*","Condition":{condition}"#));
        assert_eq!(reasons.len(), 1, "{condition}: {reasons:?}");
        assert!(reasons[0].starts_with("unknown:"), "{reasons:?}");
    }
    for (action, condition) in [
        ("s3:PutObjectAcl", r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#),
        ("*", r#"{"StringEquals":{"s3:x-amz-acl":"private"}}"#),
        ("cloudtrail:StopLogging", r#"{"StringNotEquals":{"s3:x-amz-acl":"private"}}"#),
    ] {
        let statement = format!(r#""Action":"{action}","Resource":"*","Condition":{condition}"#);
        assert_eq!(found(&statement), Vec::<String>::new(), "{condition}");
    }
}

#[test]
fn names_that_no_resource_has_are_mistakes() {
    for (action, resource) in [
        ("s3:DeleteObject", "arn:aws:s3:::logs/"),
        ("s3:*", "arn:aws:s3:::logs/"),
        ("s3:DeleteObject", "arn:aws:s3:::${AWS::AccountId}-logs/*"),
        ("cloudtrail:*", "arn:aws:cloudtrail:*:*:trail/${AWS::StackName}"),
    ] {
        let reasons = on(&format!("{action:?}"), &format!("{resource:?}"));
        assert_eq!(reasons.len(), 1, "{resource}: {reasons:?}");
        assert!(reasons[0].starts_with("whole:"), "{reasons:?}");
    }
    assert_eq!(on(r#""s3:DeleteObject""#, r#""arn:aws:s3:::logs/folder/""#), Vec::<String>::new());
    // Without variables they are plain text.
    let of_2008 = |resource: &str| {
        let text = format!(
            r#"{{"Version":"2008-10-17","Statement":{{"Effect":"Deny","Action":"{}:*","Resource":"{resource}"}}}}"#,
            resource.split(':').nth(2).unwrap()
        );
        let document = Document::parse(&text).unwrap();
        document.without_effect(&bound(PolicyKind::ServiceControl, &organization())).len()
    };
    assert_eq!(of_2008("arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"), 1);
    assert_eq!(of_2008("arn:aws:cloudtrail:*:*:trail/${aws:PrincipalAccount}"), 1);
    assert_eq!(of_2008("arn:aws:s3:::logs-${aws:PrincipalAccount}/*"), 1);
    assert_eq!(of_2008("arn:aws:s3:::logs/${aws:PrincipalAccount}/*"), 0, "a key may be so");
}

#[test]
fn resource_control_policies_that_bind_nothing_are_named() {
    let all = |condition: &str| format!(r#""Action":"s3:*","Resource":"*","Condition":{condition}"#);
    for statement in [
        r#""Action":"cloudtrail:*","Resource":"*""#.to_owned(),
        r#""Action":["cloudtrail:StopLogging","guardduty:*"],"Resource":"*""#.to_owned(),
        r#""Action":"kms:RetireGrant","Resource":"*""#.to_owned(),
        r#""Action":"kms:Retire*","Resource":"*""#.to_owned(),
        all(r#"{"StringEquals":{"aws:ResourceAccount":"999988887777"}}"#),
        all(r#"{"StringEquals":{"s3:ResourceAccount":"999988887777"}}"#),
        all(r#"{"StringNotEquals":{"aws:ResourceOrgID":"o-own"}}"#),
        all(r#"{"ForAnyValue:StringNotLike":{"aws:ResourceOrgPaths":"o-own/*"}}"#),
        all(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}}"#),
        all(r#"{"Null":{"aws:SecureTransport":"true"}}"#),
    ] {
        assert!(!of_resources(&statement).is_empty(), "{statement}");
    }
    for statement in [
        r#""Action":["cloudtrail:*","s3:*"],"Resource":"*""#.to_owned(),
        r#""Action":"kms:*","Resource":"*""#.to_owned(),
        all(r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#),
        all(r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own"}}"#),
        all(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}}"#),
        all(r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#),
    ] {
        assert_eq!(of_resources(&statement), Vec::<String>::new(), "{statement}");
    }
}
