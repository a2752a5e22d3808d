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
mod holdings;
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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

pub use account::{AccountGuardrailFacts, AccountGuardrails};
pub use actions::{ProtectedAction, ResourceKind};
pub use answer::{Answer, Standing};
pub(super) use archive::undecided_gaps;
pub use unit::UnitFacts;
pub(super) use unit::subjects as unit_subjects;

pub use protection::{Protection, ProtectionFacts};
pub use row::Row;

use self::archive::Owned;
pub use self::effective::Effective;
use self::tree::{Path, PathKey, Tree};
use super::index::Index;
use super::view::Derived;
use super::{AccountFacts, Facts};
use crate::model::{AccountRecord, Gap, Gaps, Observed};
use crate::policy::{AccountGroup, Document, Glob, Organization, PolicyKind, canonical_resource};

/// What must be denied, as one rule asks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guardrail {
    /// Leaving the organization.
    Leave,
    /// Stopping, deleting or narrowing trails.
    TrailTampering,
    /// Deleting the archive.
    ArchiveDeletion,
    /// Changing how the archive bucket is set up.
    ArchiveReconfiguration,
    /// Stopping or redirecting Config.
    ConfigTampering,
    /// Cutting the way of logs through CloudWatch Logs and streams.
    PipelineTampering,
    /// Ending the replication of logs.
    ReplicationTampering,
    /// Switching detection off.
    DetectionTampering,
    /// Destroying keys that encrypt logs.
    KeyDestruction,
    /// Deleting flow logs and query logging.
    FlowLogDeletion,
    /// Taking over the roles of auditing and logging.
    AuditRoleTampering,
}

impl Guardrail {
    /// All of them, in the order of the catalogue.
    pub const ALL: [Self; 11] = [
        Self::Leave,
        Self::TrailTampering,
        Self::ArchiveDeletion,
        Self::ArchiveReconfiguration,
        Self::ConfigTampering,
        Self::PipelineTampering,
        Self::ReplicationTampering,
        Self::DetectionTampering,
        Self::KeyDestruction,
        Self::FlowLogDeletion,
        Self::AuditRoleTampering,
    ];

    /// The rule that asks it.
    pub fn rule_id(self) -> &'static str {
        match self {
            Self::Leave => "org-deny-leave",
            Self::TrailTampering => "org-deny-trail-tampering",
            Self::ArchiveDeletion => "org-deny-archive-deletion",
            Self::ArchiveReconfiguration => "org-deny-archive-reconfiguration",
            Self::ConfigTampering => "org-deny-config-tampering",
            Self::PipelineTampering => "org-deny-pipeline-tampering",
            Self::ReplicationTampering => "org-deny-replication-tampering",
            Self::DetectionTampering => "org-deny-detection-tampering",
            Self::KeyDestruction => "org-deny-key-destruction",
            Self::FlowLogDeletion => "org-deny-flow-log-deletion",
            Self::AuditRoleTampering => "org-deny-audit-role-tampering",
        }
    }

    /// What its actions do, as a short title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Leave => "leaving the organization",
            Self::TrailTampering => "tampering with trails",
            Self::ArchiveDeletion => "deleting the archive",
            Self::ArchiveReconfiguration => "reconfiguring the archive",
            Self::ConfigTampering => "stopping Config",
            Self::PipelineTampering => "cutting the log pipeline",
            Self::ReplicationTampering => "ending replication",
            Self::DetectionTampering => "switching detection off",
            Self::KeyDestruction => "destroying log keys",
            Self::FlowLogDeletion => "deleting flow logs",
            Self::AuditRoleTampering => "taking over audit roles",
        }
    }

    /// It concerns every member account alike, whatever that holds.
    pub fn is_universal(self) -> bool {
        matches!(
            self,
            Self::Leave
                | Self::TrailTampering
                | Self::ConfigTampering
                | Self::DetectionTampering
                | Self::FlowLogDeletion
                | Self::AuditRoleTampering
        )
    }
}

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
    /// `None` outside an organization.
    tree: Derived<Option<Tree>>,
    organization: Organization,
    partition: String,
    /// The break-glass roles.
    designated: Vec<Glob>,
    /// Services that resource control policies bind by the configuration.
    resource_controlled: Vec<String>,
    paths: RwLock<HashMap<PathKey, Arc<Path>>>,
    sets: RwLock<Sets>,
    owned: Owned,
    evaluations: AtomicUsize,
}

impl Guardrails {
    /// Reads the organization's policies, and notes those that cannot be understood.
    pub(super) fn new(index: &Index, gaps: &mut Vec<Gap>) -> Self {
        let (tree, organization) = match &index.header.organization {
            Observed::Known(organization) => (
                Ok(Some(Tree::read(organization, &index.recorded_accounts, gaps))),
                Organization {
                    id: Some(organization.id.clone()),
                    management_account: Some(organization.management_account_id.clone()),
                },
            ),
            Observed::Absent => (Ok(None), Organization::default()),
            Observed::Unavailable(gap) => (Err(Gaps::from(gap.clone())), Organization::default()),
        };
        Self {
            tree,
            organization,
            partition: index.header.partition.clone(),
            designated: index.expectations.break_glass_roles.iter().map(|role| designated(role)).collect(),
            resource_controlled: index.expectations.resource_controlled_services.clone(),
            paths: RwLock::default(),
            sets: RwLock::default(),
            owned: Owned::of(index),
            evaluations: AtomicUsize::default(),
        }
    }

    /// How many questions were answered by evaluating policies rather than from memory.
    pub fn evaluations(&self) -> usize {
        self.evaluations.load(Ordering::Relaxed)
    }

    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The organization, as policies are evaluated for it.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The break-glass roles that the configuration designates.
    pub fn designated(&self) -> &[Glob] {
        &self.designated
    }

    /// The services that resource control policies bind by the configuration, besides those that are known to be bound.
    pub fn resource_controlled(&self) -> &[String] {
        &self.resource_controlled
    }

    /// The name of a policy or an organizational unit, or its id where it has none.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        match &self.tree {
            Ok(Some(tree)) => tree.name(id),
            _ => id,
        }
    }

    /// What a policy says, by its id.
    pub fn document(&self, kind: PolicyKind, policy_id: &str) -> Option<&Derived<Arc<Document>>> {
        let Ok(Some(tree)) = &self.tree else { return None };
        tree.document(kind, policy_id)
    }

    /// How guardrails concern an account.
    pub fn binding(&self, account: &str) -> Derived<Binding> {
        let Some(tree) = self.tree.as_ref().map_err(Gaps::clone)? else { return Ok(Binding::Alone) };
        if self.organization.management_account.as_deref() == Some(account) {
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
        Ok(match (self.binding(account)?, &self.tree) {
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
            Binding::Member(set) => Ok(set.answer(self, action, &canonical_resource(resource, account))),
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

/// A break-glass role by the pattern of its ARN, or by its name with the path.
fn designated(role: &str) -> Glob {
    if role.starts_with("arn:") { Glob::arn(role) } else { Glob::arn(&format!("arn:*:iam::*:role/{role}")) }
}

/// What another thread left half done is whole: entries are put in at once.
fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
