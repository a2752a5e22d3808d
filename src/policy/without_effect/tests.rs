use super::*;

fn found(statement: &str) -> Vec<String> {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny",{statement}}}}}"#);
    let document = Document::parse(&text).unwrap();
    let list = document.without_effect(PolicyKind::ServiceControl, Some("o-own"));
    list.iter()
        .flat_map(|found| {
            let scope = if found.whole { "whole" } else { "part" };
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
        @""
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
        r#""Action":"cloudtrail:*","Resource":"arn:aws:cloudtrail:*:${aws:PrincipalAccount}:*""#,
        r#""Action":"cloudtrail:*","Resource":"arn:*""#,
        r#""Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/x""#,
        r#""Action":"iam:PassRole","Resource":"arn:aws:iam::aws:policy/x""#,
        r#""Action":["*Trail*","newservice2030:*","aws-portal:View*"],"Resource":"*""#,
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
    assert_eq!(document.without_effect(PolicyKind::ResourceControl, Some("o-own")), []);
}
