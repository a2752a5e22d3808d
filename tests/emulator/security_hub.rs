//! Security Hub as moto knows it: findings are imported, listed and changed, without filters or permissions.

use serde_json::Value;
use trailproof::example::Example;
use trailproof::snapshot::{Record, Writer};

use crate::HOME;
use crate::clients::{ANY_KEY, Session};
use crate::moto::Moto;
use crate::scanner::{Machine, Run};

/// What Security Hub has.
fn findings(moto: &Moto) -> Vec<Value> {
    let script = format!(
        "pages = client('securityhub', '{HOME}').get_paginator('get_findings').paginate()\n\
         answer = [finding for page in pages for finding in page['Findings']]"
    );
    match moto.boto3(&Session::first(moto.endpoint()), &script) {
        Value::Array(findings) => findings,
        other => panic!("no list: {other}"),
    }
}

/// Checks the example as of a day of December 2026, and sends what is open.
fn send(moto: &Moto, day: u32) -> Run {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path().join("example.snapshot");
    let mut writer = Writer::create(&path).expect("the folder is writable");
    for mut record in Example::demo().records() {
        if let Record::Header(header) = &mut record {
            header.taken_at = format!("2026-12-{day:02}T00:00:00Z").parse().expect("it is a time");
        }
        writer.write(&record).expect("the folder is writable");
    }
    writer.finish().expect("the folder is writable");
    let path = path.to_str().expect("temporary folders have plain names");
    let endpoint = moto.endpoint();
    let aws = ["--endpoint-url", &endpoint, "--region", HOME, "--max-attempts", "1"];
    let check = ["check", path, "--send-to-security-hub", "--format", "json"];
    Machine::new(endpoint.clone(), ANY_KEY).run(&[&check[..], &aws[..]].concat())
}

#[test]
fn a_second_run_changes_findings_and_makes_none_twice() {
    let moto = Moto::start("security-hub");
    let run = send(&moto, 1);
    let report: serde_json::Value = serde_json::from_str(&run.output)
        .unwrap_or_else(|error| panic!("no report: {error}\n{}", run.errors));
    let counts = &report["summary"]["by_verdict"];
    let first = findings(&moto);
    let with = |status: &str| first.iter().filter(|it| it["Compliance"]["Status"] == status).count() as u64;
    assert_eq!(run.code, 1, "what fails gates as ever:\n{}", run.errors);
    assert_eq!(Some(with("FAILED")), counts["fail"].as_u64());
    assert_eq!(Some(with("NOT_AVAILABLE")), counts["unknown"].as_u64());
    assert_eq!(with("PASSED"), 0);

    let run = send(&moto, 2);
    assert_eq!(run.code, 1, "{}", run.errors);
    let second = findings(&moto);
    assert_eq!(second.len(), first.len());
    let day = |time: &Value| time.as_str().and_then(|time| time.get(..10)).map(str::to_owned);
    for finding in second {
        assert_eq!(day(&finding["UpdatedAt"]).as_deref(), Some("2026-12-02"));
        assert_eq!(day(&finding["CreatedAt"]).as_deref(), Some("2026-12-01"), "it is the same finding");
    }
}
