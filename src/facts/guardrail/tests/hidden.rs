//! That an account holds nothing which logs need is a statement: what was refused elsewhere may have named it.

use super::*;
use crate::model::AccountRecord;

fn record<'a>(sample: &'a mut Sample, account: &str) -> &'a mut AccountRecord {
    sample.accounts.iter_mut().find(|record| record.id == account).unwrap()
}

/// Whether destroying keys and ending replication are asked about in the security account, which has a bucket of its
/// own and, as far as anybody says, neither a key nor a bucket for logs.
fn asked_of_security(change: impl FnOnce(&mut Sample)) -> [Derived<bool>; 2] {
    let mut sample = guarded(vec![]);
    record(&mut sample, SECURITY).buckets =
        Observed::Known(vec![BucketName { name: "some-bucket".to_owned(), region: None }]);
    change(&mut sample);
    let facts = of(&sample, SECURITY);
    [facts.key_destruction.applies.clone(), facts.replication_tampering.applies.clone()]
}

#[test]
fn nothing_is_held_where_every_answer_says_so() {
    assert_eq!(asked_of_security(|_| {}), [Ok(false), Ok(false)]);
}

#[test]
fn a_refusal_in_one_account_may_hide_what_another_holds() {
    let unknown = |operation: &str| Err(samples::gaps(operation));
    let trails = asked_of_security(|sample| record(sample, WORKLOAD).trails = denied("ListTrails"));
    assert_eq!(trails, [unknown("ListTrails"), unknown("ListTrails")]);
    let channels = asked_of_security(|sample| {
        sample.region(WORKLOAD).delivery_channels = denied("DescribeDeliveryChannels");
    });
    assert_eq!(channels, [unknown("DescribeDeliveryChannels"), unknown("DescribeDeliveryChannels")]);
    let regions =
        asked_of_security(|sample| record(sample, WORKLOAD).enabled_regions = denied("ListRegions"));
    assert_eq!(regions, [unknown("ListRegions"), unknown("ListRegions")]);
    let logging = asked_of_security(|sample| sample.bucket().logging = denied("GetBucketLogging"));
    assert_eq!(logging, [unknown("GetBucketLogging"), unknown("GetBucketLogging")]);
    let copies = asked_of_security(|sample| sample.bucket().replication = denied("GetBucketReplication"));
    assert_eq!(copies, [unknown("GetBucketReplication"), unknown("GetBucketReplication")]);
    // What encrypts a bucket says nothing of further buckets.
    let encryption = asked_of_security(|sample| sample.bucket().encryption = denied("GetBucketEncryption"));
    assert_eq!(encryption, [unknown("GetBucketEncryption"), Ok(false)]);
    // An account that could not be entered.
    let missing = asked_of_security(|sample| sample.accounts.retain(|record| record.id != WORKLOAD));
    assert!(missing.iter().all(Result::is_err), "{missing:?}");
}

#[test]
fn an_archive_whose_buckets_were_not_listed_may_be_encrypted_with_any_key() {
    let mut sample = guarded(vec![]);
    assert_eq!(of(&sample, ARCHIVE).key_destruction.applies, Ok(true));
    record(&mut sample, ARCHIVE).buckets = denied("ListBuckets");
    sample.stores.clear();
    // The archive's own is named by the trail, too, and was not read.
    assert!(of(&sample, ARCHIVE).key_destruction.applies.is_err());
    for account in [SECURITY, WORKLOAD] {
        assert_eq!(
            of(&sample, account).key_destruction.applies,
            Err(samples::gaps("ListBuckets")),
            "{account}"
        );
    }
}

#[test]
fn who_has_no_bucket_left_has_none_that_could_receive_logs() {
    let [_, replication] = asked_of_security(|sample| {
        record(sample, SECURITY).buckets = Observed::Known(vec![]);
        record(sample, WORKLOAD).trails = denied("ListTrails");
    });
    assert_eq!(replication, Ok(false));
}

#[test]
fn what_is_denied_whatever_there_is_needs_no_list() {
    let all = deny(json!(["kms:*", "s3:PutReplicationConfiguration"]), json!("*"));
    let mut sample = guarded(vec![scp("p-all", all, &[ROOT])]);
    record(&mut sample, WORKLOAD).trails = denied("ListTrails");
    let facts = of(&sample, SECURITY);
    assert_eq!(held(&facts.key_destruction.denied_by), Ok(true));
    assert_eq!(held(&facts.replication_tampering.denied_by), Ok(true));
}

#[test]
fn a_key_that_nobody_describes_may_be_one_of_awss_own() {
    let keys = deny(json!("kms:*"), json!(KEY));
    let mut sample = guarded(vec![scp("p-keys", keys, &[ROOT])]);
    assert_eq!(of(&sample, ARCHIVE).key_destruction.applies, Ok(true));
    sample.key().description = denied("DescribeKey");
    assert_eq!(of(&sample, ARCHIVE).key_destruction.applies, Err(samples::gaps("DescribeKey")));
}
