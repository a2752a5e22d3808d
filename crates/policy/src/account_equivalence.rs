//! Which accounts a set of policies can tell apart, so that thousands of accounts are judged once per group.
//!
//! Under the same policies two accounts differ only where a policy looks at the account's number or at its path in
//! the organization. A policy that mentions neither number treats both alike, once the numbers are exchanged in the
//! resource too; `${aws:PrincipalAccount}` and wildcards for the whole number treat all alike.

use std::collections::BTreeSet;

use super::condition::Condition;
use super::document::{Document, PrincipalPattern, Statement};
use super::pattern::Pattern;

/// Digits of an account number.
const DIGITS: usize = 12;

/// What tells accounts apart in a set of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountEquivalence {
    /// The account numbers that are mentioned.
    accounts: BTreeSet<String>,
    /// Some value may match a part of an account number, or compare it otherwise than as a text.
    parts: bool,
    /// The account's path in the organization is compared.
    paths: bool,
}

/// Accounts with equal keys, under equal policies, get the same verdicts on resources that are the same but for the
/// account number ([`canonical_resource`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountGroup {
    account: Option<String>,
    path: Option<String>,
}

impl AccountEquivalence {
    /// What these documents tell apart.
    pub fn of<'a>(documents: impl IntoIterator<Item = &'a Document>) -> Self {
        let mut equivalence = Self::default();
        for statement in documents.into_iter().flat_map(|document| &document.statements) {
            equivalence.look_at(statement);
        }
        equivalence
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
        let numbers = (1..).map(|offset: u64| (1_000_000_000_000 - offset).to_string());
        let mut free = numbers.filter(|number| !self.accounts.contains(number));
        free.next().unwrap_or_default()
    }

    fn look_at(&mut self, statement: &Statement) {
        let resources = statement.resource.iter().flat_map(|element| &element.patterns);
        resources.for_each(|pattern| self.read(pattern.text()));
        for principal in statement.principal.iter().flat_map(|element| &element.patterns) {
            match principal {
                PrincipalPattern::Account(text)
                | PrincipalPattern::Arn(text)
                | PrincipalPattern::Federated(text)
                | PrincipalPattern::CanonicalUser(text) => self.read(text),
                PrincipalPattern::Everyone | PrincipalPattern::UniqueId(_) | PrincipalPattern::Service(_) => {
                }
            }
        }
        for condition in &statement.conditions {
            self.compare(condition);
        }
    }

    fn compare(&mut self, condition: &Condition) {
        let key = condition.lowercase_key();
        let variables = || condition.values().iter().flat_map(Pattern::variables);
        self.paths |= key.contains("orgpaths") || variables().any(|variable| variable.contains("orgpaths"));
        let of_account = ["account", "arn", "userid"].iter().any(|part| key.contains(part));
        if condition.is_textual() {
            condition.values().iter().for_each(|value| self.read(value.text()));
        } else if of_account && !condition.is_presence() {
            self.parts = true;
        }
    }

    /// Looks for account numbers, and for what may match only some of them: digits next to a wildcard or a variable.
    fn read(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut start = 0;
        while let Some(rest) = bytes.get(start..).filter(|rest| !rest.is_empty()) {
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                start += 1;
                continue;
            }
            let end = start + length;
            let open = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'*' | b'?' | b'}' | b'$'));
            let before = start.checked_sub(1).and_then(|before| bytes.get(before));
            self.parts |= open(before) || open(bytes.get(end));
            for first in start..=end.saturating_sub(DIGITS) {
                self.accounts
                    .extend(text.get(first..first + DIGITS).filter(|_| length >= DIGITS).map(str::to_owned));
            }
            start = end;
        }
    }
}

/// The resource with the account's number blanked out: equal for resources that differ in that alone.
pub fn canonical_resource(resource: &str, account: &str) -> String {
    resource.replace(account, "{account}")
}

#[cfg(test)]
mod tests;
