//! A further pass over files that were surveyed: what was seen is read again, and nothing else. See [`super::survey`].

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::frame;
use super::lines::{LONGEST_LINE, Lines, Whose};
use super::settle::settled;
use super::{Record, SnapshotError, lenient};

/// A file whose lines were seen.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) path: PathBuf,
    /// `None` of a file that has no frames to know again.
    pub(super) frames: Option<Vec<Frame>>,
}

/// A frame that was seen.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) hash: [u8; 32],
    /// Whose record it holds.
    pub(super) account: Option<Arc<str>>,
}

/// Which records are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// All of them.
    All,
    /// All but those of these accounts, whose stores are wanted all the same.
    AllBut(&'a HashSet<Arc<str>>),
    /// Those of these accounts alone.
    Only(&'a HashSet<Arc<str>>),
}

impl Wanted<'_> {
    fn includes(self, account: Option<&str>) -> bool {
        match (self, account) {
            (Self::All, _) | (Self::AllBut(_), None) => true,
            (Self::AllBut(accounts), Some(account)) => !accounts.contains(account),
            (Self::Only(accounts), account) => account.is_some_and(|account| accounts.contains(account)),
        }
    }
}

/// A pass over records. After an error it ends.
#[derive(Debug)]
pub struct Again<'a> {
    files: std::slice::Iter<'a, Seen>,
    memory: std::slice::Iter<'a, Record>,
    wanted: Wanted<'a>,
    current: Option<Current<'a>>,
}

/// The file that is being read.
#[derive(Debug)]
enum Current<'a> {
    Frames(Frames<'a>),
    Lines(Lines),
}

/// A file whose frames are known.
#[derive(Debug)]
struct Frames<'a> {
    path: String,
    file: BufReader<File>,
    left: std::iter::Enumerate<std::slice::Iter<'a, Frame>>,
}

/// A record that is yet to be decoded, which is most of the work.
#[derive(Debug)]
pub struct Undecoded(Form);

#[derive(Debug)]
enum Form {
    Text { path: String, line: usize, text: Vec<u8> },
    Record(Box<Record>),
}

impl Undecoded {
    /// The record; `None` where it is of a kind that this version does not know.
    pub fn decode(self) -> Result<Option<Record>, SnapshotError> {
        match self.0 {
            Form::Record(record) => Ok(Some(*record)),
            Form::Text { path, line, text } => match lenient::decode(&text) {
                Ok(record) => Ok(record.map(settled)),
                Err(error) => Err(SnapshotError::Malformed { path, line, detail: error.to_string() }),
            },
        }
    }
}

impl<'a> Again<'a> {
    pub(super) fn new(
        files: std::slice::Iter<'a, Seen>,
        memory: std::slice::Iter<'a, Record>,
        wanted: Wanted<'a>,
    ) -> Self {
        Self { files, memory, wanted, current: None }
    }

    fn next_of_files(&mut self) -> Result<Option<Undecoded>, SnapshotError> {
        loop {
            let next = match &mut self.current {
                Some(Current::Frames(frames)) => frames.next(self.wanted)?,
                Some(Current::Lines(lines)) => next_line(lines, self.wanted)?,
                None => None,
            };
            if next.is_some() {
                return Ok(next);
            }
            let Some(file) = self.files.next() else { return Ok(None) };
            self.current = Some(Current::open(file)?);
        }
    }
}

impl<'a> Current<'a> {
    fn open(seen: &'a Seen) -> Result<Self, SnapshotError> {
        let Some(frames) = &seen.frames else { return Ok(Self::Lines(Lines::open(&seen.path)?)) };
        let path = seen.path.display().to_string();
        match File::open(&seen.path) {
            Ok(file) => {
                let left = frames.iter().enumerate();
                Ok(Self::Frames(Frames { path, file: BufReader::new(file), left }))
            }
            Err(source) => Err(SnapshotError::Read { path, source }),
        }
    }
}

impl Frames<'_> {
    fn next(&mut self, wanted: Wanted<'_>) -> Result<Option<Undecoded>, SnapshotError> {
        for (number, frame) in self.left.by_ref() {
            let line = number + 1;
            let failed = |source| SnapshotError::Read { path: self.path.clone(), source };
            let malformed =
                |detail: String| SnapshotError::Malformed { path: self.path.clone(), line, detail };
            let changed = || malformed("the file was changed while it was read".to_owned());
            let lead = frame::again(&mut self.file, frame.hash).map_err(failed)?.ok_or_else(changed)?;
            if !wanted.includes(frame.account.as_deref()) {
                self.file.seek_relative(lead.length.into()).map_err(failed)?;
                continue;
            }
            let mut bytes = Vec::new();
            self.file.by_ref().take(lead.length.into()).read_to_end(&mut bytes).map_err(failed)?;
            let text = lead.line(&bytes, LONGEST_LINE).map_err(malformed)?;
            return Ok(Some(Undecoded(Form::Text { path: self.path.clone(), line, text })));
        }
        Ok(None)
    }
}

fn next_line(lines: &mut Lines, wanted: Wanted<'_>) -> Result<Option<Undecoded>, SnapshotError> {
    while let Some(line) = lines.next_line()? {
        let account = if let Whose::Account(id) = &line.whose { Some(id.as_str()) } else { None };
        if !wanted.includes(account) {
            continue;
        }
        if let Some(record) = lines.decode(&line)? {
            return Ok(Some(Undecoded(Form::Record(Box::new(settled(record))))));
        }
    }
    Ok(None)
}

impl Iterator for Again<'_> {
    type Item = Result<Undecoded, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.memory.next() {
            return Some(Ok(Undecoded(Form::Record(Box::new(settled(record.clone()))))));
        }
        let next = self.next_of_files();
        if next.is_err() {
            (self.current, self.files) = (None, [].iter());
        }
        next.transpose()
    }
}
