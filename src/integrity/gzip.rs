//! Inflating: whole for digests, under a cap; as a stream for logs, which are hashed and never kept.
//!
//! CloudTrail writes one gzip member. What follows it is hashed on, in case the members together are what was
//! delivered, and told apart from what was appended.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zlib_rs::{Inflate, InflateFlush, Status};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The most bytes that a log may inflate to: far above what CloudTrail writes, and the end of a gzip bomb.
pub const MAX_LOG_INFLATED: u64 = 16 << 30;

/// Window bits as zlib has them: the largest window, in a gzip frame with its checksum.
const GZIP: u8 = 16 + 15;
/// What is inflated at a time. Smaller pieces cost time in the inflater, larger ones fall out of the cache.
const PIECE: usize = 128 << 10;

/// Why bytes are not a gzip object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum GzipError {
    /// No bytes.
    #[error("the object is empty")]
    Empty,
    /// Other bytes than gzip's first two.
    #[error("the object is not gzip")]
    NotGzip,
    /// A checksum or the compressed data is wrong.
    #[error("the gzip data is damaged")]
    Corrupt,
    /// It ends before the gzip stream does.
    #[error("the object ends within its gzip stream")]
    Truncated,
    /// It inflates past the limit.
    #[error("the object inflates past {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

/// What a log file contains, by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogDigest {
    /// Of the inflated bytes of the first gzip member.
    #[serde(with = "super::hash")]
    pub sha256: Hash,
    /// How many they are.
    pub inflated: u64,
    /// The bytes of the object.
    pub compressed: u64,
    /// What stands after the first member.
    pub trailing: Option<Trailing>,
}

/// Bytes after the end of an object's first gzip member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailing {
    /// How many.
    pub bytes: u64,
    /// If they are gzip members in full: the hash of what all members inflate to, one after the other.
    #[serde(with = "super::hash::option")]
    pub all_members: Option<Hash>,
}

/// Inflates and hashes a log as it arrives.
pub struct LogHasher {
    inflate: Inflate,
    hasher: Sha256,
    compressed: u64,
    inflated: u64,
    limit: u64,
    stage: Stage,
}

enum Stage {
    First,
    Failed(GzipError),
    After { first: Hash, inflated: u64, trailing: u64, rest: Rest },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// At the end of a member.
    Complete,
    Within,
    NotGzip,
}

thread_local! {
    /// One for each thread rather than one for each of thousands of objects in flight.
    static OUTPUT: RefCell<Box<[u8]>> = RefCell::new(vec![0; PIECE].into_boxed_slice());
}

impl Default for LogHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl LogHasher {
    /// For a new object.
    pub fn new() -> Self {
        Self::with_limit(MAX_LOG_INFLATED)
    }

    /// For a new object that may inflate to `limit` bytes.
    pub fn with_limit(limit: u64) -> Self {
        Self {
            inflate: Inflate::new(true, GZIP),
            hasher: Sha256::new(),
            compressed: 0,
            inflated: 0,
            limit,
            stage: Stage::First,
        }
    }

    /// The object's next bytes. After an error there is no need to read on.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), GzipError> {
        if let Stage::Failed(error) = self.stage {
            return Err(error);
        }
        self.compressed += chunk.len() as u64;
        let pushed = OUTPUT.with_borrow_mut(|output| self.push_with(chunk, output));
        if let Err(error) = pushed {
            self.stage = Stage::Failed(error);
        }
        pushed
    }

    /// What the object is, now that all of it was pushed.
    pub fn finish(self) -> Result<LogDigest, GzipError> {
        match self.stage {
            Stage::Failed(error) => Err(error),
            Stage::First if self.compressed == 0 => Err(GzipError::Empty),
            Stage::First => Err(GzipError::Truncated),
            Stage::After { first, inflated, trailing, rest } => Ok(LogDigest {
                sha256: first,
                inflated,
                compressed: self.compressed,
                trailing: (trailing > 0).then(|| Trailing {
                    bytes: trailing,
                    all_members: (rest == Rest::Complete).then(|| self.hasher.finalize().into()),
                }),
            }),
        }
    }

    fn push_with(&mut self, mut chunk: &[u8], output: &mut [u8]) -> Result<(), GzipError> {
        if matches!(self.stage, Stage::First) {
            let (consumed, ended) = self.inflate(chunk, output)?;
            if !ended {
                return Ok(());
            }
            self.stage = Stage::After {
                first: self.hasher.clone().finalize().into(),
                inflated: self.inflated,
                trailing: 0,
                rest: Rest::Complete,
            };
            chunk = chunk.get(consumed..).unwrap_or_default();
        }
        while !chunk.is_empty() {
            chunk = self.push_trailing(chunk, output);
        }
        Ok(())
    }

    /// Takes bytes after the first member and leaves those after a further one.
    fn push_trailing<'a>(&mut self, chunk: &'a [u8], output: &mut [u8]) -> &'a [u8] {
        let Stage::After { rest: before, .. } = self.stage else { return &[] };
        let (consumed, now) = match before {
            Rest::NotGzip => (chunk.len(), Rest::NotGzip),
            Rest::Complete | Rest::Within => {
                if before == Rest::Complete {
                    self.inflate = Inflate::new(true, GZIP);
                }
                match self.inflate(chunk, output) {
                    Ok((consumed, true)) => (consumed, Rest::Complete),
                    Ok((consumed, false)) => (consumed, Rest::Within),
                    Err(_) => (chunk.len(), Rest::NotGzip),
                }
            }
        };
        if let Stage::After { trailing, rest, .. } = &mut self.stage {
            *trailing += consumed as u64;
            *rest = now;
        }
        chunk.get(consumed..).unwrap_or_default()
    }

    /// Inflates up to the chunk's or the member's end: how many bytes were taken, and whether the member ended.
    fn inflate(&mut self, chunk: &[u8], output: &mut [u8]) -> Result<(usize, bool), GzipError> {
        let mut consumed = 0;
        loop {
            let input = chunk.get(consumed..).unwrap_or_default();
            let step = step(&mut self.inflate, input, output)?;
            consumed += step.consumed;
            self.inflated += step.produced as u64;
            if self.inflated > self.limit {
                return Err(GzipError::TooLarge { limit: self.limit });
            }
            self.hasher.update(output.get(..step.produced).unwrap_or_default());
            if step.ended {
                return Ok((consumed, true));
            }
            if step.produced < output.len() && consumed == chunk.len() {
                return Ok((consumed, false));
            }
        }
    }
}

/// The first gzip member of an object, and how many bytes follow it.
pub(crate) fn inflate_whole(bytes: &[u8], limit: u64) -> Result<(Vec<u8>, usize), GzipError> {
    if bytes.is_empty() {
        return Err(GzipError::Empty);
    }
    let mut inflate = Inflate::new(true, GZIP);
    let mut inflated = Vec::new();
    let mut consumed = 0;
    OUTPUT.with_borrow_mut(|output| {
        loop {
            let input = bytes.get(consumed..).unwrap_or_default();
            let step = step(&mut inflate, input, output)?;
            consumed += step.consumed;
            inflated.extend_from_slice(output.get(..step.produced).unwrap_or_default());
            if inflated.len() as u64 > limit {
                return Err(GzipError::TooLarge { limit });
            }
            if step.ended {
                return Ok((inflated, bytes.len().saturating_sub(consumed)));
            }
            if step.produced < output.len() && consumed == bytes.len() {
                return Err(GzipError::Truncated);
            }
        }
    })
}

struct Step {
    consumed: usize,
    produced: usize,
    ended: bool,
}

fn step(inflate: &mut Inflate, input: &[u8], output: &mut [u8]) -> Result<Step, GzipError> {
    let (taken, made) = (inflate.total_in(), inflate.total_out());
    let status = inflate.decompress(input, output, InflateFlush::NoFlush).map_err(|_| {
        // The two first bytes are checked before anything else is read.
        if inflate.total_in() <= 2 { GzipError::NotGzip } else { GzipError::Corrupt }
    })?;
    let size = |now: u64, before: u64| usize::try_from(now - before).map_err(|_| GzipError::Corrupt);
    Ok(Step {
        consumed: size(inflate.total_in(), taken)?,
        produced: size(inflate.total_out(), made)?,
        ended: status == Status::StreamEnd,
    })
}

#[cfg(test)]
mod tests;
