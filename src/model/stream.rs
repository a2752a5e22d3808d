//! Streams on the way of logs: data streams of Kinesis and delivery streams of Firehose. From the API references of both
//! (`DescribeStreamSummary`, `DescribeDeliveryStream`, read 2026-11-29).

use serde::{Deserialize, Serialize};

use super::Observed;

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
