//! The way of log events from the central destinations into the archive: a data stream, and a delivery stream that reads from
//! it. See [`super`].

use super::{ARCHIVE, ARCHIVE_BUCKET};
use crate::model::{
    Delivery, DeliveryStream, DeliveryStreamDescription, Observed, Stream, StreamDescription,
};

/// The data stream behind the central destination of a region.
pub(super) fn data_stream_arn(region: &str) -> String {
    format!("arn:aws:kinesis:{region}:{ARCHIVE}:stream/central-logs")
}

fn delivery_stream_arn(region: &str) -> String {
    format!("arn:aws:firehose:{region}:{ARCHIVE}:deliverystream/central-logs")
}

/// The data streams of a healthy organization.
pub(super) fn data_streams(regions: &[&str]) -> Vec<Stream> {
    let stream = |region: &&str| Stream {
        arn: data_stream_arn(region),
        description: Observed::Known(StreamDescription {
            status: "ACTIVE".to_owned(),
            retention_hours: Observed::Known(72),
            kms_key_id: Observed::Known("alias/aws/kinesis".to_owned()),
        }),
        delivery_streams: Observed::Known(vec![delivery_stream_arn(region)]),
    };
    sorted(regions.iter().map(stream).collect(), |stream| &stream.arn)
}

/// The delivery streams of a healthy organization.
pub(super) fn delivery_streams(regions: &[&str]) -> Vec<DeliveryStream> {
    let stream = |region: &&str| DeliveryStream {
        arn: delivery_stream_arn(region),
        description: Observed::Known(DeliveryStreamDescription {
            status: "ACTIVE".to_owned(),
            source: "KinesisStreamAsSource".to_owned(),
            encryption: Observed::Absent,
            kms_key_arn: Observed::Absent,
            delivery: Observed::Known(Delivery {
                kind: "ExtendedS3".to_owned(),
                bucket_arn: Observed::Known(format!("arn:aws:s3:::{ARCHIVE_BUCKET}")),
                stores_all: Observed::Known(true),
                compression: Observed::Known("GZIP".to_owned()),
                converted_to: Observed::Absent,
                kms_key_arn: Observed::Absent,
                processors: Observed::Known(Vec::new()),
                error_log_group: Observed::Known("/aws/kinesisfirehose/central-logs".to_owned()),
            }),
        }),
    };
    sorted(regions.iter().map(stream).collect(), |stream| &stream.arn)
}

fn sorted<T>(mut streams: Vec<T>, arn: impl Fn(&T) -> &String) -> Vec<T> {
    streams.sort_by(|one, other| arn(one).cmp(arn(other)));
    streams
}
