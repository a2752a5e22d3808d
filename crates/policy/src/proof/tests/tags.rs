//! Exemptions by a tag: each way to have one must be closed, those of outsiders too.

use super::*;

const ADMIN: &str = r#"{"StringNotEquals":{"aws:PrincipalTag/admin":"yes"}}"#;

fn statement(effect: &str, actions: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":{actions},"Resource":"*","Condition":{condition}}}"#)
}

/// What the exemption comes to beside these statements of a service control policy and those of a resource control policy.
fn beside(exempt: &str, service: &[String], resource: Option<&[String]>) -> Proof {
    let statements: Vec<&str> = service.iter().map(String::as_str).collect();
    let service = hierarchy(&[&[exempt], statements.as_slice()].concat());
    let resource = resource.map(|statements| {
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        hierarchy(&statements)
    });
    let guardrails = Guardrails { resource_control: resource.as_ref(), ..guardrails(&service) };
    let callers = Callers::of_account(MEMBER);
    let target = Target::resources(TRAILS);
    let (action, designated) = ("cloudtrail:StopLogging", &[]);
    guardrails.prove(&Question { callers: &callers, action, resource: &target, designated })
}

fn kind(service: &[String], resource: Option<&[String]>) -> ExemptionKind {
    let proof = beside(&deny(ADMIN), service, resource);
    let Verdict::DeniedExcept { exemption } = proof.verdict else { panic!("{:?}", proof.verdict) };
    exemption.kind()
}

const GIVEN: &str = r#"["iam:TagRole","iam:TagUser","sts:TagSession"]"#;
const TRUST: &str = r#"["iam:CreateRole","iam:UpdateAssumeRolePolicy"]"#;
const BY_KEY: &str = r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"admin"}}"#;

#[test]
fn a_tag_that_nobody_may_give_is_no_self_service() {
    let trust = statement("Deny", TRUST, "{}");
    let kind = |actions: &str, condition: &str| {
        super::tags::kind(&[statement("Deny", actions, condition), trust.clone()], None)
    };
    assert_eq!(kind(GIVEN, BY_KEY), ExemptionKind::External);
    assert_eq!(kind(GIVEN, r#"{"StringEquals":{"aws:RequestTag/admin":"yes"}}"#), ExemptionKind::External);
    assert_eq!(kind(GIVEN, r#"{"StringEquals":{"aws:RequestTag/admin":"no"}}"#), ExemptionKind::SelfService);
    assert_eq!(
        kind(GIVEN, r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"admin"}}"#),
        ExemptionKind::SelfService
    );
    assert_eq!(kind(r#""iam:TagRole""#, BY_KEY), ExemptionKind::SelfService);
    let but_tagged = r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"admin"},"StringNotEquals":{"aws:PrincipalTag/admin":"yes"}}"#;
    assert_eq!(kind(GIVEN, but_tagged), ExemptionKind::External);
}

/// A service control policy binds no outsider whom a role of the account trusts.
#[test]
fn a_tag_that_outsiders_pass_with_a_session_is_self_service() {
    let given = statement("Deny", GIVEN, "{}");
    assert_eq!(kind(std::slice::from_ref(&given), None), ExemptionKind::SelfService);
    assert_eq!(kind(&[given.clone(), statement("Deny", TRUST, "{}")], None), ExemptionKind::External);
    // Half of the way is not all of it.
    for half in [r#""iam:CreateRole""#, r#""iam:UpdateAssumeRolePolicy""#] {
        assert_eq!(kind(&[given.clone(), statement("Deny", half, "{}")], None), ExemptionKind::SelfService);
    }
    let outsiders = r#"{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}"#;
    for (actions, condition, closed) in [
        (r#""sts:TagSession""#, outsiders, true),
        (r#"["sts:AssumeRole","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity"]"#, outsiders, true),
        (r#""sts:*""#, r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#, true),
        (r#""sts:TagSession""#, BY_KEY, true),
        // An identity provider's users are left.
        (r#""sts:AssumeRole""#, outsiders, false),
        (r#"["sts:AssumeRole","sts:AssumeRoleWithSAML"]"#, outsiders, false),
        (r#""sts:TagSession""#, r#"{"StringEquals":{"aws:PrincipalOrgID":"o-else"}}"#, false),
        (r#""s3:*""#, outsiders, false),
    ] {
        let policy = statement("Deny", actions, condition);
        let expected = if closed { ExemptionKind::External } else { ExemptionKind::SelfService };
        assert_eq!(kind(std::slice::from_ref(&given), Some(&[policy])), expected, "{actions} {condition}");
    }
}

#[test]
fn a_tag_that_a_service_passes_is_self_service_whoever_else_is_kept_out() {
    let given = statement("Deny", GIVEN, "{}");
    let outsiders = statement("Deny", r#""sts:*""#, r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-own"}}"#);
    for tag in ["x509Subject/CN", "kubernetes-namespace", "eks-cluster-name"] {
        let exempt = deny(&ADMIN.replace("admin", tag));
        let proof = beside(&exempt, std::slice::from_ref(&given), Some(std::slice::from_ref(&outsiders)));
        assert!(short(&proof).starts_with("except self-service"), "{tag}: {}", short(&proof));
    }
}

/// A user asks for the session of a federated user with tags.
#[test]
fn the_session_of_a_federated_user_has_tags_too() {
    let on = |action: &str, resource: &str| {
        format!(r#"{{"Effect":"Deny","Action":{action},"Resource":"arn:aws:iam::*:{resource}"}}"#)
    };
    let tags = statement("Deny", r#"["iam:TagRole","iam:TagUser"]"#, "{}");
    let trust = statement("Deny", TRUST, "{}");
    let roles = on(r#""sts:TagSession""#, "role/*");
    let closed = |more: String| kind(&[tags.clone(), trust.clone(), roles.clone(), more], None);
    assert_eq!(closed(on(r#""sts:TagSession""#, "role/x")), ExemptionKind::SelfService);
    assert_eq!(closed(on(r#""sts:TagSession""#, "user/*")), ExemptionKind::External);
    assert_eq!(closed(statement("Deny", r#""sts:GetFederationToken""#, "{}")), ExemptionKind::External);
}

#[test]
fn what_could_not_be_read_may_keep_outsiders_from_passing_tags() {
    let service = hierarchy(&[&deny(ADMIN), &statement("Deny", GIVEN, "{}")]);
    let mut resource = hierarchy(&[]);
    resource.levels[0].unread = true;
    let guardrails = Guardrails { resource_control: Some(&resource), ..guardrails(&service) };
    let callers = Callers::of_account(MEMBER);
    let target = Target::resources(TRAILS);
    let (action, designated) = ("cloudtrail:StopLogging", &[]);
    let proof = guardrails.prove(&Question { callers: &callers, action, resource: &target, designated });
    assert!(short(&proof).starts_with("unknown at whether resource control policies"), "{}", short(&proof));
}

#[test]
fn the_way_by_an_outsider_is_told() {
    let service = hierarchy(&[&deny(ADMIN), &statement("Deny", GIVEN, "{}")]);
    let guardrails = guardrails(&service);
    let callers = Callers::of_account(MEMBER);
    let target = Target::resources(TRAILS);
    let question =
        Question { callers: &callers, action: "cloudtrail:StopLogging", resource: &target, designated: &[] };
    let proof = guardrails.prove(&question);
    let Verdict::DeniedExcept { exemption } = &proof.verdict else { panic!("{:?}", proof.verdict) };
    let steps = guardrails.steps(&question, exemption, &mut Memory::default());
    assert_eq!(steps.len(), 1, "{steps:?}");
    assert!(steps[0].starts_with("iam:CreateRole is open") && steps[0].contains("tag admin"), "{steps:?}");
}
