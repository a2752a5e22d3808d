//! What an interrupted run leaves, so that the next one goes on: a line of JSON for each log that was read, and one
//! for each folder that is finished. Digests are read again; they are few, and the chain hangs on them.
//!
//! Lines are only added; one that was cut off is taken away before more follow. What could not be read is not kept, so
//! that the next run tries it again.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::places::Places;
use super::{ArchiveError, Request};
use crate::integrity::{ArchivePlace, ChainResult, Folder, LogReading, Sample, TimeRange};
use crate::model::stable_digest;

/// The version of the format.
const VERSION: u32 = 1;
/// The longest line, in bytes: the result of a folder with very many defects.
const LONGEST_LINE: u64 = 256 * 1024 * 1024;

/// What a state belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    version: u32,
    tool_version: String,
    began: DateTime<Utc>,
    range: TimeRange,
    places: Vec<ArchivePlace>,
    accounts: Vec<String>,
    regions: Vec<String>,
    copy: Option<PathBuf>,
    sample: Sample,
}

impl Header {
    pub(super) fn new(
        began: DateTime<Utc>,
        range: TimeRange,
        places: &Places,
        request: &Request,
        sample: &Sample,
    ) -> Self {
        Self {
            version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            began,
            range,
            places: places.list.clone(),
            accounts: request.accounts.clone(),
            regions: request.regions.clone(),
            copy: request.copy.as_ref().map(|copy| copy.folder.clone()),
            sample: sample.clone(),
        }
    }

    /// What keeps this run from going on where that one was.
    fn difference(&self, now: &Self) -> Option<String> {
        let time = |range: TimeRange| format!("{} to {}", range.from.to_rfc3339(), range.to.to_rfc3339());
        let list = |names: &[String]| if names.is_empty() { "all".to_owned() } else { names.join(", ") };
        let places = |places: &[ArchivePlace]| {
            let names = places.iter().map(|place| match &place.trail {
                Some(trail) => trail.arn.clone(),
                None => format!("s3://{}/{}", place.bucket, place.prefix),
            });
            names.collect::<Vec<_>>().join(", ")
        };
        let differs =
            |what: &str, before: String, now: String| Some(format!("it is of {what} {before}, not of {now}"));
        if self.version != now.version || self.tool_version != now.tool_version {
            differs("trailproof", self.tool_version.clone(), now.tool_version.clone())
        } else if self.range != now.range {
            differs("the range", time(self.range), time(now.range))
        } else if self.places != now.places {
            differs("the trails", places(&self.places), places(&now.places))
        } else if self.accounts != now.accounts {
            differs("the accounts", list(&self.accounts), list(&now.accounts))
        } else if self.regions != now.regions {
            differs("the regions", list(&self.regions), list(&now.regions))
        } else if self.copy != now.copy {
            Some("it is of another copy".to_owned())
        } else if self.sample != now.sample {
            Some("it has another part of the logs".to_owned())
        } else {
            None
        }
    }
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header(Box<Header>),
    Log { folder: String, bucket: String, key: String, reading: Box<LogReading> },
    Folder { folder: String, chains: Vec<ChainResult> },
}

/// Logs that were read before, by bucket and key.
pub(super) type Logs = HashMap<(String, String), LogReading>;

/// The file, and what was in it.
#[derive(Debug)]
pub(super) struct State {
    path: PathBuf,
    header: Option<Header>,
    finished: HashMap<String, Vec<ChainResult>>,
    logs: HashMap<String, Logs>,
    out: BufWriter<File>,
}

/// A folder's name in the file.
pub(super) fn name_of(folder: &Folder) -> String {
    let organization = folder.organization_id.as_deref().unwrap_or("-");
    stable_digest(&[&folder.bucket, &folder.prefix, organization, &folder.account_id, &folder.region], 16)
}

impl State {
    /// Opens the file, for its owner alone, and reads what is there. Nobody else can use it meanwhile.
    pub(super) fn open(path: &Path) -> Result<Self, ArchiveError> {
        let write = |source: io::Error| ArchiveError::WriteState { path: path.to_owned(), source };
        let wrong = |detail: &str| ArchiveError::State { path: path.to_owned(), detail: detail.to_owned() };
        if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(wrong("it is no file"));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(write)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(write)?;
        file.try_lock().map_err(|_| wrong("another run is using it"))?;
        let mut header = None;
        let (mut finished, mut logs): (HashMap<_, _>, HashMap<String, Logs>) =
            (HashMap::new(), HashMap::new());
        let mut whole = 0;
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut limited = io::Read::take(&mut reader, LONGEST_LINE);
            let count = limited.read_until(b'\n', &mut line).map_err(write)?;
            if count == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let parsed = serde_json::from_slice(&line)
                .map_err(|_| wrong("it is no state of trailproof, or damaged"))?;
            match parsed {
                Line::Header(found) if whole == 0 => header = Some(*found),
                Line::Log { folder, bucket, key, reading } if header.is_some() => {
                    logs.entry(folder).or_default().insert((bucket, key), *reading);
                }
                Line::Folder { folder, chains } if header.is_some() => {
                    logs.remove(&folder);
                    finished.insert(folder, chains);
                }
                _ => return Err(wrong("its lines are out of order")),
            }
            whole += count as u64;
        }
        if header.is_none() && file.metadata().map_err(write)?.len() > 0 {
            return Err(wrong("it is no state of trailproof"));
        }
        file.set_len(whole).map_err(write)?;
        file.seek(SeekFrom::End(0)).map_err(write)?;
        Ok(Self { path: path.to_owned(), header, finished, logs, out: BufWriter::new(file) })
    }

    /// When the run began that left it.
    pub(super) fn began(&self) -> Option<DateTime<Utc>> {
        self.header.as_ref().map(|header| header.began)
    }

    pub(super) fn range(&self) -> Option<TimeRange> {
        self.header.as_ref().map(|header| header.range)
    }

    pub(super) fn sample(&self) -> Option<Sample> {
        self.header.as_ref().map(|header| header.sample.clone())
    }

    /// Begins it, or goes on with it if it is of the same run.
    pub(super) fn begin(mut self, header: Header) -> Result<Self, ArchiveError> {
        match &self.header {
            Some(before) => match before.difference(&header) {
                Some(detail) => return Err(ArchiveError::State { path: self.path, detail }),
                None => return Ok(self),
            },
            None => self.add(&Line::Header(Box::new(header)))?,
        }
        self.flush()?;
        Ok(self)
    }

    /// The result of a folder that is finished.
    pub(super) fn finished(&mut self, folder: &str) -> Option<Vec<ChainResult>> {
        self.finished.remove(folder)
    }

    /// Logs of a folder that were read before.
    pub(super) fn logs(&mut self, folder: &str) -> Logs {
        self.logs.remove(folder).unwrap_or_default()
    }

    /// Keeps a log that was read.
    pub(super) fn add_log(
        &mut self,
        folder: String,
        bucket: String,
        key: String,
        reading: LogReading,
    ) -> Result<(), ArchiveError> {
        self.add(&Line::Log { folder, bucket, key, reading: Box::new(reading) })
    }

    /// Keeps the result of a folder, unless something in it is to be tried again.
    pub(super) fn add_folder(&mut self, folder: String, chains: &[ChainResult]) -> Result<(), ArchiveError> {
        let again = |chain: &ChainResult| chain.digests.unverifiable + chain.logs.unverifiable > 0;
        if chains.iter().any(again) {
            return Ok(());
        }
        self.add(&Line::Folder { folder, chains: chains.to_vec() })?;
        self.flush()
    }

    fn add(&mut self, line: &Line) -> Result<(), ArchiveError> {
        let written = serde_json::to_writer(&mut self.out, line).map_err(io::Error::from);
        written
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|source| ArchiveError::WriteState { path: self.path.clone(), source })
    }

    pub(super) fn flush(&mut self) -> Result<(), ArchiveError> {
        self.out.flush().map_err(|source| ArchiveError::WriteState { path: self.path.clone(), source })
    }

    /// Removes it: everything that it was kept for is done.
    pub(super) fn remove(mut self) -> Result<(), ArchiveError> {
        self.flush()?;
        fs::remove_file(&self.path)
            .map_err(|source| ArchiveError::WriteState { path: self.path.clone(), source })
    }
}
