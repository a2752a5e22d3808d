//! The lines of one file, each held against those before it. See [`super`].

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::chain::Chain;
use super::frame::{self, Next, Start};
use super::{End, FORMAT_VERSION, Header, Record, SnapshotError, lenient};

/// The longest line that is read, in bytes: far above the largest account, below what would exhaust the memory.
pub(super) const LONGEST_LINE: u64 = 512 * 1024 * 1024;

/// Whose record a line is, without decoding it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// An account's.
    Account(String),
    /// An account's stores of logs.
    Stores(String),
    /// Nobody's, or of a kind that does not say.
    Nobody,
}

/// A line that was held against those before it.
pub(super) struct Line {
    pub(super) text: Vec<u8>,
    pub(super) whose: Whose,
    /// What its frame's bytes hash to, where the file has frames that say so.
    pub(super) frame: Option<[u8; 32]>,
}

/// A line's bytes, and what its frame's hash to, where it has one.
type Text = (Vec<u8>, Option<[u8; 32]>);

/// The lines of one file, which may hold several snapshots one after the other.
pub(super) struct Lines {
    path: String,
    reader: Box<dyn BufRead + Send>,
    is_led: bool,
    line: usize,
    inside: Option<Inside>,
}

/// The snapshot that the file is in the middle of.
#[derive(Default)]
struct Inside {
    /// `None` in snapshots of releases that wrote none.
    chain: Option<Chain>,
    /// The header's line.
    first_line: usize,
    /// The accounts that the header names: their records stand in this order.
    named: Vec<String>,
    accounts: BTreeSet<String>,
    stores: BTreeSet<String>,
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
    pub(super) fn open(path: &PathBuf) -> Result<Self, SnapshotError> {
        let name = path.display().to_string();
        let failed = |source| SnapshotError::Read { path: name.clone(), source };
        let mut file = File::open(path).map_err(failed)?;
        let mut start = Vec::new();
        file.by_ref().take(8).read_to_end(&mut start).map_err(failed)?;
        let begins = frame::start(&start);
        let whole = BufReader::new(Cursor::new(start).chain(file));
        let reader: Box<dyn BufRead + Send> = match begins {
            Start::Frames => {
                Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(whole).map_err(failed)?))
            }
            Start::Led | Start::Text => Box::new(whole),
        };
        Ok(Self { path: name, reader, is_led: begins == Start::Led, line: 0, inside: None })
    }

    /// What is wrong with the current line.
    pub(super) fn malformed(&self, detail: &dyn std::fmt::Display) -> SnapshotError {
        SnapshotError::Malformed { path: self.path.clone(), line: self.line, detail: detail.to_string() }
    }

    /// The same, where the line does not say whose it is: the header knows the order.
    fn damaged(&self, detail: &dyn std::fmt::Display) -> SnapshotError {
        self.malformed(&format!("{}{detail}", self.expected()))
    }

    /// Whose record the current line should be, as far as the header tells.
    fn expected(&self) -> String {
        let Some(inside) = &self.inside else { return String::new() };
        let place = self.line.checked_sub(inside.first_line + 1);
        let account = place.and_then(|place| inside.named.get(place));
        account.map_or_else(String::new, |account| format!("where account {account} stands: "))
    }

    fn cut_off(&self) -> SnapshotError {
        SnapshotError::CutOff { path: self.path.clone(), line: self.line.saturating_sub(1) }
    }

    /// The next line. Everything that can be held against the lines before it was.
    pub(super) fn next_line(&mut self) -> Result<Option<Line>, SnapshotError> {
        let Some((text, frame)) = self.next_text()? else { return Ok(None) };
        let mut inside = match self.inside.take() {
            Some(inside) => inside,
            None => self.begin(&text)?,
        };
        let whose = whose(&text);
        let place = match &whose {
            Whose::Account(id) => format!("account {id}: "),
            Whose::Stores(id) => format!("stores of account {id}: "),
            Whose::Nobody => String::new(),
        };
        if let Some(chain) = &mut inside.chain {
            chain.check(&text).map_err(|broken| self.malformed(&format!("{place}{broken}")))?;
        }
        let is_new = match &whose {
            Whose::Account(id) => inside.accounts.insert(id.clone()),
            Whose::Stores(id) => inside.stores.insert(id.clone()),
            Whose::Nobody => true,
        };
        if !is_new {
            return Err(self.malformed(&format!("{place}the record stands here again")));
        }
        self.inside = Some(inside);
        Ok(Some(Line { text, whose, frame }))
    }

    /// Begins a snapshot with its header.
    fn begin(&self, text: &[u8]) -> Result<Inside, SnapshotError> {
        let first: First = serde_json::from_slice(text).map_err(|error| self.malformed(&error))?;
        let Some(header) = first.header else { return Err(self.malformed(&"the header is missing")) };
        // Before the header is decoded: a newer format must not be reported as damage.
        match header.format_version {
            Some(version) if version == u64::from(FORMAT_VERSION) => Ok(Inside {
                chain: header.chain.map(|_| Chain::default()),
                first_line: self.line,
                named: header.accounts,
                ..Inside::default()
            }),
            Some(found) => Err(SnapshotError::UnknownVersion { path: self.path.clone(), found }),
            None => Err(self.malformed(&"the header has no format_version")),
        }
    }

    /// Decodes a line; `None` for a record of a kind that this version does not know.
    pub(super) fn decode(&mut self, line: &Line) -> Result<Option<Record>, SnapshotError> {
        let record = lenient::decode(&line.text).map_err(|error| self.malformed(&error))?;
        match &record {
            Some(Record::Header(header)) => self.check_header(header)?,
            Some(Record::End(end)) => self.check_end(end)?,
            Some(Record::Account(_) | Record::Stores(_)) | None => {}
        }
        Ok(record)
    }

    fn check_header(&self, header: &Header) -> Result<(), SnapshotError> {
        match &self.inside {
            Some(inside) if inside.first_line == self.line && inside.named == header.accounts => Ok(()),
            // The snapshot before it has no end.
            _ => Err(self.cut_off()),
        }
    }

    fn check_end(&mut self, end: &End) -> Result<(), SnapshotError> {
        let Some(inside) = self.inside.take() else { return Ok(()) };
        let counts = [
            ("account records", Some(end.accounts), inside.accounts.len()),
            ("records of stores", end.stores, inside.stores.len()),
        ];
        for (what, said, found) in counts {
            if let Some(said) = said.filter(|said| *said != found) {
                let absent: Vec<&str> = inside
                    .named
                    .iter()
                    .filter(|id| !inside.accounts.contains(*id))
                    .map(String::as_str)
                    .collect();
                let absent = match absent.as_slice() {
                    [] => String::new(),
                    [account] => format!("; that of account {account} is missing"),
                    [first, ..] => format!("; {} are missing, {first} among them", absent.len()),
                };
                let detail =
                    format!("the snapshot has {said} {what} by its end, but {found} are in it{absent}");
                return Err(self.malformed(&detail));
            }
        }
        Ok(())
    }

    fn next_text(&mut self) -> Result<Option<Text>, SnapshotError> {
        self.line += 1;
        if self.is_led {
            let next = frame::next(&mut self.reader, LONGEST_LINE);
            return match next.map_err(|error| self.damaged(&error))? {
                Next::Line(text, frame) => Ok(Some((text, Some(frame)))),
                Next::Damaged(how) => Err(self.damaged(&how)),
                Next::CutOff => Err(self.cut_off()),
                Next::End if self.inside.is_some() => Err(self.cut_off()),
                Next::End => Ok(None),
            };
        }
        let mut text = Vec::new();
        let read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
        let is_inside = self.inside.is_some();
        match read {
            Ok(0) if is_inside => return Err(self.cut_off()),
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof && is_inside => {
                return Err(self.cut_off());
            }
            Err(error) => return Err(self.damaged(&error)),
        }
        if text.last() != Some(&b'\n') {
            return Err(match (is_inside, text.len() as u64) {
                (_, LONGEST_LINE) => self.damaged(&"the line is too long"),
                (true, _) => self.cut_off(),
                (false, _) => self.malformed(&"there is no line of JSON"),
            });
        }
        Ok(Some((text, None)))
    }
}

/// The little of a record that says whose it is.
#[derive(Deserialize)]
struct Sketch {
    account: Option<Owner>,
    stores: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    id: Option<String>,
    account_id: Option<String>,
}

/// The little of a header that has to be known before it is decoded.
#[derive(Deserialize)]
struct First {
    header: Option<Begin>,
}

#[derive(Deserialize)]
struct Begin {
    format_version: Option<u64>,
    #[serde(default)]
    accounts: Vec<String>,
    chain: Option<IgnoredAny>,
}

/// Whose record a line is. Lines are written so that it stands at their beginning.
fn whose(text: &[u8]) -> Whose {
    let at_beginning = |start: &[u8]| {
        let rest = text.strip_prefix(start)?;
        let id = rest.get(..rest.iter().position(|byte| *byte == b'"')?)?;
        String::from_utf8(id.to_vec()).ok().filter(|id| !id.contains('\\'))
    };
    if let Some(id) = at_beginning(b"{\"account\":{\"id\":\"") {
        return Whose::Account(id);
    }
    if let Some(id) = at_beginning(b"{\"stores\":{\"account_id\":\"") {
        return Whose::Stores(id);
    }
    if text.starts_with(b"{\"header\"") || text.starts_with(b"{\"end\"") {
        return Whose::Nobody;
    }
    match serde_json::from_slice(text) {
        Ok(Sketch { account: Some(Owner { id: Some(id), .. }), .. }) => Whose::Account(id),
        Ok(Sketch { stores: Some(Owner { account_id: Some(id), .. }), .. }) => Whose::Stores(id),
        _ => Whose::Nobody,
    }
}
