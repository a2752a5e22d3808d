//! The good half: an archive account that keeps the organization's logs as AWS documents it, and the organization
//! trail that fills it.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLoggingStatus, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, LoggingEnabled, ObjectOwnership, Transition,
    TransitionStorageClass,
};
use serde_json::json;

use crate::buckets;
use crate::clients::Session;
use crate::organization::Organization;
use crate::trails::{self, Trail};
use crate::{ARCHIVE_REGION, HOME};

/// Where the organization's logs go.
pub(crate) const ARCHIVE_BUCKET: &str = "example-logs-archive";
/// What the organization trail is called.
pub(crate) const ORGANIZATION_TRAIL: &str = "organization-trail";
/// Where requests to the archive are logged.
const ACCESS_LOG_BUCKET: &str = "example-logs-access";

/// The archive account's number and key, which trails and Config channels elsewhere name.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    /// ARN of the key that encrypts the archive.
    pub(crate) key_arn: String,
}

/// Fills the archive account.
pub(crate) async fn build(organization: &Organization, management: &Session) -> Archive {
    let owner = organization.account("log-archive");
    let session = organization.enter(management, "log-archive").await;
    let key_arn = encryption_key(organization, &session).await;

    let client = session.s3(ARCHIVE_REGION);
    buckets::create(&client, ARCHIVE_REGION, ACCESS_LOG_BUCKET, false).await;
    buckets::protect(&client, ACCESS_LOG_BUCKET).await;
    buckets::encrypt(&client, ACCESS_LOG_BUCKET, None).await;
    buckets::set_policy(&client, ACCESS_LOG_BUCKET, json!([
        {"Sid": "ServerAccessLogs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{ACCESS_LOG_BUCKET}/*"),
         "Condition": {"StringEquals": {"aws:SourceAccount": owner}}},
        buckets::tls_only(ACCESS_LOG_BUCKET, "s3:*"),
    ]))
    .await;

    buckets::create(&client, ARCHIVE_REGION, ARCHIVE_BUCKET, true).await;
    buckets::protect(&client, ARCHIVE_BUCKET).await;
    buckets::encrypt(&client, ARCHIVE_BUCKET, Some(&key_arn)).await;
    buckets::lock_for_a_year(&client, ARCHIVE_BUCKET).await;
    keep_for_seven_years(&client).await;
    buckets::set_policy(&client, ARCHIVE_BUCKET, archive_policy(organization)).await;
    let ownership = aws_sdk_s3::types::OwnershipControlsRule::builder();
    let ownership =
        ownership.object_ownership(ObjectOwnership::BucketOwnerEnforced).build().expect("it is whole");
    let ownership =
        aws_sdk_s3::types::OwnershipControls::builder().rules(ownership).build().expect("it is whole");
    let request = client.put_bucket_ownership_controls().bucket(ARCHIVE_BUCKET).ownership_controls(ownership);
    request.send().await.expect("ownership is set");
    let target = LoggingEnabled::builder().target_bucket(ACCESS_LOG_BUCKET).target_prefix("archive/").build();
    let logging = BucketLoggingStatus::builder().logging_enabled(target.expect("it is whole")).build();
    let request = client.put_bucket_logging().bucket(ARCHIVE_BUCKET).bucket_logging_status(logging);
    request.send().await.expect("access is logged");

    block_public_access(&session, owner).await;
    organization_trail(organization, management, &key_arn).await;
    Archive { key_arn }
}

/// The account-wide settings, which S3 Control takes.
async fn block_public_access(session: &Session, account: &str) {
    let block = aws_sdk_s3control::types::PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build();
    let client = session.s3_control(HOME);
    let request =
        client.put_public_access_block().account_id(account).public_access_block_configuration(block);
    request.send().await.expect("public access is blocked");
}

/// The key of the archive: CloudTrail may encrypt for the organization trail alone, nobody outside may decrypt.
async fn encryption_key(organization: &Organization, session: &Session) -> String {
    let owner = organization.account("log-archive");
    let trail = organization_trail_arn(organization);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Administer", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{owner}:root")},
         "Action": "kms:*", "Resource": "*"},
        {"Sid": "CloudTrailEncrypts", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": trail}}},
    ]});
    let client = session.kms(ARCHIVE_REGION);
    // The emulator says whether a key is a multi-region one only if it was told.
    let key = client
        .create_key()
        .description("organization logs")
        .multi_region(false)
        .policy(policy.to_string())
        .send()
        .await;
    let key = key.expect("a key is made").key_metadata.expect("it is described");
    client.enable_key_rotation().key_id(&key.key_id).send().await.expect("it is rotated");
    key.arn.expect("it has an ARN")
}

async fn keep_for_seven_years(client: &aws_sdk_s3::Client) {
    let rule = LifecycleRule::builder()
        .id("keep-seven-years")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .transitions(Transition::builder().days(90).storage_class(TransitionStorageClass::Glacier).build())
        .expiration(LifecycleExpiration::builder().days(2557).build())
        .abort_incomplete_multipart_upload(
            AbortIncompleteMultipartUpload::builder().days_after_initiation(7).build(),
        )
        .build()
        .expect("it is whole");
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().expect("it is whole");
    let request =
        client.put_bucket_lifecycle_configuration().bucket(ARCHIVE_BUCKET).lifecycle_configuration(rules);
    request.send().await.expect("a lifecycle is set");
}

/// What AWS documents for an organization trail and for Config in many accounts, with TLS demanded of everyone.
fn archive_policy(organization: &Organization) -> serde_json::Value {
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    let objects = format!("{bucket}/*");
    let ours = json!({"StringEquals": {"aws:SourceOrgID": organization.id}});
    let trail = json!({"StringEquals": {
        "aws:SourceArn": organization_trail_arn(organization), "s3:x-amz-acl": "bucket-owner-full-control"}});
    json!([
        {"Sid": "CloudTrailLooks", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "s3:GetBucketAcl", "Resource": bucket,
         "Condition": {"StringEquals": {"aws:SourceArn": organization_trail_arn(organization)}}},
        {"Sid": "CloudTrailWrites", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": objects, "Condition": trail},
        {"Sid": "ConfigLooks", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
         "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": bucket, "Condition": ours},
        {"Sid": "ConfigWrites", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
         "Action": "s3:PutObject", "Resource": objects, "Condition": ours},
        buckets::tls_only(ARCHIVE_BUCKET, "s3:*"),
    ])
}

fn organization_trail_arn(organization: &Organization) -> String {
    format!("arn:aws:cloudtrail:{HOME}:{}:trail/{ORGANIZATION_TRAIL}", organization.account("management"))
}

/// The trail of all accounts, with a log group of its own in the management account.
async fn organization_trail(organization: &Organization, management: &Session, key_arn: &str) {
    let group = "aws-cloudtrail-logs-organization";
    management.logs(HOME).create_log_group().log_group_name(group).send().await.expect("a log group is made");
    let account = organization.account("management");
    let group_arn = format!("arn:aws:logs:{HOME}:{account}:log-group:{group}:*");
    let role_arn = trails::log_group_role(management, &group_arn).await;
    let client = management.cloudtrail(HOME);
    let trail = Trail::new(ORGANIZATION_TRAIL, ARCHIVE_BUCKET).encrypted(key_arn);
    trails::create(&client, &trail, |request| {
        request
            .is_organization_trail(true)
            .cloud_watch_logs_log_group_arn(&group_arn)
            .cloud_watch_logs_role_arn(&role_arn)
    })
    .await;
    let everything = trails::management_events(&[]);
    let archive = format!("arn:aws:s3:::{ARCHIVE_BUCKET}/");
    let objects = trails::selector(
        "archive-objects",
        [
            trails::field("eventCategory").equals("Data"),
            trails::field("resources.type").equals("AWS::S3::Object"),
            trails::field("resources.ARN").starts_with(archive),
        ],
    );
    trails::select(&client, ORGANIZATION_TRAIL, vec![everything, objects]).await;
    trails::watch_rates(&client, ORGANIZATION_TRAIL).await;
    trails::start(&client, ORGANIZATION_TRAIL).await;
}
