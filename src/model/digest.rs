//! The digest behind identities that must be the same in every run and on every machine.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The first `bytes` bytes, in hexadecimal, of a SHA-256 digest over the parts, each preceded by its length.
pub(crate) fn stable_digest(parts: &[&str], bytes: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hexadecimal(digest.finalize().iter().take(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    bytes.into_iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
