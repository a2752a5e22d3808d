//! What accounts know of each other: a pass over all records of a snapshot.

mod enabled;
mod gather;
mod plain;
mod reading;
mod shown;
mod streams;
mod unlisted;
mod vended;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use enabled::Enabled;
use gather::Gathered;
use reading::Reading;
use shown::Shown;
use streams::Streams;
use vended::DeliveryDestinations;

use super::derived::{any, join, perhaps};
use super::log_group::Centralization;
use super::trail::Attested;
use super::view::Derived;
use crate::model::{
    Aggregator, Bucket, Destination, Expectations, Gap, Gaps, Key, LogKind, Observed, Organization,
    PublicAccessBlock, Trail,
};
use crate::snapshot::{Group, Header, SnapshotError, Survey};

/// Where the organization's logs go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The bucket.
    pub bucket_name: String,
    /// Its owner; `None` if no account of the organization owns it.
    pub account_id: Derived<Option<String>>,
}

/// A trail and the account that owns it.
#[derive(Debug, Clone)]
pub struct OwnedTrail {
    /// The owner.
    pub account_id: String,
    /// The trail.
    pub trail: Trail,
}

/// The trails of one account that may record data events.
#[derive(Debug, Clone, Default)]
pub struct DataEventTrails {
    /// The trails.
    pub trails: Vec<Trail>,
    /// Why trails may be missing.
    pub gaps: Option<Gaps>,
}

/// An index over a snapshot. It holds what is shared; accounts themselves stream past.
#[derive(Debug)]
pub struct Index {
    /// The snapshot's header. With several shards, the first one's, with the scope of all.
    pub header: Header,
    /// What the organization says of itself.
    pub expectations: Expectations,
    /// Where the logs go, if anywhere.
    pub archive: Derived<Option<Archive>>,
    /// Organization trails; also those of the management account whose settings could not be read.
    pub organization_trails: Vec<OwnedTrail>,
    /// Why organization trails may be missing from the list.
    pub organization_trail_gaps: Option<Gaps>,
    /// Trails of single accounts that record data events, by owner.
    pub data_event_trails: BTreeMap<String, DataEventTrails>,
    /// Accounts with a record in the snapshot.
    pub recorded_accounts: BTreeSet<String>,
    /// Accounts in scope without a record, and why nothing is known of them.
    pub accounts_without_record: BTreeMap<String, Gaps>,
    /// Regions that some account was asked about.
    pub regions: BTreeSet<String>,
    /// Accounts that could not list their enabled regions.
    pub region_gaps: Option<Gaps>,
    /// Buckets that receive logs and were read, by name.
    pub buckets: BTreeMap<String, Arc<Bucket>>,
    /// What logs each bucket that somebody names receives.
    pub log_kinds: BTreeMap<String, BTreeSet<LogKind>>,
    /// Whether a trail or channel that delivers into a bucket names a KMS key, where one does or may.
    kms_deliveries: BTreeMap<String, Derived<bool>>,
    /// Buckets that do not exist, as S3 answered CloudTrail.
    pub absent_buckets: BTreeSet<String>,
    /// Whether a bucket that logs go to, and that [`Self::buckets`] lacks, certainly belongs to no account of the
    /// organization; otherwise what keeps that from being known.
    pub inventories: Result<(), Gaps>,
    /// Why buckets that receive logs may be missing, by the account whose answer would have named them.
    pub unlisted_buckets: BTreeMap<String, Gaps>,
    /// Why keys that encrypt logs may be missing, by the account whose answer would have led to them.
    pub unlisted_keys: BTreeMap<String, Gaps>,
    /// Why streams that log events go to may be missing, by the account whose answer would have named them.
    pub unlisted_streams: BTreeMap<String, Gaps>,
    /// Why further buckets, of whatever account, may receive logs of a kind.
    pub hidden_buckets: BTreeMap<LogKind, Gaps>,
    /// Why further keys, of whatever account, may encrypt logs.
    pub hidden_keys: Option<Gaps>,
    /// The account-wide public access block of each owner of a log bucket.
    pub account_public_access_blocks: BTreeMap<String, Observed<PublicAccessBlock>>,
    /// Keys that encrypt logs and were read, by everything that they are called.
    pub keys: BTreeMap<String, Arc<Key>>,
    /// What keys trails, buckets and channels name, as they name them.
    pub key_references: BTreeSet<String>,
    /// CloudWatch Logs destinations by ARN, with their owner and region.
    pub destinations: BTreeMap<String, (String, String, Destination)>,
    /// Why destinations may be missing from the list, by owner and region; no region is every region.
    pub destination_gaps: BTreeMap<(String, Option<String>), Gaps>,
    /// Regions that were read of accounts whose regions could not be listed, by account.
    pub read_regions: BTreeSet<(String, String)>,
    /// Log groups are here that must be centralized, or may be where they could not be listed.
    pub needs_central_destinations: bool,
    /// Config aggregators with their owner and region.
    pub aggregators: Vec<(String, String, Aggregator)>,
    /// Why aggregators may be missing from the list.
    pub aggregator_gaps: Option<Gaps>,
    /// Gaps that no collected record holds: what was never asked.
    pub gaps: Vec<Gap>,
    /// What verifying the archive found, where that was handed in.
    pub(super) attested: Attested,
    /// Log groups that the configuration names one by one and no region has, as gaps.
    pub(super) unseen_log_groups: Vec<Gap>,
    /// The regions that scanned accounts have enabled.
    pub(super) enabled: Enabled,
    /// The organization's trails that accounts show.
    pub(super) shown: Shown,
    /// Streams that log events go to.
    pub(super) streams: Streams,
    /// Delivery destinations that vended logs go to.
    pub(super) delivery_destinations: DeliveryDestinations,
    /// The organization's centralization rules of log groups.
    pub(super) centralization: Centralization,
}

impl Index {
    /// The second pass over a snapshot, after its survey: the records of accounts that are alike are read of few of them.
    pub fn build(
        survey: &Survey,
        expectations: Expectations,
        alike: &[Group],
    ) -> Result<Self, SnapshotError> {
        let mut headers = survey.headers.iter().cloned();
        let mut header = headers.next().ok_or_else(|| SnapshotError::Malformed {
            path: "the snapshot".to_owned(),
            line: 1,
            detail: "there is none".to_owned(),
        })?;
        for shard in headers {
            header.accounts.extend(shard.accounts);
            header.gaps.extend(shard.gaps);
        }
        header.accounts.sort_unstable();
        header.accounts.dedup();
        header.gaps.sort_unstable();
        header.gaps.dedup();
        let centralization = Centralization::of(&header.organization);
        let reading =
            Reading { survey, header: &header, expectations: &expectations, centralization: &centralization };
        let mut groups: Vec<&Group> = alike.iter().collect();
        let mut gathered = loop {
            let (gathered, plain) = reading.read(&groups)?;
            if plain.len() == groups.len() {
                break gathered;
            }
            groups = plain;
        };
        gathered.note_missing_accounts(&header, expectations.archive_bucket.as_deref());
        Ok(Self::assemble(header, expectations, centralization, gathered))
    }

    fn assemble(
        header: Header,
        expectations: Expectations,
        centralization: Centralization,
        mut gathered: Gathered,
    ) -> Self {
        let inventories = gathered.inventories();
        let hidden_buckets = gathered.hidden_buckets();
        let hidden_keys = gathered.hidden_keys();
        gathered.gaps.extend(gathered.unseen_log_groups.iter().cloned());
        gathered.gaps.sort_unstable();
        gathered.gaps.dedup();
        let mut index = Self {
            header,
            expectations,
            archive: Ok(None),
            organization_trails: gathered.organization_trails,
            organization_trail_gaps: gathered.organization_trail_gaps,
            data_event_trails: gathered.data_event_trails,
            recorded_accounts: gathered.recorded,
            accounts_without_record: gathered.without_record,
            regions: gathered.regions,
            region_gaps: gathered.region_gaps,
            buckets: gathered.buckets,
            absent_buckets: gathered.absent_buckets.difference(&gathered.reached_buckets).cloned().collect(),
            log_kinds: gathered.log_kinds,
            kms_deliveries: gathered.kms_deliveries,
            inventories,
            unlisted_buckets: gathered.unlisted.buckets,
            unlisted_keys: gathered.unlisted.keys,
            unlisted_streams: gathered.unlisted.streams,
            streams: gathered.streams,
            delivery_destinations: gathered.delivery_destinations,
            hidden_buckets,
            hidden_keys,
            account_public_access_blocks: gathered.blocks,
            keys: gathered.keys,
            key_references: gathered.key_references,
            destinations: gathered.destinations,
            destination_gaps: gathered.destination_gaps,
            read_regions: gathered.read_regions,
            needs_central_destinations: gathered.needs_central_destinations,
            aggregators: gathered.aggregators,
            aggregator_gaps: gathered.aggregator_gaps,
            gaps: gathered.gaps,
            attested: Attested::default(),
            unseen_log_groups: gathered.unseen_log_groups,
            enabled: gathered.enabled,
            shown: gathered.shown,
            centralization,
        };
        let bucket = match &index.expectations.archive_bucket {
            Some(bucket) => Ok(Some(bucket.clone())),
            None => organization_bucket(&index.organization_trails, index.organization_trail_gaps.as_ref()),
        };
        index.archive = bucket.map(|bucket| {
            bucket.map(|name| Archive { account_id: index.bucket_owner(&name), bucket_name: name })
        });
        index
    }

    /// The account that owns a bucket; `None` if certainly no account of the organization does.
    pub fn bucket_owner(&self, name: &str) -> Derived<Option<String>> {
        match self.buckets.get(name) {
            Some(bucket) => Ok(Some(bucket.account_id.clone())),
            None if self.absent_buckets.contains(name) => Ok(None),
            None => self.inventories.clone().map(|()| None),
        }
    }

    /// Why a bucket, of whatever account, may receive logs of a kind that this holds of.
    pub fn may_receive(&self, counts: impl Fn(LogKind) -> bool) -> Option<Gaps> {
        let mut all = None;
        let hidden = self.hidden_buckets.iter().filter(|(kind, _)| counts(**kind));
        hidden.for_each(|(_, gaps)| join(&mut all, gaps));
        all
    }

    /// A trail or channel encrypts what it delivers into this bucket under a KMS key that it names itself.
    pub fn delivers_under_kms(&self, bucket_name: &str) -> Derived<bool> {
        let known = self.kms_deliveries.get(bucket_name).cloned().unwrap_or(Ok(false));
        let further = self.may_receive(|kind| matches!(kind, LogKind::Trail | LogKind::Config));
        any([known, perhaps(further.as_ref())])
    }

    /// What goes to this bucket goes to the archive: it is the archive, or belongs to the same account.
    pub fn in_archive(&self, bucket_name: &str) -> Derived<bool> {
        let Some(archive) = self.archive.as_ref().map_err(Gaps::clone)? else { return Ok(false) };
        if archive.bucket_name == bucket_name {
            return Ok(true);
        }
        let Some(archive_account) = archive.account_id.as_ref().map_err(Gaps::clone)? else {
            return Ok(false);
        };
        Ok(self.bucket_owner(bucket_name)?.as_ref() == Some(archive_account))
    }

    /// Why what goes to this bucket does not go to the archive, as the end of a sentence; `None` if it does.
    pub fn outside_archive(&self, bucket_name: &str) -> Derived<Option<String>> {
        if self.in_archive(bucket_name)? {
            return Ok(None);
        }
        Ok(Some(match &self.archive {
            Ok(Some(archive)) => {
                let archive = &archive.bucket_name;
                format!("which is neither the archive {archive} nor another bucket of its account")
            }
            Ok(None) | Err(_) => "and the organization has no log archive".to_owned(),
        }))
    }
}

/// The accounts that may aggregate Config for the organization: the management account and delegated administrators
/// of Config ("Aggregator for organizations", AWS Config developer guide).
fn aggregator_holders(organization: &Organization, gaps: &mut Option<Gaps>) -> BTreeSet<String> {
    let mut holders = BTreeSet::from([organization.management_account_id.clone()]);
    match organization.delegated_administrators.list() {
        Ok(administrators) => {
            for administrator in administrators {
                match administrator.services.list() {
                    Ok(services) => {
                        if services.iter().any(|service| service == "config.amazonaws.com") {
                            holders.insert(administrator.account_id.clone());
                        }
                    }
                    Err(unknown) => join(gaps, &unknown),
                }
            }
        }
        Err(unknown) => join(gaps, &unknown),
    }
    holders
}

/// The bucket of the organization trail. Of several, the first by ARN that covers all regions decides.
fn organization_bucket(trails: &[OwnedTrail], gaps: Option<&Gaps>) -> Derived<Option<String>> {
    let mut best: Option<(bool, &str, &str)> = None;
    let mut unsure = Vec::new();
    let mut unknown = gaps.cloned();
    for owned in trails {
        match owned.trail.settings.get() {
            Ok(Some(settings)) => {
                let narrow = settings.multi_region != Observed::Known(true);
                let candidate = (narrow, owned.trail.arn.as_str(), settings.bucket_name.as_str());
                match settings.organization_trail.get() {
                    Ok(Some(true)) if best.is_none_or(|best| candidate < best) => best = Some(candidate),
                    Ok(_) => {}
                    Err(gaps) => unsure.push((candidate, gaps)),
                }
            }
            Ok(None) => {}
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    // What may be no organization trail says nothing, unless it would name another bucket.
    for (candidate, gaps) in unsure {
        match best {
            Some(best) if best < candidate || best.2 == candidate.2 => {}
            _ => {
                join(&mut unknown, &gaps);
                best = None;
            }
        }
    }
    match (best, unknown) {
        (Some((_, _, bucket)), _) => Ok(Some(bucket.to_owned())),
        (None, Some(gaps)) => Err(gaps),
        (None, None) => Ok(None),
    }
}
