//! One account and region of an archive: what to list, what to read, and what it says in the end.
//!
//! The caller lists and reads, in any order and as many at a time as it likes; nothing here waits. What is kept of a
//! digest or log is its name and hash, and all of it goes when the folder is finished.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::chain::{Asked, Findings, Node, examine};
use super::defect::{Defect, DefectKind, Unverifiable, UnverifiableReason};
use super::digest::DigestReading;
use super::logs::{Judged, LogReading, LogToRead, Logs, Place};
use super::name::{DigestName, LogName, account_folder, digest_folder, log_folder};
use super::range::{TimeRange, merge, subtract};
use super::result::{ChainResult, RootHash};
use crate::finding::Severity;

/// How long after the hour that a digest covers it may still be on its way: until then a missing tail is no defect.
pub const DIGEST_GRACE: TimeDelta = TimeDelta::hours(2);
/// Digests that end this long after the range are read too: they tell of the logs and digests at its end.
const WITNESSES: TimeDelta = TimeDelta::hours(2);
/// How many logs without a digest are named in a chain; the rest is counted.
const UNLISTED_NAMED: usize = 1000;

/// The place of an account's and region's objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Folder {
    /// The bucket that digests are said to stand in.
    pub bucket: String,
    /// The trail's prefix in the bucket, without slashes at its ends; empty without one.
    pub prefix: String,
    /// The organization's id, for an organization trail.
    pub organization_id: Option<String>,
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
}

/// A trail as digest files name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrailName {
    /// Its name.
    pub name: String,
    /// The region that it was made in.
    pub home_region: String,
}

/// Whether logs are verified too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogChecks {
    /// Digests and the logs that they list.
    All,
    /// Digests alone.
    None,
}

/// What is asked of a folder.
#[derive(Debug, Clone)]
pub struct FolderRequest {
    /// The time.
    pub range: TimeRange,
    /// When the folder is listed.
    pub now: DateTime<Utc>,
    /// One trail; all that write here if `None`.
    pub trail: Option<TrailName>,
    /// Whether logs are verified too.
    pub logs: LogChecks,
}

/// A part of a bucket to list: keys that begin with `prefix`, sort after `start_after` and before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// S3's `Prefix`.
    pub prefix: String,
    /// S3's `StartAfter`.
    pub start_after: String,
    /// The first key that is no longer wanted.
    pub end: String,
}

impl Listing {
    fn of_days(folder: String, range: TimeRange) -> Self {
        let day = |time: DateTime<Utc>| time.format("%Y/%m/%d/");
        Self {
            start_after: format!("{folder}{}", day(range.from)),
            end: format!("{folder}{}", day(range.to + TimeDelta::days(1))),
            prefix: folder,
        }
    }

    /// Whether the key would be listed.
    pub fn contains(&self, key: &str) -> bool {
        key.starts_with(&self.prefix) && *self.start_after < *key && *key < *self.end
    }
}

/// The digests that follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stream {
    trail: TrailName,
    backfill: bool,
}

/// Verifies a folder.
pub struct FolderVerification {
    folder: Folder,
    bucket: Arc<str>,
    range: TimeRange,
    due: DateTime<Utc>,
    trail: Option<TrailName>,
    checks: LogChecks,
    streams: BTreeMap<Arc<Stream>, BTreeMap<DateTime<Utc>, Option<DigestReading>>>,
    digests_unlisted: Option<Unverifiable>,
    listed_logs: BTreeSet<Box<str>>,
    logs_unlisted: Option<Unverifiable>,
    logs: Logs,
}

impl FolderVerification {
    /// Nothing is known yet.
    pub fn new(folder: Folder, request: FolderRequest) -> Self {
        let FolderRequest { range, now, trail, logs } = request;
        let range = TimeRange::new(range.from, range.to.min(now));
        Self {
            bucket: Arc::from(folder.bucket.as_str()),
            due: range.to.min(now - DIGEST_GRACE),
            range,
            trail,
            checks: logs,
            streams: BTreeMap::new(),
            digests_unlisted: None,
            listed_logs: BTreeSet::new(),
            logs_unlisted: None,
            logs: Logs::default(),
            folder,
        }
    }

    /// What to list for digests.
    pub fn digest_listing(&self) -> Listing {
        let Folder { prefix, organization_id, account_id, region, .. } = &self.folder;
        let folder = digest_folder(prefix, organization_id.as_deref(), account_id, region);
        Listing::of_days(folder, TimeRange { from: self.range.from, to: self.range.to + WITNESSES })
    }

    /// What to list for logs; of no use with [`LogChecks::None`].
    pub fn log_listing(&self) -> Listing {
        let Folder { prefix, organization_id, account_id, region, .. } = &self.folder;
        let folder = log_folder(prefix, organization_id.as_deref(), account_id, region);
        // A digest of the first hour may list logs that were made in the hour before.
        Listing::of_days(
            folder,
            TimeRange { from: self.range.from - WITNESSES, to: self.range.to + WITNESSES },
        )
    }

    /// A key that was listed for digests. What is not a digest of this folder, or not wanted, is passed over.
    pub fn list_digest(&mut self, key: &str) {
        let Some((stream, end)) = self.recognize(key) else { return };
        let wanted = self.trail.as_ref().is_none_or(|trail| *trail == stream.trail);
        if wanted && self.range.from < end && end < self.range.to + WITNESSES {
            self.streams.entry(Arc::new(stream)).or_default().entry(end).or_insert(None);
        }
    }

    /// A key that was listed for logs. What is not a log of this folder is passed over.
    pub fn list_log(&mut self, key: &str) {
        let Folder { prefix, organization_id, account_id, region, .. } = &self.folder;
        let ours = LogName::parse(key).is_ok_and(|name| {
            name.prefix == *prefix
                && name.organization_id == *organization_id
                && name.account_id == *account_id
                && name.region == *region
        });
        if ours {
            self.listed_logs.insert(Box::from(key));
        }
    }

    /// Digests could not be listed, or not all of them.
    pub fn digest_listing_failed(&mut self, why: Unverifiable) {
        self.digests_unlisted = Some(why);
    }

    /// Logs could not be listed, or not all of them.
    pub fn log_listing_failed(&mut self, why: Unverifiable) {
        self.logs_unlisted = Some(why);
    }

    /// The keys of the digests to read.
    pub fn digests_to_read(&self) -> Vec<String> {
        let unread = |(stream, readings): (&Arc<Stream>, &BTreeMap<_, Option<DigestReading>>)| {
            let ends: Vec<_> =
                readings.iter().filter(|(_, reading)| reading.is_none()).map(|(end, _)| *end).collect();
            ends.into_iter().map(|end| self.name(stream, end).key()).collect::<Vec<_>>()
        };
        self.streams.iter().flat_map(unread).collect()
    }

    /// What became of a digest that was to be read.
    pub fn add_digest(&mut self, key: &str, mut reading: DigestReading) {
        let Some((stream, end)) = self.recognize(key) else { return };
        let Some((stream, _)) = self.streams.get_key_value(&stream) else { return };
        let stream = Arc::clone(stream);
        if let DigestReading::Read(checked) = &mut reading
            && let Some(body) = &mut checked.body
        {
            let own: Arc<str> = if *body.bucket == *self.bucket {
                Arc::clone(&self.bucket)
            } else {
                Arc::from(body.bucket.as_str())
            };
            for log in std::mem::take(&mut body.logs) {
                let bucket = log.bucket.map_or_else(|| Arc::clone(&own), Arc::from);
                let place = Place { bucket, key: log.key };
                self.logs.claim(place, &stream, end, log.sha256, checked.signed);
            }
        }
        if let Some(slot) = self.streams.get_mut(&stream).and_then(|readings| readings.get_mut(&end)) {
            *slot = Some(reading);
        }
    }

    /// The logs to read, once all digests were added. One that a complete listing does not have is not among them.
    pub fn logs_to_read(&self) -> Vec<LogToRead> {
        if self.checks == LogChecks::None {
            return Vec::new();
        }
        let (listing, account) = (self.log_listing(), self.account_folder());
        self.logs
            .entries
            .iter()
            .filter(|(place, entry)| {
                entry.readable(place, &self.bucket, &account)
                    && !self.proven_missing(&listing, place)
                    // Those of witnesses alone are not asked for.
                    && entry.claims.iter().any(|claim| self.concerns(&claim.stream, claim.end))
            })
            .map(|(place, _)| LogToRead { bucket: Arc::clone(&place.bucket), key: place.key.to_string() })
            .collect()
    }

    /// What became of a log that was to be read.
    pub fn add_log(&mut self, bucket: &str, key: &str, reading: LogReading) {
        self.logs.read(bucket, key, reading);
    }

    /// What the folder says: a result for each trail, by name.
    pub fn finish(mut self) -> Vec<ChainResult> {
        let mut chains: BTreeMap<Option<TrailName>, Chain> = BTreeMap::new();
        if let Some(trail) = self.trail.clone() {
            chains.entry(Some(trail)).or_default();
        }
        let mut nodes: BTreeMap<Arc<Stream>, Vec<Node>> = BTreeMap::new();
        for (stream, readings) in std::mem::take(&mut self.streams) {
            let stream_nodes = readings.into_iter().map(|(end, reading)| {
                let reading = reading.unwrap_or_else(|| {
                    let detail = "it was not read before the run ended";
                    DigestReading::Unverifiable(Unverifiable::new(UnverifiableReason::Interrupted, detail))
                });
                Node::new(self.name(&stream, end), reading)
            });
            chains.entry(Some(stream.trail.clone())).or_default();
            nodes.insert(Arc::clone(&stream), stream_nodes.collect());
        }
        if chains.is_empty() {
            chains.entry(None).or_default();
        }
        for (trail, chain) in &mut chains {
            for backfill in [false, true] {
                let stream = trail.clone().map(|trail| Stream { trail, backfill });
                let mut none = Vec::new();
                let nodes = stream.and_then(|stream| nodes.get_mut(&stream)).unwrap_or(&mut none);
                let findings = examine(&self.asked(), nodes, !backfill);
                chain.absorb(findings, backfill);
            }
        }
        self.judge_logs(&nodes, &mut chains);
        let unlisted = self.unlisted(&nodes);
        self.judge_stops(&mut chains, &unlisted);
        self.place_unlisted(&mut chains, &nodes, &unlisted);
        self.place_failed_listings(&mut chains);
        chains.into_iter().map(|(trail, chain)| chain.result(&self.folder, trail)).collect()
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            bucket: &self.bucket,
            range: self.range,
            due: self.due,
            partial: self.digests_unlisted.is_some(),
        }
    }

    fn account_folder(&self) -> String {
        let Folder { prefix, organization_id, account_id, .. } = &self.folder;
        account_folder(prefix, organization_id.as_deref(), account_id)
    }

    fn recognize(&self, key: &str) -> Option<(Stream, DateTime<Utc>)> {
        let name = DigestName::parse(key).ok()?;
        let folder = &self.folder;
        let ours = name.prefix == folder.prefix
            && name.organization_id == folder.organization_id
            && name.account_id == folder.account_id
            && name.region == folder.region;
        let trail = TrailName { name: name.trail, home_region: name.home_region };
        ours.then_some((Stream { trail, backfill: name.backfill }, name.end))
    }

    fn name(&self, stream: &Stream, end: DateTime<Utc>) -> DigestName {
        DigestName {
            prefix: self.folder.prefix.clone(),
            organization_id: self.folder.organization_id.clone(),
            account_id: self.folder.account_id.clone(),
            region: self.folder.region.clone(),
            trail: stream.trail.name.clone(),
            home_region: stream.trail.home_region.clone(),
            end,
            backfill: stream.backfill,
        }
    }

    /// Whether a digest covers some of what was asked; a witness does not.
    fn concerns(&self, stream: &Stream, end: DateTime<Utc>) -> bool {
        let Some(Some(DigestReading::Read(checked))) =
            self.streams.get(stream).and_then(|readings| readings.get(&end))
        else {
            return false;
        };
        let from =
            checked.body.as_ref().filter(|_| checked.signed && !checked.moved).map(|body| body.range.from);
        from.unwrap_or(end - TimeDelta::hours(1)) < self.range.to
    }

    fn proven_missing(&self, listing: &Listing, place: &Place) -> bool {
        self.logs_unlisted.is_none()
            && place.bucket == self.bucket
            && listing.contains(&place.key)
            && !self.listed_logs.contains(&place.key)
    }

    fn judge_logs(
        &mut self,
        nodes: &BTreeMap<Arc<Stream>, Vec<Node>>,
        chains: &mut BTreeMap<Option<TrailName>, Chain>,
    ) {
        let node = |stream: &Stream, end: DateTime<Utc>| {
            let nodes = nodes.get(stream)?;
            nodes.binary_search_by(|node| node.end().cmp(&end)).ok().and_then(|index| nodes.get(index))
        };
        let trusted =
            |claim: &super::logs::Claim| node(&claim.stream, claim.end).is_some_and(Node::speaks_for_logs);
        let (listing, account) = (self.log_listing(), self.account_folder());
        let mut presumed = Vec::new();
        for (place, entry) in &self.logs.entries {
            if self.proven_missing(&listing, place) {
                presumed.push((place.clone(), LogReading::Missing));
            } else if !entry.readable(place, &self.bucket, &account) {
                let detail =
                    "only a digest without a good signature lists it, in a place that is not its own";
                let why = Unverifiable::new(UnverifiableReason::OtherPlace, detail);
                presumed.push((place.clone(), LogReading::Unverifiable(why)));
            }
        }
        for (place, reading) in presumed {
            self.logs.read(&place.bucket, &place.key, reading);
        }
        for (place, entry) in &self.logs.entries {
            let concerning = || {
                entry.claims.iter().filter_map(|claim| {
                    let range = node(&claim.stream, claim.end)?.range;
                    range.intersection(self.range).map(|_| (claim, range))
                })
            };
            let Some((claim, range)) =
                concerning().find(|(claim, _)| trusted(claim)).or_else(|| concerning().next())
            else {
                continue;
            };
            let Some(chain) = chains.get_mut(&Some(claim.stream.trail.clone())) else { continue };
            if self.checks == LogChecks::None {
                chain.not_sampled += 1;
                continue;
            }
            let (judged, defect) = entry.judge(place, claim, range, trusted);
            match judged {
                Judged::Valid => chain.logs.valid += 1,
                Judged::Invalid => chain.logs.invalid += 1,
                Judged::Missing => chain.logs.missing += 1,
                Judged::Unverifiable => chain.logs.unverifiable += 1,
                Judged::NotSampled => chain.not_sampled += 1,
            }
            chain.findings.defects.extend(defect);
        }
    }

    /// The logs that no digest lists, with their time, by name.
    fn unlisted(&self, nodes: &BTreeMap<Arc<Stream>, Vec<Node>>) -> Vec<(&str, DateTime<Utc>)> {
        // Where nothing of the digests is known, nothing is known of what they list.
        if self.checks == LogChecks::None || (self.digests_unlisted.is_some() && nodes.is_empty()) {
            return Vec::new();
        }
        let bucket = &self.bucket;
        let listed = |key: &str| {
            let place = Place { bucket: Arc::clone(bucket), key: Box::from(key) };
            self.logs.entries.contains_key(&place)
        };
        self.listed_logs
            .iter()
            .filter_map(|key| {
                let time = LogName::parse(key).ok()?.time;
                (self.range.contains(time) && !listed(key)).then_some((&**key, time))
            })
            .collect()
    }

    /// A stop is for the record if the last digest before it stands. If that one were gone, the logs that it listed
    /// would be without a digest, and the one before it would have ended with its hour.
    fn judge_stops(
        &self,
        chains: &mut BTreeMap<Option<TrailName>, Chain>,
        unlisted: &[(&str, DateTime<Utc>)],
    ) {
        for chain in chains.values_mut() {
            for stop in std::mem::take(&mut chain.findings.stops) {
                let logs = unlisted.iter().filter(|(_, time)| stop.range.contains(*time)).count();
                let (severity, detail) = match (logs, stop.last_stands) {
                    (0, true) => (Severity::Info, "logging was stopped and started again".to_owned()),
                    (0, false) => (
                        Severity::High,
                        "logging was stopped and started again, and nothing shows that the last digest before it \
                         stands: compare with the StopLogging event"
                            .to_owned(),
                    ),
                    (logs, _) => (
                        Severity::High,
                        format!(
                            "a chain ended and another began, with {logs} logs between that no digest lists: digests \
                             were deleted, or log file validation was off while logging went on"
                        ),
                    ),
                };
                let mut defect = Defect::new(DefectKind::Stop, detail).during(stop.range);
                defect.severity = severity;
                chain.findings.defects.push(defect);
                chain.stopped.push(stop.range);
            }
        }
    }

    fn place_unlisted(
        &self,
        chains: &mut BTreeMap<Option<TrailName>, Chain>,
        nodes: &BTreeMap<Arc<Stream>, Vec<Node>>,
        unlisted: &[(&str, DateTime<Utc>)],
    ) {
        if unlisted.is_empty() {
            return;
        }
        let delivered = nodes.values().flatten().map(Node::end).max();
        let covered: Vec<TimeRange> =
            merge(chains.values().flat_map(|chain| chain.findings.covered.iter().copied()).collect());
        let only = if chains.len() == 1 { chains.keys().next().cloned().flatten() } else { None };
        let chain = chains.entry(only).or_default();
        for (key, time) in unlisted.iter().take(UNLISTED_NAMED) {
            let detail = if delivered.is_none_or(|delivered| delivered <= *time) {
                "no digest was delivered for its time yet"
            } else if covered.iter().any(|range| range.contains(*time)) {
                "the digests of its time are there and do not list it: it is forged, comes late, or is of a trail \
                 without log file validation"
            } else {
                "the digest of its time is not there or not valid"
            };
            chain.findings.defects.push(
                Defect::new(DefectKind::LogUnlisted, detail)
                    .at(&self.bucket, key)
                    .during(TimeRange { from: *time, to: *time + TimeDelta::minutes(1) }),
            );
        }
        if let Some(rest) = unlisted.len().checked_sub(UNLISTED_NAMED).filter(|rest| *rest > 0) {
            let detail = format!("and {rest} more logs that no digest lists");
            chain.findings.defects.push(Defect::new(DefectKind::LogUnlisted, detail).during(self.range));
        }
    }

    fn place_failed_listings(&self, chains: &mut BTreeMap<Option<TrailName>, Chain>) {
        let digests = self.digests_unlisted.as_ref().map(|why| (self.digest_listing().prefix, why));
        let logs = self.logs_unlisted.as_ref().map(|why| (self.log_listing().prefix, why));
        let Some(chain) = chains.values_mut().next() else { return };
        if digests.is_some() {
            let known =
                merge(chain.findings.covered.iter().chain(&chain.findings.invalid).copied().collect());
            chain.findings.unverifiable.extend(subtract(self.range, &known));
        }
        for (prefix, why) in digests.into_iter().chain(logs) {
            let defect = Defect::new(
                DefectKind::Unverifiable,
                format!("not all of it could be listed: {}", why.detail),
            );
            chain.findings.defects.push(defect.at(&self.bucket, &prefix).during(self.range));
        }
    }
}

/// A trail's chain while it is put together.
#[derive(Default)]
struct Chain {
    findings: Findings,
    backfill_digests: u64,
    logs: super::result::Counts,
    not_sampled: u64,
    stopped: Vec<TimeRange>,
}

impl Chain {
    fn absorb(&mut self, findings: Findings, backfill: bool) {
        let own = &mut self.findings;
        own.counts.add(findings.counts);
        own.defects.extend(findings.defects);
        own.stops.extend(findings.stops);
        own.verified.extend(findings.verified);
        if backfill {
            self.backfill_digests = findings.counts.total();
        } else {
            own.covered = findings.covered;
            own.missing = findings.missing;
            own.invalid = findings.invalid;
            own.unverifiable = findings.unverifiable;
        }
    }

    fn result(self, folder: &Folder, trail: Option<TrailName>) -> ChainResult {
        let Findings { mut defects, counts, covered, missing, invalid, unverifiable, mut verified, .. } =
            self.findings;
        defects.sort_by(|one, other| {
            (one.from, one.to, one.kind, &one.object).cmp(&(other.from, other.to, other.kind, &other.object))
        });
        verified.sort_unstable();
        let mut root = RootHash::default();
        for (key, hash) in &verified {
            root.add([&**key, &**hash]);
        }
        let (name, home_region) = trail.map(|trail| (trail.name, trail.home_region)).unzip();
        ChainResult {
            account_id: folder.account_id.clone(),
            region: folder.region.clone(),
            trail: name,
            home_region,
            bucket: folder.bucket.clone(),
            prefix: folder.prefix.clone(),
            organization_id: folder.organization_id.clone(),
            digests: counts,
            backfill_digests: self.backfill_digests,
            logs: self.logs,
            logs_not_sampled: self.not_sampled,
            covered: merge(covered),
            stopped: merge(self.stopped),
            missing: merge(missing),
            invalid: merge(invalid),
            unverifiable: merge(unverifiable),
            defects,
            root_hash: root.finish(),
        }
    }
}
