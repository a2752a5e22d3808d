use std::io::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Claim, Header, Partial, Record, SnapshotError, Source, Writer};
use crate::example::Example;
use crate::model::{Observed, Scope};

mod damage;
mod kept;

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

/// An example in two shards of one run: the first account, and the others.
fn shards(folder: &Path) -> [(PathBuf, Vec<Record>); 2] {
    let whole = Example::healthy(2, &["eu-central-1"]);
    let first = whole.header.accounts[0].clone();
    [true, false].map(|is_first| {
        let mut shard = whole.clone();
        shard.header.accounts.retain(|id| (*id == first) == is_first);
        shard.accounts.retain(|account| (account.id == first) == is_first);
        shard.stores.retain(|stores| (stores.account_id == first) == is_first);
        let records = shard.records();
        let path = written(folder, &records);
        let named = folder.join(if is_first { "first.zst" } else { "others.zst" });
        std::fs::rename(path, &named).unwrap();
        (named, records)
    })
}

#[test]
fn shards_of_one_run_concatenate_as_files_and_as_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let [(first, some), (others, more)] = shards(folder.path());
    let both = folder.path().join("both.zst");
    let bytes = |path: &Path| std::fs::read(path).unwrap();
    std::fs::write(&both, [bytes(&first), bytes(&others)].concat()).unwrap();
    let all = [some, more].concat();
    assert_eq!(read(&[&both]).unwrap(), all);
    assert_eq!(read(&[&first, &others]).unwrap(), all);
    for source in [vec![both], vec![first.clone(), others.clone()]] {
        assert_eq!(Source::Files(source).headers().unwrap().len(), 2);
    }
    // As bytes, too, each is there once.
    std::fs::write(&first, [bytes(&first), bytes(&first)].concat()).unwrap();
    let error = Source::Files(vec![first]).headers().unwrap_err().to_string();
    assert!(error.contains("111111111111") && error.contains("again"), "{error}");
}

#[test]
fn nothing_is_in_two_shards() {
    let folder = tempfile::tempdir().unwrap();
    let [(first, _), (others, _)] = shards(folder.path());
    let error = |files: &[&PathBuf]| {
        Source::Files(files.iter().map(|&file| file.clone()).collect()).headers().unwrap_err()
    };
    for files in [[&first, &first].as_slice(), &[&first, &others, &first], &[&others, &others]] {
        let error = error(files);
        assert!(matches!(error, SnapshotError::Twice { .. }), "{error}");
        assert!(error.to_string().contains("account"), "{error}");
    }
    // An owner's stores alone are enough.
    let mut example = Example::healthy(0, &["eu-central-1"]);
    example.header.accounts.clear();
    example.accounts.clear();
    let stores = example.stores[0].account_id.clone();
    let alone = folder.path().join("stores.zst");
    std::fs::rename(written(folder.path(), &example.records()), &alone).unwrap();
    let error = error(&[&alone, &alone]).to_string();
    assert!(error.contains(&format!("the stores of account {stores}")), "{error}");
}

/// Another night, another role, another caller, other flags: two runs.
#[test]
fn only_shards_of_one_run_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let changes: [fn(&mut Header); 5] = [
        |header| header.taken_at += chrono::Duration::days(1),
        |header| header.run_id = "run-2".to_owned(),
        |header| header.caller_account_id = "999999999999".to_owned(),
        |header| header.tool_version = "0.0.9".to_owned(),
        |header| {
            let regions = vec!["eu-central-1".to_owned()];
            header.scope = Observed::Known(Scope { regions, ..Scope::default() });
        },
    ];
    let [(first, _), (others, records)] = shards(folder.path());
    for change in changes {
        let mut records = records.clone();
        let Some(Record::Header(header)) = records.first_mut() else { panic!("a header is first") };
        change(header);
        std::fs::rename(written(folder.path(), &records), &others).unwrap();
        let error = Source::Files(vec![first.clone(), others.clone()]).headers().unwrap_err();
        assert!(matches!(error, SnapshotError::TwoRuns { .. }), "{error}");
        assert!(error.to_string().contains("others.zst"), "{error}");
    }
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
    let kept = std::fs::read(Partial::path_of(&target)).unwrap();
    torn.write_all(&kept[..kept.len() / 4]).unwrap();
    drop(torn);

    let claim = Claim::take(&target, true).unwrap();
    assert_eq!(claim.kept(), Some(&example.header));
    let mut partial = claim.go_on();
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
