use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::baseline::BaselineDto;
use crate::facts::{Subject, SubjectKind};
use crate::finding::{Evidence, Finding, Waiver};
use crate::model::{GapId, Observed, Scope};
use crate::report::{AccountCounts, Contents, Report, ReportedRule};
use crate::snapshot::{FORMAT_VERSION, Header};

const RULES: [&str; 4] = ["bucket-kms", "trail-kms", "trail-logging", "trail-redundant"];

/// A finding: rule, account, verdict, message.
type Given = (usize, u8, Verdict, String);

fn finding((rule, account, verdict, message): &Given) -> Finding {
    let id: std::sync::Arc<str> = format!("trail-{account}").into();
    Finding {
        rule: u32::try_from(*rule).unwrap(),
        subject: std::sync::Arc::new(Subject {
            kind: SubjectKind::Trail,
            account_id: Some(format!("{account:012}").into()),
            region: Some("eu-central-1".into()),
            name: Some(std::sync::Arc::clone(&id)),
            arn: None,
            id,
        }),
        verdict: *verdict,
        message: matches!(verdict, Verdict::Fail | Verdict::Unknown).then(|| message.as_str().into()),
        evidence: vec![Evidence { path: "trail.name".into(), value: Some(json!(account)) }].into(),
        gaps: (*verdict == Verdict::Unknown).then(|| GapId::new("gap-1")).into_iter().collect(),
        waiver: None,
    }
}

fn report_of(taken_at: &str, rules: &[&str], findings: Vec<Finding>) -> Report {
    let rule = |id: &&str| ReportedRule {
        id: (*id).to_owned(),
        title: "so it should be".to_owned(),
        severity: if *id == "trail-redundant" { Severity::Info } else { Severity::High },
        subject: SubjectKind::Trail,
        family: "trail".to_owned(),
        rationale: String::new(),
        remediation: String::new(),
        cli: None,
        terraform: None,
        by_hand: None,
        references: Vec::new(),
        controls: Vec::new(),
    };
    Report::new(Contents {
        header: Header {
            format_version: FORMAT_VERSION,
            tool_version: "0.1.0".to_owned(),
            taken_at: taken_at.parse().unwrap(),
            partition: "aws".to_owned(),
            caller_account_id: "000000000001".to_owned(),
            organization: Observed::Absent,
            accounts: Vec::new(),
            scope: Observed::Known(Scope::default()),
            ..Header::default()
        },
        rules: rules.iter().map(rule).collect(),
        frameworks: Vec::new(),
        findings: findings.into_iter().collect(),
        gaps: Vec::new(),
        accounts: AccountCounts::default(),
        regions: 1,
        reach: crate::evaluate::LogReach::default(),
        scope: crate::report::Scope::default(),
    })
}

fn report(taken_at: &str, given: &[Given]) -> Report {
    report_of(taken_at, &RULES, given.iter().map(finding).collect())
}

fn saved(given: &[(usize, u8, Verdict, &str)]) -> SavedReport {
    let given: Vec<Given> = given
        .iter()
        .map(|(rule, account, verdict, text)| (*rule, *account, *verdict, (*text).to_owned()))
        .collect();
    SavedReport::of(&report("2026-11-20T10:00:00Z", &given))
}

/// Findings of the first three rules, and the same ones in another order.
fn findings() -> impl Strategy<Value = (Vec<Given>, Vec<Given>)> {
    let verdicts = proptest::sample::select(Verdict::ALL.to_vec());
    proptest::collection::btree_map(
        (0..3_usize, 0..6_u8),
        (verdicts, "\\PC{0,12}|[\\x00-\\x1f<|`]{0,6}"),
        0..14,
    )
    .prop_flat_map(|found: BTreeMap<(usize, u8), (Verdict, String)>| {
        let given: Vec<Given> = found
            .into_iter()
            .map(|((rule, account), (verdict, message))| (rule, account, verdict, message))
            .collect();
        (Just(given.clone()), Just(given).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn order_time_and_unrelated_facts_change_nothing((given, mut shuffled) in findings(), others in 0..9_u8) {
        let old = SavedReport::of(&report("2026-11-20T10:00:00Z", &given));
        shuffled.extend((0..others).map(|account| (3, account, Verdict::Pass, String::new())));
        let new = SavedReport::of(&report("2027-01-01T00:00:00Z", &shuffled));
        for fingerprint in old.findings.keys() {
            prop_assert!(new.findings.contains_key(fingerprint));
        }
        let diff = Diff::of(&old, &new);
        let open = given.iter().filter(|(_, _, verdict, _)| matches!(verdict, Verdict::Fail | Verdict::Unknown)).count();
        prop_assert_eq!(diff.unchanged, open);
        prop_assert!(diff.lists().iter().all(|(_, _, list)| list.is_empty()));
        let baseline = |saved| serde_json::to_string(&BaselineDto::of(saved)).unwrap();
        prop_assert_eq!(baseline(&old), baseline(&new));
    }

    #[test]
    fn a_report_in_json_is_read_back_as_it_was((given, _) in findings()) {
        let report = report("2026-11-20T10:00:00Z", &given);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let mut out = Vec::new();
        json::render(&report, &mut out).unwrap();
        std::fs::write(&path, out).unwrap();
        prop_assert!(!crate::saved_report::is_snapshot(&path).unwrap());
        prop_assert_eq!(crate::saved_report::read(&path).unwrap(), SavedReport::of(&report));
    }
}

fn told(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{} {}", change.subject.id, change.verdicts())).collect()
}

#[test]
fn each_change_is_in_one_list() {
    use Verdict::{Fail, NotApplicable, Pass, Unknown};
    let old = saved(&[
        (0, 0, Fail, "a"),
        (0, 1, Fail, "a"),
        (0, 2, Fail, "a"),
        (0, 3, Unknown, "a"),
        (0, 4, Unknown, "a"),
        (0, 5, Pass, ""),
        (0, 6, NotApplicable, ""),
        (0, 7, Fail, "a"),
    ]);
    let new = saved(&[
        (0, 0, Fail, "a"),
        (0, 1, Fail, "b"),
        (0, 2, Unknown, "a"),
        (0, 3, Fail, "a"),
        (0, 4, Pass, ""),
        (0, 5, Unknown, "a"),
        (0, 6, Fail, "a"),
        (0, 8, Fail, "a"),
    ]);
    let diff = Diff::of(&old, &new);
    assert_eq!(
        told(&diff.appeared),
        ["trail-3 unknown → fail", "trail-6 not_applicable → fail", "trail-8 none → fail"]
    );
    assert_eq!(told(&diff.newly_unknown), ["trail-2 fail → unknown", "trail-5 pass → unknown"]);
    assert_eq!(told(&diff.changed), ["trail-1 fail: message"]);
    assert_eq!(told(&diff.gone), ["trail-4 unknown → pass", "trail-7 fail → none"]);
    assert_eq!(diff.unchanged, 1);
    assert_eq!(diff.changed[0].message_before.as_deref(), Some("a"));
}

#[test]
fn what_a_rule_found_that_ran_once_neither_appeared_nor_went() {
    let given = (0, 1, Verdict::Fail, "a".to_owned());
    let one = SavedReport::of(&report_of("2026-11-20T10:00:00Z", &RULES[..1], vec![finding(&given)]));
    let mut other = finding(&given);
    other.rule = 0;
    let two = SavedReport::of(&report_of("2026-11-20T10:00:00Z", &RULES[1..2], vec![other]));
    let diff = Diff::of(&one, &two);
    assert!(diff.lists().iter().all(|(_, _, list)| list.is_empty()));
    assert_eq!(diff.not_compared.iter().map(|rule| &**rule).collect::<Vec<_>>(), ["bucket-kms", "trail-kms"]);
}

/// What stands for the trails of an account that could not be listed, or for those of a region of it.
fn unlisted(account: u8, region: Option<&str>) -> Finding {
    let mut finding = finding(&(2, account, Verdict::Unknown, "could not be listed".to_owned()));
    finding.subject = std::sync::Arc::new(Subject {
        id: "*".into(),
        region: region.map(Into::into),
        name: None,
        ..(*finding.subject).clone()
    });
    finding
}

#[test]
fn what_could_not_be_listed_is_not_gone_and_has_not_appeared() {
    let old = saved(&[(2, 1, Verdict::Fail, "a"), (2, 2, Verdict::Fail, "a"), (1, 1, Verdict::Fail, "a")]);
    for region in [None, Some("eu-central-1")] {
        let new = SavedReport::of(&report_of("2026-11-21T10:00:00Z", &RULES, vec![unlisted(1, region)]));
        let diff = Diff::of(&old, &new);
        assert_eq!(told(&diff.no_longer_looked_at), ["trail-1 fail → none"], "of the rule and the account");
        assert_eq!(told(&diff.gone), ["trail-1 fail → none", "trail-2 fail → none"]);
        assert_eq!(told(&diff.newly_unknown), ["* none → unknown"]);
        let back = Diff::of(&new, &old);
        assert_eq!(told(&back.looked_at_first), ["trail-1 none → fail"]);
        assert_eq!(told(&back.gone), ["* unknown → none"]);
    }
    let elsewhere =
        SavedReport::of(&report_of("2026-11-21T10:00:00Z", &RULES, vec![unlisted(1, Some("eu-west-1"))]));
    assert_eq!(Diff::of(&old, &elsewhere).gone.len(), 3, "another region says nothing");
}

#[test]
fn a_bucket_whose_owner_is_not_known_any_more_is_not_gone() {
    let bucket = |verdict, account: Option<&str>| {
        let mut finding = finding(&(0, 1, verdict, "a".to_owned()));
        finding.subject = std::sync::Arc::new(Subject {
            kind: SubjectKind::Bucket,
            account_id: account.map(Into::into),
            region: None,
            ..(*finding.subject).clone()
        });
        SavedReport::of(&report_of("2026-11-21T10:00:00Z", &RULES, vec![finding]))
    };
    let diff = Diff::of(&bucket(Verdict::Fail, Some("000000000001")), &bucket(Verdict::Unknown, None));
    assert_eq!((diff.gone.len(), diff.no_longer_looked_at.len(), diff.newly_unknown.len()), (0, 1, 1));
}

#[test]
fn runs_are_named_and_the_wrong_order_is_said() {
    let (early, late) = (report("2026-11-20T10:00:00Z", &[]), report("2026-11-21T10:00:00Z", &[]));
    let (early, late) = (SavedReport::of(&early), SavedReport::of(&late));
    assert!(!Diff::of(&early, &late).runs.backwards && !Diff::of(&early, &early).runs.backwards);
    let backwards = Diff::of(&late, &early);
    assert!(backwards.runs.backwards);
    for format in [DiffFormat::Table, DiffFormat::Markdown] {
        let mut out = Vec::new();
        backwards.render(format, Layout { width: 100, color: false }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("The run given first is the later one"), "{text}");
    }
}

#[test]
fn only_what_appeared_and_what_is_newly_unknown_counts() {
    use Verdict::{Fail, Pass, Unknown};
    let gate = Gate { fail_on: Some(Severity::High), allow_incomplete: false };
    let exit = |old: &[(usize, u8, Verdict, &str)], new: &[(usize, u8, Verdict, &str)]| {
        Diff::of(&saved(old), &saved(new)).judge(gate)
    };
    assert_eq!(exit(&[], &[(0, 1, Fail, "a")]), Exit::Failures);
    assert_eq!(exit(&[(0, 1, Unknown, "a")], &[(0, 1, Fail, "a")]), Exit::Failures);
    assert_eq!(exit(&[], &[(3, 1, Fail, "a")]), Exit::Complete, "milder than the threshold");
    assert_eq!(exit(&[(0, 1, Fail, "a")], &[(0, 1, Unknown, "a")]), Exit::Incomplete);
    assert_eq!(exit(&[(0, 1, Unknown, "a")], &[(0, 1, Unknown, "b")]), Exit::Complete);
    assert_eq!(exit(&[(0, 1, Fail, "a")], &[(0, 1, Pass, "")]), Exit::Complete);
    let mut waived = finding(&(0, 1, Fail, "a".to_owned()));
    waived.waiver = Some(Arc::new(Waiver {
        id: "W-1".to_owned(),
        reason: "r".to_owned(),
        owner: "o".to_owned(),
        expires: "2027-01-01".parse().unwrap(),
        ticket: None,
    }));
    let waived = SavedReport::of(&report_of("2026-11-20T10:00:00Z", &RULES, vec![waived]));
    assert_eq!(Diff::of(&saved(&[]), &waived).judge(gate), Exit::Complete);
    assert_eq!(told(&Diff::of(&saved(&[(0, 1, Fail, "a")]), &waived).changed), ["trail-1 fail: waiver"]);
}
