//! On whose behalf a service may act: the confused-deputy question.
//!
//! Follows "The confused deputy problem" of the IAM User Guide: a service that anyone can use must be let in only
//! with `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`.

use std::collections::BTreeSet;
use std::fmt;

use super::OrganizationScope;
use super::caller::Caller;
use super::grants::Asker;
use super::search::Reach;
use crate::policy::document::Statement;
use crate::policy::truth::Truth;

/// On whose behalf a service gets through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceLimit {
    /// Anyone's.
    Anyone,
    /// That of these only.
    Only {
        /// Members of these organizations.
        organizations: BTreeSet<String>,
        /// These accounts.
        accounts: BTreeSet<String>,
        /// These resources, whose ARNs name no account (buckets).
        resources: BTreeSet<String>,
    },
    /// It cannot be told: the condition keys that it depends on.
    Unknown(Vec<String>),
}

impl SourceLimit {
    /// Whether the service acts for this organization alone. Whose a bucket is, its ARN does not tell.
    pub fn within(&self, organization: &OrganizationScope) -> Truth {
        match self {
            Self::Anyone => Truth::False,
            Self::Unknown(_) => Truth::Unknown,
            Self::Only { organizations, accounts, resources } => {
                let own = organizations.iter().map(|id| match &organization.organization_id {
                    Some(own) => Truth::from(own == id),
                    None => Truth::Unknown,
                });
                Truth::all(own)
                    .and(Truth::from(accounts.is_subset(&organization.account_ids)))
                    .and(if resources.is_empty() { Truth::True } else { Truth::Unknown })
            }
        }
    }
}

impl fmt::Display for SourceLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => formatter.write_str("on behalf of anyone"),
            Self::Only { organizations, accounts, resources } => {
                let all: Vec<&str> =
                    organizations.iter().chain(accounts).chain(resources).map(String::as_str).collect();
                write!(formatter, "on behalf of {}", all.join(", "))
            }
            Self::Unknown(keys) => write!(formatter, "depending on {}", keys.join(", ")),
        }
    }
}

/// The limit that a statement and the denies set to a service, and whether such a request certainly gets through;
/// `None` where the service does not get through at all.
pub(super) fn source_limit(
    asker: &Asker<'_>,
    allow: &Statement,
    service: &str,
) -> Option<(SourceLimit, bool)> {
    let mut best = Reach::No;
    for account in &asker.names.strangers {
        best = best.or(asker.reach(allow, &Caller::service_for_outsider(service, account)));
    }
    match best {
        Reach::Yes(_) => return Some((SourceLimit::Anyone, true)),
        Reach::Unknown(keys) => return Some((SourceLimit::Unknown(keys), false)),
        Reach::No => {}
    }
    let stranger = asker.names.strangers.first().map_or("", String::as_str);
    let mut certain = false;
    let mut let_in = |caller: &Caller| {
        let reach = asker.reach(allow, caller);
        certain |= reach.is_yes();
        !reach.is_no()
    };
    let caller = |account: &str| Caller::service_for_outsider(service, account);
    let organizations: BTreeSet<String> = asker
        .names
        .organizations
        .iter()
        .filter(|id| let_in(&caller(stranger).in_organization(id)))
        .cloned()
        .collect();
    let known = asker.organizations();
    let accounts: BTreeSet<String> = asker
        .names
        .accounts
        .iter()
        .filter(|account| organizations.is_empty() && let_in(&caller(account).possibly_in(&known)))
        .cloned()
        .collect();
    let resources: BTreeSet<String> = asker
        .names
        .sources
        .iter()
        .filter(|arn| {
            let mut on_behalf = caller(stranger).possibly_in(&known);
            on_behalf.source_arn = Some(super::names::example_arn(arn));
            organizations.is_empty() && accounts.is_empty() && let_in(&on_behalf)
        })
        .cloned()
        .collect();
    if organizations.is_empty() && accounts.is_empty() && resources.is_empty() {
        let open = asker.reach(allow, &caller(stranger).possibly_in(&known));
        return match open {
            Reach::No => None,
            Reach::Yes(keys) | Reach::Unknown(keys) => Some((SourceLimit::Unknown(keys), false)),
        };
    }
    Some((SourceLimit::Only { organizations, accounts, resources }, certain))
}
