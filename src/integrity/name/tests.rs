use proptest::prelude::*;

use super::*;

const DIGEST: &str = "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2026/08/17/\
                      111122223333_CloudTrail-Digest_us-east-2_your_trail.name_eu-west-1_20260817T150131Z.json.gz";
const LOG: &str = "AWSLogs/111122223333/CloudTrail/us-east-2/2026/08/17/\
                   111122223333_CloudTrail_us-east-2_20260817T1455Z_AbCdEf0123456789.json.gz";

#[test]
fn a_digest_of_a_single_account() {
    let name = DigestName::parse(DIGEST).expect("a digest");
    assert_eq!(name.prefix, "");
    assert_eq!(name.organization_id, None);
    assert_eq!((&*name.account_id, &*name.region), ("111122223333", "us-east-2"));
    assert_eq!((&*name.trail, &*name.home_region), ("your_trail.name", "eu-west-1"));
    assert_eq!(name.end.to_rfc3339(), "2026-08-17T15:01:31+00:00");
    assert!(!name.backfill);
    assert_eq!(name.key(), DIGEST);
}

#[test]
fn a_backfill_digest_of_an_organization_below_a_prefix() {
    let key = DIGEST
        .replace("AWSLogs/", "a/AWSLogs/b/AWSLogs/o-exampleorgid/")
        .replace(".json.gz", "_backfill.json.gz");
    let name = DigestName::parse(&key).expect("a digest");
    assert_eq!(name.prefix, "a/AWSLogs/b");
    assert_eq!(name.organization_id.as_deref(), Some("o-exampleorgid"));
    assert!(name.backfill);
    assert_eq!(name.key(), key);
}

#[test]
fn a_log() {
    let name = LogName::parse(LOG).expect("a log");
    assert_eq!(name.time.to_rfc3339(), "2026-08-17T14:55:00+00:00");
    assert_eq!(name.suffix, "AbCdEf0123456789");
}

#[test]
fn what_is_not_quite_a_digest_is_none() {
    for (from, to, error) in [
        ("AWSLogs/", "/AWSLogs/", NameError::Layout),
        ("AWSLogs/", "xAWSLogs/", NameError::Layout),
        ("AWSLogs/", "AWSLogs/../", NameError::Layout),
        ("AWSLogs/", "AWSLogs/o-short/", NameError::Layout),
        ("CloudTrail-Digest/", "CloudTrail/", NameError::Layout),
        ("AWSLogs/111122223333", "AWSLogs/111122224444", NameError::File),
        ("111122223333", "11112222333x", NameError::Account),
        ("Digest/us-east-2", "Digest/us-east-1", NameError::File),
        ("us-east-2", "..", NameError::Region),
        ("2026/08/17", "2026/08/18", NameError::Time),
        ("2026/08/17", "2026/8/17", NameError::Time),
        ("20260817T150131Z", "20260817T150160Z", NameError::Time),
        ("20260817T150131Z", "20260817T250131Z", NameError::Time),
        ("20260817T150131Z", "2026-08-17T15:01Z", NameError::Time),
        ("your_trail.name", "your\u{1b}[2J", NameError::Trail),
        ("your_trail.name", "ab", NameError::Trail),
        ("eu-west-1", "eu west-1", NameError::Region),
        (".json.gz", ".json.gz.bak", NameError::File),
    ] {
        let key = DIGEST.replace(from, to);
        assert_eq!(DigestName::parse(&key), Err(error), "{key}");
    }
    assert_eq!(DigestName::parse(&"a/".repeat(600)), Err(NameError::Length));
    assert!(DigestName::parse(LOG).is_err());
    assert!(LogName::parse(DIGEST).is_err());
}

#[test]
fn paths_that_lead_elsewhere_are_not_plain() {
    for key in ["", "/etc/passwd", "a//b", "a/../b", "..", "./a", "a\\b", "C:/a", "a\0b", "a\nb", "a/"] {
        assert!(!is_plain_path(key), "{key:?}");
    }
    assert!(is_plain_path(DIGEST) && is_plain_path(LOG));
}

proptest! {
    #[test]
    fn no_key_does_harm(key in "\\PC{0,200}") {
        let _ = (DigestName::parse(&key), LogName::parse(&key), is_plain_path(&key));
    }

    #[test]
    fn a_key_with_one_character_changed_is_read_as_it_is_or_not_at_all(
        place in 0..DIGEST.len(), character in any::<char>(),
    ) {
        let mut key: Vec<char> = DIGEST.chars().collect();
        key[place] = character;
        let key: String = key.into_iter().collect();
        if let Ok(name) = DigestName::parse(&key) {
            prop_assert_eq!(name.key(), key);
        }
    }

    #[test]
    fn what_a_name_writes_it_reads(
        prefix in "([a-z]{1,5}(/[a-z]{1,5}){0,2})?",
        trail in "[A-Za-z0-9][A-Za-z0-9._-]{2,40}",
        end in 946_684_800i64..4_102_444_800,
        backfill: bool,
    ) {
        let name = DigestName {
            prefix,
            organization_id: None,
            account_id: "111122223333".to_owned(),
            region: "ap-southeast-4".to_owned(),
            trail,
            home_region: "us-gov-west-1".to_owned(),
            end: DateTime::from_timestamp(end, 0).expect("a time"),
            backfill,
        };
        prop_assert_eq!(DigestName::parse(&name.key()), Ok(name));
    }
}
