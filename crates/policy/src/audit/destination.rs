//! What the log destination rules ask: who may subscribe log groups to it or change it.

use super::OrganizationScope;
use super::actions::DESTINATION_ACTIONS;
use super::grants::{Grant, admits_account, admits_every_member, grants};
use crate::document::Document;
use crate::request::Target;
use crate::truth::Truth;

const SUBSCRIBE: &str = "logs:PutSubscriptionFilter";

/// What the destination's policy lets whom do with it: subscribe to it, change where it leads and whom it lets in, delete it.
pub fn destination_grants(document: &Document, destination_arn: &str) -> Vec<Grant> {
    let destination = Target::exact(destination_arn);
    DESTINATION_ACTIONS.iter().flat_map(|action| grants(document, action, &destination)).collect()
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
