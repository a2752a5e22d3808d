//! The matrix says the same of an account whether it was asked or stands with others.

use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::evaluate::Basis;
use crate::example::{Example, MANAGEMENT};
use crate::model::Expectations;
use crate::rules::RuleSet;
use crate::snapshot::{Named, Source, Writer};

const REGIONS: [&str; 1] = ["eu-central-1"];

/// A healthy organization in a file, and what is known of it.
fn basis(folder: &TempDir) -> Basis {
    let path = folder.path().join("snapshot.zst");
    let mut writer = Writer::create(&path).unwrap();
    Example::healthy(30, &REGIONS).records().iter().for_each(|record| writer.write(record).unwrap());
    writer.finish().unwrap();
    let source = Source::Files(vec![path]);
    Basis::of(&source, Expectations::default(), &[], &RuleSet::builtin().unwrap()).unwrap()
}

fn matrix(basis: &Basis, alike: &[Alike]) -> Value {
    serde_json::to_value(Matrix::of(&basis.facts, &basis.survey, alike).unwrap()).unwrap()
}

#[test]
fn accounts_that_stand_with_others_are_in_the_matrix_as_if_they_were_asked() {
    let folder = TempDir::new().unwrap();
    let basis = basis(&folder);
    let spared: usize = basis.alike.iter().map(|group| group.between.len()).sum();
    assert!(spared >= 16, "{spared}");
    let each = matrix(&basis, &[]);
    assert_eq!(each["summary"]["accounts"], basis.facts.index.header.accounts.len());
    assert_eq!(matrix(&basis, &basis.alike), each);
}

#[test]
fn of_a_group_whose_ends_differ_each_is_asked() {
    let folder = TempDir::new().unwrap();
    let basis = basis(&folder);
    let named = |id: &str| Named { id: id.into(), name: Some("told by nobody".into()) };
    let members: Vec<&String> =
        basis.facts.index.header.accounts.iter().filter(|id| *id != MANAGEMENT).collect();
    let (last, between) = members.split_last().unwrap();
    let between = between.iter().map(|id| named(id)).collect();
    let mixed = Alike { first: named(MANAGEMENT), last: named(last), between };
    assert_eq!(matrix(&basis, &[mixed]), matrix(&basis, &[]));
}
