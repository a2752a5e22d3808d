//! Every API call that collecting makes, one row each. What is not here cannot be called: see [`super::guard`].
//!
//! From this table follow the session policy and the audit role's policy ([`super::permissions`]), the token buckets
//! ([`super::call`]) and the permission list of the documentation. IAM actions follow the Service Authorization
//! Reference; rates stay at or under each service's documented quota.

use serde::Serialize;

use super::failure::Failure;

/// Whom a call is made for, and so how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalledFor {
    /// Once, with the caller's own credentials.
    Caller,
    /// For the organization, with the caller's own credentials.
    Organization,
    /// Once, by the management account or an account that administers the service for the organization.
    Administrator,
    /// Once for each account.
    Account,
    /// For each trail.
    Trail,
    /// For each event data store of CloudTrail Lake.
    EventDataStore,
    /// For each role that delivers to a log group.
    Role,
    /// In each region of each account.
    Region,
    /// In each region that has a recorder.
    RecordingRegion,
    /// In each region that has log groups.
    LoggingRegion,
    /// For each log group that must be centralized.
    LogGroup,
    /// For each bucket that receives logs.
    Bucket,
    /// For each key that encrypts logs.
    Key,
    /// For each stream that log events go to.
    Stream,
    /// For each delivery destination that vended logs go to.
    DeliveryDestination,
}

/// An API call.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The service as in IAM action names.
    pub service: &'static str,
    /// The operation as in the service's API reference.
    pub operation: &'static str,
    /// The IAM actions that it needs, besides those of the service itself.
    pub actions: &'static [&'static str],
    /// Whom it is made for.
    pub called_for: CalledFor,
    /// Calls per second in one region of one account.
    pub per_second: u32,
    /// Error codes that mean that what was asked for does not exist.
    #[serde(skip)]
    pub(crate) absent: &'static [&'static str],
    /// The service as the SDK names it.
    #[serde(skip)]
    pub(crate) sdk_service: &'static str,
}

macro_rules! calls {
    ($(#[$doc:meta])* $table:ident: $($name:ident = $sdk:literal $service:literal $operation:literal [$($action:literal),*] $called_for:ident $rate:literal
        [$($absent:literal),*];)*) => {
        $(pub(crate) static $name: Call = Call {
            service: $service,
            operation: $operation,
            actions: &[$($action),*],
            called_for: CalledFor::$called_for,
            per_second: $rate,
            absent: &[$($absent),*],
            sdk_service: $sdk,
        };)*
        $(#[$doc])*
        pub static $table: &[&Call] = &[$(&$name),*];
    };
}

// SDK service, IAM service, operation, IAM actions, scope, calls per second, codes for "there is none".
calls! {
    /// All rows of a scan, by service and scope.
    TABLE:
    GET_CALLER_IDENTITY = "STS" "sts" "GetCallerIdentity" [] Caller 10 [];
    GET_SESSION_TOKEN = "STS" "sts" "GetSessionToken" [] Caller 1 [];
    ASSUME_ROLE = "STS" "sts" "AssumeRole" ["sts:AssumeRole"] Caller 50 [];

    DESCRIBE_ORGANIZATION = "Organizations" "organizations" "DescribeOrganization"
        ["organizations:DescribeOrganization"] Organization 5 ["AWSOrganizationsNotInUseException"];
    LIST_ROOTS = "Organizations" "organizations" "ListRoots" ["organizations:ListRoots"] Organization 3 [];
    LIST_UNITS = "Organizations" "organizations" "ListOrganizationalUnitsForParent"
        ["organizations:ListOrganizationalUnitsForParent"] Organization 8 [];
    LIST_ACCOUNTS_FOR_PARENT = "Organizations" "organizations" "ListAccountsForParent"
        ["organizations:ListAccountsForParent"] Organization 8 [];
    LIST_ACCOUNTS = "Organizations" "organizations" "ListAccounts" ["organizations:ListAccounts"] Organization 8 [];
    LIST_TAGS = "Organizations" "organizations" "ListTagsForResource"
        ["organizations:ListTagsForResource"] Organization 8 [];
    LIST_POLICIES = "Organizations" "organizations" "ListPolicies" ["organizations:ListPolicies"] Organization 5 [];
    DESCRIBE_POLICY = "Organizations" "organizations" "DescribePolicy"
        ["organizations:DescribePolicy"] Organization 5 [];
    LIST_TARGETS_FOR_POLICY = "Organizations" "organizations" "ListTargetsForPolicy"
        ["organizations:ListTargetsForPolicy"] Organization 8 [];
    LIST_SERVICE_ACCESS = "Organizations" "organizations" "ListAWSServiceAccessForOrganization"
        ["organizations:ListAWSServiceAccessForOrganization"] Organization 5 [];
    LIST_DELEGATED_ADMINISTRATORS = "Organizations" "organizations" "ListDelegatedAdministrators"
        ["organizations:ListDelegatedAdministrators"] Organization 5 [];
    LIST_DELEGATED_SERVICES = "Organizations" "organizations" "ListDelegatedServicesForAccount"
        ["organizations:ListDelegatedServicesForAccount"] Organization 5 [];

    LIST_REGIONS = "Account" "account" "ListRegions" ["account:ListRegions"] Account 5 [];
    LIST_BUCKETS = "S3" "s3" "ListBuckets" ["s3:ListAllMyBuckets"] Account 10 [];
    GET_ACCOUNT_PUBLIC_ACCESS_BLOCK = "S3 Control" "s3" "GetPublicAccessBlock"
        ["s3:GetAccountPublicAccessBlock"] Account 10 ["NoSuchPublicAccessBlockConfiguration"];

    DESCRIBE_TRAILS = "CloudTrail" "cloudtrail" "DescribeTrails" ["cloudtrail:DescribeTrails"] Region 10 [];
    GET_TRAIL_STATUS = "CloudTrail" "cloudtrail" "GetTrailStatus" ["cloudtrail:GetTrailStatus"] Trail 10 [];
    GET_EVENT_SELECTORS = "CloudTrail" "cloudtrail" "GetEventSelectors"
        ["cloudtrail:GetEventSelectors"] Trail 5 [];
    GET_INSIGHT_SELECTORS = "CloudTrail" "cloudtrail" "GetInsightSelectors"
        ["cloudtrail:GetInsightSelectors"] Trail 5 ["InsightNotEnabledException"];

    LIST_EVENT_DATA_STORES = "CloudTrail" "cloudtrail" "ListEventDataStores"
        ["cloudtrail:ListEventDataStores"] Region 5 [];
    GET_EVENT_DATA_STORE = "CloudTrail" "cloudtrail" "GetEventDataStore"
        ["cloudtrail:GetEventDataStore"] EventDataStore 5 ["EventDataStoreNotFoundException"];

    GET_ROLE = "IAM" "iam" "GetRole" ["iam:GetRole"] Role 10 ["NoSuchEntity"];
    LIST_ROLE_POLICIES = "IAM" "iam" "ListRolePolicies" ["iam:ListRolePolicies"] Role 10 ["NoSuchEntity"];
    GET_ROLE_POLICY = "IAM" "iam" "GetRolePolicy" ["iam:GetRolePolicy"] Role 10 [];
    LIST_ATTACHED_ROLE_POLICIES = "IAM" "iam" "ListAttachedRolePolicies"
        ["iam:ListAttachedRolePolicies"] Role 10 ["NoSuchEntity"];
    GET_POLICY = "IAM" "iam" "GetPolicy" ["iam:GetPolicy"] Role 10 [];
    GET_POLICY_VERSION = "IAM" "iam" "GetPolicyVersion" ["iam:GetPolicyVersion"] Role 10 [];

    DESCRIBE_RECORDERS = "Config Service" "config" "DescribeConfigurationRecorders"
        ["config:DescribeConfigurationRecorders"] Region 5 [];
    DESCRIBE_RECORDER_STATUS = "Config Service" "config" "DescribeConfigurationRecorderStatus"
        ["config:DescribeConfigurationRecorderStatus"] RecordingRegion 5 [];
    DESCRIBE_DELIVERY_CHANNELS = "Config Service" "config" "DescribeDeliveryChannels"
        ["config:DescribeDeliveryChannels"] RecordingRegion 5 [];
    DESCRIBE_DELIVERY_CHANNEL_STATUS = "Config Service" "config" "DescribeDeliveryChannelStatus"
        ["config:DescribeDeliveryChannelStatus"] RecordingRegion 5 [];
    DESCRIBE_RETENTION = "Config Service" "config" "DescribeRetentionConfigurations"
        ["config:DescribeRetentionConfigurations"] RecordingRegion 5 [];
    DESCRIBE_AGGREGATORS = "Config Service" "config" "DescribeConfigurationAggregators"
        ["config:DescribeConfigurationAggregators"] Region 5 [];

    LIST_CENTRALIZATION_RULES = "ObservabilityAdmin" "observabilityadmin" "ListCentralizationRulesForOrganization"
        ["observabilityadmin:ListCentralizationRulesForOrganization"] Administrator 2 [];
    GET_CENTRALIZATION_RULE = "ObservabilityAdmin" "observabilityadmin" "GetCentralizationRuleForOrganization"
        ["observabilityadmin:GetCentralizationRuleForOrganization"] Administrator 2 ["ResourceNotFoundException"];

    DESCRIBE_LOG_GROUPS = "CloudWatch Logs" "logs" "DescribeLogGroups" ["logs:DescribeLogGroups"] Region 10 [];
    DESCRIBE_ACCOUNT_POLICIES = "CloudWatch Logs" "logs" "DescribeAccountPolicies"
        ["logs:DescribeAccountPolicies"] LoggingRegion 5 ["ResourceNotFoundException"];
    DESCRIBE_DESTINATIONS = "CloudWatch Logs" "logs" "DescribeDestinations" ["logs:DescribeDestinations"] Region 5 [];
    DESCRIBE_RESOURCE_POLICIES = "CloudWatch Logs" "logs" "DescribeResourcePolicies"
        ["logs:DescribeResourcePolicies"] LoggingRegion 5 [];
    DESCRIBE_SUBSCRIPTION_FILTERS = "CloudWatch Logs" "logs" "DescribeSubscriptionFilters"
        ["logs:DescribeSubscriptionFilters"] LogGroup 5 ["ResourceNotFoundException"];
    DESCRIBE_DELIVERY_SOURCES = "CloudWatch Logs" "logs" "DescribeDeliverySources"
        ["logs:DescribeDeliverySources"] Region 5 [];
    DESCRIBE_DELIVERIES = "CloudWatch Logs" "logs" "DescribeDeliveries" ["logs:DescribeDeliveries"] Region 5 [];
    GET_DELIVERY_DESTINATION = "CloudWatch Logs" "logs" "GetDeliveryDestination"
        ["logs:GetDeliveryDestination"] DeliveryDestination 5 ["ResourceNotFoundException"];

    GET_BUCKET_LOCATION = "S3" "s3" "GetBucketLocation" ["s3:GetBucketLocation"] Bucket 50 [];
    GET_BUCKET_VERSIONING = "S3" "s3" "GetBucketVersioning" ["s3:GetBucketVersioning"] Bucket 50 [];
    GET_OBJECT_LOCK = "S3" "s3" "GetObjectLockConfiguration" ["s3:GetBucketObjectLockConfiguration"] Bucket 50
        ["ObjectLockConfigurationNotFoundError"];
    GET_BUCKET_LIFECYCLE = "S3" "s3" "GetBucketLifecycleConfiguration" ["s3:GetLifecycleConfiguration"] Bucket 50
        ["NoSuchLifecycleConfiguration"];
    GET_BUCKET_POLICY = "S3" "s3" "GetBucketPolicy" ["s3:GetBucketPolicy"] Bucket 50 ["NoSuchBucketPolicy"];
    GET_BUCKET_ACL = "S3" "s3" "GetBucketAcl" ["s3:GetBucketAcl"] Bucket 50 [];
    GET_BUCKET_OWNERSHIP = "S3" "s3" "GetBucketOwnershipControls" ["s3:GetBucketOwnershipControls"] Bucket 50
        ["OwnershipControlsNotFoundError"];
    GET_BUCKET_PUBLIC_ACCESS_BLOCK = "S3" "s3" "GetPublicAccessBlock" ["s3:GetBucketPublicAccessBlock"] Bucket 50
        ["NoSuchPublicAccessBlockConfiguration"];
    GET_BUCKET_ENCRYPTION = "S3" "s3" "GetBucketEncryption" ["s3:GetEncryptionConfiguration"] Bucket 50
        ["ServerSideEncryptionConfigurationNotFoundError"];
    GET_BUCKET_LOGGING = "S3" "s3" "GetBucketLogging" ["s3:GetBucketLogging"] Bucket 50 [];
    GET_BUCKET_REPLICATION = "S3" "s3" "GetBucketReplication" ["s3:GetReplicationConfiguration"] Bucket 50
        ["ReplicationConfigurationNotFoundError"];

    DESCRIBE_STREAM_SUMMARY = "Kinesis" "kinesis" "DescribeStreamSummary"
        ["kinesis:DescribeStreamSummary"] Stream 10 ["ResourceNotFoundException"];
    LIST_DELIVERY_STREAMS = "Firehose" "firehose" "ListDeliveryStreams"
        ["firehose:ListDeliveryStreams"] Stream 5 [];
    DESCRIBE_DELIVERY_STREAM = "Firehose" "firehose" "DescribeDeliveryStream"
        ["firehose:DescribeDeliveryStream"] Stream 5 ["ResourceNotFoundException"];

    DESCRIBE_KEY = "KMS" "kms" "DescribeKey" ["kms:DescribeKey"] Key 50 ["NotFoundException"];
    GET_KEY_ROTATION = "KMS" "kms" "GetKeyRotationStatus" ["kms:GetKeyRotationStatus"] Key 50
        ["UnsupportedOperationException", "NotFoundException"];
    GET_KEY_POLICY = "KMS" "kms" "GetKeyPolicy" ["kms:GetKeyPolicy"] Key 50 ["NotFoundException"];
    LIST_GRANTS = "KMS" "kms" "ListGrants" ["kms:ListGrants"] Key 50 ["NotFoundException"];
}

// What reading the archive needs besides: a scan makes none of these calls.
calls! {
    /// The rows that only `verify-logs` adds.
    ARCHIVE_TABLE:
    LIST_PUBLIC_KEYS = "CloudTrail" "cloudtrail" "ListPublicKeys" ["cloudtrail:ListPublicKeys"] Caller 10 [];
    LIST_OBJECTS = "S3" "s3" "ListObjectsV2" ["s3:ListBucket"] Bucket 1000 [];
    GET_OBJECT = "S3" "s3" "GetObject" ["s3:GetObject", "kms:Decrypt"] Bucket 5000 [];
}

impl Call {
    /// A failure says that what was asked for does not exist: by code, by the status that belongs to it, and of the very
    /// bucket. S3 and IAM say so with 404; services with JSON mostly with 400.
    pub(crate) fn is_absence(&self, resource: Option<&str>, failure: &Failure) -> bool {
        let is_told = failure.code.as_deref().is_some_and(|code| self.absent.contains(&code));
        let is_status = match failure.status {
            Some(404) => true,
            Some(400) => !matches!(self.service, "s3" | "iam"),
            _ => false,
        };
        let is_other = failure.bucket.is_some() && failure.bucket.as_deref() != resource;
        is_told && is_status && !is_other
    }

    /// AWS counts it for the caller, whatever account it is about: all of a run share its rate. Sessions ask for
    /// themselves who they are.
    pub(crate) fn counts_for_caller(&self) -> bool {
        self.called_for == CalledFor::Organization || std::ptr::eq(self, &raw const ASSUME_ROLE)
    }

    /// The audit role of an account makes it, not the caller.
    pub fn is_made_in_accounts(&self) -> bool {
        !matches!(self.called_for, CalledFor::Caller | CalledFor::Organization)
    }
}

#[cfg(test)]
mod tests {
    use super::super::failure::Retry;
    use super::*;
    use crate::model::GapReason;

    #[test]
    fn only_the_right_status_for_the_right_bucket_says_that_there_is_none() {
        let failure = |code: &str, status, bucket: Option<&str>| Failure {
            code: Some(code.to_owned()),
            status: Some(status),
            bucket: bucket.map(str::to_owned),
            ..Failure::new(GapReason::Other, Retry::Never, "")
        };
        let is_absence = |call: &Call, code: &str, status, bucket| {
            call.is_absence(Some("logs"), &failure(code, status, bucket))
        };
        let none = "NoSuchBucketPolicy";
        assert!(is_absence(&GET_BUCKET_POLICY, none, 404, Some("logs")));
        assert!(is_absence(&GET_BUCKET_POLICY, none, 404, None));
        assert!(!is_absence(&GET_BUCKET_POLICY, none, 404, Some("logs-of-another")));
        assert!(!is_absence(&GET_BUCKET_LIFECYCLE, none, 404, Some("logs")));
        for status in [200, 301, 400, 403, 500, 503] {
            assert!(!is_absence(&GET_BUCKET_POLICY, none, status, Some("logs")), "{status}");
        }
        assert!(is_absence(&DESCRIBE_KEY, "NotFoundException", 400, None));
        assert!(!is_absence(&DESCRIBE_KEY, "NotFoundException", 500, None));
        assert!(!is_absence(&GET_ROLE, "NoSuchEntity", 400, None));
    }

    #[test]
    fn the_calls_that_name_log_buckets_are_made() {
        for kind in crate::model::LogKind::ALL {
            let named_by = kind.named_by();
            let is_it = |call: &&Call| (call.service, call.operation) == named_by;
            assert!(TABLE.iter().copied().any(|call| is_it(&call)), "{named_by:?}");
        }
    }
}
