//! What Kinesis and Firehose answer, as far as it is read. See [`super`].
#![expect(clippy::struct_field_names, reason = "members are called as the service calls them")]

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StreamSummary {
    pub(super) stream_description_summary: Option<Summary>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summary {
    #[serde(rename = "StreamARN")]
    pub(super) stream_arn: Option<String>,
    pub(super) stream_status: Option<String>,
    pub(super) retention_period_hours: Option<i64>,
    pub(super) encryption_type: Option<String>,
    pub(super) key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeliveryStreamNames {
    pub(super) delivery_stream_names: Option<Vec<String>>,
    pub(super) has_more_delivery_streams: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeliveryStream {
    pub(super) delivery_stream_description: Option<Description>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description {
    #[serde(rename = "DeliveryStreamARN")]
    pub(super) delivery_stream_arn: Option<String>,
    pub(super) delivery_stream_status: Option<String>,
    pub(super) delivery_stream_type: Option<String>,
    pub(super) delivery_stream_encryption_configuration: Option<OwnEncryption>,
    pub(super) source: Option<Source>,
    pub(super) destinations: Option<Vec<Destination>>,
    pub(super) has_more_destinations: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OwnEncryption {
    #[serde(rename = "KeyARN")]
    pub(super) key_arn: Option<String>,
    pub(super) status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Source {
    pub(super) kinesis_stream_source_description: Option<KinesisSource>,
}

#[derive(Debug, Deserialize)]
pub(super) struct KinesisSource {
    #[serde(rename = "KinesisStreamARN")]
    pub(super) kinesis_stream_arn: Option<String>,
}

/// One member says which kind of destination it is; one in S3 is described in two of them, briefly and in full.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Destination {
    s3_destination_description: Option<Target>,
    extended_s3_destination_description: Option<Target>,
    redshift_destination_description: Option<Target>,
    elasticsearch_destination_description: Option<Target>,
    amazonopensearchservice_destination_description: Option<Target>,
    amazon_open_search_serverless_destination_description: Option<Target>,
    splunk_destination_description: Option<Target>,
    http_endpoint_destination_description: Option<Target>,
    snowflake_destination_description: Option<Target>,
    iceberg_destination_description: Option<Target>,
}

impl Destination {
    /// Its kind, with what is said of it; `None` for one of a kind that is not known, or of several.
    pub(super) fn target(self) -> Option<(&'static str, Target)> {
        let other = [
            ("Redshift", self.redshift_destination_description),
            ("Elasticsearch", self.elasticsearch_destination_description),
            ("Amazonopensearchservice", self.amazonopensearchservice_destination_description),
            ("AmazonOpenSearchServerless", self.amazon_open_search_serverless_destination_description),
            ("Splunk", self.splunk_destination_description),
            ("HttpEndpoint", self.http_endpoint_destination_description),
            ("Snowflake", self.snowflake_destination_description),
            ("Iceberg", self.iceberg_destination_description),
        ];
        let mut targets = other.into_iter().filter_map(|(kind, target)| Some((kind, target?)));
        let extended = self.extended_s3_destination_description.map(|target| ("ExtendedS3", target));
        let s3 = extended.or_else(|| self.s3_destination_description.map(|target| ("S3", target)));
        match (s3, targets.next(), targets.next()) {
            (Some(target), None, None) | (None, Some(target), None) => Some(target),
            _ => None,
        }
    }
}

/// A destination of any kind: what the kinds have in common.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    /// Of one in S3, its own settings.
    #[serde(flatten)]
    pub(super) bucket: S3,
    /// Of another, where copies go.
    pub(super) s3_destination_description: Option<S3>,
    pub(super) s3_backup_mode: Option<String>,
    pub(super) data_format_conversion_configuration: Option<Conversion>,
    pub(super) processing_configuration: Option<Processing>,
    pub(super) cloud_watch_logging_options: Option<LoggingOptions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct S3 {
    #[serde(rename = "BucketARN")]
    pub(super) bucket_arn: Option<String>,
    pub(super) compression_format: Option<String>,
    pub(super) encryption_configuration: Option<Encryption>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Encryption {
    #[serde(rename = "KMSEncryptionConfig")]
    kms: Option<KmsEncryption>,
}

#[derive(Debug, Deserialize)]
struct KmsEncryption {
    #[serde(rename = "AWSKMSKeyARN")]
    key_arn: Option<String>,
}

impl Encryption {
    pub(super) fn key(self) -> Option<String> {
        self.kms?.key_arn.filter(|key| !key.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Conversion {
    pub(super) enabled: Option<bool>,
    output_format_configuration: Option<OutputFormat>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OutputFormat {
    serializer: Option<Serializer>,
}

#[derive(Debug, Deserialize)]
struct Serializer {
    #[serde(rename = "ParquetSerDe")]
    parquet: Option<serde_json::Value>,
    #[serde(rename = "OrcSerDe")]
    orc: Option<serde_json::Value>,
}

impl Conversion {
    pub(super) fn format(self) -> Option<&'static str> {
        match self.output_format_configuration?.serializer? {
            Serializer { parquet: Some(_), orc: None } => Some("Parquet"),
            Serializer { parquet: None, orc: Some(_) } => Some("ORC"),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Processing {
    pub(super) enabled: Option<bool>,
    pub(super) processors: Option<Vec<Processor>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Processor {
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LoggingOptions {
    pub(super) enabled: Option<bool>,
    pub(super) log_group_name: Option<String>,
}
