//! What the log destination rules ask: which accounts may subscribe their log groups to it.

use std::collections::BTreeSet;

use super::grants::{Grant, Scope, admits_account, admits_every_member, grants};
use super::{Evidence, OrganizationScope};
use crate::policy::arn::account_of;
use crate::policy::document::Document;
use crate::policy::request::Target;
use crate::policy::truth::Truth;

const SUBSCRIBE: &str = "logs:PutSubscriptionFilter";

/// Who may send logs to a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DestinationAudience {
    /// Everyone: the statements that say so.
    Everyone(Vec<Evidence>),
    /// The organization, and its accounts that are listed.
    Organization(BTreeSet<String>),
    /// These accounts; nobody, if there are none.
    Accounts(BTreeSet<String>),
    /// Others than the organization: the statements.
    Beyond(Vec<Evidence>),
    /// It cannot be told, because of these statements.
    Unknown(Vec<Evidence>),
}

/// Who may put a subscription filter that sends to the destination, seen from the organization.
pub fn destination_audience(
    document: &Document,
    destination_arn: &str,
    organization: &OrganizationScope,
) -> DestinationAudience {
    let grants = grants(document, SUBSCRIBE, &Target::exact(destination_arn));
    let evidence = |wanted: &dyn Fn(&Scope) -> bool| -> Vec<Evidence> {
        grants.iter().filter(|grant| wanted(&grant.scope)).map(Grant::evidence).collect()
    };
    let everyone = evidence(&|scope| *scope == Scope::Everyone);
    if !everyone.is_empty() {
        return DestinationAudience::Everyone(everyone);
    }
    let beyond = evidence(&|scope| scope.within(organization).is_false());
    if !beyond.is_empty() {
        return DestinationAudience::Beyond(beyond);
    }
    let unknown = evidence(&|scope| scope.within(organization) == Truth::Unknown);
    if !unknown.is_empty() {
        return DestinationAudience::Unknown(unknown);
    }
    let mut accounts = BTreeSet::new();
    let mut whole = false;
    for grant in &grants {
        match &grant.scope {
            Scope::Accounts(ids) => accounts.extend(ids.iter().cloned()),
            Scope::Principals(arns) => {
                accounts.extend(arns.iter().filter_map(|arn| account_of(arn)).map(str::to_owned));
            }
            Scope::Organizations(_) => whole = true,
            Scope::Everyone | Scope::Service { .. } | Scope::Unknown(_) => {}
        }
    }
    if whole { DestinationAudience::Organization(accounts) } else { DestinationAudience::Accounts(accounts) }
}

/// Whether the destination lets an account of the organization subscribe its log groups. The account goes with its
/// path (`o-.../r-.../ou-.../`), where that is known.
pub fn admits(
    document: &Document,
    destination_arn: &str,
    account: (&str, Option<&str>),
    organization: &OrganizationScope,
) -> Truth {
    admits_account(document, SUBSCRIBE, &Target::exact(destination_arn), account, organization)
}

/// Whether the destination lets each account of the organization subscribe, whichever that is and wherever.
pub fn admits_all(document: &Document, destination_arn: &str, organization: &OrganizationScope) -> Truth {
    admits_every_member(document, SUBSCRIBE, &Target::exact(destination_arn), organization)
}
