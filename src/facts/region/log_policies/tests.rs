use serde_json::{Value, json};

use super::{outsiders, undecided_gaps};
use crate::facts::samples::{ORGANIZATION, REGION, STRANGER, Sample, WORKLOAD, denied, gaps};
use crate::facts::view::Derived;
use crate::model::{Gap, GapReason, LogPolicy, Observed};

const GROUP: &str = "arn:aws:logs:eu-central-1:444444444444:log-group:/aws/route53/example.com";

fn policy(name: &str, statement: &Value) -> LogPolicy {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    LogPolicy { name: name.to_owned(), document: document.to_string() }
}

fn service(name: &str, resource: &str, condition: &Value) -> Value {
    json!({
        "Effect": "Allow", "Principal": { "Service": name }, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": resource, "Condition": condition,
    })
}

fn told(
    of_account: Observed<Vec<LogPolicy>>,
    of_groups: Observed<Vec<LogPolicy>>,
) -> (Derived<Vec<String>>, Vec<Gap>) {
    let mut sample = Sample::new();
    let region = sample.region(WORKLOAD);
    region.log_policies = of_account;
    region.log_group_policies = of_groups;
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == WORKLOAD).unwrap();
    let told = outsiders(&facts, WORKLOAD, &record.regions[0], &mut Vec::new());
    (told, undecided_gaps(&facts, record))
}

fn of_account(statement: &Value) -> Derived<Vec<String>> {
    told(Observed::Known(vec![policy("dns", statement)]), Observed::Known(Vec::new())).0
}

#[test]
fn a_service_for_this_organization_alone_is_no_outsider() {
    let any = "arn:aws:logs:*:*:log-group:/aws/route53/*";
    for condition in [
        json!({ "StringEquals": { "aws:SourceAccount": WORKLOAD } }),
        json!({ "StringEquals": { "aws:SourceOrgID": ORGANIZATION } }),
        json!({ "ArnLike": { "aws:SourceArn": format!("arn:aws:logs:{REGION}:{WORKLOAD}:*") } }),
    ] {
        assert_eq!(
            of_account(&service("delivery.logs.amazonaws.com", any, &condition)),
            Ok(vec![]),
            "{condition}"
        );
    }
    let told = of_account(&service("route53.amazonaws.com", any, &json!({})));
    let text = "policy dns: statement 1 allows logs:CreateLogStream and logs:PutLogEvents to route53.amazonaws.com \
                on behalf of anyone";
    assert_eq!(told, Ok(vec![text.to_owned()]));
    let of_stranger = json!({ "StringEquals": { "aws:SourceAccount": STRANGER } });
    assert_eq!(of_account(&service("route53.amazonaws.com", any, &of_stranger)).unwrap().len(), 1);
    // Another account's log groups are not here.
    let elsewhere = format!("arn:aws:logs:{REGION}:{STRANGER}:log-group:*");
    assert_eq!(of_account(&service("route53.amazonaws.com", &elsewhere, &json!({}))), Ok(vec![]));
}

#[test]
fn everyone_and_other_accounts_are_outsiders_whatever_they_may_do() {
    let allow = |principal: &Value, action: &str| json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*" });
    for (principal, action) in [
        (json!("*"), "logs:PutLogEvents"),
        (json!({ "AWS": "*" }), "logs:*"),
        (json!({ "AWS": STRANGER }), "logs:PutSubscriptionFilter"),
        (json!({ "AWS": format!("arn:aws:iam::{STRANGER}:role/reader") }), "logs:Get*"),
    ] {
        let told = of_account(&allow(&principal, action)).unwrap();
        assert_eq!(told.len(), 1, "{principal} {action}: {told:?}");
    }
    assert_eq!(of_account(&allow(&json!({ "AWS": WORKLOAD }), "logs:*")), Ok(vec![]));
    assert_eq!(of_account(&allow(&json!("*"), "logs:DescribeLogGroups")), Ok(vec![]));
}

#[test]
fn the_policy_of_a_log_group_is_about_that_group_and_its_streams() {
    for resource in ["*", GROUP, &format!("{GROUP}:*"), &format!("{GROUP}:log-stream:*")] {
        let statement = service("route53.amazonaws.com", resource, &json!({}));
        let (told, _) = told(Observed::Known(vec![]), Observed::Known(vec![policy(GROUP, &statement)]));
        let told = told.unwrap();
        assert!(told[0].starts_with(&format!("the policy of {GROUP}: statement 1")), "{resource}: {told:?}");
    }
}

#[test]
fn what_was_not_read_hides_outsiders_unless_one_is_known() {
    let nothing = || Observed::Known(Vec::new());
    let open = || Observed::Known(vec![policy("dns", &service("route53.amazonaws.com", "*", &json!({})))]);
    let refused = || denied("DescribeResourcePolicies");
    let unknown = Err(gaps("DescribeResourcePolicies"));
    assert_eq!(told(refused(), nothing()).0, unknown);
    assert_eq!(told(nothing(), refused()).0, unknown);
    assert_eq!(told(open(), refused()).0.unwrap().len(), 1);
    assert_eq!(told(nothing(), nothing()), (Ok(vec![]), vec![]));
    assert!(told(Observed::not_collected(), nothing()).0.is_err());
}

#[test]
fn a_document_that_cannot_be_judged_leaves_a_gap_that_names_the_policy() {
    let broken = LogPolicy { name: "broken".to_owned(), document: "{".to_owned() };
    let hosted = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:route53:::hostedzone/Z0123456789" } });
    let hosted = policy("dns", &service("route53.amazonaws.com", "*", &hosted));
    for (policy, reason) in [(broken, GapReason::MalformedResponse), (hosted, GapReason::Undecided)] {
        let name = policy.name.clone();
        let (told, gaps) = told(Observed::Known(vec![policy]), Observed::Known(vec![]));
        let [gap] = gaps.as_slice() else { panic!("{gaps:?}") };
        assert_eq!((gap.reason, gap.resource.as_deref()), (reason, Some(name.as_str())));
        assert_eq!(told, Err(gap.id.clone().into()));
    }
}
