//! The defects of the demonstration's streams: those of a team, and one on the way to the archive.

use super::super::ARCHIVE_BUCKET;
use super::super::stores::BLOCKED;
use super::{LEGACY_BUCKET, MACHINE_LEARNING};
use crate::model::{
    Delivery, DeliveryStream, DeliveryStreamDescription, Observed, StoresRecord, Stream, StreamDescription,
};

pub(super) const EXPERIMENTS: &str = "arn:aws:kinesis:eu-west-1:400000000011:stream/experiments";
pub(super) const FORMER_EXPERIMENTS: &str =
    "arn:aws:kinesis:eu-west-1:400000000011:stream/former-experiments";
pub(super) const NOTEBOOKS: &str = "arn:aws:firehose:eu-west-1:400000000011:deliverystream/notebooks";
pub(super) const TRASH: &str = "arn:aws:firehose:eu-west-1:400000000011:deliverystream/trash";
const TO_VENDOR: &str = "arn:aws:firehose:eu-west-1:400000000011:deliverystream/experiments-to-vendor";

/// Adds the streams of the team, and makes one of the central ones careless.
pub(super) fn add(stores: &mut Vec<StoresRecord>) {
    let central = stores.iter_mut().flat_map(|owner| &mut owner.delivery_streams);
    central.filter(|stream| stream.arn.contains(":us-east-1:")).for_each(careless);
    let vendor = Delivery {
        kind: "Splunk".to_owned(),
        stores_all: Observed::Known(false),
        ..delivery(ARCHIVE_BUCKET)
    };
    stores.push(StoresRecord {
        account_id: MACHINE_LEARNING.to_owned(),
        public_access_block: Observed::Known(BLOCKED),
        streams: vec![
            Stream {
                arn: EXPERIMENTS.to_owned(),
                description: Observed::Known(StreamDescription {
                    status: "ACTIVE".to_owned(),
                    retention_hours: Observed::Known(24),
                    kms_key_id: Observed::Absent,
                }),
                delivery_streams: Observed::Known(vec![TO_VENDOR.to_owned()]),
            },
            Stream {
                arn: FORMER_EXPERIMENTS.to_owned(),
                description: Observed::Absent,
                delivery_streams: Observed::Known(Vec::new()),
            },
        ],
        delivery_streams: vec![
            delivery_stream(TO_VENDOR, "KinesisStreamAsSource", vendor),
            delivery_stream(NOTEBOOKS, "DirectPut", delivery(LEGACY_BUCKET)),
            DeliveryStream { arn: TRASH.to_owned(), description: Observed::Absent },
        ],
        ..StoresRecord::default()
    });
}

fn delivery_stream(arn: &str, source: &str, delivery: Delivery) -> DeliveryStream {
    DeliveryStream {
        arn: arn.to_owned(),
        description: Observed::Known(DeliveryStreamDescription {
            status: "ACTIVE".to_owned(),
            source: source.to_owned(),
            encryption: Observed::Absent,
            kms_key_arn: Observed::Absent,
            delivery: Observed::Known(delivery),
        }),
    }
}

fn delivery(bucket: &str) -> Delivery {
    Delivery {
        kind: "ExtendedS3".to_owned(),
        bucket_arn: Observed::Known(format!("arn:aws:s3:::{bucket}")),
        stores_all: Observed::Known(true),
        compression: Observed::Known("GZIP".to_owned()),
        converted_to: Observed::Absent,
        kms_key_arn: Observed::Absent,
        processors: Observed::Known(Vec::new()),
        error_log_group: Observed::Known("/aws/kinesisfirehose/experiments".to_owned()),
    }
}

/// What arrives is decompressed and stored as it is, and nobody hears of what cannot be stored.
fn careless(stream: &mut DeliveryStream) {
    if let Observed::Known(description) = &mut stream.description
        && let Observed::Known(delivery) = &mut description.delivery
    {
        delivery.compression = Observed::Known("UNCOMPRESSED".to_owned());
        delivery.processors = Observed::Known(vec!["Decompression".to_owned()]);
        delivery.error_log_group = Observed::Absent;
    }
}
