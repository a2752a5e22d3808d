//! Reading a snapshot, or shards of one: a pass over its lines, as often as one likes.

use std::path::PathBuf;
use std::sync::Arc;

use super::frame::{self, Start};
use super::lines::Lines;
use super::settle::settled;
use super::{Record, SnapshotError};

/// How the first line begins where the file is not compressed.
const PLAIN: &[u8] = b"{\"header\"";

/// A file that begins so is a snapshot.
pub(crate) fn begins_snapshot(start: &[u8]) -> bool {
    frame::start(start) != Start::Text || start.starts_with(PLAIN)
}

/// Where a snapshot's lines are. Each call of [`Source::records`] is a new pass.
#[derive(Debug, Clone)]
pub enum Source {
    /// A snapshot, or shards of one, on disk: compressed, or plain lines.
    Files(Vec<PathBuf>),
    /// Records in memory: the bundled example.
    Records(Arc<Vec<Record>>),
}

impl Source {
    /// A pass over all records of all files, in the order of the files.
    pub fn records(&self) -> Records<'_> {
        match self {
            Self::Files(paths) => Records { files: paths.iter(), memory: [].iter(), current: None },
            Self::Records(records) => Records { files: [].iter(), memory: records.iter(), current: None },
        }
    }
}

/// A pass over a snapshot's records. After an error it ends.
#[derive(Debug)]
pub struct Records<'a> {
    files: std::slice::Iter<'a, PathBuf>,
    memory: std::slice::Iter<'a, Record>,
    current: Option<Lines>,
}

impl Records<'_> {
    fn next_of_files(&mut self) -> Result<Option<Record>, SnapshotError> {
        loop {
            if let Some(lines) = &mut self.current {
                // A record of a kind that a newer version added is passed over.
                while let Some(line) = lines.next_line()? {
                    if let Some(record) = lines.decode(&line)? {
                        return Ok(Some(record));
                    }
                }
                self.current = None;
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            self.current = Some(Lines::open(file)?);
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.memory.next() {
            return Some(Ok(settled(record.clone())));
        }
        let record = self.next_of_files();
        if record.is_err() {
            self.current = None;
            self.files = [].iter();
        }
        record.transpose().map(|record| record.map(settled))
    }
}
