//! Where logs are copied to, and what is copied in.

use super::*;

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
            ..DeliveryChannel::default()
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
