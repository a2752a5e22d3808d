//! An account in scope: what [`super::discovery`] finds, and what is then read.

use std::collections::BTreeMap;

use crate::model::Observed;
use crate::snapshot::Header;

/// An account in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
}

/// These accounts of a run, with the names that the organization has for them, where it lists them.
pub(crate) fn targets<'a>(header: &Header, ids: impl IntoIterator<Item = &'a String>) -> Vec<Target> {
    let listed = match &header.organization {
        Observed::Known(organization) => organization.accounts.list().unwrap_or_default(),
        Observed::Absent | Observed::Unavailable(_) => &[],
    };
    let names: BTreeMap<&String, &String> =
        listed.iter().map(|account| (&account.id, &account.name)).collect();
    let target = |id: &String| Target { id: id.clone(), name: names.get(id).map(|&name| name.clone()) };
    ids.into_iter().map(target).collect()
}
