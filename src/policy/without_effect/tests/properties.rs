//! The rule and the prover read a policy alike: what is called without effect never decides anything.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::policy::{
    AttachedPolicy, Callers, Guardrails, Hierarchy, Level, Organization, Proof, Question, Target,
};

const MEMBER: &str = "111122223333";

const ACTIONS: &[(&str, &str)] = &[
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:111122223333:trail/*"),
    ("s3:DeleteObject", "arn:aws:s3:::logs/*"),
    ("s3:DeleteBucket", "arn:aws:s3:::logs"),
    ("organizations:LeaveOrganization", "*"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:*:111122223333:key/*"),
];

const LISTED: &[&str] = &[
    "*",
    "cloudtrail:*",
    "cloudtrail:StopLogging",
    "CloudTrail:stop*",
    "s3:DeleteObject",
    "s3:Delete*",
    "s3:DeleteBucket",
    "organizations:LeaveOrganization",
    "kms:ScheduleKeyDeletion",
    "cloudtrail:StopLoging",
    "s3:PutBucketEncryption",
    "awscloudtrail:StopLogging",
];

const RESOURCES: &[&str] = &[
    "*",
    "*",
    "*",
    "arn:aws:cloudtrail:*:*:trail/*",
    "arn:aws:cloudtrail:*::trail/",
    "arn:aws:cloudtrail:*:111122223333:trail/*",
    "arn:aws:cloudtrail:${Region}:${Account}:trail/*",
    "arn:aws-cn:cloudtrail:*:*:trail/*",
    "arn:aws:s3:::logs",
    "arn:aws:s3:::logs/*",
    "arn:aws:s3:::",
    "arn:aws:s3:::/*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:*:*:alias/*",
];

const CONDITIONS: &[&str] = &[
    "{}",
    "{}",
    r#"{"StringEquals":{"aws:PrincipalOrgID":"o-else"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#,
    r#"{"StringNotLike":{"aws:PrincipalOrgID":"o-*"}}"#,
    r#"{"StringEquals":{"aws:PrincipalOrgID":"o-own"}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/x/*"}}"#,
    r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#,
    r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#,
    r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#,
    r#"{"StringEquals":{"PrincipalArn":"x"}}"#,
    r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
    r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
    r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
    r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/x"}}"#,
];

fn statement() -> impl Strategy<Value = Value> {
    let listed = proptest::collection::vec(proptest::sample::select(LISTED), 1..3);
    let resources = proptest::collection::vec(proptest::sample::select(RESOURCES), 1..3);
    (listed, resources, proptest::sample::select(CONDITIONS)).prop_map(|(listed, resources, condition)| {
        let condition: Value = serde_json::from_str(condition).unwrap();
        json!({ "Effect": "Deny", "Action": listed, "Resource": resources, "Condition": condition })
    })
}

fn document(statements: &[Value]) -> Document {
    let mut all = statements.to_vec();
    all.push(json!({ "Effect": "Allow", "Action": "*", "Resource": "*" }));
    Document::parse(&json!({ "Version": "2012-10-17", "Statement": all }).to_string()).unwrap()
}

fn prove(statements: &[Value], (action, resource): (&str, &str)) -> Proof {
    let policy = AttachedPolicy { id: "p".to_owned(), document: Arc::new(document(statements)) };
    let level = Level { id: MEMBER.to_owned(), policies: vec![policy], unread: false };
    let hierarchy = Hierarchy { levels: vec![level] };
    let guardrails = Guardrails {
        organization: Organization { id: Some("o-own".to_owned()), management_account: None },
        service_control: Some(&hierarchy),
        resource_account: Some(MEMBER.to_owned()),
        ..Guardrails::default()
    };
    let target = if resource == "*" { Target::no_resource() } else { Target::resources(resource) };
    let callers = Callers::of_account(MEMBER);
    guardrails.prove(&Question { callers: &callers, action, resource: &target, designated: &[] })
}

fn named(statements: &[Value]) -> Vec<WithoutEffect> {
    let organization = Organization { id: Some("o-own".to_owned()), management_account: None };
    let kind = PolicyKind::ServiceControl;
    document(statements).without_effect(&Bound { kind, organization: &organization, partition: Some("aws") })
}

/// `PROPTEST_CASES` asks for more than the few of every run.
fn cases(few: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_is_without_effect_decides_nothing(statements in proptest::collection::vec(statement(), 1..5)) {
        let idle: Vec<usize> =
            named(&statements).iter().filter(|it| it.whole.is_true()).map(|it| it.statement.number).collect();
        let rest: Vec<Value> = statements
            .iter()
            .enumerate()
            .filter(|(at, _)| !idle.contains(&(at + 1)))
            .map(|(_, statement)| statement.clone())
            .collect();
        for question in ACTIONS {
            let (with, without) = (prove(&statements, *question), prove(&rest, *question));
            prop_assert_eq!(
                (&with.verdict, with.default_caller),
                (&without.verdict, without.default_caller),
                "{:?} without {:?}: {:?}", question, idle, statements
            );
        }
    }
}
