//! The facts of service control and resource control policies as such: who carries them. See [`super`].

use std::sync::Arc;

use super::view::{Derived, facts};
use super::{Facts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{Gaps, Observed, Policy};

facts! {
    /// A service control or resource control policy.
    pub struct PolicyFacts as "policy" {
        /// Its name.
        name: String,
        /// `service control policy` or `resource control policy`.
        kind: String,
        /// AWS's own, which nobody can change.
        aws_managed: bool,
        /// Roots, units and accounts that it is attached to.
        target_count: Derived<i64>,
    }
}

pub(super) fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let organization = match &facts.index.header.organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return Vec::new(),
        Observed::Unavailable(gap) => {
            return vec![account::unlisted(SubjectKind::Policy, None, None, gap.clone().into())];
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
        ("service control policy", &organization.service_control_policies),
        ("resource control policy", &organization.resource_control_policies),
    ];
    for (kind, policies) in kinds {
        match policies.list() {
            Ok(policies) => subjects.extend(policies.iter().map(|policy| SubjectFacts {
                subject: subject(&policy.id, Some(&policy.arn), Some(&policy.name)),
                variables: vec![
                    ("organization", facts.organization.clone()),
                    ("policy", Arc::new(derive(kind, policy))),
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

fn derive(kind: &str, policy: &Policy) -> PolicyFacts {
    PolicyFacts {
        name: policy.name.clone(),
        kind: kind.to_owned(),
        aws_managed: policy.aws_managed,
        target_count: policy.targets.list().map(|targets| i64::try_from(targets.len()).unwrap_or(i64::MAX)),
    }
}
