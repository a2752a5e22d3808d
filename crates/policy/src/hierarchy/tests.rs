use super::*;
use crate::{Context, ContextValue, Outcome, Request};

const MEMBER: &str = "111122223333";
const FULL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"Full","Effect":"Allow","Action":"*","Resource":"*"}}"#;
const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

fn policy(id: &str, text: &str) -> AttachedPolicy {
    AttachedPolicy { id: id.to_owned(), document: Arc::new(Document::parse(text).unwrap()) }
}

fn level(id: &str, policies: &[&str]) -> Level {
    let policies =
        policies.iter().enumerate().map(|(index, text)| policy(&format!("p-{index}"), text)).collect();
    Level { id: id.to_owned(), policies, unread: false }
}

fn levels(root: &[&str], unit: &[&str], account: &[&str]) -> Hierarchy {
    Hierarchy { levels: vec![level("r-1", root), level("ou-1", unit), level(MEMBER, account)] }
}

fn deny(rest: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Sid":"No","Effect":"Deny",{rest}}}}}"#)
}

fn stop(principal: &str, context: Context) -> Request {
    Request::new(Principal::of_arn(principal).unwrap(), "cloudtrail:StopLogging", TRAIL, context)
}

fn decide(hierarchy: &Hierarchy, principal: &str) -> (Outcome, Vec<String>) {
    decide_with(hierarchy, principal, Context::concrete())
}

fn decide_with(hierarchy: &Hierarchy, principal: &str, context: Context) -> (Outcome, Vec<String>) {
    let guardrails = Guardrails {
        organization: Organization {
            id: Some("o-own".to_owned()),
            management_account: Some("999988887777".to_owned()),
        },
        service_control: Some(hierarchy),
        ..Guardrails::default()
    };
    let decision = guardrails.evaluate(&stop(principal, context));
    let decided_by = decision
        .decided_by
        .iter()
        .map(|deciding| {
            let statement = deciding.statement.as_ref().and_then(|id| id.sid.clone()).unwrap_or_default();
            format!("{} {} {statement}", deciding.level, deciding.policy.as_deref().unwrap_or("-"))
        })
        .collect();
    (decision.outcome, decided_by)
}

const ROLE: &str = "arn:aws:iam::111122223333:role/Admin";

#[test]
fn every_level_must_allow_and_none_may_deny() {
    let open = levels(&[FULL], &[FULL], &[FULL]);
    let allowed = vec!["r-1 p-0 Full".to_owned(), "ou-1 p-0 Full".to_owned(), format!("{MEMBER} p-0 Full")];
    assert_eq!(decide(&open, ROLE), (Outcome::Allowed, allowed));

    let missing = levels(&[FULL], &[], &[FULL]);
    assert_eq!(decide(&missing, ROLE), (Outcome::ImplicitlyDenied, vec!["ou-1 - ".to_owned()]));

    let other = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let listed = levels(&[FULL], &[other], &[FULL]);
    assert_eq!(decide(&listed, ROLE).0, Outcome::ImplicitlyDenied);

    let no = deny(r#""Action":"CloudTrail:Stop*","Resource":"*""#);
    let denied = levels(&[FULL, &no], &[], &[FULL, &no]);
    let expected = vec!["r-1 p-1 No".to_owned(), format!("{MEMBER} p-1 No")];
    assert_eq!(decide(&denied, ROLE), (Outcome::ExplicitlyDenied, expected));

    let nothing = Hierarchy::default();
    assert_eq!(decide(&nothing, ROLE).0, Outcome::Allowed, "no policy type, no denial");
}

#[test]
fn members_are_bound_root_and_all_and_others_are_not() {
    let no = deny(r#""Action":"*","Resource":"*""#);
    let hierarchy = levels(&[FULL, &no], &[FULL], &[FULL]);
    for (principal, bound) in [
        (ROLE, true),
        ("arn:aws:iam::111122223333:root", true),
        ("arn:aws:iam::111122223333:user/team/alice", true),
        ("arn:aws:sts::111122223333:assumed-role/Admin/alice", true),
        ("arn:aws:sts::111122223333:federated-user/alice", true),
        ("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", false),
        // Names and folders that look alike bind all the same.
        ("arn:aws:iam::111122223333:role/AWSServiceRoleForX", true),
        ("arn:aws:iam::111122223333:role/team/aws-service-role/x", true),
        ("arn:aws:iam::111122223333:user/aws-service-role/x", true),
        ("arn:aws:iam::999988887777:role/Admin", false),
        ("arn:aws:iam::444455556666:role/Admin", false),
        ("config.amazonaws.com", false),
    ] {
        let expected = if bound { Outcome::ExplicitlyDenied } else { Outcome::Allowed };
        assert_eq!(decide(&hierarchy, principal).0, expected, "{principal}");
    }
    let session = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s";
    let arn = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
    let context = Context::concrete().with("aws:PrincipalArn", ContextValue::one(arn));
    assert_eq!(decide_with(&hierarchy, session, context).0, Outcome::Allowed, "the context shows the path");
}

#[test]
fn a_session_is_known_by_its_role() {
    let except = |pattern: &str| {
        let no = deny(&format!(
            r#""Action":"*","Resource":"*","Condition":{{"ArnNotLike":{{"aws:PrincipalArn":"{pattern}"}}}}"#
        ));
        let hierarchy = levels(&[FULL, &no], &[FULL], &[FULL]);
        decide(&hierarchy, "arn:aws:sts::111122223333:assumed-role/BreakGlass/alice").0
    };
    assert_eq!(except("arn:aws:iam::*:role/BreakGlass"), Outcome::Allowed);
    assert_eq!(except("arn:aws:sts::*:assumed-role/BreakGlass/*"), Outcome::ExplicitlyDenied);
    assert_eq!(except("arn:aws:iam::*:role/Break*"), Outcome::Allowed, "no path unless a policy names one");
    assert_eq!(except("arn:aws:iam::*:role/*/BreakGlass"), Outcome::Unknown, "the path decides");
    assert_eq!(except("arn:aws:iam::*:role/ops/BreakGlass"), Outcome::Unknown, "the path decides");
    assert_eq!(except("arn:aws:iam::*:role/ops/Other"), Outcome::ExplicitlyDenied);
}

#[test]
fn the_organization_follows_from_membership() {
    let no = deny(
        r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-own","aws:PrincipalAccount":"111122223333"}}"#,
    );
    let hierarchy = levels(&[FULL, &no], &[FULL], &[FULL]);
    assert_eq!(decide(&hierarchy, ROLE).0, Outcome::ExplicitlyDenied);
    let elsewhere = Context::concrete().with("aws:PrincipalOrgID", ContextValue::one("o-else"));
    assert_eq!(decide_with(&hierarchy, ROLE, elsewhere).0, Outcome::Allowed, "what is given goes first");
}

#[test]
fn an_unread_level_is_never_taken_as_empty() {
    let mut hierarchy = levels(&[FULL], &[FULL], &[FULL]);
    hierarchy.levels[1].unread = true;
    assert_eq!(decide(&hierarchy, ROLE), (Outcome::Unknown, vec!["ou-1 - ".to_owned()]));
    let no = deny(r#""Action":"*","Resource":"*""#);
    hierarchy.levels[2].policies.push(policy("p-no", &no));
    assert_eq!(decide(&hierarchy, ROLE).0, Outcome::ExplicitlyDenied);
    hierarchy.levels[2].policies.clear();
    assert_eq!(
        decide(&hierarchy, ROLE).0,
        Outcome::ImplicitlyDenied,
        "denied whatever the unread level says"
    );
}

#[test]
fn what_aws_leaves_open_stays_open() {
    let no = deny(r#""Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/a":"x"}}"#);
    let hierarchy = levels(&[FULL, &no], &[FULL], &[FULL]);
    let several = ContextValue::Known(vec!["x".to_owned(), "y".to_owned()]);
    let context = Context::concrete().with("aws:PrincipalTag/a", several);
    assert_eq!(decide_with(&hierarchy, ROLE, context).0, Outcome::Unknown);
}

fn resource_controlled(principal: &str, action: &str, resource: &str, owner: Option<&str>) -> Outcome {
    let full = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let no = deny(r#""Principal":"*","Action":"*","Resource":"*""#);
    let hierarchy = Hierarchy { levels: vec![level("r-1", &[full, &no]), level("444455556666", &[])] };
    let guardrails = Guardrails {
        organization: Organization { id: None, management_account: Some("999988887777".to_owned()) },
        resource_control: Some(&hierarchy),
        resource_account: owner.map(str::to_owned),
        ..Guardrails::default()
    };
    let principal = Principal::of_arn(principal).unwrap();
    guardrails.evaluate(&Request::new(principal, action, resource, Context::concrete())).outcome
}

#[test]
fn resource_control_policies_bind_whoever_calls() {
    let object = "arn:aws:s3:::archive/key";
    for (principal, action, owner, expected) in [
        (ROLE, "s3:DeleteObject", None, Outcome::ExplicitlyDenied),
        ("arn:aws:iam::999988887777:root", "S3:DeleteObject", None, Outcome::ExplicitlyDenied),
        ("config.amazonaws.com", "s3:PutObject", None, Outcome::ExplicitlyDenied),
        (ROLE, "s3:DeleteObject", Some("999988887777"), Outcome::Allowed),
        (ROLE, "cloudtrail:StopLogging", None, Outcome::Allowed),
        (ROLE, "kms:RetireGrant", None, Outcome::Allowed),
        (ROLE, "kms:DisableKey", None, Outcome::ExplicitlyDenied),
        (
            "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            "s3:DeleteObject",
            None,
            Outcome::Allowed,
        ),
    ] {
        let found = resource_controlled(principal, action, object, owner);
        assert_eq!(found, expected, "{principal} {action} {owner:?}");
    }
}

#[test]
fn the_resources_own_policy_denies_too() {
    let no = deny(
        r#""NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/Admin","111122223333"]},"Action":"s3:Delete*","Resource":"arn:aws:s3:::b/*""#,
    );
    let bucket = level("arn:aws:s3:::b", &[&no]);
    let guardrails = Guardrails { resource_policy: Some(&bucket), ..Guardrails::default() };
    let decide = |principal: &str| {
        let principal = Principal::of_arn(principal).unwrap();
        let request = Request::new(principal, "s3:DeleteObject", "arn:aws:s3:::b/k", Context::concrete());
        guardrails.evaluate(&request)
    };
    assert_eq!(decide(ROLE).outcome, Outcome::Allowed);
    let denied = decide("arn:aws:iam::444455556666:role/x");
    assert_eq!(denied.outcome, Outcome::ExplicitlyDenied);
    assert_eq!(denied.decided_by.first().unwrap().kind, PolicyKind::ResourceBased);
}

#[test]
fn principals_are_read_from_their_arn() {
    assert!(Principal::of_arn("arn:aws:iam::111122223333:role/a/b").is_some());
    assert_eq!(
        Principal::of_arn("s3.amazonaws.com"),
        Some(Principal::Service("s3.amazonaws.com".to_owned()))
    );
    for text in
        ["", "*", "111122223333", "arn:aws:s3:::b", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:x"]
    {
        assert_eq!(Principal::of_arn(text), None, "{text}");
    }
}

#[test]
fn a_hierarchy_lists_its_documents_and_what_was_not_read() {
    let mut hierarchy = levels(&[FULL], &[FULL, FULL], &[]);
    hierarchy.levels[2].unread = true;
    let listed: Vec<(&str, &str)> =
        hierarchy.documents().map(|(level, policy)| (level.id.as_str(), policy.id.as_str())).collect();
    assert_eq!(listed, [("r-1", "p-0"), ("ou-1", "p-0"), ("ou-1", "p-1")]);
    assert_eq!(hierarchy.unread().collect::<Vec<_>>(), [MEMBER]);
    assert_eq!(hierarchy.account(), Some(MEMBER));
    let names = [PolicyKind::ServiceControl, PolicyKind::ResourceControl, PolicyKind::ResourceBased];
    assert_eq!(names.map(|kind| kind.to_string()), ["SCP", "RCP", "resource policy"]);
}

#[test]
fn who_is_not_known_to_be_a_member_is_not_taken_for_one() {
    let perimeter = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own"}}}}"#;
    let service_control = levels(&[FULL], &[FULL], &[FULL]);
    let resource_control = levels(&[], &[perimeter], &[]);
    let guardrails = Guardrails {
        organization: Organization { id: Some("o-own".to_owned()), management_account: None },
        service_control: Some(&service_control),
        resource_control: Some(&resource_control),
        ..Guardrails::default()
    };
    let outcome = |principal: Principal| {
        let request = Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k", Context::concrete());
        guardrails.evaluate(&request).outcome
    };
    assert_eq!(outcome(Principal::of_arn(ROLE).unwrap()), Outcome::Allowed);
    let foreign = Principal::of_arn("arn:aws:iam::444455556666:role/Thief").unwrap();
    assert_eq!(outcome(foreign), Outcome::ExplicitlyDenied);
    assert_eq!(outcome(Principal::Federated("accounts.google.com".to_owned())), Outcome::ExplicitlyDenied);
    assert_eq!(outcome(Principal::CanonicalUser("79a59df9".to_owned())), Outcome::ExplicitlyDenied);
}
