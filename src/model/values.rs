//! The values that AWS's enumerations can have, as far as this release knows them: a snapshot's value that is not here
//! makes unknown what holds it, and a rule that compares a fact with another text is refused.
//!
//! From AWS's service models (botocore 1.44.8: the enumerations of `s3`, `kms`, `logs`, `config`, `cloudtrail` and
//! `organizations`, read 2026-11-28), with the words that facts put where AWS says that there is nothing. What answers can
//! hold, `scripts/known-elements` takes from the same models.

/// A default retention's mode.
pub(crate) const LOCK_MODES: &[&str] = &["compliance", "governance", "none"];
/// `BucketVersioningStatus`.
pub(crate) const VERSIONING: &[&str] = &["Enabled", "Suspended", "never enabled"];
/// `ServerSideEncryption`.
pub(crate) const ENCRYPTION: &[&str] =
    &["AES256", "aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup", "none"];
/// `ObjectOwnership`.
pub(crate) const OWNERSHIP: &[&str] = &["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
/// The settings of `PublicAccessBlockConfiguration`.
pub(crate) const PUBLIC_ACCESS_SETTINGS: &[&str] =
    &["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
/// `KeyState`.
pub(crate) const KEY_STATES: &[&str] = &[
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
    "not found",
];
/// `KeySpec`.
pub(crate) const KEY_SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];
/// `StreamStatus` of Kinesis.
pub(crate) const STREAM_STATES: &[&str] = &["CREATING", "DELETING", "ACTIVE", "UPDATING", "not found"];
/// `DeliveryStreamStatus` of Firehose.
pub(crate) const DELIVERY_STREAM_STATES: &[&str] =
    &["CREATING", "CREATING_FAILED", "DELETING", "DELETING_FAILED", "ACTIVE", "not found"];
/// Both: a destination has a stream of either behind it.
pub(crate) const TARGET_STATES: &[&str] =
    &["CREATING", "CREATING_FAILED", "DELETING", "DELETING_FAILED", "ACTIVE", "UPDATING", "not found"];
/// `DeliveryStreamType` of Firehose: what a delivery stream reads from.
pub(crate) const DELIVERY_STREAM_SOURCES: &[&str] =
    &["DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"];
/// `ProcessorType` of Firehose.
pub(crate) const PROCESSORS: &[&str] = &[
    "RecordDeAggregation",
    "Decompression",
    "CloudWatchLogProcessing",
    "Lambda",
    "MetadataExtraction",
    "AppendDelimiterToRecord",
];
/// `DeliveryStreamEncryptionStatus` of Firehose.
pub(crate) const DELIVERY_STREAM_ENCRYPTION: &[&str] =
    &["ENABLED", "ENABLING", "ENABLING_FAILED", "DISABLED", "DISABLING", "DISABLING_FAILED"];
/// `CompressionFormat` of Firehose.
pub(crate) const COMPRESSION: &[&str] = &["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"];
/// `DeliverySourceStatus` of CloudWatch Logs.
pub(crate) const DELIVERY_SOURCE_STATUS: &[&str] = &["ACTIVE", "INACTIVE"];
/// `DeliveryDestinationType` of CloudWatch Logs.
pub(crate) const DELIVERY_DESTINATION_TYPES: &[&str] = &["S3", "CWL", "FH", "XRAY"];
/// `LogGroupClass`.
pub(crate) const LOG_CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];
/// `RecorderStatus`, as the service writes it.
pub(crate) const RECORDER_STATUS: &[&str] = &["SUCCESS", "PENDING", "FAILURE", "NOT_APPLICABLE"];
/// `RecordingFrequency`.
pub(crate) const FREQUENCIES: &[&str] = &["CONTINUOUS", "DAILY"];
/// `InsightType`.
pub(crate) const INSIGHTS: &[&str] = &["ApiCallRateInsight", "ApiErrorRateInsight"];
/// To whom an action is open.
pub(crate) const OPENNESS: &[&str] = &["none", "administrators", "anyone", "not asked"];
/// The kinds of policies that rules are about.
pub(crate) const POLICY_KINDS: &[&str] = &["service control policy", "resource control policy"];
/// `EventDataStoreStatus`.
pub(crate) const EVENT_DATA_STORE_STATUS: &[&str] = &[
    "CREATED",
    "ENABLED",
    "PENDING_DELETION",
    "STARTING_INGESTION",
    "STOPPING_INGESTION",
    "STOPPED_INGESTION",
];
/// `ReadWriteType`.
pub(crate) const READ_WRITE_TYPES: &[&str] = &["All", "ReadOnly", "WriteOnly"];
/// Categories of events that a trail can record (`AdvancedFieldSelector` of the CloudTrail API reference).
pub(crate) const EVENT_CATEGORIES: &[&str] = &["Management", "Data", "NetworkActivity"];
/// `RecordingStrategyType`.
pub(crate) const RECORDING_STRATEGIES: &[&str] =
    &["ALL_SUPPORTED_RESOURCE_TYPES", "INCLUSION_BY_RESOURCE_TYPES", "EXCLUSION_BY_RESOURCE_TYPES"];
/// `DeliveryStatus`, as the service writes it.
pub(crate) const DELIVERY_STATUS: &[&str] = &["SUCCESS", "FAILURE", "NOT_APPLICABLE"];
/// `Permission` of a bucket's access control list.
pub(crate) const ACL_PERMISSIONS: &[&str] = &["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"];
/// `Type` of a `Grantee`.
pub(crate) const GRANTEE_KINDS: &[&str] = &["CanonicalUser", "AmazonCustomerByEmail", "Group"];
/// Everyone, with or without credentials ("Access control list (ACL) overview" of the S3 user guide,
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>, read 2026-11-28, as the next two).
pub(crate) const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
/// Every AWS customer.
pub(crate) const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
/// S3's own delivery of server access logs.
pub(crate) const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// `TransitionStorageClass`.
pub(crate) const TRANSITION_CLASSES: &[&str] =
    &["GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"];
/// `PolicyType`.
pub(crate) const POLICY_TYPES: &[&str] = &[
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "SECURITYHUB_CSPM_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
];
/// `GrantOperation`.
pub(crate) const GRANT_OPERATIONS: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
];

/// A status of Config. The service writes `SUCCESS` and `NOT_APPLICABLE`; its model and documentation have `Success`,
/// `NotApplicable` and `Not_Applicable` (`RecorderStatus` and `DeliveryStatus` of the API reference, read 2026-11-28).
pub(crate) fn spelt(status: &str) -> String {
    match status.to_ascii_uppercase().as_str() {
        "NOTAPPLICABLE" => "NOT_APPLICABLE".to_owned(),
        status => status.to_owned(),
    }
}
