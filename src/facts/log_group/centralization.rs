//! Rules that copy log groups of the whole organization to a central account, without a subscription. They are not read:
//! where the organization lets CloudWatch have them, a group without a subscription may be copied nevertheless.
//!
//! "CloudWatch" of "AWS services that you can use with AWS Organizations",
//! <https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudwatch.html>, and
//! `CreateCentralizationRuleForOrganization` of CloudWatch Observability Admin, both read 2026-11-28.

use crate::model::{Gap, GapPlace, GapReason, Gaps, Observed, Organization};

/// Whom the organization must trust for such rules.
const CENTRALIZER: &str = "observabilityadmin.amazonaws.com";

fn unread_rules() -> Gap {
    let place = GapPlace {
        service: "observabilityadmin",
        operation: "ListCentralizationRulesForOrganization",
        ..GapPlace::default()
    };
    let why = "the organization trusts CloudWatch, whose centralization rules may copy log groups without a \
               subscription: they are not read";
    Gap::new(place, GapReason::NotCollected, why)
}

/// Why log groups may be copied without a subscription.
pub(super) fn unread(organization: &Observed<Organization>) -> Option<Gaps> {
    let organization = match organization {
        Observed::Known(organization) => organization,
        Observed::Absent => return None,
        Observed::Unavailable(gap) => return Some(gap.clone().into()),
    };
    match organization.trusted_services.list() {
        Ok(services) => {
            let trusted = services.iter().any(|service| service == CENTRALIZER);
            trusted.then(|| unread_rules().id.into())
        }
        Err(gaps) => Some(gaps),
    }
}

/// The gap that [`unread`] may name and that no record holds.
pub(in crate::facts) fn gap(organization: &Observed<Organization>) -> Option<Gap> {
    let rules = unread_rules();
    (unread(organization)? == rules.id.clone().into()).then_some(rules)
}
