//! Finding and replacing addresses and identities within texts: policies are texts, and ARNs are within them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Redaction;
use crate::model::{Observed, Organization};

/// Addresses of mail. What follows `@` has a dot, which tells them from the hosts of queues and the like.
const MAIL: &str = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+";
/// Identities of organizations, roots, units and policies.
const IDENTITY: &str =
    r"\b(?:o-[a-z0-9]{10,32}|r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|p-[A-Za-z0-9_]{8,128})\b";
/// Runs of digits, to be taken whole: twelve are an account.
const DIGITS: &str = r"[0-9]+";
const ACCOUNT_DIGITS: usize = 12;

#[expect(clippy::expect_used, reason = "the patterns are constants, which the tests compile")]
static PATTERNS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [MAIL, IDENTITY, DIGITS].map(|pattern| Regex::new(pattern).expect("the pattern is valid"))
});

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Seen {
    level: Redaction,
    mails: BTreeSet<String>,
    accounts: BTreeSet<String>,
    organizations: BTreeSet<String>,
    roots: BTreeSet<String>,
    units: BTreeSet<String>,
    policies: BTreeSet<String>,
}

impl Seen {
    pub(super) fn new(level: Redaction) -> Self {
        Self {
            level,
            mails: BTreeSet::new(),
            accounts: BTreeSet::new(),
            organizations: BTreeSet::new(),
            roots: BTreeSet::new(),
            units: BTreeSet::new(),
            policies: BTreeSet::new(),
        }
    }

    pub(super) fn account(&mut self, id: &str) {
        self.accounts.insert(id.to_owned());
    }

    pub(super) fn organization(&mut self, organization: &Organization) {
        self.organizations.insert(organization.id.clone());
        self.account(&organization.management_account_id);
        if let Observed::Known(accounts) = &organization.accounts {
            for account in accounts {
                self.account(&account.id);
            }
        }
        if let Observed::Known(roots) = &organization.roots {
            self.roots.extend(roots.iter().map(|root| root.id.clone()));
        }
        if let Observed::Known(units) = &organization.organizational_units {
            self.units.extend(units.iter().map(|unit| unit.id.clone()));
        }
        for policies in [&organization.service_control_policies, &organization.resource_control_policies] {
            if let Observed::Known(policies) = policies {
                let own = policies.iter().filter(|policy| !policy.aws_managed);
                self.policies.extend(own.map(|policy| policy.id.clone()));
            }
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        let [mail, _, digits] = &*PATTERNS;
        if text.contains('@') {
            self.mails.extend(mail.find_iter(text).map(|found| found.as_str().to_owned()));
        }
        if self.level == Redaction::Identities {
            // Other accounts than the organization's own, in policies. Digits within a hash are none.
            let alone = |found: &regex::Match<'_>| {
                let before = text.get(..found.start()).and_then(|text| text.chars().next_back());
                let after = text.get(found.end()..).and_then(|text| text.chars().next());
                ![before, after].into_iter().flatten().any(|it| it.is_ascii_alphanumeric())
            };
            let accounts = digits
                .find_iter(text)
                .filter(|found| found.len() == ACCOUNT_DIGITS && alone(found))
                .map(|found| found.as_str().to_owned());
            self.accounts.extend(accounts);
        }
    }

    pub(super) fn pseudonyms(self) -> Pseudonyms {
        let mut found = BTreeMap::new();
        let mut add = |all: BTreeSet<String>, make: fn(usize) -> String| {
            found.extend((1..).zip(all).map(|(rank, text)| (text, make(rank))));
        };
        add(self.mails, |rank| format!("person-{rank:04}@redacted.invalid"));
        if self.level == Redaction::Identities {
            add(self.accounts, |rank| format!("{rank:012}"));
            add(self.organizations, |rank| format!("o-{rank:010}"));
            add(self.roots, |rank| format!("r-{rank:04}"));
            add(self.units, |rank| format!("ou-0000-{rank:08}"));
            add(self.policies, |rank| format!("p-{rank:08}"));
        }
        Pseudonyms(found)
    }
}

/// What stands for what.
#[derive(Debug)]
pub(super) struct Pseudonyms(BTreeMap<String, String>);

impl Pseudonyms {
    pub(super) fn replace(&self, text: &str) -> String {
        let [mail, identity, digits] = &*PATTERNS;
        let put = |found: &Captures<'_>| {
            let whole = found.get(0).map_or("", |found| found.as_str());
            self.0.get(whole).map_or(whole, String::as_str).to_owned()
        };
        let text = if text.contains('@') { mail.replace_all(text, put) } else { text.into() };
        let text = identity.replace_all(&text, put);
        // Last, since a pseudonym of an account looks like an account.
        digits.replace_all(&text, put).into_owned()
    }
}
