//! A folder that all machines see. A file gets its name when it is whole, and takes no other's: no lock is needed, which
//! file systems over a network may not have.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use super::digest::Digest;
use super::{Condition, Put};

/// Copies a file; `false` where there is none.
pub(super) fn fetch(path: &Path, into: &Path) -> io::Result<bool> {
    match fs::copy(path, into) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn put(path: &Path, file: &Path, condition: Condition<'_>) -> io::Result<Put> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut aside = aside_in(folder)?;
    io::copy(&mut File::open(file)?, &mut aside)?;
    aside.as_file().sync_all()?;
    let aside = aside.into_temp_path();
    match condition {
        Condition::Always => {
            aside.persist(path)?;
            Ok(Put::Done)
        }
        Condition::New => if_new(aside, path),
        Condition::Unchanged(version) => match take_away(path, folder, &version.0)? {
            Put::Done => if_new(aside, path),
            Put::Taken => Ok(Put::Taken),
        },
    }
}

fn aside_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".trailproof-").tempfile_in(folder)
}

fn if_new(aside: TempPath, path: &Path) -> io::Result<Put> {
    match aside.persist_noclobber(path) {
        Ok(()) => Ok(Put::Done),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(Put::Taken),
        Err(error) => Err(error.error),
    }
}

/// Makes room for another file, if the one that is there is the one that is meant: otherwise somebody else was first, and
/// it is put back.
fn take_away(path: &Path, folder: &Path, sha256: &str) -> io::Result<Put> {
    let aside = aside_in(folder)?.into_temp_path();
    match fs::rename(path, &aside) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Put::Done),
        Err(error) => return Err(error),
    }
    if Digest::of(&aside)?.sha256 == sha256 {
        return Ok(Put::Done);
    }
    if_new(aside, path)?;
    Ok(Put::Taken)
}
