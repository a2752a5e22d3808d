//! The partial file: whose it is, and that nothing of it is lost.

use std::path::{Path, PathBuf};

use super::written;
use crate::example::Example;
use crate::snapshot::{Claim, Partial, SnapshotError};

/// What an interrupted run left: the header and two accounts.
fn left_behind(folder: &Path) -> (PathBuf, Vec<u8>) {
    let target = folder.join("snapshot.zst");
    let example = Example::healthy(2, &["eu-central-1"]);
    let mut partial = Partial::create(&target, &example.header).unwrap();
    for account in &example.accounts[..2] {
        partial.add_account(account.clone()).unwrap();
    }
    drop(partial);
    let bytes = std::fs::read(Partial::path_of(&target)).unwrap();
    (target, bytes)
}

#[test]
fn what_is_kept_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let (target, kept) = left_behind(folder.path());
    let error = Claim::take(&target, false).unwrap_err();
    assert!(
        error.to_string().contains("keeps 2 accounts") && error.to_string().contains("of an interrupted run"),
        "{error}"
    );
    assert_eq!(std::fs::read(Partial::path_of(&target)).unwrap(), kept);
    // Where no account was read, nothing is lost.
    let example = Example::healthy(0, &["eu-central-1"]);
    let other = folder.path().join("other.zst");
    drop(Partial::create(&other, &example.header).unwrap());
    Partial::create(&other, &example.header).unwrap().finish(0).unwrap();
}

#[test]
fn one_run_at_a_time_writes_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("snapshot.zst");
    let example = Example::healthy(1, &["eu-central-1"]);
    let mut first = Partial::create(&target, &example.header).unwrap();
    for resume in [true, false] {
        let error = Claim::take(&target, resume).unwrap_err();
        assert!(matches!(error, SnapshotError::Busy { .. }), "{error}");
    }
    for account in &example.accounts {
        first.add_account(account.clone()).unwrap();
    }
    first.finish(0).unwrap();
    drop(Claim::take(&target, false).unwrap());
    assert!(!Partial::path_of(&target).exists(), "a claim that was not used leaves nothing behind");
}

#[test]
fn a_finished_snapshot_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let finished = written(folder.path(), &Example::healthy(0, &["eu-central-1"]).records());
    let error = Claim::take(&finished, true).unwrap_err();
    assert!(matches!(error, SnapshotError::NothingToResume { .. }), "{error}");
    assert!(!Partial::path_of(&finished).exists());
    // Where nothing is at all, resuming is beginning.
    drop(Claim::take(&folder.path().join("new.zst"), true).unwrap());
}

/// Flips at any place, other content, another version's beginning: it is refused, and stays as it is.
#[test]
fn what_cannot_be_read_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (target, kept) = left_behind(folder.path());
    let path = Partial::path_of(&target);
    let mut damages: Vec<Vec<u8>> = (0..kept.len())
        .step_by(61)
        .map(|at| {
            let mut bytes = kept.clone();
            bytes[at] ^= 1;
            bytes
        })
        .collect();
    damages.push(b"something else altogether".to_vec());
    damages.push([&[0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 9, 0, 0, 0], kept.as_slice()].concat());
    damages.push([kept.as_slice(), kept.as_slice()].concat());
    damages.push(vec![0; 200]);
    for bytes in damages {
        std::fs::write(&path, &bytes).unwrap();
        for resume in [true, false] {
            let error = Claim::take(&target, resume).unwrap_err();
            assert!(
                matches!(error, SnapshotError::CannotResume { .. } | SnapshotError::PartialKept { .. }),
                "{error}"
            );
            assert!(error.to_string().contains("snapshot.zst.partial"), "{error}");
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
