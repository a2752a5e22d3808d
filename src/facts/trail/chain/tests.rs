use super::*;
use crate::attestation::{AttestedChain, AttestedCounts, SCHEMA_VERSION};
use crate::facts::samples::organization_trail;

fn chain(account: &str, organization: Option<&str>, trail: Option<&str>, valid: bool) -> AttestedChain {
    AttestedChain {
        account_id: account.to_owned(),
        region: "eu-west-1".to_owned(),
        trail: trail.map(str::to_owned),
        home_region: trail.map(|_| "eu-central-1".to_owned()),
        bucket: "archive".to_owned(),
        prefix: String::new(),
        organization_id: organization.map(str::to_owned),
        digests: AttestedCounts::default(),
        logs: AttestedCounts::default(),
        valid,
        root_hash: String::new(),
    }
}

fn attestation(from: &str, to: &str, logs_read: LogsRead, chains: Vec<AttestedChain>) -> Attestation {
    Attestation {
        schema_version: SCHEMA_VERSION.to_owned(),
        tool_version: "0.1.0".to_owned(),
        verified_at: to.parse().unwrap(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        logs_read,
        sample_percent: None,
        complete: true,
        valid: true,
        digests: AttestedCounts::default(),
        logs: AttestedCounts::default(),
        root_hash: String::new(),
        chains,
    }
}

const NOON: &str = "2026-11-21T12:00:00Z";

fn newest(attestations: &[Attestation], trail: &Trail) -> Option<Chain> {
    Attested::new(attestations).of(trail, "100000000004", NOON.parse().unwrap())
}

fn valid_result(from: &str, to: &str) -> Attestation {
    let mine = organization_trail();
    let mut chain = chain("100000000004", Some("o-example"), Some(&mine.name), true);
    chain.home_region = Some(mine.home_region);
    attestation(from, to, LogsRead::All, vec![chain])
}

#[test]
fn the_newest_result_about_the_trail_counts() {
    let old = valid_result("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z");
    let new = valid_result("2026-08-23T00:00:00Z", "2026-11-21T00:00:00Z");
    let found = newest(&[new, old], &organization_trail()).unwrap();
    assert_eq!((found.days, found.age_days), (90, 1));
    assert_eq!(defect(Some(&found)), None);
    assert_eq!(
        words(Some(&found)),
        "the newest result covers 90 days, and what it covers ended 12 hours before the scan"
    );
}

#[test]
fn a_result_about_other_trails_proves_nothing_of_this_one() {
    let other = attestation(
        "2026-08-23T00:00:00Z",
        "2026-11-21T00:00:00Z",
        LogsRead::All,
        vec![chain("100000000004", Some("o-example"), Some("another"), true)],
    );
    assert!(newest(std::slice::from_ref(&other), &organization_trail()).is_none());
    assert_eq!(defect(None).as_deref(), Some("no result is about it"));
    assert!(Attested::new(&[other]).is_any() && !Attested::new(&[]).is_any());
}

#[test]
fn broken_chains_and_folders_without_digests_count_against_it() {
    let mut found = valid_result("2026-08-23T00:00:00Z", "2026-11-21T00:00:00Z");
    let mut broken = found.chains[0].clone();
    broken.region = "eu-north-1".to_owned();
    broken.valid = false;
    found.chains.push(broken);
    found.chains.push(chain("100000000005", Some("o-example"), None, false));
    let newest = newest(&[found], &organization_trail()).unwrap();
    assert_eq!(defect(Some(&newest)).as_deref(), Some("2 of its 3 chains are not valid"));
}

#[test]
fn what_was_read_only_in_part_proves_nothing() {
    for (logs_read, said) in [
        (LogsRead::Sample, "only a sample of its logs was read"),
        (LogsRead::None, "none of its logs was read"),
    ] {
        let mut found = valid_result("2026-08-23T00:00:00Z", "2026-11-21T00:00:00Z");
        found.logs_read = logs_read;
        assert_eq!(defect(newest(&[found], &organization_trail()).as_ref()).as_deref(), Some(said));
    }
}
