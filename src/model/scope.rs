//! What a scan set out to read: a record of the snapshot, beside what AWS said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the operator chose to look at. Empty lists chose everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Accounts, by number or name, as they were given.
    pub accounts: Vec<String>,
    /// Accounts left out, by number or name.
    pub exclude_accounts: Vec<String>,
    /// Organizational units.
    pub ous: Vec<String>,
    /// Organizational units left out.
    pub exclude_ous: Vec<String>,
    /// Tags of which an account carries one: `KEY=VALUE`.
    pub account_tags: Vec<String>,
    /// Tags of which an account carries none.
    pub exclude_account_tags: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Regions left out.
    pub exclude_regions: Vec<String>,
    /// What else decided what was read, and by whom: the flag or table of the configuration, and its value.
    pub settings: BTreeMap<String, String>,
}

impl Scope {
    /// The choices that were made, by their flag.
    pub fn choices(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.all_choices().into_iter().filter(|(_, values)| !values.is_empty())
    }

    fn all_choices(&self) -> [(&'static str, &[String]); 8] {
        [
            ("--accounts", &self.accounts),
            ("--exclude-accounts", &self.exclude_accounts),
            ("--ous", &self.ous),
            ("--exclude-ous", &self.exclude_ous),
            ("--account-tag", &self.account_tags),
            ("--exclude-account-tag", &self.exclude_account_tags),
            ("--regions", &self.regions),
            ("--exclude-regions", &self.exclude_regions),
        ]
    }

    /// The region was to be read.
    pub fn wants_region(&self, region: &str) -> bool {
        wants_region(&self.regions, &self.exclude_regions, region)
    }

    /// In what two scopes differ: the flag or setting, its value here, and there.
    pub fn differences(&self, other: &Self) -> Vec<(String, String, String)> {
        let words = |values: &[String]| {
            let mut values = values.to_vec();
            values.sort_unstable();
            if values.is_empty() { "not given".to_owned() } else { values.join(",") }
        };
        let choices = self.all_choices().into_iter().zip(other.all_choices());
        let choices = choices.map(|((flag, here), (_, there))| (flag.to_owned(), words(here), words(there)));
        let names: std::collections::BTreeSet<&String> =
            self.settings.keys().chain(other.settings.keys()).collect();
        let setting = |scope: &Self, name: &String| {
            scope.settings.get(name).cloned().unwrap_or_else(|| "not given".to_owned())
        };
        let settings =
            names.into_iter().map(|name| (name.clone(), setting(self, name), setting(other, name)));
        choices.chain(settings).filter(|(_, here, there)| here != there).collect()
    }
}

/// The region is one of those that were chosen, and none of those left out.
pub(crate) fn wants_region(chosen: &[String], left_out: &[String], region: &str) -> bool {
    let named = |list: &[String]| list.iter().any(|name| name == region);
    (chosen.is_empty() || named(chosen)) && !named(left_out)
}
