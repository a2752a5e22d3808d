//! The facts of service control and resource control policies as such: who carries them. See [`super`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::kind::{Kind, Listed};
use super::view::{Derived, facts};
use super::{Facts, Subject, SubjectFacts, SubjectKind, noted_gaps, placeholder};
use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed, Policy};
use crate::policy::{Bound, Document, PolicyKind, Truth};

/// The kinds of policies that rules are about.
const POLICY_KINDS: &[&str] = &["service control policy", "resource control policy"];

facts! {
    /// A service control or resource control policy.
    pub struct PolicyFacts as "policy" {
        /// Its name.
        name: String,
        /// `service control policy` or `resource control policy`.
        kind: String = POLICY_KINDS,
        /// AWS's own, which nobody can change.
        aws_managed: bool,
        /// Roots, units and accounts that it is attached to.
        target_count: Derived<i64>,
        /// Its Deny statements that can never match, and why.
        statements_without_effect: Derived<Vec<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "policy",
    variable: "policy",
    unlisted: "the policies of the organization",
    service: "organizations",
    ocsf: "AWS::Organizations::Policy",
    asff: "Other",
    schema: PolicyFacts::schema,
    more: &[],
    listed: Listed::Organization(subjects),
    missing: None,
    undecided: Some(undecided_gaps),
};

fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let organization = match &facts.index.header.organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return Vec::new(),
        Observed::Unavailable(gap) => {
            return vec![placeholder::unlisted(SubjectKind::Policy, None, None, gap.clone().into())];
        }
    };
    let management: Arc<str> = Arc::from(organization.management_account_id.as_str());
    let subject = |id: &str, arn: Option<&str>, name: Option<&str>| {
        Arc::new(Subject {
            kind: SubjectKind::Policy,
            account_id: Some(management.clone()),
            region: None,
            id: Arc::from(id),
            arn: arn.map(Arc::from),
            name: name.map(Arc::from),
        })
    };
    let mut subjects = Vec::new();
    let mut unlisted: Option<Gaps> = None;
    let kinds = [
        ("service control policy", PolicyKind::ServiceControl, &organization.service_control_policies),
        ("resource control policy", PolicyKind::ResourceControl, &organization.resource_control_policies),
    ];
    for (name, kind, policies) in kinds {
        match policies.list() {
            Ok(policies) => subjects.extend(policies.iter().map(|policy| SubjectFacts {
                subject: subject(&policy.id, Some(&policy.arn), Some(&policy.name)),
                variables: vec![
                    ("organization", facts.organization.clone()),
                    ("policy", Arc::new(derive(facts, (name, kind), policy, &mut Vec::new()))),
                ],
                unlisted: None,
            })),
            Err(gaps) => unlisted = Some(unlisted.map_or(gaps.clone(), |before| before.and(&gaps))),
        }
    }
    if unlisted.is_some() {
        subjects.push(SubjectFacts { subject: subject("*", None, None), variables: Vec::new(), unlisted });
    }
    subjects
}

fn derive(
    facts: &Facts,
    (name, kind): (&str, PolicyKind),
    policy: &Policy,
    gaps: &mut Vec<Gap>,
) -> PolicyFacts {
    PolicyFacts {
        name: policy.name.clone(),
        kind: name.to_owned(),
        aws_managed: policy.aws_managed,
        target_count: policy.targets.list().map(|targets| i64::try_from(targets.len()).unwrap_or(i64::MAX)),
        statements_without_effect: match facts.guardrails.ground().document(kind, &policy.id) {
            Some(Ok(document)) => without_effect(facts, document, kind, policy, gaps),
            Some(Err(gaps)) => Err(gaps.clone()),
            None => Ok(Vec::new()),
        },
    }
}

/// The statements that certainly have none; unknown where there are only some that may have none.
fn without_effect(
    facts: &Facts,
    document: &Document,
    kind: PolicyKind,
    policy: &Policy,
    gaps: &mut Vec<Gap>,
) -> Derived<Vec<String>> {
    let listed = facts.index.header.organization.get().ok().flatten();
    let listed = listed.and_then(|organization| organization.accounts.list().ok());
    let accounts: Option<BTreeSet<String>> =
        listed.map(|accounts| accounts.iter().map(|account| account.id.clone()).collect());
    let bound = Bound {
        kind,
        organization: facts.guardrails.ground().organization(),
        partition: Some(facts.guardrails.ground().partition()),
        accounts: accounts.as_ref(),
        resource_controlled: facts.guardrails.ground().resource_controlled(),
    };
    let found = document.without_effect(&bound);
    let those = |whole: Truth| -> Vec<String> {
        let those = found.iter().filter(|it| it.whole == whole);
        those
            .map(|it| {
                let reasons: Vec<String> = it.reasons.iter().map(ToString::to_string).collect();
                format!("{}: {}", it.statement, reasons.join("; "))
            })
            .collect()
    };
    let (certain, possible) = (those(Truth::True), those(Truth::Unknown));
    if !certain.is_empty() || possible.is_empty() {
        return Ok(certain);
    }
    let place = GapPlace {
        account_id: facts.guardrails.ground().organization().management_account.as_deref(),
        service: "organizations",
        operation: "DescribePolicy",
        resource: Some(&policy.id),
        ..GapPlace::default()
    };
    Err(noted_gaps::note(gaps, place, GapReason::Undecided, &possible.join("; ")))
}

/// What attached policies leave open.
fn undecided_gaps(facts: &Facts, gaps: &mut Vec<Gap>) {
    let Observed::Known(organization) = &facts.index.header.organization else { return };
    for (kind, policies) in [
        (PolicyKind::ServiceControl, &organization.service_control_policies),
        (PolicyKind::ResourceControl, &organization.resource_control_policies),
    ] {
        for policy in policies.list().unwrap_or_default() {
            if policy.targets.list().is_ok_and(|targets| !targets.is_empty()) {
                derive(facts, ("", kind), policy, gaps);
            }
        }
    }
}
