//! Policies that close what is open: as few and as short as possible, within AWS's limits, exempting the designated
//! break-glass roles alone, and proved by the same evaluation that found what was open.
//!
//! `open` gathers what is open, `statements` writes what denies it, `attach` says where to, `proof` evaluates the
//! hierarchy with it in place.

mod attach;
mod open;
mod proof;
mod statements;
mod terraform;
mod text;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

pub use self::terraform::terraform;
pub use self::text::render;

use self::attach::{Room, Target};
use self::open::{Item, Opened};
use crate::facts::Facts;
use crate::policy::PolicyKind;
use crate::snapshot::{SnapshotError, Source};

/// The longest policy that AWS stores, in characters ("Quotas for AWS Organizations").
pub const POLICY_LIMIT: usize = 5_120;
/// Policies of one type that can be attached to one root, unit or account, AWS's own among them.
pub const ATTACHMENT_LIMIT: usize = 5;

/// What to attach where, and what it is proved to close.
#[derive(Debug, Serialize)]
pub struct Recommendation {
    /// The policies; none if nothing is open that policies can close.
    policies: Vec<RecommendedPolicy>,
    /// Policy types that must be enabled on the root first.
    enable: BTreeSet<&'static str>,
    /// The break-glass roles that are exempt: patterns of ARNs.
    exempt: Vec<String>,
    /// What the evaluation says without and with the policies.
    proof: ProofSummary,
    /// Accounts of which something could not be read, so that more may be open.
    unknown_accounts: usize,
    /// What stays open, and why.
    not_closed: Vec<NotClosed>,
}

/// A policy that is to be made and attached.
#[derive(Debug, Serialize)]
pub struct RecommendedPolicy {
    name: String,
    /// `SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`.
    #[serde(rename = "type")]
    kind: &'static str,
    document: Value,
    /// The length of the document without white space.
    characters: usize,
    /// Where to attach it.
    targets: Vec<Target>,
}

/// Open pairs of account and action, before and after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ProofSummary {
    /// Open actions, counted in each account and for each resource, as things are.
    open_before: usize,
    /// The same with the policies attached.
    open_after: usize,
    /// Accounts in which something is open.
    accounts_before: usize,
    /// The same with the policies attached.
    accounts_after: usize,
}

/// Something that stays open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotClosed {
    /// Which action, on what, where.
    what: String,
    why: String,
}

impl Recommendation {
    /// Finds what is open in a snapshot, and what closes it.
    pub fn of(facts: &Facts, source: &Source) -> Result<Self, SnapshotError> {
        let opened = Opened::of(facts, source)?;
        let exempt = exempt(facts);
        let mut policies = Vec::new();
        let mut enable = BTreeSet::new();
        let mut not_closed: Vec<NotClosed> = opened.unbound();
        for kind in [PolicyKind::ServiceControl, PolicyKind::ResourceControl] {
            let items: Vec<&Item> = opened.items.iter().filter(|item| item.kind() == kind).collect();
            if items.is_empty() {
                continue;
            }
            let documents = statements::documents(facts, &items, kind, &exempt);
            let room = Room::of(facts, kind);
            let (targets, full) = room.targets(&items, documents.len());
            not_closed.extend(full.into_iter().map(|target| NotClosed {
                what: format!("what is open in {}", target.name),
                why: format!(
                    "{} of {ATTACHMENT_LIMIT} policies are attached to it already, and {} more are needed: merge some",
                    target.attached,
                    documents.len()
                ),
            }));
            if targets.is_empty() {
                continue;
            }
            if !room.enabled {
                enable.insert(type_name(kind));
            }
            let count = documents.len();
            for (place, document) in documents.into_iter().enumerate() {
                let number = if count == 1 { String::new() } else { format!("-{}", place + 1) };
                let of = if kind == PolicyKind::ServiceControl { "logs" } else { "log-stores" };
                policies.push(RecommendedPolicy {
                    name: format!("protect-{of}{number}"),
                    kind: type_name(kind),
                    characters: document.to_string().chars().count(),
                    document,
                    targets: targets.clone(),
                });
            }
        }
        let (proof, still_open) = proof::prove(facts, &opened, &policies);
        not_closed.extend(still_open);
        not_closed.sort_unstable();
        not_closed.dedup();
        Ok(Self { policies, enable, exempt, proof, unknown_accounts: opened.unknown_accounts, not_closed })
    }

    /// Everything could be read.
    pub fn complete(&self) -> bool {
        self.unknown_accounts == 0
    }
}

/// The designated break-glass roles, as values of `aws:PrincipalArn`.
fn exempt(facts: &Facts) -> Vec<String> {
    let roles = facts.index.expectations.break_glass_roles.iter();
    let mut exempt: Vec<String> = roles
        .map(|role| if role.starts_with("arn:") { role.clone() } else { format!("arn:*:iam::*:role/{role}") })
        .collect();
    exempt.sort_unstable();
    exempt.dedup();
    exempt
}

/// As the API of AWS Organizations names it.
fn type_name(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::ServiceControl => "SERVICE_CONTROL_POLICY",
        PolicyKind::ResourceControl | PolicyKind::ResourceBased => "RESOURCE_CONTROL_POLICY",
    }
}
