//! Things of one kind that an account holds, as far as could be read. See [`super`].

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::model::{AccountRecord, Gaps, Trail};
use crate::policy::canonical_resource;

/// Things of one kind that an account holds, by their ARNs with the account's number blanked out.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    pub(super) known: BTreeSet<String>,
    /// Why there may be more.
    pub(super) missing: Option<Gaps>,
}

impl Holdings {
    pub(super) fn note<T>(&mut self, fact: Derived<T>) -> Option<T> {
        fact.map_err(|gaps| join(&mut self.missing, &gaps)).ok()
    }

    /// What was refused that may have named more.
    pub(super) fn unlisted(&mut self, gaps: Option<&Gaps>) {
        if let Some(gaps) = gaps {
            join(&mut self.missing, gaps);
        }
    }

    /// The account's trails that are known.
    pub(super) fn trails<'a>(&mut self, record: &'a AccountRecord) -> &'a [Trail] {
        let (trails, unseen) = record.known_trails();
        self.unlisted(unseen.as_ref());
        trails
    }

    pub(super) fn add(&mut self, arn: &str, account: &str) {
        self.known.insert(canonical_resource(arn, account));
    }
}

/// Whether the account administers the service for the organization.
pub(super) fn administers(facts: &Facts, account: &str, service: &str) -> Derived<bool> {
    let Some(organization) = facts.index.header.organization.get()? else { return Ok(false) };
    let administrators = organization.delegated_administrators.list()?;
    let Some(administrator) = administrators.iter().find(|it| it.account_id == account) else {
        return Ok(false);
    };
    Ok(administrator.services.list()?.iter().any(|listed| listed == service))
}
