//! Whether a trail is a second paid copy: CloudTrail delivers the first copy of management events free of charge.

use super::{is_logging, management_events, selectors, setting};
use crate::facts::coverage::AccountTrails;
use crate::facts::derived::{all, any, join};
use crate::facts::view::Derived;
use crate::model::{Gaps, Observed, Trail, TrailSettings};
use crate::policy::Arn;

/// The trail that records the same, or more, of this account to the same bucket. Of two equal ones only the later by
/// ARN is redundant.
pub(super) fn redundant_with(trails: &AccountTrails<'_>, trail: &Trail) -> Derived<Option<String>> {
    let mut unknown: Option<Gaps> = None;
    for (other, records) in trails.live().filter(|(other, _)| other.arn != trail.arn) {
        let superseded = match (includes(other, trail), includes(trail, other)) {
            (included, _) if other.arn < trail.arn => included,
            (included, mutual) => all([included, mutual.map(|mutual| !mutual)]),
        };
        // One that is set to record the account, and does not, replaces nothing.
        let superseded = all([records.clone(), superseded]);
        match superseded {
            Ok(true) => return Ok(Some(other.name.clone())),
            Ok(false) => {}
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    // A trail that does not log costs nothing, however many others there are.
    match (is_logging(trail), unknown, trails.gaps()) {
        (Ok(false), _, _) | (_, None, None) => Ok(None),
        (_, Some(gaps), Some(more)) => Err(gaps.and(more)),
        (_, Some(gaps), None) => Err(gaps),
        (_, None, Some(gaps)) => Err(gaps.clone()),
    }
}

/// Both log, to the same bucket, and what `small` records of the account `large` records too.
fn includes(large: &Trail, small: &Trail) -> Derived<bool> {
    let bucket = |trail: &Trail| trail.settings.get().map(|it| it.map(|it| it.bucket_name.clone()));
    let same_bucket = match (bucket(large), bucket(small)) {
        (Ok(large), Ok(small)) => Ok(large == small),
        (Err(gaps), Ok(_)) | (Ok(_), Err(gaps)) => Err(gaps),
        (Err(gaps), Err(more)) => Err(gaps.and(&more)),
    };
    let single =
        |trail: &Trail, ask: fn(&TrailSettings) -> &Observed<bool>| setting(trail, ask).map(|truth| !truth);
    let organization = setting(large, |it| &it.organization_trail);
    let owner = |trail: &Trail| Arn::parse(&trail.arn).map(|arn| arn.account_id.to_owned());
    let accounts = if owner(large) == owner(small) {
        any([single(small, |it| &it.organization_trail), organization])
    } else {
        // A trail of another account records this one only as the organization's.
        organization
    };
    let same_region = Ok(large.home_region == small.home_region);
    let regions = any([
        setting(large, |it| &it.multi_region),
        all([single(small, |it| &it.multi_region), same_region]),
    ]);
    all([is_logging(large), is_logging(small), same_bucket, accounts, regions, events(large, small)])
}

fn events(large: &Trail, small: &Trail) -> Derived<bool> {
    let (large_selectors, small_selectors) = match (large.event_selectors.get(), small.event_selectors.get())
    {
        (Ok(large), Ok(small)) => (large, small),
        (Err(gaps), Ok(_)) | (Ok(_), Err(gaps)) => return Err(gaps),
        (Err(gaps), Err(more)) => return Err(gaps.and(&more)),
    };
    let management_only = selectors::data_event_types(small_selectors).is_empty()
        && selectors::network_activity_sources(small_selectors).is_empty();
    let complete = management_events(large)?.complete();
    Ok(large_selectors == small_selectors || management_only && complete)
}
