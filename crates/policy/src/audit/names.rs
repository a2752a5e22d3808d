//! What a document names: the organizations, accounts and ARNs in its conditions, as starting points for asking
//! whether they get through. Being named proves nothing; evaluation does.

use std::collections::BTreeSet;

use super::mentions::FILLER;
use crate::arn::{account_of, has_segments, is_account_id, segment};
use crate::document::{Document, PrincipalPattern};
use crate::glob::Glob;
use crate::pattern::Pattern;

/// Digits of an account id.
const DIGITS: usize = 12;

/// Names in the conditions of a document.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Organization ids.
    pub(super) organizations: BTreeSet<String>,
    /// Account ids, also those inside ARNs.
    pub(super) accounts: BTreeSet<String>,
    /// ARN patterns of principals, whose account is fixed.
    pub(super) principals: BTreeSet<String>,
    /// ARNs without an account (buckets) on whose behalf a service may act.
    pub(super) sources: BTreeSet<String>,
    /// Accounts that a policy does not name and yet may mean, by a pattern.
    pub(super) strangers: Vec<String>,
}

impl Names {
    pub(super) fn of(document: &Document) -> Self {
        let mut names = Self::default();
        let mut open_accounts: BTreeSet<String> = BTreeSet::new();
        for condition in document.statements.iter().flat_map(|statement| &statement.conditions) {
            for text in condition.values().iter().map(Pattern::text) {
                names.take(condition.lowercase_key(), text, &mut open_accounts);
            }
        }
        for pattern in document.statements.iter().filter_map(|statement| statement.principal.as_ref()) {
            for pattern in &pattern.patterns {
                match pattern {
                    PrincipalPattern::Account(account) => {
                        names.accounts.insert(account.clone());
                    }
                    PrincipalPattern::Arn(arn) => names.accounts.extend(account_of(arn).map(str::to_owned)),
                    _ => {}
                }
            }
        }
        names.strangers = strangers(&names.accounts, &open_accounts);
        names
    }

    fn take(&mut self, key: &str, text: &str, open_accounts: &mut BTreeSet<String>) {
        if key.ends_with("orgid") || key.ends_with("orgpaths") {
            let organization = text.split('/').next().unwrap_or_default();
            if organization.starts_with("o-") && !organization.contains(['*', '?', '$']) {
                self.organizations.insert(organization.to_owned());
            }
        } else if is_account_id(text) {
            self.accounts.insert(text.to_owned());
        } else if has_segments(text) {
            match account_of(text) {
                Some(account) => {
                    self.accounts.insert(account.to_owned());
                    if key == "aws:principalarn" {
                        self.principals.insert(text.to_owned());
                    }
                }
                None => match segment(text, 4) {
                    Some("") => {
                        self.sources.insert(text.to_owned());
                    }
                    Some(open) => {
                        open_accounts.insert(open.to_owned());
                    }
                    None => {}
                },
            }
        } else if key.ends_with("account") {
            open_accounts.insert(text.to_owned());
        }
    }
}

/// An account that nothing names, and for each pattern of accounts one that it matches.
fn strangers(named: &BTreeSet<String>, open: &BTreeSet<String>) -> Vec<String> {
    let mut strangers: Vec<String> = Vec::new();
    let fresh = (0_u64..).map(|number| format!("{:012}", 904_071_330_000 + number));
    strangers.extend(fresh.into_iter().find(|account| !named.contains(account)));
    strangers.extend(open.iter().filter_map(|pattern| {
        // One more than are named must be a stranger.
        (0..=named.len())
            .map(|number| spelled_out(pattern, number))
            .find(|account| is_account_id(account) && !named.contains(account))
    }));
    strangers.dedup();
    strangers
}

/// The pattern with the digits of the number for its wildcards, as many as make twelve in all.
fn spelled_out(pattern: &str, number: usize) -> String {
    let fixed = pattern.chars().filter(|&character| character != '*').count();
    let run = "?".repeat(DIGITS.saturating_sub(fixed));
    let open = pattern.replacen('*', &run, 1).replace('*', "");
    let width = open.matches('?').count();
    // The last digits, so that numbers beyond the width begin again.
    let digits: Vec<char> = format!("{number:0width$}").chars().rev().take(width).collect();
    let mut digits = digits.into_iter();
    open.chars()
        .map(|character| if character == '?' { digits.next().unwrap_or('0') } else { character })
        .collect()
}

/// A principal ARN that a pattern describes.
pub(super) fn example_arn(pattern: &str) -> String {
    Glob::arn(pattern).example(FILLER)
}
