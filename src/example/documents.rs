//! The policy documents of the examples, shaped as AWS's guides recommend them.

use serde_json::{Value, json};

use super::{ARCHIVE, ARCHIVE_BUCKET, CONFIG_BUCKET, HOME_REGION, MANAGEMENT, ORGANIZATION_ID, SECURITY};

/// The log group that the organization trail delivers to.
pub(super) const TRAIL_LOG_GROUP: &str = "/aws/cloudtrail/organization";

/// The organization trail's ARN.
pub(super) fn organization_trail() -> String {
    format!("arn:aws:cloudtrail:{HOME_REGION}:{MANAGEMENT}:trail/organization-trail")
}

/// The key in the archive account that encrypts the archive.
pub(super) fn archive_key() -> String {
    format!("arn:aws:kms:{HOME_REGION}:{ARCHIVE}:key/0a1b2c3d-1111-4222-8333-444455556666")
}

fn tls_only(bucket: &str) -> Value {
    json!({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    })
}

fn security_reads(bucket: &str) -> Value {
    json!({
        "Sid": "SecurityReads",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{SECURITY}:role/log-analyst")},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")]
    })
}

/// The policy of the bucket of configuration history: Config writes for this organization, the security account reads.
pub(super) fn config_bucket_policy() -> String {
    let bucket = format!("arn:aws:s3:::{CONFIG_BUCKET}");
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ConfigWrite",
                "Effect": "Allow",
                "Principal": {"Service": "config.amazonaws.com"},
                "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"],
                "Resource": [bucket, format!("{bucket}/*")],
                "Condition": {"StringEquals": {"aws:SourceOrgID": ORGANIZATION_ID}}
            },
            security_reads(CONFIG_BUCKET),
            tls_only(CONFIG_BUCKET)
        ]
    })
    .to_string()
}

/// The policy of the archive bucket: CloudTrail writes for this organization, the security account reads.
pub(super) fn archive_bucket_policy() -> String {
    let bucket = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
    let objects = format!("{bucket}/*");
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "CloudTrailAcl",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:GetBucketAcl",
                "Resource": bucket,
                "Condition": {"StringEquals": {"aws:SourceArn": organization_trail()}}
            },
            {
                "Sid": "CloudTrailWrite",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {"StringEquals": {
                    "aws:SourceArn": organization_trail(),
                    "s3:x-amz-acl": "bucket-owner-full-control"
                }}
            },
            security_reads(ARCHIVE_BUCKET),
            {
                "Sid": "ReplicateFromOrganization",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"],
                "Resource": format!("{bucket}/AWSLogs/${{aws:PrincipalAccount}}/*"),
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
            },
            tls_only(ARCHIVE_BUCKET)
        ]
    })
    .to_string()
}

/// The policy of a bucket that receives server access logs of the archive.
pub(super) fn access_log_bucket_policy(bucket: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccessLogs",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": format!("arn:aws:s3:::{bucket}/*"),
                "Condition": {"StringEquals": {"aws:SourceAccount": ARCHIVE}}
            },
            tls_only(bucket)
        ]
    })
    .to_string()
}

/// The policy of a replica: only replication writes, and the security account reads.
pub(super) fn replica_bucket_policy(bucket: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReplicateFromArchive",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:role/log-replication")},
                "Action": ["s3:ReplicateObject", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"],
                "Resource": format!("arn:aws:s3:::{bucket}/*")
            },
            tls_only(bucket)
        ]
    })
    .to_string()
}

/// The policy of the archive's key: the archive's administrators administer, CloudTrail encrypts for the organization
/// trail alone, the security account decrypts.
pub(super) fn archive_key_policy() -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Administer",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:role/key-administrator")},
                "Action": [
                    "kms:Describe*", "kms:Get*", "kms:List*", "kms:Enable*", "kms:PutKeyPolicy", "kms:Disable*",
                    "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:TagResource", "kms:UpdateKeyDescription"
                ],
                "Resource": "*"
            },
            {
                "Sid": "CloudTrailEncrypts",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceArn": organization_trail()}}
            },
            {
                "Sid": "ConfigEncrypts",
                "Effect": "Allow",
                "Principal": {"Service": "config.amazonaws.com"},
                "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceOrgID": ORGANIZATION_ID}}
            },
            {
                "Sid": "SecurityDecrypts",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{SECURITY}:role/log-analyst")},
                "Action": "kms:Decrypt",
                "Resource": "*"
            }
        ]
    })
    .to_string()
}

/// The access policy of a central CloudWatch Logs destination.
pub(super) fn destination_policy(arn: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "OrganizationSubscribes",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"],
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}
        }]
    })
    .to_string()
}

/// The trust policy of the organization trail's CloudWatch Logs role.
pub(super) fn trail_role_trust() -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole"
        }]
    })
    .to_string()
}

/// The policy of the organization trail's CloudWatch Logs role.
pub(super) fn trail_role_policy(log_group_arn: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("{log_group_arn}:log-stream:*")
        }]
    })
    .to_string()
}

/// The resource policy that AWS makes where its services deliver logs to log groups.
pub(super) fn log_delivery(account: &str, region: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AWSLogDeliveryWrite1",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("arn:aws:logs:{region}:{account}:log-group:/aws/vendedlogs/*:log-stream:*"),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": [account]},
                "ArnLike": {"aws:SourceArn": [format!("arn:aws:logs:{region}:{account}:*")]}
            }
        }]
    })
    .to_string()
}

/// A resource policy as guides to DNS query logs have it: it lets Route 53 write for anyone.
pub(super) fn open_log_policy(account: &str, region: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Route53LogsToCloudWatchLogs",
            "Effect": "Allow",
            "Principal": {"Service": "route53.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("arn:aws:logs:{region}:{account}:log-group:/aws/route53/*")
        }]
    })
    .to_string()
}
