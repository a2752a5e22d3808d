//! Whose log stores may be missing from the index: buckets and keys are known only because a trail, a delivery channel
//! or another bucket names them, so an answer that was refused may have named some that nobody knows of.

use std::collections::{BTreeMap, BTreeSet};

use super::LogKind;
use crate::model::{AccountRecord, Bucket, Gap, GapPlace, GapReason, Gaps, Observed, TrailSettings};

/// What was refused, by the account that would have answered.
#[derive(Default)]
pub(super) struct Unlisted {
    /// The scan was told which regions to read: others are out of scope, whether or not they could be listed.
    pub(super) regions_named: bool,
    pub(super) buckets: BTreeMap<String, Gaps>,
    pub(super) keys: BTreeMap<String, Gaps>,
    /// What was refused that may have named buckets that receive logs of a kind, whoever owns those.
    pub(super) kinds: BTreeMap<LogKind, Gaps>,
    /// Log groups that trails deliver to, by ARN: their keys encrypt logs too.
    trail_log_groups: BTreeSet<String>,
    log_group_gaps: BTreeMap<(String, String), Gaps>,
}

impl Unlisted {
    fn kind(&mut self, kind: LogKind, gaps: &Gaps) {
        match self.kinds.get_mut(&kind) {
            Some(before) => *before = before.clone().and(gaps),
            None => drop(self.kinds.insert(kind, gaps.clone())),
        }
    }

    /// Each bucket leads on to the key that encrypts it, and to those that receive its replicas and access logs.
    pub(super) fn buckets_and_keys(&mut self, account: &str, gaps: &Gaps) {
        note(&mut self.buckets, account, gaps);
        note(&mut self.keys, account, gaps);
        self.kind(LogKind::AccessLogs, gaps);
        self.kind(LogKind::Replicas, gaps);
    }

    /// Accounts outside the scan may deliver logs into any bucket.
    pub(super) fn accounts_outside(&mut self, gaps: &Gaps) {
        for kind in LogKind::ALL {
            self.kind(kind, gaps);
        }
    }

    pub(super) fn account(&mut self, record: &AccountRecord) {
        if let Some(gaps) = record.region_gaps() {
            for kind in LogKind::ALL {
                self.kind(kind, &gaps);
            }
        }
        let mut unread: Vec<(&[LogKind], Gaps)> = Vec::new();
        let regions = record.enabled_regions.get().err().filter(|_| !self.regions_named);
        unread.extend(regions.map(|gaps| (&[LogKind::Trail, LogKind::Config][..], gaps)));
        let (trails, unseen) = record.asked_trails();
        unread.extend(unseen.into_iter().map(|gaps| (&[LogKind::Trail][..], gaps)));
        for trail in trails {
            match trail.settings.get() {
                Ok(None) => {}
                Ok(Some(settings)) => self.settings(&record.id, settings),
                Err(gaps) => unread.push((&[LogKind::Trail], gaps)),
            }
        }
        for region in &record.regions {
            let channels = region.delivery_channels.get().err();
            unread.extend(channels.map(|gaps| (&[LogKind::Config][..], gaps)));
            for channel in region.delivery_channels.list().unwrap_or_default() {
                let bucket = channel.bucket_name.get().err();
                unread.extend(bucket.map(|gaps| (&[LogKind::Config][..], gaps)));
                self.key(&record.id, &channel.kms_key_arn);
            }
            if let Err(gaps) = region.log_groups.get() {
                self.log_group_gaps.insert((record.id.clone(), region.name.clone()), gaps);
            }
        }
        for (kinds, gaps) in unread {
            self.buckets_and_keys(&record.id, &gaps);
            for kind in kinds {
                self.kind(*kind, &gaps);
            }
        }
    }

    pub(super) fn bucket(&mut self, bucket: &Bucket) {
        for (kind, gaps) in [
            (LogKind::AccessLogs, bucket.logging.get().err()),
            (LogKind::Replicas, bucket.replication.get().err()),
        ] {
            if let Some(gaps) = gaps {
                self.buckets_and_keys(&bucket.account_id, &gaps);
                self.kind(kind, &gaps);
            }
        }
        match bucket.encryption.get() {
            Ok(Some(encryption)) => self.key(&bucket.account_id, &encryption.kms_key_id),
            Ok(None) => {}
            Err(gaps) => note(&mut self.keys, &bucket.account_id, &gaps),
        }
    }

    fn settings(&mut self, account: &str, settings: &TrailSettings) {
        self.key(account, &settings.kms_key_id);
        match settings.log_group_arn.get() {
            Ok(Some(group)) => {
                let arn = group.strip_suffix(":*").unwrap_or(group);
                self.trail_log_groups.insert(arn.to_owned());
            }
            Ok(None) => {}
            Err(gaps) => note(&mut self.keys, account, &gaps),
        }
    }

    /// What should have named a key.
    fn key(&mut self, account: &str, named: &Observed<String>) {
        if let Err(gaps) = named.get() {
            note(&mut self.keys, account, &gaps);
        }
    }

    /// Once all records have passed: the keys of trails' log groups that nobody could be asked about. Gives the gaps
    /// that no record holds.
    pub(super) fn finish(
        &mut self,
        recorded: &BTreeSet<String>,
        missing: &BTreeMap<String, Gaps>,
    ) -> Vec<Gap> {
        for (account, gaps) in missing {
            self.buckets_and_keys(account, gaps);
            for kind in LogKind::ALL {
                self.kind(kind, gaps);
            }
        }
        let mut unasked = BTreeMap::new();
        for arn in &self.trail_log_groups {
            let mut parts = arn.split(':').skip(3);
            let (Some(region), Some(account)) = (parts.next(), parts.next()) else { continue };
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
        Some(before) => *before = before.clone().and(gaps),
        None => drop(into.insert(account.to_owned(), gaps.clone())),
    }
}
