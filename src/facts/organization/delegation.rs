//! Who administers security services for the organization.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Index;
use crate::facts::derived::join;
use crate::facts::view::{Derived, facts};
use crate::facts::words::{and, clauses};
use crate::model::{Gaps, Observed, Organization};

facts! {
    /// A service of the organization, and who administers it.
    pub struct DelegationFacts as "delegation" {
        /// The service principal; `*` is every service that the list does not name.
        service: String,
        /// A delegated administrator exists, and each one is a designated account, not the management account.
        designated: Derived<bool>,
    }
}

/// Services that watch over logs or security. Where the configuration designates nobody, one account shall have them
/// all.
const WATCHING: [&str; 6] = [
    "access-analyzer.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "detective.amazonaws.com",
    "guardduty.amazonaws.com",
    "securityhub.amazonaws.com",
];

/// Services and their administrators.
#[derive(Default)]
struct Administrators<'a> {
    by_service: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Why administrators may be missing.
    gaps: Option<Gaps>,
}

impl<'a> Administrators<'a> {
    fn of(organization: &'a Organization) -> Self {
        let mut found = Self::default();
        match organization.delegated_administrators.list() {
            Ok(administrators) => {
                for administrator in administrators {
                    match administrator.services.list() {
                        Ok(services) => {
                            for service in services {
                                found
                                    .by_service
                                    .entry(service)
                                    .or_default()
                                    .insert(&administrator.account_id);
                            }
                        }
                        Err(gaps) => join(&mut found.gaps, &gaps),
                    }
                }
            }
            Err(gaps) => join(&mut found.gaps, &gaps),
        }
        found
    }
}

pub(super) fn derive(index: &Index) -> Vec<DelegationFacts> {
    let organization = match &index.header.organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return Vec::new(),
        Observed::Unavailable(gap) => {
            let unknown = Err(Gaps::from(gap.clone()));
            return vec![DelegationFacts { service: "*".to_owned(), designated: unknown }];
        }
    };
    let administrators = Administrators::of(organization);
    let unnamed = administrators.gaps.clone().map_or(Ok(false), Err);
    let named = administrators.by_service.iter().map(|(service, accounts)| DelegationFacts {
        service: (*service).to_owned(),
        designated: designated(index, organization, &administrators, accounts),
    });
    let rest = DelegationFacts { service: "*".to_owned(), designated: unnamed };
    named.chain([rest]).collect()
}

/// Who administers what, by account: services go by the first part of their principal.
pub(super) fn describe(index: &Index) -> String {
    let Observed::Known(organization) = &index.header.organization else { return String::new() };
    let administrators = Administrators::of(organization);
    let mut by_account: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (service, accounts) in &administrators.by_service {
        for account in accounts {
            let short = service.strip_suffix(".amazonaws.com").unwrap_or(service);
            by_account.entry(account).or_default().push(short);
        }
    }
    let described: Vec<String> = by_account
        .iter()
        .map(|(account, services)| format!("account {account} administers {}", and(services)))
        .collect();
    clauses(&described).unwrap_or_else(|| "no account is a delegated administrator".to_owned())
}

/// Services of which it is certain that a wrong account administers them.
pub(super) fn undesignated(delegations: &[DelegationFacts]) -> Vec<String> {
    let certain = delegations.iter().filter(|it| it.designated == Ok(false) && it.service != "*");
    certain.map(|it| it.service.clone()).collect()
}

fn designated(
    index: &Index,
    organization: &Organization,
    administrators: &Administrators<'_>,
    accounts: &BTreeSet<&str>,
) -> Derived<bool> {
    if accounts.contains(organization.management_account_id.as_str()) {
        return Ok(false);
    }
    let security = &index.expectations.security_accounts;
    let known = if security.is_empty() {
        same_everywhere(index, administrators, accounts)?
    } else {
        accounts.iter().all(|account| security.iter().any(|it| it == account))
    };
    match &administrators.gaps {
        // Another administrator of the service may be a wrong one.
        Some(gaps) if known => Err(gaps.clone()),
        _ => Ok(known),
    }
}

/// Each is the archive account, or the one other account that administers more of the services which watch than any
/// other does. So an administrator too many is the fault of its service alone.
fn same_everywhere(
    index: &Index,
    administrators: &Administrators<'_>,
    accounts: &BTreeSet<&str>,
) -> Derived<bool> {
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, watching) in administrators.by_service.iter().filter(|(service, _)| WATCHING.contains(service)) {
        for account in watching {
            *services.entry(account).or_default() += 1;
        }
    }
    if services.len() <= 1 && accounts.iter().all(|account| services.contains_key(account)) {
        return Ok(true);
    }
    let archive = match &index.archive {
        Ok(archive) => archive.as_ref().map_or(Ok(None), |archive| archive.account_id.clone())?,
        Err(gaps) => return Err(gaps.clone()),
    };
    let is_other = |account: &&&str| Some(**account) != archive.as_deref();
    let others: Vec<&str> = accounts.iter().filter(is_other).copied().collect();
    let most = services.iter().filter(|(account, _)| is_other(account)).map(|(_, count)| *count).max();
    let mut leaders = services.iter().filter(|(account, count)| is_other(account) && Some(**count) == most);
    let leader = leaders.next().filter(|_| leaders.next().is_none()).map(|(account, _)| *account);
    match (others.as_slice(), &administrators.gaps) {
        ([], _) => Ok(true),
        ([only], _) if leader == Some(*only) => Ok(true),
        // What is hidden may make another account the leader.
        ([_], Some(gaps)) => Err(gaps.clone()),
        _ => Ok(false),
    }
}
