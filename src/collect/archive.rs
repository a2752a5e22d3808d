//! Reads the archive of CloudTrail logs and hands what it holds to [`crate::integrity`], which judges it.
//!
//! Which trails, buckets, accounts and regions are meant is in `places`; `sampling` chooses logs, `bucket` and
//! `folder` are the two kinds of store, `keys` the public keys, `walk` the way through a folder of the archive,
//! `state` what an interrupted run leaves, `copying` a copy for verification without a network. No content of any
//! object is kept but by `copying`.

mod bucket;
mod copying;
mod error;
mod folder;
mod keys;
mod places;
mod sampling;
mod state;
mod walk;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};

pub use copying::Copied;
pub use error::ArchiveError;

use self::bucket::{Buckets, Limits};
use self::folder::Copies;
use self::keys::Keys;
use self::places::Places;
use self::state::State;
use super::Run;
use crate::integrity::{ArchivePlace, Sample, TimeRange, Unverifiable, UnverifiableReason, Verified};
use crate::plan::CollectSettings;

/// What of the archive is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every trail that the organization's archive holds.
    Organization,
    /// One trail, by ARN.
    Trail(String),
    /// A bucket, and the prefix before `AWSLogs`.
    Bucket {
        /// The bucket.
        bucket: String,
        /// The prefix, without slashes at its ends; empty for none.
        prefix: String,
    },
}

/// What to verify.
#[derive(Debug, Clone)]
pub struct Request {
    /// What of the archive is meant.
    pub target: Target,
    /// From when to when; without it 90 days up to now, or what the state says.
    pub range: Option<TimeRange>,
    /// Only these accounts, by number. Each of them must be there.
    pub accounts: Vec<String>,
    /// Only these regions. Each of them must be there.
    pub regions: Vec<String>,
    /// The part of the logs that is read.
    pub sample: Sample,
    /// Where progress is kept, and taken up.
    pub state: Option<PathBuf>,
    /// The account that owns the bucket, where that is known.
    pub archive_account: Option<String>,
    /// Someone chose the audit role. Otherwise a bucket that is named is read with the caller's own credentials.
    pub role_is_chosen: bool,
    /// A copy on this machine to read instead of the archive.
    pub copy: Option<LocalCopy>,
}

/// A copy of an archive on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalCopy {
    /// The folder.
    pub folder: PathBuf,
    /// CloudTrail's public keys, as `aws cloudtrail list-public-keys` prints them.
    pub public_keys: PathBuf,
}

/// What is going on, for whoever shows progress.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveEvent {
    /// What is meant is known.
    Planned {
        /// Trails, buckets and prefixes.
        places: Vec<ArchivePlace>,
        /// Folders, one for each account and region.
        folders: usize,
        /// Folders among them that an interrupted run has verified.
        resumed: usize,
        /// From when to when.
        range: TimeRange,
    },
    /// How far it is.
    Progress {
        /// Folders that are done.
        done: usize,
        /// Folders in all.
        total: usize,
        /// Objects that were read.
        objects: u64,
        /// Their bytes, as they came.
        bytes: u64,
    },
    /// Not everything could be read, and the state that is kept knows what is left to read.
    RestIsKept,
    /// Something that the user should know, in one sentence.
    Warning(String),
}

/// A key that a listing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    key: Box<str>,
    /// In bytes.
    size: u64,
}

/// Why an object or a listing was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unread {
    /// It is not there.
    Missing,
    /// Whether it is there and what it holds cannot be said.
    Unverifiable(Unverifiable),
}

impl Unread {
    fn ended() -> Self {
        Self::other(UnverifiableReason::Interrupted, "reading has ended")
    }

    fn other(reason: UnverifiableReason, detail: impl Into<String>) -> Self {
        Self::Unverifiable(Unverifiable { reason, detail: detail.into() })
    }

    /// Where a listing is meant, nothing to list is no failure but an answer that cannot be.
    fn of_listing(self) -> Unverifiable {
        match self {
            Self::Missing => Unverifiable {
                reason: UnverifiableReason::Other,
                detail: "the bucket does not exist".to_owned(),
            },
            Self::Unverifiable(unverifiable) => unverifiable,
        }
    }
}

/// Where objects come from.
#[derive(Debug)]
enum Store {
    /// S3, through one session for each bucket.
    Buckets(BTreeMap<String, Buckets>),
    /// A copy.
    Copies(Copies),
}

impl Store {
    fn bucket(&self, bucket: &str) -> Result<&Buckets, Unread> {
        let Self::Buckets(buckets) = self else { return Err(Unread::Missing) };
        buckets.get(bucket).ok_or_else(|| {
            let detail = format!("the bucket {bucket} is not among those that this run reads");
            Unread::other(UnverifiableReason::OtherPlace, detail)
        })
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        start_after: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Listed>, Unread> {
        match self {
            Self::Buckets(_) => self.bucket(bucket)?.list(bucket, prefix, start_after, wanted).await,
            Self::Copies(copies) => copies.list(bucket, prefix, start_after, wanted),
        }
    }

    async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Unread> {
        match self {
            Self::Buckets(_) => self.bucket(bucket)?.folders(bucket, prefix).await,
            Self::Copies(copies) => copies.folders(bucket, prefix),
        }
    }

    async fn read<S: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        size: Option<u64>,
        begin: impl Fn() -> S,
        push: fn(&mut S, &[u8]) -> ControlFlow<()>,
    ) -> Result<(S, BTreeMap<String, String>), Unread> {
        match self {
            Self::Buckets(_) => self.bucket(bucket)?.read(bucket, key, size, begin, push).await,
            Self::Copies(copies) => copies.read(bucket, key, begin(), push).await,
        }
    }
}

/// Counts that progress is made of.
#[derive(Debug, Default)]
struct Counters {
    folders: AtomicUsize,
    objects: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    fn count(&self, bytes: u64) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn event(&self, total: usize) -> ArchiveEvent {
        ArchiveEvent::Progress {
            done: self.folders.load(Ordering::Relaxed),
            total,
            objects: self.objects.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

/// Everything that is fixed before the first folder.
#[derive(Debug)]
struct Archive {
    store: Store,
    keys: Keys,
    range: TimeRange,
    began: DateTime<Utc>,
    sample: Sample,
    max_concurrency: usize,
    counters: Counters,
}

/// Verifies the archive, or a copy of it. What was read until `stop` ends is kept where the request says.
///
/// Hashing and signatures run on the runtime's threads for blocking work: more of them than processors only wait for each
/// other.
pub async fn verify(
    settings: &CollectSettings,
    request: &Request,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
    stop: impl Future<Output = ()>,
) -> Result<Verified, ArchiveError> {
    super::check(settings)?;
    tokio::select! {
        result = Box::pin(work(settings, request, events)) => result,
        () = stop => Err(ArchiveError::Interrupted { state: request.state.clone() }),
    }
}

/// Copies the digests and logs of a range, with their metadata and the public keys, below `folder`.
pub async fn copy(
    settings: &CollectSettings,
    request: &Request,
    folder: &Path,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
    stop: impl Future<Output = ()>,
) -> Result<Copied, ArchiveError> {
    super::check(settings)?;
    let work = async {
        let (archive, places, _) = open(settings, request, None, events).await?;
        copying::copy(archive, places, folder, events).await
    };
    tokio::select! {
        result = Box::pin(work) => result,
        () = stop => Err(ArchiveError::Interrupted { state: None }),
    }
}

async fn work(
    settings: &CollectSettings,
    request: &Request,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Verified, ArchiveError> {
    // A state that cannot be gone on with is found before AWS is asked.
    let state = request.state.as_deref().map(State::open).transpose()?;
    let (archive, places, state) = open(settings, request, state, events).await?;
    let (began, sample) = (archive.began, archive.sample.clone());
    let verification = walk::verify(archive, &places, state, events).await?;
    Ok(Verified { began, places: places.list, sample, verification })
}

/// Finds out what is meant and how it is read.
async fn open(
    settings: &CollectSettings,
    request: &Request,
    state: Option<State>,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<(Arc<Archive>, Places, Option<State>), ArchiveError> {
    let began = state.as_ref().and_then(State::began).unwrap_or_else(Utc::now);
    let range = request
        .range
        .or_else(|| state.as_ref().and_then(State::range))
        .unwrap_or_else(|| TimeRange::new(began - DEFAULT_RANGE, began));
    let sample = match state.as_ref().and_then(State::sample) {
        Some(before) if before.is_as_asked(&request.sample) => before,
        _ => request.sample.clone(),
    };
    let limits =
        Arc::new(Limits::new(settings.max_concurrency, settings.call_time_limit, settings.max_attempts));
    let (store, keys, places) = if let Some(copy) = &request.copy {
        let keys = Keys::from_file(&copy.public_keys)?;
        let store = Store::Copies(Copies::open(&copy.folder)?);
        let places = places::of_copy(&store, request).await?;
        (store, keys, places)
    } else {
        let run = Arc::new(Run::begin(settings).await?);
        for warning in crate::aws::endpoints_in_the_clear(&run.config) {
            events(ArchiveEvent::Warning(warning));
        }
        let (store, places) = places::find(&run, request, &limits, events).await?;
        (store, Keys::of_caller(&run, range), places)
    };
    let state = match state {
        Some(state) => Some(state.begin(state::Header::new(began, range, &places, request, &sample))?),
        None => None,
    };
    let archive = Archive {
        store,
        keys,
        range,
        began,
        sample,
        max_concurrency: settings.max_concurrency,
        counters: Counters::default(),
    };
    Ok((Arc::new(archive), places, state))
}

/// What is verified where no range is given: what auditors ask of CloudTrail's own event history.
const DEFAULT_RANGE: chrono::TimeDelta = chrono::TimeDelta::days(90);
