//! Findings in their order, and as they were taken in.

use proptest::prelude::*;

use super::*;
use crate::facts::{Subject, SubjectKind};

fn subject(kind: SubjectKind, account: u8, id: &str) -> Arc<Subject> {
    Arc::new(Subject {
        kind,
        account_id: Some(Arc::from(format!("{account:012}"))),
        region: None,
        id: Arc::from(id),
        arn: None,
        name: None,
    })
}

/// What a rule says of a subject: anything, told apart by rule and number.
fn said(subject: &Arc<Subject>, rule: u32, number: u8) -> Finding {
    let gap = GapId::new(format!("gap-{number}"));
    let (verdict, message, gaps) = match number % 4 {
        0 => (Verdict::Pass, None, Arc::from([])),
        1 => (Verdict::NotApplicable, None, Arc::from([])),
        2 => (Verdict::Fail, Some(Arc::from(format!("{rule} {number}"))), Arc::from([])),
        _ => (Verdict::Unknown, Some(Arc::from("unknown")), Arc::from([gap])),
    };
    let evidence = Evidence { path: Arc::from("trail.name"), value: Some((number / 4).into()) };
    Finding {
        rule,
        subject: Arc::clone(subject),
        verdict,
        message,
        evidence: [evidence].into(),
        gaps,
        waiver: None,
    }
}

/// Findings about some subjects of two kinds, by subject.
fn about_subjects() -> impl Strategy<Value = Vec<Finding>> {
    let kind = prop::sample::select(vec![SubjectKind::Trail, SubjectKind::Region]);
    let rules = prop::collection::btree_map(0..6_u32, any::<u8>(), 0..5);
    prop::collection::vec((kind, 0..3_u8, "[a-d]{0,2}", rules), 0..12).prop_map(|subjects| {
        let of_subject = |(kind, account, id, rules): (SubjectKind, u8, String, BTreeMap<u32, u8>)| {
            let subject = subject(kind, account, &id);
            // A rule is about one kind.
            let of_kind = move |rule: u32| rule * 2 + u32::from(kind == SubjectKind::Region);
            rules.into_iter().map(move |(rule, number)| said(&subject, of_kind(rule), number))
        };
        subjects.into_iter().flat_map(of_subject).collect()
    })
}

proptest! {
    #[test]
    fn they_are_as_a_plain_sort_would_have_them(findings in about_subjects()) {
        let mut expected = findings.clone();
        expected.sort_by(|one, other| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)));
        let found: Findings = findings.into_iter().collect();
        prop_assert_eq!(found.len(), expected.len());
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected.clone());
        for (place, finding) in (0..).zip(&expected) {
            let at = found.get(place);
            prop_assert_eq!(at.as_ref(), Some(finding));
        }
        prop_assert_eq!(found.get(u32::try_from(expected.len()).unwrap()), None);
        let is_open = |finding: &Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
        let open: Vec<(u32, Finding)> = (0..).zip(expected.iter().cloned()).filter(|(_, it)| is_open(it)).collect();
        prop_assert_eq!(found.open().collect::<Vec<_>>(), open);
        for rule in 0..12 {
            let of_rule: Vec<&Finding> = expected.iter().filter(|it| it.rule == rule).collect();
            let verdicts: Vec<Verdict> = of_rule.iter().map(|it| it.verdict).collect();
            prop_assert_eq!(found.verdicts_of(rule).collect::<Vec<_>>(), verdicts);
            let failures: Vec<Finding> =
                of_rule.into_iter().filter(|it| it.verdict == Verdict::Fail).cloned().collect();
            prop_assert_eq!(found.failures_of(rule).collect::<Vec<_>>(), failures);
        }
    }
}

#[test]
fn a_waiver_lies_over_one_failure_and_the_first_of_two_holds() {
    let waiver = |id: &str| {
        Arc::new(Waiver {
            id: id.to_owned(),
            reason: "a reason".to_owned(),
            owner: "somebody".to_owned(),
            expires: chrono::NaiveDate::default(),
            ticket: None,
        })
    };
    let (one, other) = (subject(SubjectKind::Trail, 1, "a"), subject(SubjectKind::Trail, 2, "a"));
    let mut found: Findings = [said(&other, 0, 2), said(&one, 0, 2)].into_iter().collect();
    found.waive(1, &waiver("first"));
    found.waive(1, &waiver("second"));
    let waivers: Vec<Option<String>> =
        found.iter().map(|it| it.waiver.as_ref().map(|waiver| waiver.id.clone())).collect();
    assert_eq!(waivers, [None, Some("first".to_owned())]);
    assert_eq!(
        found.waivers().map(|(rule, waiver)| (rule, waiver.id.as_str())).collect::<Vec<_>>(),
        [(0, "first")]
    );
    // Taken in once more, it still lies there.
    let again: Findings = found.iter().collect();
    assert_eq!(again.iter().collect::<Vec<_>>(), found.iter().collect::<Vec<_>>());
}
