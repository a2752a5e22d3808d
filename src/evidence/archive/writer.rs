//! Writing an archive: contents first, then the signature files that speak of them.

use std::io::{self, Read, Write};

use super::super::digest::{FileDigest, Hashing};
use super::{MAX_MEMBER, frame, header, name_defect};

/// As for snapshots: higher levels take longer than they save.
const COMPRESSION_LEVEL: i32 = 3;

/// The first frame in the making.
pub(in crate::evidence) struct Writer<W: Write> {
    out: zstd::Encoder<'static, Hashing<W>>,
    time: u64,
    last: String,
}

/// The second frame in the making.
pub(in crate::evidence) struct Appendix<W: Write> {
    out: W,
    tar: Vec<u8>,
    time: u64,
}

impl<W: Write> Writer<W> {
    /// Begins an archive whose members all have this time, in seconds since 1970.
    pub(in crate::evidence) fn new(out: W, time: u64) -> io::Result<Self> {
        let mut out = zstd::Encoder::new(Hashing::new(out), COMPRESSION_LEVEL)?;
        out.include_checksum(true)?;
        Ok(Self { out, time, last: String::new() })
    }

    /// Adds a member. Names come in order. An error if the content is not what was announced: it changed meanwhile.
    pub(in crate::evidence) fn add(
        &mut self,
        name: &str,
        announced: &FileDigest,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        let refused = |what: &str| Err(io::Error::other(format!("{name}: {what}")));
        if let Some(defect) = name_defect(name) {
            return refused(defect);
        }
        if *self.last >= *name {
            return refused("it is out of order");
        }
        if announced.size > MAX_MEMBER {
            return refused("it is larger than eight gigabytes");
        }
        name.clone_into(&mut self.last);
        self.out.write_all(&header::encode(name, announced.size, self.time))?;
        // A byte more than announced is enough to notice that it grew.
        let mut content = Hashing::new(content.take(announced.size + 1));
        io::copy(&mut content, &mut self.out)?;
        if content.digest() != *announced {
            return refused("it was changed while it was read");
        }
        let padding = [0; header::BLOCK];
        self.out.write_all(padding.get(..header::padding(announced.size)).unwrap_or_default())
    }

    /// Ends the contents. Returns the digest of their bytes as they stand in the file.
    pub(in crate::evidence) fn finish(self) -> io::Result<(Appendix<W>, FileDigest)> {
        let out = self.out.finish()?;
        let digest = out.digest();
        Ok((Appendix { out: out.into_inner(), tar: Vec::new(), time: self.time }, digest))
    }
}

impl<W: Write> Appendix<W> {
    /// Adds a signature file.
    pub(in crate::evidence) fn add(&mut self, name: &str, content: &[u8]) {
        append(&mut self.tar, name, content, self.time);
    }

    /// Ends the archive.
    pub(in crate::evidence) fn finish(mut self) -> io::Result<W> {
        self.tar.extend([0; 2 * header::BLOCK]);
        self.out.write_all(&frame::raw(&self.tar))?;
        Ok(self.out)
    }
}

pub(super) fn append(tar: &mut Vec<u8>, name: &str, content: &[u8], time: u64) {
    tar.extend(header::encode(name, content.len() as u64, time));
    tar.extend(content);
    tar.resize(tar.len() + header::padding(content.len() as u64), 0);
}
