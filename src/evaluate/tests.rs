//! From a snapshot to findings.

mod alike;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{CheckError, Evaluation, check};
use crate::finding::{Finding, Verdict};
use crate::model::{
    AccountRecord, AccountSummary, Expectations, Gap, GapPlace, GapReason, Observed, Organization, Scope,
    Trail,
};
use crate::rules::tests::rules_of;
use crate::snapshot::{End, FORMAT_VERSION, Header, Record, Source};

fn denied(account: &str, service: &str, operation: &str) -> Gap {
    let place = GapPlace { account_id: Some(account), region: None, service, operation, resource: None };
    Gap::new(place, GapReason::AccessDenied, "AccessDenied")
}

fn organization() -> Organization {
    let account = |id: &str, status: &str| AccountSummary {
        id: id.to_owned(),
        name: id.to_owned(),
        status: status.to_owned(),
        parent_id: Observed::Known("r-1".to_owned()),
        joined_at: Observed::Absent,
        ..AccountSummary::default()
    };
    Organization {
        id: "o-1".to_owned(),
        management_account_id: "111111111111".to_owned(),
        all_features: Observed::Known(true),
        roots: Observed::Absent,
        organizational_units: Observed::Absent,
        accounts: Observed::Known(vec![
            account("111111111111", "ACTIVE"),
            account("222222222222", "ACTIVE"),
            account("333333333333", "SUSPENDED"),
        ]),
        service_control_policies: Observed::Absent,
        resource_control_policies: Observed::Absent,
        trusted_services: Observed::Absent,
        delegated_administrators: Observed::Absent,
        centralization_rules: Observed::Absent,
        ..Organization::default()
    }
}

fn trail(account: &str, region: &str, name: &str) -> Trail {
    Trail {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
        home_region: region.to_owned(),
        settings: Observed::Absent,
        status: Observed::Absent,
        event_selectors: Observed::Absent,
        insight_types: Observed::Absent,
        log_group_role: Observed::Absent,
        ..Trail::default()
    }
}

fn record(id: &str, trails: Vec<Trail>) -> AccountRecord {
    let mut record = AccountRecord::unavailable(id.to_owned(), None, denied(id, "iam", "Unused"));
    record.gaps.clear();
    record.enabled_regions = Observed::Known(Vec::new());
    record.trails = Observed::Known(trails);
    record.shadow_trails = Observed::Absent;
    record.buckets = Observed::Absent;
    record
}

fn source(organization: Observed<Organization>, records: Vec<AccountRecord>) -> Source {
    let mut lines = vec![Record::Header(Box::new(Header {
        format_version: FORMAT_VERSION,
        tool_version: "0.1.0".to_owned(),
        taken_at: DateTime::<Utc>::UNIX_EPOCH,
        partition: "aws".to_owned(),
        caller_account_id: "111111111111".to_owned(),
        organization,
        accounts: records.iter().map(|record| record.id.clone()).collect(),
        scope: Observed::Known(Scope::default()),
        ..Header::default()
    }))];
    let accounts = records.len();
    lines.extend(records.into_iter().map(|record| Record::Account(Box::new(record))));
    lines.push(Record::End(End { accounts, stores: None, calls: 0 }));
    Source::Records(Arc::new(lines))
}

const HOME: &str = r#"
id = "test-home"
title = "The trail is at home"
severity = "medium"
subject = "trail"
since = "0.1.0"
when = "trail.name != 'elsewhere'"
pass = "trail.home_region.startsWith('eu-') && organization.id == 'o-1'"
message = "{trail.name} is in {trail.home_region}"
rationale = "Somebody must be at home."
references = []
remediation = { text = "Make it anew." }
"#;

fn evaluate(source: &Source, rules: &[(&str, &str, &str)]) -> Evaluation {
    check(source, Expectations::default(), &rules_of(rules)).unwrap()
}

fn of(evaluation: &Evaluation, name: &str) -> Finding {
    let named = |finding: &Finding| finding.subject.name.as_deref() == Some(name);
    evaluation.findings.iter().find(named).unwrap()
}

fn evidence(finding: &Finding) -> Vec<(&str, Option<serde_json::Value>)> {
    finding.evidence.iter().map(|one| (&*one.path, one.value.clone())).collect()
}

#[test]
fn each_verdict_says_what_it_rests_on() {
    let long = "x".repeat(300);
    let trails = vec![
        trail("111111111111", "eu-west-1", "main"),
        trail("111111111111", "us-east-1", "abroad"),
        trail("111111111111", "us-east-1", "elsewhere"),
        trail("111111111111", "eu-west-1", &long),
    ];
    let records = vec![record("111111111111", trails)];
    let found =
        evaluate(&source(Observed::Known(organization()), records.clone()), &[("test", "home", HOME)]);
    assert_eq!(found.findings.len(), 4);

    let pass = of(&found, "main");
    assert_eq!((pass.verdict, &pass.message), (Verdict::Pass, &None));
    let expected = [
        ("trail.name", Some(json!("main"))),
        ("trail.home_region", Some(json!("eu-west-1"))),
        ("organization.id", Some(json!("o-1"))),
    ];
    assert_eq!(evidence(&pass), expected);
    let fail = of(&found, "abroad");
    assert_eq!((fail.verdict, fail.message.as_deref()), (Verdict::Fail, Some("abroad is in us-east-1")));
    let away = of(&found, "elsewhere");
    assert_eq!((away.verdict, &away.message), (Verdict::NotApplicable, &None));
    let cut = of(&found, &long).evidence[0].value.clone().unwrap();
    assert_eq!(cut.as_str().unwrap().chars().count(), 257);

    let unseen = denied("111111111111", "organizations", "DescribeOrganization");
    let found =
        evaluate(&source(Observed::Unavailable(unseen.id.clone()), records), &[("test", "home", HOME)]);
    let unknown = of(&found, "main");
    assert_eq!(unknown.verdict, Verdict::Unknown);
    assert_eq!(*unknown.gaps, [unseen.id]);
    let said = "cannot be decided: The trail is at home (organization.id could not be read)";
    assert_eq!(unknown.message.as_deref(), Some(said));
    assert_eq!(evidence(&unknown)[2], ("organization.id", None));
    assert_eq!(of(&found, "abroad").verdict, Verdict::Fail, "the region alone decides");
}

#[test]
fn what_could_not_be_listed_is_unknown_by_every_rule_about_it() {
    let gap = denied("222222222222", "cloudtrail", "ListTrails");
    let mut unlisted = record("222222222222", Vec::new());
    unlisted.trails = Observed::Unavailable(gap.id.clone());
    unlisted.gaps.push(gap.clone());
    let second = HOME.replace("test-home", "test-second");
    let texts = [("test", "home", HOME), ("test", "second", second.as_str())];
    let found = evaluate(&source(Observed::Known(organization()), vec![unlisted]), &texts);
    assert_eq!(found.findings.len(), 2);
    for finding in found.findings.iter() {
        assert_eq!((finding.verdict, &*finding.subject.id), (Verdict::Unknown, "*"));
        assert_eq!(*finding.gaps, *std::slice::from_ref(&gap.id));
        assert_eq!(
            finding.message.as_deref(),
            Some("cannot be decided: The trail is at home (the trails of the account could not be listed)")
        );
    }
    assert!(found.gaps.contains(&gap));
    let coverage = &found.coverage;
    assert_eq!((coverage.accounts_in_organization, coverage.accounts_suspended), (Some(3), Some(1)));
    assert_eq!((coverage.accounts_in_scope, coverage.accounts_read), (1, 1));
}

#[test]
fn an_account_in_scope_without_a_record_is_unknown() {
    let whole = source(Observed::Known(organization()), vec![record("111111111111", Vec::new())]);
    let Source::Records(lines) = &whole else { unreachable!() };
    let mut lines = lines.to_vec();
    if let Record::Header(header) = &mut lines[0] {
        header.accounts.push("222222222222".to_owned());
    }
    let found = evaluate(&Source::Records(Arc::new(lines)), &[("test", "home", HOME)]);
    assert_eq!(found.findings.len(), 1);
    let finding = found.findings.get(0).unwrap();
    assert_eq!(finding.verdict, Verdict::Unknown);
    assert_eq!(finding.subject.account_id.as_deref(), Some("222222222222"));
    let gap = found.gaps.iter().find(|gap| gap.id == finding.gaps[0]).unwrap();
    assert_eq!(gap.reason, GapReason::NotCollected);
    assert_eq!((found.coverage.accounts_in_scope, found.coverage.accounts_read), (2, 1));
}

#[test]
fn findings_are_in_the_same_order_whatever_the_order_of_records() {
    let accounts: Vec<String> = (0..200).map(|number| format!("{number:012}")).collect();
    let mut records: Vec<AccountRecord> = accounts
        .iter()
        .map(|id| {
            let regions = ["us-east-1", "eu-west-1", "eu-north-1"];
            record(id, regions.iter().map(|region| trail(id, region, region)).collect())
        })
        .collect();
    let second = HOME.replace("test-home", "test-second");
    let texts = [("test", "home", HOME), ("test", "second", second.as_str())];
    let one = evaluate(&source(Observed::Known(organization()), records.clone()), &texts);
    records.reverse();
    let other = evaluate(&source(Observed::Known(organization()), records), &texts);
    assert_eq!(one.findings.len(), 1200);
    let one: Vec<Finding> = one.findings.iter().collect();
    assert_eq!(one, other.findings.iter().collect::<Vec<_>>());
    assert!(one.is_sorted_by(|a, b| (a.rule, &a.subject) < (b.rule, &b.subject)));
}

#[test]
fn a_rule_that_cannot_be_evaluated_ends_the_check() {
    let wrong = r#"
id = "test-wrong"
title = "Many targets"
severity = "low"
subject = "trail"
since = "0.1.0"
pass = "trail.name.size() * parameters.factor > 0"
message = "{trail.name}"
rationale = "None."
references = []
remediation = { text = "None." }
parameters.factor = { default = 9223372036854775807, doc = "Too large." }
"#;
    let records = ["222222222222", "111111111111"]
        .map(|id| record(id, vec![trail(id, "eu-west-1", "main"), trail(id, "eu-west-1", "other")]));
    let source = source(Observed::Known(organization()), records.to_vec());
    let rules = rules_of(&[("test", "wrong", wrong)]);
    let error = check(&source, Expectations::default(), &rules).unwrap_err();
    let CheckError::Evaluate(error) = error else { panic!("{error}") };
    assert_eq!(error.rule_id, "test-wrong");
    assert_eq!(error.subject_id, "arn:aws:cloudtrail:eu-west-1:111111111111:trail/main");
    let drawn = error.to_string();
    assert!(drawn.contains("Overflow") && drawn.contains("pass = \"trail.name.size()"), "{drawn}");
}

#[test]
fn what_a_policy_leaves_open_is_a_gap_only_where_a_finding_depends_on_it() {
    use super::drop_needless;
    let open = |account: &str| {
        let place = GapPlace { service: "s3", operation: "GetBucketPolicy", ..GapPlace::default() };
        Gap::new(GapPlace { account_id: Some(account), ..place }, GapReason::Undecided, "perhaps")
    };
    let (needed, needless) = (open("111111111111"), open("222222222222"));
    let unasked = denied("222222222222", "s3", "ListBuckets");
    let records = vec![record("111111111111", vec![trail("111111111111", "eu-west-1", "main")])];
    let mut found =
        evaluate(&source(Observed::Known(organization()), records), &[("test", "home", HOME)]).findings;
    found = found
        .iter()
        .map(|it| Finding { gaps: [needed.id.clone()].into(), verdict: Verdict::Unknown, ..it })
        .collect();
    let mut gaps = vec![needed.clone(), needless, unasked.clone()];
    drop_needless(&mut gaps, &found);
    assert_eq!(gaps, [needed, unasked]);
}
