//! Guardrails: which actions against the logs an account's effective policies deny, for whom, and by which statement.
//!
//! [`Guardrails`] answers for an account, an action and a resource, and remembers: accounts that the policies cannot
//! tell apart share their answers, so that ten thousand accounts in forty units are evaluated forty times.
//! [`AccountGuardrails`] asks it for every action of every [`Guardrail`] on what an account really holds. Reads
//! [`crate::policy`] and the index; read by rules through [`AccountGuardrailFacts`], and by the commands that show the
//! whole matrix.

mod account;
mod actions;
mod answer;
mod archive;
mod attached;
mod effective;
mod ground;
mod holdings;
mod kind;
mod levels;
mod own_policy;
mod pipeline;
mod protection;
mod resources;
mod row;
mod statements;
mod tree;
mod unit;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

pub use account::{AccountGuardrailFacts, AccountGuardrails};
pub use actions::{ProtectedAction, ResourceKind};
pub use answer::{Answer, Standing};
pub(super) use archive::undecided_gaps;
pub(super) use unit::KIND as UNIT;
pub use unit::UnitFacts;

pub use protection::{Protection, ProtectionFacts};
pub use row::Row;

use self::archive::Owned;
pub use self::effective::Effective;
pub use self::ground::Ground;
pub use self::kind::Guardrail;
use self::tree::{Path, PathKey, Tree};
use super::index::Index;
use super::view::Derived;
use super::{AccountFacts, Facts};
use crate::model::{AccountRecord, Gap, Gaps};
use crate::policy::{AccountGroup, canonical_resource};

/// How guardrails concern an account.
#[derive(Debug, Clone)]
pub enum Binding {
    /// They bind its callers: these are the ones.
    Member(Arc<Effective>),
    /// It manages the organization: no service control or resource control policy binds it.
    Management,
    /// It is in no organization.
    Alone,
}

type Sets = HashMap<(PathKey, AccountGroup), Arc<Effective>>;

/// The organization's guardrails, evaluated on demand and remembered.
#[derive(Debug)]
pub struct Guardrails {
    ground: Ground,
    paths: RwLock<HashMap<PathKey, Arc<Path>>>,
    sets: RwLock<Sets>,
    owned: Owned,
}

impl Guardrails {
    /// Reads the organization's policies, and notes those that cannot be understood.
    pub(super) fn new(index: &Index, gaps: &mut Vec<Gap>) -> Self {
        Self {
            ground: Ground::read(index, gaps),
            paths: RwLock::default(),
            sets: RwLock::default(),
            owned: Owned::of(index),
        }
    }

    /// What they are evaluated on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// How guardrails concern an account.
    pub fn binding(&self, account: &str) -> Derived<Binding> {
        let Some(tree) = self.ground.tree.as_ref().map_err(Gaps::clone)? else { return Ok(Binding::Alone) };
        if self.ground.organization().management_account.as_deref() == Some(account) {
            return Ok(Binding::Management);
        }
        let key = tree.key(account);
        let known = read(&self.paths).get(&key).map(Arc::clone);
        let path = known.unwrap_or_else(|| {
            let path = Arc::new(tree.path(account, &key));
            Arc::clone(write(&self.paths).entry(key.clone()).or_insert(path))
        });
        let group = path.equivalence.group(account, path.in_organization.as_deref());
        let key = (key, group);
        if let Some(set) = read(&self.sets).get(&key) {
            return Ok(Binding::Member(Arc::clone(set)));
        }
        let set = Arc::new(Effective::new(&path, account));
        Ok(Binding::Member(Arc::clone(write(&self.sets).entry(key).or_insert(set))))
    }

    /// The same, of an account alone: its own number is what policies are evaluated with.
    fn binding_alone(&self, account: &str) -> Derived<Binding> {
        Ok(match (self.binding(account)?, &self.ground.tree) {
            (Binding::Member(_), Ok(Some(tree))) => {
                let path = tree.path(account, &tree.key(account));
                Binding::Member(Arc::new(Effective::new(&path, account)))
            }
            (binding, _) => binding,
        })
    }

    /// The policies that bind an account which is made in this root or unit now.
    fn new_account(tree: &Tree, place: &str) -> Effective {
        let path = tree.new_account(place);
        let account = path.equivalence.unmentioned_account();
        Effective::new(&path, &account)
    }

    /// What the guardrails say of an action in an account, on an ARN, a pattern of ARNs, or `*` for an action without
    /// resource-level permissions. A bucket is taken as the account's own. Bucket and key policies are left out; see
    /// [`AccountGuardrails`] for those.
    pub fn answer(&self, account: &str, action: &str, resource: &str) -> Derived<Arc<Answer>> {
        match self.binding(account)? {
            Binding::Member(set) => {
                Ok(set.answer(&self.ground, action, &canonical_resource(resource, account)))
            }
            Binding::Management | Binding::Alone => Ok(Arc::new(Answer::unbound())),
        }
    }
}

/// What evaluating guardrails itself leaves unknown, of no policy in particular. Nothing may name them.
pub fn own_gaps() -> [Gap; 3] {
    [answer::unknown_binding(), answer::undecidable(), resources::unseen_policies()]
}

/// What rules see of an account's guardrails.
pub(super) fn derive(facts: &Facts, record: &AccountRecord, account: &AccountFacts) -> AccountGuardrailFacts {
    AccountGuardrails::with(facts, record, account, &mut Vec::new()).into_facts(facts, account)
}

/// What another thread left half done is whole: entries are put in at once.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
