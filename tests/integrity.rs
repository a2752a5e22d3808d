//! Verifying whole archives, offline: nothing is wrong with a clean one, each kind of tampering is reported for what
//! it is, and none hides another.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod digest_chain;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use digest_chain::offline::{Offline, hash};
use digest_chain::tamper::{self, Expected, Tampering};
use digest_chain::{Archive, ChainName, Plan, gzip, keys};
use proptest::prelude::*;
use trailproof::integrity::{
    ChainResult, Counts, DefectKind, FolderRequest, FolderVerification, KeyRing, LogChecks, LogReading,
    TimeRange, TrailName, Unverifiable, UnverifiableReason, Verification,
};
use trailproof::severity::Severity;

fn chain(plan: &Plan) -> ChainName {
    ChainName {
        account_id: plan.accounts[0].clone(),
        region: plan.regions[0].clone(),
        trail: plan.trails[0].clone(),
    }
}

fn reported(verification: &Verification) -> Vec<Expected> {
    let defects = verification.chains.iter().flat_map(|chain| &chain.defects);
    let mut reported: Vec<_> = defects
        .map(|defect| Expected {
            kind: defect.kind,
            object: defect.object.as_ref().map(|object| object.key.clone()),
        })
        .collect();
    reported.sort();
    reported
}

fn organization() -> Plan {
    Plan {
        prefix: "central/trail".to_owned(),
        organization_id: Some("o-exampleorgid".to_owned()),
        accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
        regions: vec!["us-east-1".to_owned(), "eu-central-1".to_owned()],
        trails: vec!["organization".to_owned(), "data_events.v2".to_owned()],
        backfills: vec![3, 9],
        hours: 12,
        ..Plan::default()
    }
}

#[test]
fn nothing_is_wrong_with_a_clean_archive() {
    for plan in [Plan::default(), organization()] {
        let archive = Archive::generate(plan.clone());
        let verification = Offline::all(&archive).verify(&archive);
        assert_eq!(reported(&verification), []);
        assert!(verification.complete);
        let chains = plan.accounts.len() * plan.regions.len() * plan.trails.len();
        assert_eq!(verification.chains.len(), chains);
        for chain in &verification.chains {
            let backfills = plan.backfills.len() as u64;
            let hours = u64::from(plan.hours);
            assert_eq!(chain.digests, Counts { valid: hours + backfills, ..Counts::default() });
            assert_eq!(chain.backfill_digests, backfills);
            assert_eq!(chain.logs, Counts { valid: 2 * hours + backfills, ..Counts::default() });
            assert_eq!(chain.covered, [archive.range()]);
            assert_eq!((&chain.stopped, &chain.missing, &chain.unverifiable), (&vec![], &vec![], &vec![]));
        }
    }
}

#[test]
fn each_tampering_is_reported_for_what_it_is_and_nothing_else() {
    let clean = Archive::generate(Plan::default());
    for tampering in tamper::ALL {
        let mut archive = clean.clone();
        let expected = tampering.apply(&mut archive, &chain(&clean.plan), 10);
        let verification = Offline::all(&archive).verify(&archive);
        assert_eq!(reported(&verification), expected, "{tampering:?}");
    }
}

#[test]
fn all_tamperings_of_one_chain_are_found_at_once() {
    let plan = Plan { hours: 100, ..Plan::default() };
    let name = chain(&plan);
    let mut archive = Archive::generate(plan);
    let mut expected = Vec::new();
    let all = tamper::ALL.into_iter().filter(|tampering| *tampering != Tampering::AllDeleted);
    for (index, tampering) in all.enumerate() {
        let place = 5 + 3 * index;
        expected.extend(tampering.apply(&mut archive, &name, place));
    }
    expected.sort();
    let verification = Offline::all(&archive).verify(&archive);
    assert_eq!(reported(&verification), expected);
}

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

fn only(verification: &Verification) -> &ChainResult {
    assert_eq!(verification.chains.len(), 1);
    &verification.chains[0]
}

#[test]
fn counts_follow_what_was_found() {
    let name = chain(&Plan::default());
    let clean = Archive::generate(Plan::default());
    let totals = |tampering: Tampering| {
        let mut archive = clean.clone();
        tampering.apply(&mut archive, &name, 10);
        let verification = Offline::all(&archive).verify(&archive);
        (verification.totals.digests, verification.totals.logs, verification.complete)
    };
    let counts = |valid, invalid, missing, unverifiable| Counts { valid, invalid, missing, unverifiable };
    assert_eq!(totals(Tampering::LogChanged), (counts(24, 0, 0, 0), counts(47, 1, 0, 0), true));
    assert_eq!(totals(Tampering::LogDeleted), (counts(24, 0, 0, 0), counts(47, 0, 1, 0), true));
    assert_eq!(totals(Tampering::DigestDeleted), (counts(23, 0, 1, 0), counts(46, 0, 0, 0), true));
    // What a digest without a signature says of logs is nobody's word.
    assert_eq!(totals(Tampering::DigestUnsigned), (counts(23, 1, 0, 0), counts(46, 0, 0, 2), false));
    // With bytes appended it is still CloudTrail's word.
    assert_eq!(totals(Tampering::DigestMemberAppended), (counts(23, 1, 0, 0), counts(48, 0, 0, 0), true));
}

#[test]
fn time_without_a_digest_is_not_covered() {
    let mut archive = Archive::generate(Plan::default());
    Tampering::DigestsDeleted.apply(&mut archive, &chain(&Plan::default()), 10);
    let verification = Offline::all(&archive).verify(&archive);
    let chain = only(&verification);
    let start = archive.plan.start;
    let gap = TimeRange { from: start + hours(9), to: start + hours(11) };
    assert_eq!(chain.missing, [gap]);
    let before = TimeRange { from: start, to: gap.from };
    assert_eq!(chain.covered, [before, TimeRange { from: gap.to, to: archive.end() }]);
    let times: Vec<_> = chain.defects.iter().filter(|defect| defect.kind == DefectKind::Hole).collect();
    assert_eq!((times[0].from, times[0].to), (Some(gap.from), Some(start + hours(10))));
}

#[test]
fn a_stop_whose_last_digest_stands_is_for_the_record() {
    let archive = Archive::generate(Plan { stops: vec![(5, 3)], ..Plan::default() });
    let verification = Offline::all(&archive).verify(&archive);
    let chain = only(&verification);
    let stopped = TimeRange {
        from: archive.plan.start + hours(5) + TimeDelta::minutes(40),
        to: archive.plan.start + hours(9),
    };
    assert_eq!((chain.defects.len(), &chain.stopped), (1, &vec![stopped]));
    let defect = &chain.defects[0];
    assert_eq!((defect.kind, defect.severity), (DefectKind::Stop, Severity::Info));
    assert_eq!((defect.from, defect.to), (Some(stopped.from), Some(stopped.to)));
    assert_eq!(chain.missing, []);
}

#[test]
fn a_stop_whose_last_digest_was_deleted_is_not() {
    let clean = Archive::generate(Plan { stops: vec![(5, 3)], ..Plan::default() });
    let last = clean.chains[&chain(&clean.plan)][5].clone();
    for with_its_logs in [false, true] {
        let mut archive = clean.clone();
        let logs = archive.logs_of(&last);
        archive.objects.remove(&last);
        if with_its_logs {
            archive.objects.retain(|key, _| !logs.contains(key));
        }
        let verification = Offline::all(&archive).verify(&archive);
        let stop = only(&verification).defects.iter().find(|defect| defect.kind == DefectKind::Stop);
        assert_eq!(stop.map(|stop| stop.severity), Some(Severity::High), "{with_its_logs}");
    }
}

#[test]
fn a_digest_may_be_on_its_way_for_two_hours() {
    let archive = Archive::generate(Plan::default());
    let at = |after: TimeDelta| {
        let now = archive.end() + after;
        Offline { range: TimeRange { from: archive.plan.start, to: now }, now, ..Offline::all(&archive) }
            .verify(&archive)
    };
    assert_eq!(reported(&at(TimeDelta::minutes(119))), []);
    let verification = at(hours(3));
    let defect = &only(&verification).defects[0];
    assert_eq!(defect.kind, DefectKind::TailMissing);
    assert_eq!((defect.from, defect.to), (Some(archive.end()), Some(archive.end() + hours(1))));
}

#[test]
fn time_before_the_first_digest_is_for_the_record() {
    let archive = Archive::generate(Plan::default());
    let range = TimeRange { from: archive.plan.start - hours(5), to: archive.end() };
    let verification = Offline { range, ..Offline::all(&archive) }.verify(&archive);
    let defect = &only(&verification).defects[0];
    assert_eq!((defect.kind, defect.severity), (DefectKind::HeadMissing, Severity::Info));
    assert_eq!((defect.from, defect.to), (Some(range.from), Some(archive.plan.start)));
}

#[test]
fn the_digest_after_the_range_tells_of_the_last_one_within() {
    let mut archive = Archive::generate(Plan::default());
    let name = chain(&archive.plan);
    let expected = Tampering::DigestSignedAgain.apply(&mut archive, &name, 10);
    let range = TimeRange { from: archive.plan.start, to: archive.plan.start + hours(11) };
    let verification = Offline { range, ..Offline::all(&archive) }.verify(&archive);
    assert_eq!(reported(&verification), expected);
    assert_eq!(verification.totals.digests.total(), 11);
}

#[test]
fn what_cannot_be_read_is_neither_valid_nor_missing() {
    let archive = Archive::generate(Plan::default());
    let digest = archive.chains[&chain(&archive.plan)][4].clone();
    let other = archive.chains[&chain(&archive.plan)][8].clone();
    let log = archive.logs_of(&other)[1].clone();
    let why = |reason| Unverifiable::new(reason, "restore it first");
    let unreadable = BTreeMap::from([
        (digest.clone(), why(UnverifiableReason::Archived)),
        (log.clone(), why(UnverifiableReason::KeyDenied)),
    ]);
    let verification = Offline { unreadable, ..Offline::all(&archive) }.verify(&archive);
    assert!(!verification.complete);
    let chain = only(&verification);
    assert_eq!(chain.digests, Counts { valid: 23, unverifiable: 1, ..Counts::default() });
    // The logs of the digest are not known to be listed.
    assert_eq!(chain.logs, Counts { valid: 45, unverifiable: 1, ..Counts::default() });
    let unverifiable: Vec<_> = reported(&verification)
        .into_iter()
        .filter(|expected| expected.kind == DefectKind::Unverifiable)
        .filter_map(|expected| expected.object)
        .collect();
    let mut expected = vec![digest, log];
    expected.sort();
    assert_eq!(unverifiable, expected);
    assert_eq!(chain.unverifiable.len(), 1);
    assert_eq!(chain.missing, []);
}

#[test]
fn keys_that_cannot_be_had_make_digests_unverifiable_not_invalid() {
    let archive = Archive::generate(Plan::default());
    let offline = Offline::all(&archive);
    let folder = archive.folder(&archive.plan.accounts[0], &archive.plan.regions[0]);
    let denied = Unverifiable::new(UnverifiableReason::KeysUnavailable, "ListPublicKeys was denied");
    let chains = offline.folder(&archive, folder, &KeyRing::unavailable(denied)).finish();
    assert_eq!(chains[0].digests, Counts { unverifiable: 24, ..Counts::default() });
    assert!(chains[0].defects.iter().all(|defect| defect.kind == DefectKind::Unverifiable));
    assert!(!chains[0].complete());
}

#[test]
fn a_folder_that_cannot_be_listed_says_nothing_of_what_is_missing() {
    let archive = Archive::generate(Plan::default());
    let offline = Offline::all(&archive);
    let request = FolderRequest { range: offline.range, now: offline.now, trail: None, logs: LogChecks::All };
    let mut run = FolderVerification::new(archive.folder("111122223333", "us-east-1"), request);
    run.digest_listing_failed(Unverifiable::new(UnverifiableReason::AccessDenied, "s3:ListBucket"));
    let chains = run.finish();
    let kinds: Vec<_> = chains[0].defects.iter().map(|defect| defect.kind).collect();
    assert_eq!(kinds, [DefectKind::Unverifiable]);
    assert_eq!(chains[0].unverifiable, [archive.range()]);
}

#[test]
fn one_trail_of_several_can_be_asked_for() {
    let archive = Archive::generate(Plan { organization_id: None, ..organization() });
    let offline = Offline::all(&archive);
    let trail = TrailName { name: "organization".to_owned(), home_region: "us-east-1".to_owned() };
    let request =
        FolderRequest { range: offline.range, now: offline.now, trail: Some(trail), logs: LogChecks::None };
    let folder = archive.folder("111122223333", "eu-central-1");
    let mut run = FolderVerification::new(folder, request);
    archive.objects.keys().for_each(|key| run.list_digest(key));
    assert_eq!(run.digests_to_read().len(), 12 + 2);
    assert!(run.digests_to_read().iter().all(|key| key.contains("_organization_us-east-1_")));
}

#[test]
fn logs_that_are_left_out_are_counted_as_that() {
    let archive = Archive::generate(Plan::default());
    let digests_only = Offline { logs: LogChecks::None, ..Offline::all(&archive) }.verify(&archive);
    assert_eq!((only(&digests_only).logs, only(&digests_only).logs_not_sampled), (Counts::default(), 48));
    assert!(digests_only.complete);
    let offline = Offline::all(&archive);
    let mut ring = KeyRing::new();
    ring.add(&keys::of_region("us-east-1").value, None).expect("a key");
    let mut run = offline.folder(&archive, archive.folder("111122223333", "us-east-1"), &ring);
    let first = run.logs_to_read()[0].clone();
    run.add_log(&first.bucket, &first.key, LogReading::NotSampled);
    let chain = run.finish().remove(0);
    assert_eq!((chain.logs.valid, chain.logs_not_sampled), (47, 1));
}

#[test]
fn runs_over_the_same_digests_agree_on_the_root_hash() {
    let archive = Archive::generate(Plan { stops: vec![(5, 3)], ..organization() });
    let verification = Offline::all(&archive).verify(&archive);
    let mut backwards = verification.chains.clone();
    backwards.reverse();
    assert_eq!(Verification::new(verification.range, backwards, Vec::new()), verification);
    assert_eq!(Offline { chunk: 7, ..Offline::all(&archive) }.verify(&archive), verification);
    let mut tampered = archive.clone();
    Tampering::DigestUnsigned.apply(&mut tampered, &chain(&archive.plan), 2);
    assert_ne!(Offline::all(&tampered).verify(&tampered).root_hash, verification.root_hash);
    let text = serde_json::to_string(&verification).expect("JSON");
    assert_eq!(serde_json::from_str::<Verification>(&text).expect("the same"), verification);
}

#[test]
fn public_keys_are_taken_in_both_forms_and_checked() {
    let key = keys::of_region("us-east-1");
    let mut ring = KeyRing::new();
    ring.add(&key.subject_public_key_info(), Some(&key.fingerprint())).expect("a key");
    assert!(ring.contains(&key.fingerprint().to_uppercase()));
    assert!(ring.add(&key.value, Some("00")).is_err());
    assert!(ring.add(&key.value[1..], None).is_err());
    let archive = Archive::generate(Plan { hours: 2, ..Plan::default() });
    let folder = archive.folder("111122223333", "us-east-1");
    let chains = Offline::all(&archive).folder(&archive, folder, &ring).finish();
    assert_eq!(chains[0].digests, Counts { valid: 2, ..Counts::default() });
}

#[test]
fn a_forged_digest_cannot_send_the_reader_elsewhere() {
    let mut archive = Archive::generate(Plan::default());
    let key = archive.chains[&chain(&archive.plan)][10].clone();
    let mut json = archive.digest(&key);
    json["logFiles"][0]["s3Bucket"] = "somebody-elses".into();
    json["logFiles"][1]["s3Object"] = "AWSLogs/111122223333/../../secret".into();
    archive.sign_with(&key, &json, &keys::of_region("zz-foreign-1"));
    let offline = Offline::all(&archive);
    let mut ring = KeyRing::new();
    ring.add(&keys::of_region("us-east-1").value, None).expect("a key");
    let run = offline.folder(&archive, archive.folder("111122223333", "us-east-1"), &ring);
    let to_read = run.logs_to_read();
    assert!(to_read.iter().all(|log| &*log.bucket == "archive-logs" && !log.key.contains("..")));
    let chain = run.finish().remove(0);
    assert_eq!((chain.logs.valid, chain.logs.missing + chain.logs.unverifiable), (46, 2));
}

#[test]
fn hostile_digests_are_bounded_and_end_nothing_else() {
    let clean = Archive::generate(Plan::default());
    let key = clean.chains[&chain(&clean.plan)][10].clone();
    let bomb = gzip::compress(&vec![b' '; 64 << 20]);
    let deep = gzip::compress(format!("{{\"other\":{}", "[".repeat(4 << 20)).as_bytes());
    for (body, kind) in [(bomb, DefectKind::Unverifiable), (deep, DefectKind::DigestMalformed)] {
        let mut archive = clean.clone();
        archive.objects.get_mut(&key).expect("a digest").body = body;
        let verification = Offline::all(&archive).verify(&archive);
        let found = reported(&verification);
        assert!(found.contains(&Expected { kind, object: Some(key.clone()) }), "{found:?}");
        assert_eq!(verification.totals.digests.valid, 23);
    }
}

#[test]
fn a_log_of_several_members_is_what_its_digest_says_of_all() {
    let one = gzip::compress(b"{\"Records\":[");
    let body = [one, gzip::compress(b"]}")].concat();
    let digest = hash(&body, 5).expect("a log");
    let trailing = digest.trailing.expect("a member");
    let all = digest_chain::sha256(b"{\"Records\":[]}");
    assert_eq!(trailing.all_members.map(|hash| digest_chain::hexadecimal(&hash)), Some(all));
}

/// What a hand without CloudTrail's key can do to objects.
#[derive(Debug, Clone)]
enum Harm {
    Flip { object: prop::sample::Index, byte: prop::sample::Index, bit: u8 },
    FlipSignature { object: prop::sample::Index, digit: prop::sample::Index },
    Delete { object: prop::sample::Index },
    Swap { one: prop::sample::Index, other: prop::sample::Index },
    Cut { object: prop::sample::Index, length: prop::sample::Index },
}

fn harm() -> impl Strategy<Value = Harm> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), index(), 0u8..8).prop_map(|(object, byte, bit)| Harm::Flip { object, byte, bit }),
        1 => (index(), index()).prop_map(|(object, digit)| Harm::FlipSignature { object, digit }),
        1 => index().prop_map(|object| Harm::Delete { object }),
        1 => (index(), index()).prop_map(|(one, other)| Harm::Swap { one, other }),
        1 => (index(), index()).prop_map(|(object, length)| Harm::Cut { object, length }),
    ]
}

impl Harm {
    /// Whether it changed anything.
    fn apply(&self, archive: &mut Archive) -> bool {
        let keys: Vec<String> = archive.objects.keys().cloned().collect();
        let key = |index: &prop::sample::Index| index.get(&keys).clone();
        match self {
            Self::Flip { object, byte, bit } => {
                let object = archive.objects.get_mut(&key(object)).expect("an object");
                let before = gzip::inflate(&object.body);
                let place = byte.index(object.body.len());
                object.body[place] ^= 1 << bit;
                // The gzip header's time, flags for text and operating system are no part of the content.
                hash(&object.body, 100).is_err() || gzip::inflate(&object.body) != before
            }
            Self::FlipSignature { object, digit } => {
                let digests: Vec<_> = archive.chains.values().flatten().cloned().collect();
                let object = archive.objects.get_mut(object.get(&digests)).expect("a digest");
                let signature = object.metadata.get_mut("signature").expect("a signature");
                let place = digit.index(signature.len());
                let other = if signature.as_bytes()[place] == b'0' { "1" } else { "0" };
                signature.replace_range(place..=place, other);
                true
            }
            Self::Delete { object } => archive.objects.remove(&key(object)).is_some(),
            Self::Swap { one, other } => {
                let (one, other) = (key(one), key(other));
                let (first, second) = (archive.objects[&one].clone(), archive.objects[&other].clone());
                let differ = first != second;
                archive.objects.insert(one, second);
                archive.objects.insert(other, first);
                differ
            }
            Self::Cut { object, length } => {
                let object = archive.objects.get_mut(&key(object)).expect("an object");
                object.body.truncate(length.index(object.body.len()));
                true
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_harm_is_found(harm in harm()) {
        let mut archive = small();
        let changed = harm.apply(&mut archive);
        let verification = Offline::all(&archive).verify(&archive);
        prop_assert_eq!(reported(&verification).is_empty(), !changed);
    }

    #[test]
    fn a_clean_archive_is_clean_over_any_part_of_its_time(from in 0i64..12 * 60, length in 1i64..12 * 60) {
        let archive = small();
        let from = archive.plan.start + TimeDelta::minutes(from.min(11 * 60));
        let range = TimeRange { from, to: (from + TimeDelta::minutes(length)).min(archive.end()) };
        let verification = Offline { range, ..Offline::all(&archive) }.verify(&archive);
        prop_assert_eq!(reported(&verification), []);
        prop_assert_eq!(&only(&verification).covered, &[range]);
    }

    #[test]
    fn no_digest_does_harm(
        body in prop_oneof![prop::collection::vec(any::<u8>(), 0..300), "\\{(\"[a-zA-Z]{1,30}\":[\\[\\]{}\"0-9null]{0,5},?){0,20}\\}".prop_map(String::into_bytes)],
        signature in "\\PC{0,20}",
    ) {
        let mut archive = small();
        let name = chain(&archive.plan);
        let key = archive.chains[&name][3].clone();
        let object = archive.objects.get_mut(&key).expect("a digest");
        object.body = gzip::compress(&body);
        object.metadata.insert("signature".to_owned(), signature);
        let verification = Offline::all(&archive).verify(&archive);
        prop_assert_eq!(only(&verification).digests.valid, 11);
    }

    #[test]
    fn no_public_key_does_harm(value in prop::collection::vec(any::<u8>(), 0..100), place in 0usize..270) {
        let mut ring = KeyRing::new();
        let _ = ring.add(&value, None);
        let mut nearly = keys::of_region("us-east-1").subject_public_key_info();
        nearly.truncate(place);
        prop_assert!(ring.add(&nearly, None).is_err());
    }
}

fn small() -> Archive {
    static SMALL: std::sync::LazyLock<Archive> = std::sync::LazyLock::new(|| {
        Archive::generate(Plan { hours: 12, logs_per_hour: 1, ..Plan::default() })
    });
    SMALL.clone()
}

#[test]
fn backfill_digests_may_follow_each_other_out_of_the_order_of_hours() {
    let mut archive = Archive::generate(Plan { backfills: vec![3, 9], ..Plan::default() });
    let digests = archive.backfills[&chain(&archive.plan)].clone();
    let (mut first, mut second) = (archive.digest(&digests[0]), archive.digest(&digests[1]));
    let names: Vec<_> = [
        "previousDigestS3Bucket",
        "previousDigestS3Object",
        "previousDigestHashValue",
        "previousDigestSignature",
    ]
    .into_iter()
    .map(|name| (name, second[name].take()))
    .collect();
    archive.sign(&digests[1], &second);
    for (name, value) in names {
        first[name] = value;
    }
    first["previousDigestS3Object"] = digests[1].as_str().into();
    let body = gzip::inflate(&archive.objects[&digests[1]].body);
    first["previousDigestHashValue"] = digest_chain::sha256(&body).into();
    first["previousDigestSignature"] = archive.objects[&digests[1]].metadata["signature"].as_str().into();
    archive.sign(&digests[0], &first);
    assert_eq!(reported(&Offline::all(&archive).verify(&archive)), []);
    // One that is changed afterwards is still contradicted, one that is deleted still missed.
    let mut changed = archive.clone();
    changed.sign(&digests[1], &{
        second["newestEventTime"] = "2026-11-01T00:00:00Z".into();
        second
    });
    let kinds: Vec<_> =
        reported(&Offline::all(&changed).verify(&changed)).iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [DefectKind::ChainHashMismatch, DefectKind::ChainSignatureMismatch]);
    archive.objects.remove(&digests[1]);
    let kinds: Vec<_> =
        reported(&Offline::all(&archive).verify(&archive)).iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [DefectKind::LogUnlisted, DefectKind::DigestMissing]);
}

#[test]
fn a_chain_that_comes_from_another_bucket_is_unverifiable_before() {
    let mut archive = Archive::generate(Plan::default());
    let name = chain(&archive.plan);
    let keys = archive.chains[&name].clone();
    let mut json = archive.digest(&keys[10]);
    json["previousDigestS3Bucket"] = "former-logs".into();
    archive.sign(&keys[10], &json);
    archive.sign_on(&name, 11);
    archive.objects.retain(|key, _| !keys[..10].contains(key));
    let verification = Offline::all(&archive).verify(&archive);
    let chain = only(&verification);
    let defect =
        chain.defects.iter().find(|defect| defect.kind == DefectKind::Unverifiable).expect("a defect");
    assert_eq!(defect.object.as_ref().map(|object| &*object.bucket), Some("former-logs"));
    assert!(!verification.complete);
    assert_eq!(
        chain.unverifiable,
        [TimeRange { from: archive.plan.start, to: archive.plan.start + hours(10) }]
    );
}

#[test]
fn thousands_of_logs_without_a_digest_are_counted_and_the_first_are_named() {
    let mut archive = small();
    let name = chain(&archive.plan);
    let (key, _) = archive.add_log(&name, archive.plan.start + hours(2), "forged");
    let object = archive.objects[&key].clone();
    for number in 0..1200 {
        let (front, _) = key.rsplit_once('_').expect("a suffix");
        archive.objects.insert(format!("{front}_{number:016}.json.gz"), object.clone());
    }
    let verification = Offline::all(&archive).verify(&archive);
    let defects = &only(&verification).defects;
    assert!(defects.iter().all(|defect| defect.kind == DefectKind::LogUnlisted));
    assert_eq!(defects.iter().filter(|defect| defect.object.is_some()).count(), 1000);
    let rest = defects.iter().find(|defect| defect.object.is_none()).expect("a number");
    assert!(rest.detail.contains("201"), "{}", rest.detail);
}
