//! What is said of each account, and which accounts the same is said of. See [`super`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Account, Bound, Cell};
use crate::facts::Facts;
use crate::facts::guardrail::{AccountGuardrails, Binding};
use crate::model::{AccountRecord, Places};
use crate::snapshot::{Group as Alike, Named, Record, SnapshotError, Survey, Undecoded, Wanted};

/// What accounts are folded by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) place: Option<String>,
    pub(super) binding: Bound,
    pub(super) cells: Vec<Cell>,
}

/// Accounts by what is said of them. Of a group of alike accounts the first and the last are asked; the others stand with them
/// if the same is said of the two, else each is asked.
pub(super) fn folded(
    facts: &Facts,
    places: &Places<'_>,
    survey: &Survey,
    alike: &[Alike],
) -> Result<BTreeMap<Key, Vec<Account>>, SnapshotError> {
    let ids = |accounts: &[Named]| accounts.iter().map(|account| Arc::clone(&account.id)).collect::<Vec<_>>();
    let between = alike.iter().flat_map(|group| ids(&group.between)).collect();
    let mut rows = read(facts, places, survey, Wanted::AllBut(&between))?;

    let row_of: HashMap<String, usize> =
        rows.iter().enumerate().map(|(number, (_, account))| (account.id.clone(), number)).collect();
    let mut with: HashMap<usize, &[Named]> = HashMap::new();
    let mut differing = HashSet::new();
    for group in alike {
        let row = |account: &Named| {
            let number = *row_of.get(&*account.id)?;
            Some((number, &rows.get(number)?.0))
        };
        match (row(&group.first), row(&group.last)) {
            (Some((number, first)), Some((_, last))) if first == last => {
                with.insert(number, &group.between);
            }
            _ => differing.extend(ids(&group.between)),
        }
    }
    if !differing.is_empty() {
        rows.extend(read(facts, places, survey, Wanted::Only(&differing))?);
    }

    let mut folded: BTreeMap<Key, Vec<Account>> = BTreeMap::new();
    for (number, (key, account)) in rows.into_iter().enumerate() {
        let accounts = folded.entry(key).or_default();
        accounts.push(account);
        accounts.extend(with.get(&number).copied().unwrap_or_default().iter().map(Account::of));
    }
    Ok(folded)
}

fn read(
    facts: &Facts,
    places: &Places<'_>,
    survey: &Survey,
    wanted: Wanted<'_>,
) -> Result<Vec<(Key, Account)>, SnapshotError> {
    survey
        .records(wanted)
        .par_bridge()
        .filter_map(|record| match record.and_then(Undecoded::decode) {
            Ok(Some(Record::Account(record))) => Some(Ok(row(facts, places, &record))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .collect()
}

fn row(facts: &Facts, places: &Places<'_>, record: &AccountRecord) -> (Key, Account) {
    let asked = AccountGuardrails::of(facts, record);
    let binding = match &asked.binding {
        Ok(Binding::Member(_)) => Bound::Member,
        Ok(Binding::Management) => Bound::ManagementAccount,
        Ok(Binding::Alone) => Bound::NoOrganization,
        Err(_) => Bound::Unknown,
    };
    let cells =
        asked.protections.iter().map(|protection| Cell::of(protection, binding, &record.id)).collect();
    let key = Key { place: places.parent(&record.id).map(str::to_owned), binding, cells };
    (key, Account { id: record.id.clone(), name: record.name.clone() })
}

impl Account {
    fn of(account: &Named) -> Self {
        Self { id: account.id.as_ref().to_owned(), name: account.name.as_deref().map(str::to_owned) }
    }
}
