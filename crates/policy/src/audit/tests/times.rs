use super::*;

/// What the policy lets strangers read, and what it says of TLS, as of the last day of 2026.
fn read_at(statements: &[&str]) -> Vec<(bool, String)> {
    let document = in_force(&policy(statements), at());
    readers_outside(&document, BUCKET, &Designated::default())
        .into_iter()
        .map(|grant| (grant.certain, grant.scope.to_string()))
        .collect()
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-12-31T12:00:00Z".parse().unwrap()
}

fn read_if(effect: &str, condition: &str) -> String {
    format!(
        r#""Effect":"{effect}","Principal":{{"AWS":"arn:aws:iam::999988887777:root"}},"Action":"s3:GetObject","Resource":"{BUCKET}/*","Condition":{condition}"#
    )
}

#[test]
fn a_grant_that_is_over_is_none() {
    for condition in [
        r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}"#,
        r#"{"DateLessThanEquals":{"aws:CurrentTime":"2026-12-31T11:59:59Z"}}"#,
        r#"{"DateEquals":{"aws:CurrentTime":["2020-01-01","2021-01-01"]}}"#,
        r#"{"NumericLessThan":{"aws:EpochTime":"1577836800"}}"#,
        r#"{"DateLessThanIfExists":{"aws:EpochTime":"1577836800"}}"#,
        r#"{"Null":{"aws:CurrentTime":"true"}}"#,
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"},"DateLessThan":{"aws:CurrentTime":"2020-02-01"}}"#,
    ] {
        assert_eq!(read_at(&[&read_if("Allow", condition)]), [], "{condition}");
    }
}

#[test]
fn a_grant_that_is_not_over_is_one_and_one_to_come_may_be() {
    let to = |certain| [(certain, "the account 999988887777".to_owned())];
    for condition in [
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2026-12-31T12:00:01Z"}}"#,
        r#"{"NumericGreaterThanEquals":{"aws:EpochTime":"1577836800"}}"#,
        r#"{"DateNotEquals":{"aws:CurrentTime":"2020-01-01"}}"#,
    ] {
        assert_eq!(read_at(&[&read_if("Allow", condition)]), to(true), "{condition}");
    }
    for condition in [
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}}"#,
        r#"{"NumericGreaterThan":{"aws:EpochTime":"1893456000"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"some day"}}"#,
    ] {
        assert_eq!(read_at(&[&read_if("Allow", condition)]), to(false), "{condition}");
    }
}

#[test]
fn a_denial_that_is_over_or_to_come_takes_nothing_away() {
    let granted = read_if("Allow", "{}");
    let beside = |condition: &str| read_at(&[&granted, &read_if("Deny", condition)]);
    let certain = |found: &[(bool, String)]| found.iter().map(|(certain, _)| *certain).collect::<Vec<_>>();
    for condition in [
        r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}"#,
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}}"#,
    ] {
        assert_eq!(certain(&beside(condition)), [true], "{condition}");
    }
    assert_eq!(beside(r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}"#), []);
    // Once it is over, the grant is there.
    assert_eq!(certain(&beside(r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}"#)), [false]);
}

#[test]
fn a_denial_of_plain_requests_counts_while_it_lasts() {
    let deny = |condition: &str| {
        let text = format!(
            r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["{BUCKET}","{BUCKET}/*"],"Condition":{{"Bool":{{"aws:SecureTransport":"false"}},{condition}}}"#
        );
        tls_only(&in_force_or_later(&policy(&[&text]), at()), BUCKET)
    };
    let begun = deny(r#""DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}"#);
    assert!(matches!(begun, TlsEnforcement::Enforced(_)), "{begun:?}");
    let over = deny(r#""DateLessThan":{"aws:CurrentTime":"2020-01-01"}"#);
    assert_eq!(over, TlsEnforcement::Missing(vec!["no statement denies requests without TLS".to_owned()]));
    let TlsEnforcement::Missing(gaps) = deny(r#""DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}"#) else {
        panic!()
    };
    assert!(gaps.iter().any(|gap| gap.contains("DateGreaterThan aws:CurrentTime")), "{gaps:?}");
}
