//! Whose log stores may be missing from the index: buckets and keys are known only because a trail, a delivery channel
//! or another bucket names them, so an answer that was refused may have named some that nobody knows of.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AccountRecord, Edge, EdgeKind, Gap, GapId, GapPlace, GapReason, Gaps, LogKind, Origin};
use crate::policy::Arn;

/// What was refused, by the account that would have answered.
#[derive(Default)]
pub(super) struct Unlisted {
    /// The scan was told which regions to read: others are out of scope, whether or not they could be listed.
    pub(super) regions_named: bool,
    pub(super) buckets: BTreeMap<String, Gaps>,
    pub(super) keys: BTreeMap<String, Gaps>,
    pub(super) streams: BTreeMap<String, Gaps>,
    /// What was refused that may have named buckets that receive logs of a kind, whoever owns those.
    pub(super) kinds: BTreeMap<LogKind, BTreeSet<GapId>>,
    /// Log groups that trails and vended logs are delivered to, by ARN: their keys encrypt logs too.
    receiving_log_groups: BTreeSet<String>,
    log_group_gaps: BTreeMap<(String, String), Gaps>,
    /// Why the key of a log group is not known, by the group's ARN.
    log_group_keys: BTreeMap<String, Gaps>,
}

impl Unlisted {
    /// Nothing was refused, and no log group that receives logs bears this account's number.
    pub(super) fn says_nothing_of(&self, account: &str) -> bool {
        let Self {
            regions_named: _,
            buckets,
            keys,
            streams,
            kinds,
            receiving_log_groups,
            log_group_gaps,
            log_group_keys,
        } = self;
        let named = [buckets, keys, streams, log_group_keys];
        named.iter().all(|named| named.is_empty())
            && kinds.is_empty()
            && log_group_gaps.is_empty()
            && receiving_log_groups.iter().all(|arn| !arn.contains(account))
    }

    fn kind(&mut self, kind: LogKind, gaps: &Gaps) {
        self.kinds.entry(kind).or_default().extend(gaps.as_slice().iter().cloned());
    }

    /// Each bucket leads on to the key that encrypts it, and to those that receive its replicas and access logs.
    pub(super) fn buckets_and_keys(&mut self, account: &str, gaps: &Gaps) {
        note(&mut self.buckets, account, gaps);
        note(&mut self.keys, account, gaps);
        for kind in LogKind::OF_BUCKETS {
            self.kind(kind, gaps);
        }
    }

    /// Accounts outside the scan may deliver logs into any bucket.
    pub(super) fn accounts_outside(&mut self, gaps: &Gaps) {
        for kind in LogKind::ALL {
            self.kind(kind, gaps);
        }
    }

    /// What no edge tells: what regions hide that are missing from the record.
    pub(super) fn account(&mut self, record: &AccountRecord) {
        if let Some(gaps) = record.region_gaps() {
            for kind in LogKind::ALL {
                self.kind(kind, &gaps);
            }
        }
        if let Some(gaps) = record.enabled_regions.get().err().filter(|_| !self.regions_named) {
            self.buckets_and_keys(&record.id, &gaps);
            note(&mut self.streams, &record.id, &gaps);
            for kind in LogKind::OF_REGIONS {
                self.kind(kind, &gaps);
            }
        }
        for region in &record.regions {
            if let Err(gaps) = region.log_groups.get() {
                self.log_group_gaps.insert((record.id.clone(), region.name.clone()), gaps);
            }
        }
    }

    /// An edge of which the end was refused hides what it would have named.
    pub(super) fn edge(&mut self, edge: &Edge<'_>) {
        match (edge.kind, &edge.to, edge.origin) {
            (EdgeKind::Stores(kind), Err(gaps), _) => {
                self.buckets_and_keys(edge.account_id, gaps);
                self.kind(kind, gaps);
            }
            // A stream leads on to the bucket that it is delivered into, and to keys.
            (EdgeKind::Sends, Err(gaps), _) => {
                note(&mut self.streams, edge.account_id, gaps);
                self.buckets_and_keys(edge.account_id, gaps);
                self.kind(LogKind::Streamed, gaps);
            }
            // A delivery destination is a bucket or a stream, or a log group with a key.
            (EdgeKind::Vends, Err(gaps), _) => {
                note(&mut self.streams, edge.account_id, gaps);
                self.buckets_and_keys(edge.account_id, gaps);
                self.kind(LogKind::Vended, gaps);
                self.kind(LogKind::Streamed, gaps);
            }
            (EdgeKind::Delivers | EdgeKind::Encrypts, Err(gaps), Origin::Source | Origin::Store) => {
                note(&mut self.keys, edge.account_id, gaps);
            }
            (EdgeKind::Delivers, Ok(group), _) => drop(self.receiving_log_groups.insert((*group).to_owned())),
            (_, Err(gaps), Origin::LogGroup(arn)) => {
                self.log_group_keys.insert(arn.to_owned(), gaps.clone());
            }
            (EdgeKind::Stores(_) | EdgeKind::Sends | EdgeKind::Vends | EdgeKind::Encrypts, Ok(_), _) => {}
        }
    }

    /// Once all records have passed: the keys of log groups that receive logs and that nobody could be asked about. Gives the gaps
    /// that no record holds.
    pub(super) fn finish(
        &mut self,
        recorded: &BTreeSet<String>,
        missing: &BTreeMap<String, Gaps>,
    ) -> Vec<Gap> {
        for (account, gaps) in missing {
            self.buckets_and_keys(account, gaps);
            note(&mut self.streams, account, gaps);
            for kind in LogKind::ALL {
                self.kind(kind, gaps);
            }
        }
        let mut unasked = BTreeMap::new();
        for arn in &self.receiving_log_groups {
            let Some(Arn { region, account_id: account, .. }) = Arn::parse(arn) else { continue };
            if let Some(gaps) = self.log_group_keys.get(arn) {
                note(&mut self.keys, account, gaps);
            }
            if let Some(gaps) = self.log_group_gaps.get(&(account.to_owned(), region.to_owned())) {
                note(&mut self.keys, account, gaps);
            } else if !recorded.contains(account) && !missing.contains_key(account) {
                let place = GapPlace {
                    account_id: Some(account),
                    region: Some(region),
                    service: "logs",
                    operation: "DescribeLogGroups",
                    resource: None,
                };
                let gap = Gap::new(place, GapReason::NotCollected, "the account was not scanned");
                note(&mut self.keys, account, &gap.id.clone().into());
                unasked.insert(gap.id.clone(), gap);
            }
        }
        unasked.into_values().collect()
    }
}

fn note(into: &mut BTreeMap<String, Gaps>, account: &str, gaps: &Gaps) {
    match into.get_mut(account) {
        Some(before) => before.add(gaps),
        None => drop(into.insert(account.to_owned(), gaps.clone())),
    }
}
