use std::sync::Arc;

use super::*;
use crate::{AttachedPolicy, Guardrails, Hierarchy, Level};

fn of(rest: &str) -> AccountEquivalence {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*",{rest}}}}}"#);
    AccountEquivalence::of([&Document::parse(&text).unwrap()])
}

fn same(rest: &str, left: &str, right: &str) -> bool {
    let equivalence = of(rest);
    equivalence.group(left, Some("o-1/r-1/ou-1/")) == equivalence.group(right, Some("o-1/r-1/ou-2/"))
}

#[test]
fn only_what_is_mentioned_tells_accounts_apart() {
    let (one, other, third) = ("111122223333", "444455556666", "777788889999");
    for rest in [
        r#""Resource":"*""#,
        r#""Resource":"arn:aws:cloudtrail:*:*:trail/*""#,
        r#""Resource":"arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/log-2024""#,
        r#""Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
    ] {
        assert!(same(rest, one, other), "{rest}");
    }
    let named = r#""Resource":"arn:aws:iam::111122223333:role/x""#;
    assert!(!same(named, one, other));
    assert!(same(named, third, other));
    for rest in [
        r#""Resource":"arn:aws:iam::1111*:role/x""#,
        r#""Resource":"arn:aws:iam::11112222333?:role/x""#,
        r#""Resource":"*","Condition":{"StringLike":{"aws:PrincipalAccount":"4*"}}"#,
        r#""Resource":"*","Condition":{"NumericLessThan":{"aws:PrincipalAccount":"500000000000"}}"#,
        r#""Resource":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/"}}"#,
        r#""Resource":"*","Principal":{"AWS":"444455556666"}"#,
    ] {
        assert!(!same(rest, one, other), "{rest}");
    }
}

#[test]
fn a_new_account_has_a_number_of_its_own() {
    assert_eq!(of(r#""Resource":"*""#).unmentioned_account(), "999999999999");
    assert_eq!(of(r#""Resource":"arn:aws:iam::999999999999:root""#).unmentioned_account(), "999999999998");
}

#[test]
fn resources_that_differ_in_the_account_alone_are_alike() {
    let trail =
        |account: &str| canonical_resource(&format!("arn:aws:cloudtrail:*:{account}:trail/x"), account);
    assert_eq!(trail("111122223333"), trail("444455556666"));
    assert_ne!(
        trail("111122223333"),
        canonical_resource("arn:aws:cloudtrail:*:111122223333:trail/y", "111122223333")
    );
}

#[test]
fn the_policies_of_every_layer_tell_accounts_apart() {
    let level = |account: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::{account}:role/x"}}}}"#
        );
        let document = Arc::new(Document::parse(&text).unwrap());
        Level { policies: vec![AttachedPolicy { id: "p".to_owned(), document }], ..Level::default() }
    };
    let hierarchy = |account: &str| Hierarchy { levels: vec![level(account)] };
    let (service_control, resource_control) = (hierarchy("111122223333"), hierarchy("444455556666"));
    let resource_policy = level("777788889999");
    let guardrails = Guardrails {
        service_control: Some(&service_control),
        resource_control: Some(&resource_control),
        resource_policy: Some(&resource_policy),
        ..Guardrails::default()
    };
    let equivalence = AccountEquivalence::of(guardrails.documents());
    let other = equivalence.group("123456789012", None);
    for account in ["111122223333", "444455556666", "777788889999"] {
        assert_ne!(equivalence.group(account, None), other, "{account}");
    }
}
