//! The chain that runs through the lines of a snapshot: each line carries its number and a hash over the hash before it
//! and itself, so that a line that was changed, left out, repeated or moved is found, and named.
//!
//! The link is the last field of each record, `"chain":[NUMBER,"HASH"]`. Readers that know of none skip it, as they
//! skip any field that they do not know.

use sha2::{Digest, Sha256};

use crate::model::hexadecimal;

const KEY: &[u8] = b",\"chain\":[";
const END: &[u8] = b"}}";
/// More than a link is long: a number, a hash in hexadecimal, and the signs around them.
const LONGEST_LINK: usize = 128;

/// Where in the chain a file is.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    next: u64,
    hash: [u8; 32],
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It does not say what it said when it was written.
    Changed,
    /// Lines before it are missing: so many.
    Missing(u64),
    /// It stood before, or its place was another.
    Again,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed => formatter.write_str("the record was changed after it was written"),
            Self::Missing(1) => formatter.write_str("a record is missing before this one, or was moved"),
            Self::Missing(count) => {
                write!(formatter, "{count} records are missing before this one, or were moved")
            }
            Self::Again => formatter.write_str("the record stands here again, or was moved"),
        }
    }
}

impl Chain {
    /// Adds a link to a line that has none.
    pub(super) fn add(&mut self, line: &mut Vec<u8>) {
        let Some(body) = line.strip_suffix(END).map(<[u8]>::len) else { return };
        let number = self.next;
        let hash = self.hash_of(line.get(..body).unwrap_or_default());
        line.truncate(body);
        line.extend_from_slice(KEY);
        line.extend_from_slice(format!("{number},\"{}\"]", hexadecimal(&hash)).as_bytes());
        line.extend_from_slice(END);
        (self.next, self.hash) = (number + 1, hash);
    }

    /// Holds a line against the lines before it.
    pub(super) fn check(&mut self, line: &[u8]) -> Result<(), Broken> {
        let (body, number, hash) = link(line).ok_or(Broken::Changed)?;
        if number > self.next {
            return Err(Broken::Missing(number - self.next));
        }
        if number < self.next {
            return Err(Broken::Again);
        }
        let expected = self.hash_of(body);
        if hash != hexadecimal(&expected).as_bytes() {
            return Err(Broken::Changed);
        }
        (self.next, self.hash) = (number + 1, expected);
        Ok(())
    }

    fn hash_of(&self, body: &[u8]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.hash);
        digest.update(self.next.to_be_bytes());
        digest.update(body);
        digest.finalize().into()
    }
}

/// The line without its link.
pub(super) fn without_link(line: &[u8]) -> Vec<u8> {
    match link(line) {
        Some((body, ..)) => [body, END].concat(),
        None => line.to_vec(),
    }
}

/// What stands before the link; all of a line that has none.
pub(super) fn body(line: &[u8]) -> &[u8] {
    link(line).map_or(line, |(body, ..)| body)
}

/// What stands before the link, its number and its hash.
fn link(line: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let line = line.trim_ascii_end();
    let from = line.len().saturating_sub(LONGEST_LINK);
    let start = from + line.get(from..)?.windows(KEY.len()).rposition(|window| window == KEY)?;
    let link = line.get(start + KEY.len()..)?.strip_suffix(b"\"]}}")?;
    let comma = link.iter().position(|byte| *byte == b',')?;
    let number = link.get(..comma)?;
    // One way to write a number, so that one byte cannot be another.
    let plain = number.iter().all(u8::is_ascii_digit) && (number.len() == 1 || number.first() != Some(&b'0'));
    let number = std::str::from_utf8(number).ok().filter(|_| plain)?.parse().ok()?;
    Some((line.get(..start)?, number, link.get(comma + 1..)?.strip_prefix(b"\"")?))
}
