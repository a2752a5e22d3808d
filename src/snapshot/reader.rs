//! Reading a snapshot, or shards of one: a pass over its lines, as often as one likes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::frame::{self, Start};
use super::lines::{Lines, Whose};
use super::settle::settled;
use super::{Header, Record, SnapshotError};
use crate::model::Observed;

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

    /// The headers of all shards, checked to be of one run, and no account to be in two. The first is authoritative.
    pub fn headers(&self) -> Result<Vec<Header>, SnapshotError> {
        let paths = match self {
            Self::Files(paths) => paths,
            Self::Records(records) => {
                let headers = records.iter().filter_map(|record| match record {
                    Record::Header(header) => Some(Header::clone(header)),
                    _ => None,
                });
                return Ok(headers.collect());
            }
        };
        let mut headers: Vec<(String, Header)> = Vec::new();
        let mut seen: BTreeMap<Whose, String> = BTreeMap::new();
        let mut twice = None;
        for path in paths {
            let name = path.display().to_string();
            let mut lines = Lines::open(path)?;
            let before = headers.len();
            while let Some(line) = lines.next_line()? {
                // Most of a pass's work is decoding accounts.
                if !matches!(line.whose, Whose::Account(_))
                    && let Some(Record::Header(header)) = lines.decode(&line)?
                {
                    headers.push((name.clone(), *header));
                }
                if line.whose != Whose::Nobody
                    && let Some(first) = seen.insert(line.whose.clone(), name.clone())
                {
                    twice.get_or_insert((line.whose, first, name.clone()));
                }
            }
            if headers.len() == before {
                let detail = "it is empty".to_owned();
                return Err(SnapshotError::Malformed { path: name, line: 1, detail });
            }
        }
        of_one_organization(&headers)?;
        if let Some((whose, first, second)) = twice {
            let what = match whose {
                Whose::Account(id) => format!("account {id}"),
                Whose::Stores(id) => format!("the stores of account {id}"),
                Whose::Nobody => "a record".to_owned(),
            };
            return Err(SnapshotError::Twice { what, first, second });
        }
        of_one_run(&headers)?;
        Ok(headers.into_iter().map(|(_, header)| header).collect())
    }
}

fn of_one_organization(headers: &[(String, Header)]) -> Result<(), SnapshotError> {
    let identity = |header: &Header| match &header.organization {
        Observed::Known(organization) => organization.id.clone(),
        _ => format!("account {}", header.caller_account_id),
    };
    let Some((first, first_header)) = headers.first() else { return Ok(()) };
    for (name, header) in headers {
        if identity(header) != identity(first_header) {
            return Err(SnapshotError::Mixed {
                first: first.clone(),
                first_organization: identity(first_header),
                second: name.clone(),
                second_organization: identity(header),
            });
        }
    }
    Ok(())
}

/// What was collected at different times, or otherwise, is no whole: the one says nothing of the other.
fn of_one_run(headers: &[(String, Header)]) -> Result<(), SnapshotError> {
    let Some((first, first_header)) = headers.first() else { return Ok(()) };
    for (name, header) in headers {
        if !header.is_of_the_run_of(first_header) {
            return Err(SnapshotError::TwoRuns {
                first: first.clone(),
                first_run: first_header.run(),
                second: name.clone(),
                second_run: header.run(),
            });
        }
    }
    Ok(())
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
