//! What the index takes from each record as it streams past.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::enabled::Enabled;
use super::shown::Shown;
use super::streams::Streams;
use super::unlisted::Unlisted;
use super::vended::DeliveryDestinations;
use super::{DataEventTrails, OwnedTrail};
use crate::facts::derived::{any, join};
use crate::facts::view::Derived;
use crate::model::{
    AccountRecord, AccountSummary, Aggregator, Bucket, Destination, Edge, EdgeKind, EventSelectors, Gap,
    GapId, GapPlace, GapReason, Gaps, Key, LogKind, Observed, Origin, PublicAccessBlock, RegionRecord,
    StoresRecord, Trail, TrailSettings, TrailStatus,
};
use crate::snapshot::Header;

/// The sums so far.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) management_account: Option<String>,
    /// Accounts that may hold an aggregator of the organization.
    pub(super) aggregator_holders: BTreeSet<String>,
    pub(super) recorded: BTreeSet<String>,
    pub(super) without_record: BTreeMap<String, Gaps>,
    pub(super) regions: BTreeSet<String>,
    pub(super) region_gaps: Option<Gaps>,
    pub(super) organization_trails: Vec<OwnedTrail>,
    pub(super) organization_trail_gaps: Option<Gaps>,
    pub(super) data_event_trails: BTreeMap<String, DataEventTrails>,
    pub(super) buckets: BTreeMap<String, Arc<Bucket>>,
    pub(super) log_kinds: BTreeMap<String, BTreeSet<LogKind>>,
    /// Whether some trail or channel names a KMS key for what it delivers, by bucket; one that none does is not here.
    pub(super) kms_deliveries: BTreeMap<String, Derived<bool>>,
    /// Buckets of which S3 told CloudTrail that they do not exist.
    pub(super) absent_buckets: BTreeSet<String>,
    /// Buckets that some trail delivered to at its last attempt.
    pub(super) reached_buckets: BTreeSet<String>,
    pub(super) unlisted: Unlisted,
    pub(super) streams: Streams,
    pub(super) delivery_destinations: DeliveryDestinations,
    pub(super) inventory_gaps: Option<Gaps>,
    /// Who owns which bucket, by a hash of its name: an organization has a million.
    pub(super) owners: HashMap<u64, Arc<str>>,
    pub(super) blocks: BTreeMap<String, Observed<PublicAccessBlock>>,
    pub(super) keys: BTreeMap<String, Arc<Key>>,
    pub(super) key_references: BTreeSet<String>,
    pub(super) destinations: BTreeMap<String, (String, String, Destination)>,
    pub(super) destination_gaps: BTreeMap<(String, Option<String>), Gaps>,
    pub(super) read_regions: BTreeSet<(String, String)>,
    pub(super) needs_central_destinations: bool,
    pub(super) aggregators: Vec<(String, String, Aggregator)>,
    pub(super) aggregator_gaps: Option<Gaps>,
    pub(super) gaps: Vec<Gap>,
    pub(super) unseen_log_groups: Vec<Gap>,
    pub(super) enabled: Enabled,
    pub(super) shown: Shown,
}

impl Gathered {
    /// Notes that a call was not made, and returns what now stands in the way.
    pub(super) fn not_collected(&mut self, place: GapPlace<'_>, why: &str) -> Gaps {
        let gap = Gap::new(place, GapReason::NotCollected, why);
        let gaps = Gaps::from(gap.id.clone());
        self.gaps.push(gap);
        gaps
    }

    pub(super) fn account(&mut self, record: AccountRecord) {
        self.unlisted.account(&record);
        record.for_each_edge(&mut |edge| self.edge(&edge));
        self.enabled.note(&record);
        self.shown.note(&record);
        if let Ok(unread) = record.unread_regions()
            && !unread.is_empty()
        {
            self.gaps.push(record.unread_regions_gap(&unread));
        }
        match record.buckets.list() {
            Ok(buckets) => self.own(&record.id, buckets.iter().map(|bucket| bucket.name.as_str())),
            Err(gaps) => join(&mut self.inventory_gaps, &gaps),
        }
        let region_gaps = record.region_gaps();
        let (_, unseen) = record.known_trails();
        self.trails(&record.id, record.trails, unseen);
        if let Some(gaps) = region_gaps {
            join(&mut self.region_gaps, &gaps);
            self.destination_gaps.insert((record.id.clone(), None), gaps.clone());
            let read = record.regions.iter().map(|region| (record.id.clone(), region.name.clone()));
            self.read_regions.extend(read);
            if self.aggregator_holders.contains(&record.id) {
                join(&mut self.aggregator_gaps, &gaps);
            }
        }
        for region in record.regions {
            self.region(&record.id, region);
        }
        self.recorded.insert(record.id);
    }

    /// Notes whose buckets these are.
    pub(super) fn own(&mut self, account: &str, buckets: impl Iterator<Item = impl AsRef<str>>) {
        let owner: Arc<str> = account.into();
        self.owners.extend(buckets.map(|name| (hash_of(name.as_ref()), Arc::clone(&owner))));
    }

    /// What somebody says of where logs go: what a bucket receives, and which keys encrypt it.
    fn edge(&mut self, edge: &Edge<'_>) {
        self.unlisted.edge(edge);
        match (edge.kind, edge.to.as_ref(), edge.origin) {
            (EdgeKind::Stores(kind), Ok(bucket), _) => {
                self.log_kinds.entry((*bucket).to_owned()).or_default().insert(kind);
            }
            (EdgeKind::Sends, Ok(stream), _) => self.streams.name(stream),
            (EdgeKind::Vends, Ok(destination), _) => self.delivery_destinations.name(destination),
            (EdgeKind::Encrypts, Ok(key), Origin::Source | Origin::Store) => {
                self.key_references.insert((*key).to_owned());
            }
            // `collect` follows those of the groups that trails deliver to; of a million others nobody wants to know.
            (EdgeKind::Encrypts, Ok(_), Origin::LogGroup(_))
            | (EdgeKind::Delivers, Ok(_), _)
            | (_, Err(_), _) => {}
        }
    }

    fn trails(&mut self, account: &str, trails: Observed<Vec<Trail>>, unseen: Option<Gaps>) {
        if let Some(gaps) = unseen {
            if self.management_account.as_deref() == Some(account) {
                join(&mut self.organization_trail_gaps, &gaps);
            }
            self.data_event_trails.entry(account.to_owned()).or_default().gaps = Some(gaps);
        }
        let Observed::Known(trails) = trails else { return };
        for trail in trails {
            if let Observed::Known(settings) = &trail.settings {
                self.note_delivery(&settings.bucket_name, &trail.status);
                self.note_key(&settings.bucket_name, &settings.kms_key_id);
            }
            let organization = match &trail.settings {
                Observed::Known(TrailSettings {
                    organization_trail: Observed::Known(organization), ..
                }) => *organization,
                // Only the management account owns organization trails.
                _ => self.management_account.as_deref() == Some(account),
            };
            if organization {
                self.organization_trails.push(OwnedTrail { account_id: account.to_owned(), trail });
            } else if may_record_data_events(&trail.event_selectors) {
                self.data_event_trails.entry(account.to_owned()).or_default().trails.push(trail);
            }
        }
    }

    /// `NoSuchBucket` of S3's error responses: no account in the world has a bucket of that name.
    fn note_delivery(&mut self, bucket: &str, status: &Observed<TrailStatus>) {
        let Observed::Known(status) = status else { return };
        match (&status.latest_delivery_error, &status.latest_delivery_time) {
            (Observed::Known(error), _) if error == "NoSuchBucket" => {
                self.absent_buckets.insert(bucket.to_owned());
            }
            (Observed::Absent, Observed::Known(_)) => {
                self.reached_buckets.insert(bucket.to_owned());
            }
            _ => {}
        }
    }

    /// With which key a trail or channel encrypts what it delivers.
    fn note_key(&mut self, bucket: &str, key: &Observed<String>) {
        let named = match key.get() {
            Ok(None) => return,
            Ok(Some(_)) => Ok(true),
            Err(gaps) => Err(gaps),
        };
        let before = self.kms_deliveries.remove(bucket).unwrap_or(Ok(false));
        self.kms_deliveries.insert(bucket.to_owned(), any([before, named]));
    }

    fn region(&mut self, account: &str, region: RegionRecord) {
        for channel in region.delivery_channels.list().into_iter().flatten() {
            if let Observed::Known(bucket) = &channel.bucket_name {
                self.note_key(bucket, &channel.kms_key_arn);
            }
        }
        match region.destinations {
            Observed::Known(destinations) => {
                for destination in destinations {
                    let owned = (account.to_owned(), region.name.clone(), destination);
                    self.destinations.insert(owned.2.arn.clone(), owned);
                }
            }
            Observed::Absent => {}
            Observed::Unavailable(gap) => {
                self.destination_gaps.insert((account.to_owned(), Some(region.name.clone())), gap.into());
            }
        }
        match region.aggregators {
            Some(Observed::Known(aggregators)) => {
                let place = |aggregator| (account.to_owned(), region.name.clone(), aggregator);
                self.aggregators.extend(aggregators.into_iter().map(place));
            }
            Some(Observed::Unavailable(gap)) => join(&mut self.aggregator_gaps, &gap.into()),
            None if self.aggregator_holders.contains(account) => {
                let place = GapPlace {
                    account_id: Some(account),
                    region: Some(&region.name),
                    service: "config",
                    operation: "DescribeConfigurationAggregators",
                    resource: None,
                };
                let gaps = self.not_collected(place, "the region was not asked");
                join(&mut self.aggregator_gaps, &gaps);
            }
            Some(Observed::Absent) | None => {}
        }
        self.regions.insert(region.name);
    }

    pub(super) fn stores(&mut self, record: StoresRecord) {
        record.for_each_edge(&mut |edge| self.edge(&edge));
        self.blocks.insert(record.account_id.clone(), record.public_access_block);
        for bucket in record.buckets {
            self.buckets.insert(bucket.name.clone(), Arc::new(bucket));
        }
        self.streams.note(&record.streams, record.delivery_streams);
        self.delivery_destinations.note(record.delivery_destinations);
        for key in record.keys {
            let key = Arc::new(key);
            self.keys.insert(key.arn.clone(), Arc::clone(&key));
            for reference in &key.references {
                self.keys.insert(reference.clone(), Arc::clone(&key));
            }
        }
    }
}

impl Gathered {
    /// Notes what was never asked, once all records have passed.
    pub(super) fn note_missing_accounts(&mut self, header: &Header, archive_bucket: Option<&str>) {
        let without_record: Vec<&String> =
            header.accounts.iter().filter(|account| !self.recorded.contains(*account)).collect();
        for account in without_record {
            let gaps = self.not_collected(
                place(account, "sts", "AssumeRole"),
                "the snapshot has no record of this account",
            );
            join(&mut self.inventory_gaps, &gaps);
            self.without_record.insert(account.clone(), gaps);
        }
        self.note_unread_buckets(archive_bucket);
        self.gaps.extend(self.unlisted.finish(&self.recorded, &self.without_record));
        if let Observed::Unavailable(gap) = &header.organization {
            self.unlisted.accounts_outside(&gap.clone().into());
        }
        let Observed::Known(organization) = &header.organization else { return };
        match organization.accounts.list() {
            Ok(accounts) => {
                let outside = outside(header, accounts.iter().filter(|account| account.is_active()));
                if let Some(gaps) = self.not_scanned(&outside, ("cloudtrail", "DescribeTrails")) {
                    self.unlisted.accounts_outside(&gaps);
                }
            }
            Err(gaps) => self.unlisted.accounts_outside(&gaps),
        }
        // An account outside the scan matters only where the owner of a log bucket was not found inside.
        let ownerless = self.log_kinds.keys().map(String::as_str).chain(archive_bucket);
        if ownerless.into_iter().any(|bucket| !self.buckets.contains_key(bucket)) {
            match organization.accounts.list() {
                Ok(accounts) => {
                    let outside = outside(header, accounts.iter());
                    if let Some(gaps) = self.not_scanned(&outside, ("s3", "ListBuckets")) {
                        join(&mut self.inventory_gaps, &gaps);
                    }
                }
                Err(gaps) => join(&mut self.inventory_gaps, &gaps),
            }
        }
        let management = &organization.management_account_id;
        if !self.recorded.contains(management) {
            let gaps = self.not_collected(
                place(management, "cloudtrail", "DescribeTrails"),
                "the management account was not scanned",
            );
            join(&mut self.organization_trail_gaps, &gaps);
        }
        let holders: Vec<String> = self.aggregator_holders.difference(&self.recorded).cloned().collect();
        for holder in holders {
            let gaps = self.not_collected(
                place(&holder, "config", "DescribeConfigurationAggregators"),
                "the account was not scanned",
            );
            join(&mut self.aggregator_gaps, &gaps);
        }
    }

    /// Buckets that an account lists, that logs go to, and of which no record tells: they belong to the organization, and
    /// nothing is known of them.
    fn note_unread_buckets(&mut self, archive_bucket: Option<&str>) {
        let named = self.log_kinds.keys().map(String::as_str).chain(archive_bucket);
        let unread: BTreeMap<String, Arc<str>> = named
            .filter(|name| !self.buckets.contains_key(*name))
            .filter_map(|name| Some((name.to_owned(), Arc::clone(self.owners.get(&hash_of(name))?))))
            .collect();
        for (name, owner) in unread {
            let place = GapPlace { resource: Some(&name), ..place(&owner, "s3", "GetBucketVersioning") };
            let gaps = self.not_collected(place, "the snapshot has no record of this bucket");
            join(&mut self.inventory_gaps, &gaps);
        }
    }

    /// Accounts that were not asked, as one gap: a scan of one account among thousands shall not list the thousands.
    fn not_scanned(&mut self, outside: &[&str], (service, operation): (&str, &str)) -> Option<Gaps> {
        let (account_id, why) = match outside {
            [] => return None,
            [account] => (Some(*account), "the account was not scanned".to_owned()),
            [first, ..] => (None, format!("{} accounts were not scanned, {first} among them", outside.len())),
        };
        let place = GapPlace { account_id, service, operation, ..GapPlace::default() };
        Some(self.not_collected(place, &why))
    }

    /// Why a bucket may belong to an account that did not say so. Where thousands could not, one gap stands for all in
    /// what is derived, since every trail and account may depend on it; their own gaps are in their records.
    pub(super) fn inventories(&mut self) -> Result<(), Gaps> {
        let Some(gaps) = self.inventory_gaps.take() else { return Ok(()) };
        Err(self.few(gaps, ("s3", "ListBuckets"), "the owners of buckets"))
    }

    /// Why buckets of some account may receive logs without anybody's knowledge, in the same way.
    pub(super) fn hidden_buckets(&mut self) -> BTreeMap<LogKind, Gaps> {
        let kinds = std::mem::take(&mut self.unlisted.kinds);
        let few = |(kind, gaps): (LogKind, BTreeSet<GapId>)| {
            Some((kind, self.few(Gaps::of(gaps)?, kind.named_by(), "all buckets that receive logs")))
        };
        kinds.into_iter().filter_map(few).collect()
    }

    /// Why keys of some account may encrypt logs without anybody's knowledge, in the same way.
    pub(super) fn hidden_keys(&mut self) -> Option<Gaps> {
        let all = self.unlisted.keys.values().flat_map(|gaps| gaps.as_slice().iter().cloned());
        Some(self.few(Gaps::of(all.collect())?, ("kms", "DescribeKey"), "all keys that encrypt logs"))
    }

    fn few(&mut self, gaps: Gaps, (service, operation): (&str, &str), what: &str) -> Gaps {
        const TOO_MANY: usize = 16;
        let count = gaps.as_slice().len();
        if count <= TOO_MANY {
            return gaps;
        }
        let place = GapPlace { service, operation, ..GapPlace::default() };
        let why = format!("{count} gaps keep {what} from being known; each account's own says why");
        self.not_collected(place, &why)
    }
}

/// Accounts of the organization that are outside the scan.
fn outside<'a>(header: &Header, accounts: impl Iterator<Item = &'a AccountSummary>) -> Vec<&'a str> {
    let inside = |account: &&AccountSummary| header.accounts.binary_search(&account.id).is_ok();
    accounts.filter(|account| !inside(account)).map(|account| account.id.as_str()).collect()
}

fn hash_of(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The place of a call that was not made.
fn place<'a>(account_id: &'a str, service: &'a str, operation: &'a str) -> GapPlace<'a> {
    GapPlace { account_id: Some(account_id), service, operation, ..GapPlace::default() }
}

/// Only such trails are kept: most accounts have none, and the index must hold 10,000 accounts.
fn may_record_data_events(selectors: &Observed<EventSelectors>) -> bool {
    match selectors {
        Observed::Absent => false,
        Observed::Unavailable(_) => true,
        Observed::Known(EventSelectors::Basic(selectors)) => {
            selectors.iter().any(|selector| !selector.data_resources.is_empty())
        }
        Observed::Known(EventSelectors::Advanced(selectors)) => selectors.iter().any(|selector| {
            let fields = &selector.field_selectors;
            fields.iter().any(|field| {
                field.field == "eventCategory" && field.equals.iter().any(|value| value == "Data")
            })
        }),
    }
}
