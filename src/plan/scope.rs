//! Which accounts and regions are meant: a selection that names what is not there is an error, never an empty scan.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CollectSettings, Selection, SelectionError, TagSelector};
use crate::model::{
    AccountSummary, Observed, Organization, OrganizationalUnit, Root, Scope, all_regions, wants_region,
};
use crate::nearest::nearest;

/// The region whose name is spelt most like this one.
pub(crate) fn nearest_region(wanted: &str) -> Option<&'static str> {
    nearest(wanted, all_regions())
}

/// Accounts to scan, by number: active ones of the selection.
pub(crate) fn choose_accounts<'a>(
    selection: &Selection,
    organization: &Organization,
    accounts: &'a [AccountSummary],
    detail_of_tree_gap: impl Fn() -> String,
) -> Result<Vec<&'a AccountSummary>, SelectionError> {
    let tree = if selection.ous.is_empty() && selection.exclude_ous.is_empty() {
        None
    } else {
        let tree = Tree::new(organization, accounts)
            .ok_or_else(|| SelectionError::TreeUnknown { detail: detail_of_tree_gap() })?;
        Some(tree)
    };
    let mut included = BTreeSet::new();
    for wanted in &selection.accounts {
        let account = find_account(wanted, accounts)?;
        if !account.is_active() {
            return Err(SelectionError::Inactive { id: account.id.clone(), status: account.status.clone() });
        }
        included.insert(account.id.as_str());
    }
    let mut excluded = BTreeSet::new();
    for wanted in &selection.exclude_accounts {
        excluded.insert(find_account(wanted, accounts)?.id.as_str());
    }
    if let Some(tree) = &tree {
        included.extend(tree.accounts_in(&selection.ous)?);
        excluded.extend(tree.accounts_in(&selection.exclude_ous)?);
    }
    included.extend(tagged(&selection.account_tags, accounts)?);
    excluded.extend(tagged(&selection.exclude_account_tags, accounts)?);
    let everything =
        selection.accounts.is_empty() && selection.ous.is_empty() && selection.account_tags.is_empty();
    let mut chosen: Vec<&AccountSummary> = accounts
        .iter()
        .filter(|account| account.is_active())
        .filter(|account| everything || included.contains(account.id.as_str()))
        .filter(|account| !excluded.contains(account.id.as_str()))
        .collect();
    chosen.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    if chosen.is_empty() { Err(SelectionError::Nothing) } else { Ok(chosen) }
}

/// Active accounts that carry one of the tags.
fn tagged<'a>(
    wanted: &[TagSelector],
    accounts: &'a [AccountSummary],
) -> Result<BTreeSet<&'a str>, SelectionError> {
    let mut chosen = BTreeSet::new();
    for selector in wanted {
        let carries = |account: &&AccountSummary| {
            account.is_active() && account.tags.as_ref().is_some_and(|tags| selector.selects(tags))
        };
        let found: Vec<&str> = accounts.iter().filter(carries).map(|account| account.id.as_str()).collect();
        if found.is_empty() {
            return Err(SelectionError::NoTag { wanted: selector.to_string() });
        }
        chosen.extend(found);
    }
    Ok(chosen)
}

fn find_account<'a>(
    wanted: &str,
    accounts: &'a [AccountSummary],
) -> Result<&'a AccountSummary, SelectionError> {
    if let Some(account) = accounts.iter().find(|account| account.id == wanted) {
        return Ok(account);
    }
    let of_name: Vec<&AccountSummary> = accounts.iter().filter(|account| account.name == wanted).collect();
    match of_name.as_slice() {
        [account] => Ok(account),
        [] => {
            let names = accounts.iter().flat_map(|account| [account.id.as_str(), account.name.as_str()]);
            Err(SelectionError::NoAccount {
                wanted: wanted.to_owned(),
                nearest: nearest(wanted, names).map(str::to_owned),
            })
        }
        several => Err(SelectionError::AmbiguousAccount {
            wanted: wanted.to_owned(),
            ids: several.iter().map(|account| account.id.clone()).collect(),
        }),
    }
}

/// The organization's tree, where all of it could be read.
struct Tree<'a> {
    roots: &'a [Root],
    units: &'a [OrganizationalUnit],
    accounts: Vec<(&'a str, &'a str)>,
}

impl<'a> Tree<'a> {
    fn new<'b: 'a>(organization: &'b Organization, accounts: &'b [AccountSummary]) -> Option<Self> {
        let placed = |account: &'b AccountSummary| match &account.parent_id {
            Observed::Known(parent) => Some((account.id.as_str(), parent.as_str())),
            Observed::Absent | Observed::Unavailable(_) => None,
        };
        Some(Self {
            roots: organization.roots.list().ok()?,
            units: organization.organizational_units.list().ok()?,
            accounts: accounts.iter().map(placed).collect::<Option<_>>()?,
        })
    }

    /// Accounts in or below the units that are named. Several units of one name are all meant.
    fn accounts_in(&self, wanted: &[String]) -> Result<Vec<&'a str>, SelectionError> {
        let mut parents: BTreeSet<&str> = BTreeSet::new();
        for wanted in wanted {
            let root = self.roots.iter().map(|root| root.id.as_str()).filter(|id| id == wanted);
            let units = self.units.iter().filter(|unit| unit.id == *wanted || unit.name == *wanted);
            let found: Vec<&str> = root.chain(units.map(|unit| unit.id.as_str())).collect();
            if found.is_empty() {
                let names = self.units.iter().flat_map(|unit| [unit.name.as_str(), unit.id.as_str()]);
                return Err(SelectionError::NoUnit {
                    wanted: wanted.clone(),
                    nearest: nearest(wanted, names).map(str::to_owned),
                });
            }
            parents.extend(found);
        }
        loop {
            let below: Vec<&str> = self
                .units
                .iter()
                .filter(|unit| parents.contains(unit.parent_id.as_str()))
                .map(|unit| unit.id.as_str())
                .filter(|id| !parents.contains(id))
                .collect();
            if below.is_empty() {
                break;
            }
            parents.extend(below);
        }
        let inside = |(account, parent): &(&'a str, &'a str)| parents.contains(parent).then_some(*account);
        Ok(self.accounts.iter().filter_map(inside).collect())
    }
}

/// Every region that the selection names must be one of `known`.
pub(crate) fn check_regions(
    selection: &Selection,
    partition: &str,
    known: &BTreeSet<String>,
) -> Result<(), SelectionError> {
    for wanted in selection.regions.iter().chain(&selection.exclude_regions) {
        if !known.contains(wanted) {
            return Err(SelectionError::NoRegion {
                wanted: wanted.clone(),
                partition: partition.to_owned(),
                nearest: nearest(wanted, known.iter().map(String::as_str)).map(str::to_owned),
            });
        }
    }
    let left = |region: &&String| !selection.exclude_regions.contains(region);
    if !selection.regions.is_empty() && !selection.regions.iter().any(|region| left(&region)) {
        return Err(SelectionError::NoRegionLeft);
    }
    Ok(())
}

impl Selection {
    /// Accounts are selected by tag.
    pub(crate) fn needs_tags(&self) -> bool {
        !self.account_tags.is_empty() || !self.exclude_account_tags.is_empty()
    }

    /// The region is in scope.
    pub(crate) fn wants_region(&self, region: &str) -> bool {
        wants_region(&self.regions, &self.exclude_regions, region)
    }
}

impl CollectSettings {
    /// What is to be read, for the snapshot: the choice, and all else that decides what is read.
    pub(crate) fn scope(&self) -> Scope {
        let Selection {
            accounts,
            exclude_accounts,
            ous,
            exclude_ous,
            account_tags,
            exclude_account_tags,
            regions,
            exclude_regions,
        } = &self.selection;
        let tags = |tags: &[TagSelector]| tags.iter().map(ToString::to_string).collect();
        let role = format!("{}/{}", self.role.path.trim_matches('/'), self.role.name);
        let mut settings = vec![("--role-path/--role-name", role.trim_start_matches('/').to_owned())];
        settings.extend(self.endpoint_url.clone().map(|url| ("--endpoint-url", url)));
        settings.extend(self.read_account_tags.then(|| ("--read-account-tags", "given".to_owned())));
        // Which log groups are asked depends on it, and what else will.
        let organization = match serde_json::to_value(&self.expectations) {
            Ok(Value::Object(fields)) => Some(
                fields.into_iter().map(|(name, value)| (format!("organization.{name}"), value.to_string())),
            ),
            _ => None,
        };
        Scope {
            accounts: accounts.clone(),
            exclude_accounts: exclude_accounts.clone(),
            ous: ous.clone(),
            exclude_ous: exclude_ous.clone(),
            account_tags: tags(account_tags),
            exclude_account_tags: tags(exclude_account_tags),
            regions: regions.clone(),
            exclude_regions: exclude_regions.clone(),
            settings: settings
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .chain(organization.into_iter().flatten())
                .collect(),
        }
    }
}
