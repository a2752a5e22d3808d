//! SHA-256 of what passes by, with its size.

use std::io::{self, BufRead, Read, Write};

use ring::digest::{Context, SHA256, digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::hexadecimal;

/// What a file is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

impl FileDigest {
    /// The digest of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: hexadecimal(digest(&SHA256, bytes).as_ref()), size: bytes.len() as u64 }
    }

    /// The digest of all that a reader gives.
    pub fn of_reader(reader: &mut dyn Read) -> io::Result<Self> {
        let mut sink = Hashing::new(io::sink());
        io::copy(reader, &mut sink)?;
        Ok(sink.digest())
    }
}

/// Hashes what is written to, or read from, what is inside.
pub(super) struct Hashing<I> {
    inner: I,
    hasher: Context,
    size: u64,
}

impl<I> Hashing<I> {
    pub(super) fn new(inner: I) -> Self {
        Self { inner, hasher: Context::new(&SHA256), size: 0 }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// Of what has passed so far.
    pub(super) fn digest(&self) -> FileDigest {
        FileDigest { sha256: hexadecimal(self.hasher.clone().finish().as_ref()), size: self.size }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn into_inner(self) -> I {
        self.inner
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.take_in(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.take_in(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Hashing<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed was filled before: this call gives the same bytes.
        if let Ok(bytes) = self.inner.fill_buf() {
            let taken = bytes.get(..amount).unwrap_or(bytes);
            self.hasher.update(taken);
            self.size += taken.len() as u64;
        }
        self.inner.consume(amount);
    }
}
