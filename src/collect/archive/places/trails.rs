//! Which buckets the trails deliver to: one trail that is named, or those that the caller's account sees.

use std::collections::BTreeSet;

use crate::collect::Run;
use crate::collect::archive::{ArchiveError, ArchiveEvent};
use crate::collect::call::{CallTarget, flatten};
use crate::collect::convert::Arn;
use crate::collect::session::Session;
use crate::collect::trails::{self, Listed};
use crate::integrity::{ArchivePlace, TrailPlace};
use crate::model::{GapId, Observed, TrailReference, TrailSettings, default_regions};

impl TrailPlace {
    pub(super) fn account_id(&self) -> Option<&str> {
        Arn::parse(&self.arn).map(|arn| arn.account_id)
    }

    /// Those that it records in.
    pub(super) fn regions(&self, partition: &str) -> BTreeSet<String> {
        let all = if self.multi_region { default_regions(partition) } else { &[] };
        all.iter().map(|&region| region.to_owned()).chain([self.home_region.clone()]).collect()
    }
}

/// Where the trail of this ARN delivers.
pub(super) async fn trail(own: &Session, arn: &str) -> Result<ArchivePlace, ArchiveError> {
    let no_trail = |detail: String| ArchiveError::NoTrail { arn: arn.to_owned(), detail };
    let parsed = Arn::parse(arn).filter(|parsed| parsed.resource.starts_with("trail/"));
    let parsed = parsed.ok_or_else(|| no_trail("it is no ARN of a trail".to_owned()))?;
    let name = parsed.resource.trim_start_matches("trail/").to_owned();
    match described(own, arn, &name, parsed.region).await {
        Observed::Known(place) => Ok(place),
        Observed::Absent => Err(no_trail("CloudTrail knows no such trail".to_owned())),
        Observed::Unavailable(gap) => {
            Err(ArchiveError::UnreadTrail { arn: arn.to_owned(), detail: detail_of(own, &gap) })
        }
    }
}

async fn described(own: &Session, arn: &str, name: &str, home_region: &str) -> Observed<ArchivePlace> {
    let client = own.cloudtrail(home_region);
    let settings = trails::settings(&own.api, &client, CallTarget::region(home_region).of(arn), arn).await;
    place(settings, arn, name, home_region)
}

fn place(
    settings: Observed<TrailSettings>,
    arn: &str,
    name: &str,
    home_region: &str,
) -> Observed<ArchivePlace> {
    flatten(settings.map(|settings| {
        let prefix = match settings.key_prefix {
            Observed::Known(prefix) => prefix.trim_matches('/').to_owned(),
            Observed::Absent => String::new(),
            Observed::Unavailable(gap) => return Observed::Unavailable(gap),
        };
        let switches = (settings.organization_trail, settings.multi_region);
        let (organization_trail, multi_region) = match switches {
            (Observed::Unavailable(gap), _) | (_, Observed::Unavailable(gap)) => {
                return Observed::Unavailable(gap);
            }
            (organization_trail, multi_region) => {
                let on = |switch| matches!(switch, Observed::Known(true));
                (on(organization_trail), on(multi_region))
            }
        };
        Observed::Known(ArchivePlace {
            bucket: settings.bucket_name,
            prefix,
            trail: Some(TrailPlace {
                arn: arn.to_owned(),
                name: name.to_owned(),
                home_region: home_region.to_owned(),
                organization_trail,
                multi_region,
            }),
        })
    }))
}

fn detail_of(own: &Session, gap: &GapId) -> String {
    own.api.gap_of(gap).map_or_else(|| "no answer".to_owned(), |gap| gap.detail)
}

/// The trails that the caller's account sees, of those that deliver to the archive: the bucket that the configuration
/// names, else the buckets of organization trails, else every bucket.
pub(super) async fn of_caller(
    run: &Run,
    own: &Session,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Vec<ArchivePlace>, ArchiveError> {
    // Regions that the account may have besides are asked only where it scans.
    let mut regions: BTreeSet<String> =
        default_regions(&run.identity.partition).iter().map(|&region| region.to_owned()).collect();
    regions.insert(own.region.clone());
    let regions: Vec<String> = regions.into_iter().collect();
    let (listed, unseen) = match trails::list(own, &regions).await {
        Ok(found) => found,
        Err(gap) => return Err(ArchiveError::NoTrails { detail: detail_of(own, &gap) }),
    };
    for gap in unseen.iter().filter_map(|gap| own.api.gap_of(gap)) {
        let region = gap.region.as_deref().unwrap_or_default();
        events(ArchiveEvent::Warning(format!(
            "{region} did not say which trails it has ({}): one that records that region alone is not verified",
            gap.detail
        )));
    }
    let mut places = Vec::new();
    for Listed { reference: TrailReference { arn, name, home_region }, settings } in listed {
        match place(settings, &arn, &name, &home_region) {
            Observed::Known(place) => places.push(place),
            Observed::Absent => {}
            Observed::Unavailable(gap) => {
                return Err(ArchiveError::UnreadTrail { arn, detail: detail_of(own, &gap) });
            }
        }
    }
    let is_organization_trail =
        |place: &ArchivePlace| place.trail.as_ref().is_some_and(|trail| trail.organization_trail);
    if let Some(archive) = &run.settings.expectations.archive_bucket {
        places.retain(|place| place.bucket == *archive);
        if places.is_empty() {
            places.push(ArchivePlace { bucket: archive.clone(), prefix: String::new(), trail: None });
        }
    } else if places.iter().any(is_organization_trail) {
        let buckets: BTreeSet<String> = places
            .iter()
            .filter(|place| is_organization_trail(place))
            .map(|place| place.bucket.clone())
            .collect();
        let before = places.len();
        places.retain(|place| buckets.contains(&place.bucket));
        if places.len() < before {
            let left = before - places.len();
            events(ArchiveEvent::Warning(format!(
                "{left} of the caller's trails do not deliver to the organization trail's bucket and are not \
                 verified: name one with --trail-arn"
            )));
        }
    }
    if places.is_empty() {
        let detail = format!("account {} sees no trail", run.identity.account_id);
        return Err(ArchiveError::NoTrails { detail });
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}
