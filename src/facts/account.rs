//! An account's facts. See [`super`].

use std::sync::Arc;

use super::view::facts;
use super::{Facts, SubjectFacts};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, Gaps};

facts! {
    /// An account.
    pub struct AccountFacts as "account" {
        /// Twelve digits.
        id: String,
        /// Its name in the organization.
        name: Option<String>,
    }
}

pub(super) fn derive(_facts: &Facts, record: &AccountRecord) -> AccountFacts {
    AccountFacts { id: record.id.clone(), name: record.name.clone() }
}

/// Facts of an account of which the snapshot has no record, or of which only the stores are told.
pub(super) fn derive_by_id(_facts: &Facts, id: &str) -> AccountFacts {
    AccountFacts { id: id.to_owned(), name: None }
}

/// The account as a subject.
pub(super) fn subject(facts: &Facts, record: &AccountRecord, account: &Arc<AccountFacts>) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Account,
            account_id: Some(Arc::from(record.id.as_str())),
            region: None,
            id: Arc::from(record.id.as_str()),
            arn: None,
            name: record.name.as_deref().map(Arc::from),
        }),
        variables: vec![("organization", facts.organization.clone()), ("account", account.clone())],
        unlisted: None,
    }
}

/// Stands for subjects of an account, or of one of its regions, that could not be listed.
pub(super) fn unlisted(
    kind: SubjectKind,
    account_id: &str,
    region: Option<&str>,
    gaps: Gaps,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind,
            account_id: Some(Arc::from(account_id)),
            region: region.map(Arc::from),
            id: Arc::from("*"),
            arn: None,
            name: None,
        }),
        variables: Vec::new(),
        unlisted: Some(gaps),
    }
}

/// Accounts in scope of which the snapshot has no record: everything about them is unknown.
pub(super) fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let kinds = [
        SubjectKind::Account,
        SubjectKind::Region,
        SubjectKind::Trail,
        SubjectKind::LogGroup,
        SubjectKind::Destination,
    ];
    let index = &facts.index;
    let mut subjects = Vec::new();
    for gap in &index.gaps {
        let Some(account) =
            gap.account_id.as_deref().filter(|account| index.header.accounts.iter().any(|it| it == account))
        else {
            continue;
        };
        if !index.recorded_accounts.contains(account) {
            subjects.extend(kinds.map(|kind| unlisted(kind, account, None, gap.id.clone().into())));
        }
    }
    subjects
}
