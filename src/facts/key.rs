//! The facts of a key that encrypts logs. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{Facts, SubjectFacts, account};
use crate::finding::{Subject, SubjectKind};
use crate::model::{Key, StoresRecord};

facts! {
    /// A KMS key that encrypts logs.
    pub struct KeyFacts as "key" {
        /// Its ARN.
        arn: String,
    }
}

pub(super) fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive_by_id(facts, &record.account_id));
    record
        .keys
        .iter()
        .map(|key| SubjectFacts {
            subject: Arc::new(Subject {
                kind: SubjectKind::Key,
                account_id: Some(Arc::from(key.account_id.as_str())),
                region: Some(Arc::from(key.region.as_str())),
                id: Arc::from(key.arn.as_str()),
                arn: Some(Arc::from(key.arn.as_str())),
                name: None,
            }),
            variables: vec![
                ("organization", facts.organization.clone()),
                ("account", account.clone()),
                ("key", Arc::new(derive(key))),
            ],
            unlisted: None,
        })
        .collect()
}

/// Keys that logs are encrypted with, of which no scanned account could be asked.
pub(super) fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let _ = facts;
    Vec::new()
}

fn derive(key: &Key) -> KeyFacts {
    KeyFacts { arn: key.arn.clone() }
}
