//! Headers of a tar archive: POSIX.1-1988 `ustar`, the pax standard's interchange format, with everything fixed but
//! name, size and time.

/// Tar counts in blocks.
pub(super) const BLOCK: usize = 512;

/// What is fixed: a plain file that all may read, of nobody, and the checksum's place as spaces.
const MODE: &[u8] = b"0000644\0";
const NOBODY: &[u8] = b"0000000\0";
const MAGIC: &[u8] = b"ustar\x0000";
const NO_CHECKSUM: &[u8] = b"        ";

/// Offsets of the fields that are read.
const SIZE: std::ops::Range<usize> = 124..136;
const TIME: std::ops::Range<usize> = 136..148;
const CHECKSUM: std::ops::Range<usize> = 148..156;
const KIND: usize = 156;

/// The header of a file. `time` is in seconds since 1970.
pub(super) fn encode(name: &str, size: u64, time: u64) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let fields: [(usize, Vec<u8>); 9] = [
        (0, name.as_bytes().to_vec()),
        (100, MODE.to_vec()),
        (108, NOBODY.to_vec()),
        (116, NOBODY.to_vec()),
        (SIZE.start, format!("{size:011o}\0").into_bytes()),
        (TIME.start, format!("{time:011o}\0").into_bytes()),
        (CHECKSUM.start, NO_CHECKSUM.to_vec()),
        (KIND, b"0".to_vec()),
        (257, MAGIC.to_vec()),
    ];
    for (at, field) in &fields {
        put(&mut header, *at, field);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut header, CHECKSUM.start, format!("{sum:06o}\0 ").as_bytes());
    header
}

fn put(header: &mut [u8; BLOCK], at: usize, field: &[u8]) {
    for (place, byte) in header.iter_mut().skip(at).zip(field) {
        *place = *byte;
    }
}

/// What a header says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) time: u64,
}

/// Why a header is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderDefect {
    /// A link, a folder, a device, or an extension.
    NotAFile(&'static str),
    /// The name as bytes is no text.
    Name,
    /// Anything else than what [`encode`] makes.
    Other,
}

pub(super) fn decode(block: &[u8; BLOCK]) -> Result<Header, HeaderDefect> {
    let kind = block.get(KIND).copied().unwrap_or_default();
    let what = match kind {
        b'0' => None,
        b'1' => Some("a hard link"),
        b'2' => Some("a symbolic link"),
        b'3' | b'4' | b'6' => Some("a device or a pipe"),
        b'5' => Some("a folder"),
        b'x' | b'g' | b'L' | b'K' => Some("an extended header"),
        _ => Some("of an unknown kind"),
    };
    if let Some(what) = what {
        return Err(HeaderDefect::NotAFile(what));
    }
    let name: Vec<u8> = block.iter().take(100).copied().take_while(|byte| *byte != 0).collect();
    let name = String::from_utf8(name).map_err(|_| HeaderDefect::Name)?;
    let number = |range: std::ops::Range<usize>| {
        let digits = block.get(range)?.strip_suffix(b"\0")?;
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
    };
    let size = number(SIZE).ok_or(HeaderDefect::Other)?;
    let time = number(TIME).ok_or(HeaderDefect::Other)?;
    if encode(&name, size, time) == *block {
        Ok(Header { name, size, time })
    } else {
        Err(HeaderDefect::Other)
    }
}

/// Zeros after a member's content.
pub(super) fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}
