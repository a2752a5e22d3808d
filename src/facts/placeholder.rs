//! Subjects that stand for those that could not be listed: every rule about them is Unknown. See [`super`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::derived::join;
use super::{ANY_ID, Index, Subject, SubjectFacts, SubjectKind};
use crate::model::Gaps;

/// Stands for subjects of an account, or of one of its regions, that could not be listed.
pub(super) fn unlisted(
    kind: SubjectKind,
    account_id: Option<&str>,
    region: Option<&str>,
    gaps: Gaps,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind,
            account_id: account_id.map(Arc::from),
            region: region.map(Arc::from),
            id: Arc::from(ANY_ID),
            arn: None,
            name: None,
        }),
        variables: Vec::new(),
        unlisted: Some(gaps),
    }
}

/// Stands for subjects of a kind that some answers would have named, by the account that refused them; without an account,
/// for those of accounts that nobody could list.
pub(super) fn unnamed(
    index: &Index,
    kind: SubjectKind,
    by_account: &BTreeMap<String, Gaps>,
    more: Option<Gaps>,
) -> Vec<SubjectFacts> {
    let mut anywhere = accounts_unlisted(index);
    if let Some(more) = more {
        join(&mut anywhere, &more);
    }
    let mut subjects: Vec<SubjectFacts> =
        by_account.iter().map(|(account, gaps)| unlisted(kind, Some(account), None, gaps.clone())).collect();
    subjects.extend(anywhere.map(|gaps| unlisted(kind, None, None, gaps)));
    subjects
}

/// What keeps the organization's accounts from being known: some may never have been asked.
pub(super) fn accounts_unlisted(index: &Index) -> Option<Gaps> {
    match index.header.organization.get() {
        Ok(Some(organization)) => organization.accounts.get().err(),
        Ok(None) => None,
        Err(gaps) => Some(gaps),
    }
}
