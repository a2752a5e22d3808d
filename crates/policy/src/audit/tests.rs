use super::*;
use crate::request::Target;
use crate::{Context, Document, Principal, Request, Truth};

mod buckets;
mod callers;
mod keys;
mod public;
mod resources;
mod times;
mod tls;

const BUCKET: &str = "arn:aws:s3:::org-logs";
const OWN: &str = "o-exampleorgid";

fn bucket() -> AuditedResource {
    AuditedResource::Bucket(BUCKET.to_owned())
}

fn organization() -> OrganizationScope {
    OrganizationScope {
        organization_id: Some(OWN.to_owned()),
        account_ids: ["111122223333", "222233334444"].map(str::to_owned).into(),
    }
}

fn accounts(ids: &[&str]) -> Scope {
    Scope::Accounts(ids.iter().map(|id| (*id).to_owned()).collect())
}

/// A document of these statements, given without the outer braces.
fn policy(statements: &[&str]) -> Document {
    let statements: Vec<String> = statements.iter().map(|members| format!("{{{members}}}")).collect();
    Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))).unwrap()
}

/// `Allow * s3:GetObject` on the objects, under a condition.
fn reads_if(condition: &str) -> String {
    format!(
        r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{BUCKET}/*","Condition":{condition}"#
    )
}

#[test]
fn a_role_may_write_to_the_log_group_of_its_trail() {
    let stream =
        "arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:111122223333_CloudTrail_eu-west-1";
    let allows = |resource: &str| {
        let document = policy(&[&format!(
            r#""Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"{resource}""#
        )]);
        let principal = Principal::AwsAccountPrincipal {
            arn: "arn:aws:iam::111122223333:role/CloudTrailToLogs".to_owned(),
            account: "111122223333".to_owned(),
        };
        identity_allows(&[document], &Request::new(principal, "logs:PutLogEvents", stream, Context::open()))
    };
    assert_eq!(
        allows("arn:aws:logs:eu-west-1:111122223333:log-group:trail:log-stream:111122223333_*"),
        Truth::True
    );
    assert_eq!(allows("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"), Truth::True);
    assert_eq!(allows("arn:aws:logs:eu-west-1:111122223333:log-group:other:*"), Truth::False);
    assert_eq!(allows("arn:aws:logs:eu-west-1:111122223333:log-group:trail"), Truth::False);
}

#[test]
fn a_deny_in_another_document_counts() {
    let allow = policy(&[r#""Effect":"Allow","Action":"*","Resource":"*""#]);
    let deny = policy(&[
        r#""Effect":"Deny","Action":"logs:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#,
    ]);
    let principal = Principal::AnyOfAccount("111122223333".to_owned());
    let request = Request::new(principal, "logs:PutLogEvents", "arn:aws:logs:eu-west-1:1:x", Context::open());
    assert_eq!(identity_allows(&[allow, deny], &request), Truth::Unknown);
}

#[test]
fn a_trust_policy_names_the_service_or_not() {
    let trusts = |principal: &str, condition: &str| {
        let document = policy(&[&format!(
            r#""Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{condition}"#
        )]);
        assumable_by(&document, "cloudtrail.amazonaws.com")
    };
    assert_eq!(trusts(r#"{"Service":"cloudtrail.amazonaws.com"}"#, ""), Truth::True);
    assert_eq!(trusts(r#"{"Service":["ec2.amazonaws.com","cloudtrail.amazonaws.com"]}"#, ""), Truth::True);
    assert_eq!(trusts(r#"{"Service":"ec2.amazonaws.com"}"#, ""), Truth::False);
    assert_eq!(trusts(r#"{"AWS":"111122223333"}"#, ""), Truth::False);
    let limited = r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#;
    assert_eq!(trusts(r#"{"Service":"cloudtrail.amazonaws.com"}"#, limited), Truth::Unknown);
}

#[test]
fn a_destination_is_for_the_organization_for_some_or_for_all() {
    let arn = "arn:aws:logs:eu-west-1:999988887777:destination:central";
    let document = |principal: &str, condition: &str| {
        policy(&[&format!(
            r#""Effect":"Allow","Principal":{principal},"Action":"logs:PutSubscriptionFilter","Resource":"{arn}"{condition}"#
        )])
    };
    let own = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorgid"}}"#;
    let other = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-other"}}"#;
    let whole = document("\"*\"", own);
    let within = |document: &Document| -> Vec<Truth> {
        let grants = destination_grants(document, arn);
        grants.iter().map(|grant| grant.scope.within(&organization())).collect()
    };
    assert_eq!(within(&whole), [Truth::True]);
    assert_eq!(admits(&whole, arn, ("222233334444", None), &organization()), Truth::True);
    // Outside the organization's list, membership cannot be told.
    assert_eq!(admits(&whole, arn, ("555566667777", None), &organization()), Truth::Unknown);
    assert_eq!(admits(&document("\"*\"", other), arn, ("222233334444", None), &organization()), Truth::False);
    assert_eq!(within(&document("\"*\"", "")), [Truth::False]);
    assert_eq!(within(&document("\"*\"", other)), [Truth::False]);
    let listed = document(r#"{"AWS":["111122223333","222233334444"]}"#, "");
    assert_eq!(within(&listed), [Truth::True, Truth::True]);
    assert_eq!(admits(&listed, arn, ("111122223333", None), &organization()), Truth::True);
    assert_eq!(admits(&listed, arn, ("333344445555", None), &organization()), Truth::False);
    assert_eq!(within(&document(r#"{"AWS":"333344445555"}"#, "")), [Truth::False]);
}
