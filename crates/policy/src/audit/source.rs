//! On whose behalf a service may act: the confused-deputy question.
//!
//! Follows "The confused deputy problem" of the IAM User Guide: a service that anyone can use must be let in only
//! with `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths`.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use super::OrganizationScope;
use super::asker::Asker;
use super::caller::Caller;
use super::names::example_arn;
use super::search::Reach;
use crate::condition::Condition;
use crate::document::Statement;
use crate::truth::Truth;

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
    // As in the same place for callers: a network or the like tells nothing of on whose behalf the service acts.
    let stranger = asker.names.strangers.first().map_or("", String::as_str);
    let anyone = Caller::service_for_outsider(service, stranger).in_no_named_organization();
    if let Reach::Yes(keys) | Reach::Unknown(keys) = asker.reach(allow, &anyone) {
        return Some((SourceLimit::Unknown(keys), false));
    }
    if let Some(limit) = named_sources(asker, allow, service) {
        return Some(limit);
    }
    match asker.reach(allow, &anyone.possibly_in(&asker.organizations())) {
        // Amplify Hosting gives its ARN in percent-encoding ("Creating a bucket policy to deploy a static website from S3
        // using the AWS SDKs", AWS Amplify Hosting User Guide, read 2026-11-29).
        Reach::No if names_an_encoded_arn(allow) => {
            Some((SourceLimit::Unknown(vec!["aws:sourcearn".to_owned()]), false))
        }
        Reach::No => None,
        Reach::Yes(keys) | Reach::Unknown(keys) => Some((SourceLimit::Unknown(keys), false)),
    }
}

fn names_an_encoded_arn(allow: &Statement) -> bool {
    let on_source = allow.conditions.iter().filter(|condition| condition.lowercase_key() == "aws:sourcearn");
    on_source.flat_map(Condition::values).any(|value| value.text().to_ascii_lowercase().starts_with("arn%3a"))
}

/// Which of the organizations, accounts and resources that the document names get through.
fn named_sources(asker: &Asker<'_>, allow: &Statement, service: &str) -> Option<(SourceLimit, bool)> {
    let names = asker.names;
    let stranger = names.strangers.first().map_or("", String::as_str);
    let known = asker.organizations();
    let caller = |account: &str| Caller::service_for_outsider(service, account);
    let certain = Cell::new(false);
    let admits = |caller: &Caller| {
        let reach = asker.reach(allow, caller);
        certain.set(certain.get() || reach.is_yes());
        !reach.is_no()
    };
    let of_resource = |mut caller: Caller, arn: &String| {
        caller.source_arn = Some(example_arn(arn));
        admits(&caller)
    };
    let mut organizations: BTreeSet<String> = names
        .organizations
        .iter()
        .filter(|id| admits(&caller(stranger).in_organization(id)))
        .cloned()
        .collect();
    // What an organization's members may do, an account outside it may do on its own account or not at all.
    let alone = |account: &str, organizations: &BTreeSet<String>| {
        let caller = caller(account);
        if organizations.is_empty() { caller.possibly_in(&known) } else { caller.in_no_named_organization() }
    };
    let mut accounts: BTreeSet<String> =
        names.accounts.iter().filter(|account| admits(&alone(account, &organizations))).cloned().collect();
    let resources: BTreeSet<String> = names
        .sources
        .iter()
        .filter(|arn| of_resource(alone(stranger, &organizations), arn))
        .cloned()
        .collect();
    if organizations.is_empty() && accounts.is_empty() && resources.is_empty() {
        // A resource and its owner, both demanded.
        let any_resource = |caller: &Caller| names.sources.iter().any(|arn| of_resource(caller.clone(), arn));
        organizations = names
            .organizations
            .iter()
            .filter(|id| any_resource(&caller(stranger).in_organization(id)))
            .cloned()
            .collect();
        accounts = names
            .accounts
            .iter()
            .filter(|account| any_resource(&alone(account, &organizations)))
            .cloned()
            .collect();
    }
    if organizations.is_empty() && accounts.is_empty() && resources.is_empty() {
        return None;
    }
    Some((SourceLimit::Only { organizations, accounts, resources }, certain.get()))
}
