//! What is open, over all accounts. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{NotClosed, PolicyType};
use crate::facts::Facts;
use crate::facts::guardrail::{
    AccountGuardrails, Binding, Guardrail, ProtectedAction, Protection, ResourceKind, Row, Standing,
};
use crate::policy::{DefaultCaller, Verdict};
use crate::report::text::count;
use crate::snapshot::{Record, SnapshotError, Source};

/// An action on a resource that is open in some accounts.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) action: &'static ProtectedAction,
    /// An ARN or a pattern, with `{account}` for the account's number, or `*`.
    pub(super) resource: String,
    /// Open to callers of other accounts only, whom service control policies do not bind.
    pub(super) outside: bool,
    /// What the accounts hold that the action is asked on, where `resource` is all that they could hold.
    pub(super) held: BTreeSet<String>,
    /// The accounts.
    pub(super) accounts: BTreeSet<String>,
}

/// Everything that is open.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) items: Vec<Item>,
    /// Accounts of which something could not be read.
    pub(super) unknown_accounts: usize,
    /// Open where no policy binds: by account, the guardrails.
    unbound: BTreeMap<String, (&'static str, BTreeSet<Guardrail>)>,
}

impl Item {
    /// The type of policy that can close it.
    pub(super) fn kind(&self) -> PolicyType {
        if self.outside { PolicyType::ResourceControl } else { PolicyType::ServiceControl }
    }

    /// For people.
    pub(super) fn sentence(&self) -> String {
        let on = match self.action.resource {
            ResourceKind::None => String::new(),
            _ => format!(" on {}", self.resource.replace(ACCOUNT, "*")),
        };
        format!("{}{on} in {}", self.action.name, count(self.accounts.len(), "account"))
    }

    /// Rows about all that an account could hold, where what it holds is another matter.
    pub(super) fn is_about_everything(&self, partition: &str) -> bool {
        self.resource == self.action.resource.pattern(partition, ACCOUNT)
    }
}

/// Stands for the account's number.
pub(super) const ACCOUNT: &str = "{account}";

type Key = (Guardrail, &'static str, String, bool);

impl Opened {
    pub(super) fn of(facts: &Facts, source: &Source) -> Result<Self, SnapshotError> {
        let asked: Vec<(String, AccountGuardrails)> = source
            .records()
            .par_bridge()
            .filter_map(|record| match record {
                Ok(Record::Account(record)) => {
                    let asked = AccountGuardrails::of(facts, &record);
                    (is_unknown(&asked) || asked.protections.iter().any(|it| it.rows.iter().any(is_open)))
                        .then_some(Ok((record.id, asked)))
                }
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            })
            .collect::<Result<_, _>>()?;
        let mut items: BTreeMap<Key, Item> = BTreeMap::new();
        let mut unbound: BTreeMap<String, (&'static str, BTreeSet<Guardrail>)> = BTreeMap::new();
        let mut unknown_accounts = 0;
        for (account, asked) in asked {
            unknown_accounts += usize::from(is_unknown(&asked));
            let why = match &asked.binding {
                Ok(Binding::Member(_)) => {
                    asked.protections.iter().for_each(|protection| add(&mut items, protection, &account));
                    continue;
                }
                Ok(Binding::Management) => {
                    "no policy binds the management account: move what is to be protected to a member account"
                }
                Ok(Binding::Alone) => "the account is in no organization, so that no policy can bind it",
                Err(_) => continue,
            };
            let open = asked.protections.iter().filter(|protection| protection.rows.iter().any(is_open));
            let open: BTreeSet<Guardrail> = open.map(|protection| protection.guardrail).collect();
            if !open.is_empty() {
                unbound.insert(account, (why, open));
            }
        }
        Ok(Self { items: items.into_values().collect(), unknown_accounts, unbound })
    }

    /// What no policy can close.
    pub(super) fn unbound(&self) -> Vec<NotClosed> {
        self.unbound
            .iter()
            .map(|(account, (why, guardrails))| {
                let titles: Vec<&str> = guardrails.iter().map(|guardrail| guardrail.title()).collect();
                NotClosed {
                    what: format!("{} in account {account}", titles.join(", ")),
                    why: (*why).to_owned(),
                }
            })
            .collect()
    }

    /// The accounts in which something is open that policies can close.
    pub(super) fn accounts(&self) -> BTreeSet<&str> {
        self.items.iter().flat_map(|item| item.accounts.iter().map(String::as_str)).collect()
    }

    /// Open actions, counted in each account and for each resource.
    pub(super) fn count(&self) -> usize {
        self.items.iter().map(|item| item.accounts.len()).sum()
    }
}

fn is_unknown(asked: &AccountGuardrails) -> bool {
    let unread = |row: &Row| row.answer.standing.is_err();
    asked.binding.is_err()
        || asked.protections.iter().any(|it| it.missing.is_some() || it.rows.iter().any(unread))
}

/// Not denied, or with an exemption that administrators of the account can arrange.
fn is_open(row: &Row) -> bool {
    row.answer.standing.as_ref().is_ok_and(|standing| !standing.protects())
}

fn add(items: &mut BTreeMap<Key, Item>, protection: &Protection, account: &str) {
    for row in protection.rows.iter().filter(|row| is_open(row)) {
        let resource = row.resource(ACCOUNT);
        // Denied to the account's own callers, and open all the same: to those of others.
        let proof = &row.answer.proof;
        let outside = matches!(row.answer.standing, Ok(Standing::Open { .. }))
            && proof.default_caller == DefaultCaller::Denied
            && proof.verdict != Verdict::NotDenied;
        let key = (protection.guardrail, row.action.name, resource.clone(), outside);
        let item = items.entry(key).or_insert_with(|| Item {
            action: row.action,
            resource,
            outside,
            held: BTreeSet::new(),
            accounts: BTreeSet::new(),
        });
        let held = protection.held.iter().filter(|(kind, _)| *kind == row.action.resource);
        item.held.extend(held.map(|(_, canonical)| canonical.clone()));
        item.accounts.insert(account.to_owned());
    }
}
