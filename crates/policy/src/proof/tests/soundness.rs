//! No request contradicts what is proved of all requests of its kind.

use proptest::prelude::*;

use super::*;
use crate::{
    AccountEquivalence, Context, ContextValue, Exemption, Outcome, Principal, Request, Truth,
    canonical_resource,
};

const PATH: &str = "o-own/r-1/ou-1/";

/// Keys, values that policies compare them with, and values that requests carry.
const KEYS: &[(&str, &[&str], &[&str])] = &[
    (
        "aws:PrincipalTag/team",
        &["red", "r*", "*", "${aws:PrincipalTag/other}", "x?"],
        &["red", "rot", "x1", "blue"],
    ),
    ("aws:PrincipalTag/other", &["red", "*"], &["red", "x1"]),
    ("aws:MultiFactorAuthPresent", &["true", "false"], &["true", "false"]),
    (
        "aws:SourceIp",
        &["203.0.113.0/24", "0.0.0.0/0", "2001:db8::/32"],
        &["203.0.113.7", "198.51.100.1", "2001:db8::1"],
    ),
    ("aws:SourceVpce", &["vpce-1", "vpce-*", "*"], &["vpce-1", "vpce-2"]),
    ("aws:PrincipalOrgID", &["o-own", "o-else", "o-*", "*"], &[]),
    ("aws:PrincipalAccount", &["111122223333", "444455556666", "1111*", "${aws:ResourceAccount}"], &[]),
    ("aws:PrincipalIsAWSService", &["true", "false"], &[]),
    ("aws:PrincipalOrgPaths", &["o-own/r-1/*", "o-own/r-1/ou-2/*", "o-own/*"], &[]),
    (
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::*:role/BreakGlass",
            "arn:aws:iam::111122223333:role/BreakGlass",
            "arn:aws:iam::${aws:PrincipalAccount}:role/Ops*",
            "arn:aws:sts::*:assumed-role/BreakGlass/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::*:user/*",
            "arn:aws:iam::444455556666:*",
            "arn:aws:iam::*:role/aws-service-role/*",
            "arn:*:iam::*:role/*/Deep",
            "arn:aws:iam::*:role/a/Other",
            "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
            "arn:aws:iam::${Account}:role/BreakGlass",
            "*",
        ],
        &[],
    ),
    ("aws:RequestedRegion", &["eu-west-1", "us-*"], &["eu-west-1", "us-east-1"]),
    ("aws:CurrentTime", &["2030-01-01T00:00:00Z", "2020-01-01"], &["2025-06-01T00:00:00Z"]),
    ("s3:max-keys", &["7", "10"], &["7", "8"]),
    (
        "aws:VpceAccount",
        &["111122223333", "444455556666", "*", "${aws:PrincipalAccount}"],
        &["111122223333", "444455556666"],
    ),
    ("aws:VpceOrgID", &["o-own", "o-else", "o-*", "${aws:PrincipalOrgID}"], &["o-own", "o-else"]),
    ("aws:VpceOrgPaths", &["o-own/*", "o-else/*", "o-own/r-1/ou-1/*"], &["o-own/r-1/ou-1/", "o-else/r-2/"]),
    (
        "aws:SourceVpcArn",
        &["arn:aws:ec2:*:*:vpc/*", "arn:aws:ec2:*:444455556666:vpc/*", "arn:aws:ec2:*:*:vpc/vpc-1"],
        &["arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "arn:aws:ec2:eu-west-1:444455556666:vpc/vpc-2"],
    ),
    (
        "aws:ResourceAccount",
        &["111122223333", "444455556666", "${aws:PrincipalAccount}", "1111????3333"],
        &[],
    ),
    ("aws:ResourceOrgID", &["o-own", "o-else", "${aws:PrincipalOrgID}"], &[]),
    ("aws:ResourceOrgPaths", &["o-own/r-1/*", "o-own/r-1/ou-2/*", "o-else/*"], &[]),
    ("kms:GrantIsForAWSResource", &["true", "false"], &["true", "false"]),
    (
        "kms:EncryptionContext:aws:cloudtrail:arn",
        &["arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"],
        &["arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"],
    ),
    ("PrincipalArn", &["*"], &[]),
];

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "ArnLike",
    "ArnNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "Bool",
    "Null",
    "IpAddress",
    "NotIpAddress",
    "NumericEquals",
    "NumericNotEquals",
    "NumericGreaterThanEquals",
    "DateLessThan",
    "DateGreaterThan",
    "Unheard",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:cloudtrail:*:*:trail/*",
    "arn:aws:cloudtrail:*:*:trail/main",
    "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/m*",
    "arn:aws:cloudtrail:eu-west-1:111122223333:trail/*",
    "arn:aws:cloudtrail:*:trail/*",
    "arn:aws:cloudtrail:${Region}:${Account}:trail/*",
    "arn:aws:cloudtrail:*::trail/",
    "arn:aws:cloudtrail:*:44445555????:trail/*",
    "arn:aws:cloudtrail:${aws:RequestedRegion}:*:trail/*",
    "arn:aws:cloudtrail:*:*:trail/${aws:PrincipalTag/team}",
    "arn:aws:cloudtrail:*:*:trail/m${aws:PrincipalTag/other, 'ain'}",
    "arn:aws:cloudtrail:*:*:trail/${aws:TagKeys}",
];

const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:role/BreakGlass",
    "arn:aws:iam::111122223333:role/Ops1",
    "arn:aws:iam::111122223333:role/a/Deep",
    "arn:aws:sts::111122223333:assumed-role/BreakGlass/session",
    "arn:aws:sts::111122223333:assumed-role/Other/session",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:sts::111122223333:assumed-root",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_1/ann",
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
];

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    proptest::sample::select(choices)
}

fn condition() -> impl Strategy<Value = (String, String)> {
    let key = proptest::sample::select(KEYS).prop_flat_map(|(key, values, _)| {
        (Just(key), proptest::collection::vec(proptest::sample::select(values), 1..3))
    });
    let prefix = one_of(&["", "", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = one_of(&["", "", "", "IfExists"]);
    (prefix, one_of(OPERATORS), suffix, key).prop_map(|(prefix, operator, suffix, (key, values))| {
        let operator = match (key, operator) {
            ("aws:MultiFactorAuthPresent" | "aws:PrincipalIsAWSService" | "kms:GrantIsForAWSResource", _)
                if operator != "Null" =>
            {
                "Bool"
            }
            ("aws:SourceIp", "StringEquals" | "ArnLike" | "Bool") => "IpAddress",
            ("aws:SourceIp", "StringNotEquals" | "ArnNotLike") => "NotIpAddress",
            _ => operator,
        };
        let values =
            if operator == "Null" { r#""true""#.to_owned() } else { format!("\"{}\"", values.join("\",\"")) };
        (format!("{prefix}{operator}{suffix}"), format!(r#"{{"{key}":[{values}]}}"#))
    })
}

fn statement() -> impl Strategy<Value = String> {
    let action = one_of(&[
        r#""Action":"*""#,
        r#""Action":"cloudtrail:*""#,
        r#""Action":["s3:*","CloudTrail:StopLogging"]"#,
        r#""Action":"iam:*""#,
        r#""NotAction":"iam:*""#,
        r#""NotAction":["cloudtrail:Stop*","s3:*"]"#,
    ]);
    let resource = (one_of(&["Resource", "Resource", "Resource", "NotResource"]), one_of(RESOURCES));
    let conditions = proptest::collection::btree_map(one_of(&["a", "b", "c"]), condition(), 0..3);
    (one_of(&["Deny", "Deny", "Allow"]), action, resource, conditions).prop_map(
        |(effect, action, (element, resource), conditions)| {
            let mut operators: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
            for (operator, comparison) in conditions.into_values() {
                operators.insert(operator, comparison);
            }
            let conditions: Vec<String> = operators
                .iter()
                .map(|(operator, comparison)| format!(r#""{operator}":{comparison}"#))
                .collect();
            format!(
                r#"{{"Effect":"{effect}",{action},"{element}":"{resource}","Condition":{{{}}}}}"#,
                conditions.join(",")
            )
        },
    )
}

fn hierarchies() -> impl Strategy<Value = Hierarchy> {
    let full = prop_oneof![4 => Just(true), 1 => Just(false)];
    let level =
        (full, proptest::collection::vec(statement(), 0..3), prop_oneof![9 => Just(false), 1 => Just(true)]);
    proptest::collection::vec(level, 2..4).prop_map(|levels| {
        let last = levels.len() - 1;
        let levels = levels.into_iter().enumerate().map(|(index, (full, mut statements, unread))| {
            if full {
                statements.push(FULL.to_owned());
            }
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            let document = Arc::new(Document::parse(&text).unwrap());
            let id = if index == last { MEMBER.to_owned() } else { format!("level-{index}") };
            Level { id, policies: vec![AttachedPolicy { id: format!("p-{index}"), document }], unread }
        });
        Hierarchy { levels: levels.collect() }
    })
}

fn contexts() -> impl Strategy<Value = Context> {
    let value = |index: usize| {
        let carried = KEYS[index].2;
        let one = if carried.is_empty() { Just("").boxed() } else { one_of(carried).boxed() };
        proptest::option::of(one)
    };
    let values: Vec<_> = (0..KEYS.len()).map(value).collect();
    values.prop_map(|values| {
        let paths = ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"];
        let mut context =
            paths.iter().fold(Context::concrete(), |context, key| context.with(key, ContextValue::one(PATH)));
        for ((key, _, carried), value) in KEYS.iter().zip(values) {
            if let Some(value) = value.filter(|_| !carried.is_empty()) {
                context.set(key, ContextValue::one(value));
            }
        }
        context
    })
}

/// Whether a request meets an exemption, asked of the evaluator itself.
fn meets(exemption: &Exemption, request: &Request) -> Truth {
    match exemption {
        Exemption::Any(ways) => Truth::any(ways.iter().map(|way| meets(way, request))),
        Exemption::All(parts) => Truth::all(parts.iter().map(|part| meets(part, request))),
        Exemption::Atom(atom) => match &atom.requirement {
            Requirement::Condition { holds, operator, key, values } => {
                let values = serde_json::json!(values);
                let rest = format!(r#""Resource":"*","Condition":{{"{operator}":{{"{key}":{values}}}}}"#);
                let truth = fires(&rest, request);
                if *holds { truth } else { !truth }
            }
            Requirement::Resource { among, patterns } => {
                let truth = fires(&format!(r#""Resource":{}"#, serde_json::json!(patterns)), request);
                if *among { truth } else { !truth }
            }
            Requirement::Principal { .. } => Truth::Unknown,
        },
    }
}

fn fires(rest: &str, request: &Request) -> Truth {
    let hierarchy = hierarchy(&[&format!(r#"{{"Effect":"Deny","Action":"*",{rest}}}"#)]);
    match guardrails(&hierarchy).evaluate(request).outcome {
        Outcome::ExplicitlyDenied => Truth::True,
        Outcome::Allowed => Truth::False,
        Outcome::ImplicitlyDenied | Outcome::Unknown => Truth::Unknown,
    }
}

/// Whether what happens to one request is what was proved of all.
fn agrees(proof: &Proof, outcome: Outcome, request: &Request) -> Result<(), TestCaseError> {
    let denied = matches!(outcome, Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied);
    match &proof.verdict {
        Verdict::DeniedForAll { .. } => {
            prop_assert_ne!(outcome, Outcome::Allowed);
            prop_assert_eq!(proof.default_caller, DefaultCaller::Denied);
        }
        Verdict::NotDenied => {
            prop_assert!(!denied);
            prop_assert_eq!(proof.default_caller, DefaultCaller::Allowed);
        }
        Verdict::DeniedExcept { exemption } => match meets(exemption, request) {
            Truth::True => prop_assert!(!denied, "{exemption}"),
            Truth::False => prop_assert_ne!(outcome, Outcome::Allowed, "{}", exemption),
            Truth::Unknown => {}
        },
        Verdict::Unknown { levels, misplaced, unfinished, undecided, at_most } => {
            let why = [levels.as_slice(), misplaced].concat();
            prop_assert!(!why.is_empty() || !undecided.is_empty() || *unfinished);
            if at_most.as_ref().is_some_and(|exemption| meets(exemption, request).is_false()) {
                prop_assert_ne!(outcome, Outcome::Allowed);
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_request_contradicts_a_proof(
        hierarchy in hierarchies(),
        principal in one_of(PRINCIPALS),
        context in contexts(),
        (asked, resource) in proptest::sample::select(&[
            ("arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
            ("arn:aws:cloudtrail:*:111122223333:trail/*", "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"),
            ("arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"),
            ("arn:aws:cloudtrail:eu-west-1:111122223333:trail/m*", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/mine"),
        ][..]),
    ) {
        let guardrails = guardrails(&hierarchy);
        let mut callers = Callers::of_account(MEMBER);
        callers.organization_path = Some(PATH.to_owned());
        let target = Target::resources(asked);
        let action = "cloudtrail:StopLogging";
        let designated = [Glob::arn("arn:aws:iam::*:role/BreakGlass")];
        let question = Question { callers: &callers, action, resource: &target, designated: &designated };
        let proof = guardrails.prove(&question);
        let request = Request::new(Principal::of_arn(principal).unwrap(), action, resource, context);
        let mut outcome = guardrails.evaluate(&request).outcome;
        if hierarchy.unread().next().is_some() && outcome == Outcome::Unknown {
            // The unread level may allow and deny nothing: then this is what happens.
            let mut read = hierarchy.clone();
            for level in read.levels.iter_mut().filter(|level| level.unread) {
                level.unread = false;
                level.policies.extend(super::hierarchy(&[]).levels[0].policies.clone());
            }
            outcome = super::guardrails(&read).evaluate(&request).outcome;
        }
        agrees(&proof, outcome, &request)?;
        if let Some(statement) = guardrails.closing_statement(&question) {
            let mut closed = hierarchy.clone();
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
            let document = Arc::new(Document::parse(&text).unwrap());
            closed.levels[0].policies.push(AttachedPolicy { id: "p-new".to_owned(), document });
            let outcome = super::guardrails(&closed).evaluate(&request).outcome;
            prop_assert!(outcome != Outcome::Allowed || principal.contains("BreakGlass"));
        }
    }

    #[test]
    fn no_request_contradicts_a_proof_of_a_bucket(
        hierarchy in hierarchies(),
        own in proptest::collection::vec(statement(), 0..3),
        principal in one_of(PRINCIPALS),
        context in contexts(),
        action in one_of(&["s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucket"]),
    ) {
        let mut hierarchy = hierarchy;
        hierarchy.levels.iter_mut().for_each(|level| level.unread = false);
        let own: Vec<String> =
            own.iter().map(|statement| statement.replacen('{', r#"{"Principal":"*","#, 1)).collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, own.join(","));
        let document = Arc::new(Document::parse(&text).unwrap());
        let policies = vec![AttachedPolicy { id: "own".to_owned(), document }];
        let level = Level { id: "own".to_owned(), policies, unread: false };
        let guardrails = Guardrails {
            resource_policy: Some(&level),
            resource_account: Some(MEMBER.to_owned()),
            ..guardrails(&hierarchy)
        };
        let mut callers = Callers::of_account(MEMBER);
        callers.organization_path = Some(PATH.to_owned());
        let target = Target::resources("arn:aws:s3:::logs");
        let question = Question { callers: &callers, action, resource: &target, designated: &[] };
        let proof = guardrails.prove(&question);
        let request = Request::new(Principal::of_arn(principal).unwrap(), action, "arn:aws:s3:::logs", context);
        agrees(&proof, guardrails.evaluate(&request).outcome, &request)?;
    }

    #[test]
    fn accounts_of_one_group_get_one_verdict(
        hierarchy in hierarchies(),
        accounts in proptest::sample::select(&[
            ["111122223333", "444455556666"],
            ["111122223333", "222233334444"],
            ["222233334444", "444455556666"],
            ["222233334444", "777788889999"],
        ][..]),
    ) {
        let documents = || hierarchy.documents().map(|(_, policy)| policy.document.as_ref());
        let equivalence = AccountEquivalence::of(documents());
        let [first, second] = accounts.map(|account| {
            let mut hierarchy = hierarchy.clone();
            account.clone_into(&mut hierarchy.levels.last_mut().unwrap().id);
            let callers = Callers::of_account(account);
            let text = format!("arn:aws:cloudtrail:*:{account}:trail/*");
            let resource = Target::resources(&text);
            let question =
                Question { callers: &callers, action: "cloudtrail:StopLogging", resource: &resource, designated: &[] };
            let verdict = short(&guardrails(&hierarchy).prove(&question)).replace(account, "{account}");
            (equivalence.group(account, None), canonical_resource(&text, account), verdict)
        });
        prop_assert_eq!(&first.1, &second.1);
        if first.0 == second.0 {
            prop_assert_eq!(first.2, second.2);
        }
        let unmentioned = equivalence.unmentioned_account();
        let mentioned = documents().any(|document| format!("{document:?}").contains(&unmentioned));
        prop_assert!(!mentioned);
    }
}
