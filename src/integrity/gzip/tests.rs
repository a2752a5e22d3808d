use proptest::prelude::*;
use zlib_rs::{Deflate, DeflateFlush};

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut output = vec![0; bytes.len() + 1024];
    let mut deflate = Deflate::new(6, true, GZIP);
    deflate.compress(bytes, &mut output, DeflateFlush::Finish).expect("deflates");
    output.truncate(usize::try_from(deflate.total_out()).expect("a size"));
    output
}

fn hashed(body: &[u8], chunk: usize, limit: u64) -> Result<LogDigest, GzipError> {
    let mut hasher = LogHasher::with_limit(limit);
    for bytes in body.chunks(chunk) {
        hasher.push(bytes)?;
    }
    hasher.finish()
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[test]
fn a_hasher_can_change_threads() {
    fn assert_send<T: Send>() {}
    assert_send::<LogHasher>();
}

#[test]
fn what_is_not_a_whole_gzip_object_is_told_apart() {
    let body = gzip(b"content");
    let read = |bytes: &[u8]| hashed(bytes, 3, 100).expect_err("no log");
    assert_eq!(read(b""), GzipError::Empty);
    assert_eq!(read(b"plain text"), GzipError::NotGzip);
    assert_eq!(read(&body[..body.len() - 1]), GzipError::Truncated);
    assert_eq!(read(&body[..1]), GzipError::Truncated);
    let mut damaged = body;
    let checksum = damaged.len() - 5;
    damaged[checksum] ^= 1;
    assert_eq!(read(&damaged), GzipError::Corrupt);
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let bomb = gzip(&vec![0; 8 << 20]);
    assert!(bomb.len() < 10_000);
    assert_eq!(hashed(&bomb, 1000, 1 << 20), Err(GzipError::TooLarge { limit: 1 << 20 }));
    assert_eq!(inflate_whole(&bomb, 1 << 20), Err(GzipError::TooLarge { limit: 1 << 20 }));
    // Appended, it is something appended.
    let appended = [gzip(b"content"), bomb].concat();
    let digest = hashed(&appended, 1000, 1 << 20).expect("a log");
    assert_eq!(digest.sha256, sha256(b"content"));
    assert_eq!(digest.trailing.expect("a bomb").all_members, None);
}

#[test]
fn further_members_are_hashed_together_with_the_first() {
    let members = [gzip(b"one"), gzip(b"two")].concat();
    let trailing = (members.len() - gzip(b"one").len()) as u64;
    for chunk in [1, 7, 1000] {
        let digest = hashed(&members, chunk, 100).expect("a log");
        assert_eq!((digest.sha256, digest.inflated), (sha256(b"one"), 3));
        let all_members = Some(sha256(b"onetwo"));
        assert_eq!(digest.trailing, Some(Trailing { bytes: trailing, all_members }));
    }
    let half = &members[..members.len() - 4];
    let trailing = hashed(half, 5, 100).expect("a log").trailing.expect("more bytes");
    assert_eq!((trailing.bytes, trailing.all_members), (half.len() as u64 - gzip(b"one").len() as u64, None));
}

#[test]
fn a_digest_survives_being_stored() {
    let digest = hashed(&[gzip(b"one"), gzip(b"two")].concat(), 10, 100);
    let text = serde_json::to_string(&digest).expect("JSON");
    assert_eq!(serde_json::from_str::<Result<LogDigest, GzipError>>(&text).expect("a digest"), digest);
}

proptest! {
    #[test]
    fn the_hash_does_not_depend_on_how_the_bytes_arrive(
        content in prop::collection::vec(any::<u8>(), 0..5000), chunk in 1usize..6000,
        trailing in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let body = [gzip(&content), trailing.clone()].concat();
        let digest = hashed(&body, chunk, 1 << 20).expect("a log");
        prop_assert_eq!(digest.sha256, sha256(&content));
        prop_assert_eq!(digest.compressed, body.len() as u64);
        prop_assert_eq!(digest.trailing.map_or(0, |trailing| trailing.bytes), trailing.len() as u64);
        prop_assert_eq!(inflate_whole(&body, 1 << 20), Ok((content, trailing.len())));
    }

    #[test]
    fn no_bytes_do_harm(body in prop::collection::vec(any::<u8>(), 0..500), chunk in 1usize..600) {
        let _ = hashed(&body, chunk, 1 << 16);
        let with_magic = [&[0x1f, 0x8b, 8, 0], &*body].concat();
        let _ = hashed(&with_magic, chunk, 1 << 16);
        let _ = inflate_whole(&with_magic, 1 << 16);
    }
}
