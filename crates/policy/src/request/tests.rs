use super::*;

/// What is known of a key of a request of which nothing is told but the principal.
fn known(principal: Principal, key: &str) -> ContextValue {
    Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k", Context::open()).lookup(key).into_owned()
}

/// The row "Anonymous user (public)" of "Principal key values" in "IAM policy elements: Variables and tags".
#[test]
fn the_anonymous_caller_has_a_type_and_no_tags() {
    let anonymous = |key: &str| known(Principal::Anonymous, key);
    assert_eq!(anonymous("aws:principaltype"), ContextValue::one("Anonymous"));
    assert_eq!(anonymous("aws:userid"), ContextValue::one("anonymous"));
    for key in ["aws:username", "aws:principalarn", "aws:principaltag/team", "kms:calleraccount"] {
        assert_eq!(anonymous(key), ContextValue::Absent, "{key}");
    }
    assert_eq!(anonymous("aws:sourceip"), ContextValue::Unknown);
    assert_eq!(anonymous("aws:requesttag/team"), ContextValue::Unknown);
}

#[test]
fn a_service_has_no_organization_and_no_tags() {
    let service = |key: &str| known(Principal::Service("config.amazonaws.com".to_owned()), key);
    assert_eq!(service("aws:principalisawsservice"), ContextValue::one("true"));
    assert_eq!(service("aws:principalservicename"), ContextValue::one("config.amazonaws.com"));
    for key in ["aws:principalorgid", "aws:principaltag/team", "aws:username"] {
        assert_eq!(service(key), ContextValue::Absent, "{key}");
    }
    assert_eq!(service("aws:sourceaccount"), ContextValue::Unknown);
    assert_eq!(service("aws:requesttag/team"), ContextValue::Unknown);
}
