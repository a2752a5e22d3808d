//! Whether something can be written to a place, asked before hours of work go into it.

use std::io::{self, ErrorKind};
use std::path::Path;

/// A file can be made or replaced there, as a whole.
pub fn for_file(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            return Err(io::Error::other("it is a pipe or a device, and the file is written as a whole"));
        }
        Ok(_) | Err(_) => {}
    }
    in_folder(path.parent().unwrap_or(Path::new("")))
}

/// Files can be made in that folder, or it can be made.
pub fn for_folder(path: &Path) -> io::Result<()> {
    let there = path.ancestors().find(|folder| folder.as_os_str().is_empty() || folder.exists());
    in_folder(there.unwrap_or(Path::new("")))
}

fn in_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !folder.metadata()?.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    tempfile::Builder::new().prefix(".trailproof-").tempfile_in(folder).map(drop)
}
