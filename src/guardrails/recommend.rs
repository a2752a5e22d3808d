//! Policies that close what is open: as few and as short as possible, within AWS's limits, exempting the designated
//! break-glass roles alone, and proved by the same evaluation that found what was open.
//!
//! `open` gathers what is open, `statements` writes what denies it, `attach` says where to, `proof` puts it
//! into the organization, which is then evaluated anew.

mod attach;
mod open;
mod proof;
mod statements;
mod terraform;
mod text;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Serialize, Serializer};

pub use self::terraform::terraform;
pub use self::text::render;

use self::attach::{Room, Target};
use self::open::{Item, Opened};
use self::statements::PolicyDocument;
use crate::facts::Facts;
use crate::snapshot::{SnapshotError, Source};

/// The longest policy that AWS stores, in characters ("Quotas for AWS Organizations").
pub const POLICY_LIMIT: usize = 5_120;
/// Policies of one type that can be attached to one root, unit or account, AWS's own among them.
pub const ATTACHMENT_LIMIT: usize = 5;

/// A type of policy of AWS Organizations that can close what is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PolicyType {
    ResourceControl,
    ServiceControl,
}

/// What to attach where, and what it is proved to close.
#[derive(Debug, Serialize)]
pub struct Recommendation {
    /// The policies; none if nothing is open that policies can close.
    policies: Vec<RecommendedPolicy>,
    /// Policy types that must be enabled on the root first.
    enable: BTreeSet<PolicyType>,
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
    #[serde(rename = "type")]
    kind: PolicyType,
    document: PolicyDocument,
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
    pub fn of(facts: Facts, source: &Source) -> Result<Self, SnapshotError> {
        let exempt = exempt(&facts);
        let before = Opened::of(&facts, source)?;
        let mut this = Self {
            policies: Vec::new(),
            enable: BTreeSet::new(),
            exempt,
            proof: ProofSummary {
                open_before: before.count(),
                accounts_before: before.accounts().len(),
                ..ProofSummary::default()
            },
            unknown_accounts: before.unknown_accounts,
            not_closed: before.unbound(),
        };
        let (mut facts, mut opened) = (facts, before);
        // Whom service control policies do not bind comes to light once they bind the others.
        for kind in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
            let added = this.recommend(&facts, &opened, kind);
            if added > 0 {
                let new = this.policies.len().saturating_sub(added);
                facts = proof::attached(facts, this.policies.get(new..).unwrap_or_default());
                opened = Opened::of(&facts, source)?;
            }
        }
        this.proof.open_after = opened.count();
        this.proof.accounts_after = opened.accounts().len();
        for item in &opened.items {
            if this.policies.iter().any(|policy| policy.kind == item.kind()) {
                this.not_closed.push(NotClosed {
                    what: item.sentence(),
                    why: "the evaluation with the policies attached finds it open all the same".to_owned(),
                });
            }
        }
        this.not_closed.sort_unstable();
        this.not_closed.dedup();
        Ok(this)
    }

    /// Adds the policies of a type that close what is open; how many.
    fn recommend(&mut self, facts: &Facts, opened: &Opened, kind: PolicyType) -> usize {
        let items: Vec<&Item> = opened.items.iter().filter(|item| item.kind() == kind).collect();
        if items.is_empty() {
            return 0;
        }
        let documents = statements::documents(facts, &items, kind, &self.exempt);
        let count = documents.len();
        let room = Room::of(facts, kind);
        let (targets, full) = room.targets(&items, count);
        self.not_closed.extend(full.into_iter().map(|target| NotClosed {
            what: format!("what is open in {}", target.name),
            why: format!(
                "{} of at most {ATTACHMENT_LIMIT} policies are attached to it, and {count} more would be needed: \
                 put some of them together",
                target.attached
            ),
        }));
        if targets.is_empty() {
            return 0;
        }
        if !room.enabled {
            self.enable.insert(kind);
        }
        let of = if kind == PolicyType::ServiceControl { "logs" } else { "log-stores" };
        for (place, document) in documents.into_iter().enumerate() {
            let number = if count == 1 { String::new() } else { format!("-{}", place + 1) };
            self.policies.push(RecommendedPolicy {
                name: format!("protect-{of}{number}"),
                kind,
                characters: document.to_json().chars().count(),
                document,
                targets: targets.clone(),
            });
        }
        count
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

impl PolicyType {
    /// As the API of AWS Organizations names it.
    fn as_str(self) -> &'static str {
        match self {
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
        }
    }
}

impl fmt::Display for PolicyType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for PolicyType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
