//! Reading a snapshot, or shards of one: a pass over its lines, as often as one likes.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

use super::{FORMAT_VERSION, Header, Record, SnapshotError};

/// The longest line that is read, in bytes: far above the largest account, below what would exhaust the memory.
pub(super) const LONGEST_LINE: u64 = 512 * 1024 * 1024;
const ZSTD_MAGIC: [[u8; 4]; 2] = [[0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18]];
/// How the first line begins where the file is not compressed.
const PLAIN: &[u8] = b"{\"header\"";

/// A file that begins so is a snapshot.
pub(crate) fn begins_snapshot(start: &[u8]) -> bool {
    ZSTD_MAGIC.iter().any(|magic| start.starts_with(magic)) || start.starts_with(PLAIN)
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

    /// The headers of all shards, checked to be of one organization. The first is authoritative.
    pub fn headers(&self) -> Result<Vec<Header>, SnapshotError> {
        let mut headers: Vec<(String, Header)> = Vec::new();
        match self {
            Self::Files(paths) => {
                for path in paths {
                    let mut lines = Lines::open(path)?;
                    let before = headers.len();
                    while let Some(record) = lines.next_of(|text| !text.starts_with(b"{\"account\":"))? {
                        if let Record::Header(header) = record {
                            headers.push((path.display().to_string(), *header));
                        }
                    }
                    if headers.len() == before {
                        let path = path.display().to_string();
                        return Err(SnapshotError::Malformed {
                            path,
                            line: 1,
                            detail: "it is empty".to_owned(),
                        });
                    }
                }
            }
            Self::Records(records) => headers.extend(records.iter().filter_map(|record| match record {
                Record::Header(header) => Some(("the example".to_owned(), Header::clone(header))),
                _ => None,
            })),
        }
        let identity = |header: &Header| match &header.organization {
            crate::model::Observed::Known(organization) => organization.id.clone(),
            _ => format!("account {}", header.caller_account_id),
        };
        if let Some((first, first_header)) = headers.first() {
            for (name, header) in &headers {
                if identity(header) != identity(first_header) {
                    return Err(SnapshotError::Mixed {
                        first: first.clone(),
                        first_organization: identity(first_header),
                        second: name.clone(),
                        second_organization: identity(header),
                    });
                }
            }
        }
        Ok(headers.into_iter().map(|(_, header)| header).collect())
    }
}

/// A pass over a snapshot's records. After an error it ends.
#[derive(Debug)]
pub struct Records<'a> {
    files: std::slice::Iter<'a, PathBuf>,
    memory: std::slice::Iter<'a, Record>,
    current: Option<Lines>,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.memory.next() {
            return Some(Ok(record.clone()));
        }
        loop {
            if let Some(lines) = &mut self.current {
                match lines.next_record() {
                    Ok(Some(record)) => return Some(Ok(record)),
                    Ok(None) => self.current = None,
                    Err(error) => {
                        self.current = None;
                        self.files = [].iter();
                        return Some(Err(error));
                    }
                }
            }
            match Lines::open(self.files.next()?) {
                Ok(lines) => self.current = Some(lines),
                Err(error) => {
                    self.files = [].iter();
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The lines of one file, which may hold several snapshots one after the other.
pub(super) struct Lines {
    path: String,
    reader: Box<dyn BufRead + Send>,
    line: usize,
    inside: bool,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Lines")
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Lines {
    fn open(path: &PathBuf) -> Result<Self, SnapshotError> {
        let name = path.display().to_string();
        let failed = |source| SnapshotError::Read { path: name.clone(), source };
        let mut file = File::open(path).map_err(failed)?;
        let mut magic = [0; 4];
        let mut known = 0;
        while known < magic.len() {
            let room = magic.get_mut(known..).unwrap_or_default();
            match file.read(room).map_err(failed)? {
                0 => break,
                count => known += count,
            }
        }
        let start = Cursor::new(magic.get(..known).unwrap_or_default().to_vec());
        let whole = BufReader::new(start.chain(file));
        let reader: Box<dyn BufRead + Send> = if ZSTD_MAGIC.contains(&magic) {
            Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(whole).map_err(failed)?))
        } else {
            Box::new(whole)
        };
        Ok(Self { path: name, reader, line: 0, inside: false })
    }

    fn malformed(&self, detail: &dyn std::fmt::Display) -> SnapshotError {
        SnapshotError::Malformed { path: self.path.clone(), line: self.line, detail: detail.to_string() }
    }

    fn next_record(&mut self) -> Result<Option<Record>, SnapshotError> {
        self.next_of(|_| true)
    }

    /// The next record whose text is wanted. The others are not decoded, which is most of a pass's work.
    fn next_of(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Result<Option<Record>, SnapshotError> {
        loop {
            let Some(text) = self.next_text()? else { return Ok(None) };
            if self.inside && !wanted(&text) {
                continue;
            }
            return self.decode(&text).map(Some);
        }
    }

    fn next_text(&mut self) -> Result<Option<Vec<u8>>, SnapshotError> {
        let mut text = Vec::new();
        self.line += 1;
        let read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
        match read {
            Ok(0) if self.inside => return Err(SnapshotError::CutOff { path: self.path.clone() }),
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && self.inside => {
                return Err(SnapshotError::CutOff { path: self.path.clone() });
            }
            Err(error) => return Err(self.malformed(&error)),
        }
        if text.last() != Some(&b'\n') {
            return Err(match (self.inside, text.len() as u64) {
                (_, LONGEST_LINE) => self.malformed(&"the line is too long"),
                (true, _) => SnapshotError::CutOff { path: self.path.clone() },
                (false, _) => self.malformed(&"there is no line of JSON"),
            });
        }
        Ok(Some(text))
    }

    fn decode(&mut self, text: &[u8]) -> Result<Record, SnapshotError> {
        if !self.inside {
            self.check_version(text)?;
        }
        let record: Record = serde_json::from_slice(text).map_err(|error| self.malformed(&error))?;
        match (&record, self.inside) {
            (Record::Header(_), false) => self.inside = true,
            (Record::End(_), true) => self.inside = false,
            (Record::Account(_) | Record::Stores(_), true) => {}
            (_, false) => return Err(self.malformed(&"the header is missing")),
            (Record::Header(_), true) => return Err(SnapshotError::CutOff { path: self.path.clone() }),
        }
        Ok(record)
    }

    /// Before the header is decoded: a newer format must not be reported as damage.
    fn check_version(&self, text: &[u8]) -> Result<(), SnapshotError> {
        let value: serde_json::Value =
            serde_json::from_slice(text).map_err(|error| self.malformed(&error))?;
        let version = value.get("header").and_then(|header| header.get("format_version"));
        match version.and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(FORMAT_VERSION) => Ok(()),
            Some(found) => Err(SnapshotError::UnknownVersion { path: self.path.clone(), found }),
            None => Err(self.malformed(&"the header has no format_version")),
        }
    }
}
