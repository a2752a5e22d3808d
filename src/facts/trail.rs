//! A trail's facts. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{AccountFacts, Facts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, Trail};

facts! {
    /// A CloudTrail trail, seen by the account that owns it.
    pub struct TrailFacts as "trail" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// The region in which it was made.
        home_region: String,
    }
}

/// The trails that an account owns. Shadows are the owner's subjects.
pub(super) fn subjects(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
) -> Vec<SubjectFacts> {
    match record.trails.list() {
        Ok(trails) => trails.iter().map(|trail| subject(facts, record, account, trail)).collect(),
        Err(gaps) => vec![account::unlisted(SubjectKind::Trail, &record.id, None, gaps)],
    }
}

fn subject(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    trail: &Trail,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Trail,
            account_id: Some(Arc::from(record.id.as_str())),
            region: Some(Arc::from(trail.home_region.as_str())),
            id: Arc::from(trail.arn.as_str()),
            arn: Some(Arc::from(trail.arn.as_str())),
            name: Some(Arc::from(trail.name.as_str())),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("trail", Arc::new(derive(facts, trail))),
        ],
        unlisted: None,
    }
}

fn derive(_facts: &Facts, trail: &Trail) -> TrailFacts {
    TrailFacts { name: trail.name.clone(), arn: trail.arn.clone(), home_region: trail.home_region.clone() }
}
