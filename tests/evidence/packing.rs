//! Taking bundles apart and packing them anew, as somebody would who has no key; and archives as nobody should write
//! them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use trailproof::evidence::archive;

const BLOCK: usize = 512;

/// A bundle in pieces.
#[derive(Clone)]
pub(crate) struct Pieces {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// The signature part, as it stands in the file.
    pub(crate) appendix: Vec<u8>,
    pub(crate) time: u64,
}

/// Writes into memory that the test keeps.
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn unpack(bundle: &Path) -> Pieces {
    let bytes = fs::read(bundle).unwrap();
    let mut kept = Vec::new();
    let walked = archive::walk(bytes.as_slice(), &mut |name| {
        let content = Arc::new(Mutex::new(Vec::new()));
        kept.push((name.to_owned(), Arc::clone(&content)));
        Ok(Some(Box::new(Kept(content))))
    })
    .unwrap();
    let appendix = bytes[usize::try_from(walked.contents.size).unwrap()..].to_vec();
    let files = kept.into_iter().map(|(name, content)| (name, content.lock().unwrap().clone()));
    Pieces { files: files.collect(), appendix, time: walked.time }
}

impl Pieces {
    /// Packs them in the order in which they are.
    pub(crate) fn pack(&self, onto: &Path) -> PathBuf {
        let mut tar = Vec::new();
        for (name, content) in &self.files {
            tar.extend(member(name.as_bytes(), content, self.time, b'0'));
        }
        fs::write(onto, [zstd::encode_all(tar.as_slice(), 3).unwrap(), self.appendix.clone()].concat())
            .unwrap();
        onto.to_owned()
    }

    pub(crate) fn content(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.files.iter_mut().find(|(found, _)| found == name).unwrap().1
    }
}

/// A member with its padding.
pub(crate) fn member(name: &[u8], content: &[u8], time: u64, kind: u8) -> Vec<u8> {
    let mut bytes = header(name, content.len() as u64, time, kind);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

pub(crate) fn header(name: &[u8], size: u64, time: u64, kind: u8) -> Vec<u8> {
    let mut header = vec![0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name);
    put(100, b"0000644\x000000000\x000000000\0");
    put(124, format!("{size:011o}\0{time:011o}\0        ").as_bytes());
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A signature part: a frame without compression, of at most one block.
pub(crate) fn appendix(files: &[(&str, Vec<u8>)], time: u64) -> Vec<u8> {
    let mut tar: Vec<u8> =
        files.iter().flat_map(|(name, content)| member(name.as_bytes(), content, time, b'0')).collect();
    tar.extend([0; 2 * BLOCK]);
    let size = u32::try_from(tar.len()).unwrap();
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend(size.to_le_bytes());
    frame.extend(&(size << 3 | 1).to_le_bytes()[..3]);
    frame.extend(tar);
    frame
}

/// The files of a signature part.
pub(crate) fn signature_files(bundle: &Path) -> Vec<(String, Vec<u8>)> {
    let bytes = fs::read(bundle).unwrap();
    archive::walk(bytes.as_slice(), &mut |_| Ok(None)).unwrap().appendix
}
