//! One account's record: a line of the snapshot.

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Settling};
use super::flow::{Edge, Origin, Start};
use super::{Gap, GapId, GapPlace, GapReason, Gaps, Observed, RegionRecord, Trail, TrailReference};

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

    /// Where the account's trails and regions send logs, and which keys encrypt them and its log groups. What regions say
    /// that are missing from the record is not among them: see [`Self::region_gaps`].
    pub fn for_each_edge<'a>(&'a self, found: &mut dyn FnMut(Edge<'a>)) {
        let start = Start { account_id: &self.id, region: None, origin: Origin::Source };
        let (trails, unseen) = self.asked_trails();
        if let Some(gaps) = unseen {
            start.refused(Trail::HIDES, &gaps, found);
        }
        for trail in trails {
            trail.edges(start, found);
        }
        for region in &self.regions {
            region.edges(&self.id, found);
        }
    }

    /// Makes unknown what holds words that this release does not know.
    pub(crate) fn settle(&mut self) {
        let Self { id, trails, regions, gaps, .. } = self;
        if let Observed::Known(trails) = trails {
            let mut settling = Settling::new(gaps, id, None);
            for trail in trails {
                trail.settle(&mut settling);
            }
        }
        for region in regions {
            region.settle(gaps, id);
        }
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
