//! A snapshot in the making: accounts as they finish into a partial file, then everything in order into the final one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::chain::{self, Chain};
use super::frame::{LEAD, Lead};
use super::lines::LONGEST_LINE;
use super::writer::{Writer, linked_frame};
use super::{End, Header, Part, Record, SnapshotError, lenient};
use crate::model::{AccountRecord, StoresRecord};

#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: u64,
}

/// A snapshot in the making, `FILE.partial` beside the final file: each account is on disk once it is done. It is locked
/// as long as this lives.
#[derive(Debug)]
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    file: File,
    end: u64,
    records: usize,
    chain: Chain,
    header: Place,
    accounts: BTreeMap<String, Place>,
    stores: BTreeMap<String, Place>,
}

impl Drop for Partial {
    /// One that nothing was written to is not left behind.
    fn drop(&mut self) {
        if self.file.metadata().is_ok_and(|file| file.len() == 0) {
            // Nothing hangs on it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A partial file that is this run's alone, before it is known what shall be in it.
#[derive(Debug)]
pub struct Claim {
    partial: Partial,
    kept: Option<Header>,
}

impl Claim {
    /// Locks the partial file of a snapshot, and reads what is in it. Without `resume`, what an interrupted run has read
    /// is in the way; with it, a finished snapshot is that has nothing beside it to go on with.
    pub fn take(target: &Path, resume: bool) -> Result<Self, SnapshotError> {
        let mut partial = Partial::open(target)?;
        if partial.length()? == 0 {
            if resume && target.exists() {
                return Err(SnapshotError::NothingToResume { path: target.to_owned() });
            }
            return Ok(Self { partial, kept: None });
        }
        let kept = partial.read_kept();
        if resume {
            return kept.map(|header| Self { partial, kept: Some(header) });
        }
        let accounts = match (&kept, partial.accounts.len()) {
            // Where no account was read, nothing is lost.
            (Ok(_), 0) => return Ok(Self { partial, kept: None }),
            (Ok(_), 1) => "1 account".to_owned(),
            (Ok(_), count) => format!("{count} accounts"),
            (Err(_), _) => "what cannot be read".to_owned(),
        };
        Err(SnapshotError::PartialKept { path: partial.path.clone(), accounts })
    }

    /// The header that an interrupted run began with, where one is gone on with.
    pub fn kept(&self) -> Option<&Header> {
        self.kept.as_ref()
    }

    /// Begins anew.
    pub fn begin(self, header: &Header) -> Result<Partial, SnapshotError> {
        let Self { mut partial, .. } = self;
        partial.file.set_len(0).map_err(|source| partial.cannot_write(source))?;
        (partial.end, partial.records, partial.chain) = (0, 0, Chain::default());
        partial.header = partial.append(&Record::Header(Box::new(header.clone())))?;
        Ok(partial)
    }

    /// Goes on with what was kept.
    pub fn go_on(self) -> Partial {
        self.partial
    }
}

impl Partial {
    /// The partial file that belongs to a snapshot.
    pub fn path_of(target: &Path) -> PathBuf {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        PathBuf::from(name)
    }

    /// Begins anew, where nothing is in the way.
    pub fn create(target: &Path, header: &Header) -> Result<Self, SnapshotError> {
        Claim::take(target, false)?.begin(header)
    }

    fn open(target: &Path) -> Result<Self, SnapshotError> {
        let path = Self::path_of(target);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        loop {
            let failed = |source| SnapshotError::Write { path: path.display().to_string(), source };
            let file = options.open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(SnapshotError::Busy { path }),
                // Some file systems have no locks.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // The run that had it may have ended, and removed it, just before it was locked here.
            if path.exists() {
                let nowhere = Place { offset: 0, length: 0 };
                return Ok(Self {
                    target: target.to_owned(),
                    path,
                    file,
                    end: 0,
                    records: 0,
                    chain: Chain::default(),
                    header: nowhere,
                    accounts: BTreeMap::new(),
                    stores: BTreeMap::new(),
                });
            }
        }
    }

    fn cannot_read(&self, source: io::Error) -> SnapshotError {
        SnapshotError::Read { path: self.path.display().to_string(), source }
    }

    fn cannot_write(&self, source: io::Error) -> SnapshotError {
        SnapshotError::Write { path: self.path.display().to_string(), source }
    }

    fn cannot_resume(&self, detail: &str) -> SnapshotError {
        SnapshotError::CannotResume { path: self.path.clone(), detail: detail.to_owned() }
    }

    fn length(&self) -> Result<u64, SnapshotError> {
        self.file.metadata().map(|file| file.len()).map_err(|source| self.cannot_read(source))
    }

    /// Reads what an interrupted run left, and returns the header that it began with. What was being written when it
    /// stopped is dropped; what was changed since is in the way.
    fn read_kept(&mut self) -> Result<Header, SnapshotError> {
        let length = self.length()?;
        let mut header = None;
        while let Some(place) = self.next_place(length)? {
            let damaged = |detail: &str| format!("its record {} is damaged: {detail}", self.records + 1);
            let line = self.line_at(place)?.map_err(|detail| self.cannot_resume(&damaged(&detail)))?;
            let mut chain = self.chain.clone();
            chain.check(&line).map_err(|broken| self.cannot_resume(&damaged(&broken.to_string())))?;
            let record = lenient::decode(&line)
                .map_err(|error| self.cannot_resume(&damaged(&error.to_string())))?
                .ok_or_else(|| self.cannot_resume(&damaged("it is of a kind that is not known")))?;
            match record {
                Record::Header(found) if header.is_none() => {
                    self.header = place;
                    header = Some(*found);
                }
                Record::Account(account) => drop(self.accounts.insert(account.id, place)),
                Record::Stores(stores) => drop(self.stores.insert(stores.account_id, place)),
                Record::Header(_) | Record::End(_) => {
                    return Err(self.cannot_resume(&damaged("it belongs into no partial file")));
                }
            }
            self.chain = chain;
            self.records += 1;
            self.end = place.offset + place.length;
        }
        header.ok_or_else(|| self.cannot_resume("it has no whole header"))
    }

    /// Where the next record is, if all of it is there.
    fn next_place(&mut self, length: u64) -> Result<Option<Place>, SnapshotError> {
        let left = length - self.end;
        if left < LEAD as u64 {
            return Ok(None);
        }
        let mut lead = [0; LEAD];
        let sought = self.file.seek(SeekFrom::Start(self.end));
        sought.and_then(|_| self.file.read_exact(&mut lead)).map_err(|source| self.cannot_read(source))?;
        let Some(lead) = Lead::read(&lead) else {
            let detail = match self.records {
                0 => "it was begun by another version of trailproof, or is damaged".to_owned(),
                records => format!("it is damaged after its record {records}"),
            };
            return Err(self.cannot_resume(&detail));
        };
        let place = Place { offset: self.end, length: LEAD as u64 + u64::from(lead.length) };
        Ok((place.length <= left).then_some(place))
    }

    fn append(&mut self, record: &Record) -> Result<Place, SnapshotError> {
        let line = serde_json::to_vec(record).map_err(|error| self.cannot_write(error.into()))?;
        self.append_line(line)
    }

    /// Appends a record that is a line of JSON already, without a link.
    fn append_line(&mut self, line: Vec<u8>) -> Result<Place, SnapshotError> {
        let mut chain = self.chain.clone();
        let frame = linked_frame(&mut chain, line).map_err(|source| self.cannot_write(source))?;
        let write = |file: &mut File, at| {
            file.seek(SeekFrom::Start(at))?;
            // What was being written when an interrupted run stopped.
            file.set_len(at)?;
            file.write_all(&frame)
        };
        write(&mut self.file, self.end).map_err(|source| self.cannot_write(source))?;
        let place = Place { offset: self.end, length: frame.len() as u64 };
        self.end += place.length;
        self.records += 1;
        self.chain = chain;
        Ok(place)
    }

    /// The line at a place, or how it is damaged.
    fn line_at(&self, place: Place) -> Result<Result<Vec<u8>, String>, SnapshotError> {
        let read = || {
            let mut file = &self.file;
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(place.offset))?;
            file.take(place.length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|source| self.cannot_read(source))?;
        let lead = bytes.get(..LEAD).and_then(Lead::read);
        let (Some(lead), Some(frame)) = (lead, bytes.get(LEAD..)) else {
            return Ok(Err("its length was changed".to_owned()));
        };
        Ok(lead.line(frame, LONGEST_LINE))
    }

    fn line(&self, place: Place) -> Result<Vec<u8>, SnapshotError> {
        self.line_at(place)?.map_err(|detail| self.cannot_read(io::Error::other(detail)))
    }

    fn read(&self, place: Place) -> Result<Option<Record>, SnapshotError> {
        lenient::decode(&self.line(place)?).map_err(|error| self.cannot_read(error.into()))
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

    /// Adds the accounts of a part of the run, as they stand there.
    pub fn add_part(&mut self, part: &Path) -> Result<(), SnapshotError> {
        Part::for_each_account(part, |id, line| {
            let place = self.append_line(line)?;
            self.accounts.insert(id.to_owned(), place);
            Ok(())
        })
        .map(drop)
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
        for place in self.accounts.values() {
            if let Some(Record::Account(account)) = self.read(*place)? {
                visit(*account);
            }
        }
        Ok(())
    }

    /// Reads the stores that are done, one after the other, by owner.
    pub fn for_each_stores(&mut self, mut visit: impl FnMut(StoresRecord)) -> Result<(), SnapshotError> {
        for place in self.stores.values() {
            if let Some(Record::Stores(stores)) = self.read(*place)? {
                visit(*stores);
            }
        }
        Ok(())
    }

    /// Writes the final file in order, puts it under its name, and removes the partial one.
    pub fn finish(self, calls: u64) -> Result<(), SnapshotError> {
        let mut writer = Writer::create(&self.target)?;
        let places = [self.header].into_iter();
        for place in places.chain(self.accounts.values().copied()).chain(self.stores.values().copied()) {
            writer.write_line(chain::without_link(&self.line(place)?))?;
        }
        let (accounts, stores) = (self.accounts.len(), Some(self.stores.len()));
        writer.write(&Record::End(End { accounts, stores, calls }))?;
        writer.finish()?;
        std::fs::remove_file(&self.path).map_err(|source| self.cannot_write(source))
    }
}
