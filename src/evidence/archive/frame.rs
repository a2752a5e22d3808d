//! A Zstandard frame without compression (RFC 8878): the same bytes whatever compresses, so that it can be compared.

/// Magic number, then a frame header: a single segment, its content's size in four bytes, no checksum.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const DESCRIPTOR: u8 = 0b1010_0000;
/// The most that a block may hold.
const BLOCK: usize = 128 << 10;

/// The frame that holds this content.
pub(super) fn raw(content: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(content.len() + 32);
    frame.extend(MAGIC);
    frame.push(DESCRIPTOR);
    frame.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    let blocks = content.len().div_ceil(BLOCK);
    for (number, block) in content.chunks(BLOCK).enumerate() {
        let last = u32::from(number + 1 == blocks);
        // Type 0, raw, in bits 1 and 2.
        let header = u32::try_from(block.len()).unwrap_or(u32::MAX) << 3 | last;
        frame.extend(header.to_le_bytes().iter().take(3));
        frame.extend(block);
    }
    frame
}

/// The content of a frame that [`raw`] made; `None` for any other bytes.
pub(super) fn content(frame: &[u8]) -> Option<Vec<u8>> {
    let rest = frame.strip_prefix(&MAGIC)?.strip_prefix(&[DESCRIPTOR])?;
    let (size, mut rest) = rest.split_first_chunk::<4>()?;
    let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
    let mut content = Vec::new();
    while content.len() < size {
        let block = (size - content.len()).min(BLOCK);
        let (_, after) = rest.split_at_checked(3)?;
        let (bytes, after) = after.split_at_checked(block)?;
        content.extend(bytes);
        rest = after;
    }
    (raw(&content) == frame).then_some(content)
}
