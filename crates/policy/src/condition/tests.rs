use super::*;
use crate::{Context, Document, Principal, Request};

fn holds(operator: &str, key: &str, values: &[&str], value: ContextValue) -> Truth {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let context = Context::concrete().with("test:key", value);
    let request = Request::new(Principal::Any, "s3:GetObject", "*", context);
    Condition::new(Operator::new(operator), key, &values, true).holds(&|key| request.lookup(key))
}

fn known(values: &[&str]) -> ContextValue {
    ContextValue::Known(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn operators_compare_present_values() {
    use Truth::{False, True, Unknown};
    let cases: &[(&str, &[&str], &str, Truth)] = &[
        ("StringEquals", &["a", "b"], "b", True),
        ("StringEquals", &["a"], "A", False),
        ("StringEquals", &["a*"], "ab", False),
        ("StringEquals", &["a*"], "a*", True),
        ("stringequals", &["a"], "a", True),
        ("StringNotEquals", &["a", "b"], "b", False),
        ("StringNotEquals", &["a", "b"], "c", True),
        ("StringNotEquals", &["*"], "c", True),
        ("StringEqualsIgnoreCase", &["AbC"], "aBc", True),
        ("StringNotEqualsIgnoreCase", &["AbC"], "aBc", False),
        ("StringLike", &["a*z", "?"], "abcz", True),
        ("StringLike", &["a?"], "a", False),
        ("StringNotLike", &["a*"], "abc", False),
        ("StringNotLike", &["a*"], "b", True),
        ("NumericEquals", &["10"], "10.0", True),
        ("NumericEquals", &["18014398509481985"], "18014398509481984", False),
        ("NumericNotEquals", &["10"], "11", True),
        ("NumericLessThan", &["1.2"], "1.1", True),
        ("NumericLessThan", &["1.2"], "1.2", False),
        ("NumericLessThanEquals", &["1.2"], "1.2", True),
        ("NumericGreaterThan", &["9"], "10", True),
        ("NumericGreaterThanEquals", &["10"], "10", True),
        ("NumericEquals", &["10"], "ten", Unknown),
        ("NumericEquals", &["inf"], "inf", Unknown),
        ("DateEquals", &["2024-01-01T00:00:00Z"], "1704067200", True),
        ("DateNotEquals", &["2024-01-01"], "2024-01-02", True),
        ("DateLessThan", &["2024-01-01T00:00:00Z"], "2023-12-31T23:59:59Z", True),
        ("DateLessThanEquals", &["2024-01-01T01:00:00+01:00"], "2024-01-01T00:00Z", True),
        ("DateGreaterThan", &["2024-01-01"], "2024-01-01T00:00:00.001Z", True),
        ("DateGreaterThanEquals", &["2024-01-02"], "2024-01-01", False),
        ("DateEquals", &["2024-03"], "2024-03-01T00:00:00Z", True),
        ("DateGreaterThanEquals", &["2024"], "2024-01-01", True),
        ("DateLessThan", &["2024"], "1704067199", True),
        ("DateLessThan", &["yesterday"], "2024-01-01", Unknown),
        ("Bool", &["true"], "TRUE", True),
        ("Bool", &["false"], "true", False),
        ("Bool", &["maybe"], "true", Unknown),
        ("BinaryEquals", &["QmluYXJ5"], "QmluYXJ5", True),
        ("BinaryEquals", &["QQ=="], "QQ", True),
        ("BinaryEquals", &["QQ=="], "Qg==", False),
        ("IpAddress", &["203.0.113.0/24"], "203.0.113.9", True),
        ("IpAddress", &["203.0.113.0/24"], "203.0.114.9", False),
        ("IpAddress", &["203.0.113.9"], "203.0.113.9", True),
        ("IpAddress", &["0.0.0.0/0"], "2001:db8::1", False),
        ("IpAddress", &["2001:db8::/32"], "2001:db8:1::1", True),
        ("IpAddress", &["::/0"], "2001:db8::1", True),
        ("IpAddress", &["2001:db8::/32"], "203.0.113.9", False),
        ("IpAddress", &["203.0.113.0/33"], "203.0.113.9", Unknown),
        ("NotIpAddress", &["203.0.113.0/24"], "203.0.113.9", False),
        ("NotIpAddress", &["203.0.113.0/24"], "198.51.100.1", True),
        ("ArnEquals", &["arn:aws:iam::*:role/Admin*"], "arn:aws:iam::111122223333:role/AdminX", True),
        ("ArnLike", &["arn:aws:iam::*:role/Admin"], "arn:aws:iam::111122223333:role/path/Admin", False),
        ("ArnLike", &["*"], "arn:aws:iam::111122223333:role/a", True),
        // Each segment by itself; whether a `*` goes on where segments are missing, AWS does not say.
        ("ArnLike", &["arn:aws:sns:*:logs-1"], "arn:aws:sns:eu-west-1:111122223333:logs-1", Unknown),
        ("ArnLike", &["arn:aws:sns:*:logs-1"], "arn:aws:sns:eu-west-1:111122223333:logs-2", False),
        (
            "ArnLike",
            &["arn:aws:logs:*:log-group:a:b"],
            "arn:aws:logs:eu-west-1:111122223333:log-group:a:b",
            False,
        ),
        ("ArnNotLike", &["arn:aws:iam::*:role/Admin"], "arn:aws:iam::111122223333:role/Admin", False),
        ("ArnNotEquals", &["arn:aws:iam::1:role/x"], "arn:aws:iam::2:role/x", True),
        ("Null", &["true"], "x", False),
        ("Null", &["false"], "x", True),
        ("StringMatches", &["a"], "a", Unknown),
        ("ForSomeValues:StringEquals", &["a"], "a", Unknown),
        ("NullIfExists", &["true"], "x", Unknown),
        ("BoolIfExists", &["true"], "false", False),
        ("StringLikeIfExists", &["b*"], "a", False),
    ];
    for (operator, values, value, expected) in cases {
        let found = holds(operator, "Test:Key", values, known(&[value]));
        assert_eq!(found, *expected, "{operator} {values:?} on {value}");
    }
}

#[test]
fn a_missing_key_decides_as_the_operator_says() {
    use Truth::{False, True, Unknown};
    let cases = [
        ("StringEquals", False),
        ("StringLike", False),
        ("StringNotEquals", True),
        ("StringNotLike", True),
        ("StringNotEqualsIgnoreCase", True),
        ("NumericLessThan", False),
        ("NumericNotEquals", True),
        ("DateGreaterThan", False),
        ("DateNotEquals", True),
        ("Bool", False),
        ("BinaryEquals", False),
        ("IpAddress", False),
        ("NotIpAddress", True),
        ("ArnLike", False),
        ("ArnNotLike", True),
        ("StringEqualsIfExists", True),
        ("BoolIfExists", True),
        ("NotIpAddressIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", Unknown),
        ("Unheard", Unknown),
    ];
    for (operator, expected) in cases {
        assert_eq!(holds(operator, "test:key", &["true"], ContextValue::Absent), expected, "{operator}");
        assert_eq!(
            holds(operator, "test:key", &["true"], ContextValue::Known(vec![])),
            expected,
            "{operator}"
        );
    }
    assert_eq!(holds("Null", "test:key", &["true"], ContextValue::Absent), True);
    assert_eq!(holds("Null", "test:key", &["false"], ContextValue::Absent), False);
    assert_eq!(holds("Null", "test:key", &["perhaps"], ContextValue::Absent), Unknown);
}

#[test]
fn set_operators_look_at_every_value() {
    use Truth::{False, True, Unknown};
    let cases: &[(&str, &[&str], &[&str], Truth)] = &[
        ("ForAllValues:StringEquals", &["a", "b"], &["a", "b"], True),
        ("ForAllValues:StringEquals", &["a"], &["a", "b"], False),
        ("ForAnyValue:StringEquals", &["a"], &["a", "b"], True),
        ("ForAnyValue:StringEquals", &["c"], &["a", "b"], False),
        ("ForAllValues:StringNotEquals", &["c"], &["a", "b"], True),
        ("ForAllValues:StringNotEquals", &["a"], &["a", "b"], False),
        ("ForAnyValue:StringNotEquals", &["a"], &["a", "b"], True),
        ("ForAnyValue:StringNotEquals", &["a", "b"], &["a", "b"], False),
        ("foranyvalue:stringlike", &["o-1/*"], &["o-2/x", "o-1/y"], True),
        ("StringEquals", &["a"], &["a", "a"], True),
        ("StringEquals", &["a"], &["a", "b"], Unknown),
    ];
    for (operator, values, carried, expected) in cases {
        assert_eq!(holds(operator, "test:key", values, known(carried)), *expected, "{operator} {carried:?}");
    }
}

#[test]
fn an_unknown_key_leaves_the_condition_open() {
    for operator in
        ["StringEquals", "StringNotEquals", "Null", "Bool", "ForAllValues:StringLike", "NotIpAddress"]
    {
        assert_eq!(
            holds(operator, "test:key", &["true"], ContextValue::Unknown),
            Truth::Unknown,
            "{operator}"
        );
    }
    // Whatever the value, `*` is like it, and absence satisfies `IfExists`.
    assert_eq!(holds("StringLikeIfExists", "test:key", &["*"], ContextValue::Unknown), Truth::True);
    assert_eq!(holds("StringLike", "test:key", &["*"], ContextValue::Unknown), Truth::Unknown);
}

#[test]
fn a_value_known_by_pattern_decides_where_the_pattern_does() {
    let account = ContextValue::like(crate::Glob::arn("arn:aws:iam::111122223333:*"));
    let like = |operator, value| holds(operator, "test:key", &[value], account.clone());
    assert_eq!(like("ArnLike", "arn:aws:iam::111122223333:*"), Truth::True);
    assert_eq!(like("ArnLike", "arn:aws:iam::111122223333:role/*"), Truth::Unknown);
    assert_eq!(like("ArnLike", "arn:aws:iam::444455556666:*"), Truth::False);
    assert_eq!(like("ArnNotLike", "arn:aws:iam::444455556666:*"), Truth::True);
    // An exemption for a session's ARN exempts no role.
    assert_eq!(like("ArnLike", "arn:aws:sts::111122223333:assumed-role/Admin/*"), Truth::False);
    assert_eq!(like("Bool", "true"), Truth::Unknown);
}

#[test]
fn numbers_and_booleans_are_values_too() {
    let document = Document::parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
            "Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"s3:TlsVersion":1.2}}}}"#,
    )
    .unwrap();
    let context = Context::concrete()
        .with("AWS:secureTRANSPORT", known(&["false"]))
        .with("s3:tlsversion", known(&["1.1"]));
    let request = Request::new(Principal::Anonymous, "S3:getobject", "arn:aws:s3:::b/k", context);
    assert_eq!(document.evaluate(&request).outcome, crate::Outcome::ExplicitlyDenied);
}
