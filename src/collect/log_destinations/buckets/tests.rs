use super::*;

fn lock(default: sdk::builders::DefaultRetentionBuilder) -> Result<ObjectLock, Missing> {
    let rule = sdk::ObjectLockRule::builder().default_retention(default.build()).build();
    let configuration = sdk::ObjectLockConfiguration::builder()
        .object_lock_enabled(sdk::ObjectLockEnabled::Enabled)
        .rule(rule)
        .build();
    let answer = GetObjectLockConfigurationOutput::builder().object_lock_configuration(configuration);
    match object_lock(answer.build())? {
        Observed::Known(lock) => Ok(lock),
        _ => Err("a lock"),
    }
}

#[test]
fn encryption_without_a_rule_is_not_that_of_s3_itself() {
    let said = |rules: Vec<sdk::ServerSideEncryptionRule>| {
        let configuration = sdk::ServerSideEncryptionConfiguration::builder().set_rules(Some(rules)).build();
        let answer =
            GetBucketEncryptionOutput::builder().server_side_encryption_configuration(configuration.unwrap());
        encryption(answer.build())
    };
    // As the SDK reads an answer that lacks them.
    assert_eq!(said(Vec::new()), Err("Rule"));
    let keys_alone = sdk::ServerSideEncryptionRule::builder().bucket_key_enabled(true).build();
    assert_eq!(said(vec![keys_alone]), Ok(Observed::Absent), "a rule may say nothing of the default");
}

#[test]
fn an_event_hold_alone_is_no_default_period() {
    let hold = sdk::EventHoldDuration::builder().days(400).build();
    let alone = lock(sdk::DefaultRetention::builder().default_event_hold(hold.clone())).unwrap();
    assert_eq!((alone.default_retention, alone.default_event_hold_days), (None, Observed::Known(400)));
    let years = sdk::EventHoldDuration::builder().years(2).build();
    let both = sdk::DefaultRetention::builder()
        .mode(sdk::ObjectLockRetentionMode::Compliance)
        .days(30)
        .default_event_hold(years);
    let both = lock(both).unwrap();
    assert_eq!(both.default_retention.unwrap().days, 30);
    assert_eq!(both.default_event_hold_days, Observed::Known(730));
    let halved = sdk::DefaultRetention::builder().days(30).default_event_hold(hold);
    assert_eq!(lock(halved), Err("known Rule.DefaultRetention.Mode"));
    let empty = sdk::EventHoldDuration::builder().build();
    assert!(lock(sdk::DefaultRetention::builder().default_event_hold(empty)).is_err());
    assert!(lock(sdk::DefaultRetention::builder()).is_err(), "neither a period nor a hold");
}
