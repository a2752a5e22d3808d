use std::io::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Partial, Record, SnapshotError, Source, Writer};
use crate::example::Example;

fn written(folder: &Path, records: &[Record]) -> PathBuf {
    let path = folder.join("snapshot.jsonl.zst");
    let mut writer = Writer::create(&path).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn read(paths: &[&Path]) -> Result<Vec<Record>, SnapshotError> {
    Source::Files(paths.iter().map(|path| path.to_path_buf()).collect()).records().collect()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let records = Example::demo().records();
    let path = written(folder.path(), &records);
    assert_eq!(read(&[&path]).unwrap(), records);
}

#[test]
fn plain_lines_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let records = Example::healthy(1, &["eu-central-1"]).records();
    let path = folder.path().join("snapshot.jsonl");
    let lines: String = records.iter().map(|record| serde_json::to_string(record).unwrap() + "\n").collect();
    std::fs::write(&path, lines).unwrap();
    assert_eq!(read(&[&path]).unwrap(), records);
}

#[test]
fn shards_concatenate_as_files_and_as_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let records = Example::healthy(2, &["eu-central-1"]).records();
    let path = written(folder.path(), &records);
    let bytes = std::fs::read(&path).unwrap();
    let both = folder.path().join("both.zst");
    std::fs::write(&both, [bytes.as_slice(), bytes.as_slice()].concat()).unwrap();
    let twice = [records.as_slice(), records.as_slice()].concat();
    assert_eq!(read(&[&both]).unwrap(), twice);
    assert_eq!(read(&[&path, &path]).unwrap(), twice);
}

#[test]
fn shards_of_two_organizations_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = written(folder.path(), &Example::healthy(1, &["eu-central-1"]).records());
    let mut example = Example::healthy(1, &["eu-central-1"]);
    if let crate::model::Observed::Known(organization) = &mut example.header.organization {
        organization.id = "o-another".to_owned();
    }
    let other_folder = tempfile::tempdir().unwrap();
    let second = written(other_folder.path(), &example.records());
    let error = Source::Files(vec![first, second]).headers().unwrap_err();
    assert!(error.to_string().contains("o-another"), "{error}");
}

#[test]
fn a_file_that_was_cut_off_is_never_taken_for_whole() {
    let folder = tempfile::tempdir().unwrap();
    let records = Example::healthy(3, &["eu-central-1"]).records();
    let path = written(folder.path(), &records);
    let bytes = std::fs::read(&path).unwrap();
    let mut cut_off = 0;
    for length in (0..bytes.len()).step_by(97) {
        let cut = folder.path().join("cut.zst");
        std::fs::write(&cut, bytes.get(..length).unwrap()).unwrap();
        match read(&[&cut]) {
            Err(SnapshotError::CutOff { .. }) => cut_off += 1,
            Err(SnapshotError::Malformed { .. } | SnapshotError::Read { .. }) => {}
            // An empty file holds no header: `headers` refuses it.
            Ok(records) => {
                assert!(records.is_empty(), "{length} of {} bytes passed for a snapshot", bytes.len());
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(cut_off > 10);
}

#[test]
fn a_newer_format_is_named_rather_than_called_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("newer.jsonl");
    std::fs::write(&path, "{\"header\":{\"format_version\":7,\"novelty\":true}}\n").unwrap();
    let error = read(&[&path]).unwrap_err();
    assert!(matches!(error, SnapshotError::UnknownVersion { found: 7, .. }), "{error}");
}

#[test]
#[cfg(unix)]
fn snapshots_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let example = Example::healthy(1, &["eu-central-1"]);
    let path = written(folder.path(), &example.clone().records());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let target = folder.path().join("second.zst");
    let _partial = Partial::create(&target, &example.header).unwrap();
    assert_eq!(std::fs::metadata(Partial::path_of(&target)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot.zst");
    let example = Example::healthy(4, &["eu-central-1"]);
    let mut partial = Partial::create(&target, &example.header).unwrap();
    // Out of order, as concurrent accounts finish.
    for account in example.accounts.iter().rev().take(3) {
        partial.add_account(account.clone()).unwrap();
    }
    drop(partial);
    assert!(!target.exists(), "an unfinished snapshot must not lie under its final name");
    // The run died while it wrote the fourth account.
    let mut torn = std::fs::OpenOptions::new().append(true).open(Partial::path_of(&target)).unwrap();
    torn.write_all(&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 200, 0, 0, 0, 0x28, 0xb5]).unwrap();
    drop(torn);

    let (mut partial, header) = Partial::resume(&target).unwrap();
    assert_eq!(header, example.header);
    let done = partial.finished_accounts();
    assert_eq!(done.len(), 3);
    for account in example.accounts.iter().filter(|account| !done.contains(&account.id)) {
        partial.add_account(account.clone()).unwrap();
    }
    for stores in &example.stores {
        partial.add_stores(stores.clone()).unwrap();
    }
    partial.finish(0).unwrap();
    assert_eq!(read(&[&target]).unwrap(), example.records());
    assert!(!Partial::path_of(&target).exists());
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("any");
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(records) = read(&[&path]) {
            prop_assert!(records.is_empty() && bytes.is_empty());
        }
    }
}
