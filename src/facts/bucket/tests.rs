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
        (|it| it.bucket().logging = denied("x"), &["access_log_target", "access_logging", "access_logged"]),
        (|it| it.bucket().replication = denied("x"), &by_replication),
    ];
    for (deny, expected) in cases {
        let mut sample = Sample::new();
        deny(&mut sample);
        assert_eq!(unavailable(&archive(&sample)), expected);
    }
}

#[test]
fn versioning_that_was_never_enabled_is_told_from_suspended() {
    let mut sample = Sample::new();
    sample.bucket().versioning = Observed::Absent;
    assert_eq!(archive(&sample).versioning, Ok("never enabled".to_owned()));
    assert_eq!(archive(&sample).versioning_state, Ok("was never enabled".to_owned()));
    sample.bucket().versioning =
        Observed::Known(Versioning { status: Some("Suspended".to_owned()), mfa_delete: true });
    assert_eq!(archive(&sample).versioning, Ok("Suspended".to_owned()));
    assert_eq!(archive(&sample).versioning_state, Ok("is suspended".to_owned()));
    assert_eq!(archive(&sample).mfa_delete, Ok(true));
}

#[test]
fn object_lock_counts_only_with_a_default_retention() {
    let mut sample = Sample::new();
    sample.bucket().object_lock = Observed::Known(ObjectLock {
        enabled: true,
        default_retention: None,
        default_event_hold_days: Observed::Absent,
    });
    let bucket = archive(&sample);
    assert_eq!((bucket.object_lock_mode, bucket.object_lock_days), (Ok("none".to_owned()), Ok(0)));
    assert_eq!(bucket.default_retention, Ok("has no default Object Lock retention".to_owned()));
    let default_retention = Some(Retention { mode: RetentionMode::Governance, days: 30 });
    sample.bucket().object_lock = Observed::Known(ObjectLock {
        enabled: true,
        default_retention,
        default_event_hold_days: Observed::Absent,
    });
    let bucket = archive(&sample);
    assert_eq!((bucket.object_lock_mode, bucket.object_lock_days), (Ok("governance".to_owned()), Ok(30)));
    let text = "has a default Object Lock retention of 30 days in governance mode";
    assert_eq!(bucket.default_retention, Ok(text.to_owned()));
}

#[test]
fn advice_on_deletion_respects_what_excludes_what() {
    let mut sample = Sample::new();
    assert!(archive(&sample).deletion_advice.unwrap().contains("lifecycle rules exclude MFA Delete"));
    sample.bucket().lifecycle = Observed::Absent;
    assert!(archive(&sample).deletion_advice.unwrap().contains("or enable MFA Delete"));
    sample.add_bucket("example-workload", WORKLOAD).logging = Observed::Known(AccessLogging {
        target_bucket: ARCHIVE_BUCKET.to_owned(),
        target_prefix: String::new(),
    });
    assert!(archive(&sample).deletion_advice.unwrap().contains("go to another bucket before"));
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
fn the_soonest_removal_of_any_enabled_rule_counts() {
    let mut sample = Sample::new();
    sample.bucket().versioning = Observed::Known(Versioning { status: None, mfa_delete: false });
    let rules = |sample: &mut Sample, change: &dyn Fn(&mut LifecycleRule)| {
        let mut late = lifecycle_rule("late");
        late.expiration_days = Some(2557);
        let mut rule = lifecycle_rule("soon");
        change(&mut rule);
        sample.bucket().lifecycle = Observed::Known(vec![late, rule]);
        let bucket = archive(sample);
        (bucket.earliest_expiry_days.unwrap(), bucket.earliest_expiry.unwrap())
    };
    let (days, what) = rules(&mut sample, &|rule| rule.noncurrent_expiration_days = Some(30));
    assert_eq!(days, Some(30));
    assert_eq!(what.as_deref(), Some("lifecycle rule soon removes noncurrent versions after 30 days"));
    let (days, what) = rules(&mut sample, &|rule| {
        rule.prefix = Some("AWSLogs/".to_owned());
        rule.otherwise_filtered = true;
        rule.expiration_days = Some(90);
    });
    assert_eq!(days, Some(90));
    assert_eq!(
        what.as_deref(),
        Some("lifecycle rule soon (prefix AWSLogs/) expires current logs after 90 days")
    );
    let (days, _) = rules(&mut sample, &|rule| rule.expiration_date = Some("2030-01-01".to_owned()));
    assert_eq!(days, Some(0));
    let (days, _) = rules(&mut sample, &|rule| {
        rule.enabled = false;
        rule.expiration_days = Some(1);
    });
    assert_eq!(days, Some(2557));
    sample.bucket().lifecycle = Observed::Absent;
    assert_eq!(archive(&sample).earliest_expiry_days, Ok(None));
}

#[test]
fn expiring_a_current_log_removes_it_only_where_versioning_is_not_on() {
    let mut rule = lifecycle_rule("month");
    rule.expiration_days = Some(30);
    let of = |status: Option<&str>, rule: &LifecycleRule| {
        let mut sample = Sample::new();
        sample.bucket().versioning =
            Observed::Known(Versioning { status: status.map(str::to_owned), mfa_delete: false });
        sample.bucket().lifecycle = Observed::Known(vec![rule.clone()]);
        archive(&sample).earliest_expiry_days
    };
    assert_eq!(of(Some("Enabled"), &rule), Ok(None), "a delete marker is set, and the log stays");
    // A suspended bucket's objects have the null version, which is overwritten.
    assert_eq!((of(Some("Suspended"), &rule), of(None, &rule)), (Ok(Some(30)), Ok(Some(30))));
    rule.noncurrent_expiration_days = Some(365);
    assert_eq!(of(Some("Enabled"), &rule), Ok(Some(365)), "what became noncurrent is removed in its time");
    assert_eq!(of(Some("Suspended"), &rule), Ok(Some(30)));
    rule.expiration_days = None;
    rule.expiration_date = Some("2027-01-01".to_owned());
    assert_eq!((of(Some("Enabled"), &rule), of(None, &rule)), (Ok(Some(365)), Ok(Some(0))));

    let mut sample = Sample::new();
    sample.bucket().versioning = denied("GetBucketVersioning");
    sample.bucket().lifecycle = Observed::Known(vec![rule.clone()]);
    assert_eq!(archive(&sample).earliest_expiry_days, Err(gaps("GetBucketVersioning")));
    rule.expiration_date = None;
    sample.bucket().lifecycle = Observed::Known(vec![rule]);
    assert_eq!(archive(&sample).earliest_expiry_days, Ok(Some(365)), "then versioning does not matter");
}

#[test]
fn a_bucket_that_config_delivers_to_must_have_no_default_retention() {
    let mut sample = Sample::new();
    sample.add_bucket("example-config", ARCHIVE);
    let channel = |name: &str| {
        Observed::Known(vec![DeliveryChannel {
            name: "default".to_owned(),
            bucket_name: Observed::Known(name.to_owned()),
            key_prefix: Observed::Absent,
            kms_key_arn: Observed::Absent,
            status: Observed::Absent,
        }])
    };
    sample.region(WORKLOAD).delivery_channels = channel("example-config");
    let config = facts_of(&sample, "example-config");
    assert_eq!((config.excludes_retention, config.access_logs_only), (Ok(true), Ok(false)));
    assert_eq!(config.kept_out_by_retention, Ok(Some("AWS Config".to_owned())), "it has one");
    let advice = config.deletion_advice.unwrap();
    assert!(advice.starts_with("AWS Config cannot deliver into a bucket with default"), "{advice}");
    // With access logs beside: neither could deliver.
    sample.bucket().logging = Observed::Known(AccessLogging {
        target_bucket: "example-config".to_owned(),
        target_prefix: String::new(),
    });
    let both = facts_of(&sample, "example-config");
    assert_eq!(both.excludes_retention, Ok(true));
    assert_eq!(both.kept_out_by_retention, Ok(Some("AWS Config and S3 server access logging".to_owned())));
    // A bucket that trails deliver to keeps its protection: Config's files are what must go.
    sample.region(WORKLOAD).delivery_channels = channel(ARCHIVE_BUCKET);
    let mixed = archive(&sample);
    assert_eq!(mixed.excludes_retention, Ok(false));
    assert!(mixed.deletion_advice.unwrap().contains("go to another bucket before you set retention"));
    // Without a retention nobody is kept out, and one that could not be read is not known.
    sample.bucket().object_lock = Observed::Known(ObjectLock {
        enabled: true,
        default_retention: None,
        default_event_hold_days: Observed::Absent,
    });
    assert_eq!(archive(&sample).kept_out_by_retention, Ok(None));
    sample.bucket().object_lock = denied("GetObjectLockConfiguration");
    assert_eq!(archive(&sample).kept_out_by_retention, Err(gaps("GetObjectLockConfiguration")));
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
fn uploads_end_only_by_a_rule_for_every_key() {
    let mut sample = Sample::new();
    assert_eq!(archive(&sample).ends_incomplete_uploads, Ok(true));
    let mut rule = lifecycle_rule("some");
    rule.prefix = Some("tmp/".to_owned());
    sample.bucket().lifecycle = Observed::Known(vec![rule]);
    assert_eq!(archive(&sample).ends_incomplete_uploads, Ok(false));
}

#[test]
fn public_access_blocks_name_what_is_off() {
    let mut sample = Sample::new();
    sample.bucket().public_access_block =
        Observed::Known(PublicAccessBlock { ignore_public_acls: false, ..BLOCK });
    sample.stores[0].public_access_block = Observed::Absent;
    let bucket = archive(&sample);
    assert_eq!(bucket.public_access_block_off, Ok(vec!["IgnorePublicAcls".to_owned()]));
    assert_eq!(bucket.settings_off, Ok("IgnorePublicAcls".to_owned()));
    assert_eq!(bucket.account_public_access_block_off.unwrap().len(), 4);
    assert_eq!(bucket.account_settings_off, Ok("all four settings".to_owned()));
    assert_eq!(bucket.restricts_public_policies, Ok(true));
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
fn public_grants_are_those_to_the_two_open_groups() {
    let mut sample = Sample::new();
    let grant = |grantee: &str| AclGrant {
        grantee_kind: "Group".to_owned(),
        grantee: format!("http://acs.amazonaws.com/groups/{grantee}"),
        permission: "READ".to_owned(),
    };
    sample.bucket().acl = Observed::Known(AccessControlList {
        owner_id: None,
        grants: vec![grant("s3/LogDelivery"), grant("global/AuthenticatedUsers")],
    });
    let bucket = archive(&sample);
    let text = "its access control list gives READ to any AWS customer";
    assert_eq!(bucket.public_acl_grants, Ok(vec![text.to_owned()]));
    assert_eq!(bucket.ignores_public_acls, Ok(true), "BucketOwnerEnforced turns them off");
    assert_eq!(bucket.public_access, Ok(None), "what has no effect is no access");
    sample.bucket().ownership = Observed::Known("ObjectWriter".to_owned());
    sample.bucket().public_access_block = Observed::Absent;
    sample.stores[0].public_access_block = Observed::Absent;
    sample.bucket().policy = policy(json!([allow(json!("*"), &["s3:*"])]));
    let both = format!("statement 1 (It) lets everyone do s3:*, and {text}");
    assert_eq!(archive(&sample).public_access, Ok(Some(both)));
    sample.bucket().policy = denied("GetBucketPolicy");
    assert_eq!(archive(&sample).public_access, Ok(Some(text.to_owned())), "what is known is told");
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
fn encryption_is_the_customers_only_with_a_customers_key() {
    let mut sample = Sample::new();
    let encrypt = |sample: &mut Sample, algorithm: &str, key: Option<&str>| {
        sample.bucket().encryption = Observed::Known(Encryption {
            algorithm: algorithm.to_owned(),
            kms_key_id: key.map(str::to_owned).into(),
        });
        archive(sample).customer_managed_key
    };
    assert_eq!(encrypt(&mut sample, "AES256", None), Ok(false));
    assert_eq!(encrypt(&mut sample, "aws:kms", None), Ok(false));
    assert_eq!(encrypt(&mut sample, "aws:kms", Some("alias/aws/s3")), Ok(false));
    assert_eq!(encrypt(&mut sample, "aws:kms:dsse", Some(KEY)), Ok(true));
    let foreign = format!("arn:aws:kms:{REGION}:{SECURITY}:key/1");
    assert_eq!(encrypt(&mut sample, "aws:kms", Some(&foreign)), Ok(true));
    let unread = format!("arn:aws:kms:{REGION}:{ARCHIVE}:key/2");
    assert!(encrypt(&mut sample, "aws:kms", Some(&unread)).is_err());
    sample.key().references.push("alias/logs".to_owned());
    assert_eq!(encrypt(&mut sample, "aws:kms", Some("alias/logs")), Ok(true));
    sample.bucket().region = denied("GetBucketLocation");
    let unplaced = encrypt(&mut sample, "aws:kms", Some("alias/logs"));
    assert_eq!(unplaced, Err(gaps("GetBucketLocation")), "another region may have an alias of that name");
    assert_eq!(encrypt(&mut sample, "aws:kms", Some(KEY)), Ok(true), "an ARN says where its key is");
    sample.key().description = denied("DescribeKey");
    assert_eq!(encrypt(&mut sample, "aws:kms", Some(KEY)), Err(gaps("DescribeKey")));
    assert_eq!(encrypt(&mut sample, "AES256", None), Ok(false), "then the key does not matter");
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

/// What a member's bucket replicates keeps the key that the member gave it.
#[test]
fn replication_writes_too() {
    let members = |key: &str| {
        let mut it = only(
            allow(json!("*"), &["s3:ReplicateObject", "s3:ReplicateTags"]),
            "StringEquals",
            "aws:PrincipalOrgID",
            ORGANIZATION,
        );
        it["Resource"] = json!(format!("arn:aws:s3:::{ARCHIVE_BUCKET}/{key}"));
        with_policy(json!([it]))
    };
    let open = members("*");
    assert!(open.undesignated_writers.unwrap().join("").contains("s3:ReplicateObject"));
    assert_eq!(open.destructive_grants, Ok(vec![]));
    let confined = members("AWSLogs/${aws:PrincipalAccount}/*");
    assert_eq!((confined.undesignated_writers, confined.admits_replication), (Ok(vec![]), Ok(true)));
    let role = json!({ "AWS": format!("arn:aws:iam::{WORKLOAD}:role/replication") });
    assert_eq!(
        with_policy(json!([allow(role, &["s3:ReplicateObject"])])).undesignated_writers.unwrap().len(),
        1
    );
    let own = json!({ "AWS": format!("arn:aws:iam::{ARCHIVE}:role/replication") });
    assert_eq!(with_policy(json!([allow(own, &["s3:ReplicateObject"])])).undesignated_writers, Ok(vec![]));
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

/// A workload's own log bucket that replicates to the archive.
fn source(change: impl FnOnce(&mut ReplicationRule)) -> Sample {
    let mut sample = Sample::new();
    let mut rule = replication_rule(ARCHIVE_BUCKET);
    change(&mut rule);
    sample.add_bucket("example-source", WORKLOAD).replication = replication(rule);
    sample
}

#[test]
fn a_source_replicates_everything_to_the_archive_or_not() {
    let good = facts_of(&source(|_| {}), "example-source");
    assert_eq!(good.is_source, Ok(true));
    assert_eq!(good.replicates_to_archive, Ok(true));
    assert_eq!(good.second_copy, Ok(true));
    assert_eq!(good.foreign_replication_rules, Ok(vec!["rule all (to example-archive)".to_owned()]));
    assert_eq!(good.rules_into_archive.unwrap().len(), 1);
    for change in [
        |rule: &mut ReplicationRule| rule.enabled = false,
        |rule: &mut ReplicationRule| rule.all_objects = Observed::Known(false),
    ] {
        let bucket = facts_of(&source(change), "example-source");
        assert_eq!((bucket.replicates_to_archive, bucket.second_copy), (Ok(false), Ok(false)));
    }
    let elsewhere = facts_of(
        &source(|rule| rule.destination_bucket_arn = "arn:aws:s3:::example-elsewhere".to_owned()),
        "example-source",
    );
    assert_eq!(elsewhere.replicates_to_archive, Ok(false));
    assert_eq!(elsewhere.second_copy, Ok(false), "nobody of the organization owns the destination");
}

/// A source whose logs are under SSE-KMS or not, by the default encryption and by what delivers into it.
fn encrypted(algorithm: &str, change: impl FnOnce(&mut ReplicationRule)) -> Sample {
    let mut sample = source(change);
    for bucket in own_buckets(&mut sample) {
        bucket.encryption =
            Observed::Known(Encryption { algorithm: algorithm.to_owned(), kms_key_id: Observed::Absent });
    }
    sample
}

fn own_buckets(sample: &mut Sample) -> impl Iterator<Item = &mut Bucket> {
    let buckets = sample.stores.iter_mut().flat_map(|stores| &mut stores.buckets);
    buckets.filter(|bucket| bucket.name == "example-source")
}

fn copied(sample: &Sample) -> [Derived<bool>; 2] {
    let bucket = facts_of(sample, "example-source");
    [bucket.replicates_to_archive, bucket.second_copy]
}

fn unselected(rule: &mut ReplicationRule) {
    rule.encrypted_objects = Observed::Known(false);
}

#[test]
fn objects_under_kms_are_copied_only_where_a_rule_selects_them() {
    for algorithm in ["aws:kms", "aws:kms:dsse"] {
        let sample = encrypted(algorithm, unselected);
        assert_eq!(copied(&sample), [Ok(false), Ok(false)], "{algorithm}");
        let shortfall = facts_of(&sample, "example-source").replication_shortfall.unwrap();
        assert!(shortfall.contains("rule all (to example-archive) leaves out objects under SSE-KMS"));
        assert_eq!(copied(&encrypted(algorithm, |_| {})), [Ok(true), Ok(true)]);
    }
    assert_eq!(copied(&encrypted("AES256", unselected)), [Ok(true), Ok(true)]);
    let unread = encrypted("aws:kms", |rule| rule.encrypted_objects = denied("x"));
    assert_eq!(copied(&unread), [Err(gaps("x")), Err(gaps("x"))]);
    assert!(copied(&encrypted("aws:backup", unselected))[0].is_err(), "AWS does not say");
    assert_eq!(copied(&encrypted("aws:backup", |_| {})), [Ok(true), Ok(true)]);
    let mut sample = encrypted("AES256", unselected);
    own_buckets(&mut sample).for_each(|bucket| bucket.encryption = denied("GetBucketEncryption"));
    assert_eq!(copied(&sample), [Err(gaps("GetBucketEncryption")), Err(gaps("GetBucketEncryption"))]);
}

#[test]
fn what_delivers_under_its_own_key_is_under_kms_whatever_the_default() {
    let with_trail = |key: Observed<String>| {
        let mut sample = encrypted("AES256", unselected);
        let mut trail = own_trail("own");
        settings(&mut trail).bucket_name = "example-source".to_owned();
        settings(&mut trail).kms_key_id = key;
        let account = sample.accounts.iter_mut().find(|account| account.id == WORKLOAD).unwrap();
        account.trails = Observed::Known(vec![trail]);
        copied(&sample)
    };
    assert_eq!(with_trail(Observed::Known(KEY.to_owned())), [Ok(false), Ok(false)]);
    assert_eq!(with_trail(Observed::Absent), [Ok(true), Ok(true)]);
    assert_eq!(with_trail(denied("x")), [Err(gaps("x")), Err(gaps("x"))]);
    let with_channel = |key: Observed<String>| {
        let mut sample = encrypted("AES256", unselected);
        sample.region(WORKLOAD).delivery_channels = Observed::Known(vec![DeliveryChannel {
            name: "default".to_owned(),
            bucket_name: Observed::Known("example-source".to_owned()),
            key_prefix: Observed::Absent,
            kms_key_arn: key,
            status: Observed::Absent,
        }]);
        copied(&sample)
    };
    assert_eq!(with_channel(Observed::Known(KEY.to_owned())), [Ok(false), Ok(false)]);
    assert_eq!(with_channel(Observed::Absent), [Ok(true), Ok(true)]);
    assert_eq!(with_channel(denied("x")), [Err(gaps("x")), Err(gaps("x"))]);
    // An account that nobody could ask may deliver there, too.
    let mut sample = encrypted("AES256", unselected);
    sample.accounts[2].trails = denied("ListTrails");
    assert!(copied(&sample).iter().all(Result::is_err));
    let mut sample = encrypted("AES256", |_| {});
    sample.accounts[2].trails = denied("ListTrails");
    assert_eq!(copied(&sample), [Ok(true), Ok(true)], "the rule selects what may come");
}

#[test]
fn of_several_rules_to_one_destination_their_order_decides() {
    let several = |priorities: [Observed<i64>; 2], second: &str| {
        let mut sample = encrypted("aws:kms", |_| {});
        let [selecting, other] = priorities;
        let selecting = ReplicationRule { priority: selecting, ..replication_rule(ARCHIVE_BUCKET) };
        let other = ReplicationRule {
            id: Some("plain".to_owned()),
            priority: other,
            encrypted_objects: Observed::Known(false),
            ..replication_rule(second)
        };
        for bucket in own_buckets(&mut sample) {
            let Observed::Known(replication) = &mut bucket.replication else { unreachable!() };
            replication.rules = vec![other.clone(), selecting.clone()];
        }
        copied(&sample)[0].clone()
    };
    let known = Observed::Known;
    assert_eq!(several([known(2), known(1)], ARCHIVE_BUCKET), Ok(true));
    assert!(several([known(1), known(2)], ARCHIVE_BUCKET).is_err());
    assert!(several([denied("x"), known(2)], ARCHIVE_BUCKET).is_err());
    assert!(several([known(2), Observed::Absent], ARCHIVE_BUCKET).is_err());
    assert_eq!(several([known(1), known(2)], "example-elsewhere"), Ok(true), "each destination has its own");
}

#[test]
fn a_copy_arrives_only_in_a_bucket_that_takes_it() {
    let mut sample = source(|_| {});
    sample.bucket().versioning =
        Observed::Known(Versioning { status: Some("Suspended".to_owned()), mfa_delete: false });
    assert_eq!(copied(&sample), [Ok(false), Ok(false)]);
    sample.bucket().versioning = denied("GetBucketVersioning");
    assert_eq!(copied(&sample), [Err(gaps("GetBucketVersioning")), Err(gaps("GetBucketVersioning"))]);
    let mut sample = source(|_| {});
    sample.bucket().object_lock = Observed::Absent;
    assert_eq!(copied(&sample), [Ok(false), Ok(false)], "the source locks its objects");
    // The account that a rule names is not the bucket's owner for that.
    let claimed = source(|rule| {
        rule.destination_bucket_arn = "arn:aws:s3:::example-gone".to_owned();
        rule.destination_account_id = Some(ARCHIVE.to_owned());
    });
    assert_eq!(copied(&claimed)[1], Ok(false));
}

#[test]
fn a_copy_in_another_region_counts() {
    let mut sample = Sample::new();
    sample.add_bucket("example-copy", ARCHIVE).region = Observed::Known("eu-west-1".to_owned());
    sample.bucket().replication = replication(replication_rule("example-copy"));
    assert_eq!(archive(&sample).second_copy, Ok(true));
    assert_eq!(archive(&sample).foreign_replication_rules, Ok(vec![]));
    assert_eq!(facts_of(&sample, "example-copy").replicas_only, Ok(true));
    sample.stores[0].buckets[1].region = Observed::Known(REGION.to_owned());
    assert_eq!(archive(&sample).second_copy, Ok(false));
    sample.stores[0].buckets[1].region = denied("GetBucketLocation");
    assert_eq!(archive(&sample).second_copy, Err(gaps("GetBucketLocation")));
}

#[test]
fn replicas_belong_to_the_destination_by_override_or_by_its_ownership() {
    let mut sample = source(|_| {});
    let owned = |sample: &Sample| facts_of(sample, "example-source").rules_without_owner_override;
    assert_eq!(owned(&sample), Ok(vec![]), "the archive enforces its own ownership");
    sample.bucket().ownership = Observed::Known("BucketOwnerPreferred".to_owned());
    assert_eq!(owned(&sample), Ok(vec!["rule all (to example-archive)".to_owned()]));
    sample.bucket().ownership = denied("GetBucketOwnershipControls");
    assert_eq!(owned(&sample), Err(gaps("GetBucketOwnershipControls")));
    let mut sample = source(|rule| rule.owner_override = true);
    sample.bucket().ownership = denied("GetBucketOwnershipControls");
    assert_eq!(owned(&sample), Ok(vec![]), "the override decides");
}

#[test]
fn a_known_source_is_one_that_the_configuration_lists() {
    let mut sample = source(|rule| rule.delete_markers = true);
    let bucket = facts_of(&sample, "example-source");
    assert!(!bucket.known_replication_source);
    assert_eq!(bucket.rules_with_delete_markers, Ok(vec!["rule all (to example-archive)".to_owned()]));
    sample.expectations.replication_sources = vec!["example-sou*".to_owned()];
    assert!(facts_of(&sample, "example-source").known_replication_source);
}

#[test]
fn strangers_who_may_replicate_are_named() {
    let role = |account: &str| json!({ "AWS": format!("arn:aws:iam::{account}:role/replication") });
    let replicate = &["s3:ReplicateObject", "s3:ReplicateTags"];
    let own = with_policy(json!([allow(role(WORKLOAD), replicate)]));
    assert_eq!((own.admits_replication, own.foreign_replicators), (Ok(true), Ok(vec![])));
    let strange = with_policy(json!([allow(role(STRANGER), replicate)]));
    assert!(strange.foreign_replicators.unwrap().join("").contains(STRANGER));
}

#[test]
fn a_bucket_of_an_account_that_could_not_be_asked_is_unknown() {
    let mut sample = Sample::new();
    assert!(missing(&sample.facts()).is_empty(), "the missing access log bucket is nobody's here");
    sample.accounts[3].buckets = denied("ListBuckets");
    let unknown = missing(&sample.facts());
    let ids: Vec<&str> = unknown.iter().map(|it| &*it.subject.id).collect();
    assert_eq!(ids, ["example-access-logs", "*"], "and those that it may send access logs and replicas to");
    for subject in &unknown {
        assert_eq!((&subject.subject.account_id, &subject.unlisted), (&None, &Some(gaps("ListBuckets"))));
    }
}

/// What stands for buckets that nobody could name: the account, and the gaps.
fn unnamed(sample: &Sample) -> Vec<(Option<String>, Gaps)> {
    let subjects = missing(&sample.facts()).into_iter().filter(|it| &*it.subject.id == "*");
    subjects.map(|it| (it.subject.account_id.as_deref().map(str::to_owned), it.unlisted.unwrap())).collect()
}

#[test]
fn buckets_that_only_a_refused_answer_names_are_unknown_in_its_account_once() {
    assert_eq!(unnamed(&Sample::new()), [], "everything was listed");
    let of_workload = |operation: &str| vec![(Some(WORKLOAD.to_owned()), gaps(operation))];
    let mut sample = Sample::new();
    sample.accounts[3].trails = denied("ListTrails");
    assert_eq!(unnamed(&sample), of_workload("ListTrails"));
    sample.accounts[3].enabled_regions = denied("ListRegions");
    sample.region(WORKLOAD).delivery_channels = denied("DescribeDeliveryChannels");
    let all = gaps("ListTrails").and(&gaps("ListRegions")).and(&gaps("DescribeDeliveryChannels"));
    assert_eq!(unnamed(&sample), [(Some(WORKLOAD.to_owned()), all)], "one for the account, with every gap");

    let mut sample = Sample::new();
    sample.accounts[3].trails =
        Observed::Known(vec![Trail { settings: denied("DescribeTrails"), ..organization_trail() }]);
    assert_eq!(unnamed(&sample), of_workload("DescribeTrails"));

    let of_archive = |operation: &str| vec![(Some(ARCHIVE.to_owned()), gaps(operation))];
    let mut sample = Sample::new();
    sample.bucket().logging = denied("GetBucketLogging");
    assert_eq!(unnamed(&sample), of_archive("GetBucketLogging"), "it may have an access log bucket");
    let mut sample = Sample::new();
    sample.bucket().replication = denied("GetBucketReplication");
    assert_eq!(unnamed(&sample), of_archive("GetBucketReplication"), "it may have a replica");

    let mut sample = Sample::new();
    sample.bucket().encryption = denied("GetBucketEncryption");
    sample.region(WORKLOAD).log_groups = denied("DescribeLogGroups");
    assert_eq!(unnamed(&sample), [], "none of these names a bucket that logs go to");
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(unnamed(&sample), [(None, gaps("ListAccounts"))]);
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

#[test]
fn what_a_bucket_receives_alone_is_unknown_where_a_refusal_may_name_it_for_more() {
    let mut sample = Sample::new();
    sample.add_bucket("example-access-logs", ARCHIVE);
    assert_eq!(facts_of(&sample, "example-access-logs").access_logs_only, Ok(true));
    sample.bucket().replication = denied("GetBucketReplication");
    assert_eq!(facts_of(&sample, "example-access-logs").access_logs_only, Err(gaps("GetBucketReplication")));
    assert_eq!(archive(&sample).access_logs_only, Ok(false), "it receives trails, whatever else");
    sample.accounts[3].trails = denied("ListTrails");
    let both = gaps("GetBucketReplication").and(&gaps("ListTrails"));
    assert_eq!(facts_of(&sample, "example-access-logs").access_logs_only, Err(both));
}

#[test]
fn a_policy_of_the_organization_stands_for_what_the_account_would_not_say() {
    let policy = |content: &str, target: &str| crate::model::Policy {
        id: "p-s3".to_owned(),
        name: "s3".to_owned(),
        arn: String::new(),
        aws_managed: false,
        content: Observed::Known(content.to_owned()),
        targets: Observed::Known(vec![crate::model::PolicyTarget {
            id: target.to_owned(),
            kind: "ROOT".to_owned(),
        }]),
    };
    let told = |policies: Vec<crate::model::Policy>| {
        let mut sample = Sample::new();
        sample.stores[0].public_access_block = denied("GetPublicAccessBlock");
        let further = [("S3_POLICY".to_owned(), Observed::Known(policies))];
        sample.organization().further_policies = Some(further.into());
        archive(&sample).account_public_access_block_off
    };
    let assign = |what: &str| {
        format!(r#"{{"s3_attributes":{{"public_access_block_configuration":{{"@@assign":"{what}"}}}}}}"#)
    };
    let unknown = Err(gaps("GetPublicAccessBlock"));
    let all = || policy(&assign("all"), "r-root");
    assert_eq!(told(vec![all()]), Ok(vec![]));
    assert_eq!(told(vec![policy(&assign("all"), ARCHIVE)]), Ok(vec![]));
    for policies in [
        vec![],
        vec![policy(&assign("none"), "r-root")],
        vec![policy(&assign("all"), WORKLOAD)],
        vec![all(), policy(&assign("none"), ARCHIVE)],
        vec![policy("{}", "r-root")],
        vec![crate::model::Policy { content: denied("DescribePolicy"), ..all() }],
        vec![all(), crate::model::Policy { targets: denied("ListTargetsForPolicy"), ..all() }],
    ] {
        assert_eq!(told(policies.clone()), unknown, "{policies:?}");
    }
}

fn with_grant(ownership: &str, grantee: (&str, &str), permission: &str) -> BucketFacts {
    let mut sample = Sample::new();
    let bucket = sample.bucket();
    bucket.ownership = Observed::Known(ownership.to_owned());
    let grant = |(kind, grantee): (&str, &str), permission: &str| AclGrant {
        grantee_kind: kind.to_owned(),
        grantee: grantee.to_owned(),
        permission: permission.to_owned(),
    };
    bucket.acl = Observed::Known(AccessControlList {
        owner_id: Some("own".to_owned()),
        grants: vec![grant(("CanonicalUser", "own"), "FULL_CONTROL"), grant(grantee, permission)],
    });
    archive(&sample)
}

#[test]
fn what_an_access_control_list_grants_is_seen_beside_the_policy() {
    let stranger = ("CanonicalUser", "stranger");
    let judged = |facts: &BucketFacts| {
        let shown = |list: &Derived<Vec<String>>| list.as_ref().map(Vec::len).ok();
        (shown(&facts.undesignated_writers), shown(&facts.destructive_grants))
    };
    for (permission, writers, destroyers) in [
        ("READ", Some(0), Some(0)),
        ("READ_ACP", Some(0), Some(0)),
        ("WRITE_ACP", Some(0), None),
        ("FULL_CONTROL", None, None),
    ] {
        let found = with_grant("BucketOwnerPreferred", stranger, permission);
        assert_eq!(judged(&found), (writers, destroyers), "{permission}");
        let off = with_grant("BucketOwnerEnforced", stranger, permission);
        assert_eq!(judged(&off), (Some(0), Some(0)), "{permission}, and lists are off");
    }
    for ownership in ["BucketOwnerPreferred", "ObjectWriter"] {
        assert_eq!(judged(&with_grant(ownership, stranger, "WRITE")).0, None, "whose account, nobody tells");
    }
    assert_eq!(judged(&with_grant("ObjectWriter", ("CanonicalUser", "own"), "WRITE")), (Some(0), Some(0)));
    let delivery = ("Group", "http://acs.amazonaws.com/groups/s3/LogDelivery");
    assert_eq!(judged(&with_grant("ObjectWriter", delivery, "WRITE")), (Some(0), Some(0)));
    // The sample's account ignores public grants.
    let everyone = ("Group", "http://acs.amazonaws.com/groups/global/AllUsers");
    assert_eq!(judged(&with_grant("ObjectWriter", everyone, "FULL_CONTROL")), (Some(0), Some(0)));
}

#[test]
fn an_access_control_list_that_nobody_could_read_may_let_anybody_write() {
    let mut sample = Sample::new();
    sample.bucket().acl = denied("GetBucketAcl");
    let enforced = archive(&sample);
    assert_eq!((enforced.undesignated_writers, enforced.destructive_grants), (Ok(vec![]), Ok(vec![])));
    sample.bucket().ownership = Observed::Known("ObjectWriter".to_owned());
    assert_eq!(archive(&sample).undesignated_writers, Err(gaps("GetBucketAcl")));
    assert_eq!(archive(&sample).destructive_grants, Err(gaps("GetBucketAcl")));
    sample.bucket().policy = Observed::Absent;
    assert_eq!(archive(&sample).undesignated_writers, Err(gaps("GetBucketAcl")), "without a policy, too");
    let whoever = allow(json!("*"), &["s3:PutObject"]);
    sample.bucket().policy = policy(json!([whoever]));
    assert_eq!(archive(&sample).undesignated_writers.unwrap().len(), 1, "what the policy grants stands");
}

#[test]
fn a_bucket_that_an_unread_configuration_may_name_is_not_known_to_receive_no_replicas() {
    let mut sample = Sample::new();
    let mut other = sample.bucket().clone();
    other.name = "example-copy".to_owned();
    other.replication = Observed::Absent;
    sample.bucket().replication = denied("GetBucketReplication");
    sample.stores[0].buckets.push(other);
    assert_eq!(facts_of(&sample, "example-copy").replicas_only, Err(gaps("GetBucketReplication")));
    sample.bucket().replication = Observed::Absent;
    assert_eq!(facts_of(&sample, "example-copy").replicas_only, Ok(false));
}

/// A trail of an account that was not looked at may deliver into a bucket that otherwise receives replicas alone.
#[test]
fn an_account_outside_the_scan_may_deliver_into_any_bucket() {
    let of = |change: fn(&mut Sample)| {
        let mut sample = sample_with_copy();
        change(&mut sample);
        facts_of(&sample, "example-copy").replicas_only
    };
    assert_eq!(of(|_| {}), Ok(true));
    let excluded = of(|sample| {
        sample.accounts.pop();
        sample.header.accounts.pop();
    });
    assert!(excluded.is_err(), "an account that was excluded");
    let refused = of(|sample| {
        sample.accounts[3].trails = denied("DescribeTrails");
    });
    assert_eq!(refused, Err(gaps("DescribeTrails")), "an account that did not answer");
    let unlisted = of(|sample| sample.organization().accounts = denied("ListAccounts"));
    assert!(unlisted.is_err(), "accounts that nobody listed");
    let closed = of(|sample| {
        let Observed::Known(accounts) = &mut sample.organization().accounts else { unreachable!() };
        accounts[3].status = "SUSPENDED".to_owned();
        sample.accounts.pop();
        sample.header.accounts.pop();
    });
    assert_eq!(closed, Ok(true), "nothing is logged in a closed account");
}

fn sample_with_copy() -> Sample {
    let mut sample = Sample::new();
    sample.add_bucket("example-copy", SECURITY);
    sample.bucket().replication = replication(replication_rule("example-copy"));
    sample
}

#[test]
fn an_archive_that_only_the_configuration_names_is_unknown() {
    let mut sample = Sample::new();
    sample.expectations.archive_bucket = Some(ARCHIVE_BUCKET.to_owned());
    assert!(missing(&sample.facts()).is_empty());
    sample.expectations.archive_bucket = Some(format!("{ARCHIVE_BUCKET}s"));
    let facts = sample.facts();
    let subjects = missing(&facts);
    assert_eq!(subjects.len(), 1, "whoever could be asked has none");
    assert_eq!(*subjects[0].subject.id, *format!("{ARCHIVE_BUCKET}s"));
    let unknown = subjects[0].unlisted.clone().unwrap();
    let gap = facts.index.gaps.iter().find(|gap| Some(&gap.id) == unknown.as_slice().first()).unwrap();
    assert!(gap.detail.contains(&format!("is {ARCHIVE_BUCKET} meant?")), "{gap:?}");
    sample.accounts[3].buckets = denied("ListBuckets");
    let names = |it: &crate::facts::SubjectFacts| it.subject.id.to_string();
    assert!(missing(&sample.facts()).iter().map(names).any(|name| name == format!("{ARCHIVE_BUCKET}s")));
}
