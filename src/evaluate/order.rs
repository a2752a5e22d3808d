//! Findings by rule, then by subject. Those of one subject come together, in the order of rules: so subjects are sorted, of
//! which there are few beside findings, and each finding's place follows by counting. See [`super`].

use std::sync::Arc;

use rayon::prelude::*;

use crate::finding::{Finding, Subject};

/// Sorts them in their place, whatever their order was.
pub(super) fn by_rule_and_subject(findings: &mut [Finding]) {
    let mut places = places(findings);
    // Each swap brings one finding to its place.
    for here in 0..findings.len() {
        while let Some(&there) = places.get(here)
            && there != here
        {
            findings.swap(here, there);
            places.swap(here, there);
        }
    }
}

/// Where each of them goes.
fn places(findings: &[Finding]) -> Vec<usize> {
    let mut groups: Vec<(Arc<Subject>, usize, usize)> = Vec::new();
    let mut before = 0;
    for group in findings.chunk_by(|one, other| Arc::ptr_eq(&one.subject, &other.subject)) {
        if let Some(first) = group.first() {
            groups.push((Arc::clone(&first.subject), before, before + group.len()));
        }
        before += group.len();
    }
    // Two of one subject stay in their order.
    groups.par_sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut next = starts(findings);
    let mut places = vec![0; findings.len()];
    for (_, from, to) in groups {
        let of_group = findings.get(from..to).into_iter().flatten();
        for (place, finding) in places.iter_mut().skip(from).zip(of_group) {
            if let Some(next) = next.get_mut(finding.rule as usize) {
                *place = *next;
                *next += 1;
            }
        }
    }
    places
}

/// Where the findings of each rule begin.
fn starts(findings: &[Finding]) -> Vec<usize> {
    let rules = findings.iter().map(|finding| finding.rule as usize + 1).max().unwrap_or_default();
    let mut counts = vec![0; rules];
    for finding in findings {
        if let Some(count) = counts.get_mut(finding.rule as usize) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut counts {
        let begin = sum;
        sum += *count;
        *count = begin;
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{SubjectKind, Verdict};

    fn of_subject(id: &str, rules: &[u32]) -> Vec<Finding> {
        let subject = Arc::new(Subject {
            kind: SubjectKind::Trail,
            account_id: None,
            region: None,
            id: Arc::from(id),
            arn: None,
            name: None,
        });
        let finding = |rule: &u32| Finding {
            rule: *rule,
            subject: Arc::clone(&subject),
            verdict: Verdict::Pass,
            message: None,
            evidence: Arc::from([]),
            gaps: Box::from([]),
            waiver: None,
        };
        rules.iter().map(finding).collect()
    }

    proptest! {
        #[test]
        fn they_are_as_a_plain_sort_would_have_them(
            subjects in prop::collection::vec(("[a-d]{0,2}", prop::collection::vec(0..6_u32, 0..5)), 0..12)
        ) {
            let mut findings: Vec<Finding> =
                subjects.iter().flat_map(|(id, rules)| of_subject(id, rules)).collect();
            let mut expected = findings.clone();
            expected.sort_by(|one, other| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)));
            by_rule_and_subject(&mut findings);
            prop_assert_eq!(findings, expected);
        }
    }
}
