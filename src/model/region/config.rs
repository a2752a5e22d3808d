//! AWS Config: recorders, delivery channels, aggregators. From the AWS Config API reference.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, stranger};
use crate::model::flow::{Edge, EdgeKind, LogKind, Start};
use crate::model::observed::required;

/// `RecorderStatus`, as the service writes it.
pub(crate) const RECORDER_STATUS: &[&str] = &["SUCCESS", "PENDING", "FAILURE", "NOT_APPLICABLE"];
/// `RecordingFrequency`.
pub(crate) const FREQUENCIES: &[&str] = &["CONTINUOUS", "DAILY"];
/// `RecordingStrategyType`.
const RECORDING_STRATEGIES: &[&str] =
    &["ALL_SUPPORTED_RESOURCE_TYPES", "INCLUSION_BY_RESOURCE_TYPES", "EXCLUSION_BY_RESOURCE_TYPES"];
/// `DeliveryStatus`, as the service writes it.
const DELIVERY_STATUS: &[&str] = &["SUCCESS", "FAILURE", "NOT_APPLICABLE"];

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

impl Answer for Recorder {
    fn stranger(&self) -> Option<String> {
        let strategy = self.recording_group.strategy.as_ref();
        let strategy = strategy.and_then(|strategy| stranger("useOnly", strategy, RECORDING_STRATEGIES));
        let known = |frequency: &String| stranger("recordingFrequency", frequency, FREQUENCIES);
        let frequency = self.recording_frequency.get().ok().flatten();
        let overrides = self.frequency_overrides.list().unwrap_or_default();
        strategy
            .or_else(|| frequency.and_then(known))
            .or_else(|| overrides.iter().find_map(|it| known(&it.frequency)))
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("config", "DescribeConfigurationRecorderStatus", None);
        settling.fact(&mut self.status, asked, |it| status(&it.last_status, RECORDER_STATUS));
    }
}

impl Answer for DeliveryChannel {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Stores(LogKind::Config), EdgeKind::Encrypts];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let bucket = start.named(EdgeKind::Stores(LogKind::Config), &self.bucket_name);
        bucket.into_iter().chain(start.named(EdgeKind::Encrypts, &self.kms_key_arn)).for_each(found);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let Observed::Known(told) = &mut self.status else { return };
        let asked = ("config", "DescribeDeliveryChannelStatus", None);
        for attempt in [&mut told.history, &mut told.snapshot] {
            settling.fact(attempt, asked, |attempt| status(&attempt.last_status, DELIVERY_STATUS));
        }
    }
}

fn status(status: &Observed<String>, known: &[&str]) -> Option<String> {
    let Observed::Known(status) = status else { return None };
    (!known.contains(&spelt(status).as_str())).then(|| format!("lastStatus {status:?}"))
}

/// A status of Config. The service writes `SUCCESS` and `NOT_APPLICABLE`; its model and documentation have `Success`,
/// `NotApplicable` and `Not_Applicable` (`RecorderStatus` and `DeliveryStatus` of the API reference, read 2026-11-28).
pub(crate) fn spelt(status: &str) -> String {
    match status.to_ascii_uppercase().as_str() {
        "NOTAPPLICABLE" => "NOT_APPLICABLE".to_owned(),
        status => status.to_owned(),
    }
}
