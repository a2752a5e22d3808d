//! Streams on the way of logs: data streams of Kinesis and delivery streams of Firehose. From the API references of both
//! (`DescribeStreamSummary`, `DescribeDeliveryStream`, read 2026-11-29).

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, Store, stranger};
use crate::model::flow::{Edge, EdgeKind, LogKind, Start, bucket_name, region_of};

/// `StreamStatus` of Kinesis.
pub(crate) const STREAM_STATES: &[&str] = &["CREATING", "DELETING", "ACTIVE", "UPDATING", "not found"];
/// `DeliveryStreamStatus` of Firehose.
pub(crate) const DELIVERY_STREAM_STATES: &[&str] =
    &["CREATING", "CREATING_FAILED", "DELETING", "DELETING_FAILED", "ACTIVE", "not found"];
/// Both: a destination has a stream of either behind it.
pub(crate) const TARGET_STATES: &[&str] =
    &["CREATING", "CREATING_FAILED", "DELETING", "DELETING_FAILED", "ACTIVE", "UPDATING", "not found"];
/// `DeliveryStreamType` of Firehose: what a delivery stream reads from.
const DELIVERY_STREAM_SOURCES: &[&str] =
    &["DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"];
/// `ProcessorType` of Firehose.
const PROCESSORS: &[&str] = &[
    "RecordDeAggregation",
    "Decompression",
    "CloudWatchLogProcessing",
    "Lambda",
    "MetadataExtraction",
    "AppendDelimiterToRecord",
];
/// `DeliveryStreamEncryptionStatus` of Firehose.
pub(crate) const DELIVERY_STREAM_ENCRYPTION: &[&str] =
    &["ENABLED", "ENABLING", "ENABLING_FAILED", "DISABLED", "DISABLING", "DISABLING_FAILED"];
/// `CompressionFormat` of Firehose.
pub(crate) const COMPRESSION: &[&str] = &["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"];

/// A Kinesis data stream that log events go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Its ARN.
    pub arn: String,
    /// What Kinesis says of it; `Absent` where there is no such stream.
    pub description: Observed<StreamDescription>,
    /// The delivery streams of its account and region that read from it, by ARN. Who else reads, nobody can tell.
    pub delivery_streams: Observed<Vec<String>>,
}

/// What Kinesis says of a data stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamDescription {
    /// `ACTIVE`, `UPDATING`, `CREATING`, `DELETING`.
    pub status: String,
    /// Hours that records are kept.
    pub retention_hours: Observed<i64>,
    /// The key that encrypts it; `Absent` where it is not encrypted.
    pub kms_key_id: Observed<String>,
}

/// A Firehose delivery stream that log events go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStream {
    /// Its ARN.
    pub arn: String,
    /// What Firehose says of it; `Absent` where there is no such stream.
    pub description: Observed<DeliveryStreamDescription>,
}

/// What Firehose says of a delivery stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryStreamDescription {
    /// `ACTIVE`, `CREATING`, `CREATING_FAILED`, `DELETING`, `DELETING_FAILED`.
    pub status: String,
    /// `DirectPut`, `KinesisStreamAsSource`, `MSKAsSource`, `DatabaseAsSource`.
    pub source: String,
    /// State of its own encryption at rest: `ENABLED`, `DISABLED` and what lies between; `Absent` where Firehose says nothing.
    pub encryption: Observed<String>,
    /// The customer's key of that encryption; `Absent` is AWS's own.
    pub kms_key_arn: Observed<String>,
    /// Where it delivers.
    pub delivery: Observed<Delivery>,
}

/// Where a delivery stream delivers, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The kind of destination as Firehose's API names it: `ExtendedS3`, `Splunk`, `Redshift`, ...
    pub kind: String,
    /// The bucket that records, or copies of them, go to; `Absent` where none does.
    pub bucket_arn: Observed<String>,
    /// All records go there, rather than those alone that could not be delivered.
    pub stores_all: Observed<bool>,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy`, `HADOOP_SNAPPY`.
    pub compression: Observed<String>,
    /// `Parquet` or `ORC` where records are converted; `Absent` where they are not.
    pub converted_to: Observed<String>,
    /// The key that it encrypts objects with; `Absent` where the bucket's own default decides.
    pub kms_key_arn: Observed<String>,
    /// What changes records on their way: `Decompression`, `CloudWatchLogProcessing`, `Lambda`, ...
    pub processors: Observed<Vec<String>>,
    /// The log group that hears of errors; `Absent` where none does.
    pub error_log_group: Observed<String>,
}

impl Answer for Stream {
    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let start = Start { region: region_of(&self.arn), ..start };
        let readers = start.asked(&self.delivery_streams, &[EdgeKind::Sends], found);
        for reader in readers.into_iter().flatten() {
            found(start.edge(EdgeKind::Sends, Ok(reader)));
        }
        if let Some(description) = start.asked(&self.description, &[EdgeKind::Encrypts], found) {
            start.named(EdgeKind::Encrypts, &description.kms_key_id).into_iter().for_each(found);
        }
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("kinesis", "DescribeStreamSummary", Some(self.arn.as_str()));
        settling
            .in_region(region_of(&self.arn))
            .fact(&mut self.description, asked, |it| stranger("StreamStatus", &it.status, STREAM_STATES));
    }
}

impl Store for Stream {
    fn identity(&self) -> (&str, &str) {
        (&self.arn, "")
    }
}

impl Answer for DeliveryStream {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Stores(LogKind::Streamed), EdgeKind::Encrypts];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let start = Start { region: region_of(&self.arn), ..start };
        let Some(description) = start.asked(&self.description, Self::HIDES, found) else { return };
        start.named(EdgeKind::Encrypts, &description.kms_key_arn).into_iter().for_each(&mut *found);
        let Some(delivery) = start.asked(&description.delivery, Self::HIDES, found) else { return };
        let bucket = start.named(EdgeKind::Stores(LogKind::Streamed), &delivery.bucket_arn);
        bucket.map(|edge| Edge { to: edge.to.map(bucket_name), ..edge }).into_iter().for_each(&mut *found);
        start.named(EdgeKind::Encrypts, &delivery.kms_key_arn).into_iter().for_each(found);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("firehose", "DescribeDeliveryStream", Some(self.arn.as_str()));
        let mut settling = settling.in_region(region_of(&self.arn));
        settling.fact(&mut self.description, asked, DeliveryStreamDescription::stranger);
    }
}

impl DeliveryStreamDescription {
    fn stranger(&self) -> Option<String> {
        let among = |member: &str, value: Option<&String>, known: &[&str]| stranger(member, value?, known);
        let delivery = self.delivery.get().ok().flatten();
        let compression = delivery.and_then(|delivery| delivery.compression.get().ok().flatten());
        let processors = delivery.map_or(&[][..], |delivery| delivery.processors.list().unwrap_or_default());
        stranger("DeliveryStreamStatus", &self.status, DELIVERY_STREAM_STATES)
            .or_else(|| stranger("DeliveryStreamType", &self.source, DELIVERY_STREAM_SOURCES))
            .or_else(|| {
                let encryption = self.encryption.get().ok().flatten();
                among("DeliveryStreamEncryptionConfiguration.Status", encryption, DELIVERY_STREAM_ENCRYPTION)
            })
            .or_else(|| among("CompressionFormat", compression, COMPRESSION))
            .or_else(|| processors.iter().find_map(|processor| stranger("Processor", processor, PROCESSORS)))
    }
}

impl Store for DeliveryStream {
    fn identity(&self) -> (&str, &str) {
        (&self.arn, "")
    }
}
