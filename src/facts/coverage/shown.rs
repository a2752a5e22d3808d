//! Which organization trails record an account that does not own them. See [`super`].
//!
//! CloudTrail makes a trail of the same name in each account of the organization, which that account sees ("Creating a
//! trail for an organization", CloudTrail user guide,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html>): where an account does not
//! show it, it records nothing there, whatever its owner says. Without trusted access it stops for member accounts, and
//! remains ("AWS CloudTrail and AWS Organizations", Organizations user guide,
//! <https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudtrail.html>; both read
//! 2026-11-29).

use crate::facts::Index;
use crate::facts::derived::all;
use crate::facts::trail::setting;
use crate::facts::view::Derived;
use crate::model::{Gap, Gaps, Trail};

const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Each region shows a multi-region trail, and only its own region one of a single region.
fn shows(index: &Index, account: &str, trail: &Trail) -> Derived<bool> {
    let Some(shadows) = index.shown.by_account.get(account) else {
        let without = index.accounts_without_record.get(account).cloned();
        return Err(without.unwrap_or_else(|| Gap::not_collected().id.into()));
    };
    if shadows.arns.as_ref().map_err(Gaps::clone)?.contains(&trail.arn) {
        return Ok(true);
    }
    let everywhere = setting(trail, |it| &it.multi_region) == Ok(true);
    let hidden = if everywhere { &shadows.asked } else { &shadows.everywhere };
    hidden.clone().map_or(Ok(false), Err)
}

/// CloudTrail may see which accounts the organization has.
fn trusted(index: &Index) -> Derived<bool> {
    let Some(organization) = index.header.organization.get()? else { return Ok(false) };
    Ok(organization.trusted_services.list()?.iter().any(|service| service == SERVICE))
}

/// What must hold of a trail so that it records an account that does not own it, with what to say where it does not.
pub(super) fn terms(index: &Index, account: &str, trail: &Trail) -> Vec<(Derived<bool>, String)> {
    let organization = setting(trail, |it| &it.organization_trail);
    if organization == Ok(false) {
        return vec![(organization, "is not an organization trail".to_owned())];
    }
    vec![
        (organization, "is not an organization trail".to_owned()),
        (shows(index, account, trail), "is not among the trails of this account".to_owned()),
        (trusted(index), "records no member account while CloudTrail lacks trusted access".to_owned()),
    ]
}

/// Whether an organization trail records an account that does not own it.
pub(in crate::facts) fn records(index: &Index, account: &str, trail: &Trail) -> Derived<bool> {
    all(terms(index, account, trail).into_iter().map(|(truth, _)| truth))
}
