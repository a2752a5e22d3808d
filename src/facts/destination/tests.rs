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

/// The sample with its workload in a unit below another, and the policy for the organization with this condition.
fn with_units(condition: serde_json::Value) -> (Sample, Observed<String>) {
    let mut sample = Sample::new();
    let organization = sample.organization();
    let unit = |id: &str, parent: &str| crate::model::OrganizationalUnit {
        id: id.to_owned(),
        name: id.to_owned(),
        parent_id: parent.to_owned(),
    };
    organization.organizational_units =
        Observed::Known(vec![unit("ou-root-one", "r-root"), unit("ou-root-two", "ou-root-one")]);
    if let Observed::Known(accounts) = &mut organization.accounts {
        for account in accounts.iter_mut().filter(|account| account.id == WORKLOAD) {
            account.parent_id = Observed::Known("ou-root-two".to_owned());
        }
    }
    let mut statement = allow(json!("*"));
    statement["Condition"] = condition;
    (sample, policy(json!([statement])))
}

fn paths(operator: &str, value: &str) -> serde_json::Value {
    let value = value.replace("o-own", crate::facts::samples::ORGANIZATION);
    json!({ operator: { "aws:PrincipalOrgPaths": value } })
}

/// Whether every account can call from there is not known; the units of the organization are all its own.
#[test]
fn networks_keep_accounts_out_perhaps_and_several_units_let_in_nobody_else() {
    let own = crate::facts::samples::ORGANIZATION;
    for (operator, key, value) in [
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("StringEquals", "aws:SourceVpce", "vpce-1"),
        ("StringEquals", "aws:SourceVpc", "vpc-1"),
    ] {
        let condition = json!({ "StringEquals": { "aws:PrincipalOrgID": own }, operator: { key: value } });
        let condition = if operator == "StringEquals" {
            json!({ "StringEquals": { "aws:PrincipalOrgID": own, key: value } })
        } else {
            condition
        };
        let (mut sample, policy) = with_units(condition);
        let facts = facts_of(&mut sample, policy);
        assert!(facts.excluded_accounts.is_err(), "{key}");
        assert_eq!(facts.outsiders, Ok(vec![]), "{key}");
    }
    let role = json!({ "StringEquals": { "aws:PrincipalOrgID": own, "aws:PrincipalTag/team": "logs" } });
    let (mut sample, policy) = with_units(role);
    assert_eq!(
        facts_of(&mut sample, policy).excluded_accounts,
        Ok(None),
        "a tag is the account's own to have"
    );
    let units = |organization: &str| {
        let path = |unit: &str| format!("{organization}/r-root/{unit}/*");
        json!({ "ForAnyValue:StringLike": {
            "aws:PrincipalOrgPaths": [path("ou-root-one"), path("ou-root-three"), path("ou-root-four")]
        } })
    };
    let (mut sample, policy) = with_units(units(own));
    assert_eq!(facts_of(&mut sample, policy).outsiders, Ok(vec![]));
    for foreign in ["o-otherorgan1", "*"] {
        let (mut sample, policy) = with_units(units(foreign));
        assert_ne!(facts_of(&mut sample, policy).outsiders, Ok(vec![]), "{foreign}");
    }
}

#[test]
fn a_policy_for_one_unit_keeps_every_other_account_out() {
    let excluded = |condition: serde_json::Value| {
        let (mut sample, policy) = with_units(condition);
        facts_of(&mut sample, policy).excluded_accounts.unwrap()
    };
    let rest = format!("{MANAGEMENT} and {SECURITY}");
    for of_one_unit in [
        paths("ForAnyValue:StringLike", "o-own/r-root/ou-root-one/*"),
        paths("ForAnyValue:StringLike", "o-own/*/ou-root-two/*"),
        paths("ForAnyValue:StringEquals", "o-own/r-root/ou-root-one/ou-root-two/"),
        paths("ForAllValues:StringLike", "o-own/r-root/ou-root-one/*"),
    ] {
        assert_eq!(excluded(of_one_unit.clone()), Some(rest.clone()), "{of_one_unit}");
    }
    // AWS does not say what an operator for one value makes of a key with several.
    let (mut sample, policy) = with_units(paths("StringLike", "o-own/r-root/ou-root-one/*"));
    assert!(facts_of(&mut sample, policy).excluded_accounts.is_err());
    let all_but = paths("ForAllValues:StringNotLike", "o-own/r-root/ou-root-one/*");
    let mut members = all_but.as_object().unwrap().clone();
    let own = crate::facts::samples::ORGANIZATION;
    members.insert("StringEquals".to_owned(), json!({ "aws:PrincipalOrgID": own }));
    assert_eq!(excluded(members.into()), Some(WORKLOAD.to_owned()));
    for of_all in [
        paths("ForAnyValue:StringLike", "o-own/*"),
        paths("ForAnyValue:StringLike", "o-own/r-root/*"),
        paths("ForAnyValue:StringLike", "*/r-root/*"),
    ] {
        assert_eq!(excluded(of_all.clone()), None, "{of_all}");
    }
}

#[test]
fn whom_a_unit_holds_that_could_not_be_read_is_unknown() {
    let one_unit = || with_units(paths("ForAnyValue:StringLike", "o-own/r-root/ou-root-one/*"));
    let (mut sample, policy) = one_unit();
    if let Observed::Known(accounts) = &mut sample.organization().accounts {
        for account in accounts {
            account.parent_id = denied("ListAccountsForParent");
        }
    }
    let facts = facts_of(&mut sample, policy);
    assert_eq!(facts.excluded_accounts, Err(gaps("ListAccountsForParent")));
    // One unit is not the whole organization, whatever accounts that has.
    let (mut sample, policy) = one_unit();
    sample.organization().accounts = denied("ListAccounts");
    assert!(facts_of(&mut sample, policy).excluded_accounts.is_err());
    let (mut sample, policy) = with_units(paths("ForAnyValue:StringLike", "o-own/*"));
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(facts_of(&mut sample, policy).excluded_accounts, Ok(None));
}

fn allowing(actions: &[&str], principal: serde_json::Value) -> serde_json::Value {
    let mut statement = allow(principal);
    statement["Action"] = json!(actions);
    statement
}

/// Whoever changes the destination sends the logs elsewhere, lets others in, or ends it.
#[test]
fn a_stranger_who_changes_the_destination_is_found() {
    let stranger = || json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") });
    for action in [
        "logs:*",
        "logs:Put*",
        "logs:PutDestination",
        "logs:PutDestinationPolicy",
        "logs:DeleteDestination",
        "logs:PutAccountPolicy",
        "logs:PutSubscriptionFilter",
    ] {
        let outsiders = with_policy(policy(json!([allowing(&[action], stranger())]))).outsiders.unwrap();
        assert_eq!(outsiders.len(), 1, "{action}: {outsiders:?}");
        assert!(outsiders.join("").contains(STRANGER), "{action}: {outsiders:?}");
        let own = allowing(&[action], json!({ "AWS": WORKLOAD }));
        assert_eq!(with_policy(policy(json!([own]))).outsiders, Ok(vec![]), "{action}");
        let mut members = allowing(&[action], json!("*"));
        members["Condition"] =
            json!({ "StringEquals": { "aws:PrincipalOrgID": crate::facts::samples::ORGANIZATION } });
        assert_eq!(with_policy(policy(json!([members]))).outsiders, Ok(vec![]), "{action}");
    }
    let reads = allowing(&["logs:DescribeDestinations", "logs:ListTagsForResource"], stranger());
    assert_eq!(with_policy(policy(json!([reads]))).outsiders, Ok(vec![]));
}

#[test]
fn a_policy_that_lets_nobody_in_is_not_complete() {
    let deny = |mut statement: serde_json::Value| {
        statement["Effect"] = json!("Deny");
        statement
    };
    let mut elsewhere = allow(json!("*"));
    elsewhere["Resource"] = json!(destination_arn(ARCHIVE).replace("central", "other"));
    let mut nobody = allow(json!("*"));
    nobody["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-otherorgan1" } });
    for statements in [
        json!([]),
        json!([deny(allow(json!("*")))]),
        json!([allow(json!("*")), deny(allow(json!("*")))]),
        json!([allow(json!({ "AWS": format!("arn:aws:iam::{STRANGER}:role/gone") }))]),
        json!([allow(json!({ "AWS": "AROAEXAMPLEGONE12345" }))]),
        json!([allow(json!({ "Service": "logs.amazonaws.com" }))]),
        json!([allowing(&["logs:PutDestination"], json!("*"))]),
        json!([allowing(&["logs:PutAccountPolicy"], json!("*"))]),
        json!([allowing(&["logs:PutSubscriptionFilters"], json!("*"))]),
        json!([elsewhere]),
        json!([nobody]),
    ] {
        let excluded = with_policy(policy(statements.clone())).excluded_accounts;
        assert!(excluded.as_ref().is_ok_and(Option::is_some), "{statements}: {excluded:?}");
    }
}

/// One role of each account is not the account, and whether it exists is not known.
#[test]
fn a_role_that_nobody_has_seen_lets_in_perhaps() {
    let accounts = [MANAGEMENT, SECURITY, WORKLOAD];
    let roles = accounts.map(|account| format!("arn:aws:iam::{account}:role/nobody-knows"));
    let excluded = with_policy(policy(json!([allow(json!({ "AWS": roles }))]))).excluded_accounts;
    assert!(excluded.is_err(), "{excluded:?}");
}

#[test]
fn without_a_policy_and_the_list_of_accounts_nothing_is_complete() {
    let mut sample = Sample::new();
    sample.organization().accounts = denied("ListAccounts");
    sample.organization().management_account_id = ARCHIVE.to_owned();
    sample.header.caller_account_id = ARCHIVE.to_owned();
    let facts = facts_of(&mut sample, Observed::Absent);
    assert_eq!(facts.excluded_accounts, Err(gaps("ListAccounts")));
    assert_eq!(facts.serves_others, Err(gaps("ListAccounts")));
}

/// Where there is nobody to let in, no policy is complete: whatever it says, nothing follows.
#[test]
fn an_account_that_is_alone_serves_nobody_else() {
    let mut sample = Sample::new();
    let served = |sample: &mut Sample| facts_of(sample, policy(json!([]))).serves_others;
    assert_eq!(served(&mut sample), Ok(true));
    if let Observed::Known(accounts) = &mut sample.organization().accounts {
        accounts.retain(|account| account.id == ARCHIVE);
    }
    assert_eq!(served(&mut sample), Ok(false));
    sample.header.organization = Observed::Absent;
    sample.header.accounts = vec![ARCHIVE.to_owned()];
    sample.header.caller_account_id = ARCHIVE.to_owned();
    sample.accounts.retain(|record| record.id == ARCHIVE);
    assert_eq!(served(&mut sample), Ok(false));
}
