//! What guardrails are evaluated on: the organization's tree with its policies, and what the configuration adds to them.
//! It is the same for every account and every question; what is remembered of answers is with [`super::Guardrails`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::tree::Tree;
use crate::facts::index::Index;
use crate::facts::view::Derived;
use crate::model::{Gap, Gaps, Observed};
use crate::policy::{Document, Glob, Organization, PolicyKind};

/// The organization's policies, and whom and what the configuration names.
#[derive(Debug)]
pub struct Ground {
    /// `None` outside an organization.
    pub(super) tree: Derived<Option<Tree>>,
    organization: Organization,
    partition: String,
    /// The break-glass roles.
    designated: Vec<Glob>,
    /// Services that resource control policies bind by the configuration.
    pub(super) resource_controlled: Vec<String>,
    evaluations: AtomicUsize,
}

impl Ground {
    /// Reads the organization's policies, and notes those that cannot be understood.
    pub(super) fn read(index: &Index, gaps: &mut Vec<Gap>) -> Self {
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
            evaluations: AtomicUsize::default(),
        }
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

    /// How many questions were answered by evaluating policies rather than from memory.
    pub fn evaluations(&self) -> usize {
        self.evaluations.load(Ordering::Relaxed)
    }

    /// One more.
    pub(super) fn count_evaluation(&self) {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
    }
}

/// A break-glass role by the pattern of its ARN, or by its name with the path.
fn designated(role: &str) -> Glob {
    if role.starts_with("arn:") { Glob::arn(role) } else { Glob::arn(&format!("arn:*:iam::*:role/{role}")) }
}
