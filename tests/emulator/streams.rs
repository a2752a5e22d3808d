//! Streams behind the central destinations: in one region as it should be, in the other there is none.

use crate::HOME;
use crate::archive::ARCHIVE_BUCKET;
use crate::clients::Session;
use crate::log_groups::DESTINATION;
use crate::moto::Moto;

/// Makes a data stream, not encrypted, and a delivery stream that reads from it and stores what it reads in the archive.
pub(crate) fn build(moto: &Moto, archive: &Session, owner: &str) {
    let script = format!(
        "
kinesis = client('kinesis', '{HOME}')
kinesis.create_stream(StreamName='{DESTINATION}', ShardCount=1)
firehose = client('firehose', '{HOME}')
role = 'arn:aws:iam::{owner}:role/deliver-logs'
firehose.create_delivery_stream(
    DeliveryStreamName='{DESTINATION}', DeliveryStreamType='KinesisStreamAsSource',
    KinesisStreamSourceConfiguration={{
        'KinesisStreamARN': 'arn:aws:kinesis:{HOME}:{owner}:stream/{DESTINATION}', 'RoleARN': role}},
    ExtendedS3DestinationConfiguration={{
        'RoleARN': role, 'BucketARN': 'arn:aws:s3:::{ARCHIVE_BUCKET}', 'CompressionFormat': 'GZIP',
        'CloudWatchLoggingOptions': {{'Enabled': True, 'LogGroupName': 'errors', 'LogStreamName': 'S3'}}}})
"
    );
    moto.boto3(archive, &script);
}
