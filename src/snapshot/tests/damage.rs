//! What happens to a file on its way: no change goes unnoticed, and its place is named.

use std::path::Path;

use super::{read, written};
use crate::example::Example;
use crate::snapshot::frame::{LEAD, Lead};
use crate::snapshot::{Record, SnapshotError, Source};

/// Where each record is in a file.
fn places(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let lead = Lead::read(&bytes[at..at + LEAD]).unwrap();
        let end = at + LEAD + lead.length as usize;
        places.push(at..end);
        at = end;
    }
    places
}

/// Both passes refuse the file, and name it and a line; gives the text.
fn refused(path: &Path, bytes: &[u8], what: &str) -> String {
    std::fs::write(path, bytes).unwrap();
    let name = path.display().to_string();
    let source = Source::Files(vec![path.to_owned()]);
    let errors = [source.headers().err(), source.records().find_map(Result::err)];
    let texts = errors.map(|error| match error {
        Some(
            error @ (SnapshotError::Malformed { .. }
            | SnapshotError::CutOff { .. }
            | SnapshotError::Read { .. }
            | SnapshotError::Twice { .. }),
        ) => error.to_string(),
        Some(error) => panic!("{what}: {error}"),
        None => panic!("{what}: it was read"),
    });
    for text in &texts {
        assert!(text.contains(&name) && text.contains("line "), "{what}: {text}");
    }
    texts[0].clone()
}

/// All of them: `TRAILPROOF_DAMAGES=2000 cargo test --lib snapshot::tests::damage`.
#[test]
fn flips_cuts_swaps_and_repeats_are_refused_and_their_place_is_named() {
    let cases = std::env::var("TRAILPROOF_DAMAGES").map_or(240, |cases| cases.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let example = Example::demo();
    let accounts = example.header.accounts.clone();
    let whole = std::fs::read(written(folder.path(), &example.records())).unwrap();
    let places = places(&whole);
    let path = folder.path().join("damaged.zst");
    let mut random = fastrand::Rng::with_seed(11);
    let mut counts = [0; 4];
    for case in 0..cases {
        let kind = case % 4;
        counts[kind] += 1;
        let mut bytes = whole.clone();
        let (one, other) = loop {
            let (one, other) = (random.usize(..places.len()), random.usize(..places.len()));
            if one < other {
                break (one, other);
            }
        };
        let what = match kind {
            0 => {
                let (at, bit) = (random.usize(..bytes.len()), random.u8(..8));
                bytes[at] ^= 1 << bit;
                format!("bit {bit} of byte {at} flipped")
            }
            1 => {
                let length = random.usize(1..bytes.len());
                bytes.truncate(length);
                format!("cut to {length} bytes")
            }
            2 => {
                let (first, second) = (places[one].clone(), places[other].clone());
                let between = &whole[first.end..second.start];
                let swapped = [&whole[second.clone()], between, &whole[first.clone()]].concat();
                bytes.splice(first.start..second.end, swapped);
                format!("records {one} and {other} swapped")
            }
            _ => {
                let again = whole[places[one].clone()].to_vec();
                let at = places[other].start;
                bytes.splice(at..at, again);
                format!("record {one} again before {other}")
            }
        };
        let text = refused(&path, &bytes, &what);
        if kind == 0 {
            let at = bytes.iter().zip(&whole).position(|(one, other)| one != other).unwrap();
            let record = places.iter().position(|place| place.contains(&at)).unwrap();
            assert!(text.contains(&format!("line {}", record + 1)), "{what}: {text}");
            if let Some(account) = record.checked_sub(1).and_then(|record| accounts.get(record)) {
                assert!(text.contains(account), "{what}: {text}");
            }
        }
    }
    assert_eq!(counts.iter().sum::<usize>(), cases, "flips, cuts, swaps, repeats: {counts:?}");
}

/// The first thousand bits one by one, and every bit that leads a record: no luck is in it.
#[test]
fn each_bit_of_a_lead_counts() {
    let folder = tempfile::tempdir().unwrap();
    let whole =
        std::fs::read(written(folder.path(), &Example::healthy(0, &["eu-central-1"]).records())).unwrap();
    let path = folder.path().join("damaged.zst");
    let leads = places(&whole).into_iter().flat_map(|place| place.start..place.start + LEAD + 12);
    for at in leads {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            refused(&path, &bytes, &format!("bit {bit} of byte {at} flipped"));
        }
    }
}

#[test]
fn each_record_that_is_missing_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(written(folder.path(), &Example::demo().records())).unwrap();
    let path = folder.path().join("damaged.zst");
    for place in places(&whole) {
        let mut bytes = whole.clone();
        bytes.drain(place.clone());
        refused(&path, &bytes, &format!("bytes {place:?} left out"));
    }
}

/// Who unpacks a snapshot, changes it, and packs it again.
#[test]
fn the_chain_holds_in_plain_text_and_in_frames_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let packed = std::fs::read(written(folder.path(), &Example::demo().records())).unwrap();
    let text = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let path = folder.path().join("changed");
    let all = |lines: &[&str]| lines.join("\n") + "\n";
    std::fs::write(&path, all(&lines)).unwrap();
    assert_eq!(read(&[&path]).unwrap(), Example::demo().records(), "unchanged, it is read as plain text");
    std::fs::write(&path, zstd::encode_all(all(&lines).as_bytes(), 1).unwrap()).unwrap();
    assert_eq!(read(&[&path]).unwrap(), Example::demo().records(), "and in one frame");

    let mut swapped = lines.clone();
    swapped.swap(2, 5);
    let mut missing = lines.clone();
    let stores = lines.iter().rposition(|line| line.starts_with("{\"stores\"")).unwrap();
    missing.remove(stores);
    let mut repeated = lines.clone();
    repeated.insert(4, lines[3]);
    let mut moved = lines.clone();
    let first = moved.remove(1);
    moved.insert(6, first);
    let edited = text.replacen("\"recording\":true", "\"recording\":false", 1);
    assert_ne!(edited, text);
    let spaced: Vec<String> = lines
        .iter()
        .map(|line| {
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(line).unwrap()).unwrap()
        })
        .map(|line| line.replace('\n', " "))
        .collect();
    let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
    for (changed, what) in [
        (all(&swapped), "swapped"),
        (all(&missing), "missing"),
        (all(&repeated), "repeated"),
        (all(&moved), "moved"),
        (edited, "edited"),
        (all(&spaced), "written anew"),
    ] {
        refused(&path, changed.as_bytes(), what);
        refused(&path, &zstd::encode_all(changed.as_bytes(), 1).unwrap(), what);
    }
}

/// Releases without a chain counted accounts alone.
#[test]
fn a_snapshot_without_a_chain_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let records = Example::healthy(2, &["eu-central-1"]).records();
    let lines: Vec<String> = records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let path = folder.path().join("plain");
    let all = |lines: &[String]| (lines.join("\n") + "\n").into_bytes();
    let without = |at: usize| {
        let mut lines = lines.clone();
        lines.remove(at);
        lines
    };
    let account = records.iter().position(|record| matches!(record, Record::Account(_))).unwrap();
    let text = refused(&path, &all(&without(account)), "an account is missing");
    assert!(text.contains("account 111111111111 is missing"), "{text}");
    let stores = records.iter().position(|record| matches!(record, Record::Stores(_))).unwrap();
    let text = refused(&path, &all(&without(stores)), "stores are missing");
    assert!(text.contains("records of stores"), "{text}");
    let mut twice = lines.clone();
    twice.insert(account, lines[account].clone());
    let text = refused(&path, &all(&twice), "an account is there twice");
    assert!(text.contains("account 111111111111: the record stands here again"), "{text}");
    let mut counted = lines.clone();
    let end = counted.last_mut().unwrap();
    *end = end.replace("\"accounts\":5", "\"accounts\":7");
    let text = refused(&path, &all(&counted), "the end counts otherwise");
    assert!(text.contains("7 account records by its end, but 5"), "{text}");
}
