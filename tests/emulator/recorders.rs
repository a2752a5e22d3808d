//! AWS Config in every account and region, with three known defects. All recorders are called `default`, as AWS
//! calls them.

use aws_sdk_config::types::{
    ConfigurationRecorder, DeliveryChannel, OrganizationAggregationSource, RecordingGroup,
};

use crate::archive::ARCHIVE_BUCKET;
use crate::buckets;
use crate::clients::Session;
use crate::organization::Organization;
use crate::{HOME, REGIONS};

/// Accounts that have Config; the teams have none.
const RECORDED: [&str; 11] = [
    "management",
    "log-archive",
    "security-tooling",
    "payments",
    "orders",
    "ledger",
    "vault",
    "reporting",
    "analytics",
    "platform",
    "sandbox",
];

/// Where analytics delivers by mistake.
const WRONG_BUCKET: &str = "example-analytics-config";

/// Sets Config up.
///
/// reporting has a stopped recorder in eu-west-1 and none in eu-central-1; analytics delivers to a bucket of its own
/// in us-east-1; sandbox records only some types, with a role of its own.
pub(crate) async fn build(organization: &Organization, management: &Session) {
    for name in RECORDED {
        let session = organization.enter(management, name).await;
        for region in REGIONS.into_iter().filter(|region| (name, *region) != ("reporting", "eu-central-1")) {
            let bucket = match (name, region) {
                ("analytics", HOME) => WRONG_BUCKET,
                _ => ARCHIVE_BUCKET,
            };
            record(&session, region, recorder(organization.account(name), name, region), bucket).await;
        }
    }
    let reporting = organization.enter(management, "reporting").await;
    let stopped = reporting.config_service("eu-west-1");
    let stopped = stopped.stop_configuration_recorder().configuration_recorder_name("default").send().await;
    stopped.expect("it is stopped");
    let analytics = organization.enter(management, "analytics").await;
    buckets::create(&analytics.s3(HOME), HOME, WRONG_BUCKET, false).await;

    let tooling = organization.enter(management, "security-tooling").await;
    let role = format!("arn:aws:iam::{}:role/aggregate", organization.account("security-tooling"));
    let everything = OrganizationAggregationSource::builder().role_arn(role).all_aws_regions(true).build();
    let request = tooling
        .config_service(HOME)
        .put_configuration_aggregator()
        .configuration_aggregator_name("everything");
    let request = request.organization_aggregation_source(everything.expect("it is whole"));
    request.send().await.expect("an aggregator is made");
}

fn recorder(account: &str, name: &str, region: &str) -> ConfigurationRecorder {
    let linked =
        format!("arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    let everything =
        RecordingGroup::builder().all_supported(true).include_global_resource_types(region == HOME);
    let (role, group) = match name {
        "sandbox" => {
            let some = RecordingGroup::builder().resource_types("AWS::S3::Bucket".into());
            (format!("arn:aws:iam::{account}:role/config"), some)
        }
        _ => (linked, everything),
    };
    ConfigurationRecorder::builder().name("default").role_arn(role).recording_group(group.build()).build()
}

async fn record(session: &Session, region: &str, recorder: ConfigurationRecorder, bucket: &str) {
    let client = session.config_service(region);
    let request = client.put_configuration_recorder().configuration_recorder(recorder);
    request.send().await.expect("a recorder is made");
    let channel = DeliveryChannel::builder().name("default").s3_bucket_name(bucket).build();
    let request = client.put_delivery_channel().delivery_channel(channel);
    request.send().await.expect("a channel is made");
    let request = client.start_configuration_recorder().configuration_recorder_name("default");
    request.send().await.expect("it records");
}
