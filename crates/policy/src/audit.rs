//! The questions that the rules ask of policies, answered for all requests of a kind and with their evidence.
//!
//! One core: [`grants`] lists whom a resource policy lets do something, found by evaluating the document for
//! callers of each kind (`caller`, `search`). The questions about buckets, keys and log destinations are short
//! readings of it. None looks for text in a policy.

use std::collections::BTreeSet;

use super::arn::account_of;
use super::document::StatementId;

mod actions;
mod asker;
mod bucket;
mod caller;
mod destination;
mod given;
mod grants;
mod identity;
mod key;
mod log_groups;
mod mentions;
mod names;
mod owner;
mod public;
mod search;
mod served;
mod source;
mod time;
mod tls;

pub use actions::{AuditedResource, key_uses};
pub use bucket::{
    CHANGE_ACTIONS, PUT_ACTIONS, READ_ACTIONS, REPLICATION_ACTIONS, ServiceWriter, TAG_ACTIONS,
    WRITE_ACTIONS, foreign_changes, foreign_tagging, readers_outside, replication_beyond, service_writers,
    writers_outside,
};
pub use destination::{admits, admits_all, destination_grants};
pub use grants::{Grant, Scope, grants};
pub use identity::{assumable_by, identity_allows};
pub use key::{
    IamDelegation, KeyDuties, READING_OPERATIONS, cloudtrail_key_use, decrypters_outside, key_duties,
};
pub use log_groups::log_group_grants;
pub use owner::of_owner_account;
pub use public::public_access;
pub use served::{hands_out, served};
pub use source::SourceLimit;
pub use time::{in_force, in_force_or_later};
pub use tls::{TlsEnforcement, tls_only};

/// The answer to a yes-or-no question about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is not so, for any request.
    No,
    /// It is so, because of these statements.
    Yes(Vec<Evidence>),
    /// It cannot be told from the policy, because of these.
    Unknown(Vec<Evidence>),
}

/// A statement and what it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The statement.
    pub statement: StatementId,
    /// What it does, as the end of a sentence that begins with the statement.
    pub reason: String,
}

impl Answer {
    fn from_evidence(certain: Vec<Evidence>, uncertain: Vec<Evidence>) -> Self {
        if !certain.is_empty() {
            Self::Yes(certain)
        } else if uncertain.is_empty() {
            Self::No
        } else {
            Self::Unknown(uncertain)
        }
    }
}

/// The organization that an audit is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationScope {
    /// The organization's id (`o-...`), if there is one and it is known.
    pub organization_id: Option<String>,
    /// Its accounts.
    pub account_ids: BTreeSet<String>,
}

/// Who is meant to have some access: everyone in the accounts, and these principals of other accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Designated {
    /// Whole accounts.
    pub accounts: BTreeSet<String>,
    /// ARNs of users and roles.
    pub principals: BTreeSet<String>,
    /// Service principals.
    pub services: BTreeSet<String>,
}

impl Designated {
    fn names(&self, arn: &str) -> bool {
        self.principals.contains(arn)
            || account_of(arn).is_some_and(|account| self.accounts.contains(account))
    }
}

#[cfg(test)]
mod tests;
