//! Vended logs: in one region delivered into the archive, in the other not at all.

use crate::HOME;
use crate::archive::ARCHIVE_BUCKET;
use crate::clients::Session;
use crate::moto::Moto;

pub(crate) fn build(moto: &Moto, archive: &Session, owner: &str) {
    let script = format!(
        "
logs = client('logs', '{HOME}')
logs.put_delivery_source(
    name='site', logType='ACCESS_LOGS', resourceArn='arn:aws:cloudfront::{owner}:distribution/E1EXAMPLE')
destination = logs.put_delivery_destination(
    name='archive', outputFormat='json',
    deliveryDestinationConfiguration={{'destinationResourceArn': 'arn:aws:s3:::{ARCHIVE_BUCKET}'}})
logs.create_delivery(deliverySourceName='site', deliveryDestinationArn=destination['deliveryDestination']['arn'])
client('logs', 'eu-west-1').put_delivery_source(
    name='knowledge', logType='APPLICATION_LOGS',
    resourceArn='arn:aws:bedrock:eu-west-1:{owner}:knowledge-base/KB00000001')
"
    );
    moto.boto3(archive, &script);
}
