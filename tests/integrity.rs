//! Verifying whole archives, offline: nothing is wrong with a clean one, each kind of tampering is reported for what
//! it is, and none hides another.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod digest_chain;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use digest_chain::offline::{Offline, hash};
use digest_chain::tamper::{self, Expected, Tampering};
use digest_chain::{Archive, ChainName, Plan, gzip, keys, time};
use proptest::prelude::*;
use trailproof::finding::Severity;
use trailproof::integrity::{
    ChainResult, Counts, DefectKind, FolderRequest, FolderVerification, KeyRing, LogChecks, LogReading,
    TimeRange, TrailName, Unverifiable, UnverifiableReason, Verification,
};

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
