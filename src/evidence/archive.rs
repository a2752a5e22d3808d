//! The bundle's archive: `tar` under Zstandard, in the one form that this module writes.
//!
//! Two Zstandard frames, one after the other. The first is compressed and holds the contents; the signed statement
//! names the SHA-256 of its bytes as they stand in the file, so that no bit of it can change, compression padding
//! included. The second holds the signature files and the end of the tar archive, uncompressed, and is compared byte
//! for byte with what `writer` makes of the files in it. Members are sorted, and every header is compared with the
//! one that its name and size give: there is nothing left that could be ambiguous.
//!
//! Zstandard rather than gzip or zip: its output is the same on every processor, its frames concatenate, and the
//! snapshot inside is in it already. `tar --zstd -xf` and `zstd -d` read the whole.

mod frame;
mod header;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{ArchiveError, Keep, Member, Walked, walk};
pub(super) use writer::Writer;

/// The most members: a thousand rules and a thousand shards are a tenth of it.
pub const MAX_MEMBERS: usize = 20_000;
/// The most bytes of one member: what eleven octal digits of a tar header can say.
pub const MAX_MEMBER: u64 = (8 << 30) - 1;
/// The most bytes that an archive may expand to: some reports over 10,000 accounts.
pub const MAX_EXPANDED: u64 = 32 << 30;
/// What an archive may expand to for each byte of it, past [`RATIO_GRACE`]. Reports of equal findings reach 60.
pub const MAX_RATIO: u64 = 500;
/// Bytes that may come out however few went in.
pub const RATIO_GRACE: u64 = 64 << 20;
/// The most bytes of the second frame: signatures and a time stamp.
pub const MAX_APPENDIX: u64 = 4 << 20;
/// The longest name, as a tar header has room for.
pub const MAX_NAME: usize = 100;

/// Why a name is not one that a bundle may hold; `None` if it is.
pub fn name_defect(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Some("it is empty or too long");
    }
    if name.starts_with('/') {
        return Some("it is absolute");
    }
    if name.split('/').any(|part| part == "..") {
        return Some("it leads out of the bundle");
    }
    // No capitals, no Unicode, no backslash, no colon: no two names are the same file on any system.
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'/')
    };
    if !name.bytes().all(plain) {
        return Some("it has other characters than a-z, 0-9, `-`, `_`, `.` and `/`");
    }
    let part_is_wrong = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.');
    if name.split('/').any(part_is_wrong) {
        return Some("a part of it is empty, or begins or ends with a dot");
    }
    None
}
