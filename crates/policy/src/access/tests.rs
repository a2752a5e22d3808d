use std::sync::Arc;

use super::*;
use crate::{Context, Document, Guardrails, Hierarchy, Level, Outcome, Principal, Target};

mod properties;

const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::111122223333:role/Auditor";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Auditor/alice";
const USER: &str = "arn:aws:iam::111122223333:user/alice";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const FEDERATED_USER: &str = "arn:aws:sts::111122223333:federated-user/alice";
const OBJECT: (&str, &str) = ("s3:GetObject", "arn:aws:s3:::logs/1");
const KEY: (&str, &str) = ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1");
const TRUST: (&str, &str) = ("sts:AssumeRole", "arn:aws:iam::111122223333:role/Admin");

const ALL: &str = r#"{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}"#;
const NONE: &str = r#"{"Sid":"Else","Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

fn policy(id: &str, statements: &str) -> AttachedPolicy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    AttachedPolicy { id: id.to_owned(), document: Arc::new(Document::parse(&text).unwrap()) }
}

fn grant(principal: &str) -> AttachedPolicy {
    let statement =
        format!(r#"{{"Sid":"Grant","Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}"#);
    policy("grant", &statement)
}

fn aws(arn: &str) -> String {
    format!(r#"{{"AWS":"{arn}"}}"#)
}

/// What surrounds a request; what is `None` is not consulted.
#[derive(Debug, Default, Clone)]
struct Around {
    owner: Option<&'static str>,
    identity: Option<Vec<AttachedPolicy>>,
    boundary: Option<AttachedPolicy>,
    session: Option<Vec<AttachedPolicy>>,
    resource: Option<AttachedPolicy>,
    levels: Vec<Level>,
}

impl Around {
    fn decide(&self, caller: &Principal, (action, resource): (&str, &str)) -> GuardrailDecision {
        let hierarchy = Hierarchy { levels: self.levels.clone() };
        let access = Access {
            guardrails: Guardrails {
                service_control: (!self.levels.is_empty()).then_some(&hierarchy),
                resource_account: self.owner.map(str::to_owned),
                ..Guardrails::default()
            },
            identity: self.identity.as_deref(),
            permissions_boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
            resource_policy: self.resource.as_ref(),
        };
        access.evaluate(&Request::new(caller.clone(), action, resource, Context::concrete()))
    }

    fn outcome(&self, caller: &str, asked: (&str, &str)) -> Outcome {
        self.decide(&principal(caller), asked).outcome
    }
}

fn principal(text: &str) -> Principal {
    match text {
        "*" => Principal::Anonymous,
        provider if provider.contains("-provider/") => Principal::Federated(provider.to_owned()),
        other => Principal::of_arn(other).unwrap(),
    }
}

fn by(decision: &GuardrailDecision) -> Vec<String> {
    let statement = |deciding: &Deciding| deciding.statement.as_ref().and_then(|id| id.sid.clone());
    decision
        .decided_by
        .iter()
        .map(|it| format!("{} {}", it.level, statement(it).unwrap_or_default()))
        .collect()
}

/// The table "Resource-based policies and implicit denies in other policy types (same account)" of the IAM User Guide.
#[test]
fn whom_a_resource_policy_names_decides_what_limits_the_grant() {
    for (caller, named, by_identity, by_boundary, by_session) in [
        // Whether the request is allowed where identity, boundary and session allow nothing, one at a time.
        (SESSION, SESSION, true, true, true),
        (SESSION, ROLE, true, false, false),
        (ROLE, ROLE, true, false, false),
        (USER, USER, true, true, true),
        (FEDERATED_USER, FEDERATED_USER, true, true, true),
        (SESSION, OWN, false, false, false),
        (SESSION, "arn:aws:iam::111122223333:role/Other", false, false, false),
        (SESSION, "*", true, true, true),
    ] {
        let own = || Some(vec![policy("own", ALL)]);
        let nothing = || Some(vec![policy("none", NONE)]);
        let open = Around {
            owner: Some(OWN),
            identity: own(),
            boundary: Some(policy("b", ALL)),
            session: own(),
            resource: Some(grant(&aws(named))),
            ..Around::default()
        };
        assert_eq!(open.outcome(caller, OBJECT), Outcome::Allowed);
        let without = [
            (Around { identity: nothing(), ..open.clone() }, by_identity, "identity"),
            (Around { boundary: Some(policy("none", NONE)), ..open.clone() }, by_boundary, "boundary"),
            (Around { session: nothing(), ..open.clone() }, by_session, "session"),
        ];
        for (around, allowed, lacking) in without {
            let expected = if allowed { Outcome::Allowed } else { Outcome::ImplicitlyDenied };
            assert_eq!(around.outcome(caller, OBJECT), expected, "{named} for {caller} without {lacking}");
            // Another account's resource needs all of them.
            let across = Around { owner: Some(OTHER), ..around };
            assert_eq!(
                across.outcome(caller, OBJECT),
                Outcome::ImplicitlyDenied,
                "{named} without {lacking}"
            );
        }
        let across = Around { owner: Some(OTHER), ..open };
        let expected = if named.ends_with("Other") { Outcome::ImplicitlyDenied } else { Outcome::Allowed };
        assert_eq!(across.outcome(caller, OBJECT), expected, "{named} for {caller}");
    }
}

#[test]
fn keys_and_roles_must_let_callers_of_their_own_account_in() {
    for asked in [KEY, TRUST] {
        let with = |named: &str| Around { resource: Some(grant(&aws(named))), ..Around::default() };
        let mut around = with(OTHER);
        assert_eq!(around.outcome(SESSION, asked), Outcome::ImplicitlyDenied, "identity alone is not enough");
        assert_eq!(around.outcome(ROOT, asked), Outcome::ImplicitlyDenied);
        around = with(OWN);
        assert_eq!(around.outcome(SESSION, asked), Outcome::Allowed);
        assert_eq!(around.outcome(ROOT, asked), Outcome::Allowed);
        around.identity = Some(Vec::new());
        let delegated = around.decide(&principal(SESSION), asked);
        assert_eq!(
            (delegated.outcome, by(&delegated)),
            (Outcome::ImplicitlyDenied, vec!["identity ".into()])
        );
        assert_eq!(around.outcome(ROOT, asked), Outcome::Allowed, "the root user needs no policy of its own");
        around.resource = Some(grant(&aws(ROLE)));
        assert_eq!(around.outcome(SESSION, asked), Outcome::Allowed, "a grant to the role is enough");
    }
    // Other actions of STS, and other services, are not about a role.
    let none = Around { owner: Some(OWN), resource: Some(grant(&aws(OTHER))), ..Around::default() };
    assert_eq!(none.outcome(SESSION, OBJECT), Outcome::Allowed);
    assert_eq!(none.outcome(SESSION, ("STS:GetCallerIdentity", "*")), Outcome::Allowed);
    assert_eq!(none.outcome(SESSION, ("KMS:Decrypt", KEY.1)), Outcome::ImplicitlyDenied);
    assert_eq!(none.outcome(ROOT, OBJECT), Outcome::Allowed);
}

#[test]
fn callers_of_no_account_need_the_resource_policy_alone() {
    let provider = "arn:aws:iam::111122223333:saml-provider/Corporate";
    for (caller, named) in [
        ("*", r#""*""#.to_owned()),
        ("config.amazonaws.com", r#"{"Service":"config.amazonaws.com"}"#.to_owned()),
        (provider, format!(r#"{{"Federated":"{provider}"}}"#)),
    ] {
        let around = Around { resource: Some(grant(&named)), ..Around::default() };
        for asked in [OBJECT, KEY, TRUST] {
            let decision = around.decide(&principal(caller), asked);
            assert_eq!((decision.outcome, by(&decision)), (Outcome::Allowed, vec!["resource Grant".into()]));
        }
        let other = Around { resource: Some(grant(&aws(OWN))), ..Around::default() };
        let denied = other.decide(&principal(caller), OBJECT);
        assert_eq!((denied.outcome, by(&denied)), (Outcome::ImplicitlyDenied, vec!["resource ".into()]));
    }
}

#[test]
fn the_owner_that_is_not_known_leaves_open_what_depends_on_it() {
    let around = |named: &str, identity: &str| Around {
        identity: Some(vec![policy("own", identity)]),
        resource: Some(grant(&aws(named))),
        ..Around::default()
    };
    assert_eq!(around(SESSION, ALL).outcome(SESSION, OBJECT), Outcome::Allowed);
    assert_eq!(around(OTHER, NONE).outcome(SESSION, OBJECT), Outcome::ImplicitlyDenied);
    // Enough in the caller's own account, not enough across accounts.
    for around in [around(SESSION, NONE), around(OTHER, ALL)] {
        let open = around.decide(&principal(SESSION), OBJECT);
        assert_eq!((open.outcome, by(&open)), (Outcome::Unknown, vec!["resource ".into()]));
    }
}

#[test]
fn what_does_not_tell_whom_it_names_grants_nothing_for_certain() {
    let condition = r#"{"Sid":"Grant","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*",
        "Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Auditor"}}}"#;
    let other = r#"{"Sid":"Grant","Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}"#;
    for (caller, resource) in [
        // The account by the element, the role by the condition.
        (SESSION, policy("r", condition)),
        (SESSION, policy("r", other)),
        (SESSION, grant(&aws("arn:aws:iam::111122223333:role/*"))),
        (ROLE, grant(&aws(SESSION))),
        (FEDERATED_USER, grant(&aws(USER))),
    ] {
        let mut around = Around {
            owner: Some(OWN),
            identity: Some(Vec::new()),
            resource: Some(resource),
            ..Around::default()
        };
        let open = around.decide(&principal(caller), OBJECT);
        assert_eq!((open.outcome, by(&open)), (Outcome::Unknown, vec!["resource Grant".into()]), "{caller}");
        around.identity = Some(vec![policy("own", ALL)]);
        assert_eq!(around.outcome(caller, OBJECT), Outcome::Allowed);
    }
}

#[test]
fn not_principal_denies_whoever_has_a_boundary() {
    let statement = r#"{"Sid":"Others","Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/alice",
        "arn:aws:iam::111122223333:role/Auditor","arn:aws:sts::111122223333:assumed-role/Auditor/alice",
        "arn:aws:sts::111122223333:federated-user/alice","111122223333"]},"Action":"s3:*","Resource":"*"}"#;
    let without = Around { owner: Some(OWN), resource: Some(policy("r", statement)), ..Around::default() };
    let with = Around { boundary: Some(policy("b", ALL)), ..without.clone() };
    for caller in [USER, ROLE, SESSION] {
        assert_eq!(without.outcome(caller, OBJECT), Outcome::Allowed, "{caller}");
        let denied = with.decide(&principal(caller), OBJECT);
        assert_eq!(
            (denied.outcome, by(&denied)),
            (Outcome::ExplicitlyDenied, vec!["resource Others".into()])
        );
        assert_eq!(with.outcome(caller, KEY), Outcome::ImplicitlyDenied, "another action");
    }
    assert_eq!(with.outcome(FEDERATED_USER, OBJECT), Outcome::Unknown);
    assert_eq!(with.outcome(ROOT, OBJECT), Outcome::Allowed);
    assert_eq!(without.outcome("arn:aws:iam::444455556666:user/eve", OBJECT), Outcome::ExplicitlyDenied);
}

#[test]
fn sessions_begin_with_what_was_passed() {
    let mut around = Around { session: Some(Vec::new()), ..Around::default() };
    assert_eq!(around.outcome(SESSION, OBJECT), Outcome::Allowed, "a role's session is limited by nothing");
    let denied = around.decide(&principal(FEDERATED_USER), OBJECT);
    assert_eq!((denied.outcome, by(&denied)), (Outcome::ImplicitlyDenied, vec!["session ".into()]));
    // Several are taken together.
    around.session = Some(vec![policy("none", NONE), policy("all", ALL)]);
    assert_eq!(around.outcome(SESSION, OBJECT), Outcome::Allowed);
    assert_eq!(around.outcome(FEDERATED_USER, OBJECT), Outcome::Allowed);
}

#[test]
fn what_decides_is_named_with_its_kind() {
    let level = |statements: &str| Level {
        id: OWN.to_owned(),
        policies: vec![policy("scp", statements)],
        unread: false,
    };
    let mut around = Around {
        owner: Some(OWN),
        identity: Some(vec![policy("a", NONE), policy("b", ALL)]),
        boundary: Some(policy("boundary", ALL)),
        session: Some(vec![policy("s", ALL)]),
        resource: Some(grant(&aws(OTHER))),
        levels: vec![level(ALL)],
    };
    let decide = |around: &Around| by(&around.decide(&principal(SESSION), OBJECT));
    let scp = format!("{OWN} All");
    assert_eq!(decide(&around), [&scp, "identity All", "permissionsBoundary All", "session All"]);
    around.resource = Some(grant(&aws(SESSION)));
    assert_eq!(decide(&around), [&scp, "resource Grant"]);
    around.resource = Some(grant(&aws(ROLE)));
    assert_eq!(decide(&around), [&scp, "resource Grant", "permissionsBoundary All", "session All"]);
    around.owner = Some(OTHER);
    let all = [scp.as_str(), "resource Grant", "identity All", "permissionsBoundary All", "session All"];
    assert_eq!(decide(&around), all);

    around.resource = Some(grant(&aws(OTHER)));
    assert_eq!(decide(&around), ["resource "]);
    around.owner = Some(OWN);
    around.boundary = Some(policy("boundary", NONE));
    assert_eq!(decide(&around), ["permissionsBoundary "], "the resource's policy did not have to");
    around.identity = Some(Vec::new());
    around.levels = vec![level(NONE)];
    assert_eq!(
        decide(&around),
        [format!("{OWN} ").as_str(), "resource ", "identity ", "permissionsBoundary "]
    );
    around.session =
        Some(vec![policy("s", r#"{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"}"#)]);
    assert_eq!(decide(&around), ["session No"]);
}

#[test]
fn what_is_said_of_many_requests_holds_of_each_of_them() {
    let identity = [policy("own", ALL)];
    let decide = |principal: Principal, action: &str, resource: &AttachedPolicy| {
        let access = Access {
            guardrails: Guardrails { resource_account: Some(OWN.to_owned()), ..Guardrails::default() },
            identity: Some(&identity),
            resource_policy: Some(resource),
            ..Access::default()
        };
        let mut request = Request::new(principal, "", OBJECT.1, Context::concrete());
        request.action = Target::actions(action);
        access.evaluate(&request).outcome
    };
    let everyone = grant(r#""*""#);
    let other = grant(&aws(OTHER));
    assert_eq!(decide(Principal::Any, "s3:GetObject", &everyone), Outcome::Allowed);
    // Whoever asks from elsewhere is denied, and who asks from the account is not.
    assert_eq!(decide(Principal::Any, "s3:GetObject", &policy("none", "")), Outcome::Unknown);
    let of_account = || Principal::AnyOfAccount(OWN.to_owned());
    assert_eq!(decide(of_account(), "s3:*", &everyone), Outcome::Allowed);
    assert_eq!(decide(of_account(), "s3:GetObject", &other), Outcome::Allowed);
    // Of some of these actions, the resource's policy would have to let callers in.
    assert_eq!(decide(of_account(), "*:Get*", &other), Outcome::Unknown);
    assert_eq!(decide(of_account(), "*:Get*", &everyone), Outcome::Allowed);
}
