//! What an owner's record of stores tells of by its ARN, as subjects. See [`super`]; [`super::in_region`] has what regions list.

use std::sync::Arc;

use super::view::View;
use super::{Facts, Index, Subject, SubjectFacts, SubjectKind, account, unrecorded};
use crate::model::StoresRecord;

/// The subjects of one kind: each by its ARN, with its facts.
pub(super) fn subjects<'a>(
    facts: &Facts,
    record: &StoresRecord,
    kind: SubjectKind,
    things: impl Iterator<Item = (&'a str, Arc<dyn View>)>,
) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive_by_id(facts, &record.account_id));
    let subject = |(arn, own): (&str, Arc<dyn View>)| SubjectFacts {
        subject: subject(kind, arn, Some(&record.account_id)),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            (kind.variable(), own),
        ],
        unlisted: None,
    };
    things.map(subject).collect()
}

/// Those that somebody names and no record tells of: every rule about them is Unknown.
pub(super) fn missing<'a>(
    index: &Index,
    kind: SubjectKind,
    references: impl Iterator<Item = &'a str>,
) -> Vec<SubjectFacts> {
    let missing = |reference| SubjectFacts {
        subject: subject(kind, reference, unrecorded::location(reference).0),
        variables: Vec::new(),
        unlisted: Some(unrecorded::why(index, reference)),
    };
    references.map(missing).collect()
}

fn subject(kind: SubjectKind, reference: &str, account_id: Option<&str>) -> Arc<Subject> {
    Arc::new(Subject {
        kind,
        account_id: account_id.map(Arc::from),
        region: unrecorded::location(reference).1.map(Arc::from),
        id: Arc::from(reference),
        arn: reference.starts_with("arn:").then(|| Arc::from(reference)),
        name: None,
    })
}

/// The name at the end of an ARN.
pub(super) fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
