//! A copy of an archive on this machine: `FOLDER/<bucket>/<key>`, and beside each object what S3 keeps of it, as
//! `aws s3api head-object` prints it, in `<key>.metadata.json`. Links are not followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{ArchiveError, Listed, Unread};
use crate::integrity::{UnverifiableReason, is_plain_path};

/// The end of the name of the file beside an object.
pub(super) const SIDECAR: &str = ".metadata.json";
/// S3 keeps 2 KiB of metadata; all that `head-object` prints is little more.
const LARGEST_SIDECAR: u64 = 64 * 1024;
/// What is handed on at a time, in bytes.
const PART: usize = 256 * 1024;
/// Folders that a prefix may have.
const DEEPEST_PREFIX: usize = 12;

/// What stands beside an object.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sidecar {
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

/// A copy.
#[derive(Debug)]
pub(super) struct Copies {
    root: PathBuf,
}

/// Where an object of the copy is; `None` for a name that leads elsewhere.
pub(super) fn path_of(root: &Path, bucket: &str, key: &str) -> Option<PathBuf> {
    let plain = is_plain_path(bucket) && !bucket.contains('/') && is_plain_path(key);
    plain.then(|| root.join(bucket).join(key))
}

/// The path of the file beside an object.
pub(super) fn sidecar_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SIDECAR);
    PathBuf::from(name)
}

impl Copies {
    pub(super) fn open(root: &Path) -> Result<Self, ArchiveError> {
        let copy = |detail: String| ArchiveError::Copy { path: root.to_owned(), detail };
        let found = fs::metadata(root).map_err(|error| copy(error.to_string()))?;
        if !found.is_dir() {
            return Err(copy("it is no folder".to_owned()));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Buckets of the copy, each with the prefixes under which it has an `AWSLogs`.
    pub(super) fn places(&self) -> Result<BTreeSet<(String, String)>, ArchiveError> {
        let failed =
            |error: io::Error| ArchiveError::Copy { path: self.root.clone(), detail: error.to_string() };
        let mut places = BTreeSet::new();
        for bucket in subfolders(&self.root).map_err(failed)? {
            let mut left = vec![(String::new(), self.root.join(&bucket), 0)];
            while let Some((prefix, path, depth)) = left.pop() {
                for name in subfolders(&path).map_err(failed)? {
                    if name == "AWSLogs" {
                        places.insert((bucket.clone(), prefix.clone()));
                    } else if depth < DEEPEST_PREFIX {
                        let separator = if prefix.is_empty() { "" } else { "/" };
                        left.push((format!("{prefix}{separator}{name}"), path.join(&name), depth + 1));
                    }
                }
            }
        }
        Ok(places)
    }

    pub(super) fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Unread> {
        let Some(path) = path_of(&self.root, bucket, prefix.trim_end_matches('/')) else {
            return Ok(Vec::new());
        };
        match subfolders(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            found => found.map_err(|error| unreadable(&error)),
        }
    }

    pub(super) fn list(
        &self,
        bucket: &str,
        prefix: &str,
        start_after: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Listed>, Unread> {
        let folder = prefix.trim_end_matches('/');
        let Some(path) = path_of(&self.root, bucket, folder) else { return Ok(Vec::new()) };
        let mut objects = Vec::new();
        let mut left = vec![(folder.to_owned(), path)];
        while let Some((key, path)) = left.pop() {
            let entries = match fs::read_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries.map_err(|error| unreadable(&error))?,
            };
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&error))?;
                // A key is text: what is not was not copied from S3.
                let Ok(name) = entry.file_name().into_string() else { continue };
                let key = format!("{key}/{name}");
                let found = entry.metadata().map_err(|error| unreadable(&error))?;
                if found.is_dir() {
                    left.push((key, entry.path()));
                } else if found.is_file()
                    && !name.ends_with(SIDECAR)
                    && key.as_str() > start_after
                    && wanted(&key)
                {
                    objects.push(Listed { key: key.into(), size: found.len() });
                }
            }
        }
        objects.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(objects)
    }

    pub(super) async fn read<S: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        state: S,
        push: fn(&mut S, &[u8]) -> ControlFlow<()>,
    ) -> Result<(S, BTreeMap<String, String>), Unread> {
        let Some(path) = path_of(&self.root, bucket, key) else {
            let detail = "its name leads out of the copy";
            return Err(Unread::other(UnverifiableReason::Other, detail));
        };
        let read = tokio::task::spawn_blocking(move || read(&path, state, push));
        read.await.unwrap_or_else(|_| {
            let detail = "reading it failed inside Trailproof: please report it";
            Err(Unread::other(UnverifiableReason::Other, detail))
        })
    }
}

fn read<S>(
    path: &Path,
    mut state: S,
    push: fn(&mut S, &[u8]) -> ControlFlow<()>,
) -> Result<(S, BTreeMap<String, String>), Unread> {
    let missing = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unread::Missing,
        _ => unreadable(&error),
    };
    if !fs::symlink_metadata(path).map_err(missing)?.is_file() {
        return Err(Unread::other(UnverifiableReason::Other, "it is no file"));
    }
    let mut file = File::open(path).map_err(missing)?;
    let mut part = vec![0; PART];
    loop {
        let count = file.read(&mut part).map_err(|error| unreadable(&error))?;
        let Some(bytes) = part.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        if push(&mut state, bytes).is_break() {
            break;
        }
    }
    let sidecar = sidecar_of(path);
    let Ok(file) = File::open(&sidecar) else { return Ok((state, BTreeMap::new())) };
    let sidecar: Sidecar = serde_json::from_reader(file.take(LARGEST_SIDECAR)).map_err(|error| {
        let name = sidecar.file_name().map(|name| name.display().to_string()).unwrap_or_default();
        Unread::other(UnverifiableReason::Other, format!("{name} beside it cannot be read: {error}"))
    })?;
    Ok((state, sidecar.metadata))
}

fn unreadable(error: &io::Error) -> Unread {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => UnverifiableReason::AccessDenied,
        _ => UnverifiableReason::Other,
    };
    Unread::other(reason, error.to_string())
}

fn subfolders(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}
