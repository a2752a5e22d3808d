use super::*;
use crate::{Context, Principal, Request};

fn request(context: Context) -> Request {
    Request::new(Principal::Any, "s3:GetObject", "*", context)
}

fn matches(pattern: &str, text: &str, context: Context) -> Truth {
    let request = request(context);
    let pattern = Pattern::new(pattern, Style::Resource, false, true);
    covers(&[pattern], Subject::Text(text), &|key| request.lookup(key))
}

#[test]
fn variables_take_their_value_literally() {
    let named = |value: &str| Context::concrete().with("aws:username", ContextValue::one(value));
    let pattern = "arn:aws:s3:::home/${aws:UserName}/*";
    assert_eq!(matches(pattern, "arn:aws:s3:::home/alice/x", named("alice")), Truth::True);
    assert_eq!(matches(pattern, "arn:aws:s3:::home/bob/x", named("alice")), Truth::False);
    assert_eq!(matches(pattern, "arn:aws:s3:::home/bob/x", named("*")), Truth::False);
}

#[test]
fn a_variable_without_value_matches_nothing() {
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
    let published = "arn:aws:cloudtrail:${Region}:${Account}:trail/*";
    assert_eq!(matches(published, arn, Context::concrete()), Truth::False);
    // No condition key is called so, hence no request ever gives it a value.
    assert_eq!(matches(published, arn, Context::open()), Truth::False);
    assert_eq!(matches("${aws:username}*", arn, Context::concrete()), Truth::False);
}

#[test]
fn a_default_stands_in_for_an_absent_value() {
    let pattern = "arn:aws:s3:::home/${aws:PrincipalTag/team, 'company-wide'}/*";
    assert_eq!(matches(pattern, "arn:aws:s3:::home/company-wide/x", Context::concrete()), Truth::True);
    let tagged = Context::concrete().with("aws:principaltag/team", ContextValue::one("red"));
    assert_eq!(matches(pattern, "arn:aws:s3:::home/red/x", tagged.clone()), Truth::True);
    assert_eq!(matches(pattern, "arn:aws:s3:::home/company-wide/x", tagged), Truth::False);
}

#[test]
fn an_unknown_variable_bounds_what_can_match() {
    let pattern = "arn:aws:s3:::home/${aws:username}/*";
    assert_eq!(matches(pattern, "arn:aws:s3:::home/alice/x", Context::open()), Truth::Unknown);
    assert_eq!(matches(pattern, "arn:aws:s3:::other/alice/x", Context::open()), Truth::False);
}

#[test]
fn escapes_are_the_characters_themselves() {
    for (pattern, text, expected) in [
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", Truth::True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", Truth::False),
        ("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", Truth::True),
        ("arn:aws:s3:::b/${$}{x}", "arn:aws:s3:::b/${x}", Truth::True),
        ("arn:aws:s3:::b/${open", "arn:aws:s3:::b/${open", Truth::True),
    ] {
        assert_eq!(matches(pattern, text, Context::concrete()), expected, "{pattern}");
    }
}

#[test]
fn the_old_language_version_has_no_variables() {
    let pattern = Pattern::new("${aws:username}", Style::Wildcard, false, false);
    let lookup = |_: &str| Cow::Owned(ContextValue::one("alice"));
    assert_eq!(covers(std::slice::from_ref(&pattern), Subject::Text("alice"), &lookup), Truth::False);
    assert_eq!(covers(&[pattern], Subject::Text("${aws:username}"), &lookup), Truth::True);
}

#[test]
fn a_variable_without_value_is_like_nothing() {
    let pattern = Pattern::new("${aws:username}*", Style::Wildcard, false, true);
    let absent = |_: &str| Cow::Owned(ContextValue::Absent);
    assert_eq!(covers(&[pattern], Subject::Text("alice"), &absent), Truth::False);
}

#[test]
fn a_variable_of_several_values_is_not_relied_on() {
    let one_of = |key: &'static str, values: &[&str]| {
        let pattern = Pattern::new(&format!("${{{key}}}"), Style::Literal, false, true);
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let lookup = move |_: &str| Cow::Owned(ContextValue::Known(values.clone()));
        covers(&[pattern], Subject::Text("alice"), &lookup)
    };
    assert_eq!(one_of("aws:PrincipalTag/a", &["alice", "bob"]), Truth::Unknown);
    assert_eq!(one_of("aws:TagKeys", &["alice"]), Truth::Unknown, "a key that may have several");
    assert_eq!(one_of("aws:username", &["bob"]), Truth::False);
}

#[test]
fn a_variable_before_the_fifth_colon_is_not_relied_on() {
    for (pattern, text, expected) in [
        (
            "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*",
            "arn:aws:cloudtrail:r:alice:trail/x",
            Truth::Unknown,
        ),
        (
            "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*",
            "arn:aws:cloudtrail:r:bob:trail/x",
            Truth::False,
        ),
        (
            "arn:aws:cloudtrail:${aws:RequestedRegion}:*:trail/*",
            "arn:aws:cloudtrail:alice:1:trail/x",
            Truth::Unknown,
        ),
        ("arn:${aws:x}:s3:::b/*", "arn:alice:s3:::b/c", Truth::Unknown),
        ("arn:aws:${aws:x, 's3'}:::b", "arn:aws:alice:::b", Truth::Unknown),
        ("arn:aws:logs:${*}:1:x", "arn:aws:logs:*:1:x", Truth::Unknown),
        ("${aws:x}", "alice", Truth::Unknown),
        ("arn:aws:cloudtrail:*:1:trail/${aws:x}", "arn:aws:cloudtrail:r:1:trail/alice", Truth::True),
    ] {
        let context = Context::open().with("aws:x", ContextValue::one("alice"));
        let context = ["aws:PrincipalAccount", "aws:RequestedRegion"]
            .iter()
            .fold(context, |context, key| context.with(key, ContextValue::one("alice")));
        assert_eq!(matches(pattern, text, context), expected, "{pattern}");
    }
}

#[test]
fn a_variable_of_which_something_is_known_bounds_what_can_match() {
    use crate::glob::Language;
    let pattern = "arn:aws:s3:::home/${aws:username}/*";
    let known = |patterns: &[&str]| {
        let language = Language::any_of(patterns.iter().map(|text| Glob::wildcard(text)).collect());
        Context::concrete().with("aws:username", ContextValue::Like(language))
    };
    assert_eq!(matches(pattern, "arn:aws:s3:::home/alice/x", known(&["al*"])), Truth::Unknown);
    assert_eq!(matches(pattern, "arn:aws:s3:::home/bob/x", known(&["al*"])), Truth::False);
    assert_eq!(matches(pattern, "arn:aws:s3:::home/bob/x", known(&["al*", "b*"])), Truth::Unknown);
}

#[test]
fn what_is_certain_does_not_wait_for_a_variable() {
    let covered = |patterns: &[&str], domain: &str| {
        let patterns: Vec<_> =
            patterns.iter().map(|text| Pattern::new(text, Style::Resource, false, true)).collect();
        let unknown = |_: &str| Cow::Owned(ContextValue::Unknown);
        covers(&patterns, Subject::AnyOf(&Glob::arn(domain)), &unknown)
    };
    let open = "arn:aws:s3:::${aws:username}/*";
    let objects = "arn:aws:s3:::logs/*";
    assert_eq!(covered(&["arn:aws:s3:::logs*", open], objects), Truth::True);
    assert_eq!(covered(&["arn:aws:s3:::other/*", open], objects), Truth::Unknown);
    let elsewhere = "arn:aws:sns:*:*:${aws:username}";
    assert_eq!(covered(&["arn:aws:s3:::other/*", elsewhere], objects), Truth::False);
    assert_eq!(covered(&["arn:aws:s3:::logs/x", elsewhere], objects), Truth::Unknown);
}

#[test]
fn a_star_that_may_reach_over_a_colon_is_not_relied_on_for_some_caller_either() {
    let covered = |pattern: &str| {
        let among = crate::glob::Language::from(Glob::arn("arn:aws:iam::111122223333:role/*"));
        let pattern = Pattern::new(pattern, Style::Arn, false, true);
        covers_arn(&[pattern], Subject::Among(&among), &|_| Cow::Owned(ContextValue::Absent))
    };
    assert_eq!(covered("arn:aws:iam::1111*"), Truth::Unknown);
    assert_eq!(covered("arn:aws:iam::4444*"), Truth::False);
    assert_eq!(covered("arn:aws:iam::1111*:role/*"), Truth::True);
}

#[test]
fn case_is_ignored_only_where_the_pattern_says_so() {
    let any = |ignore_case: bool, pattern: &str, domain: &str| {
        let pattern = Pattern::new(pattern, Style::Wildcard, ignore_case, true);
        let domain = Glob::wildcard(domain);
        let among = crate::glob::Language::any_of(vec![domain.clone()]);
        let covered =
            |subject| covers(std::slice::from_ref(&pattern), subject, &|_| Cow::Owned(ContextValue::Absent));
        (covered(Subject::AnyOf(&domain)), covered(Subject::Among(&among)))
    };
    assert_eq!(any(true, "TEAM-*", "Team-*"), (Truth::True, Truth::True));
    assert_eq!(any(false, "TEAM-*", "Team-*"), (Truth::False, Truth::False));
    assert_eq!(any(false, "Team-*", "Team-*"), (Truth::True, Truth::True));
}

#[test]
fn a_variable_that_can_have_a_value_is_resolvable() {
    let pattern = |text: &str| Pattern::new(text, Style::Resource, false, true);
    assert_eq!(pattern("arn:aws:s3:::${Bucket}/*").unresolvable(), Some("Bucket"));
    assert_eq!(pattern("arn:aws:s3:::${Bucket, 'b'}/*").unresolvable(), None);
    assert_eq!(pattern("arn:aws:s3:::${aws:username}/*").unresolvable(), None);
    assert!(Pattern::new("*", Style::Literal, false, true).is_literal());
    assert!(!pattern("*").is_literal());
}
