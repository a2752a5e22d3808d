//! AWS Config: recorders, delivery channels, aggregators. From the AWS Config API reference.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Observed;
use super::observed::required;

/// A configuration recorder. AWS names them all `default`: the account and region tell them apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorder {
    /// Its name.
    pub name: String,
    /// The role that it reads with.
    #[serde(deserialize_with = "required")]
    pub role_arn: Option<String>,
    /// Which resource types it records.
    pub recording_group: RecordingGroup,
    /// `CONTINUOUS` or `DAILY`; `Absent` where AWS does not say, which is continuous.
    pub recording_frequency: Observed<String>,
    /// Types that are recorded at a frequency of their own (`recordingModeOverrides`).
    pub frequency_overrides: Observed<Vec<FrequencyOverride>>,
    /// The AWS service that made it, for service-linked recorders, which record for that service alone.
    #[serde(deserialize_with = "required")]
    pub service_principal: Option<String>,
    /// Whether it records; `Absent` where AWS lists no status for it.
    pub status: Observed<RecorderStatus>,
}

/// Which resource types a recorder records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingGroup {
    /// Every supported type of this region.
    pub all_supported: bool,
    /// Types of global resources too.
    pub include_global_resource_types: bool,
    /// `ALL_SUPPORTED_RESOURCE_TYPES`, `INCLUSION_BY_RESOURCE_TYPES`, `EXCLUSION_BY_RESOURCE_TYPES`, where given.
    #[serde(deserialize_with = "required")]
    pub strategy: Option<String>,
    /// Types named, where not all are recorded.
    pub resource_types: Vec<String>,
    /// Types left out.
    pub excluded_resource_types: Vec<String>,
}

/// A frequency that some types have instead of the recorder's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrequencyOverride {
    /// `CONTINUOUS` or `DAILY`.
    pub frequency: String,
    /// The types.
    pub resource_types: Vec<String>,
}

/// A recorder's status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderStatus {
    /// It is recording.
    pub recording: bool,
    /// `SUCCESS`, `PENDING`, `FAILURE`, `NOT_APPLICABLE`; `Absent` before the first event.
    pub last_status: Observed<String>,
    /// The last error's code and message.
    pub last_error: Observed<String>,
}

/// A delivery channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChannel {
    /// Its name.
    pub name: String,
    /// The bucket that it delivers to.
    pub bucket_name: Observed<String>,
    /// The prefix of its objects.
    pub key_prefix: Observed<String>,
    /// The key that encrypts what it delivers.
    pub kms_key_arn: Observed<String>,
    /// How deliveries went; `Absent` where AWS lists no status for it.
    pub status: Observed<DeliveryChannelStatus>,
}

/// How a delivery channel's deliveries went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryChannelStatus {
    /// Configuration snapshots to the bucket.
    pub snapshot: Observed<DeliveryAttempt>,
    /// Configuration history to the bucket.
    pub history: Observed<DeliveryAttempt>,
}

/// One kind of delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    /// `SUCCESS`, `FAILURE`, `NOT_APPLICABLE`.
    pub last_status: Observed<String>,
    /// The last error's code and message.
    pub last_error: Observed<String>,
    /// The last delivery that succeeded.
    pub last_success: Observed<DateTime<Utc>>,
}

/// A configuration aggregator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregator {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// It aggregates the whole organization.
    pub organization: bool,
    /// Every region, those that AWS opens later too.
    pub all_regions: bool,
    /// Regions named, where not all are aggregated.
    pub regions: Vec<String>,
    /// Accounts named, where it does not aggregate the organization.
    pub account_ids: Vec<String>,
}
