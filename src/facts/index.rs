//! What accounts know of each other: the first pass over a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::view::Derived;
use crate::model::{
    AccountRecord, Aggregator, Bucket, Destination, Expectations, Gap, GapPlace, GapReason, Gaps, Key,
    Observed, PublicAccessBlock, StoresRecord, Trail,
};
use crate::snapshot::{Header, Record, SnapshotError, Source};

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

/// What kind of log a bucket receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogKind {
    /// CloudTrail log files.
    Trail,
    /// Config snapshots and history.
    Config,
    /// S3 server access logs.
    AccessLogs,
    /// Replicas of another log bucket.
    Replicas,
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
    /// Organization trails, by the account that owns them.
    pub organization_trails: Derived<Vec<OwnedTrail>>,
    /// Accounts with a record in the snapshot.
    pub recorded_accounts: BTreeSet<String>,
    /// Buckets that receive logs and were read, by name.
    pub buckets: BTreeMap<String, Arc<Bucket>>,
    /// What logs each bucket that somebody names receives.
    pub log_kinds: BTreeMap<String, BTreeSet<LogKind>>,
    /// Whether every account of the organization could say which buckets it owns.
    pub inventories: Result<(), Gaps>,
    /// The account-wide public access block of each owner of a log bucket.
    pub account_public_access_blocks: BTreeMap<String, Observed<PublicAccessBlock>>,
    /// Keys that encrypt logs and were read, by everything that they are called.
    pub keys: BTreeMap<String, Arc<Key>>,
    /// What keys trails, buckets and channels name, as they name them.
    pub key_references: BTreeSet<String>,
    /// CloudWatch Logs destinations by ARN, with their owner and region.
    pub destinations: BTreeMap<String, (String, String, Destination)>,
    /// Regions of accounts whose destinations could not be listed.
    pub destination_gaps: Option<Gaps>,
    /// Config aggregators with their owner and region.
    pub aggregators: Vec<(String, String, Aggregator)>,
    /// Why aggregators may be missing from the list.
    pub aggregator_gaps: Option<Gaps>,
    /// Gaps that no collected record holds: accounts in scope without a record.
    pub gaps: Vec<Gap>,
}

#[derive(Default)]
struct Gathered {
    recorded: BTreeSet<String>,
    inventoried: BTreeSet<String>,
    trails: Vec<OwnedTrail>,
    management_trail_gaps: Option<Gaps>,
    buckets: BTreeMap<String, Arc<Bucket>>,
    log_kinds: BTreeMap<String, BTreeSet<LogKind>>,
    inventory_gaps: Option<Gaps>,
    blocks: BTreeMap<String, Observed<PublicAccessBlock>>,
    keys: BTreeMap<String, Arc<Key>>,
    key_references: BTreeSet<String>,
    destinations: BTreeMap<String, (String, String, Destination)>,
    destination_gaps: Option<Gaps>,
    aggregators: Vec<(String, String, Aggregator)>,
    aggregator_gaps: Option<Gaps>,
}

fn join(into: &mut Option<Gaps>, gaps: &Gaps) {
    *into = Some(match into.take() {
        Some(before) => before.and(gaps),
        None => gaps.clone(),
    });
}

impl Gathered {
    fn account(&mut self, management_account: Option<&str>, record: AccountRecord) {
        match record.buckets.get() {
            Ok(_) => drop(self.inventoried.insert(record.id.clone())),
            Err(gaps) => join(&mut self.inventory_gaps, &gaps),
        }
        match record.trails {
            Observed::Known(trails) => {
                for trail in trails {
                    if let Observed::Known(settings) = &trail.settings {
                        self.log_kinds
                            .entry(settings.bucket_name.clone())
                            .or_default()
                            .insert(LogKind::Trail);
                        self.key_references.extend(settings.kms_key_id.get().ok().flatten().cloned());
                    }
                    let organization = match &trail.settings {
                        Observed::Known(settings) => settings.organization_trail,
                        _ => management_account == Some(record.id.as_str()),
                    };
                    if organization {
                        self.trails.push(OwnedTrail { account_id: record.id.clone(), trail });
                    }
                }
            }
            Observed::Unavailable(gap) if management_account == Some(record.id.as_str()) => {
                join(&mut self.management_trail_gaps, &gap.into());
            }
            Observed::Absent | Observed::Unavailable(_) => {}
        }
        if let Err(gaps) = record.enabled_regions.get() {
            join(&mut self.destination_gaps, &gaps);
        }
        for region in record.regions {
            for channel in region.delivery_channels.list().unwrap_or_default() {
                if let Observed::Known(bucket) = &channel.bucket_name {
                    self.log_kinds.entry(bucket.clone()).or_default().insert(LogKind::Config);
                }
                self.key_references.extend(channel.kms_key_arn.get().ok().flatten().cloned());
            }
            match region.destinations {
                Observed::Known(destinations) => {
                    for destination in destinations {
                        let owned = (record.id.clone(), region.name.clone(), destination);
                        self.destinations.insert(owned.2.arn.clone(), owned);
                    }
                }
                Observed::Absent => {}
                Observed::Unavailable(gap) => join(&mut self.destination_gaps, &gap.into()),
            }
            match region.aggregators {
                Some(Observed::Known(aggregators)) => {
                    let place = |aggregator| (record.id.clone(), region.name.clone(), aggregator);
                    self.aggregators.extend(aggregators.into_iter().map(place));
                }
                Some(Observed::Unavailable(gap)) => join(&mut self.aggregator_gaps, &gap.into()),
                Some(Observed::Absent) | None => {}
            }
        }
        self.recorded.insert(record.id);
    }

    fn stores(&mut self, record: StoresRecord) {
        self.blocks.insert(record.account_id.clone(), record.public_access_block);
        for bucket in record.buckets {
            if let Observed::Known(logging) = &bucket.logging {
                self.log_kinds.entry(logging.target_bucket.clone()).or_default().insert(LogKind::AccessLogs);
            }
            if let Observed::Known(replication) = &bucket.replication {
                for rule in &replication.rules {
                    let name = rule.destination_bucket_arn.rsplit(':').next().unwrap_or_default();
                    self.log_kinds.entry(name.to_owned()).or_default().insert(LogKind::Replicas);
                }
            }
            if let Observed::Known(encryption) = &bucket.encryption {
                self.key_references.extend(encryption.kms_key_id.get().ok().flatten().cloned());
            }
            self.buckets.insert(bucket.name.clone(), Arc::new(bucket));
        }
        for key in record.keys {
            let key = Arc::new(key);
            self.keys.insert(key.arn.clone(), Arc::clone(&key));
            for reference in &key.references {
                self.keys.insert(reference.clone(), Arc::clone(&key));
            }
        }
    }
}

impl Index {
    /// The first pass.
    pub fn build(source: &Source, expectations: Expectations) -> Result<Self, SnapshotError> {
        let mut headers = source.headers()?.into_iter();
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

        let management_account = match &header.organization {
            Observed::Known(organization) => Some(organization.management_account_id.clone()),
            _ => None,
        };
        let mut gathered = Gathered::default();
        for record in source.records() {
            match record? {
                Record::Account(account) => gathered.account(management_account.as_deref(), *account),
                Record::Stores(stores) => gathered.stores(*stores),
                Record::Header(_) | Record::End(_) => {}
            }
        }
        Ok(Self::assemble(header, expectations, gathered, management_account.as_deref()))
    }

    fn assemble(
        header: Header,
        expectations: Expectations,
        mut gathered: Gathered,
        management_account: Option<&str>,
    ) -> Self {
        let mut gaps = Vec::new();
        let not_collected = |account: &str, service: &str, operation: &str, why: &str| {
            let place =
                GapPlace { account_id: Some(account), region: None, service, operation, resource: None };
            Gap::new(place, GapReason::NotCollected, why)
        };
        for account in &header.accounts {
            if !gathered.recorded.contains(account) {
                let gap =
                    not_collected(account, "sts", "AssumeRole", "the snapshot has no record of this account");
                join(&mut gathered.inventory_gaps, &gap.id.clone().into());
                gaps.push(gap);
            }
        }
        if let Observed::Known(organization) = &header.organization {
            match organization.accounts.get() {
                Ok(accounts) => {
                    for account in accounts.into_iter().flatten() {
                        if header.accounts.contains(&account.id) {
                            continue;
                        }
                        let gap =
                            not_collected(&account.id, "s3", "ListBuckets", "the account was not scanned");
                        join(&mut gathered.inventory_gaps, &gap.id.clone().into());
                        gaps.push(gap);
                    }
                }
                Err(unknown) => join(&mut gathered.inventory_gaps, &unknown),
            }
        }
        if let Some(management) = management_account.filter(|account| !gathered.recorded.contains(*account)) {
            let gap = not_collected(
                management,
                "cloudtrail",
                "ListTrails",
                "the management account was not scanned",
            );
            join(&mut gathered.management_trail_gaps, &gap.id.clone().into());
            gaps.push(gap);
        }
        let organization_trails = match gathered.management_trail_gaps {
            Some(unknown) if gathered.trails.is_empty() => Err(unknown),
            _ => Ok(gathered.trails),
        };
        let inventories = gathered.inventory_gaps.map_or(Ok(()), Err);
        let owner = |bucket: &str| match gathered.buckets.get(bucket) {
            Some(bucket) => Ok(Some(bucket.account_id.clone())),
            None => inventories.clone().map(|()| None),
        };
        let archive = match &expectations.archive_bucket {
            Some(bucket) => Ok(Some(Archive { bucket_name: bucket.clone(), account_id: owner(bucket) })),
            None => organization_bucket(&organization_trails).map(|bucket| {
                bucket.map(|bucket| Archive { account_id: owner(&bucket), bucket_name: bucket })
            }),
        };
        gaps.sort_unstable();
        gaps.dedup();
        Self {
            header,
            expectations,
            archive,
            organization_trails,
            recorded_accounts: gathered.recorded,
            buckets: gathered.buckets,
            log_kinds: gathered.log_kinds,
            inventories,
            account_public_access_blocks: gathered.blocks,
            keys: gathered.keys,
            key_references: gathered.key_references,
            destinations: gathered.destinations,
            destination_gaps: gathered.destination_gaps,
            aggregators: gathered.aggregators,
            aggregator_gaps: gathered.aggregator_gaps,
            gaps,
        }
    }
}

/// The bucket of the organization trail. Of several, the first by ARN that covers all regions decides.
fn organization_bucket(trails: &Derived<Vec<OwnedTrail>>) -> Derived<Option<String>> {
    let trails = trails.as_ref().map_err(Gaps::clone)?;
    let mut best: Option<(bool, &str, &str)> = None;
    let mut unknown: Option<Gaps> = None;
    for owned in trails {
        match owned.trail.settings.get() {
            Ok(Some(settings)) => {
                let candidate =
                    (!settings.multi_region, owned.trail.arn.as_str(), settings.bucket_name.as_str());
                if best.is_none_or(|best| candidate < best) {
                    best = Some(candidate);
                }
            }
            Ok(None) => {}
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    match (best, unknown) {
        (Some((_, _, bucket)), _) => Ok(Some(bucket.to_owned())),
        (None, Some(gaps)) => Err(gaps),
        (None, None) => Ok(None),
    }
}
