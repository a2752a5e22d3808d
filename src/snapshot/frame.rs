//! A record on disk: a zstd frame with its checksum, behind a skippable frame that says how long it is and what its bytes
//! hash to. So a record is found without decompressing, and no bit of the file can change unnoticed.
//!
//! Frames and skippable frames: RFC 8878, "Zstandard Compression and the 'application/zstd' Media Type", 3.1. Its own
//! checksum covers what a frame decompresses to, not the frame's header, some bits of which decoders ignore (3.1.1.1.1).

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Write as _};

use sha2::{Digest, Sha256};

const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;
const COMPRESSION_LEVEL: i32 = 3;
/// Bytes of what leads a frame: magic number, length of what follows; length of the frame, its hash, and the start of
/// a hash over these two.
pub(super) const LEAD: usize = 8 + LEAD_CONTENT as usize;
const LEAD_CONTENT: u32 = 4 + 32 + 8;
/// As releases without a chain led their frames: the length alone.
const OLD_LEAD_CONTENT: u32 = 4;

/// What is known of a frame before it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead {
    pub(super) length: u32,
    pub(super) hash: [u8; 32],
}

/// How a file begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// With a lead.
    Led,
    /// With a frame, or with a lead of a release without a chain.
    Frames,
    /// Otherwise: with plain text, or with what is no snapshot.
    Text,
}

/// How a file begins that begins with these bytes.
pub(super) fn start(bytes: &[u8]) -> Start {
    let number = |at: usize| number(bytes, at);
    match (number(0), number(4)) {
        (SKIPPABLE_MAGIC, LEAD_CONTENT) => Start::Led,
        (SKIPPABLE_MAGIC, OLD_LEAD_CONTENT) | (0xfd2f_b528, _) => Start::Frames,
        _ => Start::Text,
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// Compresses a line, which ends with a line feed, and leads it.
pub(super) fn encode(line: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), COMPRESSION_LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(line.len() as u64))?;
    encoder.write_all(line)?;
    let frame = encoder.finish()?;
    let length = u32::try_from(frame.len())
        .map_err(|_| io::Error::other("an account's record is over four gigabytes"))?;
    let lead = Lead { length, hash: Sha256::digest(&frame).into() };
    Ok([lead.bytes().as_slice(), &frame].concat())
}

impl Lead {
    /// The lead that these bytes are.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let lead = Self { length: number(bytes, 8), hash: bytes.get(12..44)?.try_into().ok()? };
        (lead.bytes() == bytes).then_some(lead)
    }

    fn bytes(&self) -> Vec<u8> {
        let content = [self.length.to_le_bytes().as_slice(), &self.hash].concat();
        let check = Sha256::digest(&content);
        let magic = [SKIPPABLE_MAGIC.to_le_bytes(), LEAD_CONTENT.to_le_bytes()].concat();
        [&magic, &content, check.get(..8).unwrap_or_default()].concat()
    }

    /// The line in the frame that this one leads.
    pub(super) fn line(&self, frame: &[u8], longest: u64) -> Result<Vec<u8>, String> {
        if self.hash != <[u8; 32]>::from(Sha256::digest(frame)) {
            return Err("its bytes are not those that were written".to_owned());
        }
        let line = unpacked(frame, longest).map_err(|error| error.to_string())?;
        if line.len() as u64 >= longest {
            return Err("the line is too long".to_owned());
        }
        match line.split_last() {
            Some((b'\n', rest)) if !rest.contains(&b'\n') => Ok(line),
            _ => Err("it is not one line of JSON".to_owned()),
        }
    }
}

thread_local! {
    /// Making one takes longer than unpacking a small account.
    static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

/// What a frame decompresses to, up to so many bytes. Frames say how much that is; one that does not is read as a stream.
fn unpacked(frame: &[u8], longest: u64) -> io::Result<Vec<u8>> {
    let said = zstd::zstd_safe::get_frame_content_size(frame).ok().flatten();
    let Some(length) = said.filter(|length| *length <= longest).and_then(|it| usize::try_from(it).ok())
    else {
        let mut line = Vec::new();
        let decoder = zstd::stream::read::Decoder::with_buffer(frame)?.single_frame();
        decoder.take(longest).read_to_end(&mut line)?;
        return Ok(line);
    };
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(zstd::bulk::Decompressor::new()?),
        };
        decompressor.decompress(frame, length)
    })
}

/// What stands next in a file of led frames.
pub(super) enum Next {
    /// A line, and the hash of its frame.
    Line(Vec<u8>, [u8; 32]),
    /// A record whose bytes were changed, and how that shows.
    Damaged(String),
    /// Less than a whole record.
    CutOff,
    /// The end of the file.
    End,
}

/// Reads the lead of a frame that was seen before; `None` if another one stands there.
pub(super) fn again(file: &mut dyn BufRead, hash: [u8; 32]) -> io::Result<Option<Lead>> {
    let mut lead = Vec::with_capacity(LEAD);
    file.take(LEAD as u64).read_to_end(&mut lead)?;
    Ok(Lead::read(&lead).filter(|lead| lead.hash == hash))
}

/// Reads the next line of a file of led frames.
pub(super) fn next(file: &mut dyn BufRead, longest: u64) -> io::Result<Next> {
    let mut lead = Vec::with_capacity(LEAD);
    file.take(LEAD as u64).read_to_end(&mut lead)?;
    if lead.is_empty() {
        return Ok(Next::End);
    }
    if lead.len() < LEAD {
        return Ok(Next::CutOff);
    }
    let Some(found) = Lead::read(&lead) else {
        return Ok(Next::Damaged("no record begins here, or its length was changed".to_owned()));
    };
    let mut frame = Vec::new();
    file.take(found.length.into()).read_to_end(&mut frame)?;
    if frame.len() < found.length as usize {
        return Ok(Next::CutOff);
    }
    Ok(found.line(&frame, longest).map_or_else(Next::Damaged, |line| Next::Line(line, found.hash)))
}
