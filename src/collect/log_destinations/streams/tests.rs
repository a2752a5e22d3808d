//! Delivery streams of every kind, as Firehose describes them.

use serde_json::{Value, json};

use super::{StreamKind, StreamReference, answer, delivery};
use crate::collect::convert::Missing;
use crate::model::{Delivery, Observed};

fn read(destination: &Value) -> Result<Delivery, Missing> {
    let destination: answer::Destination = serde_json::from_value(destination.clone()).unwrap();
    delivery(vec![destination], Some(false))
}

fn s3() -> Value {
    json!({ "BucketARN": "arn:aws:s3:::logs", "CompressionFormat": "GZIP", "RoleARN": "arn:aws:iam::1:role/r" })
}

#[test]
fn a_bucket_is_described_in_brief_and_in_full() {
    let mut full = s3();
    full["S3BackupMode"] = json!("Enabled");
    full["S3BackupDescription"] = json!({ "BucketARN": "arn:aws:s3:::raw" });
    full["EncryptionConfiguration"] =
        json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": "arn:aws:kms:eu:1:key/1" } });
    full["CloudWatchLoggingOptions"] = json!({ "Enabled": true, "LogGroupName": "errors" });
    full["ProcessingConfiguration"] = json!({ "Enabled": true, "Processors": [{ "Type": "Decompression" }] });
    full["DataFormatConversionConfiguration"] =
        json!({ "Enabled": true, "OutputFormatConfiguration": { "Serializer": { "ParquetSerDe": {} } } });
    let read_of = |full: &Value| {
        read(&json!({ "S3DestinationDescription": s3(), "ExtendedS3DestinationDescription": full })).unwrap()
    };
    let told = read_of(&full);
    assert_eq!((told.kind.as_str(), &told.stores_all), ("ExtendedS3", &Observed::Known(true)));
    assert_eq!(told.bucket_arn, Observed::Known("arn:aws:s3:::logs".to_owned()), "not that of the raw copy");
    assert_eq!(told.kms_key_arn, Observed::Known("arn:aws:kms:eu:1:key/1".to_owned()));
    assert_eq!(told.error_log_group, Observed::Known("errors".to_owned()));
    assert_eq!(told.processors, Observed::Known(vec!["Decompression".to_owned()]));
    assert_eq!(told.converted_to, Observed::Known("Parquet".to_owned()));
    // What is switched off has no effect, whatever else stands there.
    for part in ["CloudWatchLoggingOptions", "ProcessingConfiguration", "DataFormatConversionConfiguration"] {
        full[part]["Enabled"] = json!(false);
    }
    let told = read_of(&full);
    assert_eq!((told.error_log_group, told.converted_to), (Observed::Absent, Observed::Absent));
    assert_eq!(told.processors, Observed::Known(Vec::new()));
}

#[test]
fn beside_another_destination_a_bucket_holds_all_or_failures_alone() {
    let with = |kind: &str, mode: Value| {
        let key = format!("{kind}DestinationDescription");
        read(&json!({ key: { "S3BackupMode": mode, "S3DestinationDescription": s3() } }))
    };
    for (kind, mode, all) in [
        ("Splunk", "AllEvents", true),
        ("Splunk", "FailedEventsOnly", false),
        ("HttpEndpoint", "AllData", true),
        ("Iceberg", "FailedDataOnly", false),
        ("Amazonopensearchservice", "AllDocuments", true),
        ("AmazonOpenSearchServerless", "FailedDocumentsOnly", false),
        ("Redshift", "Disabled", true),
    ] {
        let told = with(kind, json!(mode)).unwrap();
        assert_eq!((told.kind.as_str(), told.stores_all), (kind, Observed::Known(all)), "{mode}");
        assert_eq!(told.bucket_arn, Observed::Known("arn:aws:s3:::logs".to_owned()));
    }
    assert!(with("Snowflake", json!("SomeOfIt")).is_err(), "a mode that nobody knows decides nothing");
    let alone = read(&json!({ "SplunkDestinationDescription": {} })).unwrap();
    assert_eq!((alone.bucket_arn, alone.stores_all), (Observed::Absent, Observed::Known(false)));
}

#[test]
fn what_is_not_known_for_whole_is_no_description() {
    assert!(read(&json!({ "DestinationId": "1" })).is_err(), "of a kind that this release does not know");
    let two = json!({ "S3DestinationDescription": s3(), "SplunkDestinationDescription": {} });
    assert!(read(&two).is_err());
    assert!(read(&json!({ "S3DestinationDescription": {} })).is_err(), "a bucket without a name");
    assert!(delivery(Vec::new(), Some(false)).is_err());
    let one = || vec![serde_json::from_value(json!({ "S3DestinationDescription": s3() })).unwrap()];
    assert!(delivery(one(), Some(true)).is_err() && delivery(one(), None).is_err(), "there may be more");
    assert!(delivery(one(), Some(false)).is_ok());
}

#[test]
fn only_streams_of_accounts_are_followed() {
    let kind = |arn: &str| StreamReference::new(arn).map(|reference| reference.kind);
    assert_eq!(kind("arn:aws:kinesis:eu-west-1:111122223333:stream/logs"), Some(StreamKind::Data));
    assert_eq!(
        kind("arn:aws:firehose:eu-west-1:111122223333:deliverystream/logs"),
        Some(StreamKind::Delivery)
    );
    for other in [
        "arn:aws:lambda:eu-west-1:111122223333:function:logs",
        "arn:aws:logs:eu-west-1:111122223333:destination:logs",
        "arn:aws:kinesis:eu-west-1:nobody:stream/logs",
        "arn:aws:kinesis:eu-west-1:111122223333:stream",
        "logs",
    ] {
        assert_eq!(kind(other), None, "{other}");
    }
}
