//! Buckets as a scan finds them, and what each fact says and needs.

use serde_json::{Value, json};

use super::{BucketFacts, derive, missing};
use crate::facts::samples::{
    ARCHIVE, ARCHIVE_BUCKET, BLOCK, KEY, MANAGEMENT, ORGANIZATION, REGION, SECURITY, STRANGER, Sample,
    WORKLOAD, denied, gaps, lifecycle_rule, organization_trail, own_trail, policy, replication,
    replication_rule, settings, tls_statement, unavailable,
};
use crate::facts::view::Derived;
use crate::model::{
    AccessControlList, AccessLogging, AclGrant, AdvancedSelector, Bucket, DeliveryChannel, Encryption,
    EventSelectors, FieldSelector, GapReason, Gaps, LifecycleRule, ObjectLock, Observed, PublicAccessBlock,
    ReplicationRule, Retention, RetentionMode, Trail, Versioning,
};

mod access_control;
mod grants;

fn facts_of(sample: &Sample, name: &str) -> BucketFacts {
    let facts = sample.facts();
    let bucket = facts.index.buckets.get(name).unwrap().clone();
    derive(&facts, &bucket, &mut Vec::new())
}

fn archive(sample: &Sample) -> BucketFacts {
    facts_of(sample, ARCHIVE_BUCKET)
}

fn with_policy(statements: serde_json::Value) -> BucketFacts {
    let mut sample = Sample::new();
    sample.bucket().policy = policy(statements);
    archive(&sample)
}

fn allow(principal: serde_json::Value, actions: &[&str]) -> serde_json::Value {
    let mut statement = json!({
        "Sid": "It",
        "Effect": "Allow",
        "Action": actions,
        "Resource": [format!("arn:aws:s3:::{ARCHIVE_BUCKET}"), format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*")]
    });
    statement["Principal"] = principal;
    statement
}

fn only(mut statement: serde_json::Value, operator: &str, key: &str, value: &str) -> serde_json::Value {
    statement["Condition"] = json!({ operator: { key: value } });
    statement
}

mod policy_details;
mod protection;
mod replication;
mod unread;

#[test]
fn a_good_archive_has_nothing_wrong_and_nothing_unknown() {
    let sample = Sample::new();
    let bucket = archive(&sample);
    assert_eq!(unavailable(&bucket), Vec::<&str>::new());
    assert_eq!(bucket.is_archive, Ok(true));
    assert_eq!(bucket.is_source, Ok(false));
    for list in [
        &bucket.public_access_block_off,
        &bucket.account_public_access_block_off,
        &bucket.public_statements,
        &bucket.public_acl_grants,
        &bucket.tls_missing,
        &bucket.unscoped_writers,
        &bucket.undesignated_writers,
        &bucket.undesignated_readers,
        &bucket.destructive_grants,
        &bucket.foreign_replicators,
    ] {
        assert_eq!(list.as_ref(), Ok(&Vec::new()));
    }
    assert_eq!(bucket.customer_managed_key, Ok(true));
    assert_eq!(bucket.access_logged, Ok(true));
    assert_eq!(sample.facts().index.gaps, []);
}

/// Each denied call, and exactly the facts that it takes with it.
#[test]
fn a_denied_call_takes_only_what_it_decides() {
    type Deny = fn(&mut Sample);
    let by_policy = [
        "public_statements",
        "served_to_everyone",
        "public_access",
        "tls_missing",
        "tls_problem",
        "unscoped_writers",
        "undesignated_writers",
        "undesignated_readers",
        "destructive_grants",
        "admits_replication",
        "foreign_replicators",
    ];
    let by_replication = [
        "receives_unlockable",
        "second_copy",
        "replicates_to_archive",
        "replication_shortfall",
        "replication_rules",
        "foreign_replication_rules",
        "rules_without_owner_override",
        "rules_with_delete_markers",
        "rules_into_archive",
    ];
    let by_lifecycle = [
        "deletion_advice",
        "earliest_expiry_days",
        "earliest_expiry",
        "has_lifecycle",
        "tiers_old_logs",
        "ends_incomplete_uploads",
        "lifecycle_problem",
    ];
    let cases: [(Deny, &[&str]); 11] = [
        (|it| it.bucket().versioning = denied("x"), &["versioning", "versioning_state", "mfa_delete"]),
        (
            |it| it.bucket().object_lock = denied("x"),
            &["object_lock_mode", "object_lock_days", "default_retention"],
        ),
        (|it| it.bucket().lifecycle = denied("x"), &by_lifecycle),
        (|it| it.bucket().policy = denied("x"), &by_policy),
        (|it| it.bucket().acl = denied("x"), &["public_acl_grants"]),
        (|it| it.bucket().ownership = denied("x"), &["object_ownership"]),
        (|it| it.bucket().public_access_block = denied("x"), &["public_access_block_off", "settings_off"]),
        (
            |it| it.stores[0].public_access_block = denied("x"),
            &["account_public_access_block_off", "account_settings_off"],
        ),
        (
            |it| it.bucket().encryption = denied("x"),
            &["encryption", "kms_key_id", "customer_managed_key", "default_encryption"],
        ),
        (
            |it| it.bucket().logging = denied("x"),
            &["receives_unlockable", "access_log_target", "access_logging", "access_logged"],
        ),
        (|it| it.bucket().replication = denied("x"), &by_replication),
    ];
    for (deny, expected) in cases {
        let mut sample = Sample::new();
        deny(&mut sample);
        assert_eq!(unavailable(&archive(&sample)), expected);
    }
}

#[test]
fn a_bucket_for_access_logs_alone_is_known_as_such() {
    let mut sample = Sample::new();
    sample.add_bucket("example-access-logs", ARCHIVE);
    assert_eq!(facts_of(&sample, "example-access-logs").access_logs_only, Ok(true));
    assert_eq!(archive(&sample).access_logs_only, Ok(false));
    // One that receives trails too needs its protections: the access logs are what must go.
    sample.bucket().logging = Observed::Known(AccessLogging {
        target_bucket: ARCHIVE_BUCKET.to_owned(),
        target_prefix: String::new(),
    });
    assert_eq!(archive(&sample).access_logs_only, Ok(false));
    assert_eq!(archive(&sample).access_logged, Ok(false), "it logs into itself");
}

#[test]
fn a_service_that_acts_for_designated_accounts_alone_reads_for_them() {
    let service = |name: &str| allow(json!({ "Service": name }), &["s3:GetObject"]);
    let any = "inspector2.amazonaws.com";
    for (statement, designated) in [
        (only(service(any), "StringEquals", "aws:SourceAccount", ARCHIVE), true),
        (only(service(any), "StringEquals", "aws:SourceAccount", SECURITY), true),
        (only(service(any), "StringEquals", "aws:SourceAccount", WORKLOAD), false),
        (only(service(any), "StringEquals", "aws:SourceOrgID", ORGANIZATION), false),
        (only(service(any), "ArnLike", "aws:SourceArn", &format!("arn:aws:macie2:*:{ARCHIVE}:*")), true),
        (service(any), false),
        (only(allow(json!("*"), &["s3:GetObject"]), "StringEquals", "aws:SourceAccount", ARCHIVE), true),
        (only(service("*"), "StringEquals", "aws:SourceAccount", ARCHIVE), true),
    ] {
        let readers = with_policy(json!([statement.clone()])).undesignated_readers;
        assert_eq!(readers.as_ref().is_ok_and(Vec::is_empty), designated, "{statement} {readers:?}");
    }
}

#[test]
fn a_policy_is_public_by_evaluation_not_by_a_star() {
    let everyone = allow(json!("*"), &["s3:GetObject"]);
    let public = with_policy(json!([everyone])).public_statements.unwrap();
    assert_eq!(public.len(), 1);
    assert!(public[0].starts_with("statement 1 (It)"), "{}", public[0]);
    let limited = only(everyone.clone(), "StringEquals", "aws:PrincipalOrgID", ORGANIZATION);
    assert_eq!(with_policy(json!([limited])).public_statements, Ok(vec![]));
    let wildcard = only(everyone, "StringLike", "aws:PrincipalOrgID", "*");
    assert_eq!(with_policy(json!([wildcard])).public_statements.unwrap().len(), 1);
}

#[test]
fn a_narrow_tls_statement_tells_what_it_misses() {
    let narrow = with_policy(json!([tls_statement(ARCHIVE_BUCKET, "s3:GetObject")]));
    assert!(!narrow.tls_missing.unwrap().is_empty());
    let text = "statement 1 (Tls) denies them only for s3:GetObject";
    assert_eq!(narrow.tls_problem, Ok(Some(text.to_owned())));
    let mut objects = tls_statement(ARCHIVE_BUCKET, "s3:*");
    objects["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*"));
    objects["Principal"] = json!({ "AWS": SECURITY });
    objects["Condition"]["StringEquals"] = json!({ "aws:PrincipalTag/team": "logs" });
    let text = "statement 1 (Tls) denies them only on objects for some callers under a further condition on \
                aws:PrincipalTag/team";
    assert_eq!(with_policy(json!([objects])).tls_problem, Ok(Some(text.to_owned())));
    let silent = with_policy(json!([allow(json!({ "AWS": ARCHIVE }), &["s3:GetObject"])]));
    assert_eq!(silent.tls_problem, Ok(Some("no statement of its policy denies them".to_owned())));
    let mut sample = Sample::new();
    sample.bucket().policy = Observed::Absent;
    assert_eq!(archive(&sample).tls_missing, Ok(vec!["there is no bucket policy".to_owned()]));
    assert_eq!(archive(&sample).public_statements, Ok(vec![]));
}

#[test]
fn a_service_that_writes_for_anyone_is_named() {
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let open = allow(service, &["s3:PutObject"]);
    let writers = with_policy(json!([open])).unscoped_writers.unwrap();
    assert_eq!(writers, ["statement 1 (It) lets cloudtrail.amazonaws.com write on behalf of anyone"]);
    for (key, value, scoped) in [
        ("aws:SourceOrgID", ORGANIZATION, true),
        ("aws:SourceOrgID", "o-otherorgan1", false),
        ("aws:SourceAccount", MANAGEMENT, true),
        ("aws:SourceAccount", STRANGER, false),
    ] {
        let limited = only(open.clone(), "StringEquals", key, value);
        let writers = with_policy(json!([limited])).unscoped_writers.unwrap();
        assert_eq!(writers.is_empty(), scoped, "{key} {value}");
    }
}

#[test]
fn an_account_is_foreign_only_if_the_organization_is_known() {
    let mut sample = Sample::new();
    let open = allow(json!({ "Service": "config.amazonaws.com" }), &["s3:PutObject"]);
    sample.bucket().policy = policy(json!([only(open, "StringEquals", "aws:SourceAccount", STRANGER)]));
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(archive(&sample).unscoped_writers, Err(gaps("ListAccounts")));
    // That it was scanned makes it no member, except for the caller's own.
    let open = allow(json!({ "Service": "config.amazonaws.com" }), &["s3:PutObject"]);
    sample.bucket().policy = policy(json!([only(open, "StringEquals", "aws:SourceAccount", WORKLOAD)]));
    assert_eq!(archive(&sample).unscoped_writers, Err(gaps("ListAccounts")));
    sample.header.caller_account_id = WORKLOAD.to_owned();
    assert_eq!(archive(&sample).unscoped_writers, Ok(vec![]));
}

#[test]
fn readers_are_designated_by_account_pattern_or_service() {
    let role = |account: &str| json!({ "AWS": format!("arn:aws:iam::{account}:role/siem-reader") });
    let read = &["s3:GetObject"];
    for (principal, designated) in [
        (role(ARCHIVE), true),
        (role(SECURITY), true),
        (role(WORKLOAD), false),
        (json!({ "Service": "cloudtrail.amazonaws.com" }), true),
        (json!({ "Service": "macie.amazonaws.com" }), false),
    ] {
        let readers = with_policy(json!([allow(principal.clone(), read)])).undesignated_readers.unwrap();
        assert_eq!(readers.is_empty(), designated, "{principal}");
    }
    let everyone_in = only(allow(json!("*"), read), "StringEquals", "aws:PrincipalOrgID", ORGANIZATION);
    assert_eq!(with_policy(json!([everyone_in])).undesignated_readers.unwrap().len(), 1);

    let mut sample = Sample::new();
    sample.bucket().policy = policy(json!([allow(role(WORKLOAD), read)]));
    sample.expectations.log_readers = vec!["arn:aws:iam::*:role/siem-*".to_owned()];
    assert_eq!(archive(&sample).undesignated_readers, Ok(vec![]));
    sample.expectations.log_readers = vec![WORKLOAD.to_owned()];
    assert_eq!(archive(&sample).undesignated_readers, Ok(vec![]));
}

#[test]
fn a_named_stranger_who_writes_or_loosens_is_found() {
    let stranger = || json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") });
    for action in [
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutBucketAcl",
        "s3:PutEncryptionConfiguration",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketOwnershipControls",
        "s3:PutObjectLegalHold",
        "s3:PutObjectVersionAcl",
        "s3:PutBucketLogging",
        "s3:PutIntelligentTieringConfiguration",
        "s3:UpdateObjectEncryption",
        "s3:PauseReplication",
        "s3:Put*",
    ] {
        let bucket = with_policy(json!([allow(stranger(), &[action])]));
        let destructive = bucket.destructive_grants.unwrap().join("; ");
        assert!(destructive.contains(STRANGER), "{action}: {destructive}");
        let writers = bucket.undesignated_writers.unwrap().join("; ");
        let writes = matches!(action, "s3:PutObject" | "s3:Put*");
        assert_eq!(writers.contains(STRANGER), writes, "{action}: {writers}");
    }
}

/// Writers of whom the policy does not tell who they are destroy logs or not: that is unknown, not a pass.
#[test]
fn writers_that_cannot_be_told_are_no_pass() {
    let anyone = || allow(json!("*"), &["s3:PutObject"]);
    let canonical = "aaaa59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2b";
    for statement in [
        allow(json!({ "CanonicalUser": canonical }), &["s3:PutObject"]),
        allow(json!({ "CanonicalUser": canonical }), &["s3:ReplicateObject"]),
        only(anyone(), "IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        only(anyone(), "StringEquals", "aws:SourceVpce", "vpce-1"),
        only(anyone(), "StringEquals", "aws:SourceVpc", "vpc-1"),
    ] {
        let bucket = with_policy(json!([statement]));
        assert!(bucket.destructive_grants.is_err(), "{statement}");
        assert!(bucket.undesignated_writers.is_err(), "{statement}");
    }
    let member = allow(json!({ "AWS": WORKLOAD }), &["s3:PutObject"]);
    assert_eq!(with_policy(json!([member])).destructive_grants, Ok(vec![]));
}

#[test]
fn who_writes_is_a_service_or_designated_or_confined_to_its_own_number() {
    let write = &["s3:PutObject"];
    let writers = |statement: Value| with_policy(json!([statement])).undesignated_writers.unwrap();
    let account = |id: &str| json!({ "AWS": format!("arn:aws:iam::{id}:root") });
    assert_eq!(writers(allow(account(ARCHIVE), write)), Vec::<String>::new());
    assert_eq!(writers(allow(account(SECURITY), write)), Vec::<String>::new());
    assert_eq!(writers(allow(json!({ "Service": "config.amazonaws.com" }), write)), Vec::<String>::new());
    assert_eq!(writers(allow(account(WORKLOAD), write)).len(), 1);
    let members = only(allow(json!("*"), write), "StringEquals", "aws:PrincipalOrgID", ORGANIZATION);
    assert_eq!(writers(members.clone()).len(), 1, "any member forges the logs of another");
    let under = |statement: &Value, key: &str| {
        let mut statement = statement.clone();
        statement["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}/{key}"));
        statement
    };
    let confined = "AWSLogs/${aws:PrincipalAccount}/*";
    assert_eq!(writers(under(&members, confined)), Vec::<String>::new());
    // Which objects they are depends on the caller, so that none is certain to be let in; nor is it a pass.
    for open in ["*/${aws:PrincipalAccount}/*", "AWSLogs/${aws:PrincipalAccount}*"] {
        assert!(with_policy(json!([under(&members, open)])).undesignated_writers.is_err(), "{open}");
    }
    assert_eq!(
        writers(under(&allow(account(WORKLOAD), write), &format!("AWSLogs/{WORKLOAD}/*"))),
        Vec::<String>::new()
    );
    assert_eq!(writers(under(&allow(account(WORKLOAD), write), &format!("AWSLogs/{MANAGEMENT}/*"))).len(), 1);
    assert_eq!(writers(under(&allow(account(STRANGER), write), &format!("AWSLogs/{STRANGER}/*"))).len(), 1);
    let mut sample = Sample::new();
    sample.bucket().policy = policy(json!([allow(account(WORKLOAD), write)]));
    sample.expectations.log_writers = vec![WORKLOAD.to_owned()];
    assert_eq!(archive(&sample).undesignated_writers, Ok(vec![]));
}

#[test]
fn a_deny_with_a_misplaced_variable_takes_no_grant_away() {
    let grant = || allow(json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") }), &["s3:DeleteObject"]);
    let objects = format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*");
    let found = |resources: Value| {
        let deny = json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": resources,
        });
        with_policy(json!([grant(), deny])).destructive_grants
    };
    assert_eq!(found(json!([objects])), Ok(vec![]));
    for beside in ["arn:aws:s3:${aws:RequestedRegion}::other/*", "arn:aws:sns:*:${aws:PrincipalAccount}:x"] {
        assert_ne!(found(json!([objects, beside])), Ok(vec![]), "{beside}");
    }
}

#[test]
fn the_access_point_and_the_network_tell_nothing_of_the_caller() {
    let stranger = || json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") });
    for (key, value) in [
        ("s3:DataAccessPointAccount", ARCHIVE),
        ("s3:DataAccessPointArn", "arn:aws:s3:eu-central-1:222222222222:accesspoint/logs"),
        ("aws:VpceAccount", ARCHIVE),
        ("aws:VpceOrgID", ORGANIZATION),
        ("aws:SourceVpcArn", "arn:aws:ec2:eu-central-1:222222222222:vpc/vpc-1"),
    ] {
        let limited = only(allow(stranger(), &["s3:DeleteObject"]), "StringLike", key, value);
        let found = with_policy(json!([limited])).destructive_grants;
        assert_ne!(found, Ok(vec![]), "{key}");
    }
    // Delegation to access points: whom they let in is not read.
    let delegated =
        only(allow(json!("*"), &["s3:GetObject"]), "StringEquals", "s3:DataAccessPointAccount", ARCHIVE);
    let bucket = with_policy(json!([delegated]));
    assert!(bucket.undesignated_readers.is_err());
    assert_eq!(bucket.public_statements, Ok(vec![]), "AWS says so of a fixed account");
    let key = only(
        allow(stranger(), &["s3:PutObject"]),
        "StringEquals",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        KEY,
    );
    assert_ne!(with_policy(json!([key])).undesignated_writers, Ok(vec![]));
}

#[test]
fn the_owner_of_the_bucket_is_known() {
    for (key, own, other) in [
        ("aws:ResourceAccount", ARCHIVE, STRANGER),
        ("s3:ResourceAccount", ARCHIVE, STRANGER),
        ("aws:ResourceOrgID", ORGANIZATION, "o-otherorgan1"),
    ] {
        for (value, applies) in [(own, true), (other, false)] {
            let read = only(allow(json!("*"), &["s3:GetObject"]), "StringEquals", key, value);
            let bucket = with_policy(json!([read]));
            assert_eq!(
                bucket.public_statements.map(|it| it.len()),
                Ok(usize::from(applies)),
                "{key} {value}"
            );
            assert_eq!(
                bucket.undesignated_readers.map(|it| it.len()),
                Ok(usize::from(applies)),
                "{key} {value}"
            );
            let write = only(
                allow(json!({ "Service": "cloudtrail.amazonaws.com" }), &["s3:PutObject"]),
                "StringEquals",
                key,
                value,
            );
            let writers = with_policy(json!([write])).unscoped_writers;
            assert_eq!(writers.map(|it| it.len()), Ok(usize::from(applies)), "{key} {value}");
        }
    }
    let same = only(
        allow(json!("*"), &["s3:GetObject"]),
        "StringEquals",
        "aws:PrincipalAccount",
        "${aws:ResourceAccount}",
    );
    assert_eq!(with_policy(json!([same])).undesignated_readers, Ok(vec![]));
}

/// Owner and caller may be compared in either order, and the owner's place in the organization is known.
#[test]
fn what_the_owner_shares_with_the_caller_is_decided() {
    let read = |operator: &str, key: &str, value: &str| {
        only(allow(json!("*"), &["s3:GetObject"]), operator, key, value)
    };
    let readers = |statement: Value| with_policy(json!([statement])).undesignated_readers.map(|it| it.len());
    for (key, variable) in [
        ("aws:ResourceAccount", "${aws:PrincipalAccount}"),
        ("s3:ResourceAccount", "${aws:PrincipalAccount}"),
    ] {
        for operator in ["StringEquals", "StringEqualsIfExists", "StringLike"] {
            assert_eq!(readers(read(operator, key, variable)), Ok(0), "{operator} {key}");
        }
        assert_ne!(readers(read("StringNotEquals", key, variable)), Ok(0), "{key}");
    }
    let members = read("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}");
    assert_eq!(readers(members.clone()), Ok(1), "all members");
    let bucket = with_policy(json!([members]));
    assert_eq!((bucket.public_statements, bucket.destructive_grants), (Ok(vec![]), Ok(vec![])));
    let own = format!("{ORGANIZATION}/r-root/*");
    let other = format!("{ORGANIZATION}/r-root/ou-root-else/*");
    let path = |value: &str| read("ForAnyValue:StringLike", "aws:ResourceOrgPaths", value);
    assert_eq!(readers(path(&own)), Ok(1), "of everyone");
    assert_eq!(readers(path(&other)), Ok(0));
    let mut sample = Sample::new();
    sample.organization().organizational_units = denied("ListOrganizationalUnitsForParent");
    let Observed::Known(accounts) = &mut sample.organization().accounts else { panic!() };
    for account in accounts.iter_mut() {
        account.parent_id = denied("ListParents");
    }
    sample.bucket().policy = policy(json!([path(&own)]));
    assert!(archive(&sample).undesignated_readers.is_err(), "its place is not known");
}

#[test]
fn rights_to_delete_are_found_in_broad_statements() {
    let statement = allow(json!({ "AWS": format!("arn:aws:iam::{WORKLOAD}:root") }), &["s3:*"]);
    let grants = with_policy(json!([statement])).destructive_grants.unwrap().join("; ");
    assert!(grants.contains("statement 1 (It) allows") && grants.contains(WORKLOAD), "{grants}");
    let own = allow(json!({ "AWS": format!("arn:aws:iam::{ARCHIVE}:root") }), &["s3:*"]);
    assert_eq!(with_policy(json!([own])).destructive_grants, Ok(vec![]));
}

#[test]
fn a_policy_that_is_no_policy_is_a_gap_of_its_own() {
    let mut sample = Sample::new();
    sample.bucket().policy = Observed::Known("<html>".to_owned());
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!((gap.operation.as_str(), gap.reason), ("GetBucketPolicy", GapReason::MalformedResponse));
    assert_eq!(archive(&sample).tls_missing, Err(gap.id.clone().into()));
}

#[test]
fn data_events_of_every_object_count_as_a_record_of_access() {
    let mut sample = Sample::new();
    assert_eq!(archive(&sample).data_events_recorded, Ok(false));
    let field = |field: &str, value: &str| FieldSelector {
        field: field.to_owned(),
        equals: vec![value.to_owned()],
        ..FieldSelector::default()
    };
    let selector = AdvancedSelector {
        name: None,
        field_selectors: vec![field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object")],
    };
    let Observed::Known(trails) = &mut sample.accounts[0].trails else { unreachable!() };
    trails[0].event_selectors = Observed::Known(EventSelectors::Advanced(vec![selector]));
    assert_eq!(archive(&sample).data_events_recorded, Ok(true));
}

#[test]
fn a_condition_that_nobody_can_evaluate_leaves_one_gap_for_the_whole_policy() {
    let odd =
        only(allow(json!("*"), &["s3:GetObject"]), "StringResembles", "aws:PrincipalOrgID", ORGANIZATION);
    let mut sample = Sample::new();
    sample.bucket().policy = policy(json!([odd, tls_statement(ARCHIVE_BUCKET, "s3:*")]));
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!((gap.operation.as_str(), gap.reason), ("GetBucketPolicy", GapReason::Undecided));
    let bucket = archive(&sample);
    assert_eq!(bucket.public_statements, Err(gap.id.clone().into()));
    assert_eq!(bucket.undesignated_readers, Err(gap.id.clone().into()));
    assert_eq!(bucket.tls_missing, Ok(vec![]), "another statement decides this");
}

#[test]
fn statements_that_forbid_plain_http_in_several_pieces_count_together() {
    let mut objects = tls_statement(ARCHIVE_BUCKET, "s3:*");
    objects["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}/*"));
    let mut itself = tls_statement(ARCHIVE_BUCKET, "s3:*");
    itself["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}"));
    assert_eq!(with_policy(json!([objects.clone(), itself])).tls_missing, Ok(vec![]));
    let mut one_principal = tls_statement(ARCHIVE_BUCKET, "s3:*");
    one_principal["Principal"] = json!({ "AWS": WORKLOAD });
    let mut one_prefix = tls_statement(ARCHIVE_BUCKET, "s3:*");
    one_prefix["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}/AWSLogs/*"));
    for narrow in [objects, one_principal, one_prefix] {
        assert_ne!(with_policy(json!([narrow])).tls_missing, Ok(vec![]));
    }
}
