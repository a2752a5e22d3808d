//! What holds of all policies: limits only limit, a deny decides, and what is not given changes nothing.

use proptest::prelude::*;

use super::*;

const CALLERS: &[&str] = &[
    ROLE,
    SESSION,
    USER,
    ROOT,
    FEDERATED_USER,
    "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    "arn:aws:iam::444455556666:user/eve",
    "config.amazonaws.com",
    "arn:aws:iam::111122223333:saml-provider/Corporate",
    "*",
];

const NAMED: &[&str] = &[
    r#""Principal":"*""#,
    r#""Principal":{"AWS":"111122223333"}"#,
    r#""Principal":{"AWS":"444455556666"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/Auditor"}"#,
    r#""Principal":{"AWS":["arn:aws:sts::111122223333:assumed-role/Auditor/alice","arn:aws:iam::111122223333:user/alice"]}"#,
    r#""Principal":{"AWS":"arn:aws:sts::111122223333:federated-user/alice"}"#,
    r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
    r#""Principal":{"Service":"config.amazonaws.com"}"#,
    r#""Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Corporate"}"#,
    r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/alice","111122223333"]}"#,
    r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/Auditor","111122223333"]}"#,
];

const CONDITIONS: &[&str] = &[
    "",
    "",
    r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
    r#","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Auditor"}}"#,
    r#","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
    r#","Condition":{"Unheard":{"aws:PrincipalAccount":"444455556666"}}"#,
];

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(choices)
}

/// Statements; those of a resource's policy name principals.
fn statements(of_resource: bool) -> impl Strategy<Value = String> {
    let action = one_of(&["*", "s3:*", "S3:getobject", "kms:*", "sts:AssumeRole", "ec2:*"]);
    let statement = (one_of(&["Allow", "Allow", "Allow", "Deny"]), one_of(NAMED), action, one_of(CONDITIONS))
        .prop_map(move |(effect, named, action, condition)| {
            let named = if of_resource { format!("{named},") } else { String::new() };
            format!(r#"{{"Effect":"{effect}",{named}"Action":"{action}","Resource":"*"{condition}}}"#)
        });
    proptest::collection::vec(statement, 0..3).prop_map(|statements| statements.join(","))
}

fn attached(of_resource: bool) -> impl Strategy<Value = AttachedPolicy> {
    statements(of_resource).prop_map(|statements| policy("p", &statements))
}

fn level() -> impl Strategy<Value = Level> {
    proptest::collection::vec(prop_oneof![Just(policy("p", ALL)), attached(false)], 0..3)
        .prop_map(|policies| Level { id: "r-1".to_owned(), policies, unread: false })
}

fn around() -> impl Strategy<Value = Around> {
    let several = || proptest::option::of(proptest::collection::vec(attached(false), 0..3));
    (
        proptest::sample::select(&[None, Some(OWN), Some(OTHER)][..]),
        several(),
        proptest::option::of(attached(false)),
        several(),
        proptest::option::of(attached(true)),
        proptest::option::of(level()),
    )
        .prop_map(|(owner, identity, boundary, session, resource, root)| Around {
            owner,
            identity,
            boundary,
            session,
            resource,
            levels: root.into_iter().collect(),
        })
}

fn request() -> impl Strategy<Value = (Principal, (&'static str, &'static str))> {
    (one_of(CALLERS).prop_map(principal), proptest::sample::select(&[OBJECT, KEY, TRUST][..]))
}

fn is_denied(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied)
}

proptest! {
    #[test]
    fn another_limit_never_allows_what_was_denied(
        before in around(),
        (caller, asked) in request(),
        limit in attached(false),
        level in level(),
    ) {
        let was = before.decide(&caller, asked).outcome;
        let bounded = Around { boundary: Some(limit.clone()), ..before.clone() };
        let begun = Around { session: Some(vec![limit]), ..before.clone() };
        let mut under = before.clone();
        under.levels.insert(0, Level { id: "r-0".to_owned(), ..level });
        let limited = [(before.boundary.is_none(), bounded), (before.session.is_none(), begun), (true, under)];
        for (_, after) in limited.iter().filter(|(is_new, _)| *is_new) {
            let is = after.decide(&caller, asked).outcome;
            prop_assert!(!is_denied(was) || is_denied(is), "{was:?} became {is:?}");
            prop_assert!(was != Outcome::Unknown || is != Outcome::Allowed, "{was:?} became {is:?}");
        }
    }

    #[test]
    fn a_deny_anywhere_decides(before in around(), (caller, asked) in request(), at in 0..5) {
        let deny = r#"{"Sid":"No","Effect":"Deny","Action":"*","Resource":"*"}"#;
        let no = || policy("no", deny);
        let mut after = before;
        match at {
            0 => after.identity.get_or_insert_default().push(no()),
            1 => after.boundary = Some(no()),
            2 => after.session.get_or_insert_default().push(no()),
            3 => {
                let everyone = deny.replace(r#""Action""#, r#""Principal":"*","Action""#);
                after.resource = Some(policy("no", &everyone));
            }
            _ => after.levels.push(Level { id: "r-0".to_owned(), policies: vec![no()], unread: false }),
        }
        let decision = after.decide(&caller, asked);
        let unbound = at == 4
            && Guardrails::default().unbound(&caller, None).is_some();
        if !unbound {
            prop_assert_eq!(decision.outcome, Outcome::ExplicitlyDenied);
            let named = by(&decision).iter().any(|it| it.ends_with(" No"));
            prop_assert!(named, "{:?}", by(&decision));
        }
    }

    #[test]
    fn a_deny_of_one_policy_denies_the_request(around in around(), (caller, asked) in request()) {
        let request = Request::new(caller.clone(), asked.0, asked.1, Context::concrete());
        let own = [&around.identity, &around.session].into_iter().flatten().flatten();
        let mut all = own.chain(&around.boundary).chain(&around.resource);
        if all.any(|policy| policy.document.evaluate(&request).outcome == Outcome::ExplicitlyDenied) {
            prop_assert_eq!(around.decide(&caller, asked).outcome, Outcome::ExplicitlyDenied);
        }
    }

    #[test]
    fn identity_that_allows_everything_is_as_good_as_none(before in around(), (caller, asked) in request()) {
        let levels = before.levels;
        let none = Around { levels: levels.clone(), owner: before.owner, ..Around::default() };
        let all = Around { identity: Some(vec![policy("all", ALL)]), ..none.clone() };
        let (without, with) = (none.decide(&caller, asked), all.decide(&caller, asked));
        let hierarchy = Hierarchy { levels };
        let guardrails = Guardrails {
            service_control: (!hierarchy.levels.is_empty()).then_some(&hierarchy),
            resource_account: none.owner.map(str::to_owned),
            ..Guardrails::default()
        };
        let request = Request::new(caller, asked.0, asked.1, Context::concrete());
        prop_assert_eq!(&without, &guardrails.evaluate(&request));
        prop_assert_eq!(without.outcome, with.outcome);
        let guarding = with.decided_by.into_iter().filter(|it| it.kind != PolicyKind::IdentityBased);
        prop_assert_eq!(without.decided_by, guarding.collect::<Vec<_>>());
    }

    #[test]
    fn a_denial_is_always_founded(around in around(), (caller, asked) in request()) {
        let decision = around.decide(&caller, asked);
        prop_assert!(decision.outcome == Outcome::Allowed || !decision.decided_by.is_empty());
        let whole = decision.decided_by.iter().filter(|it| it.statement.is_none()).count();
        match decision.outcome {
            Outcome::ImplicitlyDenied => prop_assert_eq!(whole, decision.decided_by.len()),
            Outcome::Unknown => {}
            _ => prop_assert_eq!(whole, 0),
        }
    }
}
