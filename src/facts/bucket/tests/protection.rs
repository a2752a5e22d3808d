//! What keeps logs from being changed, removed or read in the clear: versions, locks, lifecycle rules, encryption.

use super::*;

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
        ..ObjectLock::default()
    });
    let bucket = archive(&sample);
    assert_eq!((bucket.object_lock_mode, bucket.object_lock_days), (Ok("none".to_owned()), Ok(0)));
    assert_eq!(bucket.default_retention, Ok("has no default Object Lock retention".to_owned()));
    let default_retention = Some(Retention { mode: RetentionMode::Governance, days: 30 });
    sample.bucket().object_lock = Observed::Known(ObjectLock {
        enabled: true,
        default_retention,
        default_event_hold_days: Observed::Absent,
        ..ObjectLock::default()
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
            ..DeliveryChannel::default()
        }])
    };
    sample.region(WORKLOAD).delivery_channels = channel("example-config");
    let config = facts_of(&sample, "example-config");
    assert_eq!((config.excludes_retention, config.access_logs_only), (Ok(true), Ok(false)));
    assert_eq!(config.receives_unlockable, Ok(true));
    assert_eq!(config.locked_out, Ok(Some("AWS Config (by the default retention)".to_owned())), "it has one");
    let advice = config.deletion_advice.unwrap();
    assert!(advice.starts_with("AWS Config cannot deliver into a bucket with default"), "{advice}");
    // With access logs beside: neither could deliver.
    sample.bucket().logging = Observed::Known(AccessLogging {
        target_bucket: "example-config".to_owned(),
        target_prefix: String::new(),
    });
    let both = facts_of(&sample, "example-config");
    assert_eq!(both.excludes_retention, Ok(true));
    let out = "AWS Config (by the default retention) and S3 server access logging (by Object Lock as such)";
    assert_eq!(both.locked_out, Ok(Some(out.to_owned())));
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
        ..ObjectLock::default()
    });
    assert_eq!(archive(&sample).locked_out, Ok(None));
    sample.bucket().object_lock = denied("GetObjectLockConfiguration");
    assert_eq!(archive(&sample).locked_out, Err(gaps("GetObjectLockConfiguration")));
}

#[test]
fn each_service_is_kept_out_by_what_aws_says_of_it() {
    let lock = |default_retention, default_event_hold_days| {
        Observed::Known(ObjectLock {
            enabled: true,
            default_retention,
            default_event_hold_days,
            ..ObjectLock::default()
        })
    };
    // Access logs by any Object Lock.
    let mut sample = Sample::new();
    sample.add_bucket("example-access-logs", ARCHIVE).object_lock = lock(None, Observed::Absent);
    sample.bucket().logging = Observed::Known(AccessLogging {
        target_bucket: "example-access-logs".to_owned(),
        target_prefix: String::new(),
    });
    let access_logs = facts_of(&sample, "example-access-logs");
    let out = "S3 server access logging (by Object Lock as such)";
    assert_eq!(access_logs.locked_out, Ok(Some(out.to_owned())));
    // Config by default retention alone; of a default event hold AWS does not say so.
    let config = |lock| {
        let mut sample = Sample::new();
        sample.add_bucket("example-config", ARCHIVE).object_lock = lock;
        sample.region(WORKLOAD).delivery_channels = Observed::Known(vec![DeliveryChannel {
            name: "default".to_owned(),
            bucket_name: Observed::Known("example-config".to_owned()),
            key_prefix: Observed::Absent,
            kms_key_arn: Observed::Absent,
            status: Observed::Absent,
            ..DeliveryChannel::default()
        }]);
        let open = sample.facts().index.gaps.iter().any(|gap| gap.detail.contains("default event hold"));
        (facts_of(&sample, "example-config").locked_out, open)
    };
    assert_eq!(config(lock(None, Observed::Absent)), (Ok(None), false));
    let (held, told) = config(lock(None, Observed::Known(400)));
    assert!(held.is_err() && told, "{held:?}");
    let (old, told) = config(lock(None, Observed::not_collected()));
    assert!(old.is_err() && !told, "a snapshot of an earlier release: {old:?}");
    assert_eq!(config(Observed::Absent), (Ok(None), false));
}

#[test]
fn whether_a_bucket_receives_what_retention_keeps_out_is_unknown_where_a_channel_was_refused() {
    let mut sample = Sample::new();
    assert_eq!(archive(&sample).receives_unlockable, Ok(false), "trails alone deliver into it");
    sample.region(WORKLOAD).delivery_channels = denied("DescribeDeliveryChannels");
    assert_eq!(archive(&sample).receives_unlockable, Err(gaps("DescribeDeliveryChannels")));
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
