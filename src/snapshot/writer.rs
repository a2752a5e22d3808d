//! Writing a snapshot: accounts as they finish into a partial file, then everything in order into the final one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::reader::LONGEST_LINE;
use super::{End, Header, Record, SnapshotError};
use crate::model::{AccountRecord, StoresRecord};

/// A skippable zstd frame goes before each record and holds the length of the record's frame, so that records are
/// found without decompressing.
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
const COMPRESSION_LEVEL: i32 = 3;

fn frame(path: &Path, record: &Record) -> Result<Vec<u8>, SnapshotError> {
    let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
    let mut line = serde_json::to_vec(record).map_err(|error| failed(error.into()))?;
    line.push(b'\n');
    let compressed = zstd::encode_all(line.as_slice(), COMPRESSION_LEVEL).map_err(failed)?;
    let length = u32::try_from(compressed.len())
        .map_err(|_| failed(std::io::Error::other("an account's record is over four gigabytes")))?;
    let mut frame = Vec::with_capacity(compressed.len() + 12);
    frame.extend(SKIPPABLE_MAGIC.to_le_bytes());
    frame.extend(4_u32.to_le_bytes());
    frame.extend(length.to_le_bytes());
    frame.extend(compressed);
    Ok(frame)
}

/// A snapshot written in one go, in order: what tests, benchmarks and shards need.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Writer {
    /// Begins a file that appears under its name only when it is whole, readable by its owner only.
    pub fn create(path: &Path) -> Result<Self, SnapshotError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder)
            .map_err(|source| SnapshotError::Write { path: path.display().to_string(), source })?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    fn failed(&self, source: std::io::Error) -> SnapshotError {
        SnapshotError::Write { path: self.path.display().to_string(), source }
    }

    /// Appends a record.
    pub fn write(&mut self, record: &Record) -> Result<(), SnapshotError> {
        let frame = frame(&self.path, record)?;
        self.file.write_all(&frame).map_err(|source| self.failed(source))
    }

    fn copy(&mut self, frames: &mut impl Read) -> Result<(), SnapshotError> {
        std::io::copy(frames, &mut self.file).map(drop).map_err(|source| self.failed(source))
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

#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: u64,
}

/// A snapshot in the making, `FILE.partial` beside the final file: each account is on disk once it is done.
#[derive(Debug)]
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    file: File,
    end: u64,
    header: Place,
    accounts: BTreeMap<String, Place>,
    stores: BTreeMap<String, Place>,
}

impl Partial {
    /// The partial file that belongs to a snapshot.
    pub fn path_of(target: &Path) -> PathBuf {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        PathBuf::from(name)
    }

    fn empty(target: &Path, path: PathBuf, file: File) -> Self {
        Self {
            target: target.to_owned(),
            path,
            file,
            end: 0,
            header: Place { offset: 0, length: 0 },
            accounts: BTreeMap::new(),
            stores: BTreeMap::new(),
        }
    }

    /// Begins anew. A partial file that is in the way is replaced.
    pub fn create(target: &Path, header: &Header) -> Result<Self, SnapshotError> {
        let path = Self::path_of(target);
        let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        let mut partial = Self::empty(target, path, file);
        partial.header = partial.append(&Record::Header(Box::new(header.clone())))?;
        Ok(partial)
    }

    /// Goes on with what an interrupted run left, and returns the header that it began with. What was being written
    /// when it stopped is dropped.
    pub fn resume(target: &Path) -> Result<(Self, Header), SnapshotError> {
        let path = Self::path_of(target);
        let name = path.display().to_string();
        let failed = |source| SnapshotError::Read { path: name.clone(), source };
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut partial = Self::empty(target, path, file);
        let mut header = None;
        while let Some(place) = partial.next_place(length).map_err(failed)? {
            let Ok(record) = partial.read(place) else { break };
            partial.end = place.offset + place.length;
            match record {
                Record::Header(found) => {
                    partial.header = place;
                    header = Some(*found);
                }
                Record::Account(account) => drop(partial.accounts.insert(account.id, place)),
                Record::Stores(stores) => drop(partial.stores.insert(stores.account_id, place)),
                Record::End(_) => break,
            }
        }
        partial.file.set_len(partial.end).map_err(failed)?;
        let header = header.ok_or_else(|| SnapshotError::CannotResume {
            path: partial.path.clone(),
            detail: "it has no readable header".to_owned(),
        })?;
        Ok((partial, header))
    }

    fn next_place(&mut self, length: u64) -> std::io::Result<Option<Place>> {
        if self.end + 12 > length {
            return Ok(None);
        }
        let mut lead = [0; 12];
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.read_exact(&mut lead)?;
        let number = |at: usize| {
            lead.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
        };
        let place = Place { offset: self.end, length: 12 + u64::from(number(8)) };
        let whole = number(0) == SKIPPABLE_MAGIC && number(4) == 4 && place.offset + place.length <= length;
        Ok(whole.then_some(place))
    }

    fn append(&mut self, record: &Record) -> Result<Place, SnapshotError> {
        let frame = frame(&self.path, record)?;
        let failed = |source| SnapshotError::Write { path: self.path.display().to_string(), source };
        self.file.seek(SeekFrom::Start(self.end)).map_err(failed)?;
        self.file.write_all(&frame).map_err(failed)?;
        let place = Place { offset: self.end, length: frame.len() as u64 };
        self.end += place.length;
        Ok(place)
    }

    fn read(&mut self, place: Place) -> Result<Record, SnapshotError> {
        let name = self.path.display().to_string();
        let failed = |source| SnapshotError::Read { path: name.clone(), source };
        self.file.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
        let frames = BufReader::new((&self.file).take(place.length));
        let decoder = zstd::stream::read::Decoder::with_buffer(frames).map_err(failed)?;
        // As the reader of whole snapshots does: a second kind of source would be all of the model's decoding once more.
        let mut text = Vec::new();
        decoder.take(LONGEST_LINE).read_to_end(&mut text).map_err(failed)?;
        serde_json::from_slice(&text).map_err(|error| SnapshotError::Malformed {
            path: name,
            line: 0,
            detail: error.to_string(),
        })
    }

    /// Accounts that are done.
    pub fn finished_accounts(&self) -> BTreeSet<String> {
        self.accounts.keys().cloned().collect()
    }

    /// Owners whose stores are done.
    pub fn finished_stores(&self) -> BTreeSet<String> {
        self.stores.keys().cloned().collect()
    }

    /// Adds an account that is done.
    pub fn add_account(&mut self, account: AccountRecord) -> Result<(), SnapshotError> {
        let id = account.id.clone();
        let place = self.append(&Record::Account(Box::new(account)))?;
        self.accounts.insert(id, place);
        Ok(())
    }

    /// Adds an owner's stores.
    pub fn add_stores(&mut self, stores: StoresRecord) -> Result<(), SnapshotError> {
        let id = stores.account_id.clone();
        let place = self.append(&Record::Stores(Box::new(stores)))?;
        self.stores.insert(id, place);
        Ok(())
    }

    /// Reads the accounts that are done, one after the other, by number.
    pub fn for_each_account(&mut self, mut visit: impl FnMut(AccountRecord)) -> Result<(), SnapshotError> {
        for place in self.accounts.values().copied().collect::<Vec<_>>() {
            if let Record::Account(account) = self.read(place)? {
                visit(*account);
            }
        }
        Ok(())
    }

    /// Reads the stores that are done, one after the other, by owner.
    pub fn for_each_stores(&mut self, mut visit: impl FnMut(StoresRecord)) -> Result<(), SnapshotError> {
        for place in self.stores.values().copied().collect::<Vec<_>>() {
            if let Record::Stores(stores) = self.read(place)? {
                visit(*stores);
            }
        }
        Ok(())
    }

    /// Writes the final file in order, puts it under its name, and removes the partial one.
    pub fn finish(mut self, calls: u64) -> Result<(), SnapshotError> {
        let mut writer = Writer::create(&self.target)?;
        let places: Vec<Place> = [self.header]
            .into_iter()
            .chain(self.accounts.values().copied())
            .chain(self.stores.values().copied())
            .collect();
        let failed = |source| SnapshotError::Read { path: self.path.display().to_string(), source };
        for place in places {
            self.file.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
            writer.copy(&mut (&self.file).take(place.length))?;
        }
        writer.write(&Record::End(End { accounts: self.accounts.len(), calls }))?;
        writer.finish()?;
        std::fs::remove_file(&self.path)
            .map_err(|source| SnapshotError::Write { path: self.path.display().to_string(), source })
    }
}
