//! Delivery streams, and what becomes of what goes through them.

use super::{DeliveryStreamFacts, derive, missing};
use crate::facts::samples::{
    ARCHIVE, ARCHIVE_BUCKET, REGION, Sample, WORKLOAD, denied, destination, gaps, unavailable,
};
use crate::model::{Delivery, DeliveryStream, DeliveryStreamDescription, Gap, Observed};

fn delivery() -> Delivery {
    Delivery {
        kind: "ExtendedS3".to_owned(),
        bucket_arn: Observed::Known(format!("arn:aws:s3:::{ARCHIVE_BUCKET}")),
        stores_all: Observed::Known(true),
        compression: Observed::Known("UNCOMPRESSED".to_owned()),
        converted_to: Observed::Absent,
        kms_key_arn: Observed::Absent,
        processors: Observed::Known(Vec::new()),
        error_log_group: Observed::Known("errors".to_owned()),
    }
}

fn facts_and_gaps(delivery: Observed<Delivery>) -> (DeliveryStreamFacts, Vec<Gap>) {
    let stream = DeliveryStream {
        arn: format!("arn:aws:firehose:{REGION}:{ARCHIVE}:deliverystream/logs"),
        description: Observed::Known(DeliveryStreamDescription {
            status: "ACTIVE".to_owned(),
            source: "DirectPut".to_owned(),
            encryption: Observed::Absent,
            kms_key_arn: Observed::Absent,
            delivery,
        }),
    };
    let mut gaps = Vec::new();
    let facts = derive(&Sample::new().facts(), &stream, &mut gaps);
    (facts, gaps)
}

fn facts_of(delivery: Delivery) -> DeliveryStreamFacts {
    facts_and_gaps(Observed::Known(delivery)).0
}

#[test]
fn all_that_goes_into_the_archive_is_there_and_failures_alone_are_not() {
    let facts = facts_of(delivery());
    assert_eq!(unavailable(&facts), Vec::<&str>::new());
    assert_eq!((facts.name.as_str(), facts.to_archive), ("logs", Ok(true)));
    assert_eq!(facts.destination, Ok(format!("bucket {ARCHIVE_BUCKET}")));

    let elsewhere =
        Delivery { bucket_arn: Observed::Known("arn:aws:s3:::elsewhere".to_owned()), ..delivery() };
    let facts = facts_of(elsewhere);
    assert_eq!(facts.to_archive, Ok(false));
    let destination = facts.destination.unwrap();
    assert!(destination.starts_with("bucket elsewhere, which is neither the archive"), "{destination}");

    let vendor = || Delivery { kind: "HttpEndpoint".to_owned(), ..delivery() };
    assert_eq!(facts_of(vendor()).to_archive, Ok(true), "with a copy of everything");
    let facts = facts_of(Delivery { stores_all: Observed::Known(false), ..vendor() });
    assert_eq!(facts.to_archive, Ok(false));
    let text = format!("an HTTP endpoint, and to bucket {ARCHIVE_BUCKET} only what could not be delivered");
    assert_eq!(facts.destination, Ok(text));
    let facts = facts_of(Delivery { bucket_arn: Observed::Absent, ..vendor() });
    assert_eq!((facts.to_archive, facts.compression), (Ok(false), Ok(None)));
}

#[test]
fn what_arrives_compressed_stays_so_unless_something_takes_it_off() {
    let with = |processors: &[&str], compression: &str| {
        let processors = Observed::Known(processors.iter().map(|&it| it.to_owned()).collect());
        Delivery { processors, compression: Observed::Known(compression.to_owned()), ..delivery() }
    };
    assert_eq!(facts_of(with(&[], "UNCOMPRESSED")).compressed, Ok(true), "CloudWatch Logs compresses");
    assert_eq!(facts_of(with(&["Decompression"], "UNCOMPRESSED")).compressed, Ok(false));
    assert_eq!(facts_of(with(&["Decompression"], "GZIP")).compressed, Ok(true));
    let columns = Delivery {
        converted_to: Observed::Known("Parquet".to_owned()),
        ..with(&["Decompression", "CloudWatchLogProcessing"], "UNCOMPRESSED")
    };
    assert_eq!(facts_of(columns).compressed, Ok(true));
    let (facts, gaps) = facts_and_gaps(Observed::Known(with(&["Lambda"], "UNCOMPRESSED")));
    let [gap] = gaps.as_slice() else { panic!("{gaps:?}") };
    assert_eq!(facts.compressed, Err(gap.id.clone().into()), "a function may do anything");
    assert_eq!(facts_of(with(&["Lambda"], "GZIP")).compressed, Ok(true));
}

#[test]
fn what_is_refused_is_unknown_and_what_does_not_exist_is_none() {
    let refused = facts_and_gaps(denied("DescribeDeliveryStream")).0;
    let unknown = ["to_archive", "destination", "compression", "compressed", "error_log_group"];
    assert_eq!(unavailable(&refused), unknown);
    let stream = DeliveryStream {
        arn: format!("arn:aws:firehose:{REGION}:{ARCHIVE}:deliverystream/gone"),
        description: Observed::Absent,
    };
    let facts = derive(&Sample::new().facts(), &stream, &mut Vec::new());
    assert_eq!(unavailable(&facts), Vec::<&str>::new());
    assert_eq!(
        (facts.state.as_deref(), facts.to_archive, facts.error_log_group),
        (Ok("not found"), Ok(false), Ok(None))
    );
}

#[test]
fn streams_that_nobody_was_asked_about_are_unknown_by_name() {
    let mut sample = Sample::new();
    let mut to_firehose = destination(ARCHIVE);
    to_firehose.target_arn = format!("arn:aws:firehose:{REGION}:999999999999:deliverystream/logs");
    sample.region(ARCHIVE).destinations = Observed::Known(vec![to_firehose.clone()]);
    let facts = sample.facts();
    let subjects = missing(&facts);
    let [subject] = subjects.as_slice() else { panic!("{subjects:?}") };
    assert_eq!(subject.subject.arn.as_deref(), Some(&*to_firehose.target_arn));
    let [gap] = facts.index.gaps.as_slice() else { panic!("{:?}", facts.index.gaps) };
    assert_eq!(gap.detail, "no scanned account could be asked about this delivery stream");

    // A refused answer may have named one.
    sample.region(ARCHIVE).destinations = Observed::Known(Vec::new());
    sample.region(WORKLOAD).destinations = denied("DescribeDestinations");
    let subjects = missing(&sample.facts());
    let [subject] = subjects.as_slice() else { panic!("{subjects:?}") };
    assert_eq!(subject.subject.account_id.as_deref(), Some(WORKLOAD));
    assert_eq!(subject.unlisted, Some(gaps("DescribeDestinations")));
}
