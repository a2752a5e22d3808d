use super::*;

fn deny(rest: &str) -> String {
    format!(r#""Sid":"Tls","Effect":"Deny",{rest}"#)
}

fn check(statements: &[String]) -> TlsEnforcement {
    tls_only(&policy(&statements.iter().map(String::as_str).collect::<Vec<_>>()), BUCKET)
}

fn missing(rest: &str) -> Vec<String> {
    match check(&[deny(rest)]) {
        TlsEnforcement::Missing(gaps) => gaps,
        other => panic!("{rest}: {other:?}"),
    }
}

const BOTH: &str = r#""Resource":["arn:aws:s3:::org-logs","arn:aws:s3:::org-logs/*"]"#;
const INSECURE: &str = r#""Condition":{"Bool":{"aws:SecureTransport":"false"}}"#;

#[test]
fn the_documented_deny_is_enough() {
    for rest in [
        format!(r#""Principal":"*","Action":"s3:*",{BOTH},{INSECURE}"#),
        format!(r#""Principal":{{"AWS":"*"}},"Action":"*","Resource":"*",{INSECURE}"#),
        format!(r#""Principal":"*","Action":"S3:*","Resource":"arn:aws:s3:::org-logs*",{INSECURE}"#),
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"BoolIfExists":{{"aws:SecureTransport":false}}}}"#
        ),
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Bool":{{"aws:SecureTransport":"false"}},"Null":{{"aws:SecureTransport":"false"}}}}"#
        ),
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"StringNotEquals":{{"aws:SecureTransport":"true"}}}}"#
        ),
    ] {
        assert!(matches!(check(&[deny(&rest)]), TlsEnforcement::Enforced(_)), "{rest}");
    }
}

#[test]
fn several_denies_can_cover_together() {
    let one = |action: &str, resource: &str| {
        deny(&format!(r#""Principal":"*",{action},"Resource":"{resource}",{INSECURE}"#))
    };
    let bucket = one(r#""Action":"s3:*""#, "arn:aws:s3:::org-logs");
    let objects = one(r#""Action":"s3:*""#, "arn:aws:s3:::org-logs/*");
    assert!(
        matches!(check(&[bucket.clone(), objects.clone()]), TlsEnforcement::Enforced(ids) if ids.len() == 2)
    );
    let get = one(r#""Action":"s3:Get*""#, "arn:aws:s3:::org-logs/*");
    let rest = one(r#""NotAction":"s3:GetObject*""#, "arn:aws:s3:::org-logs/*");
    assert!(matches!(check(&[bucket.clone(), get, rest.clone()]), TlsEnforcement::Enforced(_)));
    assert!(matches!(check(&[bucket, rest]), TlsEnforcement::Missing(_)));
}

#[test]
fn narrower_denies_fail_and_say_what_they_miss() {
    // One action, one principal and one prefix: what other scanners pass.
    let gaps = missing(&format!(
        r#""Principal":{{"AWS":"111122223333"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::org-logs/AWSLogs/*",{INSECURE}"#
    ));
    insta::assert_snapshot!(gaps.join("\n"), @r"
    statement 1 (Tls) does not cover the bucket itself
    statement 1 (Tls) is only about s3:GetObject
    statement 1 (Tls) is not about every principal
    statement 1 (Tls) does not cover the objects
    ");
    let gaps =
        missing(&format!(r#""Principal":"*","Action":["s3:GetObject","s3:PutObject"],{BOTH},{INSECURE}"#));
    insta::assert_snapshot!(gaps.join("\n"), @r"
    not every action is denied on the bucket itself: the statements name s3:GetObject, s3:PutObject
    not every action is denied on the objects: the statements name s3:GetObject, s3:PutObject
    ");
    let gaps = missing(&format!(r#""Principal":"*","NotAction":"s3:PutObject",{BOTH},{INSECURE}"#));
    insta::assert_snapshot!(gaps.join("\n"), @r"
    not every action is denied on the bucket itself: the statements leave out s3:PutObject
    not every action is denied on the objects: the statements leave out s3:PutObject
    ");
    let gaps = missing(&format!(
        r#""Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::org-logs/*",{INSECURE}"#
    ));
    insta::assert_snapshot!(gaps.join("\n"), @"statement 1 (Tls) does not cover the bucket itself");
    let gaps =
        missing(&format!(r#""NotPrincipal":{{"AWS":"111122223333"}},"Action":"s3:*",{BOTH},{INSECURE}"#));
    insta::assert_snapshot!(gaps.join("\n"), @"statement 1 (Tls) is not about every principal");
    let gaps = missing(&format!(
        r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Bool":{{"aws:SecureTransport":"false"}},"StringEquals":{{"aws:PrincipalOrgID":"o-exampleorgid"}}}}"#
    ));
    insta::assert_snapshot!(gaps.join("\n"), @"statement 1 (Tls) denies only under a further condition: StringEquals aws:PrincipalOrgID");
    for none in [
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Bool":{{"aws:SecureTransport":"true"}}}}"#
        ),
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"NumericLessThan":{{"s3:TlsVersion":"1.2"}}}}"#
        ),
        format!(
            r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Null":{{"aws:SecureTransport":"true"}}}}"#
        ),
    ] {
        assert_eq!(missing(&none), ["no statement denies requests without TLS"], "{none}");
    }
    let allow = format!(r#""Effect":"Allow","Principal":"*","Action":"s3:*",{BOTH},{INSECURE}"#);
    assert!(matches!(check(&[allow]), TlsEnforcement::Missing(_)));
}

#[test]
fn a_condition_that_cannot_be_evaluated_is_unknown() {
    let rest = format!(
        r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{{"Bool":{{"aws:SecureTransport":"false"}},"Sometimes":{{"a:b":"c"}}}}"#
    );
    assert!(matches!(check(&[deny(&rest)]), TlsEnforcement::Unknown(_)));
}

#[test]
fn whether_plain_requests_carry_a_version_of_tls_is_not_known() {
    let with = |condition: &str| {
        check(&[deny(&format!(r#""Principal":"*","Action":"s3:*",{BOTH},"Condition":{condition}"#))])
    };
    // No version at all, or one below any: it fires on a request without TLS whatever that carries.
    for condition in [
        r#"{"NumericNotEquals":{"s3:TlsVersion":["1.2","1.3"]}}"#,
        r#"{"NumericLessThanIfExists":{"s3:TlsVersion":"1.2"}}"#,
        r#"{"NumericLessThanEqualsIfExists":{"s3:TlsVersion":1.1}}"#,
        r#"{"StringNotEquals":{"s3:TlsVersion":["1.2","1.3"]}}"#,
    ] {
        assert!(matches!(with(condition), TlsEnforcement::Enforced(_)), "{condition}: {:?}", with(condition));
    }
    for condition in [
        r#"{"Null":{"s3:TlsVersion":"true"}}"#,
        r#"{"NumericGreaterThanIfExists":{"s3:TlsVersion":"1.3"}}"#,
        r#"{"NumericEqualsIfExists":{"s3:TlsVersion":"1.1"}}"#,
    ] {
        assert!(matches!(with(condition), TlsEnforcement::Unknown(_)), "{condition}: {:?}", with(condition));
    }
    let both = r#"{"NumericNotEquals":{"s3:TlsVersion":"1.3"},"StringEquals":{"aws:PrincipalOrgID":"o-x"}}"#;
    assert!(matches!(with(both), TlsEnforcement::Missing(_)), "a further condition can be evaded");
}

#[test]
fn a_variable_before_the_fifth_colon_enforces_nothing_for_certain() {
    let resource = r#""Resource":["arn:${aws:PrincipalTag/partition, 'aws'}:s3:::org-logs","arn:${aws:PrincipalTag/partition, 'aws'}:s3:::org-logs/*"]"#;
    let rest = format!(r#""Principal":"*","Action":"s3:*",{resource},{INSECURE}"#);
    assert!(matches!(check(&[deny(&rest)]), TlsEnforcement::Unknown(_)), "{:?}", check(&[deny(&rest)]));
    // Nor does what stands beside one in the same statement.
    for beside in [
        "arn:aws:s3:${aws:RequestedRegion}::org-logs",
        "arn:aws:sns:*:${aws:PrincipalAccount}:topic",
        "${aws:PrincipalTag/bucket, '*'}",
    ] {
        let resource =
            format!(r#""Resource":["arn:aws:s3:::org-logs","arn:aws:s3:::org-logs/*","{beside}"]"#);
        let rest = format!(r#""Principal":"*","Action":"s3:*",{resource},{INSECURE}"#);
        assert!(matches!(check(&[deny(&rest)]), TlsEnforcement::Unknown(_)), "{:?}", check(&[deny(&rest)]));
    }
}
