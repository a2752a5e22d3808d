//! CloudTrail trails. From the CloudTrail API reference: `DescribeTrails`, `GetTrailStatus`, `GetEventSelectors`,
//! `GetInsightSelectors`.

use chrono::{DateTime, Utc};
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};

use super::Observed;
use super::answer::{Answer, Settling, stranger};
use super::flow::{Edge, EdgeKind, LogKind, Start, without_streams};
use super::observed::{required, switch};

/// `InsightType`.
pub(crate) const INSIGHTS: &[&str] = &["ApiCallRateInsight", "ApiErrorRateInsight"];
/// `ReadWriteType`.
const READ_WRITE_TYPES: &[&str] = &["All", "ReadOnly", "WriteOnly"];
/// Categories of events that a trail can record (`AdvancedFieldSelector` of the CloudTrail API reference).
const EVENT_CATEGORIES: &[&str] = &["Management", "Data", "NetworkActivity"];

/// A trail, seen from the account that owns it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// Its ARN; the account in it is the owner.
    pub arn: String,
    /// The region in which it was made.
    pub home_region: String,
    /// Its settings.
    pub settings: Observed<TrailSettings>,
    /// Whether it logs, and how delivery goes.
    pub status: Observed<TrailStatus>,
    /// Which events it records.
    pub event_selectors: Observed<EventSelectors>,
    /// Insight types that are on for management events; `Absent` where Insights is not enabled. Earlier releases did not
    /// tell those from types that are on for data events alone, under another name.
    #[serde(rename = "management_insight_types")]
    pub insight_types: Observed<Vec<String>>,
    /// The role that writes to the log group; `Absent` where the trail names none.
    pub log_group_role: Observed<Role>,
}

/// A trail that another account owns, as a member account's `DescribeTrails` shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrailReference {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its home region.
    pub home_region: String,
}

/// The settings of a trail. A switch that an answer leaves out is unavailable, and the rest stays known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailSettings {
    /// The bucket that it delivers to.
    pub bucket_name: String,
    /// The prefix of its objects.
    pub key_prefix: Observed<String>,
    /// It records events of global services.
    #[serde(deserialize_with = "switch", default)]
    pub include_global_service_events: Observed<bool>,
    /// It records in every enabled region.
    #[serde(deserialize_with = "switch", default)]
    pub multi_region: Observed<bool>,
    /// It records for every account of the organization.
    #[serde(deserialize_with = "switch", default)]
    pub organization_trail: Observed<bool>,
    /// It writes signed digest files.
    #[serde(deserialize_with = "switch", default)]
    pub log_file_validation: Observed<bool>,
    /// The key that encrypts its log files.
    pub kms_key_id: Observed<String>,
    /// The log group that it delivers to.
    pub log_group_arn: Observed<String>,
    /// The role that delivers to the log group.
    pub log_group_role_arn: Observed<String>,
    /// The topic that announces deliveries.
    pub sns_topic_arn: Observed<String>,
}

/// How a trail's logging and delivery go. Times are AWS's; `Absent` is never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// It is recording.
    pub is_logging: bool,
    /// Last delivery of a log file.
    pub latest_delivery_time: Observed<DateTime<Utc>>,
    /// S3's error at the last attempt.
    pub latest_delivery_error: Observed<String>,
    /// Last delivery of a digest file.
    pub latest_digest_delivery_time: Observed<DateTime<Utc>>,
    /// S3's error at the last attempt to deliver a digest.
    pub latest_digest_delivery_error: Observed<String>,
    /// Last delivery to the log group.
    pub latest_log_group_delivery_time: Observed<DateTime<Utc>>,
    /// The last error of delivery to the log group.
    pub latest_log_group_delivery_error: Observed<String>,
}

/// Which events a trail records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventSelectors {
    /// Basic event selectors.
    Basic(Vec<BasicSelector>),
    /// Advanced event selectors.
    Advanced(Vec<AdvancedSelector>),
}

/// A basic event selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write_type: String,
    /// Management events are recorded.
    pub include_management_events: bool,
    /// Sources left out, such as `kms.amazonaws.com`.
    pub excluded_management_event_sources: Vec<String>,
    /// Data events.
    pub data_resources: Vec<DataResource>,
}

/// The data events of a basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// `AWS::S3::Object`.
    pub resource_type: String,
    /// ARNs or ARN prefixes; `arn:aws:s3` is every bucket.
    pub values: Vec<String>,
}

/// An advanced event selector: all of its field selectors must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// Its name, if it has one.
    #[serde(deserialize_with = "required")]
    pub name: Option<String>,
    /// Its conditions.
    #[serde(deserialize_with = "with_conditions")]
    pub field_selectors: Vec<FieldSelector>,
}

/// Lists of [`FieldSelector`] that are empty are not written; where all are missing, a condition is.
fn with_conditions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FieldSelector>, D::Error> {
    let selectors: Vec<FieldSelector> = Vec::deserialize(deserializer)?;
    let is_empty = |it: &FieldSelector| {
        let lists = [
            &it.equals,
            &it.starts_with,
            &it.ends_with,
            &it.not_equals,
            &it.not_starts_with,
            &it.not_ends_with,
        ];
        lists.iter().all(|list| list.is_empty())
    };
    if selectors.iter().any(is_empty) { Err(D::Error::missing_field("equals")) } else { Ok(selectors) }
}

/// One condition of an advanced event selector. Within a list any value may match; `not_` lists must all miss.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    /// `eventCategory`, `readOnly`, `eventSource`, `resources.type`, `resources.ARN`, ...
    pub field: String,
    /// Exact values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// Prefixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<String>,
    /// Suffixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends_with: Vec<String>,
    /// Exact values left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_equals: Vec<String>,
    /// Prefixes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_starts_with: Vec<String>,
    /// Suffixes left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ends_with: Vec<String>,
}

/// An IAM role with the policies that decide what it may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its trust policy, JSON text.
    pub trust_policy: Observed<String>,
    /// Its inline policies' documents, JSON text.
    pub inline_policies: Observed<Vec<String>>,
    /// Its attached policies' default versions, JSON text.
    pub attached_policies: Observed<Vec<String>>,
    /// The policy that bounds what the others can allow (permissions boundary), JSON text; `Absent` is none.
    pub permissions_boundary: Observed<String>,
}

impl Answer for Trail {
    const HIDES: &'static [EdgeKind] =
        &[EdgeKind::Stores(LogKind::Trail), EdgeKind::Delivers, EdgeKind::Encrypts];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        let start = Start { region: Some(&self.home_region), ..start };
        let Some(settings) = start.asked(&self.settings, Self::HIDES, found) else { return };
        found(start.edge(EdgeKind::Stores(LogKind::Trail), Ok(&settings.bucket_name)));
        let group = start.named(EdgeKind::Delivers, &settings.log_group_arn);
        group.map(|edge| Edge { to: edge.to.map(without_streams), ..edge }).into_iter().for_each(&mut *found);
        start.named(EdgeKind::Encrypts, &settings.kms_key_id).into_iter().for_each(found);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let Self { arn, home_region, event_selectors, insight_types, .. } = self;
        let mut settling = settling.in_region(Some(home_region));
        let asked = |operation| ("cloudtrail", operation, Some(arn.as_str()));
        settling.fact(event_selectors, asked("GetEventSelectors"), EventSelectors::stranger);
        settling.fact(insight_types, asked("GetInsightSelectors"), |types| {
            types.iter().find_map(|kind| stranger("InsightType", kind, INSIGHTS))
        });
    }
}

impl EventSelectors {
    fn stranger(&self) -> Option<String> {
        match self {
            Self::Basic(selectors) => selectors
                .iter()
                .find_map(|selector| stranger("ReadWriteType", &selector.read_write_type, READ_WRITE_TYPES)),
            Self::Advanced(selectors) => {
                let fields = selectors.iter().flat_map(|selector| &selector.field_selectors);
                let mut categories =
                    fields.filter(|field| field.field == "eventCategory").flat_map(|field| &field.equals);
                categories.find_map(|category| stranger("eventCategory", category, EVENT_CATEGORIES))
            }
        }
    }
}
