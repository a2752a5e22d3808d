//! One account's record, its regions, and the stores (buckets, keys) that are read in a second step.

use serde::{Deserialize, Serialize};

use super::{
    AccountSubscriptionPolicy, Aggregator, Bucket, DeliveryChannel, Destination, Gap, GapId, Gaps, Key,
    LogGroup, Observed, PublicAccessBlock, Recorder, Trail, TrailReference,
};

/// What one account answered. A line of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Twelve digits.
    pub id: String,
    /// The account's name in the organization.
    pub name: Option<String>,
    /// Regions that are enabled and in scope, by name. Where the call was refused, these are the regions that were asked
    /// for by name; where none were, [`Self::regions`] holds the partition's default regions, and opted-in ones stay
    /// unknown.
    pub enabled_regions: Observed<Vec<String>>,
    /// One record per region that was asked, by name.
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
    pub gaps: Vec<Gap>,
}

impl AccountRecord {
    /// The trails that are known to be this account's, and why there may be more of them.
    pub fn known_trails(&self) -> (&[Trail], Option<Gaps>) {
        let mut gaps: Vec<GapId> = Vec::new();
        let mut note = |more: Gaps| gaps.extend(more.as_slice().iter().cloned());
        let trails = self.trails.list().unwrap_or_else(|unread| {
            note(unread);
            &[]
        });
        // Regions that are not known to be enabled were not asked.
        self.enabled_regions.get().err().map(&mut note);
        match &self.unseen_trails {
            Some(unseen) => gaps.extend(unseen.iter().cloned()),
            None => gaps.push(Gap::not_collected().id),
        }
        (trails, gaps.into_iter().map(Gaps::from).reduce(|one, other| one.and(&other)))
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// The stores of logs that one account owns, read once the whole organization has said where its logs go. A line
/// of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoresRecord {
    /// The owner.
    pub account_id: String,
    /// The owner's account-wide public access block; `Absent` is none.
    pub public_access_block: Observed<PublicAccessBlock>,
    /// Buckets that receive logs, by name.
    pub buckets: Vec<Bucket>,
    /// Keys that encrypt logs, by ARN.
    pub keys: Vec<Key>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}
