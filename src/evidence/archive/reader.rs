//! Reading an archive that somebody else made: strictly, once through, within limits, and without a file on disk.

use std::io::{self, BufRead, BufReader, Read};

use super::super::digest::{FileDigest, Hashing};
use super::header::{self, BLOCK, HeaderDefect};
use super::{
    MAX_APPENDIX, MAX_EXPANDED, MAX_MEMBER, MAX_MEMBERS, MAX_RATIO, RATIO_GRACE, frame, name_defect, writer,
};

/// The largest window that a frame may ask for, as a power of two: four times what is written.
const WINDOW_LOG: u32 = 23;

/// Why bytes are no bundle's archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Read(io::Error),
    /// It does not begin with a Zstandard frame.
    #[error("it is no bundle: it does not begin as one")]
    NotABundle,
    /// It ends before its end.
    #[error("it is truncated: it ends within {within}")]
    Truncated {
        /// A member, or the signature part.
        within: String,
    },
    /// The compressed data does not decompress, or not to what its checksum says.
    #[error("it is damaged after {after}: {detail}")]
    Damaged {
        /// The last member that was read.
        after: String,
        /// What the decompressor says.
        detail: String,
    },
    /// A header that no bundle has.
    #[error("the header after {after} is none that a bundle has")]
    Header {
        /// The last member that was read.
        after: String,
    },
    /// A name that could lead elsewhere, or be another name on another system.
    #[error("the name {name:?} is refused: {why}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something else than a file.
    #[error("what follows {after} is {kind}: a bundle holds plain files only")]
    NotAFile {
        /// The last member that was read.
        after: String,
        /// What it is.
        kind: &'static str,
    },
    /// Twice the same name, or names out of order.
    #[error("{name} stands twice, or out of order")]
    Order {
        /// The name.
        name: String,
    },
    /// More members than any bundle has.
    #[error("it has more than {MAX_MEMBERS} members")]
    TooManyMembers,
    /// More bytes than any bundle has.
    #[error("{name} would make it expand past {limit} bytes")]
    TooLarge {
        /// The member.
        name: String,
        /// The limit.
        limit: u64,
    },
    /// Much comes out of little.
    #[error("it expands more than {MAX_RATIO} times its size, at {name}: it is made to fill memory or disk")]
    Ratio {
        /// The member.
        name: String,
    },
    /// The signature part is not as it is written, or something follows it.
    #[error("the signature part is not as it was written, or something follows it")]
    Appendix,
}

/// A member of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its content's digest.
    pub digest: FileDigest,
}

/// What an archive holds.
#[derive(Debug)]
pub struct Walked {
    /// The contents, sorted by name.
    pub members: Vec<Member>,
    /// Of the bytes that hold them.
    pub contents: FileDigest,
    /// The signature files: names and contents.
    pub appendix: Vec<(String, Vec<u8>)>,
    /// Of the whole file.
    pub whole: FileDigest,
    /// The time that all members have, in seconds since 1970.
    pub time: u64,
}

/// Is given each member's name, and says where its content goes besides the digest.
pub type Keep<'a> = dyn FnMut(&str) -> io::Result<Option<Box<dyn io::Write>>> + 'a;

/// Reads an archive to its end.
pub fn walk(input: impl Read, keep: &mut Keep<'_>) -> Result<Walked, ArchiveError> {
    let mut file = Hashing::new(BufReader::with_capacity(1 << 17, input));
    let (members, contents, time) = Contents::read(&mut file, keep)?;
    let mut second = Vec::new();
    (&mut file).take(MAX_APPENDIX + 1).read_to_end(&mut second).map_err(ArchiveError::Read)?;
    if second.is_empty() {
        return Err(ArchiveError::Truncated { within: "the signature part".to_owned() });
    }
    let tar = frame::content(&second).ok_or(ArchiveError::Appendix)?;
    let appendix = appendix(&tar, time)?;
    Ok(Walked { members, contents, appendix, whole: file.digest(), time })
}

/// The first frame, as it is read.
struct Contents<'a, R: BufRead> {
    out: zstd::Decoder<'static, &'a mut Hashing<R>>,
    expanded: u64,
    after: String,
}

impl<'a, R: BufRead> Contents<'a, R> {
    fn read(
        file: &'a mut Hashing<R>,
        keep: &mut Keep<'_>,
    ) -> Result<(Vec<Member>, FileDigest, u64), ArchiveError> {
        let start = file.fill_buf().map_err(ArchiveError::Read)?;
        if !start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Err(ArchiveError::NotABundle);
        }
        let mut out = zstd::Decoder::with_buffer(file).map_err(ArchiveError::Read)?.single_frame();
        out.window_log_max(WINDOW_LOG).map_err(ArchiveError::Read)?;
        let mut contents = Self { out, expanded: 0, after: "its start".to_owned() };
        let mut members: Vec<Member> = Vec::new();
        let mut time = None;
        while let Some(block) = contents.header()? {
            let header = header::decode(&block).map_err(|defect| contents.refused(defect))?;
            if let Some(why) = name_defect(&header.name) {
                return Err(ArchiveError::Name { name: header.name, why });
            }
            if members.last().is_some_and(|before| before.name >= header.name) {
                return Err(ArchiveError::Order { name: header.name });
            }
            if *time.get_or_insert(header.time) != header.time {
                return Err(ArchiveError::Header { after: contents.after });
            }
            if members.len() >= MAX_MEMBERS {
                return Err(ArchiveError::TooManyMembers);
            }
            if header.size > MAX_MEMBER || contents.expanded + header.size > MAX_EXPANDED {
                return Err(ArchiveError::TooLarge { name: header.name, limit: MAX_EXPANDED });
            }
            let mut sink = keep(&header.name).map_err(ArchiveError::Read)?;
            contents.after.clone_from(&header.name);
            let digest = contents.content(header.size, sink.as_mut())?;
            members.push(Member { name: header.name, digest });
        }
        let file = contents.out.finish();
        Ok((members, file.digest(), time.unwrap_or_default()))
    }

    fn refused(&self, defect: HeaderDefect) -> ArchiveError {
        let after = self.after.clone();
        match defect {
            HeaderDefect::NotAFile(kind) => ArchiveError::NotAFile { after, kind },
            HeaderDefect::Name | HeaderDefect::Other => ArchiveError::Header { after },
        }
    }

    /// The next header; `None` at the end of the frame.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, ArchiveError> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.out.read(room).map_err(|error| self.damaged(&error))? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(ArchiveError::Truncated { within: format!("what follows {}", self.after) }),
                read => filled += read,
            }
        }
        self.count(BLOCK as u64)?;
        Ok(Some(block))
    }

    fn content(
        &mut self,
        size: u64,
        mut sink: Option<&mut Box<dyn io::Write>>,
    ) -> Result<FileDigest, ArchiveError> {
        let mut digest = Hashing::new(io::sink());
        let mut buffer = vec![0; 1 << 16];
        let padded = size + header::padding(size) as u64;
        let mut done = 0;
        while done < padded {
            let left = if done < size { size - done } else { padded - done };
            let room = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let piece = buffer.get_mut(..room).unwrap_or_default();
            let read = self.out.read(piece).map_err(|error| self.damaged(&error))?;
            if read == 0 {
                return Err(ArchiveError::Truncated { within: self.after.clone() });
            }
            let piece = piece.get(..read).unwrap_or_default();
            if done < size {
                io::Write::write_all(&mut digest, piece).map_err(ArchiveError::Read)?;
                if let Some(sink) = sink.as_mut() {
                    sink.write_all(piece).map_err(ArchiveError::Read)?;
                }
            } else if piece.iter().any(|byte| *byte != 0) {
                return Err(ArchiveError::Header { after: self.after.clone() });
            }
            done += read as u64;
            self.count(read as u64)?;
        }
        if let Some(sink) = sink.as_mut() {
            sink.flush().map_err(ArchiveError::Read)?;
        }
        Ok(digest.digest())
    }

    /// Counts what came out against what went in.
    fn count(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        self.expanded += bytes;
        let read = self.out.get_ref().size();
        if self.expanded > RATIO_GRACE && self.expanded / MAX_RATIO > read {
            return Err(ArchiveError::Ratio { name: self.after.clone() });
        }
        Ok(())
    }

    fn damaged(&self, error: &io::Error) -> ArchiveError {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return ArchiveError::Truncated { within: format!("what follows {}", self.after) };
        }
        ArchiveError::Damaged { after: self.after.clone(), detail: error.to_string() }
    }
}

/// The members of the second frame, which must be what the writer would have made of them.
fn appendix(tar: &[u8], time: u64) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let mut rest = tar;
    while rest.len() > 2 * BLOCK {
        let (block, after) = rest.split_first_chunk::<BLOCK>().ok_or(ArchiveError::Appendix)?;
        let header = header::decode(block).map_err(|_| ArchiveError::Appendix)?;
        if let Some(why) = name_defect(&header.name) {
            return Err(ArchiveError::Name { name: header.name, why });
        }
        let size = usize::try_from(header.size).map_err(|_| ArchiveError::Appendix)?;
        let padded = size.checked_add(header::padding(header.size)).ok_or(ArchiveError::Appendix)?;
        let (content, after) = after.split_at_checked(padded).ok_or(ArchiveError::Appendix)?;
        if members.last().is_some_and(|(before, _)| *before >= header.name) {
            return Err(ArchiveError::Order { name: header.name });
        }
        members.push((header.name, content.get(..size).unwrap_or_default().to_vec()));
        rest = after;
    }
    let mut expected = Vec::with_capacity(tar.len());
    for (name, content) in &members {
        writer::append(&mut expected, name, content, time);
    }
    expected.resize(expected.len() + 2 * BLOCK, 0);
    if expected == tar { Ok(members) } else { Err(ArchiveError::Appendix) }
}
