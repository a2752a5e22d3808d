//! Writing a snapshot in one go, in order.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::chain::Chain;
use super::{Record, SnapshotError, frame};

/// A snapshot written in one go, in order: what tests, benchmarks and shards need.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
    chain: Chain,
}

impl Writer {
    /// Begins a file that appears under its name only when it is whole, readable by its owner only.
    pub fn create(path: &Path) -> Result<Self, SnapshotError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder)
            .map_err(|source| SnapshotError::Write { path: path.display().to_string(), source })?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), chain: Chain::default() })
    }

    fn failed(&self, source: std::io::Error) -> SnapshotError {
        SnapshotError::Write { path: self.path.display().to_string(), source }
    }

    /// Appends a record.
    pub fn write(&mut self, record: &Record) -> Result<(), SnapshotError> {
        let line = serde_json::to_vec(record).map_err(|error| self.failed(error.into()))?;
        if matches!(record, Record::Header(_)) {
            // Another shard begins.
            self.chain = Chain::default();
        }
        self.write_line(line)
    }

    /// Appends a record that is a line of JSON already, without a link and without a line feed.
    pub(super) fn write_line(&mut self, line: Vec<u8>) -> Result<(), SnapshotError> {
        let frame = linked_frame(&mut self.chain, line).map_err(|source| self.failed(source))?;
        self.file.write_all(&frame).map_err(|source| self.failed(source))
    }

    /// Puts the file under its name.
    pub fn finish(self) -> Result<(), SnapshotError> {
        let name = self.path.display().to_string();
        let failed = |source| SnapshotError::Write { path: name.clone(), source };
        let file = self.file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map(drop).map_err(|error| failed(error.error))
    }
}

/// A line as it stands on disk.
pub(super) fn linked_frame(chain: &mut Chain, mut line: Vec<u8>) -> std::io::Result<Vec<u8>> {
    chain.add(&mut line);
    line.push(b'\n');
    frame::encode(&line)
}
