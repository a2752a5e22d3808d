//! Who is who: the organization's own accounts, the central ones, and those who are meant to read logs. See
//! [`super`].

use std::collections::{BTreeMap, BTreeSet};

use super::derived;
use super::index::Index;
use super::view::Derived;
use crate::model::{AccountSummary, Gaps, Observed, Organization, Places, glob};
use crate::policy::audit::{self, Designated, Grant, OrganizationScope, Scope, SourceLimit};
use crate::policy::{Arn, Document};

const TRAIL_SERVICE: &str = "cloudtrail.amazonaws.com";

/// Services that write or forward logs, by service principal.
const LOG_SERVICES: [&str; 6] = [
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
    "logs.amazonaws.com",
    "logs.*.amazonaws.com",
];

/// The organization as policies are judged against it.
#[derive(Debug)]
pub(super) struct Trust {
    /// Its identity and accounts, as far as they are known.
    pub(super) organization: OrganizationScope,
    /// Active accounts of the organization, suspended ones left out.
    pub(super) active_accounts: BTreeSet<String>,
    /// The paths of those accounts in the organization (`o-.../r-.../ou-.../`).
    pub(super) organization_paths: BTreeMap<String, Derived<Option<String>>>,
    /// Why an account that is not among them may still belong to the organization.
    pub(super) gaps: Option<Gaps>,
}

impl Trust {
    pub(super) fn new(index: &Index) -> Self {
        let own = index.header.caller_account_id.clone();
        let mut gaps = None;
        let (organization_id, account_ids, active_accounts) = match &index.header.organization {
            Observed::Known(organization) => {
                // The organization is the one that the caller belongs to.
                let mut ids = BTreeSet::from([organization.management_account_id.clone(), own]);
                let mut active = ids.clone();
                match organization.accounts.list() {
                    Ok(accounts) => {
                        ids.extend(accounts.iter().map(|account| account.id.clone()));
                        let listed = accounts.iter().filter(|account| account.is_active());
                        active = listed.map(|account| account.id.clone()).collect();
                    }
                    // That somebody asked to scan an account makes it no member.
                    Err(unknown) => derived::join(&mut gaps, &unknown),
                }
                (Some(organization.id.clone()), ids, active)
            }
            // Outside an organization those count together that are scanned together.
            Observed::Absent => {
                let mut scanned: BTreeSet<String> = index.header.accounts.iter().cloned().collect();
                scanned.extend(index.recorded_accounts.iter().cloned());
                let together = scanned.iter().cloned().chain([own]).collect();
                (None, together, scanned)
            }
            Observed::Unavailable(gap) => {
                derived::join(&mut gaps, &gap.clone().into());
                (None, BTreeSet::from([own.clone()]), BTreeSet::from([own]))
            }
        };
        Self {
            organization: OrganizationScope { organization_id, account_ids },
            active_accounts,
            organization_paths: organization_paths(&index.header.organization),
            gaps,
        }
    }

    /// The account with its path in the organization, where that is known.
    pub(super) fn placed<'a>(&'a self, account: &'a str) -> (&'a str, Option<&'a str>) {
        let path = self.organization_paths.get(account).and_then(|path| path.as_ref().ok());
        (account, path.and_then(Option::as_deref))
    }

    /// Whether the account belongs to the organization.
    pub(super) fn is_member(&self, account: &str) -> Derived<bool> {
        match &self.gaps {
            Some(gaps) if !self.organization.account_ids.contains(account) => Err(gaps.clone()),
            _ => Ok(self.organization.account_ids.contains(account)),
        }
    }
}

/// The path of each account; none where nothing says why its place is not known.
fn organization_paths(organization: &Observed<Organization>) -> BTreeMap<String, Derived<Option<String>>> {
    let places = Places::of(organization);
    let Observed::Known(organization) = organization else { return BTreeMap::new() };
    let path = |account: &AccountSummary| {
        account.parent_id.get()?;
        let mut way = places.way(&account.id);
        way.pop();
        if way.first().is_some_and(|root| root.starts_with("r-")) {
            return Ok(Some(format!("{}/{}/", organization.id, way.join("/"))));
        }
        organization.organizational_units.get()?;
        Ok(None)
    };
    let accounts = organization.accounts.list().unwrap_or_default();
    accounts.iter().map(|account| (account.id.clone(), path(account))).collect()
}

/// The account that owns the archive; `None` if there is no archive, or no account of the organization owns it.
pub(super) fn archive_account(index: &Index) -> Derived<Option<&str>> {
    match index.archive.as_ref() {
        Ok(Some(archive)) => archive.account_id.as_ref().map(Option::as_deref).map_err(Gaps::clone),
        Ok(None) => Ok(None),
        Err(gaps) => Err(gaps.clone()),
    }
}

/// The security accounts: those that the configuration names, otherwise whom the organization itself trusts with its
/// trails, CloudTrail's delegated administrators. Also the gaps that may hide one of them.
fn security_accounts(index: &Index) -> (BTreeSet<&str>, Option<Gaps>) {
    let configured = &index.expectations.security_accounts;
    if !configured.is_empty() {
        return (configured.iter().map(String::as_str).collect(), None);
    }
    let mut accounts = BTreeSet::new();
    let mut gaps = None;
    let administrators = index.header.organization.get().and_then(|organization| {
        organization.map_or(Ok(&[][..]), |organization| organization.delegated_administrators.list())
    });
    match administrators {
        Ok(administrators) => {
            for administrator in administrators {
                match administrator.services.list() {
                    Ok(services) if services.iter().any(|service| service == TRAIL_SERVICE) => {
                        accounts.insert(administrator.account_id.as_str());
                    }
                    Ok(_) => {}
                    Err(unknown) => derived::join(&mut gaps, &unknown),
                }
            }
        }
        Err(unknown) => derived::join(&mut gaps, &unknown),
    }
    (accounts, gaps)
}

/// The security accounts and the archive's, and what may hide one of them.
pub(super) fn central_accounts(index: &Index) -> (BTreeSet<&str>, Option<Gaps>) {
    let (mut accounts, mut gaps) = security_accounts(index);
    match archive_account(index) {
        Ok(archive) => accounts.extend(archive),
        Err(unknown) => derived::join(&mut gaps, &unknown),
    }
    (accounts, gaps)
}

/// Whether the account is the archive's or a security account.
pub(super) fn is_central(index: &Index, account: &str) -> Derived<bool> {
    match central_accounts(index) {
        (accounts, _) if accounts.contains(account) => Ok(true),
        (_, Some(gaps)) => Err(gaps),
        (_, None) => Ok(false),
    }
}

/// Those who are meant to read what an account stores: itself, the central accounts, the readers that the
/// configuration names, the log services. Also the gaps that may hide one of them.
pub(super) fn readers(index: &Index, owner: &str) -> (Designated, Option<Gaps>) {
    meant(index, owner, &index.expectations.log_readers)
}

/// Those who are meant to write there themselves: itself, the central accounts, the writers that the configuration names.
pub(super) fn writers(index: &Index, owner: &str) -> (Designated, Option<Gaps>) {
    meant(index, owner, &index.expectations.log_writers)
}

fn meant(index: &Index, owner: &str, configured: &[String]) -> (Designated, Option<Gaps>) {
    let (central, gaps) = central_accounts(index);
    let configured = configured.iter().filter(|name| is_account_id(name));
    let accounts =
        configured.cloned().chain(central.into_iter().map(str::to_owned)).chain([owner.to_owned()]);
    (Designated { accounts: accounts.collect(), ..Designated::default() }, gaps)
}

/// Whether a grant goes to none but designated writers, or to those whom the configuration names by a pattern.
pub(super) fn are_writers(index: &Index, designated: &Designated, grant: &Grant) -> bool {
    let configured = |arn: &str| index.expectations.log_writers.iter().any(|writer| glob(writer, arn));
    match &grant.scope {
        Scope::Principals(arns) => arns.iter().all(|arn| configured(arn) || is_of(designated, arn)),
        _ => grant.scope.is_designated(designated).is_true(),
    }
}

fn is_of(designated: &Designated, arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| designated.accounts.contains(arn.account_id))
}

/// Whether the configuration names this principal among the readers of logs.
pub(super) fn is_configured_reader(index: &Index, name: &str) -> bool {
    index.expectations.log_readers.iter().any(|reader| glob(reader, name))
}

/// Whether it is a log service, or one that the configuration names among the readers of logs.
pub(super) fn is_reading_service(index: &Index, name: &str) -> bool {
    is_configured_reader(index, name) || LOG_SERVICES.iter().any(|service| glob(service, name))
}

/// Whether a grant goes to none but designated readers, to those whom the configuration names by a pattern, to a log
/// service, or to a service on behalf of designated accounts.
pub(super) fn are_readers(index: &Index, designated: &Designated, grant: &Grant) -> bool {
    let named = |name: &str| is_configured_reader(index, name);
    match &grant.scope {
        Scope::Service { name, source } => {
            is_reading_service(index, name) || acts_for_readers(index, designated, source)
        }
        Scope::Principals(arns) => arns.iter().all(|arn| named(arn) || is_of(designated, arn)),
        Scope::Everyone | Scope::Organizations(_) | Scope::Accounts(_) | Scope::Unknown(_) => {
            grant.scope.is_designated(designated).is_true()
        }
    }
}

/// Whether a grant goes to a service that shows what it reads to whomever its own settings say, of which nothing is known.
pub(super) fn may_hand_out(index: &Index, document: &Document, grant: &Grant) -> bool {
    matches!(&grant.scope, Scope::Service { name, .. }
        if audit::hands_out(document, grant) && !is_configured_reader(index, name))
}

/// Whether a service acts for designated accounts alone: what it reads, they may.
fn acts_for_readers(index: &Index, designated: &Designated, source: &SourceLimit) -> bool {
    let SourceLimit::Only { organizations, accounts, resources } = source else { return false };
    let is_readers = |account: &String| designated.accounts.contains(account);
    // A bucket's ARN names no account.
    let is_readers_bucket = |arn: &String| {
        let name = arn.rsplit_once(":::").map(|(_, name)| name);
        name.and_then(|name| index.buckets.get(name)).is_some_and(|bucket| is_readers(&bucket.account_id))
    };
    organizations.is_empty()
        && !(accounts.is_empty() && resources.is_empty())
        && accounts.iter().all(is_readers)
        && resources.iter().all(is_readers_bucket)
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
