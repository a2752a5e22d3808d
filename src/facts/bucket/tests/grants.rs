//! What a policy grants that is not what it seems: readers that show logs to others, and ways to hide a log.

use super::*;

const CLOUDFRONT: &str = "cloudfront.amazonaws.com";

fn read_by(service: &str) -> serde_json::Value {
    allow(json!({ "Service": service }), &["s3:GetObject"])
}

fn stranger() -> serde_json::Value {
    json!({ "AWS": format!("arn:aws:iam::{STRANGER}:root") })
}

/// Whom a distribution or a website shows the objects, its own settings say.
#[test]
fn a_service_that_shows_what_it_reads_is_no_reader_of_its_owner_alone() {
    let distribution = |account: &str| format!("arn:aws:cloudfront::{account}:distribution/E1");
    let encoded = format!("arn%3Aaws%3Aamplify%3Aeu-central-1%3A{ARCHIVE}%3Aapps%2Fd1%2Fbranches%2Fmain");
    for statement in [
        only(read_by(CLOUDFRONT), "StringEquals", "AWS:SourceArn", &distribution(ARCHIVE)),
        only(read_by(CLOUDFRONT), "ArnLike", "aws:SourceArn", &distribution(SECURITY)),
        only(read_by(CLOUDFRONT), "StringEquals", "aws:SourceAccount", ARCHIVE),
        only(allow(json!("*"), &["s3:Get*"]), "StringEquals", "AWS:SourceArn", &distribution(ARCHIVE)),
        only(read_by("*"), "ArnLike", "aws:SourceArn", &distribution(ARCHIVE)),
        only(read_by("amplify.amazonaws.com"), "StringEquals", "aws:SourceAccount", ARCHIVE),
        only(read_by("amplify.amazonaws.com"), "StringEquals", "aws:SourceArn", &encoded),
    ] {
        let bucket = with_policy(json!([statement.clone()]));
        assert!(bucket.undesignated_readers.is_err(), "{statement} {:?}", bucket.undesignated_readers);
        assert!(bucket.served_to_everyone.is_err(), "{statement}");
        assert_eq!(bucket.public_statements, Ok(vec![]), "the service is the one that is let in");
    }
    let foreign = with_policy(json!([only(
        read_by(CLOUDFRONT),
        "StringEquals",
        "AWS:SourceArn",
        &distribution(STRANGER)
    )]));
    assert!(foreign.undesignated_readers.unwrap().join("").contains(STRANGER));
    assert!(foreign.served_to_everyone.is_err());
    // Without a source, whoever makes a distribution shows everything, and Block Public Access does not keep services out.
    let open = with_policy(json!([read_by(CLOUDFRONT)]));
    assert!(open.served_to_everyone.unwrap().join("").contains(CLOUDFRONT));
    assert_eq!(open.undesignated_readers.unwrap().len(), 1);
}

#[test]
fn an_origin_access_identity_shows_what_it_reads() {
    let identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE";
    for principal in
        [json!({ "AWS": identity }), json!({ "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d9" })]
    {
        let bucket = with_policy(json!([allow(principal.clone(), &["s3:GetObject"])]));
        assert!(bucket.served_to_everyone.is_err(), "{principal}");
        assert_ne!(bucket.undesignated_readers, Ok(vec![]), "{principal}");
        let writes = with_policy(json!([allow(principal.clone(), &["s3:ListBucket"])]));
        assert_eq!(writes.served_to_everyone, Ok(vec![]), "{principal}");
    }
}

/// Who names the service among the readers of logs has decided.
#[test]
fn a_service_that_the_configuration_names_may_show_logs() {
    let mut sample = Sample::new();
    let by_account = only(read_by(CLOUDFRONT), "StringEquals", "aws:SourceAccount", ARCHIVE);
    sample.bucket().policy = policy(json!([by_account]));
    sample.expectations.log_readers = vec![CLOUDFRONT.to_owned()];
    assert_eq!(archive(&sample).undesignated_readers, Ok(vec![]));
}

#[test]
fn a_replicated_delete_marker_hides_a_log() {
    for action in ["s3:ReplicateDelete", "s3:Replicate*", "s3:PutBucketAbac"] {
        let found = with_policy(json!([allow(stranger(), &[action])])).destructive_grants.unwrap().join("");
        assert!(found.contains(STRANGER), "{action}: {found}");
    }
    let own = allow(json!({ "AWS": format!("arn:aws:iam::{ARCHIVE}:role/r") }), &["s3:ReplicateDelete"]);
    assert_eq!(with_policy(json!([own])).destructive_grants, Ok(vec![]));
}

/// Tags destroy nothing by themselves: a rule or a policy that chooses by them does.
#[test]
fn whoever_changes_tags_may_have_a_rule_remove_logs() {
    let tagging = |action: &str, change: &dyn Fn(&mut Sample)| {
        let mut sample = Sample::new();
        sample.bucket().policy = policy(json!([allow(stranger(), &[action])]));
        change(&mut sample);
        archive(&sample).destructive_grants
    };
    let expiring = |filtered: bool| {
        move |sample: &mut Sample| {
            let mut rule = lifecycle_rule("tagged");
            rule.otherwise_filtered = filtered;
            rule.noncurrent_expiration_days = Some(3_000);
            sample.bucket().lifecycle = Observed::Known(vec![rule]);
        }
    };
    for action in
        ["s3:PutObjectTagging", "s3:DeleteObjectTagging", "s3:PutObjectVersionTagging", "s3:ReplicateTags"]
    {
        assert_eq!(tagging(action, &expiring(false)), Ok(vec![]), "{action}");
        assert!(tagging(action, &expiring(true)).is_err(), "{action}");
        let unread: &dyn Fn(&mut Sample) =
            &|sample| sample.bucket().lifecycle = denied("GetBucketLifecycleConfiguration");
        assert_eq!(tagging(action, unread), Err(gaps("GetBucketLifecycleConfiguration")), "{action}");
    }
    let keeps = only(
        allow(json!({ "AWS": format!("arn:aws:iam::{ARCHIVE}:role/r") }), &["s3:DeleteObject"]),
        "StringEquals",
        "s3:ExistingObjectTag/kind",
        "draft",
    );
    let both = with_policy(json!([allow(stranger(), &["s3:PutObjectTagging"]), keeps]));
    assert!(both.destructive_grants.is_err(), "the tag decides who may delete");
}
