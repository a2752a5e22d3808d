use proptest::prelude::*;

use super::*;

fn error(text: &str) -> String {
    Document::parse(text).unwrap_err().to_string()
}

fn statement(members: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"One","Effect":"Allow",{members}}}]}}"#)
}

#[test]
fn reads_every_element() {
    let document = Document::parse(
        r#"{"Version":"2012-10-17","Id":"P","Statement":[
            {"Sid":"A","Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:root",
              "arn:aws:iam::111122223333:role/r","AROAEXAMPLEEXAMPLE12"],"Service":"s.amazonaws.com",
              "Federated":"cognito-identity.amazonaws.com","CanonicalUser":"79a5"},
             "Action":["s3:Get*","s3:List*"],"Resource":"arn:aws:s3:::b",
             "Condition":{"StringEquals":{"aws:SourceAccount":["1","2"],"x:y":"z"},"Bool":{"a:b":true}}},
            {"Effect":"Deny","NotPrincipal":{"AWS":"*"},"NotAction":"s3:*","NotResource":["*"]}]}"#,
    )
    .unwrap();
    let [first, second] = document.statements.as_slice() else { panic!("two statements") };
    assert_eq!(document.id.as_deref(), Some("P"));
    assert_eq!(first.id.to_string(), "statement 1 (A)");
    assert_eq!(
        first.principal.as_ref().unwrap().patterns,
        [
            PrincipalPattern::Account("111122223333".into()),
            PrincipalPattern::Account("111122223333".into()),
            PrincipalPattern::Arn("arn:aws:iam::111122223333:role/r".into()),
            PrincipalPattern::UniqueId("AROAEXAMPLEEXAMPLE12".into()),
            PrincipalPattern::Service("s.amazonaws.com".into()),
            PrincipalPattern::Federated("cognito-identity.amazonaws.com".into()),
            PrincipalPattern::CanonicalUser("79a5".into()),
        ]
    );
    assert_eq!(first.conditions.len(), 3);
    assert_eq!(second.id.to_string(), "statement 2");
    assert!(second.action.negated && second.principal.as_ref().unwrap().negated);
    assert_eq!(second.principal.as_ref().unwrap().patterns, [PrincipalPattern::Everyone]);
}

#[test]
fn is_lenient_where_aws_is() {
    let single = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(Document::parse(single).unwrap().version, Version::V2008);
    let trust = statement(r#""Principal":{"Service":"x.amazonaws.com"},"Action":"sts:AssumeRole""#);
    assert!(Document::parse(&trust).unwrap().statements.first().unwrap().resource.is_none());
    let unnamed = r#"{"Statement":{"Sid":"","Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(Document::parse(unnamed).unwrap().statements[0].id.to_string(), "statement 1");
    // AWS's own example for an organization trail repeats a Sid.
    let twice = r#"{"Statement":[{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},
                                 {"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    assert!(Document::parse(twice).is_ok());
}

#[test]
fn takes_a_document_of_just_the_longest_size() {
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let padded = |size: usize| format!("{document}{}", " ".repeat(size - document.len()));
    assert!(Document::parse(&padded(SIZE_LIMIT)).is_ok());
    assert!(Document::parse(&padded(SIZE_LIMIT + 1)).is_err());
}

#[test]
fn a_principal_is_one_of_four_forms() {
    let parse = |principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Principal":{{"AWS":"{principal}"}}}}}}"#
        );
        Document::parse(&text)
    };
    for principal in ["*", "111122223333", "arn:aws:iam::111122223333:role/x", "AIDACKCEVSQ6C2EXAMPLE"] {
        assert!(parse(principal).is_ok(), "{principal}");
    }
    for principal in ["AIDA", "a-name-that-is-long-enough", "1111222233334"] {
        assert!(parse(principal).is_err(), "{principal}");
    }
}

#[test]
fn refuses_with_the_place_and_the_reason() {
    let cases = [
        ("[]".to_owned(), "`policy` must be an object, not an array"),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), "`Statement` is missing"),
        (r#"{"Version":"2013-01-01","Statement":[]}"#.to_owned(), "takes 2012-10-17 or 2008-10-17"),
        (r#"{"Statements":[]}"#.to_owned(), "`Statements` is no element"),
        (statement(r#""Action":"*","NotAction":"*""#), "statement 1 (One): `Action` and `NotAction` exclude"),
        (statement(r#""Resource":"*""#), "statement 1 (One): `Action` is missing"),
        (statement(r#""Action":"PutObject""#), "`PutObject` is no value of `Action`"),
        (statement(r#""Action":{"a":1}"#), "`Action` must be a string or an array of strings, not an object"),
        (statement(r#""Action":[1]"#), "not a number"),
        (statement(r#""Action":"*","Principal":"someone""#), "`someone` is no value of `Principal`"),
        (statement(r#""Action":"*","Principal":{"AWS":"someone"}"#), "`someone` is no value of `Principal`"),
        (
            statement(r#""Action":"*","Principal":{"Aws":"*"}"#),
            "takes AWS, Service, Federated or CanonicalUser",
        ),
        (statement(r#""Action":"*","Condition":[]"#), "`Condition` must be an object, not an array"),
        (statement(r#""Action":"*","Condition":{"Bool":{"a:b":null}}"#), "`a:b` must be"),
        (statement(r#""Action":"*","condition":{}"#), "`condition` is no element"),
        (statement(r#""Action":"*","Action":"s3:*""#), "the member `Action` is given twice"),
        (r#"{"Statement":[{"Effect":"allow","Action":"*"}]}"#.to_owned(), "`allow` is no value of `Effect`"),
        (r#"{"Statement":[7]}"#.to_owned(), "statement 1: `Statement` must be an object"),
        ("{".to_owned(), "not valid JSON"),
        ("[".repeat(10_000), "recursion limit"),
        (" ".repeat(SIZE_LIMIT + 1), "at most 65536 are read"),
    ];
    for (text, expected) in cases {
        let found = error(&text);
        assert!(found.contains(expected), "{found:?} lacks {expected:?}");
    }
}

fn json() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("Statement"),
        Just("Effect"),
        Just("Allow"),
        Just("Action"),
        Just("s3:*"),
        Just("Principal"),
        Just("AWS"),
        Just("*"),
        Just("Condition"),
        Just("StringLike"),
        Just("aws:x"),
        Just("Resource"),
    ];
    let leaf = prop_oneof![
        words.clone().prop_map(|word| format!("\"{word}\"")),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec((words.clone(), inner), 0..5).prop_map(|members| {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".*") {
        let _ = Document::parse(&text);
    }

    #[test]
    fn any_json_is_answered(text in json()) {
        let _ = Document::parse(&text);
        let _ = Document::parse(&format!(r#"{{"Statement":{text}}}"#));
        let _ = Document::parse(&statement(&format!(r#""Action":{text},"Principal":{text},"Condition":{text}"#)));
    }
}
