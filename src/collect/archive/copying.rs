//! A copy of the digests and logs of a range, with what S3 keeps beside them and the public keys: enough to verify them
//! on a machine that reaches no AWS. Nothing is written outside the folder of the copy.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::folder::{SIDECAR, Sidecar, path_of, sidecar_of};
use super::keys::KeyFile;
use super::places::{Places, Planned};
use super::{Archive, ArchiveError, ArchiveEvent, Unread};
use crate::collect::tasks::Tasks;
use crate::integrity::{FolderRequest, FolderVerification, LogChecks, Sample, TimeRange};

/// The file of public keys, in the folder of the copy.
const KEY_FILE: &str = "public-keys.json";

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Objects.
    pub objects: usize,
    /// What was not, each with why.
    pub failed: Vec<(String, String)>,
    /// The file of public keys.
    pub public_keys: PathBuf,
    /// From when to when.
    pub range: TimeRange,
}

pub(super) async fn copy(
    archive: Arc<Archive>,
    places: Places,
    root: &Path,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Copied, ArchiveError> {
    let write = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| ArchiveError::WriteCopy { path, source }
    };
    fs::create_dir_all(root).map_err(write(root))?;
    let total = places.folders.len();
    events(ArchiveEvent::Planned { places: places.list, folders: total, resumed: 0, range: archive.range });
    let public_keys = root.join(KEY_FILE);
    let mut copied = Copied { objects: 0, failed: Vec::new(), public_keys, range: archive.range };
    for gap in places.gaps {
        copied.failed.push((format!("what {}:{} would name", gap.service, gap.operation), gap.detail));
    }
    let regions: BTreeSet<&str> =
        places.folders.iter().map(|planned| planned.folder.region.as_str()).collect();
    let mut keys = KeyFile::default();
    for region in regions {
        match archive.keys.list(region).await {
            Ok(found) => keys.public_key_list.extend(found),
            Err(detail) => copied.failed.push((format!("public keys of {region}"), detail)),
        }
    }
    write_file(&copied.public_keys, |out| serde_json::to_writer_pretty(out, &keys).map_err(io::Error::from))
        .map_err(write(&copied.public_keys))?;
    for planned in places.folders {
        copy_folder(&archive, planned, root, &mut copied).await?;
        archive.counters.folders.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        events(archive.counters.event(total));
    }
    Ok(copied)
}

async fn copy_folder(
    archive: &Arc<Archive>,
    planned: Planned,
    root: &Path,
    copied: &mut Copied,
) -> Result<(), ArchiveError> {
    let bucket = planned.folder.bucket.clone();
    let request = FolderRequest {
        range: archive.range,
        now: archive.began,
        trail: planned.trail,
        logs: LogChecks::All,
    };
    let run = FolderVerification::new(planned.folder, request);
    let mut listings = vec![run.digest_listing()];
    if archive.sample != Sample::DigestsOnly {
        listings.push(run.log_listing());
    }
    for listing in listings {
        let wanted = |key: &str| key < listing.end.as_str();
        let listed = match archive.store.list(&bucket, &listing.prefix, &listing.start_after, wanted).await {
            Ok(listed) => listed,
            Err(unread) => {
                copied.failed.push((format!("s3://{bucket}/{}", listing.prefix), unread.of_listing().detail));
                continue;
            }
        };
        let mut tasks = Tasks::new(archive.max_concurrency);
        let mut left = listed.into_iter();
        loop {
            while tasks.has_room()
                && let Some(object) = left.next()
            {
                let (archive, bucket, root) = (Arc::clone(archive), bucket.clone(), root.to_owned());
                let key = object.key.to_string();
                let size = Some(object.size);
                tasks.spawn(
                    key.clone(),
                    async move { copy_object(&archive, &bucket, key, size, &root).await },
                );
            }
            let Some((key, done)) = tasks.next().await else { break };
            match done {
                Some(Ok(())) => copied.objects += 1,
                Some(Err(NotCopied::Object(why))) => {
                    copied.failed.push((format!("s3://{bucket}/{key}"), why));
                }
                Some(Err(NotCopied::Disk(path, source))) => {
                    return Err(ArchiveError::WriteCopy { path, source });
                }
                None => return Err(ArchiveError::Inside { place: key }),
            }
        }
    }
    Ok(())
}

enum NotCopied {
    /// The object, and why.
    Object(String),
    /// The disk: then no other object can be written either.
    Disk(PathBuf, io::Error),
}

/// A file that grows until it is whole.
struct Writing {
    file: io::Result<NamedTempFile>,
    bytes: u64,
}

async fn copy_object(
    archive: &Archive,
    bucket: &str,
    key: String,
    size: Option<u64>,
    root: &Path,
) -> Result<(), NotCopied> {
    let is_ours = key.ends_with(".json.gz") && !key.ends_with(SIDECAR);
    let path = path_of(root, bucket, &key)
        .filter(|_| is_ours)
        .ok_or_else(|| NotCopied::Object("its name is none that CloudTrail gives".to_owned()))?;
    let folder = path.parent().unwrap_or(root).to_owned();
    let disk = |source: io::Error| NotCopied::Disk(path.clone(), source);
    fs::create_dir_all(&folder).map_err(disk)?;
    let begin = || Writing { file: NamedTempFile::new_in(&folder), bytes: 0 };
    let (writing, metadata) = match archive.store.read(bucket, &key, size, begin, push_file).await {
        Ok(read) => read,
        Err(Unread::Missing) => return Err(NotCopied::Object("it is gone".to_owned())),
        Err(Unread::Unverifiable(why)) => return Err(NotCopied::Object(why.detail)),
    };
    archive.counters.count(writing.bytes);
    let file = writing.file.map_err(disk)?;
    write_file(&sidecar_of(&path), |out| {
        serde_json::to_writer(out, &Sidecar { metadata }).map_err(io::Error::from)
    })
    .map_err(disk)?;
    file.persist(&path).map(drop).map_err(|error| disk(error.error))
}

fn push_file(writing: &mut Writing, part: &[u8]) -> ControlFlow<()> {
    writing.bytes += part.len() as u64;
    let written = match &mut writing.file {
        Ok(file) => file.write_all(part),
        Err(_) => return ControlFlow::Break(()),
    };
    match written {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            writing.file = Err(error);
            ControlFlow::Break(())
        }
    }
}

/// Under its name only when it is whole.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    write(&mut file)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
