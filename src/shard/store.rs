//! Where plan, parts and manifests are: a folder that all machines see, or a prefix in S3. What is put appears whole or not
//! at all, and with a condition one of several who put it does so alone.

mod bucket;
mod digest;
mod folder;

use std::cell::Cell;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) use self::digest::Digest;
use crate::aws::failure::Failure;
use crate::aws::objects::Objects;
use crate::aws::waiter::Waiter;
use crate::plan::CollectSettings;
use crate::settings::{ObjectUri, ShardPlace};

/// Why something is not read or not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot read {place}: {detail}")]
    Read { place: String, detail: String, refusal: Option<Box<Failure>> },
    #[error("cannot write {place}: {detail}")]
    Write { place: String, detail: String, refusal: Option<Box<Failure>> },
    #[error("no usable AWS credentials: {0}")]
    Setup(String),
    #[error("cannot make room in a temporary folder: {0}. Set TMPDIR to a folder with room")]
    Temporary(#[from] io::Error),
    #[error("interrupted")]
    Interrupted,
}

/// What must be there for something to be put.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition<'a> {
    /// Whatever is there.
    Always,
    /// Nothing.
    New,
    /// What was fetched.
    Unchanged(&'a Version),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is there.
    Done,
    /// Something else is.
    Taken,
}

/// Tells what was fetched from what is there later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version(String);

/// A copy on this machine.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) file: PathBuf,
    pub(crate) digest: Digest,
    pub(crate) version: Version,
}

/// The place, and a folder of this machine for what comes from there and goes there.
#[derive(Debug)]
pub(crate) struct Store {
    backend: Backend,
    scratch: TempDir,
    files: Cell<usize>,
}

#[derive(Debug)]
enum Backend {
    Folder(PathBuf),
    Bucket { prefix: ObjectUri, objects: Box<Objects>, waiter: Waiter },
}

impl Store {
    pub(crate) fn open(
        place: ShardPlace,
        settings: &CollectSettings,
        waiter: Waiter,
    ) -> Result<Self, StoreError> {
        let backend = match place {
            ShardPlace::Folder(folder) => Backend::Folder(folder),
            ShardPlace::Bucket(prefix) => {
                let objects = Box::new(bucket::open(settings, &waiter)?);
                Backend::Bucket { prefix, objects, waiter }
            }
        };
        let scratch = tempfile::Builder::new().prefix("trailproof-").tempdir()?;
        Ok(Self { backend, scratch, files: Cell::new(0) })
    }

    /// A file of this machine that goes with the store.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.files.set(self.files.get() + 1);
        self.scratch.path().join(format!("{}.tmp", self.files.get()))
    }

    /// A name, for people.
    pub(crate) fn place_of(&self, name: &str) -> String {
        match &self.backend {
            Backend::Folder(folder) => folder.join(name).display().to_string(),
            Backend::Bucket { prefix, .. } => bucket::named(prefix, name).to_string(),
        }
    }

    /// A copy of what is there under a name; `None` where nothing is.
    pub(crate) fn fetch(&self, name: &str) -> Result<Option<Fetched>, StoreError> {
        let file = self.scratch();
        let etag = match &self.backend {
            Backend::Folder(folder) => {
                let fetched = folder::fetch(&folder.join(name), &file);
                let fetched = fetched.map_err(|error| StoreError::Read {
                    place: self.place_of(name),
                    detail: error.to_string(),
                    refusal: None,
                })?;
                fetched.then_some(None)
            }
            Backend::Bucket { prefix, objects, waiter } => {
                bucket::fetch(objects, waiter, &bucket::named(prefix, name), &file)?.map(Some)
            }
        };
        let Some(etag) = etag else { return Ok(None) };
        let digest = Digest::of(&file)?;
        let version = Version(etag.unwrap_or_else(|| digest.sha256.clone()));
        Ok(Some(Fetched { file, digest, version }))
    }

    /// Puts a file of this machine under a name.
    pub(crate) fn put(&self, name: &str, file: &Path, condition: Condition<'_>) -> Result<Put, StoreError> {
        let put = match &self.backend {
            Backend::Folder(folder) => folder::put(&folder.join(name), file, condition).map_err(|error| {
                StoreError::Write { place: self.place_of(name), detail: error.to_string(), refusal: None }
            })?,
            Backend::Bucket { prefix, objects, waiter } => {
                bucket::put(objects, waiter, &bucket::named(prefix, name), file, condition)?
            }
        };
        // An answer that was lost on its way: then it was this one that came first.
        if put == Put::Taken
            && let Some(found) = self.fetch(name)?
            && found.digest == Digest::of(file)?
        {
            return Ok(Put::Done);
        }
        Ok(put)
    }

    /// Puts a document under a name.
    pub(crate) fn put_document(
        &self,
        name: &str,
        document: &[u8],
        condition: Condition<'_>,
    ) -> Result<Put, StoreError> {
        let file = self.scratch();
        std::fs::write(&file, document)?;
        self.put(name, &file, condition)
    }
}
