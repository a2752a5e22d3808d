//! Where vended logs end, source by source.

use super::{DeliverySourceFacts, sources, undecided_gaps, undelivered};
use crate::facts::samples::{
    ARCHIVE, ARCHIVE_BUCKET, REGION, STRANGER, Sample, WORKLOAD, denied, gaps, log_group,
};
use crate::facts::view::Derived;
use crate::model::{
    AccountSubscriptionPolicy, Delivery, DeliveryDestination, DeliverySource, DeliveryStream,
    DeliveryStreamDescription, Gap, LogDelivery, Observed, StoresRecord,
};

const ARN: &str = "arn:aws:cloudfront::444444444444:distribution/E1";

fn source(name: &str) -> DeliverySource {
    DeliverySource {
        name: name.to_owned(),
        resource_arns: vec![ARN.to_owned()],
        service: "cloudfront".to_owned(),
        log_type: "ACCESS_LOGS".to_owned(),
        status: Observed::Absent,
        status_reason: Observed::Absent,
        ..DeliverySource::default()
    }
}

fn delivery(source: &str, owner: &str, name: &str) -> LogDelivery {
    LogDelivery {
        arn: format!("arn:aws:logs:{REGION}:{WORKLOAD}:delivery:{name}"),
        source_name: source.to_owned(),
        destination_arn: format!("arn:aws:logs:{REGION}:{owner}:delivery-destination:{name}"),
        destination_type: "S3".to_owned(),
    }
}

fn stands_for(sample: &mut Sample, owner: &str, name: &str, target: Observed<&str>) {
    let arn = format!("arn:aws:logs:{REGION}:{owner}:delivery-destination:{name}");
    let destination = DeliveryDestination { arn, target_arn: target.map(str::to_owned) };
    match sample.stores.iter_mut().find(|stores| stores.account_id == owner) {
        Some(stores) => stores.delivery_destinations.push(destination),
        None => sample.stores.push(StoresRecord {
            account_id: owner.to_owned(),
            public_access_block: Observed::Absent,
            delivery_destinations: vec![destination],
            ..StoresRecord::default()
        }),
    }
}

/// One source, with a delivery to a destination of the archive account that stands for this.
fn with_target(target: Observed<&str>) -> Sample {
    let mut sample = Sample::new();
    let region = sample.region(WORKLOAD);
    region.delivery_sources = Observed::Known(vec![source("site")]);
    region.deliveries = Observed::Known(vec![delivery("site", ARCHIVE, "one")]);
    stands_for(&mut sample, ARCHIVE, "one", target);
    sample
}

fn read(sample: &Sample) -> (Derived<Vec<DeliverySourceFacts>>, Vec<Gap>) {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == WORKLOAD).unwrap();
    let mut gaps = Vec::new();
    undecided_gaps(&facts, record, &mut gaps);
    (sources(&facts, record, &record.regions[0]), gaps)
}

fn problems(sample: &Sample) -> Derived<Vec<String>> {
    undelivered(&read(sample).0)
}

/// The one problem, after the source that has it.
fn problem(sample: &Sample) -> String {
    let problems = problems(sample).unwrap();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    problem.strip_prefix(&format!("site (cloudfront ACCESS_LOGS of {ARN}) ")).unwrap().to_owned()
}

#[test]
fn a_bucket_of_the_archive_account_will_do_and_no_other() {
    let archive = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    assert_eq!(problems(&with_target(Observed::Known(&archive))), Ok(vec![]));
    let mut sample = with_target(Observed::Known("arn:aws:s3:::vended-logs"));
    let found = problem(&sample);
    assert!(found.starts_with("is delivered to bucket vended-logs, which is neither the archive"), "{found}");
    sample.add_bucket("vended-logs", ARCHIVE);
    assert_eq!(problems(&sample), Ok(vec![]), "another bucket of its account");
    let mut sample = with_target(Observed::Known("arn:aws:s3:::vended-logs"));
    sample.add_bucket("vended-logs", WORKLOAD);
    assert!(problem(&sample).contains("bucket vended-logs"));
}

#[test]
fn one_delivery_into_the_archive_is_enough() {
    let mut sample = with_target(Observed::Known("arn:aws:s3:::elsewhere"));
    let into_archive = delivery("site", ARCHIVE, "two");
    sample.region(WORKLOAD).deliveries =
        Observed::Known(vec![delivery("site", ARCHIVE, "one"), into_archive.clone()]);
    stands_for(&mut sample, ARCHIVE, "two", Observed::Known(&format!("arn:aws:s3:::{ARCHIVE_BUCKET}")));
    assert_eq!(problems(&sample), Ok(vec![]));
    // Of another source it says nothing.
    sample.region(WORKLOAD).deliveries = Observed::Known(vec![
        delivery("site", ARCHIVE, "one"),
        LogDelivery { source_name: "other".to_owned(), ..into_archive },
    ]);
    assert!(problem(&sample).contains("bucket elsewhere"));
}

#[test]
fn a_source_without_delivery_and_one_that_is_inactive_deliver_nothing() {
    let mut sample = Sample::new();
    sample.region(WORKLOAD).delivery_sources = Observed::Known(vec![source("site")]);
    assert_eq!(problem(&sample), "has no delivery");
    let mut sample = with_target(Observed::Absent);
    let arn = format!("arn:aws:logs:{REGION}:{ARCHIVE}:delivery-destination:one");
    assert_eq!(problem(&sample), format!("is delivered to {arn}, which does not exist"));
    let gone = DeliverySource {
        status: Observed::Known("INACTIVE".to_owned()),
        status_reason: Observed::Known("RESOURCE_DELETED".to_owned()),
        ..source("site")
    };
    sample.region(WORKLOAD).delivery_sources = Observed::Known(vec![gone]);
    assert_eq!(problem(&sample), "is inactive: RESOURCE_DELETED");
}

#[test]
fn traces_are_no_logs() {
    let mut sample = Sample::new();
    let of_traces = DeliverySource { log_type: "TRACES".to_owned(), ..source("traces") };
    sample.region(WORKLOAD).delivery_sources = Observed::Known(vec![of_traces, source("site")]);
    let to_xray =
        |source| LogDelivery { destination_type: "XRAY".to_owned(), ..delivery(source, WORKLOAD, "x-ray") };
    sample.region(WORKLOAD).deliveries = Observed::Known(vec![to_xray("traces"), to_xray("site")]);
    assert_eq!(read(&sample).0.unwrap().len(), 1);
    // Where X-Ray alone gets what is none of its own, no log is delivered.
    assert_eq!(problem(&sample), "has no delivery");
    sample.region(WORKLOAD).deliveries = denied("DescribeDeliveries");
    assert_eq!(read(&sample).0.unwrap().len(), 1);
    assert_eq!(problems(&sample), Err(gaps("DescribeDeliveries")));
}

#[test]
fn a_delivery_stream_is_on_the_way_if_it_ends_in_the_archive() {
    let arn = format!("arn:aws:firehose:{REGION}:{ARCHIVE}:deliverystream/logs");
    let mut sample = with_target(Observed::Known(&arn));
    assert!(problems(&sample).is_err(), "no record tells of the stream");
    let stream = |bucket: &str| DeliveryStream {
        arn: arn.clone(),
        description: Observed::Known(DeliveryStreamDescription {
            status: "ACTIVE".to_owned(),
            source: "DirectPut".to_owned(),
            encryption: Observed::Absent,
            kms_key_arn: Observed::Absent,
            delivery: Observed::Known(Delivery {
                kind: "ExtendedS3".to_owned(),
                bucket_arn: Observed::Known(format!("arn:aws:s3:::{bucket}")),
                stores_all: Observed::Known(true),
                compression: Observed::Absent,
                converted_to: Observed::Absent,
                kms_key_arn: Observed::Absent,
                processors: Observed::Known(Vec::new()),
                error_log_group: Observed::Absent,
            }),
        }),
    };
    let place = sample.stores.iter().position(|stores| stores.account_id == ARCHIVE).unwrap();
    sample.stores[place].delivery_streams = vec![stream(ARCHIVE_BUCKET)];
    assert_eq!(problems(&sample), Ok(vec![]));
    sample.stores[place].delivery_streams = vec![stream("elsewhere")];
    assert!(problem(&sample).contains("deliverystream/logs, which delivers to bucket elsewhere"));
    sample.stores[place].delivery_streams[0].description = denied("DescribeDeliveryStream");
    assert_eq!(problems(&sample), Err(gaps("DescribeDeliveryStream")));
}

#[test]
fn a_log_group_is_on_the_way_if_a_central_account_gets_everything() {
    let group = log_group("/aws/vendedlogs/site");
    let with_group = |subscription_filters| {
        let mut sample = with_target(Observed::Known(&format!("{}:*", group.arn)));
        let mut group = group.clone();
        group.subscription_filters = subscription_filters;
        sample.region(WORKLOAD).log_groups = Observed::Known(vec![group]);
        sample
    };
    let sample = with_group(Some(Observed::Known(Vec::new())));
    let kept = "is delivered to log group /aws/vendedlogs/site, of which no central account gets everything";
    assert_eq!(problem(&sample), kept);
    // Nobody asks for subscriptions of a log group that need not be centralized.
    let mut sample = with_group(None);
    let (found, noted) = read(&sample);
    let [gap] = noted.as_slice() else { panic!("{noted:?}") };
    assert_eq!(undelivered(&found), Err(gap.id.clone().into()));
    // A policy of the account forwards every log group's events.
    let to_archive = AccountSubscriptionPolicy {
        destination_arn: format!("arn:aws:firehose:{REGION}:{ARCHIVE}:deliverystream/logs"),
        field_selection: Observed::Absent,
        transformed: Observed::Known(false),
        ..AccountSubscriptionPolicy::default()
    };
    sample.region(WORKLOAD).subscription_policies = Observed::Known(vec![to_archive]);
    assert_eq!(problems(&sample), Ok(vec![]));
    // AWS delivers to no log group of another account: what says so is not understood.
    let elsewhere = group.arn.replace(WORKLOAD, ARCHIVE);
    let (found, noted) = read(&with_target(Observed::Known(&elsewhere)));
    let [gap] = noted.as_slice() else { panic!("{noted:?}") };
    assert_eq!(undelivered(&found), Err(gap.id.clone().into()));
    // One that is gone keeps nothing; where groups were not listed, nobody knows.
    sample.region(WORKLOAD).log_groups = Observed::Known(Vec::new());
    assert!(problem(&sample).ends_with("which does not exist"));
    sample.region(WORKLOAD).log_groups = denied("DescribeLogGroups");
    assert_eq!(problems(&sample), Err(gaps("DescribeLogGroups")));
}

#[test]
fn what_was_not_read_is_unknown_unless_another_source_has_a_problem() {
    let mut sample = with_target(denied("GetDeliveryDestination"));
    assert_eq!(problems(&sample), Err(gaps("GetDeliveryDestination")));
    sample.region(WORKLOAD).delivery_sources = Observed::Known(vec![source("site"), source("other")]);
    assert_eq!(problems(&sample).unwrap().len(), 1);
    sample.region(WORKLOAD).delivery_sources = denied("DescribeDeliverySources");
    assert_eq!(problems(&sample), Err(gaps("DescribeDeliverySources")));
    sample.region(WORKLOAD).delivery_sources = Observed::not_collected();
    assert!(problems(&sample).is_err());
    // A destination of which no record tells leaves a gap that names it.
    let mut sample = Sample::new();
    let region = sample.region(WORKLOAD);
    region.delivery_sources = Observed::Known(vec![source("site")]);
    region.deliveries = Observed::Known(vec![delivery("site", STRANGER, "one")]);
    let unknown = problems(&sample).unwrap_err();
    let facts = sample.facts();
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(unknown, gap.id.clone().into());
    assert_eq!(gap.detail, "no scanned account could be asked about this delivery destination");
}
