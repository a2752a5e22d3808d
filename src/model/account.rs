//! One account's record, its regions, and the stores (buckets, keys) that are read in a second step.

use serde::{Deserialize, Serialize};

use super::{
    AccountSubscriptionPolicy, Aggregator, Bucket, DeliveryChannel, DeliveryDestination, DeliverySource,
    DeliveryStream, Destination, EventDataStore, Gap, GapId, GapPlace, GapReason, Gaps, Key, LogDelivery,
    LogGroup, LogPolicy, Observed, PublicAccessBlock, Recorder, Stream, Trail, TrailReference,
};

/// What one account answered. A line of the snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Twelve digits.
    pub id: String,
    /// The account's name in the organization.
    pub name: Option<String>,
    /// Regions that are enabled, by name, in scope or not, as AWS says. Where the call was refused, [`Self::regions`]
    /// holds those that were asked for by name, else the partition's default regions: opted-in ones stay unknown.
    /// Snapshots without a [`super::Scope`] hold the regions in scope here.
    pub enabled_regions: Observed<Vec<String>>,
    /// One record per region that was asked, by name. One that is enabled, in scope, and not here is unknown.
    #[serde(default)]
    pub regions: Vec<RegionRecord>,
    /// Trails that this account owns, by ARN. The organization trail is among the management account's.
    pub trails: Observed<Vec<Trail>>,
    /// Trails of other accounts that are visible here: shadows of the organization trail.
    pub shadow_trails: Observed<Vec<TrailReference>>,
    /// Gaps of regions that did not say which trails they show: there may be trails besides [`Self::trails`]. `None` where
    /// the regions were not asked one by one, as by earlier releases.
    #[serde(default)]
    pub unseen_trails: Option<Vec<GapId>>,
    /// Names of the buckets that this account owns.
    pub buckets: Observed<Vec<BucketName>>,
    /// What could not be read in this account.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}

impl AccountRecord {
    /// The trails that are known to be this account's, and why there may be more of them.
    pub fn known_trails(&self) -> (&[Trail], Option<Gaps>) {
        let (trails, unseen) = self.asked_trails();
        // Regions that are not known to be enabled, or are out of scope, were not asked.
        let gaps = [unseen, self.region_gaps()].into_iter().flatten();
        (trails, gaps.reduce(|one, other| one.and(&other)))
    }

    /// The same, of the regions that were asked alone.
    pub fn asked_trails(&self) -> (&[Trail], Option<Gaps>) {
        let mut gaps: Vec<GapId> = Vec::new();
        let trails = self.trails.list().unwrap_or_else(|unread| {
            gaps.extend(unread.as_slice().iter().cloned());
            &[]
        });
        match &self.unseen_trails {
            Some(unseen) => gaps.extend(unseen.iter().cloned()),
            None => gaps.push(Gap::not_collected().id),
        }
        (trails, gaps.into_iter().map(Gaps::from).reduce(|one, other| one.and(&other)))
    }

    /// Enabled regions of which the record says nothing, by name.
    pub fn unread_regions(&self) -> Result<Vec<&str>, Gaps> {
        let is_unread = |name: &&str| self.regions.iter().all(|region| region.name != **name);
        Ok(self.enabled_regions.list()?.iter().map(String::as_str).filter(is_unread).collect())
    }

    /// What keeps from being known what is in all regions of the account: that they could not be listed, or that some
    /// were not looked at.
    pub fn region_gaps(&self) -> Option<Gaps> {
        match self.unread_regions() {
            Ok(unread) if unread.is_empty() => None,
            Ok(unread) => Some(self.unread_regions_gap(&unread).id.into()),
            Err(gaps) => Some(gaps),
        }
    }

    /// Regions that were not looked at, as one gap.
    pub fn unread_regions_gap(&self, unread: &[&str]) -> Gap {
        let place = GapPlace {
            account_id: Some(&self.id),
            service: "account",
            operation: "ListRegions",
            resource: Some("regions that were not read"),
            ..GapPlace::default()
        };
        let enabled = self.enabled_regions.list().map_or(0, <[String]>::len);
        let why = format!(
            "{} of {enabled} enabled regions were not looked at: {}",
            unread.len(),
            unread.join(", ")
        );
        Gap::new(place, GapReason::NotCollected, why)
    }

    /// The record of an account that could not be entered at all.
    pub fn unavailable(id: String, name: Option<String>, gap: Gap) -> Self {
        let because: GapId = gap.id.clone();
        Self {
            id,
            name,
            enabled_regions: Observed::Unavailable(because.clone()),
            regions: Vec::new(),
            trails: Observed::Unavailable(because.clone()),
            shadow_trails: Observed::Unavailable(because.clone()),
            unseen_trails: Some(Vec::new()),
            buckets: Observed::Unavailable(because),
            gaps: vec![gap],
        }
    }
}

/// A bucket in an account's inventory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BucketName {
    /// The bucket's name, unique in its partition.
    pub name: String,
    /// Its region, where the listing says.
    pub region: Option<String>,
}

/// What one region of an account answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRecord {
    /// `eu-central-1`.
    pub name: String,
    /// Config recorders.
    pub recorders: Observed<Vec<Recorder>>,
    /// Config delivery channels.
    pub delivery_channels: Observed<Vec<DeliveryChannel>>,
    /// Days that Config keeps configuration items; `Absent` is AWS's default of 2,557 days.
    pub config_retention_days: Observed<i64>,
    /// Config aggregators; `None` where nobody asked: only the management account and delegated
    /// administrators can hold one for the organization.
    pub aggregators: Option<Observed<Vec<Aggregator>>>,
    /// CloudWatch Logs log groups.
    pub log_groups: Observed<Vec<LogGroup>>,
    /// Account-wide subscription filter policies.
    pub subscription_policies: Observed<Vec<AccountSubscriptionPolicy>>,
    /// CloudWatch Logs destinations that this account offers.
    pub destinations: Observed<Vec<Destination>>,
    /// The account's resource policies of CloudWatch Logs, which are about all log groups here.
    pub log_policies: Observed<Vec<LogPolicy>>,
    /// Those that are attached to one log group each.
    pub log_group_policies: Observed<Vec<LogPolicy>>,
    /// CloudTrail Lake's event data stores, whoever of the organization owns them.
    pub event_data_stores: Observed<Vec<EventDataStore>>,
    /// Delivery sources of vended logs.
    pub delivery_sources: Observed<Vec<DeliverySource>>,
    /// The deliveries of those sources.
    pub deliveries: Observed<Vec<LogDelivery>>,
}

/// The stores of logs that one account owns, read once the whole organization has said where its logs go. A line
/// of the snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoresRecord {
    /// The owner.
    pub account_id: String,
    /// The owner's account-wide public access block; `Absent` is none.
    pub public_access_block: Observed<PublicAccessBlock>,
    /// Buckets that receive logs, by name.
    #[serde(default)]
    pub buckets: Vec<Bucket>,
    /// Keys that encrypt logs, by ARN.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// Data streams that log events go to, by ARN.
    #[serde(default)]
    pub streams: Vec<Stream>,
    /// Delivery streams that log events go to, by ARN.
    #[serde(default)]
    pub delivery_streams: Vec<DeliveryStream>,
    /// Delivery destinations that vended logs go to, by ARN.
    #[serde(default)]
    pub delivery_destinations: Vec<DeliveryDestination>,
    /// What could not be read.
    #[serde(default)]
    pub gaps: Vec<Gap>,
}
