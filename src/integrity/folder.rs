//! One account and region of an archive: what to list, what to read, and what it says in the end.
//!
//! The caller lists and reads, in any order and as many at a time as it likes; nothing here waits. What is kept of a
//! digest or log is its name and hash, and all of it goes when the folder is finished.

mod assemble;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::defect::Unverifiable;
use super::digest::DigestReading;
use super::logs::{LogReading, LogToRead, Logs, Place};
use super::name::{DigestName, LogName, account_folder, digest_folder, log_folder};
use super::range::TimeRange;
use super::stream::{Stream, TrailName};

/// How long after the hour that a digest covers it may still be on its way: until then a missing tail is no defect.
pub const DIGEST_GRACE: TimeDelta = TimeDelta::hours(2);
/// Digests that end this long after the range are read too: they tell of the logs and digests at its end.
const WITNESSES: TimeDelta = TimeDelta::hours(2);

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
}
