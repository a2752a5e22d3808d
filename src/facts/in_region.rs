//! What is listed in one region of an account, as subjects. See [`super`].

use std::sync::Arc;

use super::view::View;
use super::{AccountFacts, Facts, Subject, SubjectFacts, SubjectKind, placeholder};
use crate::model::{AccountRecord, Observed, RegionRecord};

/// A region of an account, for the things that are listed in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct InRegion<'a> {
    pub(super) facts: &'a Facts,
    pub(super) record: &'a AccountRecord,
    pub(super) account: &'a Arc<AccountFacts>,
    pub(super) region: &'a RegionRecord,
    pub(super) view: &'a Arc<dyn View>,
}

/// One of these things.
#[derive(Debug)]
pub(super) struct Thing<'a> {
    pub(super) name: &'a str,
    pub(super) arn: &'a str,
    pub(super) facts: Arc<dyn View>,
}

impl InRegion<'_> {
    /// The subjects of one kind, or what stands for those that could not be listed.
    pub(super) fn subjects<T>(
        &self,
        kind: SubjectKind,
        list: &Observed<Vec<T>>,
        listed: impl Fn(&T) -> Thing<'_>,
    ) -> Vec<SubjectFacts> {
        let Self { facts, record, account, region, view } = *self;
        let subject = |thing: &T| {
            let Thing { name, arn, facts: own } = listed(thing);
            SubjectFacts {
                subject: Arc::new(Subject {
                    kind,
                    account_id: Some(Arc::from(record.id.as_str())),
                    region: Some(Arc::from(region.name.as_str())),
                    id: Arc::from(name),
                    arn: Some(Arc::from(arn)),
                    name: Some(Arc::from(name)),
                }),
                variables: vec![
                    ("organization", facts.organization.clone()),
                    ("account", account.clone()),
                    ("region", Arc::clone(view)),
                    (kind.variable(), own),
                ],
                unlisted: None,
            }
        };
        match list.list() {
            Ok(things) => things.iter().map(subject).collect(),
            Err(gaps) => vec![placeholder::unlisted(kind, Some(&record.id), Some(&region.name), gaps)],
        }
    }
}
