//! Guardrails: one request and one proof over four levels of five policies each.
//!
//! Run with `cargo bench --bench guardrails`. One evaluation is to stay under 10 microseconds.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

mod matrix;

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use trailproof::policy::{
    AttachedPolicy, Callers, Context, ContextValue, Document, Glob, Guardrails, Hierarchy, Level,
    Organization, Principal, Question, Request, Target,
};

const ACCOUNT: &str = "111122223333";

const POLICIES: [&str; 5] = [
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"ProtectTrails","Effect":"Deny","Action":["cloudtrail:StopLogging","cloudtrail:DeleteTrail",
         "cloudtrail:UpdateTrail","cloudtrail:PutEventSelectors","cloudtrail:PutInsightSelectors"],
         "Resource":"arn:aws:cloudtrail:*:*:trail/organization-*",
         "Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/BreakGlass",
          "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Security*"]}}},
        {"Sid":"ProtectConfig","Effect":"Deny","Action":["config:StopConfigurationRecorder",
         "config:DeleteConfigurationRecorder","config:DeleteDeliveryChannel"],"Resource":"*",
         "Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Regions","Effect":"Deny","NotAction":["iam:*","organizations:*","route53:*","budgets:*","support:*",
         "sts:*","cloudfront:*","cloudtrail:Lookup*"],"Resource":"*",
         "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1","us-east-1"]},
          "ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Root","Effect":"Deny","Action":"*","Resource":"*",
         "Condition":{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}},
        {"Sid":"Leave","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"},
        {"Sid":"Perimeter","Effect":"Deny","Action":["s3:*","sqs:*","kms:*"],"Resource":"*",
         "Condition":{"StringNotEqualsIfExists":{"aws:ResourceOrgID":"o-abcdefghij"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Archive","Effect":"Deny","Action":["s3:DeleteBucket","s3:DeleteObject*","s3:PutBucketPolicy"],
         "Resource":["arn:aws:s3:::organization-log-archive-*","arn:aws:s3:::organization-log-archive-*/*"]},
        {"Sid":"Keys","Effect":"Deny","Action":["kms:ScheduleKeyDeletion","kms:DisableKey","kms:PutKeyPolicy"],
         "Resource":"arn:aws:kms:*:*:key/*","Condition":{"StringEquals":{"aws:ResourceTag/purpose":"logs"},
         "BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},
        {"Sid":"Address","Effect":"Deny","Action":["iam:*","cloudtrail:*"],"Resource":"*",
         "Condition":{"NotIpAddressIfExists":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24","2001:db8::/32"]},
          "BoolIfExists":{"aws:ViaAWSService":"false"}}}]}"#,
];

fn hierarchy() -> Hierarchy {
    let level = |id: &str| Level {
        id: id.to_owned(),
        policies: POLICIES
            .iter()
            .enumerate()
            .map(|(index, text)| AttachedPolicy {
                id: format!("p-{index}"),
                document: Arc::new(Document::parse(text).unwrap()),
            })
            .collect(),
        unread: false,
    };
    Hierarchy { levels: ["r-root", "ou-root-workloads", "ou-root-production", ACCOUNT].map(level).to_vec() }
}

fn guardrails(hierarchy: &Hierarchy) -> Guardrails<'_> {
    Guardrails {
        organization: Organization {
            id: Some("o-abcdefghij".to_owned()),
            management_account: Some("999988887777".to_owned()),
        },
        service_control: Some(hierarchy),
        ..Guardrails::default()
    }
}

fn evaluate(criterion: &mut Criterion) {
    let hierarchy = hierarchy();
    let guardrails = guardrails(&hierarchy);
    let context = || {
        Context::concrete()
            .with("aws:RequestedRegion", ContextValue::one("eu-west-1"))
            .with("aws:SourceIp", ContextValue::one("203.0.113.77"))
            .with("aws:ViaAWSService", ContextValue::one("false"))
    };
    let request = |role: &str, action: &str, resource: &str| {
        let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/session");
        Request::new(Principal::of_arn(&session).unwrap(), action, resource, context())
    };
    let mut group = criterion.benchmark_group("evaluate_4_levels_5_policies");
    let trail = format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/organization-trail");
    let denied = request("Developer", "cloudtrail:StopLogging", &trail);
    group.bench_function("denied", |bencher| bencher.iter(|| guardrails.evaluate(black_box(&denied))));
    let allowed = request("BreakGlass", "cloudtrail:StopLogging", &trail);
    group.bench_function("allowed", |bencher| bencher.iter(|| guardrails.evaluate(black_box(&allowed))));
    let other = request("Developer", "ec2:RunInstances", "arn:aws:ec2:eu-west-1:111122223333:instance/*");
    group.bench_function("unrelated", |bencher| bencher.iter(|| guardrails.evaluate(black_box(&other))));
    group.finish();
}

fn prove(criterion: &mut Criterion) {
    let hierarchy = hierarchy();
    let guardrails = guardrails(&hierarchy);
    let callers = Callers::of_account(ACCOUNT);
    let designated = [Glob::arn("arn:aws:iam::*:role/BreakGlass")];
    let mut group = criterion.benchmark_group("prove_4_levels_5_policies");
    for (name, action, resource) in [
        ("trails", "cloudtrail:StopLogging", Target::resources("arn:aws:cloudtrail:*:111122223333:trail/*")),
        ("leave", "organizations:LeaveOrganization", Target::no_resource()),
        ("objects", "s3:DeleteObject", Target::resources("arn:aws:s3:::organization-log-archive-1/*")),
    ] {
        let question = Question { callers: &callers, action, resource: &resource, designated: &designated };
        group.bench_function(name, |bencher| bencher.iter(|| guardrails.prove(black_box(&question))));
    }
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    criterion.bench_function("parse_policy", |bencher| {
        bencher.iter(|| Document::parse(black_box(POLICIES[1])).unwrap());
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    evaluate(&mut criterion);
    prove(&mut criterion);
    parse(&mut criterion);
    matrix::matrix(&mut criterion);
    criterion.final_summary();
}
