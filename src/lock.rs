//! A lock beside a file that is replaced as a whole: the file itself is another one afterwards, so that a lock on it
//! would keep nobody out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// Held until it is dropped. The file `<name>.lock` stays, since whoever removes it would let two hold it at once.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    fn open(path: &Path) -> io::Result<File> {
        // By whichever link the file is named, it has one lock.
        let mut name = path.canonicalize().unwrap_or_else(|_| path.to_owned()).into_os_string();
        name.push(".lock");
        OpenOptions::new().create(true).truncate(false).write(true).open(name)
    }

    /// Waits until nobody else holds it.
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        let file = Self::open(path)?;
        file.lock()?;
        Ok(Self { _file: file })
    }

    /// Takes it now; `None` if somebody else holds it.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let file = Self::open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
