//! `verify-logs` and `copy-logs` as a user runs them, over an archive that the fake AWS serves over HTTP.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

#[path = "verify_logs/aws_cli.rs"]
mod aws_cli;
#[path = "verify_logs/covered.rs"]
mod covered;
mod digest_chain;
mod fake_aws;
#[path = "verify_logs/named.rs"]
mod named;
#[path = "verify_logs/organization.rs"]
mod organization;
#[path = "verify_logs/served.rs"]
mod served;

use std::time::Duration;

use digest_chain::tamper::{self, Tampering};
use digest_chain::{Archive, Plan};
use fake_aws::healthy::{ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, SECURITY, workload};
use fake_aws::objects::{Reading, StoredObject};
use fake_aws::{Fault, Matcher};
use organization::{chain, plan};
use served::{Served, defects, expected, files, is_failure, kinds};

#[test]
fn a_sound_archive_is_verified_whole_with_as_little_as_that_needs() {
    let served = Served::new(&Archive::generate(plan()));
    let (report, code) = served.report(&[]);
    assert_eq!((defects(&report), code), (Vec::new(), Some(0)));
    assert_eq!(report["complete"], true);
    assert_eq!(report["totals"]["digests"]["valid"], 4 * 2 * 8);
    assert_eq!(report["totals"]["logs"]["valid"], 4 * 2 * 8 * 2);
    assert_eq!(report["chains"].as_array().unwrap().len(), 8);
    assert_eq!(report["chains"][0]["covered"][0]["from"], "2026-11-01T00:01:31Z");
    assert_eq!(served.fake.unexpected(), Vec::<String>::new());
    assert!(served.fake.refused_actions().is_empty());
    // The archive's owner was found by asking for buckets, and read under a policy for that bucket alone.
    let sessions = served.fake.sessions();
    let reader =
        sessions.iter().find(|session| session.policy.as_ref().is_some_and(|it| it.contains("GetObject")));
    let reader = reader.expect("a session that reads");
    assert_eq!(reader.account, ARCHIVE);
    let policy = reader.policy.as_ref().unwrap();
    assert!(policy.contains(&format!("arn:aws:s3:::{ARCHIVE_BUCKET}/AWSLogs/*")), "{policy}");
    assert!(!policy.contains("s3:*") && !policy.contains("\"s3:PutObject\""), "{policy}");
}

#[test]
fn every_tampering_is_found_by_kind_and_object_and_nothing_else() {
    let sound = Archive::generate(plan());
    let served = Served::new(&sound);
    for tampering in tamper::ALL {
        let mut archive = sound.clone();
        let must = tampering.apply(&mut archive, &chain(SECURITY), 3);
        served.replace(&archive);
        let (report, code) = served.report(&[]);
        assert_eq!(defects(&report), expected(&must), "{tampering:?}");
        let wanted = if is_failure(&must) { Some(1) } else { code };
        assert_eq!(code, wanted, "{tampering:?}");
        let only_informs = must.iter().all(|it| it.kind.severity() == trailproof::severity::Severity::Info);
        assert_eq!(code == Some(0), only_informs, "{tampering:?}");
    }
}

/// A stop whose last digest is gone looks like one that was short.
#[test]
fn a_stop_that_was_hidden_by_deleting_its_last_digest_is_not_covered() {
    let plan = Plan {
        accounts: vec![SECURITY.to_owned()],
        regions: vec![organization::REGIONS[0].to_owned()],
        stops: vec![(3, 2)],
        ..plan()
    };
    let mut archive = Archive::generate(plan);
    let last = archive.chains[&chain(SECURITY)][3].clone();
    archive.objects.remove(&last);
    let served = Served::new(&archive);
    let run = served.verify_one(SECURITY, organization::REGIONS[0]);
    let report = run.json();
    assert_ne!(run.code, Some(0), "{:?}", kinds(&report));
    let hidden = archive.plan.start + chrono::TimeDelta::hours(3);
    let covered = report["chains"][0]["covered"].as_array().unwrap();
    let covers = covered.iter().any(|range| {
        let time =
            |name: &str| range[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        time("from") <= hidden && hidden < time("to")
    });
    assert!(!covers, "the hidden hour is not covered: {covered:?}");
}

#[test]
fn one_defect_hides_no_other() {
    let mut archive = Archive::generate(plan());
    let mut must = Vec::new();
    let accounts = [MANAGEMENT.to_owned(), ARCHIVE.to_owned(), SECURITY.to_owned(), workload(0)];
    let chosen = [
        Tampering::LogChanged,
        Tampering::DigestsDeleted,
        Tampering::DigestSignedByForeignKey,
        Tampering::TailDeleted,
    ];
    for (account, tampering) in accounts.iter().zip(chosen) {
        must.extend(tampering.apply(&mut archive, &chain(account), 3));
    }
    let served = Served::new(&archive);
    let (report, code) = served.report(&[]);
    assert_eq!((defects(&report), code), (expected(&must), Some(1)));
}

#[test]
fn a_trail_a_bucket_and_a_part_of_them_can_be_named() {
    let archive = Archive::generate(plan());
    let served = Served::new(&archive);
    let trail = format!("arn:aws:cloudtrail:eu-west-1:{MANAGEMENT}:trail/organization-trail");
    let (report, code) = served.report(&["--trail-arn", &trail, "--accounts", SECURITY]);
    assert_eq!((report["chains"].as_array().unwrap().len(), code), (2, Some(0)));
    assert_eq!(report["chains"][0]["trail"], "organization-trail");
    // A bucket that is named is read with the caller's own credentials, unless a role or its owner is named.
    let denied = served.verify(&["--bucket", ARCHIVE_BUCKET]);
    assert_eq!(denied.code, Some(4), "{}", denied.stderr);
    assert!(denied.stderr.contains("cannot list the bucket"), "{}", denied.stderr);
    let (report, code) = served.report(&["--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE]);
    assert_eq!((report["chains"].as_array().unwrap().len(), code), (8, Some(0)));
    let nothing =
        served.verify(&["--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE, "--prefix", "elsewhere"]);
    assert_eq!(nothing.code, Some(3), "{}", nothing.stderr);
}

#[test]
fn a_prefix_and_an_account_layout_are_followed() {
    let mut plan = plan();
    plan.prefix = "logs/cloudtrail".to_owned();
    plan.organization_id = None;
    plan.accounts = vec![workload(0)];
    let served = Served::new(&Archive::generate(plan));
    let arguments =
        ["--bucket", ARCHIVE_BUCKET, "--archive-account", ARCHIVE, "--prefix", "/logs/cloudtrail/"];
    let (report, code) = served.report(&arguments);
    assert_eq!((defects(&report), code), (Vec::new(), Some(0)));
    assert_eq!(report["totals"]["logs"]["valid"], 2 * 8 * 2);
}

#[test]
fn an_account_whose_whole_folder_is_gone_is_missed() {
    let mut archive = Archive::generate(plan());
    archive.objects.retain(|key, _| !key.contains(&format!("/{SECURITY}/")));
    let served = Served::new(&archive);
    let (report, code) = served.report(&[]);
    let none = "no-digests".to_owned();
    assert_eq!((defects(&report), code), (vec![(none.clone(), None), (none, None)], Some(1)));
}

#[test]
fn what_cannot_be_read_is_named_and_never_passes() {
    let archive = Archive::generate(plan());
    let served = Served::new(&archive);
    let digests = &archive.chains[&chain(SECURITY)];
    let logs = archive.logs_of(&digests[2]);
    let long_gone = [
        (logs[0].clone(), Reading::Denied),
        (logs[1].clone(), Reading::Archived),
        (archive.logs_of(&digests[3])[0].clone(), Reading::KeyDenied),
        (archive.logs_of(&digests[4])[0].clone(), Reading::cut(usize::MAX)),
    ];
    for (key, reading) in &long_gone {
        served.reading(key, reading.clone());
    }
    let run = served.verify(&["--format", "json", "--max-attempts", "2"]);
    let report = run.json();
    let mut must: Vec<_> =
        long_gone.iter().map(|(key, _)| ("unverifiable".to_owned(), Some(key.clone()))).collect();
    must.sort();
    assert_eq!((defects(&report), run.code), (must, Some(3)), "{}", run.stderr);
    assert_eq!(report["complete"], false);
    assert_eq!(report["totals"]["logs"]["unverifiable"], 4);
    assert_eq!(report["totals"]["logs"]["valid"], 4 * 2 * 8 * 2 - 4);
    let allowed = served.verify(&["--max-attempts", "1", "--allow-incomplete"]);
    assert_eq!(allowed.code, Some(0), "{}", allowed.stdout);
    assert!(allowed.stdout.contains("INCOMPLETE"), "{}", allowed.stdout);
}

#[test]
fn a_refused_call_is_named_and_never_passes() {
    let served = Served::new(&Archive::generate(plan()));
    let mut passed = Vec::new();
    // With its owner named, the archive can be read though the others cannot be asked.
    for arguments in [&[][..], &["--archive-account", ARCHIVE]] {
        served.fake.clear_faults();
        served.fake.reset_recording();
        assert_eq!(served.report(arguments).1, Some(0));
        let calls = served.fake.operations();
        for call in ["cloudtrail:ListPublicKeys", "organizations:ListAccounts", "s3:GetObject"] {
            assert!(calls.contains(call), "{call} is made: {calls:?}");
        }
        for call in calls {
            let (service, operation) = call.split_once(':').unwrap();
            served.fake.clear_faults();
            served.fake.fault(Matcher::operation(service, operation), Fault::AccessDenied);
            let run = served.verify(&[&["--format", "json", "--max-attempts", "1"], arguments].concat());
            // S3 names the permission rather than the operation.
            let named = if operation == "ListObjectsV2" { "s3:ListBucket" } else { operation };
            let named = run.stdout.contains(named) || run.stderr.contains(named);
            if !matches!(run.code, Some(1 | 3 | 4)) || !named {
                passed.push(format!("{call} {arguments:?}: exit {:?}: {}", run.code, run.stderr));
            }
        }
    }
    assert!(passed.is_empty(), "{}", passed.join("\n"));
}

#[test]
fn every_format_says_that_accounts_may_be_missing() {
    let served = Served::new(&Archive::generate(plan()));
    served.fake.fault(Matcher::operation("organizations", "DescribeOrganization"), Fault::AccessDenied);
    let run = served.verify(&["--format", "json,sarif=out.sarif,html=out.html"]);
    let report = run.json();
    let read = |name: &str| std::fs::read_to_string(served.path(name)).unwrap();
    assert_eq!((run.code, &report["complete"]), (Some(3), &false.into()), "{}", run.stderr);
    assert_eq!(report["gaps"][0]["operation"], "DescribeOrganization");
    assert_eq!(defects(&report), Vec::new());
    let table = served.verify(&[]).stdout;
    assert!(table.contains("INCOMPLETE") && !table.contains("VERIFIED"), "{table}");
    for told in [table, read("out.sarif"), read("out.html")] {
        assert!(told.contains("organizations:DescribeOrganization"), "{told}");
    }
    let sarif: serde_json::Value = serde_json::from_str(&read("out.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn slow_downs_cut_bodies_and_content_encoding_are_overcome() {
    let archive = Archive::generate(plan());
    let served = Served::new(&archive);
    served.fake.update(|world| {
        for (number, object) in world.objects.bucket(ARCHIVE_BUCKET).values_mut().enumerate() {
            object.content_encoding = true;
            object.reading = match number % 16 {
                3 => Reading::slow_down(1),
                7 => Reading::cut(1),
                11 => Reading::Slow(Duration::from_micros(200)),
                _ => Reading::Good,
            };
        }
        world.page_sizes.insert("s3-objects".to_owned(), 5);
    });
    let (report, code) = served.report(&[]);
    assert_eq!((defects(&report), code), (Vec::new(), Some(0)));
}

#[test]
fn without_public_keys_no_digest_is_valid_and_none_is_called_forged() {
    let served = Served::new(&Archive::generate(plan()));
    served
        .fake
        .fault(Matcher::operation("cloudtrail", "ListPublicKeys").region("us-east-1"), Fault::AccessDenied);
    let (report, code) = served.report(&["--max-attempts", "1"]);
    assert_eq!(code, Some(3));
    assert_eq!(report["totals"]["digests"]["valid"], 4 * 8);
    assert_eq!(report["totals"]["digests"]["unverifiable"], 4 * 8);
    assert_eq!(kinds(&report).keys().collect::<Vec<_>>(), ["unverifiable"]);
    assert!(report.to_string().contains("cloudtrail:ListPublicKeys"), "the way out is said");
}

#[test]
fn hostile_objects_are_bounded_reported_and_end_nothing_else() {
    let mut archive = Archive::generate(Plan { accounts: vec![SECURITY.to_owned(), workload(0)], ..plan() });
    let digests = archive.chains[&chain(SECURITY)].clone();
    let deep = "[".repeat(200_000);
    archive.objects.get_mut(&digests[1]).unwrap().body = digest_chain::gzip::compress(deep.as_bytes());
    let bomb = digest_chain::gzip::compress(&vec![b' '; 64 * 1024 * 1024]);
    archive.objects.get_mut(&digests[4]).unwrap().body = bomb.clone();
    let log = archive.logs_of(&digests[5])[0].clone();
    archive.objects.get_mut(&log).unwrap().body = bomb;
    let endless = [digests[6].clone(), archive.logs_of(&digests[2])[0].clone()];
    let served = Served::new(&archive);
    served.fake.update(|world| {
        for key in &endless {
            let object = world.objects.bucket(ARCHIVE_BUCKET).get_mut(key).unwrap();
            object.reading = Reading::Declaring(10 << 30);
        }
        let folder = digests[0].rsplit_once('/').unwrap().0;
        let objects = world.objects.bucket(ARCHIVE_BUCKET);
        for name in ["../../../../etc/passwd", "a\u{1b}[31m\u{1}.json.gz", "x y+%41&amp;<>.json.gz", ""] {
            objects.insert(format!("{folder}/{name}"), StoredObject::default());
        }
        objects.insert("AWSLogs/o-exampleorg1/../CloudTrail-Digest/x".to_owned(), StoredObject::default());
    });
    let (report, code) = served.report(&["--accounts", &format!("{SECURITY},{}", workload(0))]);
    assert_eq!(code, Some(1));
    let found = defects(&report);
    for (kind, key) in [
        ("digest-malformed", &digests[1]),
        ("unverifiable", &digests[4]),
        ("log-hash-mismatch", &log),
        ("unverifiable", &endless[0]),
        ("unverifiable", &endless[1]),
    ] {
        assert!(found.contains(&(kind.to_owned(), Some(key.clone()))), "{kind} {key}: {found:#?}");
    }
    let sound = report["chains"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|chain| chain["account_id"] == workload(0).as_str());
    assert!(
        sound.clone().count() == 2 && sound.clone().all(|chain| chain["defects"] == serde_json::json!([]))
    );
}

#[test]
fn a_sample_and_digests_alone_say_what_they_are() {
    let served = Served::new(&Archive::generate(plan()));
    let (report, code) = served.report(&["--sample", "30"]);
    assert_eq!(
        (&report["logs_read"], &report["sample_percent"], code),
        (&"sample".into(), &30.into(), Some(0))
    );
    let read = report["totals"]["logs"]["valid"].as_u64().unwrap();
    let left: u64 =
        report["chains"].as_array().unwrap().iter().map(|it| it["logs_not_sampled"].as_u64().unwrap()).sum();
    assert!(read > 0 && left > 0 && read + left == 128, "{read} and {left}");
    served.fake.reset_recording();
    let (report, code) = served.report(&["--digests-only"]);
    assert_eq!((&report["logs_read"], code), (&"none".into(), Some(0)));
    assert_eq!(report["totals"]["digests"]["valid"], 64);
    assert_eq!(served.fake.calls(&Matcher::operation("s3", "GetObject")), 64);
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let archive = Archive::generate(plan());
    let served = Served::new(&archive);
    let (whole, _) = served.report(&[]);
    served.fake.latency(Duration::from_millis(15));
    served.fake.reset_recording();
    let arguments = ["--format", "json", "--state", "state", "--max-concurrency", "1"];
    let mut child = served.verify_command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    let reads = Matcher::operation("s3", "GetObject");
    while served.fake.calls(&reads) < 120 {
        std::thread::sleep(Duration::from_millis(5));
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was interrupted");
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(served.path("state")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the state is for its owner");
    }
    // A line that was cut off while it was written is no obstacle.
    let mut state = std::fs::read(served.path("state")).unwrap();
    state.extend(b"{\"log\":{\"fol");
    std::fs::write(served.path("state"), state).unwrap();
    served.fake.latency(Duration::ZERO);
    served.fake.reset_recording();
    let other = served.run(&[
        "verify-logs",
        "--state",
        "state",
        "--start-time",
        "2026-11-01",
        "--end-time",
        "2026-11-02",
    ]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);
    assert!(other.stderr.contains("the range"), "{}", other.stderr);
    let resumed = served.run(&[
        "verify-logs",
        "--regions",
        "eu-west-1,us-east-1",
        "--state",
        "state",
        "--format",
        "json",
    ]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let mut again = resumed.json();
    again["began"] = whole["began"].clone();
    assert_eq!(again, whole, "the state knows the range, and the result is the same");
    assert!(served.fake.calls(&reads) < 64 + 128, "{} reads", served.fake.calls(&reads));
    assert!(!served.path("state").exists(), "what it was kept for is done");
}

#[test]
fn a_copy_verifies_without_a_network() {
    let mut archive = Archive::generate(plan());
    let must = Tampering::LogChanged.apply(&mut archive, &chain(SECURITY), 3);
    let served = Served::new(&archive);
    let hostile =
        "AWSLogs/o-exampleorg1/100000000003/CloudTrail/eu-west-1/2026/11/01/../../../../../../x.json.gz";
    served.fake.update(|world| {
        world.objects.bucket(ARCHIVE_BUCKET).insert(hostile.to_owned(), StoredObject::default());
    });
    let range = ["--start-time", "2026-11-01T00:01:31Z", "--end-time", "2026-11-01T08:01:31Z"];
    let copied =
        served.run(&[&["copy-logs", "copy", "--regions", "eu-west-1,us-east-1"], &range[..]].concat());
    assert_eq!(copied.code, Some(3), "the hostile name is not copied: {}", copied.stderr);
    assert!(copied.stderr.contains("its name is none that CloudTrail gives"), "{}", copied.stderr);
    let folder = served.path("copy");
    assert!(files(&folder).iter().all(|path| path.starts_with(&folder)));
    assert!(
        files(&served.path("")).iter().all(|path| path.starts_with(&folder)),
        "nothing outside the folder"
    );
    served.fake.reset_recording();
    let offline = [
        &["verify-logs", "--from", "copy", "--public-keys", "copy/public-keys.json", "--format", "json"],
        &range[..],
    ]
    .concat();
    let run = served.run(&offline);
    assert_eq!((defects(&run.json()), run.code), (expected(&must), Some(1)), "{}", run.stderr);
    assert_eq!(run.json()["totals"]["digests"]["valid"], 64);
    assert!(served.fake.requests().is_empty(), "no call was made");
}

#[test]
fn what_was_verified_is_attested_and_taken_in_by_a_rule() {
    let mut archive = Archive::generate(plan());
    let served = Served::new(&archive);
    let verdicts = |attestation: &[&str]| {
        let arguments = [
            &[
                "scan",
                "--format",
                "json",
                "--regions",
                "eu-west-1,us-east-1",
                "--rules",
                "trail-digest-chain",
            ],
            attestation,
        ]
        .concat();
        let report = served.run(&arguments).json();
        let findings = report["findings"].as_array().unwrap().clone();
        let of = |finding: &serde_json::Value| {
            (finding["verdict"].as_str().unwrap().to_owned(), finding["message"].as_str().unwrap().to_owned())
        };
        findings.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&[])[0].0, "not_applicable", "what nobody verified neither passes nor fails");
    assert_eq!(served.verify(&["--attestation", "sound.json"]).code, Some(0));
    let (verdict, message) = verdicts(&["--attestation", "sound.json"])[0].clone();
    assert_eq!(verdict, "fail", "eight hours are not ninety days");
    assert!(message.contains("covers 0 days"), "{message}");
    Tampering::LogDeleted.apply(&mut archive, &chain(SECURITY), 3);
    served.replace(&archive);
    assert_eq!(served.verify(&["--attestation", "broken.json"]).code, Some(1));
    let (verdict, message) = verdicts(&["--attestation", "broken.json"])[0].clone();
    assert_eq!(verdict, "fail");
    assert!(message.contains("1 of its 8 chains is not valid"), "{message}");
    let text = std::fs::read_to_string(served.path("broken.json")).unwrap();
    let schema = serde_json::to_value(trailproof::attestation::Attestation::schema()).unwrap();
    let attestation: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&attestation), "{text}");
    assert_eq!(attestation["valid"], false);
    let none = served.run(&["check", "--attestation", "missing.json", "x"]);
    assert_eq!(none.code, Some(2), "{}", none.stderr);
}

/// What a person sees, with what differs from run to run put aside.
#[test]
fn the_table_says_in_ten_seconds_what_is_amiss() {
    let mut archive = Archive::generate(plan());
    Tampering::LogChanged.apply(&mut archive, &chain(SECURITY), 3);
    Tampering::TailDeleted.apply(&mut archive, &chain(ARCHIVE), 3);
    let served = Served::new(&archive);
    let run = served.verify(&[]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    insta::assert_snapshot!(run.stdout);
    let sound = Served::new(&Archive::generate(plan()));
    insta::assert_snapshot!(sound.verify(&[]).stdout);
}

#[test]
fn the_other_formats_follow_their_schemas_and_hold_no_markup_of_strangers() {
    let mut archive = Archive::generate(plan());
    Tampering::LogDeleted.apply(&mut archive, &chain(SECURITY), 3);
    let (name, _) = archive.add_log(&chain(SECURITY), archive.plan.start, "x");
    let object = archive.objects.remove(&name).unwrap();
    archive.objects.insert(name.replace("_CloudTrail_", "_<script>alert(1)</script>_CloudTrail_"), object);
    let served = Served::new(&archive);
    let formats = ["--format", "json=out.json,sarif=out.sarif,html=out.html"];
    assert_eq!(served.verify(&formats).code, Some(1));
    let read = |name: &str| std::fs::read_to_string(served.path(name)).unwrap();
    let valid = |schema: serde_json::Value, text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    };
    valid(serde_json::to_value(trailproof::report::integrity::schema()).unwrap(), &read("out.json"));
    valid(serde_json::from_str(include_str!("data/sarif-schema-2.1.0.json")).unwrap(), &read("out.sarif"));
    let sarif: serde_json::Value = serde_json::from_str(&read("out.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "log-missing" && result["level"] == "error"));
    let html = read("out.html");
    assert!(!html.contains("<script") && html.contains("<svg") && html.contains("<details>"), "{html}");
    assert!(html.contains("Calendar of 100000000003 eu-west-1"), "what is drawn is said, too");
    assert_eq!(html.matches("<figure>").count(), 8);
}

#[test]
fn the_shipped_schemas_are_current() {
    let schemas = [
        ("verification", trailproof::report::integrity::schema()),
        ("attestation", trailproof::attestation::Attestation::schema()),
    ];
    for (name, schema) in schemas {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        let path = format!("{}/schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let shipped = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(shipped == text, "{path} is stale: UPDATE_SCHEMAS=1 cargo test --test verify_logs");
    }
}

#[test]
fn the_example_in_the_documentation_is_a_run() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/verify-logs.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut archive = Archive::generate(plan());
    Tampering::LogChanged.apply(&mut archive, &chain(SECURITY), 3);
    let run = Served::new(&archive).verify(&[]);
    let (before, rest) = page.split_once("```text\n").unwrap();
    let (shown, after) = rest.split_once("```").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/src/verify-logs.md");
        std::fs::write(path, format!("{before}```text\n{}```{after}", run.stdout)).unwrap();
        return;
    }
    assert_eq!(shown, run.stdout, "UPDATE_DOCS=1 cargo test --test verify_logs");
}
