//! An account's facts. See [`super`].

mod logging;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use logging::AccountLoggingFacts;

use super::coverage::AccountTrails;
use super::derived::join;
use super::view::{Derived, facts};
use super::{Facts, Index, SubjectFacts, guardrail};
use crate::finding::{ANY_ID, Subject, SubjectKind};
use crate::model::{AccountRecord, AccountSummary, Gaps, Observed, Organization, OrganizationalUnit};

facts! {
    /// An account.
    pub struct AccountFacts as "account" {
        /// Twelve digits.
        id: String,
        /// Its name in the organization.
        name: Option<String>,
        /// It is the organization's management account.
        is_management: Derived<bool>,
        /// It owns the archive bucket.
        is_archive: Derived<bool>,
        /// It lies in an organizational unit, not directly under the root.
        in_organizational_unit: Derived<bool>,
        /// The names of the units that hold it, outermost first, as `Workloads/Production`; null directly under the
        /// root.
        organizational_unit_path: Derived<Option<String>>,
    }
}

pub(super) fn derive(facts: &Facts, record: &AccountRecord) -> AccountFacts {
    let account = derive_by_id(facts, &record.id);
    let is_archive = account.is_archive.or_else(|gaps| match (&facts.index.archive, record.buckets.list()) {
        // Names of buckets are unique: who owns the bucket is the archive, whatever other accounts left unsaid.
        (Ok(Some(archive)), Ok(buckets)) => Ok(buckets.iter().any(|it| it.name == archive.bucket_name)),
        _ => Err(gaps),
    });
    AccountFacts { name: record.name.clone().or(account.name), is_archive, ..account }
}

/// Facts of an account of which the snapshot has no record, or of which only the stores are told.
pub(super) fn derive_by_id(facts: &Facts, id: &str) -> AccountFacts {
    let index = &facts.index;
    let organization = &index.header.organization;
    let summary = || -> Derived<Option<(&Organization, &AccountSummary)>> {
        let Some(organization) = organization.get()? else { return Ok(None) };
        let accounts = organization.accounts.list()?;
        let place = accounts.binary_search_by(|account| account.id.as_str().cmp(id)).ok();
        // A snapshot lists accounts in order; one that was put together otherwise is searched through.
        let account = place
            .and_then(|place| accounts.get(place))
            .or_else(|| accounts.iter().find(|account| account.id == id));
        Ok(account.map(|account| (organization, account)))
    };
    let parent = |account: &AccountSummary| match &account.parent_id {
        Observed::Known(parent) => Ok(is_unit(parent)),
        Observed::Absent => Ok(false),
        Observed::Unavailable(gap) => Err(gap.clone().into()),
    };
    AccountFacts {
        id: id.to_owned(),
        name: summary().ok().flatten().map(|(_, account)| account.name.clone()),
        is_management: organization.get().map(|it| it.is_some_and(|it| it.management_account_id == id)),
        is_archive: match &index.archive {
            Ok(None) => Ok(false),
            Ok(Some(archive)) => archive.account_id.clone().map(|owner| owner.as_deref() == Some(id)),
            Err(gaps) => Err(gaps.clone()),
        },
        in_organizational_unit: summary().and_then(|it| it.map_or(Ok(false), |(_, account)| parent(account))),
        organizational_unit_path: summary()
            .and_then(|it| it.map_or(Ok(None), |(organization, account)| path(organization, account))),
    }
}

fn is_unit(parent_id: &str) -> bool {
    parent_id.starts_with("ou-")
}

fn path(organization: &Organization, account: &AccountSummary) -> Derived<Option<String>> {
    let Some(parent) = account.parent_id.get()?.filter(|parent| is_unit(parent)) else { return Ok(None) };
    Ok(Some(unit_names(organization.organizational_units.list()?, parent).join("/")))
}

/// The names of the unit and of those that hold it, outermost first.
pub(super) fn unit_names<'a>(units: &'a [OrganizationalUnit], id: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    let mut above = id;
    // A tree cannot be deeper than it has units, however a file may have been changed.
    while let Some(unit) = units.iter().find(|unit| unit.id == above).filter(|_| names.len() < units.len()) {
        names.push(unit.name.as_str());
        above = &unit.parent_id;
    }
    names.reverse();
    names
}

/// The account as a subject.
pub(super) fn subject(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    trails: &AccountTrails<'_>,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Account,
            account_id: Some(Arc::from(record.id.as_str())),
            region: None,
            id: Arc::from(record.id.as_str()),
            arn: None,
            name: record.name.as_deref().map(Arc::from),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("logging", Arc::new(logging::derive(&facts.index, record, account, trails))),
            ("guardrails", Arc::new(guardrail::derive(facts, record, account))),
        ],
        unlisted: None,
    }
}

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
    facts: &Facts,
    kind: SubjectKind,
    by_account: &BTreeMap<String, Gaps>,
    more: Option<Gaps>,
) -> Vec<SubjectFacts> {
    let mut anywhere = accounts_unlisted(&facts.index);
    if let Some(more) = more {
        join(&mut anywhere, &more);
    }
    let mut subjects: Vec<SubjectFacts> =
        by_account.iter().map(|(account, gaps)| unlisted(kind, Some(account), None, gaps.clone())).collect();
    subjects.extend(anywhere.map(|gaps| unlisted(kind, None, None, gaps)));
    subjects
}

/// Accounts in scope of which the snapshot has no record: everything about them is unknown. Their buckets and keys are
/// told by [`super::bucket`] and [`super::key`].
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
    for (account, gaps) in &index.accounts_without_record {
        subjects.extend(kinds.map(|kind| unlisted(kind, Some(account), None, gaps.clone())));
    }
    if let Some(gaps) = accounts_unlisted(index) {
        subjects.extend(kinds.map(|kind| unlisted(kind, None, None, gaps.clone())));
    }
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

#[cfg(test)]
mod tests;
