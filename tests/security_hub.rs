//! Findings in Security Hub, over the real protocol against the fake AWS: what is imported, archived, suppressed and
//! left alone, and what is said when Security Hub does not take it.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod collect_support;
mod fake_aws;
mod program;
#[path = "security_hub/reports.rs"]
mod reports;

use serde_json::{Value, json};
use trailproof::deliver::DeliverError;
use trailproof::deliver::security_hub::SecurityHub;
use trailproof::example::Example;
use trailproof::finding::Verdict::{Fail, NotApplicable, Pass, Unknown};
use trailproof::printer::{ColorChoice, LogFormat, Printer, Verbosity};
use trailproof::report::Report;

use crate::collect_support::{is_isolated, settings, waiter};
use crate::fake_aws::healthy::SECURITY;
use crate::fake_aws::{FakeAws, Fault, Matcher, World};
use crate::program::Sandbox;
use crate::reports::{Run, identity};

const REGION: &str = "eu-central-1";

fn fake() -> FakeAws {
    FakeAws::start(World::healthy(3, &["eu-west-1", REGION]))
}

/// Sends a report from the security account.
fn send(fake: &FakeAws, report: &Report) -> Result<(), DeliverError> {
    let mut settings = settings(fake, SECURITY);
    settings.max_attempts = 4;
    let printer = Printer::new(Verbosity::Quiet, LogFormat::Text, false, ColorChoice::Never);
    SecurityHub::open(&settings, Some(REGION), waiter())?.send(report, &printer)
}

/// What Security Hub has of a rule about a subject.
fn found(fake: &FakeAws, rule: &str, subject: &str) -> Value {
    fake.security_hub(|hubs| hubs.of(SECURITY, REGION).get(&identity(rule, subject)).cloned())
        .unwrap_or(Value::Null)
}

/// Compliance, record state and workflow.
fn state(finding: &Value) -> [&str; 3] {
    let text = |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    [text("/Compliance/Status"), text("/RecordState"), text("/Workflow/Status")]
}

fn sent(fake: &FakeAws) -> usize {
    fake.security_hub(|hubs| hubs.of(SECURITY, REGION).len())
}

#[test]
fn open_findings_are_imported_and_resolved_ones_archived() {
    if !is_isolated("open_findings_are_imported_and_resolved_ones_archived") {
        return;
    }
    let fake = fake();
    let first = Run::on(1)
        .finding("rule-a", "fails", Fail)
        .finding("rule-a", "is-fixed", Fail)
        .finding("rule-a", "is-unread", Fail)
        .waived("rule-a", "is-accepted")
        .finding("rule-a", "passes", Pass)
        .finding("rule-a", "is-another-kind", NotApplicable)
        .finding("rule-b", "is-unknown", Unknown)
        .finding("rule-c", "is-deleted", Fail)
        .report();
    send(&fake, &first).unwrap();
    assert_eq!(sent(&fake), 6, "passes are not sent");
    assert_eq!(state(&found(&fake, "rule-a", "fails")), ["FAILED", "ACTIVE", "NEW"]);
    assert_eq!(state(&found(&fake, "rule-a", "is-accepted")), ["FAILED", "ACTIVE", "SUPPRESSED"]);
    assert_eq!(state(&found(&fake, "rule-b", "is-unknown")), ["NOT_AVAILABLE", "ACTIVE", "NEW"]);
    let note = &found(&fake, "rule-a", "is-accepted")["Note"]["Text"];
    assert!(note.as_str().unwrap().contains("SEC-1"), "{note}");

    let second = Run::on(2)
        .finding("rule-a", "fails", Fail)
        .finding("rule-a", "is-fixed", Pass)
        .finding("rule-a", "is-unread", Unknown)
        .finding("rule-a", "is-accepted", Fail)
        .finding("rule-a", "passes", Pass)
        .finding("rule-b", "another", Unknown)
        .finding("rule-c", "another", Pass)
        .report();
    send(&fake, &second).unwrap();
    assert_eq!(state(&found(&fake, "rule-a", "is-fixed")), ["PASSED", "ARCHIVED", "NEW"]);
    assert_eq!(state(&found(&fake, "rule-a", "is-unread")), ["NOT_AVAILABLE", "ACTIVE", "NEW"]);
    assert_eq!(state(&found(&fake, "rule-a", "is-accepted")), ["FAILED", "ACTIVE", "NEW"], "it ran out");
    assert_eq!(state(&found(&fake, "rule-b", "is-unknown"))[1], "ACTIVE", "the rule is undecided there");
    assert_eq!(state(&found(&fake, "rule-c", "is-deleted"))[1], "ARCHIVED");
    let still = found(&fake, "rule-a", "fails");
    assert_eq!(still["CreatedAt"], "2026-11-01T00:00:00.000Z", "it is the same finding");
    assert_eq!(still["UpdatedAt"], "2026-11-02T00:00:00.000Z");

    // What fails again is open again; what is accepted now is suppressed, though it was there before.
    let third = Run::on(3)
        .waived("rule-a", "fails")
        .finding("rule-a", "is-fixed", Fail)
        .finding("rule-b", "another", Pass)
        .report();
    send(&fake, &third).unwrap();
    assert_eq!(state(&found(&fake, "rule-a", "fails")), ["FAILED", "ACTIVE", "SUPPRESSED"]);
    assert_eq!(state(&found(&fake, "rule-a", "is-fixed")), ["FAILED", "ACTIVE", "NEW"]);

    // An older snapshot that is checked again changes nothing.
    let before = fake.security_hub(|hubs| hubs.of(SECURITY, REGION).clone());
    send(&fake, &first).unwrap();
    let differing = fake.security_hub(|hubs| {
        hubs.of(SECURITY, REGION).iter().filter(|(id, finding)| before.get(*id) != Some(finding)).count()
    });
    assert_eq!(differing, 0);
    assert_eq!(fake.unexpected(), Vec::<String>::new());
}

#[test]
fn what_a_run_did_not_look_at_is_left_alone() {
    if !is_isolated("what_a_run_did_not_look_at_is_left_alone") {
        return;
    }
    let fake = fake();
    let first = Run::on(1)
        .finding("rule-a", "here", Fail)
        .finding("rule-b", "here", Fail)
        .within("333333333333", "eu-west-1")
        .finding("rule-a", "elsewhere", Fail)
        .within("444444444444", "eu-west-1")
        .finding("rule-a", "of-a-member", Fail)
        .report();
    send(&fake, &first).unwrap();
    fake.security_hub(|hubs| {
        let mut foreign = found_template(hubs.of(SECURITY, REGION).values().next().unwrap());
        foreign["GeneratorId"] = json!("another-product/check");
        hubs.of(SECURITY, REGION).insert("another-product/1".to_owned(), foreign);
    });
    // Another rule, one account, one region; and account 444444444444 has left the organization.
    let second =
        Run::on(2).members(&["222222222222", "333333333333"]).finding("rule-a", "new", Pass).report();
    send(&fake, &second).unwrap();
    assert_eq!(state(&found(&fake, "rule-a", "here"))[1], "ARCHIVED", "its region was looked at");
    assert_eq!(state(&found(&fake, "rule-b", "here"))[1], "ACTIVE", "the rule did not run");
    let record = |account: &str, subject: &str| {
        let id = reports::identity_in("rule-a", account, "eu-west-1", subject);
        let finding = fake.security_hub(|hubs| hubs.of(SECURITY, REGION)[&id].clone());
        finding["RecordState"].as_str().unwrap().to_owned()
    };
    assert_eq!(record("333333333333", "elsewhere"), "ACTIVE", "the account was not looked at");
    assert_eq!(record("444444444444", "of-a-member"), "ARCHIVED", "the account has left");
    let foreign = fake.security_hub(|hubs| hubs.of(SECURITY, REGION)["another-product/1"].clone());
    assert_eq!(foreign["RecordState"], "ACTIVE", "others' findings are theirs");
}

fn found_template(finding: &Value) -> Value {
    let mut finding = finding.clone();
    finding["Id"] = json!("another-product/1");
    finding
}

#[test]
fn many_findings_go_in_batches_and_through_throttling() {
    if !is_isolated("many_findings_go_in_batches_and_through_throttling") {
        return;
    }
    let fake = fake();
    let mut run = Run::on(1);
    for number in 0..250 {
        run = run.finding("rule-a", &format!("trail-{number}"), Fail);
    }
    let report = run.report();
    let import = Matcher::operation("securityhub", "BatchImportFindings");
    fake.fault(import.clone(), Fault::Throttle { times: 2 });
    fake.fault(import, Fault::ServerError { times: 1 });
    send(&fake, &report).unwrap();
    assert_eq!(sent(&fake), 250);
    assert_eq!(fake.security_hub(|hubs| hubs.batches.clone()), [100, 100, 50]);
    // Three pages of what is there, and the same again: nothing is there twice.
    send(&fake, &report).unwrap();
    assert_eq!(sent(&fake), 250);
}

#[test]
fn refused_findings_are_named_and_the_others_taken() {
    if !is_isolated("refused_findings_are_named_and_the_others_taken") {
        return;
    }
    let fake = fake();
    let refused = identity("rule-a", "odd");
    fake.security_hub(|hubs| hubs.refused.insert(refused.clone()));
    let report = Run::on(1).finding("rule-a", "odd", Fail).finding("rule-a", "even", Fail).report();
    let error = send(&fake, &report).unwrap_err().to_string();
    for said in ["refused 1 of 2 findings", REGION, SECURITY, &refused, "Amazon Finding Format"] {
        assert!(error.contains(said), "{said:?} is not in {error}");
    }
    assert_eq!(state(&found(&fake, "rule-a", "even"))[1], "ACTIVE");
}

#[test]
fn a_refused_call_names_account_region_and_permission() {
    if !is_isolated("a_refused_call_names_account_region_and_permission") {
        return;
    }
    let report = Run::on(1).finding("rule-a", "fails", Fail).report();
    for operation in ["GetFindings", "BatchImportFindings"] {
        let fake = fake();
        fake.fault(Matcher::operation("securityhub", operation), Fault::AccessDenied);
        let error = send(&fake, &report).unwrap_err().to_string();
        let permission = format!("securityhub:{operation}");
        for said in [REGION, SECURITY, permission.as_str()] {
            assert!(error.contains(said), "{said:?} is not in {error}");
        }
        assert_eq!(sent(&fake), 0, "nothing is sent");
    }
    for fault in [Fault::CutConnection, Fault::Html, Fault::EmptyBody, Fault::MalformedBody] {
        let fake = fake();
        fake.fault(Matcher::operation("securityhub", "BatchImportFindings"), fault);
        let error = send(&fake, &report).unwrap_err().to_string();
        assert!(error.contains("BatchImportFindings failed"), "{fault:?}: {error}");
    }
    let fake = fake();
    fake.security_hub(|hubs| hubs.disabled.insert(REGION.to_owned()));
    let error = send(&fake, &report).unwrap_err().to_string();
    for said in [REGION, SECURITY, "InvalidAccessException"] {
        assert!(error.contains(said), "{said:?} is not in {error}");
    }
}

#[test]
fn an_answer_that_lacks_something_is_a_failure() {
    if !is_isolated("an_answer_that_lacks_something_is_a_failure") {
        return;
    }
    let report = Run::on(1).finding("rule-a", "odd", Fail).report();
    let later = Run::on(2).waived("rule-a", "odd").report();
    let said = |fake: &FakeAws, report: &Report| send(fake, report).unwrap_err().to_string();

    let without = fake();
    send(&without, &report).unwrap();
    without.security_hub(|hubs| {
        for finding in hubs.of(SECURITY, REGION).values_mut() {
            finding.as_object_mut().unwrap().remove("CreatedAt");
        }
    });
    let error = said(&without, &later);
    assert!(error.contains("GetFindings failed: the answer has no Findings[].CreatedAt"), "{error}");

    let anonymous = fake();
    anonymous.security_hub(|hubs| {
        hubs.anonymous = true;
        hubs.refused.insert(identity("rule-a", "odd"))
    });
    let error = said(&anonymous, &report);
    assert!(error.contains("BatchImportFindings failed: the answer does not say which finding"), "{error}");

    for operation in ["GetFindings", "BatchUpdateFindings"] {
        let empty = fake();
        send(&empty, &report).unwrap();
        empty.fault(Matcher::operation("securityhub", operation), Fault::EmptyBody);
        let error = said(&empty, &later);
        assert!(error.contains(&format!("{operation} failed: HTTP 200: the answer is empty")), "{error}");
    }
    let nobody = fake();
    nobody.fault(Matcher::operation("sts", "GetCallerIdentity"), Fault::EmptyBody);
    let error = said(&nobody, &report);
    assert!(error.contains("cannot send findings to Security Hub"), "{error}");
}

/// The program in a folder of its own, with the example's snapshot in it.
fn run(fake: &FakeAws, arguments: &[&str]) -> (Option<i32>, String, String) {
    let sandbox = Sandbox::empty();
    sandbox.write_snapshot("example.snapshot", &Example::demo().records());
    let output = sandbox.command(arguments).envs(fake.environment(SECURITY, REGION)).output().unwrap();
    let program::Run { code, stdout, stderr } = output.into();
    (code, stdout, stderr)
}

#[test]
fn the_program_sends_and_says_so() {
    let fake = fake();
    let check = ["check", "example.snapshot", "--format", "json", "--send-to-security-hub"];
    let (code, output, errors) = run(&fake, &check);
    assert_eq!(code, Some(1), "what fails gates as ever: {errors}");
    let report: Value = serde_json::from_str(&output).unwrap();
    let counts = &report["summary"]["by_verdict"];
    let open = counts["fail"].as_u64().unwrap() + counts["unknown"].as_u64().unwrap();
    assert_eq!(sent(&fake) as u64, open);
    assert!(
        errors.contains(&format!("Security Hub in {REGION} of account {SECURITY}: {open} findings")),
        "{errors}"
    );

    let elsewhere = [&check[..], &["--security-hub-region", "eu-west-1"]].concat();
    run(&fake, &elsewhere);
    assert_eq!(fake.security_hub(|hubs| hubs.of(SECURITY, "eu-west-1").len()) as u64, open);
}

#[test]
fn the_program_ends_with_5_where_findings_are_not_taken() {
    let fake = fake();
    let check = ["check", "example.snapshot", "--format", "json=report.json", "--send-to-security-hub"];
    fake.fault(Matcher::operation("securityhub", "BatchImportFindings"), Fault::AccessDenied);
    let (code, output, errors) = run(&fake, &check);
    assert_eq!((code, output.as_str()), (Some(5), ""), "{errors}");
    assert!(errors.contains("securityhub:BatchImportFindings"), "{errors}");
    assert_eq!(sent(&fake), 0);

    let (code, _, errors) = run(&fake, &["check", "example.snapshot", "--security-hub-region", REGION]);
    assert_eq!(code, Some(2), "{errors}");
    let (code, policy, errors) = run(&fake, &["iam-policy", "--security-hub"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(policy.contains("securityhub:BatchImportFindings"), "{policy}");
}
