//! Through the archive, folder by folder: listings, then digests, then the logs that they name. A few folders are under
//! way at a time, so that memory holds the names of those alone.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;

use super::places::{Places, Planned};
use super::state::{Logs, State, name_of};
use super::{Archive, ArchiveError, ArchiveEvent, Unread};
use crate::collect::tasks::Tasks;
use crate::integrity::{
    ChainResult, DigestMetadata, DigestObject, DigestReading, FolderRequest, FolderVerification, GzipError,
    LogChecks, LogHasher, LogReading, LogToRead, MAX_DIGEST_BYTES, Sample, Unverifiable, UnverifiableReason,
    Verification,
};

/// Folders under way: the listings of one overlap the reading of others.
const FOLDERS: usize = 4;
/// Between two events of progress, and two writings of the state.
const TICK: Duration = Duration::from_millis(500);

/// A log that a folder's task has read, for the state.
struct Kept {
    folder: String,
    bucket: String,
    key: String,
    reading: LogReading,
}

/// Verifies every folder.
pub(super) async fn verify(
    archive: Arc<Archive>,
    places: &Places,
    mut state: Option<State>,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Verification, ArchiveError> {
    let total = places.folders.len();
    let mut chains: Vec<ChainResult> = Vec::new();
    let mut left = Vec::with_capacity(total);
    for planned in &places.folders {
        let before = state.as_mut().and_then(|state| state.finished(&name_of(&planned.folder)));
        match before {
            Some(before) => chains.extend(before),
            None => left.push(planned.clone()),
        }
    }
    let resumed = total - left.len();
    archive.counters.folders.store(resumed, Ordering::Relaxed);
    events(ArchiveEvent::Planned {
        places: places.list.clone(),
        folders: total,
        resumed,
        range: archive.range,
    });
    let (kept, mut to_keep) = mpsc::channel::<Kept>(1024);
    let kept = state.is_some().then_some(kept);
    let mut tasks = Tasks::new(FOLDERS);
    let mut left = left.into_iter();
    let mut tick = tokio::time::interval(TICK);
    loop {
        while tasks.has_room()
            && let Some(planned) = left.next()
        {
            let name = name_of(&planned.folder);
            let logs = state.as_mut().map(|state| state.logs(&name)).unwrap_or_default();
            let (archive, kept) = (Arc::clone(&archive), kept.clone());
            let place = format!("{} {}", planned.folder.account_id, planned.folder.region);
            tasks.spawn(place, async move {
                let chains = folder(&archive, planned, &name, logs, kept).await;
                (name, chains)
            });
        }
        tokio::select! {
            biased;
            Some(Kept { folder, bucket, key, reading }) = to_keep.recv() => {
                if let Some(state) = &mut state {
                    state.add_log(folder, bucket, key, reading)?;
                }
            }
            finished = tasks.next() => match finished {
                None => break,
                Some((place, None)) => return Err(ArchiveError::Inside { place }),
                Some((_, Some((name, found)))) => {
                    if let Some(state) = &mut state {
                        state.add_folder(name, &found)?;
                    }
                    chains.extend(found);
                    archive.counters.folders.fetch_add(1, Ordering::Relaxed);
                    events(archive.counters.event(total));
                }
            },
            _ = tick.tick() => {
                if let Some(state) = &mut state {
                    state.flush()?;
                }
                events(archive.counters.event(total));
            }
        }
    }
    let verification = Verification::new(archive.range, chains, places.gaps.clone());
    if let Some(mut state) = state {
        if verification.complete {
            state.remove()?;
        } else {
            state.flush()?;
            events(ArchiveEvent::RestIsKept);
        }
    }
    Ok(verification)
}

async fn folder(
    archive: &Arc<Archive>,
    planned: Planned,
    name: &str,
    before: Logs,
    kept: Option<mpsc::Sender<Kept>>,
) -> Vec<ChainResult> {
    let (bucket, region) = (planned.folder.bucket.clone(), planned.folder.region.clone());
    let request = FolderRequest {
        range: archive.range,
        now: archive.began,
        trail: planned.trail,
        logs: if archive.sample == Sample::DigestsOnly { LogChecks::None } else { LogChecks::All },
    };
    let mut run = FolderVerification::new(planned.folder, request);
    list(archive, &bucket, &mut run).await;
    read_digests(archive, &bucket, &region, &mut run).await;
    read_logs(archive, &mut run, name, before, kept).await;
    run.finish()
}

async fn list(archive: &Archive, bucket: &str, run: &mut FolderVerification) {
    let (digests, logs) = (run.digest_listing(), run.log_listing());
    let list = async |listing: &crate::integrity::Listing| {
        archive
            .store
            .list(bucket, &listing.prefix, &listing.start_after, |key| key < listing.end.as_str())
            .await
    };
    let (digests, logs) = tokio::join!(list(&digests), list(&logs));
    match digests {
        Ok(listed) => listed.iter().for_each(|object| run.list_digest(&object.key)),
        Err(unread) => run.digest_listing_failed(unread.of_listing()),
    }
    match logs {
        Ok(listed) => listed.iter().for_each(|object| run.list_log(&object.key)),
        Err(unread) => run.log_listing_failed(unread.of_listing()),
    }
}

async fn read_digests(archive: &Arc<Archive>, bucket: &str, region: &str, run: &mut FolderVerification) {
    let mut tasks = Tasks::new(archive.max_concurrency);
    let mut keys = run.digests_to_read().into_iter();
    loop {
        while tasks.has_room()
            && let Some(key) = keys.next()
        {
            let (archive, bucket, region) = (Arc::clone(archive), bucket.to_owned(), region.to_owned());
            tasks.spawn(key.clone(), async move { read_digest(&archive, bucket, key, &region).await });
        }
        let Some((key, reading)) = tasks.next().await else { break };
        run.add_digest(&key, reading.unwrap_or_else(|| DigestReading::Unverifiable(failed_inside())));
    }
}

/// A digest's content, as long as it stays one's.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    is_too_large: bool,
}

fn push_content(content: &mut Content, part: &[u8]) -> ControlFlow<()> {
    if (content.bytes.len() + part.len()) as u64 > MAX_DIGEST_BYTES {
        content.is_too_large = true;
        return ControlFlow::Break(());
    }
    content.bytes.extend_from_slice(part);
    ControlFlow::Continue(())
}

async fn read_digest(archive: &Archive, bucket: String, key: String, region: &str) -> DigestReading {
    let (content, metadata) =
        match archive.store.read(&bucket, &key, None, Content::default, push_content).await {
            Ok(read) => read,
            Err(Unread::Missing) => return DigestReading::Missing,
            Err(Unread::Unverifiable(unverifiable)) => return DigestReading::Unverifiable(unverifiable),
        };
    archive.counters.count(content.bytes.len() as u64);
    if content.is_too_large {
        let detail = format!("it has more than {MAX_DIGEST_BYTES} bytes, which no digest has");
        return DigestReading::Unverifiable(Unverifiable { reason: UnverifiableReason::TooLarge, detail });
    }
    let object = tokio::task::spawn_blocking(move || {
        let metadata =
            DigestMetadata::from_pairs(metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        DigestObject::read(&bucket, &key, &content.bytes, &metadata)
    });
    let Ok(object) = object.await else { return DigestReading::Unverifiable(failed_inside()) };
    let ring = archive.keys.ring(region, object.key_needed().as_ref()).await;
    match tokio::task::spawn_blocking(move || object.check(&ring)).await {
        Ok(checked) => DigestReading::Read(checked),
        Err(_) => DigestReading::Unverifiable(failed_inside()),
    }
}

async fn read_logs(
    archive: &Arc<Archive>,
    run: &mut FolderVerification,
    name: &str,
    mut before: Logs,
    kept: Option<mpsc::Sender<Kept>>,
) {
    let logs: Vec<LogToRead> = run.logs_to_read();
    let mut tasks = Tasks::new(archive.max_concurrency);
    let mut left = logs.iter().enumerate();
    loop {
        while tasks.has_room()
            && let Some((place, LogToRead { bucket, key })) = left.next()
        {
            if !archive.sample.takes(bucket, key) {
                run.add_log(bucket, key, LogReading::NotSampled);
                continue;
            }
            if let Some(reading) = before.remove(&(bucket.to_string(), key.clone())) {
                run.add_log(bucket, key, reading);
                continue;
            }
            let (archive, bucket, key) = (Arc::clone(archive), bucket.clone(), key.clone());
            tasks.spawn(place.to_string(), async move { read_log(&archive, &bucket, &key).await });
        }
        let Some((place, reading)) = tasks.next().await else { break };
        let Some(LogToRead { bucket, key }) = place.parse::<usize>().ok().and_then(|place| logs.get(place))
        else {
            continue;
        };
        let reading = reading.unwrap_or_else(|| LogReading::Unverifiable(failed_inside()));
        if let (Some(kept), LogReading::Read(_)) = (&kept, &reading) {
            let (bucket, key, folder) = (bucket.to_string(), key.clone(), name.to_owned());
            // Nobody keeps what is left only where the whole run ends.
            let _ = kept.send(Kept { folder, bucket, key, reading: reading.clone() }).await;
        }
        run.add_log(bucket, key, reading);
    }
}

/// The hasher, until it has seen enough.
struct Hashing {
    hasher: LogHasher,
    broken: Option<GzipError>,
    bytes: u64,
}

fn begin_hashing() -> Hashing {
    Hashing { hasher: LogHasher::new(), broken: None, bytes: 0 }
}

fn push_hashing(hashing: &mut Hashing, part: &[u8]) -> ControlFlow<()> {
    hashing.bytes += part.len() as u64;
    match hashing.hasher.push(part) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            hashing.broken = Some(error);
            ControlFlow::Break(())
        }
    }
}

async fn read_log(archive: &Archive, bucket: &str, key: &str) -> LogReading {
    match archive.store.read(bucket, key, None, begin_hashing, push_hashing).await {
        Ok((hashing, _)) => {
            archive.counters.count(hashing.bytes);
            LogReading::Read(match hashing.broken {
                Some(error) => Err(error),
                None => hashing.hasher.finish(),
            })
        }
        Err(Unread::Missing) => LogReading::Missing,
        Err(Unread::Unverifiable(unverifiable)) => LogReading::Unverifiable(unverifiable),
    }
}

fn failed_inside() -> Unverifiable {
    let detail = "reading it failed inside Trailproof: please report it".to_owned();
    Unverifiable { reason: UnverifiableReason::Other, detail }
}
