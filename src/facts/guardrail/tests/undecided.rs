//! What the policies alone do not settle is unknown, and the gap says why.

use super::*;

#[test]
fn what_policies_do_not_settle_is_unknown_with_the_reason() {
    for (condition, why) in [
        (
            json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-0a1b2c3d" } }),
            "which account `vpce-0a1b2c3d` is of, the value of `aws:SourceVpce`, is not known",
        ),
        (
            json!({ "StringNotLike": { "aws:userid": "AROAEXAMPLEROLEID0001:*" } }),
            "`AROAEXAMPLEROLEID0001`, in the value of `aws:userid`, is the unique id",
        ),
        (
            json!({ "StringNotLike": { "aws:PrincipalOrgPaths": "o-example/r-root/*" } }),
            "AWS asks for ForAnyValue or ForAllValues",
        ),
        (
            json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "no" } }),
            "`no` is no value that `BoolIfExists` can compare",
        ),
        (json!({ "StringNotEquals": { "aws:NewKey2030": "x" } }), "`aws:NewKey2030` is in no list"),
    ] {
        let sample = guarded(exempting(condition.clone()));
        let facts = of(&sample, WORKLOAD);
        let unknown = facts.leave.denied_by.clone().unwrap_err();
        let all = sample.facts();
        let named: Vec<_> =
            all.index.gaps.iter().filter(|gap| unknown.as_slice().contains(&gap.id)).collect();
        assert!(named.iter().any(|gap| gap.detail.contains(why)), "{condition}: {named:?}");
        assert_eq!(held(&facts.leave.open), Err(unknown), "{condition}");
    }
}

#[test]
fn a_tag_that_outsiders_may_pass_is_no_protection() {
    let mut policies = exempting(json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } }));
    let given = json!(["iam:TagRole", "iam:TagUser", "sts:TagSession"]);
    policies.push(scp("p-tags", deny(given, json!("*")), &[ROOT]));
    let facts = of(&guarded(policies.clone()), WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(false));
    let told = facts.leave.open.clone().unwrap().unwrap();
    assert!(told.contains("iam:CreateRole is open, which makes a role trust an account"), "{told}");
    let trust = json!(["iam:CreateRole", "iam:UpdateAssumeRolePolicy"]);
    policies.push(scp("p-trust", deny(trust, json!("*")), &[ROOT]));
    let facts = of(&guarded(policies), WORKLOAD);
    assert_eq!(held(&facts.leave.denied_by), Ok(true));
}

/// What the policy of the archive denies counts from its day on, and until its day.
#[test]
fn a_denial_of_the_bucket_s_own_policy_counts_while_it_is_in_force() {
    let denied = |condition: Value| {
        // Nobody takes the policy away.
        let kept = deny(json!(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]), json!("*"));
        let mut sample = guarded(vec![scp("p-close", closing(), &[ROOT]), scp("p-kept", kept, &[ROOT])]);
        let mut statements = archive_statements();
        statements[0]["Principal"] = json!("*");
        statements[0]["Condition"] = condition;
        sample.bucket().policy = samples::policy(statements);
        held(&of(&sample, ARCHIVE).archive_deletion.denied_by)
    };
    assert_eq!(denied(json!({})), Ok(true));
    assert_eq!(denied(json!({ "DateGreaterThan": { "aws:CurrentTime": "2020-01-01" } })), Ok(true));
    assert_eq!(denied(json!({ "DateLessThan": { "aws:CurrentTime": "2020-01-01" } })), Ok(false));
    assert_eq!(denied(json!({ "DateGreaterThan": { "aws:CurrentTime": "2090-01-01" } })), Ok(false));
}
