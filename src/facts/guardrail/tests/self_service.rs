//! An exemption that the account's own administrators can arrange is no protection, and the way is named.

use super::*;

/// What of leaving is said to be open to administrators.
fn open(policies: Vec<Policy>) -> String {
    let sample = guarded(policies);
    let facts = of(&sample, WORKLOAD);
    assert_eq!(facts.leave.denied_by, Ok(None));
    assert_eq!(facts.leave.openness.as_deref(), Ok("administrators"));
    assert_eq!(facts.protected, Ok(true));
    assert_eq!(facts.self_service_exemptions.clone().unwrap().len(), 1);
    facts.leave.open.clone().unwrap().unwrap()
}

#[test]
fn nobody_can_is_untrue_where_whoever_has_a_factor_can() {
    let told = open(exempting(json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } })));
    let expected = "organizations:LeaveOrganization is denied unless aws:MultiFactorAuthPresent is true, which \
                    administrators of the account can arrange (sign in with a second factor, which each user can \
                    register for itself: aws:MultiFactorAuthPresent is true)";
    assert_eq!(told, expected);
}

#[test]
fn each_kind_of_easy_exemption_fails_with_its_way() {
    let arn = |name: &str| json!({ "ArnNotLike": { "aws:PrincipalArn": format!("arn:aws:iam::*:{name}") } });
    for (condition, way) in [
        (
            json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } }),
            "iam:TagRole is open, which sets the tag team",
        ),
        (json!({ "NumericGreaterThanIfExists": { "aws:MultiFactorAuthAge": "600" } }), "second factor"),
        (json!({ "StringNotEquals": { "aws:SourceIdentity": "ann" } }), "the caller's own choice"),
        (arn("root"), "sign in as the root user"),
        (arn("user/ann"), "iam:CreateUser on user/ann is open"),
        (
            arn("role/BreakGlass"),
            "iam:CreateRole on role/BreakGlass is open; then sts:AssumeRole acts as role/BreakGlass",
        ),
    ] {
        let told = open(exempting(condition.clone()));
        assert!(told.contains("administrators of the account can arrange"), "{condition}: {told}");
        assert!(told.contains(way), "{condition}: {told}");
    }
}

#[test]
fn the_chain_by_which_a_role_is_had_is_told_in_order() {
    // Only the deployer may make the exempt role, and whoever administers the account may make the deployer.
    let role = |name: &str| format!("arn:aws:iam::*:role/{name}");
    let mut made = deny(json!(["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]), json!(role("BreakGlass")));
    made[0]["Condition"] = json!({ "ArnNotLike": { "aws:PrincipalArn": role("Deployer") } });
    let mut policies = exempting(json!({ "ArnNotLike": { "aws:PrincipalArn": role("BreakGlass") } }));
    policies.push(scp("p-roles", made, &[ROOT]));
    let told = open(policies);
    let at = |step: &str| told.find(step).unwrap_or_else(|| panic!("{step}: {told}"));
    let steps = [
        "iam:CreateRole on role/Deployer is open",
        "then sts:AssumeRole acts as role/Deployer",
        "iam:CreateRole on role/BreakGlass is open, to whoever meets aws:PrincipalArn like",
        "then sts:AssumeRole acts as role/BreakGlass",
    ];
    assert!(steps.map(at).is_sorted(), "{told}");
}

/// A user's name is had by renaming another, which takes permission on both.
#[test]
fn a_user_that_nobody_may_make_is_had_by_renaming_another() {
    let user = "arn:aws:iam::*:user/bg";
    let exempt = || exempting(json!({ "ArnNotLike": { "aws:PrincipalArn": user } }));
    let made =
        json!(["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"]);
    let with = |actions: Value, resource: &str| {
        let mut policies = exempt();
        policies.push(scp("p-made", deny(made.clone(), json!(user)), &[ROOT]));
        policies.push(scp("p-renamed", deny(actions, json!(resource)), &[ROOT]));
        policies
    };
    for policies in [
        with(json!("iam:DeleteUser"), user),
        with(json!("iam:UpdateUser"), "arn:aws:iam::*:user/other"),
        with(json!("iam:UpdateUser"), "arn:aws:iam::*:role/bg"),
    ] {
        let told = open(policies);
        assert!(
            told.contains("iam:UpdateUser on user/bg is open, which gives another user that name"),
            "{told}"
        );
    }
    for (action, resource) in
        [("iam:UpdateUser", user), ("iam:UpdateUser", "*"), ("iam:Update*", "arn:aws:iam::*:user/*")]
    {
        let facts = of(&guarded(with(json!(action), resource)), WORKLOAD);
        assert_eq!(held(&facts.leave.denied_by), Ok(true), "{action} {resource}");
    }
    // No user may get another name, though the name itself is free.
    let mut sources = deny(json!("iam:UpdateUser"), json!("*"));
    sources[0].as_object_mut().unwrap().remove("Resource");
    sources[0]["NotResource"] = json!(user);
    let mut policies = with(json!("iam:DeleteUser"), user);
    policies.push(scp("p-sources", sources, &[ROOT]));
    let facts = of(&guarded(policies), WORKLOAD);
    assert_eq!(facts.leave.denied_by.as_ref().map(Option::is_some), Ok(false), "an exempt user is one");
}

/// A role of IAM Identity Center is nobody's to make, so another of the list is the way.
#[test]
fn the_way_told_is_one_that_iam_lets_go() {
    let told = open(exempting(json!({ "ArnNotLike": { "aws:PrincipalArn": [
        "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:role/Admin"
    ] } })));
    assert!(told.contains("iam:CreateRole on role/Admin is open"), "{told}");
    assert!(!told.contains("iam:CreateRole on role/aws-reserved"), "{told}");
}

#[test]
fn what_is_out_of_reach_protects_all_the_same() {
    let role = "arn:aws:iam::*:role/BreakGlass";
    let kept = deny(json!(["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]), json!(role));
    let mut by_role = exempting(json!({ "ArnNotLike": { "aws:PrincipalArn": role } }));
    by_role.push(scp("p-roles", kept, &[ROOT]));
    for policies in [by_role, exempting(json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }))] {
        let facts = of(&guarded(policies), WORKLOAD);
        assert_eq!(held(&facts.leave.denied_by), Ok(true));
        assert_eq!(facts.self_service_exemptions, Ok(vec![]));
        assert_eq!(facts.undesignated_exemptions.clone().unwrap().len(), 1);
    }
}

#[test]
fn whether_an_easy_way_is_closed_by_what_could_not_be_read_is_unknown() {
    let mut policies = exempting(json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }));
    let mut other = scp("p-other", json!([]), &[UNIT]);
    other.content = denied("DescribePolicy");
    policies.push(other);
    let facts = of(&guarded(policies), WORKLOAD);
    let unknown = Err(samples::gaps("DescribePolicy"));
    assert_eq!(held(&facts.leave.denied_by), unknown);
    assert_eq!(held(&facts.leave.open), unknown);
}

#[test]
fn what_an_account_does_not_hold_is_no_failure_but_its_exemption_is_told() {
    let mut statements = deny(json!("s3:PutReplicationConfiguration"), json!("*"));
    statements[0]["Condition"] = json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } });
    let facts = of(&guarded(vec![scp("p-replication", statements, &[ROOT])]), WORKLOAD);
    assert_eq!(facts.replication_tampering.applies, Ok(false));
    assert_eq!(facts.self_service_exemptions.clone().unwrap().len(), 1);
}

#[test]
fn a_new_account_does_not_carry_what_its_administrators_escape() {
    let sample = guarded(exempting(json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } })));
    let facts = sample.facts();
    let Observed::Known(organization) = &facts.index.header.organization else { panic!() };
    let unit = super::super::unit::facts_of(&facts, organization, UNIT);
    assert_eq!(unit.carried, Ok(vec![]));
    assert!(unit.problem.unwrap().is_some());
}
