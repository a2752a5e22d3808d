//! The rule and the prover read a policy alike: what is called without effect never decides anything, and a `Deny` that
//! denies nobody is named, or spares these callers alone.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    AttachedPolicy, Callers, Guardrails, Hierarchy, Level, Organization, Passes, Proof, Question, Target,
    Verdict,
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

/// Conditions, and whether they are about other accounts than the one that is asked about.
const CONDITIONS: &[(&str, bool)] = &[
    ("{}", false),
    ("{}", false),
    (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-else"}}"#, false),
    (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#, false),
    (r#"{"StringNotLike":{"aws:PrincipalOrgID":"o-*"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-own"}}"#, false),
    (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/x/*"}}"#, false),
    (r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}}"#, false),
    (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, false),
    (r#"{"StringEquals":{"PrincipalArn":"x"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalTag/a":"${Team}"}}"#, false),
    (r#"{"StringLike":{"aws:PrincipalTag/a":["x${Team}","${Unit}*"]}}"#, false),
    (r#"{"StringLike":{"aws:UserId":"*:${Session}"}}"#, false),
    (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::${Account}:role/x"}}"#, false),
    (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"${Team}"}}"#, false),
    (r#"{"StringNotEquals":{"aws:PrincipalTag/a":"${Team}"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalTag/a":["${Team}","x"]}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalTag/a":"${Team, 'x'}"}}"#, false),
    (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, false),
    (r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-own/r-1/ou-1"}}"#, false),
    (r#"{"ForAnyValue:StringLike":{"aws:ResourceOrgPaths":"o-own/r-1/ou-?"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalOrgPaths":"o-own/r-1/"}}"#, false),
    (r#"{"StringLike":{"aws:TagKeys":"team"}}"#, false),
    (r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","fd00::/8"]}}"#, false),
    (r#"{"NotIpAddress":{"aws:SourceIp":"192.168.1.0/24"}}"#, false),
    (r#"{"StringEquals":{"aws:RequestedRegion":["cn-north-1","us-gov-west-1"]}}"#, false),
    (r#"{"StringNotLike":{"aws:RequestedRegion":"us-gov-*"}}"#, false),
    (r#"{"Bool":{"aws:MultiFactorAuthPresent":"yes"}}"#, false),
    (r#"{"DateLessThan":{"aws:CurrentTime":"soon"}}"#, false),
    (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":["ten","5m"]}}"#, false),
    (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, false),
    (r#"{"ArnLikeIfExists":{"aws:SourceArn":"arn:aws:s3:::logs"}}"#, false),
    (r#"{"StringNotLike":{"aws:userid":"AROAEXAMPLEID:*"}}"#, false),
    (r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, false),
    (r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#, true),
    (r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#, true),
    (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/x"}}"#, true),
];

#[derive(Debug, Clone)]
struct Drawn {
    statement: Value,
    of_others: bool,
}

fn statement() -> impl Strategy<Value = Drawn> {
    let listed = proptest::collection::vec(proptest::sample::select(LISTED), 1..3);
    let resources = proptest::collection::vec(proptest::sample::select(RESOURCES), 1..3);
    (listed, resources, proptest::sample::select(CONDITIONS)).prop_map(
        |(listed, resources, (condition, of_others))| {
            let condition: Value = serde_json::from_str(condition).unwrap();
            let statement =
                json!({ "Effect": "Deny", "Action": listed, "Resource": resources, "Condition": condition });
            Drawn { statement, of_others }
        },
    )
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
    document(statements).without_effect(&bound(kind, &organization))
}

/// `PROPTEST_CASES` asks for more than the few of every run.
fn cases(few: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn what_is_without_effect_decides_nothing(drawn in proptest::collection::vec(statement(), 1..5)) {
        let statements: Vec<Value> = drawn.into_iter().map(|it| it.statement).collect();
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

    #[test]
    fn a_denial_that_denies_nobody_is_named(drawn in statement()) {
        let found = named(std::slice::from_ref(&drawn.statement));
        let whole = found.iter().any(|it| it.whole.is_true());
        let mut decides = drawn.of_others;
        for question in ACTIONS {
            let proof = prove(std::slice::from_ref(&drawn.statement), *question);
            let told = proof.levels.iter().flat_map(|level| &level.statements);
            let passes: Vec<&Passes> =
                told.filter(|it| it.effect == Effect::Deny).map(|it| &it.passes).collect();
            decides |= proof.verdict != Verdict::NotDenied;
            // About the action and the resource, and yet it denies nobody.
            let idle = proof.verdict == Verdict::NotDenied && passes.contains(&&Passes::Always);
            prop_assert!(!idle || drawn.of_others || whole, "{:?}: {:?}", question, drawn.statement);
            // What is named as a whole denies nobody.
            prop_assert!(!whole || proof.verdict == Verdict::NotDenied, "{:?}: {:?}", question, drawn.statement);
        }
        // An action that is named in full is asked about on all that there is of it, so what denies nothing has a reason.
        let listed = drawn.statement["Action"].as_array().unwrap();
        let narrow = listed.iter().all(|action| !action.as_str().unwrap().contains('*'));
        prop_assert!(decides || !narrow || !found.is_empty(), "{:?}", drawn.statement);
    }
}
