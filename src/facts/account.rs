//! An account's facts. See [`super`].

mod logging;

pub use logging::AccountLoggingFacts;
pub(super) use logging::derive as derive_logging;

use super::view::{Derived, facts};
use super::{Facts, ListedBy, SubjectFacts, SubjectKind, placeholder};
use crate::model::{AccountRecord, AccountSummary, Observed, Organization, OrganizationalUnit};

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

/// Accounts in scope of which the snapshot has no record: everything about them is unknown. Their buckets and keys are
/// told by [`super::bucket`] and [`super::key`].
pub(super) fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let kinds = SubjectKind::ALL.iter().copied().filter(|kind| kind.listed_by() == ListedBy::Account);
    let index = &facts.index;
    let mut subjects = Vec::new();
    for (account, gaps) in &index.accounts_without_record {
        let of_account = kinds.clone();
        subjects
            .extend(of_account.map(|kind| placeholder::unlisted(kind, Some(account), None, gaps.clone())));
    }
    if let Some(gaps) = placeholder::accounts_unlisted(index) {
        subjects.extend(kinds.map(|kind| placeholder::unlisted(kind, None, None, gaps.clone())));
    }
    subjects
}

#[cfg(test)]
mod tests;
