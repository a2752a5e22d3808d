use proptest::prelude::*;

use super::*;
use crate::audit::{
    Answer, AuditedResource, OrganizationScope, Scope, grants, public_access, service_writers,
};
use crate::{Context, ContextValue};

const ROLE: &str = "arn:aws:iam::111122223333:role/path/Auditor";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Auditor/alice";

fn caller(arn: &str) -> Principal {
    Principal::AwsAccountPrincipal { arn: arn.to_owned(), account: "111122223333".to_owned() }
}

fn document(statements: &str) -> Document {
    Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap()
}

fn decide(statements: &str, principal: Principal, action: &str, resource: &str) -> Decision {
    document(statements).evaluate(&Request::new(principal, action, resource, Context::concrete()))
}

#[test]
fn deny_wins_and_nothing_is_allowed_by_itself() {
    let statements = r#"
        {"Sid":"Read","Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"},
        {"Sid":"NotSecret","Effect":"Deny","Principal":"*","Action":"S3:GETOBJECT","Resource":"arn:aws:s3:::b/secret/*"}"#;
    let at = |resource| decide(statements, Principal::Anonymous, "s3:getobject", resource);
    let open = at("arn:aws:s3:::b/k");
    assert_eq!((open.outcome, open.statements.first().unwrap().number), (Outcome::Allowed, 1));
    let secret = at("arn:aws:s3:::b/secret/k");
    assert_eq!(secret.outcome, Outcome::ExplicitlyDenied);
    assert_eq!(secret.statements.first().unwrap().sid.as_deref(), Some("NotSecret"));
    let put = decide(statements, Principal::Anonymous, "s3:PutObject", "arn:aws:s3:::b/k");
    assert_eq!((put.outcome, put.allowed, put.statements), (Outcome::ImplicitlyDenied, Truth::False, vec![]));
}

#[test]
fn what_is_not_known_leaves_the_outcome_open_but_not_always_the_access() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}}"#;
    let allow = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
    let open = |statements: &str| {
        let request = Request::new(Principal::Any, "s3:GetObject", "arn:aws:s3:::b/k", Context::open());
        document(statements).evaluate(&request)
    };
    let both = open(&format!("{deny},{allow}"));
    assert_eq!((both.outcome, both.allowed, both.statements.len()), (Outcome::Unknown, Truth::Unknown, 2));
    assert_eq!((open(deny).outcome, open(deny).allowed), (Outcome::Unknown, Truth::False));
}

#[test]
fn not_elements_are_all_but_the_listed() {
    let statements = r#"{"Effect":"Allow","Principal":"*","NotAction":["iam:*","s3:Put*"],"NotResource":"arn:aws:s3:::b/secret/*"}"#;
    for (action, resource, expected) in [
        ("s3:GetObject", "arn:aws:s3:::b/k", Outcome::Allowed),
        ("s3:PutObject", "arn:aws:s3:::b/k", Outcome::ImplicitlyDenied),
        ("IAM:CreateUser", "arn:aws:iam::1:user/x", Outcome::ImplicitlyDenied),
        ("s3:GetObject", "arn:aws:s3:::b/secret/k", Outcome::ImplicitlyDenied),
    ] {
        assert_eq!(decide(statements, Principal::Anonymous, action, resource).outcome, expected, "{action}");
    }
}

#[test]
fn principals_are_named_by_themselves_their_role_or_their_account() {
    let federated = || Principal::Federated("cognito-identity.amazonaws.com".to_owned());
    let service = || Principal::Service("Config.amazonaws.com".to_owned());
    for (element, principal, expected) in [
        (r#""*""#, Principal::Anonymous, Truth::True),
        (r#"{"AWS":"*"}"#, Principal::Anonymous, Truth::True),
        (r#"{"AWS":"111122223333"}"#, caller(ROLE), Truth::True),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, caller(SESSION), Truth::True),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/path/Auditor"}"#, caller(ROLE), Truth::True),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/path/Auditor"}"#, caller(SESSION), Truth::True),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/Other"}"#, caller(SESSION), Truth::False),
        (r#"{"AWS":"arn:aws:iam::999922223333:role/path/Auditor"}"#, caller(SESSION), Truth::False),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Auditor/alice"}"#, caller(SESSION), Truth::True),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Auditor/alice"}"#, caller(ROLE), Truth::Unknown),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
            caller("arn:aws:iam::111122223333:role/x"),
            Truth::Unknown,
        ),
        (r#"{"AWS":"AROAEXAMPLEEXAMPLE12"}"#, caller(ROLE), Truth::False),
        (r#"{"AWS":"111122223333"}"#, Principal::Anonymous, Truth::False),
        (r#"{"AWS":"111122223333"}"#, service(), Truth::False),
        (r#"{"AWS":"111122223333"}"#, Principal::AnyOfAccount("111122223333".into()), Truth::True),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
            Principal::AnyOfAccount("111122223333".into()),
            Truth::Unknown,
        ),
        (
            r#"{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
            Principal::AnyOfAccount("999922223333".into()),
            Truth::False,
        ),
        (r#"{"Service":"config.amazonaws.com"}"#, service(), Truth::True),
        (r#"{"Service":"ec2.amazonaws.com"}"#, service(), Truth::False),
        (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, federated(), Truth::True),
        (r#"{"CanonicalUser":"79a5"}"#, Principal::CanonicalUser("79a5".into()), Truth::True),
        (r#"{"CanonicalUser":"79a5"}"#, caller(ROLE), Truth::Unknown),
        (r#"{"AWS":"111122223333"}"#, Principal::Any, Truth::Unknown),
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Principal":{element},"Action":"*","Resource":"*"}}"#);
        let found = document(&statement).statements.first().unwrap().covers_principal(&principal);
        assert_eq!(found, expected, "{element} for {principal:?}");
    }
}

#[test]
fn not_principal_exempts_whom_it_lists_with_the_account() {
    let applies = |listed: &str, principal: &Principal| {
        let statement =
            format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":{listed}}},"Action":"*","Resource":"*"}}"#);
        document(&statement).statements.first().unwrap().covers_principal(principal)
    };
    let both = r#"["arn:aws:iam::111122223333:role/path/Auditor","111122223333"]"#;
    assert_eq!(applies(both, &caller(ROLE)), Truth::False);
    assert_eq!(applies(r#""111122223333""#, &caller("arn:aws:iam::111122223333:root")), Truth::False);
    // The account alone, or the role alone: AWS does not say that it is exempt.
    assert_eq!(applies(r#""111122223333""#, &caller(ROLE)), Truth::Unknown);
    assert_eq!(applies(r#""arn:aws:iam::111122223333:role/path/Auditor""#, &caller(ROLE)), Truth::Unknown);
    assert_eq!(applies(r#""444455556666""#, &caller(ROLE)), Truth::True);
    assert_eq!(applies(r#""444455556666""#, &Principal::Anonymous), Truth::True);
    assert_eq!(applies(r#""*""#, &caller(ROLE)), Truth::False);
}

#[test]
fn keys_follow_from_the_principal() {
    let value = |principal: Principal, key: &str| {
        Request::new(principal, "s3:GetObject", "*", Context::open()).lookup(key).into_owned()
    };
    let user = "arn:aws:iam::111122223333:user/team/alice";
    assert_eq!(value(caller(user), "aws:principalarn"), ContextValue::one(user));
    assert_eq!(value(caller(user), "aws:username"), ContextValue::one("alice"));
    assert_eq!(value(caller(user), "aws:principaltype"), ContextValue::one("User"));
    assert_eq!(value(caller(user), "kms:calleraccount"), ContextValue::one("111122223333"));
    assert_eq!(value(caller(user), "aws:principalorgid"), ContextValue::Unknown);
    assert_eq!(value(caller(ROLE), "aws:username"), ContextValue::Absent);
    assert_eq!(value(Principal::Anonymous, "aws:principalorgid"), ContextValue::Absent);
    assert_eq!(value(Principal::Anonymous, "aws:principalaccount"), ContextValue::one("anonymous"));
    assert_eq!(value(Principal::Anonymous, "aws:principaltype"), ContextValue::one("Anonymous"));
    assert_eq!(value(Principal::Anonymous, "aws:principaltag/team"), ContextValue::Absent);
    let service = Principal::Service("config.amazonaws.com".into());
    assert_eq!(value(service.clone(), "aws:principalisawsservice"), ContextValue::one("true"));
    assert_eq!(value(service, "aws:principaltag/team"), ContextValue::Absent);
    let some = Principal::AnyOfAccount("111122223333".into());
    let of_account = ContextValue::like(Glob::arn("arn:*:*::111122223333:*"));
    assert_eq!(value(some, "aws:principalarn"), of_account);
}

#[test]
fn a_session_carries_the_arn_of_its_role() {
    let exempt = |pattern: &str| {
        let statement = format!(
            r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{pattern}"}}}}}}"#
        );
        !decide(&statement, caller(SESSION), "s3:GetObject", "*").statements.is_empty()
    };
    assert!(
        exempt("arn:aws:sts::111122223333:assumed-role/Auditor/*"),
        "it is denied: the pattern exempts nobody"
    );
    assert!(!exempt("arn:aws:iam::111122223333:role/*Auditor"));
}

#[test]
fn a_star_that_may_reach_over_a_colon_is_not_relied_on() {
    let statement = r#"{"Effect":"Deny","Action":"logs:*","Resource":"arn:aws:logs:*:log-group:trail"}"#;
    let found = decide(
        statement,
        caller(ROLE),
        "logs:DeleteLogGroup",
        "arn:aws:logs:eu-west-1:111122223333:log-group:trail",
    );
    assert_eq!(found.outcome, Outcome::Unknown);
}

#[test]
fn a_pattern_of_resources_is_covered_only_as_a_whole() {
    let trails = Target::resources("arn:aws:cloudtrail:*:111122223333:trail/*");
    for (resource, expected) in [
        ("*", Truth::True),
        ("arn:aws:cloudtrail:*:*:trail/*", Truth::True),
        ("arn:aws:cloudtrail:eu-west-1:111122223333:trail/*", Truth::Unknown),
        ("arn:aws:cloudtrail:*:999922223333:trail/*", Truth::False),
        ("arn:aws:cloudtrail:${Region}:${Account}:trail/*", Truth::False),
        ("arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*", Truth::Unknown),
        ("arn:aws:cloudtrail:*:${aws:ResourceAccount}:trail/*", Truth::Unknown),
        ("arn:aws:cloudtrail:*::trail/", Truth::False),
    ] {
        let statement =
            format!(r#"{{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"{resource}"}}"#);
        let request = Request {
            principal: caller(ROLE),
            action: Target::exact("cloudtrail:StopLogging"),
            resource: trails.clone(),
            context: Context::open(),
        };
        assert_eq!(
            document(&statement).statements.first().unwrap().applies(&request),
            expected,
            "{resource}"
        );
    }
}

const KEYS: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:SourceIp",
    "aws:SecureTransport",
    "s3:prefix",
    "aws:PrincipalTag/team",
    "s3:max-keys",
    "aws:SourceAccount",
];
const VALUES: &[&str] = &[
    "o-own",
    "111122223333",
    "o-*",
    "*",
    "203.0.113.7",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "true",
    "false",
    "red",
    "7",
    "${aws:username}",
    "${s3:prefix}",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "NumericLessThan",
    "NumericNotEquals",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "Null",
    "ArnLike",
    "ArnNotLike",
    "DateLessThan",
    "Odd",
];

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    proptest::sample::select(choices).prop_map(str::to_owned)
}

fn condition() -> impl Strategy<Value = String> {
    let prefix = one_of(&["", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = one_of(&["", "", "IfExists"]);
    let values = proptest::collection::vec(one_of(VALUES), 1..3);
    (prefix, one_of(OPERATORS), suffix, one_of(KEYS), values).prop_map(
        |(prefix, operator, suffix, key, values)| {
            format!(r#"{{"{prefix}{operator}{suffix}":{{"{key}":["{}"]}}}}"#, values.join("\",\""))
        },
    )
}

fn statement() -> impl Strategy<Value = String> {
    let principal = one_of(&[
        r#""Principal":"*""#,
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"111122223333"}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/path/Auditor"}"#,
        r#""NotPrincipal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/path/Auditor"]}"#,
        r#""Principal":{"Service":"config.amazonaws.com"}"#,
    ]);
    let action = one_of(&[
        r#""Action":"s3:*""#,
        r#""Action":"s3:GetObject""#,
        r#""NotAction":"s3:Put*""#,
        r#""Action":"S3:Get*""#,
    ]);
    let resource = one_of(&[
        r#""Resource":"*""#,
        r#""Resource":"arn:aws:s3:::b/*""#,
        r#""Resource":"arn:aws:s3:::b/x*""#,
        r#""NotResource":"arn:aws:s3:::b/x*""#,
        r#""Resource":"arn:aws:s3:::b/${s3:prefix}""#,
    ]);
    let condition = proptest::option::of(condition());
    (one_of(&["Allow", "Allow", "Deny"]), principal, action, resource, condition).prop_map(
        |(effect, principal, action, resource, condition)| {
            let condition = condition.map(|text| format!(r#","Condition":{text}"#)).unwrap_or_default();
            format!(r#"{{"Effect":"{effect}",{principal},{action},{resource}{condition}}}"#)
        },
    )
}

fn policies() -> impl Strategy<Value = Document> {
    proptest::collection::vec(statement(), 1..5).prop_map(|statements| document(&statements.join(",")))
}

fn carried() -> impl Strategy<Value = Vec<Option<Vec<String>>>> {
    let value = one_of(&[
        "o-own",
        "o-else",
        "111122223333",
        "888877776666",
        "203.0.113.7",
        "198.51.100.1",
        "true",
        "false",
        "red",
        "x1",
        "7",
        "8",
    ]);
    proptest::collection::vec(proptest::option::of(proptest::collection::vec(value, 1..3)), KEYS.len())
}

fn principals() -> impl Strategy<Value = Principal> {
    prop_oneof![
        Just(Principal::Anonymous),
        Just(caller(ROLE)),
        Just(caller("arn:aws:iam::111122223333:user/alice")),
        Just(Principal::Service("config.amazonaws.com".to_owned())),
    ]
}

proptest! {
    /// Knowing more never turns a certain answer round.
    #[test]
    fn knowing_less_never_contradicts_knowing_more(
        document in policies(),
        values in carried(),
        forgotten in proptest::collection::vec(any::<bool>(), KEYS.len()),
        principal in principals(),
        action in one_of(&["s3:GetObject", "s3:PutObject"]),
        resource in one_of(&["arn:aws:s3:::b/x1", "arn:aws:s3:::b/y", "arn:aws:s3:::c/x1"]),
        vague in any::<[bool; 3]>(),
    ) {
        let (mut concrete, mut open) = (Context::concrete(), Context::open());
        for ((key, values), forgotten) in KEYS.iter().zip(&values).zip(&forgotten) {
            // Only users and roles have an organization and tags.
            let possible = !key.contains("Principal") || matches!(principal, Principal::AwsAccountPrincipal { .. });
            let value = values.clone().filter(|_| possible).map_or(ContextValue::Absent, ContextValue::Known);
            concrete.set(key, value.clone());
            match (&value, forgotten) {
                (_, false) => open.set(key, value),
                (ContextValue::Known(values), true) if values.len() == 1 => {
                    open.set(key, ContextValue::like(Glob::wildcard("?*")));
                }
                _ => {}
            }
        }
        let [any_action, any_resource, any_principal] = vague;
        let exact = Request::new(principal.clone(), &action, &resource, concrete);
        let loose = Request {
            principal: match &principal {
                _ if !any_principal => principal.clone(),
                Principal::AwsAccountPrincipal { account, .. } => Principal::AnyOfAccount(account.clone()),
                _ => Principal::Any,
            },
            action: if any_action { Target::actions("s3:*t*") } else { exact.action.clone() },
            resource: if any_resource { Target::resources("arn:aws:s3:::*/*") } else { exact.resource.clone() },
            context: open,
        };
        let (known, supposed) = (document.evaluate(&exact), document.evaluate(&loose));
        prop_assert!(known.allowed == supposed.allowed || supposed.allowed == Truth::Unknown || known.allowed == Truth::Unknown,
            "{:?} became {:?}", supposed, known);
        for statement in &document.statements {
            let (known, supposed) = (statement.applies(&exact), statement.applies(&loose));
            prop_assert!(known == supposed || supposed == Truth::Unknown || known == Truth::Unknown);
        }
    }

    /// A policy that is called private lets no outsider through.
    #[test]
    fn no_outsider_gets_past_a_private_policy(
        document in policies(),
        values in carried(),
        anonymous in any::<bool>(),
        action in one_of(&["s3:GetObject", "s3:PutObject"]),
        resource in one_of(&["arn:aws:s3:::b/x1", "arn:aws:s3:::b/y"]),
    ) {
        let bucket = AuditedResource::Bucket("arn:aws:s3:::b".to_owned());
        if public_access(&document, &bucket, &["s3:*"]) == Answer::No {
            let mut context = Context::concrete();
            for (key, values) in KEYS.iter().zip(values) {
                let unfit = match *key {
                    // What a policy names in full, an outsider does not have.
                    "aws:PrincipalOrgID" => values.as_ref().is_some_and(|values| values != &["o-else"]),
                    "aws:SourceAccount" => values.as_ref().is_some_and(|values| values != &["888877776666"]),
                    "aws:SourceIp" => values.as_ref().is_some_and(|values| values != &["198.51.100.1"]),
                    "aws:SecureTransport" => values.as_ref().is_none_or(|values| values.len() > 1 || !["true", "false"].contains(&values[0].as_str())),
                    _ => false,
                };
                let value = match values {
                    _ if unfit && *key == "aws:SecureTransport" => ContextValue::one("true"),
                    Some(values) if !(unfit || anonymous && key.contains("Principal")) => ContextValue::Known(values),
                    _ => ContextValue::Absent,
                };
                context.set(key, value);
            }
            let principal = if anonymous {
                Principal::Anonymous
            } else {
                Principal::AwsAccountPrincipal {
                    arn: "arn:aws:iam::700000000000:user/mallory".to_owned(),
                    account: "700000000000".to_owned(),
                }
            };
            let request = Request::new(principal, &action, &resource, context);
            prop_assert!(!document.evaluate(&request).allowed.is_true(), "{:?}", request);
        }
    }

    /// Whoever gets through is in the scope of a grant.
    #[test]
    fn grants_cover_every_caller_that_gets_through(
        document in policies(),
        values in carried(),
        by_service in any::<bool>(),
        resource in one_of(&["arn:aws:s3:::b/x1", "arn:aws:s3:::b/y"]),
    ) {
        let mut context = Context::concrete();
        for (key, values) in KEYS.iter().zip(values) {
            let value = match (*key, values) {
                ("aws:SecureTransport", _) => ContextValue::one("true"),
                ("aws:SourceAccount", Some(_)) if by_service => ContextValue::one("888877776666"),
                ("aws:SourceAccount", _) => ContextValue::Absent,
                // No organization has another id.
                ("aws:PrincipalOrgID", Some(values)) if !values.iter().all(|id| id.starts_with("o-")) => {
                    ContextValue::Absent
                }
                (key, Some(values)) if values.len() == 1 && !(by_service && key.contains("Principal")) => {
                    ContextValue::Known(values)
                }
                _ => ContextValue::Absent,
            };
            context.set(key, value);
        }
        let own = context.mentioned("aws:principalorgid").cloned();
        let service = Principal::Service("config.amazonaws.com".to_owned());
        let principal = if by_service { service } else { caller(ROLE) };
        let request = Request::new(principal, "s3:PutObject", &resource, context);
        if document.evaluate(&request).allowed.is_true() && by_service {
            let organization = OrganizationScope {
                organization_id: Some("o-own".to_owned()),
                account_ids: ["111122223333".to_owned()].into(),
            };
            let writers = service_writers(&document, &organization, "arn:aws:s3:::b");
            let named = document.statements.iter().any(|statement| {
                statement.applies(&request).is_true() && !statement.covers_principal(&Principal::Anonymous).is_true()
            });
            prop_assert!(!named || writers.iter().any(|writer| !writer.scoped.is_true()), "{:?}", writers);
        } else if document.evaluate(&request).allowed.is_true() {
            let found = grants(&document, "s3:PutObject", &request.resource);
            let covered = found.iter().any(|grant| match &grant.scope {
                Scope::Everyone | Scope::Unknown(_) => true,
                Scope::Organizations(ids) => {
                    own.as_ref().is_some_and(|own| ids.iter().any(|id| *own == ContextValue::one(id)))
                }
                Scope::Accounts(ids) => ids.contains("111122223333"),
                Scope::Principals(arns) => arns.contains(ROLE),
                Scope::Service { .. } => false,
            });
            prop_assert!(covered, "{:?}", found);
        }
    }
}

#[test]
fn principals_that_only_look_alike_are_not_named() {
    let named = |principal: &str, caller: Principal| {
        let statement =
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"*"}}"#);
        decide(&statement, caller, "s3:GetObject", "arn:aws:s3:::b/k").outcome
    };
    let session = |account: &str, role: &str| {
        format!(r#"{{"AWS":"arn:aws:sts::{account}:assumed-role/{role}/alice"}}"#)
    };
    // A session of the caller's role may be the caller; one of another account or role is not.
    assert_eq!(named(&session("111122223333", "Auditor"), caller(ROLE)), Outcome::Unknown);
    assert_eq!(named(&session("444455556666", "Auditor"), caller(ROLE)), Outcome::ImplicitlyDenied);
    assert_eq!(named(&session("111122223333", "Other"), caller(ROLE)), Outcome::ImplicitlyDenied);
    let other = r#"{"AWS":"arn:aws:iam::111122223333:role/Other*"}"#;
    assert_eq!(named(other, caller(ROLE)), Outcome::ImplicitlyDenied);
    let federated = |name: &str| Principal::Federated(name.to_owned());
    let cognito = r#"{"Federated":"cognito-identity.amazonaws.com"}"#;
    assert_eq!(named(cognito, federated("cognito-identity.amazonaws.com")), Outcome::Allowed);
    assert_eq!(named(cognito, federated("accounts.google.com")), Outcome::ImplicitlyDenied);
    let trail = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
    assert_eq!(named(trail, Principal::Service("CloudTrail.amazonaws.com".to_owned())), Outcome::Allowed);
    assert_eq!(
        named(trail, Principal::Service("config.amazonaws.com".to_owned())),
        Outcome::ImplicitlyDenied
    );
}
