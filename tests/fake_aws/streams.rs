//! Kinesis and Firehose: the streams of the calling account in a region.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::World;

pub fn answer_kinesis(world: &World, call: &Call) -> Result<Answer, Failure> {
    if call.key.operation != "DescribeStreamSummary" {
        return Err(Failure::not_implemented("kinesis", &call.key.operation));
    }
    let region = world.region(&call.caller.account, &call.key.region);
    let arn = call.required("StreamARN")?;
    let found = region.streams.iter().find(|stream| stream["StreamARN"] == arn);
    let found = found.ok_or_else(|| missing(&format!("Stream {arn} not found.")))?;
    Ok(Answer::Members(json!({ "StreamDescriptionSummary": found })))
}

pub fn answer_firehose(world: &World, call: &Call) -> Result<Answer, Failure> {
    let region = world.region(&call.caller.account, &call.key.region);
    let name = |stream: &Value| stream["DeliveryStreamName"].as_str().unwrap_or_default().to_owned();
    match call.key.operation.as_str() {
        // Names in their order, behind one that is given: there is no token.
        "ListDeliveryStreams" => {
            let after = call.text("ExclusiveStartDeliveryStreamName").unwrap_or_default();
            let mut names: Vec<String> = region.delivery_streams.iter().map(name).collect();
            names.sort();
            let rest: Vec<&String> = names.iter().filter(|name| name.as_str() > after).collect();
            let limit = call
                .number("Limit")
                .unwrap_or(10)
                .min(world.page_sizes.get("firehose").copied().unwrap_or(100));
            let page: Vec<&&String> = rest.iter().take(limit).collect();
            let more = page.len() < rest.len();
            Ok(Answer::Members(json!({ "DeliveryStreamNames": page, "HasMoreDeliveryStreams": more })))
        }
        "DescribeDeliveryStream" => {
            let wanted = call.required("DeliveryStreamName")?;
            let found = region.delivery_streams.iter().find(|stream| name(stream) == wanted);
            let account = &call.caller.account;
            let found = found
                .ok_or_else(|| missing(&format!("Firehose {wanted} under account {account} not found.")))?;
            Ok(Answer::Members(json!({ "DeliveryStreamDescription": found })))
        }
        other => Err(Failure::not_implemented("firehose", other)),
    }
}

fn missing(message: &str) -> Failure {
    Failure::new(400, "ResourceNotFoundException", message)
}

/// A data stream as it should be.
pub fn stream(account: &str, region: &str, name: &str, key: &str) -> Value {
    json!({
        "StreamName": name, "StreamARN": format!("arn:aws:kinesis:{region}:{account}:stream/{name}"),
        "StreamStatus": "ACTIVE", "StreamModeDetails": { "StreamMode": "ON_DEMAND" },
        "RetentionPeriodHours": 24, "StreamCreationTimestamp": 1_770_000_000, "EnhancedMonitoring": [{ "ShardLevelMetrics": [] }],
        "EncryptionType": "KMS", "KeyId": key, "OpenShardCount": 4, "ConsumerCount": 0,
    })
}

/// Lets a delivery stream read from a data stream, which is encrypted in its place.
pub fn read_from(delivery_stream: &mut Value, stream: &Value) {
    delivery_stream["DeliveryStreamType"] = json!("KinesisStreamAsSource");
    delivery_stream["Source"] =
        json!({ "KinesisStreamSourceDescription": { "KinesisStreamARN": stream["StreamARN"] } });
    if let Value::Object(members) = delivery_stream {
        members.remove("DeliveryStreamEncryptionConfiguration");
    }
}

/// A delivery stream as it should be: what it gets goes to a bucket.
pub fn delivery_stream(account: &str, region: &str, name: &str, bucket: &str, key: &str) -> Value {
    let role = format!("arn:aws:iam::{account}:role/DeliverLogs");
    let logging = json!({
        "Enabled": true, "LogGroupName": format!("/aws/kinesisfirehose/{name}"), "LogStreamName": "DestinationDelivery",
    });
    let s3 = json!({
        "RoleARN": role, "BucketARN": format!("arn:aws:s3:::{bucket}"), "Prefix": "logs/", "ErrorOutputPrefix": "errors/",
        "BufferingHints": { "SizeInMBs": 5, "IntervalInSeconds": 300 }, "CompressionFormat": "GZIP",
        "EncryptionConfiguration": { "KMSEncryptionConfig": { "AWSKMSKeyARN": key } }, "CloudWatchLoggingOptions": logging,
    });
    let mut extended = s3.clone();
    extended["S3BackupMode"] = json!("Disabled");
    extended["ProcessingConfiguration"] = json!({ "Enabled": false, "Processors": [] });
    json!({
        "DeliveryStreamName": name,
        "DeliveryStreamARN": format!("arn:aws:firehose:{region}:{account}:deliverystream/{name}"),
        "DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "DirectPut", "VersionId": "1",
        "DeliveryStreamEncryptionConfiguration": {
            "KeyARN": key, "KeyType": "CUSTOMER_MANAGED_CMK", "Status": "ENABLED",
        },
        "CreateTimestamp": 1_770_000_000, "HasMoreDestinations": false,
        "Destinations": [{
            "DestinationId": "destinationId-000000000001", "S3DestinationDescription": s3,
            "ExtendedS3DestinationDescription": extended,
        }],
    })
}
