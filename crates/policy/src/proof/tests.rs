use std::sync::Arc;

use super::goals::WORK_LIMIT;
use super::memory::Known;
use super::*;
use crate::{
    AttachedPolicy, Document, ExemptionKind, Guardrails, Hierarchy, Level, Organization, Requirement,
};

mod keys;
mod one_caller;
mod remembered;
mod several_accounts;
mod soundness;
mod tags;

const MEMBER: &str = "111122223333";
const FULL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const TRAILS: &str = "arn:aws:cloudtrail:*:111122223333:trail/*";

fn hierarchy(statements: &[&str]) -> Hierarchy {
    let document = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Arc::new(Document::parse(&text).unwrap())
    };
    let level = |id: &str, statements: &str| Level {
        id: id.to_owned(),
        policies: vec![AttachedPolicy { id: format!("p-{id}"), document: document(statements) }],
        unread: false,
    };
    let root = [&[FULL], statements].concat().join(",");
    Hierarchy { levels: vec![level("r-1", &root), level(MEMBER, FULL)] }
}

fn guardrails(hierarchy: &Hierarchy) -> Guardrails<'_> {
    Guardrails {
        organization: Organization {
            id: Some("o-own".to_owned()),
            management_account: Some("999988887777".to_owned()),
        },
        service_control: Some(hierarchy),
        ..Guardrails::default()
    }
}

fn prove_on(hierarchy: &Hierarchy, action: &str, resource: &Target) -> Proof {
    let callers = Callers::of_account(MEMBER);
    let designated = [Glob::arn("arn:aws:iam::*:role/BreakGlass")];
    guardrails(hierarchy).prove(&Question { callers: &callers, action, resource, designated: &designated })
}

fn prove(statements: &[&str]) -> Proof {
    prove_on(&hierarchy(statements), "cloudtrail:StopLogging", &Target::resources(TRAILS))
}

fn deny(condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":"cloudtrail:*","Resource":"*","Condition":{condition}}}"#)
}

/// The verdict in short: kind and exemption, and what happens to the default caller.
fn short(proof: &Proof) -> String {
    let default = if proof.default_caller == DefaultCaller::Denied { "denied" } else { "allowed" };
    match &proof.verdict {
        Verdict::DeniedForAll { unattainable: None } => "all".to_owned(),
        Verdict::DeniedForAll { unattainable: Some(exemption) } => format!("all, not even {exemption}"),
        Verdict::DeniedExcept { exemption } => {
            format!("except {}: {exemption}; default {default}", exemption.kind())
        }
        Verdict::NotDenied => "none".to_owned(),
        Verdict::Unknown { levels, misplaced, at_most, undecided, .. } => {
            let at_most = at_most.as_ref().map_or_else(|| "everyone".to_owned(), ToString::to_string);
            let why: Vec<String> = undecided.iter().map(ToString::to_string).collect();
            let at = [levels.as_slice(), misplaced, &why].concat().join(", ");
            format!("unknown at {at}, at most {at_most}")
        }
    }
}

fn with_condition(condition: &str) -> String {
    short(&prove(&[&deny(condition)]))
}

/// Whoever starts an instance has one of its provider's addresses.
#[test]
fn addresses_that_anybody_can_rent_are_self_service() {
    let kind = |range: &str| with_condition(&format!(r#"{{"NotIpAddress":{{"aws:SourceIp":{range}}}}}"#));
    for range in [
        r#""3.0.0.0/8""#,
        r#""52.0.0.0/10""#,
        r#""18.184.0.0/15""#,
        r#""18.184.7.9""#,
        r#"["203.0.113.0/24","35.180.0.0/16"]"#,
        r#""34.64.0.0/11""#,
        r#""20.33.0.0/16""#,
        r#""2600:1f14::/35""#,
    ] {
        assert!(kind(range).starts_with("except self-service"), "{range}: {}", kind(range));
    }
    for range in [r#""203.0.113.0/24""#, r#"["198.51.100.7","2001:db8::/32"]"#, r#""192.0.2.1/32""#] {
        assert!(kind(range).starts_with("except external"), "{range}: {}", kind(range));
    }
    // Nobody has such an address on the Internet.
    for range in [r#""10.0.0.0/8""#, r#"["192.168.0.0/20","fd00::/8"]"#] {
        assert!(kind(range).starts_with("all, not even"), "{range}: {}", kind(range));
    }
}

/// An endpoint of the account is where the account is, and in no other unit.
#[test]
fn an_endpoint_of_another_unit_is_out_of_reach() {
    let kind = |path: Option<&str>, operator: &str, value: &str| {
        let condition = format!(r#"{{"{operator}":{{"aws:VpceOrgPaths":"{value}"}}}}"#);
        let hierarchy = hierarchy(&[&deny(&condition)]);
        let mut callers = Callers::of_account(MEMBER);
        callers.organization_path = path.map(str::to_owned);
        let resource = Target::resources(TRAILS);
        let question = Question {
            callers: &callers,
            action: "cloudtrail:StopLogging",
            resource: &resource,
            designated: &[],
        };
        short(&guardrails(&hierarchy).prove(&question))
    };
    let own = Some("o-own/r-1/ou-1/");
    let like = "ForAllValues:StringNotLike";
    for (path, operator, value) in [
        (own, like, "o-own/r-1/ou-2/*"),
        (own, "ForAllValues:StringNotEquals", "o-own/r-1/ou-2/"),
        (own, "ForAllValues:StringNotEquals", "o-own/r-1/"),
        (None, like, "o-else/r-1/*"),
    ] {
        assert!(
            kind(path, operator, value).starts_with("except external"),
            "{}",
            kind(path, operator, value)
        );
    }
    for (path, operator, value) in [
        (own, like, "o-own/r-1/ou-1/*"),
        (own, like, "o-own/*"),
        (own, "ForAllValues:StringNotEquals", "o-own/r-1/ou-1/"),
        (None, like, "o-own/r-1/ou-2/*"),
    ] {
        assert!(
            kind(path, operator, value).starts_with("except self-service"),
            "{}",
            kind(path, operator, value)
        );
    }
}

#[test]
fn exemptions_are_told_with_their_kind() {
    insta::assert_snapshot!(
        [
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#,
            r#"{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/BreakGlass","arn:aws:iam::*:role/Ops*"]}}"#,
            r#"{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/BreakGlass"}}"#,
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}}"#,
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/BreakGlass/*"}}"#,
            r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/BreakGlass"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Break*"}}"#,
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-else"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#,
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-else"}}"#,
            r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#,
            r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalTag/admin":"true"}}"#,
            r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
            r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#,
            r#"{"Null":{"aws:PrincipalTag/team":"true"}}"#,
            r#"{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}"#,
            r#"{"StringMatches":{"aws:PrincipalTag/team":"x"}}"#,
            r#"{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}"#,
        ]
        .map(|condition| format!("{condition}\n  {}", with_condition(condition)))
        .join("\n"),
        @r#"
        {"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}
          except designated: aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied
        {"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/BreakGlass","arn:aws:iam::*:role/Ops*"]}}
          except self-service: aws:PrincipalArn like [arn:aws:iam::*:role/BreakGlass, arn:aws:iam::*:role/Ops*]; default denied
        {"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/BreakGlass"}}
          except designated: aws:PrincipalArn like arn:aws:iam::111122223333:role/BreakGlass; default denied
        {"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/aws-service-role/*"}}
          all, not even aws:PrincipalArn like arn:aws:iam::*:role/aws-service-role/*
        {"ArnNotLike":{"aws:PrincipalArn":"arn:aws:sts::*:assumed-role/BreakGlass/*"}}
          all, not even aws:PrincipalArn like arn:aws:sts::*:assumed-role/BreakGlass/*
        {"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::444455556666:role/BreakGlass"}}
          all, not even aws:PrincipalArn like arn:aws:iam::444455556666:role/BreakGlass
        {"StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Break*"}}
          all, not even aws:PrincipalArn is arn:aws:iam::111122223333:role/Break*
        {"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}}
          except self-service: aws:PrincipalArn not like arn:aws:iam::*:root; default allowed
        {"StringNotEquals":{"aws:PrincipalOrgID":"o-else"}}
          all, not even aws:PrincipalOrgID is o-else
        {"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}
          none
        {"StringEquals":{"aws:PrincipalOrgID":"o-else"}}
          none
        {"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}
          except self-service: aws:MultiFactorAuthPresent is true; default denied
        {"Bool":{"aws:PrincipalIsAWSService":"false"}}
          all, not even aws:PrincipalIsAWSService is true, or absent
        {"StringNotEquals":{"aws:PrincipalTag/admin":"true"}}
          except self-service: aws:PrincipalTag/admin is true; default denied
        {"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}
          except external: aws:SourceIp in 203.0.113.0/24; default denied
        {"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}
          except self-service: aws:SourceIp not in 203.0.113.0/24; default allowed
        {"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}
          unknown at which account `vpce-1` is of, the value of `aws:SourceVpce`, is not known: if administrators of the account can make or use it, they meet the condition, at most aws:SourceVpce is vpce-1
        {"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}
          except external: aws:SourceIp in 203.0.113.0/24 or aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied
        {"Null":{"aws:PrincipalTag/team":"true"}}
          except self-service: aws:PrincipalTag/team present; default denied
        {"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}
          except self-service: aws:CurrentTime at or before 2030-01-01T00:00:00Z; default allowed
        {"StringMatches":{"aws:PrincipalTag/team":"x"}}
          except self-service: not StringMatches aws:PrincipalTag/team x; default allowed
        {"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}
          except self-service: aws:RequestedRegion is eu-west-1; default allowed
        "#
    );
}

#[test]
fn several_denies_must_all_be_escaped() {
    let mfa = deny(r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#);
    let role = deny(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#);
    assert_eq!(
        short(&prove(&[&mfa, &role, &role])),
        "except designated: aws:MultiFactorAuthPresent is true and aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied"
    );
    // No value of the key meets both.
    let with = deny(r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#);
    assert_eq!(short(&prove(&[&mfa, &with])), "all");
    let outright = deny("{}");
    assert_eq!(short(&prove(&[&role, &outright])), "all");
}

#[test]
fn a_level_without_allow_denies_all() {
    let mut hierarchy = hierarchy(&[]);
    hierarchy.levels[1].policies.clear();
    let proof = prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS));
    assert_eq!(short(&proof), "all");
    let deciding = proof.decided_by.first().unwrap();
    assert_eq!((deciding.level.as_str(), &deciding.policy), (MEMBER, &None));
}

#[test]
fn a_conditional_allow_is_an_exemption_too() {
    let allow = r#"{"Effect":"Allow","Action":"cloudtrail:*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}}"#;
    let mut hierarchy = hierarchy(&[]);
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{allow}}}"#);
    hierarchy.levels[1].policies[0].document = Arc::new(Document::parse(&text).unwrap());
    let proof = prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS));
    assert_eq!(
        short(&proof),
        "except designated: aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied"
    );
}

#[test]
fn what_is_not_denied_names_who_allows() {
    let proof = prove(&[]);
    assert_eq!(short(&proof), "none");
    assert_eq!(proof.default_caller, DefaultCaller::Allowed);
    let levels: Vec<&str> = proof.decided_by.iter().map(|deciding| deciding.level.as_str()).collect();
    assert_eq!(levels, ["r-1", MEMBER]);
}

#[test]
fn the_statements_that_decide_are_named() {
    let deciding = |statements: &[&str]| -> Vec<(String, Option<usize>)> {
        let decided_by = prove(statements).decided_by.into_iter();
        decided_by.map(|at| (at.level, at.statement.map(|id| id.number))).collect()
    };
    let root = |number: usize| ("r-1".to_owned(), Some(number));
    let never = deny(r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#);
    let role = deny(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#);
    // The first statement allows all. What suffices by itself is named alone, and what never denies not at all.
    assert_eq!(deciding(&[&never, &role, &deny("{}")]), [root(4)]);
    assert_eq!(deciding(&[&never, &role]), [root(3)]);
    assert_eq!(deciding(&[&never, FULL]), [root(1), (MEMBER.to_owned(), Some(1))]);
}

#[test]
fn a_pattern_of_resources_is_denied_only_as_a_whole() {
    let on = |resource: &str| {
        let deny = format!(r#"{{"Effect":"Deny","Action":"cloudtrail:*","Resource":"{resource}"}}"#);
        short(&prove(&[&deny]))
    };
    assert_eq!(on("arn:aws:cloudtrail:*:*:trail/*"), "all");
    assert_eq!(on("arn:aws:cloudtrail:${Region}:${Account}:trail/*"), "none");
    assert_eq!(on("arn:aws:cloudtrail:*::trail/"), "none");
    assert_eq!(
        on("arn:aws:cloudtrail:*:*:trail/main"),
        "except self-service: resource not in arn:aws:cloudtrail:*:*:trail/main; default allowed"
    );
}

#[test]
fn an_action_without_resources_is_denied_only_on_everything() {
    let on = |resource: &str| {
        let deny = format!(
            r#"{{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"{resource}"}}"#
        );
        let hierarchy = hierarchy(&[&deny]);
        short(&prove_on(&hierarchy, "organizations:LeaveOrganization", &Target::no_resource()))
    };
    assert_eq!(on("*"), "all");
    assert_eq!(on("arn:aws:organizations::*:account/*"), "none");
}

#[test]
fn unread_levels_leave_it_unknown_unless_the_rest_denies() {
    let role = deny(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}"#);
    let unread = |statements: &[&str]| {
        let mut hierarchy = hierarchy(statements);
        hierarchy.levels[1].unread = true;
        hierarchy.levels[1].policies.clear();
        short(&prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS)))
    };
    assert_eq!(unread(&[]), "unknown at 111122223333, at most everyone");
    assert_eq!(
        unread(&[&role]),
        "unknown at 111122223333, at most aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass"
    );
    assert_eq!(unread(&[&deny("{}")]), "all");
}

#[test]
fn the_management_account_is_exempt() {
    let hierarchy = hierarchy(&[&deny("{}")]);
    let callers = Callers::of_account("999988887777");
    let resource = Target::resources(TRAILS);
    let proof = guardrails(&hierarchy).prove(&Question {
        callers: &callers,
        action: "cloudtrail:StopLogging",
        resource: &resource,
        designated: &[],
    });
    assert_eq!((short(&proof).as_str(), proof.unbound), ("none", Some(Unbound::ManagementAccount)));
    assert_eq!(
        proof.unbound.unwrap().explanation(),
        "service control policies do not bind the management account"
    );
}

#[test]
fn a_name_that_nobody_may_create_is_no_self_service() {
    let exempt = deny(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Ops"}}"#);
    let kind = |protection: &str| {
        let proof = prove(&[&exempt, protection]);
        let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
        exemption.kind()
    };
    let protect = |actions: &str, resource: &str, condition: &str| {
        format!(r#"{{"Effect":"Deny","Action":{actions},"Resource":"{resource}"{condition}}}"#)
    };
    let both = r#"["iam:CreateRole","iam:UpdateAssumeRolePolicy"]"#;
    assert_eq!(kind(FULL), ExemptionKind::SelfService);
    assert_eq!(kind(&protect(both, "arn:aws:iam::*:role/Ops", "")), ExemptionKind::External);
    assert_eq!(kind(&protect(r#""iam:CreateRole""#, "*", "")), ExemptionKind::SelfService);
    assert_eq!(kind(&protect(both, "arn:aws:iam::*:role/Other", "")), ExemptionKind::SelfService);
    // Only the role itself may make itself.
    let itself = r#","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Ops"}}"#;
    assert_eq!(kind(&protect(both, "*", itself)), ExemptionKind::External);
    // A role may make it that anyone may make.
    let another = r#","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Maker"}}"#;
    assert_eq!(kind(&protect(both, "arn:aws:iam::*:role/Ops", another)), ExemptionKind::SelfService);
}

/// How the exemption of the first role can be had, where each may be made by another one alone, or by nobody.
fn kind_of_chain(roles: &[(&str, Option<&str>)]) -> ExemptionKind {
    let but = |role: &str| format!(r#"{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{role}"}}}}"#);
    let mut statements = vec![deny(&but(roles[0].0))];
    statements.extend(roles.iter().map(|(role, maker)| {
        let condition = maker.map_or_else(|| "{}".to_owned(), but);
        format!(
            r#"{{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"arn:aws:iam::*:role/{role}","Condition":{condition}}}"#
        )
    }));
    let proof = prove(&statements.iter().map(String::as_str).collect::<Vec<_>>());
    let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
    exemption.kind()
}

#[test]
fn roles_that_make_roles_are_followed_to_their_end() {
    let (a, b, c) = (("A", Some("B")), ("B", Some("C")), ("C", Some("D")));
    assert_eq!(kind_of_chain(&[a, ("B", None)]), ExemptionKind::External);
    assert_eq!(kind_of_chain(&[a, b, ("C", None)]), ExemptionKind::External);
    assert_eq!(kind_of_chain(&[a, b, c, ("D", None)]), ExemptionKind::External);
    // Two that only make each other are made by nobody.
    assert_eq!(kind_of_chain(&[a, ("B", Some("A"))]), ExemptionKind::External);
}

#[test]
fn very_many_names_are_all_looked_at() {
    let kind = |count: usize| {
        let names: Vec<String> =
            (0..count).map(|number| format!(r#""arn:aws:iam::*:role/n{number}""#)).collect();
        let exempt = deny(&format!(r#"{{"ArnNotLike":{{"aws:PrincipalArn":[{}]}}}}"#, names.join(",")));
        let nobody =
            r#"{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"*"}"#;
        let proof = prove(&[&exempt, nobody]);
        let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
        exemption.kind()
    };
    assert_eq!(kind(100), ExemptionKind::External);
    assert_eq!(kind(400), ExemptionKind::External);
}

#[test]
fn the_policy_and_the_owner_of_a_resource_say_nothing_of_who_may_make_roles() {
    let exemption = |scp: &[&str], bucket_policy: &str| {
        let hierarchy = hierarchy(scp);
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{bucket_policy}]}}"#);
        let document = Arc::new(Document::parse(&text).unwrap());
        let bucket = Level {
            id: "arn:aws:s3:::archive".to_owned(),
            policies: vec![AttachedPolicy { id: "bucket policy".to_owned(), document }],
            unread: false,
        };
        let guardrails = Guardrails {
            resource_policy: Some(&bucket),
            resource_account: Some("444455556666".to_owned()),
            ..guardrails(&hierarchy)
        };
        let callers = Callers::of_account(MEMBER);
        let resource = Target::resources("arn:aws:s3:::archive/*");
        let question =
            Question { callers: &callers, action: "s3:DeleteObject", resource: &resource, designated: &[] };
        let proof = guardrails.prove(&question);
        let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
        exemption.kind()
    };
    let janitor = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Janitor"}}}"#;
    assert_eq!(exemption(&[], janitor), ExemptionKind::SelfService);
    // The role is its account's resource, whoever owns the archive.
    let own = r#"{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}}"#;
    assert_eq!(exemption(&[own], janitor), ExemptionKind::External);
}

#[test]
fn a_resource_policy_is_a_layer_of_its_own() {
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Sid":"Keep","Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/Janitor","111122223333"]},
         "Action":"s3:DeleteObject","Resource":"arn:aws:s3:::archive/*"},
        {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let document = Arc::new(Document::parse(text).unwrap());
    let bucket = Level {
        id: "arn:aws:s3:::archive".to_owned(),
        policies: vec![AttachedPolicy { id: "bucket policy".to_owned(), document }],
        unread: false,
    };
    let guardrails = Guardrails { resource_policy: Some(&bucket), ..Guardrails::default() };
    let resource = Target::resources("arn:aws:s3:::archive/*");
    let ask = |account: &str| {
        let callers = Callers::of_account(account);
        let question =
            Question { callers: &callers, action: "s3:DeleteObject", resource: &resource, designated: &[] };
        guardrails.prove(&question)
    };
    assert_eq!(short(&ask("444455556666")), "all");
    let own = ask(MEMBER);
    let Verdict::DeniedExcept { exemption } = &own.verdict else { panic!("{:?}", own.verdict) };
    let [atom] = exemption.atoms()[..] else { panic!("{exemption}") };
    assert!(matches!(atom.requirement, Requirement::Principal { among: true, .. }));
    assert_eq!(
        exemption.to_string(),
        "principal in [arn:aws:iam::111122223333:role/Janitor, account 111122223333]",
        "those who may have the exemption"
    );
    assert_eq!(own.levels.len(), 1);
}

#[test]
fn the_closing_statement_closes() {
    let open = hierarchy(&[]);
    let callers = Callers::of_account(MEMBER);
    let resource = Target::resources(TRAILS);
    let designated = [Glob::arn("arn:aws:iam::*:role/BreakGlass")];
    let question = Question {
        callers: &callers,
        action: "cloudtrail:StopLogging",
        resource: &resource,
        designated: &designated,
    };
    let statement = guardrails(&open).closing_statement(&question).unwrap();
    insta::assert_snapshot!(statement, @r#"
        {"Action":"cloudtrail:StopLogging","Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/BreakGlass"]}},"Effect":"Deny","Resource":"arn:aws:cloudtrail:*:111122223333:trail/*"}
        "#);
    let closed = hierarchy(&[&statement.to_string()]);
    assert_eq!(
        short(&guardrails(&closed).prove(&question)),
        "except designated: aws:PrincipalArn like arn:aws:iam::*:role/BreakGlass; default denied"
    );
    assert_eq!(guardrails(&closed).closing_statement(&question), None, "nothing is open any more");
    let management = Callers::of_account("999988887777");
    let exempt = Question { callers: &management, ..question };
    assert_eq!(guardrails(&open).closing_statement(&exempt), None, "no policy binds it");
    let without_levels = Guardrails { service_control: None, ..guardrails(&open) };
    assert_eq!(without_levels.closing_statement(&question), Some(statement), "nothing is attached yet");
}

#[test]
fn the_resource_tells_its_region_and_its_account() {
    let owned = |account: &str| {
        with_condition(&format!(r#"{{"StringEquals":{{"aws:ResourceAccount":"{account}"}}}}"#))
    };
    assert_eq!(owned(MEMBER), "all, not even aws:ResourceAccount is not 111122223333");
    assert_eq!(owned("444455556666"), "none");
    let hierarchy = hierarchy(&[&deny(r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#)]);
    let default = |region: &str| {
        let trails = format!("arn:aws:cloudtrail:{region}:{MEMBER}:trail/*");
        prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(&trails)).default_caller
    };
    assert_eq!(default("eu-west-1"), DefaultCaller::Denied);
    assert_ne!(default("us-east-1"), DefaultCaller::Denied);
}

#[test]
fn a_condition_that_makes_no_sense_is_no_proof() {
    // Addresses are compared with an ARN: AWS does not say what comes of it.
    let told = with_condition(
        r#"{"NotIpAddress":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/x"}}"#,
    );
    assert!(
        told.starts_with("unknown at `arn:aws:iam::${aws:PrincipalAccount}:role/x` is no value"),
        "{told}"
    );
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue:Bool":{"aws:PrincipalArn":""}}}"#;
    let mut hierarchy = hierarchy(&[]);
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{allow}}}"#);
    hierarchy.levels[1].policies[0].document = Arc::new(Document::parse(&text).unwrap());
    let proof = prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS));
    assert!(matches!(proof.verdict, Verdict::Unknown { .. }), "{}", short(&proof));
}

#[test]
fn a_member_administrator_satisfies_the_keys_of_endpoints() {
    insta::assert_snapshot!(
        [
            r#"{"StringNotEqualsIfExists":{"aws:VpceOrgID":"o-own"}}"#,
            r#"{"StringNotEquals":{"aws:VpceOrgID":"o-own"}}"#,
            r#"{"StringNotEquals":{"aws:VpceOrgID":"o-else"}}"#,
            r#"{"StringNotLike":{"aws:VpceOrgID":"o-*"}}"#,
            r#"{"StringNotEquals":{"aws:VpceAccount":"111122223333"}}"#,
            r#"{"StringNotEquals":{"aws:VpceAccount":"${aws:PrincipalAccount}"}}"#,
            r#"{"StringNotEquals":{"aws:VpceAccount":"444455556666"}}"#,
            r#"{"StringNotEquals":{"aws:VpceAccount":"*"}}"#,
            r#"{"ForAllValues:StringNotLike":{"aws:VpceOrgPaths":"o-own/r-1/*"}}"#,
            r#"{"ForAllValues:StringNotLike":{"aws:VpceOrgPaths":"o-else/r-1/*"}}"#,
            r#"{"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:*:vpc/*"}}"#,
            r#"{"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:111122223333:vpc/vpc-1"}}"#,
            r#"{"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:444455556666:vpc/*"}}"#,
            r#"{"StringNotLike":{"aws:SourceVpc":"vpc-0*"}}"#,
            r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#,
            r#"{"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#,
        ]
        .map(|condition| format!("{condition}\n  {}", with_condition(condition)))
        .join("\n"),
        @r#"
        {"StringNotEqualsIfExists":{"aws:VpceOrgID":"o-own"}}
          except self-service: aws:VpceOrgID is o-own; default denied
        {"StringNotEquals":{"aws:VpceOrgID":"o-own"}}
          except self-service: aws:VpceOrgID is o-own; default denied
        {"StringNotEquals":{"aws:VpceOrgID":"o-else"}}
          except external: aws:VpceOrgID is o-else; default denied
        {"StringNotLike":{"aws:VpceOrgID":"o-*"}}
          except self-service: aws:VpceOrgID like o-*; default denied
        {"StringNotEquals":{"aws:VpceAccount":"111122223333"}}
          except self-service: aws:VpceAccount is 111122223333; default denied
        {"StringNotEquals":{"aws:VpceAccount":"${aws:PrincipalAccount}"}}
          except self-service: aws:VpceAccount is ${aws:PrincipalAccount}; default denied
        {"StringNotEquals":{"aws:VpceAccount":"444455556666"}}
          except external: aws:VpceAccount is 444455556666; default denied
        {"StringNotEquals":{"aws:VpceAccount":"*"}}
          all, not even aws:VpceAccount is *
        {"ForAllValues:StringNotLike":{"aws:VpceOrgPaths":"o-own/r-1/*"}}
          except self-service: some value of aws:VpceOrgPaths like o-own/r-1/*; default denied
        {"ForAllValues:StringNotLike":{"aws:VpceOrgPaths":"o-else/r-1/*"}}
          except external: some value of aws:VpceOrgPaths like o-else/r-1/*; default denied
        {"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:*:vpc/*"}}
          except self-service: aws:SourceVpcArn like arn:aws:ec2:*:*:vpc/*; default denied
        {"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:111122223333:vpc/vpc-1"}}
          except self-service: aws:SourceVpcArn like arn:aws:ec2:*:111122223333:vpc/vpc-1; default denied
        {"ArnNotLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:444455556666:vpc/*"}}
          except external: aws:SourceVpcArn like arn:aws:ec2:*:444455556666:vpc/*; default denied
        {"StringNotLike":{"aws:SourceVpc":"vpc-0*"}}
          except self-service: aws:SourceVpc like vpc-0*; default denied
        {"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}
          unknown at which account `vpc-1` is of, the value of `aws:SourceVpc`, is not known: if administrators of the account can make or use it, they meet the condition, at most aws:SourceVpc is vpc-1
        {"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}
          except self-service: aws:VpcSourceIp in 10.0.0.0/8; default denied
        "#
    );
}

#[test]
fn a_variable_before_the_fifth_colon_is_never_protection() {
    let on = |element: &str, resource: &str| {
        let deny = format!(r#"{{"Effect":"Deny","Action":"cloudtrail:*","{element}":"{resource}"}}"#);
        short(&prove(&[&deny]))
    };
    let account = "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*";
    assert_eq!(on("Resource", account), format!("unknown at {account}, at most everyone"));
    let region = "arn:aws:cloudtrail:${aws:RequestedRegion}:*:trail/*";
    assert_eq!(on("Resource", region), format!("unknown at {region}, at most everyone"));
    let other = "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:channel/*";
    assert_eq!(on("NotResource", other), format!("unknown at {other}, at most everyone"));
    assert_eq!(on("Resource", "arn:aws:sns:*:${aws:PrincipalAccount}:*"), "none", "under either reading");
    let both = deny("{}");
    let beside = format!(r#"{{"Effect":"Deny","Action":"*","Resource":"{account}"}}"#);
    assert_eq!(short(&prove(&[&both, &beside])), "all", "another statement denies");
}

#[test]
fn what_every_request_carries_is_never_absent() {
    for (condition, expected) in [
        (r#"{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01"}}"#, "all"),
        (r#"{"StringLike":{"aws:userid":"*"}}"#, "all"),
        (r#"{"StringLikeIfExists":{"aws:UserAgent":"*"}}"#, "all"),
        (r#"{"Null":{"aws:PrincipalType":"false"}}"#, "all"),
        (r#"{"Null":{"aws:EpochTime":"true"}}"#, "none"),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01"}}"#, "none"),
        (r#"{"Bool":{"aws:SecureTransport":["true","false"]}}"#, "all"),
    ] {
        assert!(
            with_condition(condition).starts_with(expected),
            "{condition}: {}",
            with_condition(condition)
        );
    }
    for condition in [
        r#"{"DateGreaterThan":{"aws:CurrentTime":"2090-01-01"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"StringEquals":{"aws:UserAgent":"x"}}"#,
        r#"{"Bool":{"aws:ViaAWSService":"true"}}"#,
    ] {
        let told = with_condition(condition);
        assert!(told.starts_with("except self-service") && !told.contains("absent"), "{told}");
    }
    // Of the same two, together, every request meets one.
    let both = [r#"{"Bool":{"aws:SecureTransport":"true"}}"#, r#"{"Bool":{"aws:SecureTransport":"false"}}"#];
    assert_eq!(short(&prove(&both.map(deny).each_ref().map(String::as_str))), "all");
}

#[test]
fn one_misplaced_variable_takes_the_whole_statement_with_it() {
    let sound = "arn:aws:cloudtrail:*:*:trail/*";
    for (element, beside) in [
        ("Resource", "arn:aws:cloudtrail:*:${aws:PrincipalAccount}:trail/*"),
        ("Resource", "arn:aws:cloudtrail:${aws:RequestedRegion}:*:channel/*"),
        ("Resource", "arn:aws:sns:*:${aws:PrincipalAccount}:topic"),
        ("Resource", "arn:${*}:s3:::x"),
        ("NotResource", "arn:aws:sns:*:${aws:PrincipalAccount}:topic"),
    ] {
        let listed = if element == "Resource" { sound } else { "arn:aws:sns:*:*:other" };
        for list in [format!(r#""{beside}","{listed}""#), format!(r#""{listed}","{beside}""#)] {
            let deny = format!(r#"{{"Effect":"Deny","Action":"cloudtrail:*","{element}":[{list}]}}"#);
            let proof = prove(&[&deny]);
            assert_eq!(short(&proof), format!("unknown at {beside}, at most everyone"), "{deny}");
            assert_eq!(proof.default_caller, DefaultCaller::Unknown, "{deny}");
            let found =
                Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{deny}}}"#)).unwrap();
            let request = crate::Request::new(
                crate::Principal::of_arn("arn:aws:iam::111122223333:role/x").unwrap(),
                "cloudtrail:StopLogging",
                "arn:aws:cloudtrail:eu-west-1:111122223333:trail/x",
                crate::Context::concrete(),
            );
            assert_eq!(found.statements[0].applies(&request), crate::Truth::Unknown, "{deny}");
        }
    }
    // An `Allow` of the kind may allow nothing.
    let allow = r#"{"Effect":"Allow","Action":"*","Resource":["*","arn:aws:s3:${aws:RequestedRegion}::x"]}"#;
    let document = Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{allow}}}"#)).unwrap();
    let policy = AttachedPolicy { id: "p".to_owned(), document: Arc::new(document) };
    let level = Level { id: MEMBER.to_owned(), policies: vec![policy], unread: false };
    let hierarchy = Hierarchy { levels: vec![level] };
    let proof = prove_on(&hierarchy, "cloudtrail:StopLogging", &Target::resources(TRAILS));
    assert!(matches!(proof.verdict, Verdict::Unknown { .. }), "{:?}", proof.verdict);
}

#[test]
fn the_number_of_exempt_roles_does_not_matter() {
    let names = |count: usize| -> Vec<String> {
        (0..count).map(|number| format!("\"arn:aws:iam::*:role/Exempt{number}\"")).collect()
    };
    for count in [1, 3, 4, 5, 40] {
        let roles = names(count).join(",");
        let exempting = format!(r#"{{"ArnNotLike":{{"aws:PrincipalArn":[{roles}]}}}}"#);
        let keep = format!(
            r#"{{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":[{roles}],"Condition":{exempting}}}"#
        );
        let proof = prove(&[&deny(&exempting), &keep]);
        let Verdict::DeniedExcept { exemption } = &proof.verdict else { panic!("{proof:?}") };
        assert_eq!(exemption.kind(), ExemptionKind::External, "{count}");
        let open = prove(&[&deny(&exempting)]);
        let Verdict::DeniedExcept { exemption } = &open.verdict else { panic!("{open:?}") };
        assert_eq!(exemption.kind(), ExemptionKind::SelfService, "{count}");
    }
    // Each name may be given by the next alone: whoever has the last has all.
    let chain = |count: usize, last: usize| {
        let mut statements =
            vec![deny(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Exempt0"}}"#)];
        statements.extend((0..count).map(|number| {
            let next = if number + 1 == count { last } else { number + 1 };
            format!(
                r#"{{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"arn:aws:iam::*:role/Exempt{number}","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/Exempt{next}"}}}}}}"#
            )
        }));
        let proof = prove(&statements.iter().map(String::as_str).collect::<Vec<_>>());
        let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{proof:?}") };
        exemption.kind()
    };
    for count in [2, 5, 30] {
        assert_eq!(chain(count, 0), ExemptionKind::External, "a circle of {count}");
        assert_eq!(chain(count, count), ExemptionKind::SelfService, "an open end after {count}");
    }
}

#[test]
fn roles_of_identity_center_are_no_member_s_to_change() {
    let exempting =
        |role: &str| with_condition(&format!(r#"{{"ArnNotLike":{{"aws:PrincipalArn":"{role}"}}}}"#));
    let reserved = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*";
    assert!(exempting(reserved).starts_with("except external"), "{}", exempting(reserved));
    for other in [
        "arn:aws:iam::*:role/aws-reserved/*",
        "arn:aws:iam::*:role/*AWSReservedSSO_*",
        "arn:aws:iam::*:role/x/sso.amazonaws.com/*",
    ] {
        assert!(exempting(other).starts_with("except self-service"), "{other}");
    }
}

#[test]
fn the_default_caller_has_no_keys_of_the_resource_but_its_own() {
    let unset = |key: &str| with_condition(&format!(r#"{{"BoolIfExists":{{"{key}":"false"}}}}"#));
    for key in ["kms:GrantIsForAWSResource", "iam:AssociatedResourceArn", "ec2:IsLaunchTemplateResource"] {
        assert!(unset(key).ends_with("default denied"), "{key}: {}", unset(key));
    }
    for key in
        ["aws:ResourceTag/a", "s3:ExistingObjectTag/a", "secretsmanager:ResourceTag/a", "ec2:ResourceTag/a"]
    {
        assert!(unset(key).ends_with("default allowed"), "{key}: {}", unset(key));
    }
}

/// The work grows with the statements, not with their product: every denial is about nearly every action, giving a role
/// to somebody among them, and each exempts another role.
#[test]
fn many_conditioned_denials_cost_little() {
    let denials = |count: usize| -> Vec<String> {
        (0..count)
            .map(|number| {
                format!(
                    r#"{{"Effect":"Deny","NotAction":["s3:Get*","sts:Get{number}"],"Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":["arn:aws:iam::*:role/Exempt{number}","arn:aws:iam::*:role/Other{number}"]}},"StringNotEquals":{{"aws:PrincipalTag/tag{number}":"x"}}}}}}"#
                )
            })
            .collect()
    };
    let elapsed = |count: usize| {
        let statements = denials(count);
        let hierarchy = hierarchy(&statements.iter().map(String::as_str).collect::<Vec<_>>());
        let begun = std::time::Instant::now();
        for action in [
            "cloudtrail:StopLogging",
            "cloudtrail:DeleteTrail",
            "cloudtrail:UpdateTrail",
            "cloudtrail:PutEventSelectors",
        ] {
            let proof = prove_on(&hierarchy, action, &Target::resources(TRAILS));
            assert_eq!(proof.default_caller, DefaultCaller::Denied);
        }
        begun.elapsed()
    };
    let (few, many) = (elapsed(20), elapsed(150));
    // A debug build on one busy core; before, the large one took minutes.
    assert!(many.as_secs_f64() < 60.0, "{few:?} for 20, {many:?} for 150");
}

/// Roles of which each may make the next: whether the first is out of reach takes a look at all of them.
fn chain_of_roles(count: usize) -> Vec<String> {
    let role = |number: usize| format!("arn:aws:iam::*:role/r{number}");
    let deny = |actions: &str, resource: &str, exempt: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":[{actions}],"Resource":"{resource}","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{exempt}"}}}}}}"#
        )
    };
    let making = r#""iam:CreateRole","iam:UpdateAssumeRolePolicy""#;
    let mut statements = vec![deny(r#""cloudtrail:StopLogging""#, "*", &role(0))];
    statements.extend((0..count).map(|number| deny(making, &role(number), &role(number + 1))));
    statements
}

fn prove_within(statements: &[String], limit: usize) -> Proof {
    let hierarchy = hierarchy(&statements.iter().map(String::as_str).collect::<Vec<_>>());
    let guardrails = Guardrails { service_control: Some(&hierarchy), ..Guardrails::default() };
    let callers = Callers::of_account(MEMBER);
    let target = Target::resources(TRAILS);
    let question =
        Question { callers: &callers, action: "cloudtrail:StopLogging", resource: &target, designated: &[] };
    guardrails.prove_within(&question, limit, &mut Known::default())
}

#[test]
fn what_was_not_followed_to_its_end_is_unknown() {
    // The last role of the chain is anybody's to make, or nobody's.
    let open = chain_of_roles(40);
    let mut closed = chain_of_roles(40);
    closed.push(
        r#"{"Effect":"Deny","Action":["iam:CreateRole","iam:UpdateAssumeRolePolicy"],"Resource":"arn:aws:iam::*:role/r40"}"#
            .to_owned(),
    );
    let kind = |proof: &Proof| match &proof.verdict {
        Verdict::DeniedExcept { exemption } => Some(exemption.kind()),
        _ => None,
    };
    assert_eq!(kind(&prove_within(&open, WORK_LIMIT)), Some(ExemptionKind::SelfService));
    assert_eq!(kind(&prove_within(&closed, WORK_LIMIT)), Some(ExemptionKind::External));
    for statements in [&open, &closed] {
        let proof = prove_within(statements, 200);
        let Verdict::Unknown { unfinished: true, levels, at_most: Some(_), .. } = &proof.verdict else {
            panic!("{:?}", proof.verdict)
        };
        assert!(levels.is_empty());
        assert_eq!(proof.default_caller, DefaultCaller::Denied, "that takes nothing");
    }
    // What is decided without them stays decided.
    let mut denied = open.clone();
    denied.push(r#"{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*"}"#.to_owned());
    assert_eq!(prove_within(&denied, 200).verdict, Verdict::DeniedForAll { unattainable: None });
    let mut easy = open;
    easy[0] = r#"{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#.to_owned();
    assert_eq!(kind(&prove_within(&easy, 0)), Some(ExemptionKind::SelfService), "a factor takes no name");
}

#[test]
fn tags_beyond_the_limit_are_unknown_too() {
    let tagged = [
        r#"{"Effect":"Deny","Action":"cloudtrail:StopLogging","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/a":"x"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/ann"}}}"#
            .to_owned(),
        r#"{"Effect":"Deny","Action":["iam:Tag*","sts:TagSession"],"Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/b":"x"}}}"#
            .to_owned(),
        r#"{"Effect":"Deny","Action":["iam:Create*","iam:UpdateLoginProfile","iam:UpdateAssumeRolePolicy"],"Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/c":"x"}}}"#
            .to_owned(),
    ];
    assert!(matches!(prove_within(&tagged, 0).verdict, Verdict::Unknown { unfinished: true, .. }));
    assert!(matches!(prove_within(&tagged, WORK_LIMIT).verdict, Verdict::DeniedExcept { .. }));
}

#[test]
fn a_condition_key_that_is_in_no_list_leaves_unknown() {
    for condition in [
        r#"{"StringNotEquals":{"aws:NewKey2030":"x"}}"#,
        r#"{"ArnNotLike":{"s3:NoSuchArn":"arn:aws:iam::*:role/x"}}"#,
        r#"{"Bool":{"newservice2030:IsSafe":"false"},"StringNotEqualsIfExists":{"aws:PrincipalArnn":"x"}}"#,
        r#"{"NotIpAddress":{"aws:NewAddress":"203.0.113.0/24"}}"#,
    ] {
        let proof = prove(&[&deny(condition)]);
        let denied_by_default = !condition.contains("newservice2030");
        assert_eq!(proof.default_caller == DefaultCaller::Denied, denied_by_default, "{condition}");
        if denied_by_default {
            let Verdict::Unknown { undecided, at_most: Some(_), .. } = &proof.verdict else {
                panic!("{condition}: {:?}", proof.verdict)
            };
            assert_eq!(undecided.len(), 1);
        }
    }
    // Where something else is asked besides that is out of reach, or easier, the key decides nothing.
    let out_of_reach = r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
    let proof = prove(&[&deny(r#"{"StringNotEquals":{"aws:NewKey2030":"x"}}"#), &deny(out_of_reach)]);
    let Verdict::DeniedExcept { exemption } = &proof.verdict else { panic!("{:?}", proof.verdict) };
    assert_eq!(exemption.kind(), ExemptionKind::External);
    // A key of the reference that nobody reviewed is a parameter of the request.
    let proof = prove(&[&deny(r#"{"StringNotEquals":{"ec2:InstanceType":"t3.nano"}}"#)]);
    let Verdict::DeniedExcept { exemption } = &proof.verdict else { panic!("{:?}", proof.verdict) };
    assert_eq!(exemption.kind(), ExemptionKind::SelfService);
}
