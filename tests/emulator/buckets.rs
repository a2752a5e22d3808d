//! The settings of a bucket, one function each.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, DefaultRetention,
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
};
use serde_json::{Value, json};

/// Makes a bucket, without any of what AWS would set by itself: the emulator does not.
pub(crate) async fn create(client: &Client, region: &str, name: &str, lockable: bool) {
    // `us-east-1` is no location constraint.
    let place = (region != "us-east-1").then(|| {
        CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(region))
            .build()
    });
    let request = client.create_bucket().bucket(name).set_create_bucket_configuration(place);
    request.object_lock_enabled_for_bucket(lockable).send().await.expect("a bucket is made");
}

/// Versions, and no public access.
pub(crate) async fn protect(client: &Client, name: &str) {
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let request = client.put_bucket_versioning().bucket(name).versioning_configuration(versioning);
    request.send().await.expect("versions are kept");
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .build();
    let request = client.put_public_access_block().bucket(name).public_access_block_configuration(block);
    request.send().await.expect("public access is blocked");
}

/// Default encryption, with this key or with S3's own.
pub(crate) async fn encrypt(client: &Client, name: &str, key_arn: Option<&str>) {
    let algorithm = match key_arn {
        Some(_) => ServerSideEncryption::AwsKms,
        None => ServerSideEncryption::Aes256,
    };
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(algorithm)
        .set_kms_master_key_id(key_arn.map(str::to_owned))
        .build()
        .expect("it is whole");
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default);
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule.bucket_key_enabled(true).build());
    let request = client.put_bucket_encryption().bucket(name);
    let request = request.server_side_encryption_configuration(rules.build().expect("it is whole"));
    request.send().await.expect("encryption is set");
}

/// Nobody at all can delete for a year.
pub(crate) async fn lock_for_a_year(client: &Client, name: &str) {
    let retention = DefaultRetention::builder().mode(ObjectLockRetentionMode::Compliance).days(365).build();
    let rule = ObjectLockRule::builder().default_retention(retention).build();
    let lock =
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule).build();
    let request = client.put_object_lock_configuration().bucket(name).object_lock_configuration(lock);
    request.send().await.expect("objects are locked");
}

/// Sets a bucket's policy.
pub(crate) async fn set_policy(client: &Client, name: &str, statements: Value) {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    client.put_bucket_policy().bucket(name).policy(policy.to_string()).send().await.expect("a policy is set");
}

/// A statement that denies this action without TLS: all of them, or too few.
pub(crate) fn tls_only(name: &str, action: &str) -> Value {
    json!({"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": action,
        "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}
