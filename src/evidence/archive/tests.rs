use proptest::collection::vec;
use proptest::prelude::*;

use super::super::digest::FileDigest;
use super::{ArchiveError, Walked, Writer, frame, header, name_defect, walk};

fn written(files: &[(String, Vec<u8>)], signatures: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, 1_700_000_000).unwrap();
    for (name, content) in files {
        writer.add(name, &FileDigest::of(content), &mut content.as_slice()).unwrap();
    }
    let (mut appendix, _) = writer.finish().unwrap();
    for (name, content) in signatures {
        appendix.add(name, content);
    }
    appendix.finish().unwrap();
    out
}

fn walked(bytes: &[u8]) -> Result<Walked, ArchiveError> {
    walk(bytes, &mut |_| Ok(None))
}

fn files(contents: Vec<Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    (0..).zip(contents).map(|(number, content)| (format!("files/{number:03}.json"), content)).collect()
}

#[test]
fn the_decompressor_of_others_reads_the_whole() {
    let bytes = written(&files(vec![b"one".to_vec()]), &[("statement.dsse.json", b"two")]);
    let tar = zstd::decode_all(bytes.as_slice()).unwrap();
    // Two members of two blocks each, and the end.
    assert_eq!(tar.len(), 6 * header::BLOCK);
    assert!(tar.starts_with(b"files/000.json\0"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_no_evidence() {
    for content in [&b"shor"[..], b"longer", b"other"] {
        let mut writer = Writer::new(Vec::new(), 0).unwrap();
        let error = writer.add("a", &FileDigest::of(b"short"), &mut &*content).unwrap_err();
        assert!(error.to_string().contains("changed while it was read"), "{error}");
    }
}

#[test]
fn the_writer_takes_no_name_that_the_reader_refuses() {
    let mut writer = Writer::new(Vec::new(), 0).unwrap();
    for name in ["../a", "/a", "A", "a//b", "a/.", "ä", "a\\b", "c:a", "", "a.", &"a".repeat(101)] {
        assert!(name_defect(name).is_some(), "{name}");
        assert!(writer.add(name, &FileDigest::of(b""), &mut &b""[..]).is_err(), "{name}");
    }
    writer.add("b", &FileDigest::of(b""), &mut &b""[..]).unwrap();
    assert!(writer.add("a", &FileDigest::of(b""), &mut &b""[..]).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read(contents in vec(vec(any::<u8>(), 0..2_000), 1..6), signature in vec(any::<u8>(), 0..300_000)) {
        let files = files(contents);
        let bytes = written(&files, &[("statement.dsse.json", &signature)]);
        let found = walked(&bytes).unwrap();
        prop_assert_eq!(found.members.len(), files.len());
        for (member, (name, content)) in found.members.iter().zip(&files) {
            prop_assert_eq!(&member.name, name);
            prop_assert_eq!(&member.digest, &FileDigest::of(content));
        }
        prop_assert_eq!(found.appendix, vec![("statement.dsse.json".to_owned(), signature)]);
        prop_assert_eq!(found.whole, FileDigest::of(&bytes));
        let contents = usize::try_from(found.contents.size).unwrap();
        prop_assert_eq!(found.contents, FileDigest::of(&bytes[..contents]));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in vec(any::<u8>(), 0..4_000)) {
        prop_assert!(walked(&bytes).is_err());
        // As the content of a frame, it comes further.
        let compressed = zstd::encode_all(bytes.as_slice(), 1).unwrap();
        prop_assert!(walked(&[compressed, frame::raw(&[0; 1_024])].concat()).is_err() || bytes.is_empty());
    }

    #[test]
    fn a_changed_archive_never_looks_as_it_did(
        contents in vec(vec(any::<u8>(), 0..500), 1..4), at in any::<prop::sample::Index>(), bit in 0..8_u32,
    ) {
        let bytes = written(&files(contents), &[("statement.dsse.json", b"signature")]);
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= 1 << bit;
        let before = walked(&bytes).unwrap();
        if let Ok(after) = walked(&changed) {
            prop_assert!(before.contents != after.contents || before.appendix != after.appendix);
        }
    }

    #[test]
    fn a_header_is_read_as_it_is_written(name in "[a-z0-9/._-]{1,100}", size in 0..super::MAX_MEMBER, time in 0..1_u64 << 33) {
        let found = header::decode(&header::encode(&name, size, time)).unwrap();
        prop_assert_eq!(found, header::Header { name, size, time });
    }
}
