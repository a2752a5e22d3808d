//! Buckets that could not be asked, or of which nobody could say that they receive logs.

use super::*;

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
    assert_eq!(unnamed(&sample), [], "it names no bucket that logs go to");
    sample.region(WORKLOAD).log_groups = denied("DescribeLogGroups");
    let of_groups = of_workload("DescribeLogGroups");
    assert_eq!(unnamed(&sample), of_groups, "a group may be subscribed to a stream that leads to one");
    sample.region(WORKLOAD).log_groups = Observed::Known(Vec::new());
    sample.organization().accounts = denied("ListAccounts");
    assert_eq!(unnamed(&sample), [(None, gaps("ListAccounts"))]);
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
        ..crate::model::Policy::default()
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
