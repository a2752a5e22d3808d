//! Destinations, and whom their policies let in.

use serde_json::json;

use super::{DestinationFacts, derive};
use crate::facts::samples::{
    ARCHIVE, MANAGEMENT, REGION, SECURITY, STRANGER, Sample, WORKLOAD, denied, destination, destination_arn,
    gaps, policy,
};
use crate::model::Observed;

fn facts_of(sample: &mut Sample, access_policy: Observed<String>) -> DestinationFacts {
    let mut central = destination(ARCHIVE);
    central.access_policy = access_policy;
    sample.region(ARCHIVE).destinations = Observed::Known(vec![central.clone()]);
    derive(&sample.facts(), ARCHIVE, REGION, &central, &mut Vec::new())
}

fn with_policy(access_policy: Observed<String>) -> DestinationFacts {
    facts_of(&mut Sample::new(), access_policy)
}

fn allow(principal: serde_json::Value) -> serde_json::Value {
    let mut statement = json!({
        "Sid": "It",
        "Effect": "Allow",
        "Action": "logs:PutSubscriptionFilter",
        "Resource": destination_arn(ARCHIVE)
    });
    statement["Principal"] = principal;
    statement
}

#[test]
fn a_policy_for_the_organization_is_scoped_and_complete() {
    let central = with_policy(destination(ARCHIVE).access_policy);
    assert_eq!(central.is_central, Ok(true));
    assert_eq!(central.outsiders, Ok(vec![]));
    assert_eq!(central.excluded_accounts, Ok(None));
}

#[test]
fn a_policy_for_everyone_is_not_scoped() {
    let open = with_policy(policy(json!([allow(json!("*"))])));
    let outsiders = open.outsiders.unwrap().join("");
    assert!(outsiders.contains("statement 1 (It)") && outsiders.contains("everyone"), "{outsiders}");
    let mut other = allow(json!("*"));
    other["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-otherorgan1" } });
    assert_eq!(with_policy(policy(json!([other]))).outsiders.unwrap().len(), 1);
}

#[test]
fn a_list_of_accounts_is_complete_only_with_all_active_ones() {
    let list = |accounts: &[&str]| policy(json!([allow(json!({ "AWS": accounts }))]));
    let complete = list(&[MANAGEMENT, SECURITY, WORKLOAD]);
    assert_eq!(with_policy(complete).excluded_accounts, Ok(None), "the owner needs no permission");
    let partial = list(&[MANAGEMENT, SECURITY]);
    assert_eq!(with_policy(partial.clone()).excluded_accounts, Ok(Some(WORKLOAD.to_owned())));
    let mut sample = Sample::new();
    if let Observed::Known(accounts) = &mut sample.organization().accounts {
        accounts[3].status = "SUSPENDED".to_owned();
    }
    assert_eq!(facts_of(&mut sample, partial).excluded_accounts, Ok(None), "suspended accounts log nothing");
    let strange = list(&[MANAGEMENT, SECURITY, WORKLOAD, STRANGER]);
    assert!(with_policy(strange).outsiders.unwrap().join("").contains(STRANGER));
}

#[test]
fn without_a_policy_nobody_else_is_let_in() {
    let closed = with_policy(Observed::Absent);
    assert_eq!(closed.outsiders, Ok(vec![]));
    assert!(closed.excluded_accounts.unwrap().unwrap().contains(WORKLOAD));
}

#[test]
fn what_could_not_be_read_stays_unknown() {
    let unread = with_policy(denied("DescribeDestinations"));
    assert_eq!(unread.outsiders, Err(gaps("DescribeDestinations")));
    assert_eq!(unread.excluded_accounts, Err(gaps("DescribeDestinations")));
    // Without the list of accounts, only a policy for the whole organization is known to be complete.
    let mut sample = Sample::new();
    sample.organization().accounts = denied("ListAccounts");
    let whole = facts_of(&mut sample, destination(ARCHIVE).access_policy);
    assert_eq!((whole.outsiders, whole.excluded_accounts), (Ok(vec![]), Ok(None)));
    let scanned = json!({ "AWS": [MANAGEMENT, SECURITY, WORKLOAD] });
    let listed = facts_of(&mut sample, policy(json!([allow(scanned)])));
    assert_eq!(listed.excluded_accounts, Err(gaps("ListAccounts")));
}
