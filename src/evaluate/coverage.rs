//! How much of an organization was read: a sum over its records. See [`super`].

use std::collections::BTreeSet;

use super::LogReach;
use crate::model::{AccountRecord, Observed};
use crate::snapshot::Header;

/// How much of the organization was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Accounts that the organization lists; `None` if they could not be listed, or there is no organization.
    pub accounts_in_organization: Option<usize>,
    /// Accounts of these that are suspended or being closed: they cannot be read.
    pub accounts_suspended: Option<usize>,
    /// Accounts that the snapshot set out to read.
    pub accounts_in_scope: usize,
    /// Accounts of which at least one call answered.
    pub accounts_read: usize,
    /// Regions of accounts that were read.
    pub account_regions_read: usize,
    /// The names of the regions that were read in any account.
    pub regions: BTreeSet<String>,
    /// How far each type of log reaches the archive.
    pub reach: LogReach,
    /// The names of the regions that are enabled in any account, read or not; `None` if no account said.
    pub enabled_regions: Option<BTreeSet<String>>,
    /// Regions of accounts that are enabled, where the account said.
    pub account_regions_enabled: usize,
    /// Accounts with a record that did not say which regions are enabled.
    pub accounts_without_regions: usize,
}

impl Coverage {
    /// What the header says.
    pub(super) fn of_organization(header: &Header) -> Self {
        let accounts = match &header.organization {
            Observed::Known(organization) => organization.accounts.get().ok().flatten(),
            Observed::Absent | Observed::Unavailable(_) => None,
        };
        Self {
            accounts_in_organization: accounts.map(Vec::len),
            accounts_suspended: accounts
                .map(|accounts| accounts.iter().filter(|account| !account.is_active()).count()),
            accounts_in_scope: header.accounts.len(),
            ..Self::default()
        }
    }

    /// What the record of one account adds.
    pub(super) fn of_account(record: &AccountRecord) -> Self {
        let answered = !record.regions.is_empty()
            || record.enabled_regions.get().is_ok()
            || record.trails.get().is_ok()
            || record.shadow_trails.get().is_ok()
            || record.buckets.get().is_ok();
        let enabled = record.enabled_regions.list().ok();
        Self {
            enabled_regions: enabled.map(|regions| regions.iter().cloned().collect()),
            account_regions_enabled: enabled.map_or(0, <[String]>::len),
            accounts_without_regions: usize::from(enabled.is_none()),
            accounts_read: usize::from(answered),
            account_regions_read: record.regions.len(),
            regions: record.regions.iter().map(|region| region.name.clone()).collect(),
            ..Self::default()
        }
    }

    /// What further records add.
    pub(super) fn add(&mut self, other: Self) {
        self.accounts_read += other.accounts_read;
        self.account_regions_read += other.account_regions_read;
        self.regions.extend(other.regions);
        self.reach += other.reach;
        self.account_regions_enabled += other.account_regions_enabled;
        self.accounts_without_regions += other.accounts_without_regions;
        if let Some(enabled) = other.enabled_regions {
            self.enabled_regions.get_or_insert_default().extend(enabled);
        }
    }
}
