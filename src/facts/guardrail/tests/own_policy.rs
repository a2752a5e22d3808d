//! A denial of a resource's own policy protects as long as nobody can take that policy away.

use super::*;

/// The archive with a bucket policy that denies everything that would delete or change it, itself among that, and what
/// no bucket policy has a say in denied by the organization.
fn by_bucket_policy(policies: Vec<Policy>) -> Sample {
    let mut all = vec![scp("p-close", closing(), &[ROOT])];
    all.extend(policies);
    let mut sample = guarded(all);
    let mut statements = archive_statements();
    statements[0]["Principal"] = json!("*");
    sample.bucket().policy = samples::policy(statements);
    sample
}

const POLICY_ACTIONS: [&str; 2] = ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];

/// Denies changing the bucket's policy to the root user alone.
fn to_root(actions: &[&str], condition: Value) -> Policy {
    let mut statements = deny(json!(actions), json!("*"));
    statements[0]["Condition"] = condition;
    scp("p-root", statements, &[ROOT])
}

fn roots() -> Value {
    json!({ "ArnLike": { "aws:PrincipalArn": ["arn:aws:iam::*:root", "arn:aws:sts::*:assumed-root"] } })
}

#[test]
fn the_root_user_of_the_owner_takes_any_bucket_policy_away() {
    let facts = of(&by_bucket_policy(vec![]), ARCHIVE);
    for protection in [&facts.archive_deletion, &facts.archive_reconfiguration] {
        assert_eq!(protection.openness.as_deref(), Ok("administrators"));
        let open = protection.open.clone().unwrap().unwrap();
        assert!(open.contains("sign in as the root user of the account"), "{open}");
    }
    let open = facts.archive_deletion.open.clone().unwrap().unwrap();
    assert!(open.contains("the bucket policy that denies it is changed first"), "{open}");
    let open = facts.archive_reconfiguration.open.clone().unwrap().unwrap();
    assert!(open.contains("s3:PutBucketPolicy and s3:DeleteBucketPolicy"), "{open}");
    assert_eq!(facts.protected, Ok(true), "ordinary callers are denied it");
    assert!(!facts.self_service_exemptions.clone().unwrap().is_empty());
}

#[test]
fn a_bucket_policy_that_nobody_can_change_protects() {
    for policies in [
        vec![to_root(&POLICY_ACTIONS, roots())],
        vec![scp("p-all", deny(json!(POLICY_ACTIONS), json!("*")), &[ROOT])],
        vec![scp(
            "p-bucket",
            deny(json!("s3:*BucketPolicy"), json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}"))),
            &[UNIT, ARCHIVE],
        )],
    ] {
        let facts = of(&by_bucket_policy(policies), ARCHIVE);
        let by = facts.archive_deletion.denied_by.clone().unwrap().unwrap();
        assert!(by.contains("the bucket policy, statement 1 (Protect)"), "{by}");
        assert_eq!(held(&facts.archive_reconfiguration.denied_by), Ok(true));
    }
}

#[test]
fn one_of_the_ways_to_change_it_suffices() {
    for one in POLICY_ACTIONS {
        let facts = of(&by_bucket_policy(vec![to_root(&[one], roots())]), ARCHIVE);
        assert_eq!(facts.archive_deletion.openness.as_deref(), Ok("administrators"), "{one}");
        assert_eq!(facts.archive_reconfiguration.openness.as_deref(), Ok("administrators"), "{one}");
    }
    // What denies deletion and not its own change is changed by anybody.
    let mut sample = by_bucket_policy(vec![to_root(&POLICY_ACTIONS, roots())]);
    let mut statements = archive_statements();
    statements[0]["Principal"] = json!("*");
    statements[0]["Action"] =
        json!(["s3:DeleteBucket", "s3:DeleteObject*", "s3:PutObject*", "s3:Bypass*", "s3:Update*"]);
    sample.bucket().policy = samples::policy(statements);
    let facts = of(&sample, ARCHIVE);
    assert_eq!(facts.archive_deletion.openness.as_deref(), Ok("anyone"));
    let open = facts.archive_deletion.open.clone().unwrap().unwrap();
    assert!(
        open.starts_with("s3:PutBucketPolicy on arn:aws:s3:::example-archive is not denied if"),
        "{open}"
    );
    assert!(open.contains("the bucket policy that denies it is changed first"), "{open}");
    assert_eq!(facts.archive_reconfiguration.openness.as_deref(), Ok("anyone"));
}

#[test]
fn whom_the_organization_exempts_from_changing_it_is_exempt_from_its_denials() {
    let role = "arn:aws:iam::*:role/BreakGlass";
    let mut sample = by_bucket_policy(vec![to_root(
        &POLICY_ACTIONS,
        json!({ "ArnNotLike": { "aws:PrincipalArn": [role, "arn:aws:iam::*:root"] } }),
    )]);
    assert_eq!(
        of(&sample, ARCHIVE).archive_deletion.openness.as_deref(),
        Ok("administrators"),
        "the root user"
    );
    let policy = to_root(&POLICY_ACTIONS, json!({ "ArnNotLike": { "aws:PrincipalArn": role } }));
    sample = by_bucket_policy(vec![policy]);
    // The bucket's own policy denies it to the role, and the organization's to the root user.
    assert_eq!(held(&of(&sample, ARCHIVE).archive_deletion.denied_by), Ok(true));
}

#[test]
fn whether_the_policy_can_be_changed_may_not_be_known() {
    let mut other = scp("p-other", json!([]), &[ARCHIVE]);
    other.content = denied("DescribePolicy");
    let sample = by_bucket_policy(vec![other]);
    let facts = of(&sample, ARCHIVE);
    assert_eq!(held(&facts.archive_deletion.denied_by), Err(samples::gaps("DescribePolicy")));
    assert_eq!(held(&facts.archive_reconfiguration.denied_by), Err(samples::gaps("DescribePolicy")));
}

#[test]
fn what_the_organization_denies_needs_no_bucket_policy() {
    let facts = of(&guarded(vec![archive_scp(ARCHIVE)]), ARCHIVE);
    assert_eq!(held(&facts.archive_deletion.denied_by), Ok(true));
    let mut sample = guarded(vec![archive_scp(ARCHIVE)]);
    let mut statements = archive_statements();
    statements[0]["Principal"] = json!("*");
    sample.bucket().policy = samples::policy(statements);
    assert_eq!(held(&of(&sample, ARCHIVE).archive_deletion.denied_by), Ok(true));
}

/// Callers of other accounts are bound by no service control policy, and by a bucket policy only as it is written.
#[test]
fn whoever_may_put_the_policy_lets_in_others() {
    let objects = [format!("arn:aws:s3:::{ARCHIVE_BUCKET}"), format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*")];
    let actions = ["s3:DeleteBucket", "s3:DeleteObject*", "s3:PutObject*", "s3:Bypass*", "s3:Update*"];
    let asked = |more: Vec<Policy>| {
        let deletion = scp("p-objects", deny(json!(actions), json!(objects)), &[ROOT]);
        let mut all = vec![scp("p-close", closing(), &[ROOT]), deletion];
        all.extend(more);
        of(&guarded(all), ARCHIVE).archive_deletion
    };
    let open = asked(vec![]);
    assert_eq!(open.openness.as_deref(), Ok("anyone"));
    let told = open.open.clone().unwrap().unwrap();
    assert_eq!(told, format!("nothing denies s3:PutBucketPolicy on {}", objects[0]));
    assert_eq!(
        held(&asked(vec![scp("p-policy", deny(json!("s3:PutBucketPolicy"), json!("*")), &[ROOT])]).denied_by),
        Ok(true)
    );
    let exempt = to_root(&["s3:PutBucketPolicy"], roots());
    assert_eq!(asked(vec![exempt]).openness.as_deref(), Ok("anyone"), "others than the root user");
    // A resource control policy binds whoever calls.
    let mut sample = guarded(vec![
        scp("p-close", closing(), &[ROOT]),
        scp("p-objects", deny(json!(actions), json!(objects)), &[ROOT]),
    ]);
    if let Observed::Known(roots) = &mut sample.organization().roots {
        roots[0].enabled_policy_types.push("RESOURCE_CONTROL_POLICY".to_owned());
    }
    let mut statements = deny(json!(actions), json!(objects));
    statements[0]["Principal"] = json!("*");
    let allow = json!([{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }]);
    let everywhere = [ROOT, UNIT, MANAGEMENT, ARCHIVE, SECURITY, WORKLOAD];
    sample.organization().resource_control_policies = Observed::Known(vec![
        policy("p-RCPFullAWSAccess", "resource_control_policy", allow, &everywhere),
        policy("p-perimeter", "resource_control_policy", statements, &[ROOT]),
    ]);
    assert_eq!(held(&of(&sample, ARCHIVE).archive_deletion.denied_by), Ok(true));
}

#[test]
fn in_the_management_account_no_bucket_policy_holds() {
    let mut sample = by_bucket_policy(vec![scp("p-all", deny(json!("*"), json!("*")), &[ROOT])]);
    sample.bucket().account_id = MANAGEMENT.to_owned();
    sample.stores[0].account_id = MANAGEMENT.to_owned();
    sample.accounts[1].buckets = Observed::Known(vec![]);
    sample.accounts[0].buckets =
        Observed::Known(vec![BucketName { name: ARCHIVE_BUCKET.to_owned(), region: None }]);
    let rows = asked(&sample.facts(), &sample, MANAGEMENT);
    let deletion = rows.protection(Guardrail::ArchiveDeletion).unwrap();
    let objects = deletion.rows.iter().find(|row| row.action.name == "s3:DeleteObject").unwrap();
    assert!(
        matches!(&objects.answer.standing, Ok(Standing::Exempting { .. })),
        "{:?}",
        objects.answer.standing
    );
    assert!(!objects.answer.standing.clone().unwrap().protects());
}

/// Key policies bind the root user, so that one may deny its own change to everybody.
#[test]
fn a_key_policy_protects_where_it_denies_its_own_change() {
    let own =
        |actions: Value| json!([{ "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*" }]);
    let answers = |actions: Value| {
        let mut sample = guarded(vec![]);
        sample.key().policy = samples::policy(own(actions));
        let facts = sample.facts();
        let asked = asked(&facts, &sample, ARCHIVE);
        let keys = asked.protection(Guardrail::KeyDestruction).unwrap();
        let standing = |name: &str| {
            let row = keys.rows.iter().find(|row| row.action.name == name).unwrap();
            row.answer.standing.clone().unwrap()
        };
        (standing("kms:ScheduleKeyDeletion"), standing("kms:PutKeyPolicy"), keys.facts.openness.clone())
    };
    let (deletion, change, openness) = answers(json!("kms:*"));
    assert_eq!((deletion, change), (Standing::Denied, Standing::Denied));
    assert_eq!(openness.as_deref(), Ok("none"));
    let (deletion, change, openness) = answers(json!(["kms:ScheduleKeyDeletion", "kms:DisableKey*"]));
    assert!(deletion.denies() && !deletion.protects(), "{deletion:?}");
    assert_eq!(change, Standing::Open { exemption: None });
    assert_eq!(openness.as_deref(), Ok("anyone"));
}
