//! Accounts that are named must be there: one that is gone is named, and what was verified is not called whole.

use serde_json::Value;

use crate::digest_chain::Archive;
use crate::fake_aws::healthy::{ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, ORGANIZATION_ID, SECURITY, workload};
use crate::fake_aws::{Fault, Matcher};
use crate::organization::plan;
use crate::served::{Run, Served, defects};

/// The archive without anything of one account, but for what `keep` says of an object's key.
fn without(account_id: &str, keep: impl Fn(&str) -> bool) -> Archive {
    let mut archive = Archive::generate(plan());
    let folder = format!("/{account_id}/");
    archive.objects.retain(|key, _| !key.contains(&folder) || keep(key));
    archive
}

/// A copy of what is served, and `verify-logs` over it with these accounts, without regions, which nobody would name.
fn offline(served: &Served, accounts: &str) -> Run {
    let range = ["--start-time", &served.range[0], "--end-time", &served.range[1]];
    let copied = served.run(
        &[&["copy-logs", "copy", "--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE], &range[..]]
            .concat(),
    );
    assert_eq!(copied.code, Some(0), "{}", copied.stderr);
    let from =
        ["verify-logs", "--from", "copy", "--public-keys", "copy/public-keys.json", "--format", "json"];
    served.run(&[&from[..], &range[..], &["--accounts", accounts, "--attestation", "a.json"]].concat())
}

fn bucket(served: &Served, arguments: &[&str]) -> Run {
    let range = ["--start-time", &served.range[0], "--end-time", &served.range[1]];
    let format = if arguments.contains(&"--format") { &[][..] } else { &["--format", "json"] };
    let named = ["verify-logs", "--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE];
    served.run(&[&named[..], &range[..], format, arguments].concat())
}

/// Nothing is amiss with what is there, but it is not complete, and the account is named.
fn assert_missed(run: &Run, account_id: &str) {
    let report = run.json();
    assert_eq!((&report["complete"], run.code), (&Value::Bool(false), Some(3)), "{}", run.stderr);
    assert_eq!(defects(&report), Vec::new());
    let gaps = report["gaps"].as_array().unwrap();
    assert!(
        gaps.iter().any(|gap| gap["account_id"] == account_id
            && gap["detail"].as_str().unwrap().contains("holds no folder of its logs")),
        "{gaps:?}"
    );
}

#[test]
fn a_named_account_that_is_gone_from_a_copy_is_named() {
    let served = Served::new(&without(SECURITY, |_| false));
    let run = offline(&served, &format!("{MANAGEMENT},{SECURITY}"));
    assert_missed(&run, SECURITY);
    let attestation: Value =
        serde_json::from_str(&std::fs::read_to_string(served.path("a.json")).unwrap()).unwrap();
    assert_eq!((&attestation["complete"], &attestation["valid"]), (&false.into(), &false.into()));
    // Whole, it is complete.
    let served = Served::new(&Archive::generate(plan()));
    let run = offline(&served, &format!("{MANAGEMENT},{SECURITY}"));
    assert_eq!((&run.json()["complete"], run.code), (&true.into(), Some(0)), "{}", run.stderr);
}

#[test]
fn a_named_account_that_is_gone_from_a_bucket_is_named_in_every_format() {
    let served = Served::new(&without(SECURITY, |_| false));
    let accounts = format!("{MANAGEMENT},{SECURITY}");
    assert_missed(&bucket(&served, &["--accounts", &accounts]), SECURITY);
    let run = bucket(&served, &["--accounts", &accounts, "--format", "table,sarif=out.sarif,html=out.html"]);
    assert!(run.stdout.contains("INCOMPLETE") && !run.stdout.contains("VERIFIED"), "{}", run.stdout);
    let read = |name: &str| std::fs::read_to_string(served.path(name)).unwrap();
    for told in [run.stdout.clone(), read("out.sarif"), read("out.html")] {
        assert!(told.contains(SECURITY), "{told}");
        assert!(!told.contains("ListObjectsV2 did not answer"), "{told}");
    }
}

#[test]
fn an_account_of_another_number_and_a_folder_without_trails_are_as_good_as_none() {
    // A number that never was there.
    let served = Served::new(&Archive::generate(plan()));
    assert_missed(&bucket(&served, &["--accounts", &format!("{MANAGEMENT},999999999999")]), "999999999999");
    // What else a folder holds, such as logs of another service, is no trail's log.
    let mut archive = without(SECURITY, |_| false);
    let object = archive.objects.values().next().unwrap().clone();
    archive.objects.insert(
        format!("AWSLogs/{ORGANIZATION_ID}/{SECURITY}/Config/eu-west-1/2026/11/1/item.json.gz"),
        object,
    );
    served.replace(&archive);
    assert_missed(&bucket(&served, &["--accounts", &format!("{MANAGEMENT},{SECURITY}")]), SECURITY);
}

#[test]
fn copying_a_named_account_that_is_gone_is_not_complete() {
    let served = Served::new(&without(SECURITY, |_| false));
    let range = ["--start-time", &served.range[0], "--end-time", &served.range[1]];
    let accounts = format!("{MANAGEMENT},{SECURITY}");
    let named = ["copy-logs", "copy", "--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE];
    let run = served.run(&[&named[..], &range[..], &["--accounts", &accounts]].concat());
    assert_eq!(run.code, Some(3), "{}", run.stderr);
    assert!(run.stderr.contains(SECURITY), "{}", run.stderr);
}

#[test]
fn a_named_account_is_missed_though_the_organization_cannot_be_listed() {
    let served = Served::new(&without(&workload(0), |_| false));
    served.fake.fault(Matcher::operation("organizations", "ListAccounts"), Fault::AccessDenied);
    let (report, code) = served.report(&[
        "--archive-account",
        ARCHIVE,
        "--accounts",
        &format!("{MANAGEMENT},{}", workload(0)),
    ]);
    let missing: Vec<_> = defects(&report).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!((missing, code), (vec!["no-digests".to_owned(); 2], Some(1)));
}
