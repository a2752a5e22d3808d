use super::{Build, Plan, PlanError};
use crate::example::Example;
use crate::plan::CollectSettings;

fn build() -> Build {
    Build { tool_version: "1.2.3".to_owned(), rules_sha256: "00".to_owned() }
}

fn planned(shards: usize) -> (Plan, Vec<u8>) {
    let header = Example::healthy(7, &["eu-central-1"]).header;
    Plan::new(build(), header, &CollectSettings::default(), 5, shards).unwrap()
}

#[test]
fn every_account_is_in_one_shard_and_shards_are_alike() {
    for shards in 1..=12 {
        let (plan, document) = planned(shards);
        let sizes: Vec<usize> = (0..shards).map(|shard| plan.accounts_of(shard).unwrap().len()).collect();
        assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        let all: Vec<String> =
            (0..shards).flat_map(|shard| plan.accounts_of(shard).unwrap().to_vec()).collect();
        assert_eq!(all, plan.header().accounts);
        assert!(matches!(plan.accounts_of(shards), Err(PlanError::NoShard { .. })));
        assert_eq!(Plan::read(&document, &build()), Ok(plan));
    }
}

#[test]
fn another_build_carries_out_no_plan() {
    let (_, document) = planned(2);
    let version = Build { tool_version: "1.2.4".to_owned(), ..build() };
    let error = Plan::read(&document, &version).unwrap_err();
    assert!(error.to_string().contains("made by trailproof 1.2.3, and this is trailproof 1.2.4"), "{error}");
    let rules = Build { rules_sha256: "01".to_owned(), ..build() };
    assert!(Plan::read(&document, &rules).unwrap_err().to_string().contains("with other rules"));
    // Of another version it may have another shape.
    let text = String::from_utf8(document).unwrap().replace("\"expectations\"", "\"intentions\"");
    assert!(matches!(Plan::read(text.as_bytes(), &version), Err(PlanError::OtherVersion { .. })));
    assert!(matches!(Plan::read(text.as_bytes(), &build()), Err(PlanError::Damaged(_))));
}

#[test]
fn no_change_to_a_plan_goes_unnoticed() {
    let (plan, document) = planned(2);
    let first = &plan.header().accounts[0];
    let text = String::from_utf8(document.clone()).unwrap();
    let changes = [
        text.replacen(first, "999999999999", 1),
        text.replace("\"calls\":5", "\"calls\":6"),
        text.replace("\"shards\":[", "\"shards\": ["),
        text.trim_end().to_owned(),
        text.get(..text.len() / 2).unwrap().to_owned(),
    ];
    for changed in changes {
        assert_ne!(changed.as_bytes(), document);
        assert!(matches!(Plan::read(changed.as_bytes(), &build()), Err(PlanError::Damaged(_))), "{changed}");
    }
}
