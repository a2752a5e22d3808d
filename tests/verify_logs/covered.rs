//! What an attestation rests on is the time that the verified chains cover, not the time that was asked for.

use serde_json::Value;

use crate::digest_chain::{Archive, Plan};
use crate::fake_aws::healthy::{ARCHIVE, MANAGEMENT, SECURITY, workload};
use crate::organization::{REGIONS, chain, plan};
use crate::served::Served;

/// A chain that begins anew follows no digest: whoever deletes all before it leaves nothing that names them.
#[test]
fn a_chain_whose_first_digests_are_gone_covers_what_is_left() {
    let mut archive = Archive::generate(Plan { stops: vec![(4, 2)], ..plan() });
    let chain = chain(SECURITY);
    for key in &archive.chains[&chain][..5] {
        archive.objects.remove(key);
    }
    let served = Served::new(&archive);
    let run = served.verify(&["--attestation", "short.json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let attestation: Value =
        serde_json::from_str(&std::fs::read_to_string(served.path("short.json")).unwrap()).unwrap();
    let chains = attestation["chains"].as_array().unwrap();
    let is_it = |entry: &&Value| entry["account_id"] == SECURITY && entry["region"] == chain.region.as_str();
    let covered = &chains.iter().find(is_it).unwrap()["covered"];
    assert_eq!(covered.as_array().unwrap().len(), 1, "{covered}");
    assert_ne!(covered[0]["from"], attestation["from"], "{covered}");
    let others = chains.iter().filter(|entry| !is_it(entry));
    assert!(
        others.clone().count() == 7
            && others.clone().all(|it| it["covered"][0]["from"] == attestation["from"])
    );

    let scan =
        ["scan", "--format", "json", "--regions", "eu-west-1,us-east-1", "--rules", "trail-digest-chain"];
    let report = served.run(&[&scan[..], &["--attestation", "short.json"]].concat()).json();
    let message = report["findings"][0]["message"].as_str().unwrap();
    let said =
        format!("the chain of {SECURITY} {} leaves out the first 7 hours of what was asked", chain.region);
    assert!(message.contains(&said), "{message}");
}

/// One account and one region, handed in with a snapshot of the whole organization.
#[test]
fn an_attestation_of_a_part_is_not_taken_for_the_whole() {
    let served = Served::new(&Archive::generate(plan()));
    let collect = ["collect", "-o", "all.zst", "--regions", "eu-west-1,us-east-1", "--no-progress"];
    let collected = served.run(&collect);
    assert_eq!(collected.code, Some(0), "{}", collected.stderr);
    let [from, to] = &served.range;
    let range = ["verify-logs", "--start-time", from.as_str(), "--end-time", to.as_str()];
    let said = |part: &[&str]| {
        let verified = served.run(&[&range[..], part, &["--attestation", "a.json"]].concat());
        assert_eq!(verified.code, Some(0), "{}", verified.stderr);
        let check = ["check", "all.zst", "--format", "json", "--rules", "trail-digest-chain"];
        let run = served.run(&[&check[..], &["--attestation", "a.json"]].concat());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        let finding = run.json()["findings"][0].clone();
        assert_eq!(finding["verdict"], "fail", "{finding}");
        finding["message"].as_str().unwrap().to_owned()
    };
    let part = said(&["--accounts", SECURITY, "--regions", REGIONS[0]]);
    let others = format!("nothing of the accounts {MANAGEMENT}, {ARCHIVE} and {}", workload(0));
    assert!(part.contains(&others), "{part}");
    // No account is left out of these. Their other regions are, and one more where it was not verified.
    let missing = |said: &str| -> usize {
        assert!(!said.contains("nothing of the account"), "{said}");
        let (before, _) = said.split_once(" more.").unwrap();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let (one, both) = (said(&["--regions", REGIONS[0]]), said(&["--regions", &REGIONS.join(",")]));
    assert_eq!(missing(&one), missing(&both) + 4, "a region of each account: {one} {both}");
}
