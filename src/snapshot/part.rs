//! A part of a run: a snapshot of some of its accounts, to be put together with the others.

use std::collections::BTreeSet;
use std::path::Path;

use super::lines::{Lines, Whose};
use super::{End, Header, Record, SnapshotError, chain};

/// What a part says of itself and holds, each line held against the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its header.
    pub header: Header,
    /// Whose records it holds.
    pub accounts: BTreeSet<String>,
    /// Its last line.
    pub end: End,
}

impl Part {
    /// Reads it, without decoding what accounts answered.
    pub fn read(path: &Path) -> Result<Self, SnapshotError> {
        Self::for_each_account(path, |_, _| Ok(()))
    }

    /// Reads it, and hands out the lines of its accounts as they stand there, without their links.
    pub(super) fn for_each_account(
        path: &Path,
        mut visit: impl FnMut(&str, Vec<u8>) -> Result<(), SnapshotError>,
    ) -> Result<Self, SnapshotError> {
        let mut lines = Lines::open(&path.to_owned())?;
        let (mut header, mut end) = (None, None);
        let mut accounts = BTreeSet::new();
        while let Some(line) = lines.next_line()? {
            match &line.whose {
                Whose::Account(id) => {
                    visit(id, chain::without_link(&line.text))?;
                    accounts.insert(id.clone());
                }
                Whose::Stores(_) => return Err(lines.malformed(&"a part has accounts alone, and no stores")),
                Whose::Nobody => match lines.decode(&line)? {
                    Some(Record::Header(found)) if header.is_none() => header = Some(*found),
                    Some(Record::Header(_)) => return Err(lines.malformed(&"a part has one header")),
                    Some(Record::End(found)) => end = Some(found),
                    Some(Record::Account(_) | Record::Stores(_)) | None => {
                        return Err(lines.malformed(&"the record is of a kind that is not known"));
                    }
                },
            }
        }
        match (header, end) {
            (Some(header), Some(end)) => Ok(Self { header, accounts, end }),
            _ => Err(lines.malformed(&"it is empty")),
        }
    }
}
