//! Gzip, whole.

use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush, Status};

/// The largest window, in a gzip frame.
const GZIP: u8 = 16 + 15;

pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = Deflate::new(6, true, GZIP);
    let mut output = vec![0; bytes.len() + bytes.len() / 100 + 1024];
    let status = deflate.compress(bytes, &mut output, DeflateFlush::Finish).expect("bytes deflate");
    assert_eq!(status, Status::StreamEnd, "the output holds it");
    output.truncate(usize::try_from(deflate.total_out()).expect("a size"));
    output
}

/// The first member.
pub fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut inflate = Inflate::new(true, GZIP);
    let (mut output, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let (taken, made) = (inflate.total_in(), inflate.total_out());
        let input = &bytes[usize::try_from(taken).expect("a size")..];
        let status = inflate.decompress(input, &mut piece, InflateFlush::NoFlush).expect("gzip");
        output.extend_from_slice(&piece[..usize::try_from(inflate.total_out() - made).expect("a size")]);
        if status == Status::StreamEnd {
            return output;
        }
    }
}
