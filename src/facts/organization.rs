//! The organization's facts. See [`super`].

use std::sync::Arc;

use super::view::{Derived, facts};
use super::{Facts, Index, SubjectFacts};
use crate::finding::{Subject, SubjectKind};
use crate::model::{Gaps, Observed, Organization};

facts! {
    /// The organization.
    pub struct OrganizationFacts as "organization" {
        /// Its identity; null for an account that is in none.
        id: Derived<Option<String>>,
        /// All features are on, not consolidated billing alone.
        all_features: Derived<Option<bool>>,
    }
}

pub(super) fn derive(index: &Index) -> OrganizationFacts {
    let known = |organization: &Organization| organization.id.clone();
    OrganizationFacts {
        id: index.header.organization.get().map(|organization| organization.map(known)),
        all_features: index
            .header
            .organization
            .get()
            .map(|organization| organization.map(|it| it.all_features)),
    }
}

/// The organization as a subject. An account that is in none has no such subject.
pub(super) fn subjects(facts: &Facts) -> Vec<SubjectFacts> {
    let (id, account_id, unlisted): (&str, Option<&str>, Option<Gaps>) =
        match &facts.index.header.organization {
            Observed::Known(organization) => {
                (&organization.id, Some(&organization.management_account_id), None)
            }
            Observed::Absent => return Vec::new(),
            Observed::Unavailable(gap) => ("*", None, Some(gap.clone().into())),
        };
    let subject = Arc::new(Subject {
        kind: SubjectKind::Organization,
        account_id: account_id.map(Arc::from),
        region: None,
        id: Arc::from(id),
        arn: None,
        name: None,
    });
    vec![SubjectFacts { subject, variables: vec![("organization", facts.organization.clone())], unlisted }]
}
