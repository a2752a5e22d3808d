//! AWS Config in one region, and what only all regions of an account can tell together.
//!
//! Every recorder is named `default`: what tells them apart is the account and region that they were found in.
//! Follows "Managing the configuration recorder" and "Recording AWS resources" of the AWS Config developer guide.

use chrono::{DateTime, Utc};

use crate::facts::Index;
use crate::facts::derived::{all, any, hours_between, join, perhaps};
use crate::facts::view::{Derived, observed};
use crate::model::region::config::spelt;
use crate::model::{
    AccountRecord, DeliveryAttempt, DeliveryChannel, Gaps, Observed, Recorder, RecorderStatus,
    RecordingGroup, RegionRecord, global_region,
};

/// How long Config keeps configuration items where nobody set it: seven years.
pub(super) const DEFAULT_RETENTION_DAYS: i64 = 2557;

/// Resource types of global resources that one region's recorder may record for all.
const GLOBAL_TYPES: [&str; 4] = ["AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"];

/// The customer's recorder. Recorders that a service made for itself record for that service alone.
pub(super) fn recorder(region: &RegionRecord) -> Derived<Option<&Recorder>> {
    Ok(region.recorders.list()?.iter().find(|recorder| recorder.service_principal.is_none()))
}

fn status(region: &RegionRecord) -> Derived<Option<&RecorderStatus>> {
    match recorder(region)? {
        Some(recorder) => recorder.status.get(),
        None => Ok(None),
    }
}

pub(super) fn recording(region: &RegionRecord) -> Derived<bool> {
    status(region).map(|status| status.is_some_and(|it| it.recording))
}

pub(super) fn status_text(
    region: &RegionRecord,
    ask: impl FnOnce(&RecorderStatus) -> &Observed<String>,
) -> Derived<Option<String>> {
    match status(region)? {
        Some(status) => observed(ask(status)),
        None => Ok(None),
    }
}

pub(super) fn frequency(region: &RegionRecord) -> Derived<Option<String>> {
    let Some(recorder) = recorder(region)? else { return Ok(None) };
    let frequency = recorder.recording_frequency.get()?;
    Ok(Some(frequency.map_or_else(|| "CONTINUOUS".to_owned(), Clone::clone)))
}

/// The frequencies at which the recorder records some types instead of its own, where it records those types.
pub(super) fn other_frequencies(region: &RegionRecord) -> Derived<Vec<(&str, Vec<&str>)>> {
    let Some(recorder) = recorder(region)? else { return Ok(Vec::new()) };
    let group = &recorder.recording_group;
    let records = |kind: &&str| {
        let listed = |types: &[String]| types.iter().any(|it| it == kind);
        if all_types(group) { !listed(&group.excluded_resource_types) } else { listed(&group.resource_types) }
    };
    let of = recorder.frequency_overrides.list()?.iter().map(|it| {
        let types = it.resource_types.iter().map(String::as_str).filter(records).collect::<Vec<_>>();
        (it.frequency.as_str(), types)
    });
    Ok(of.filter(|(_, types)| !types.is_empty()).collect())
}

fn is_global(resource_type: &str) -> bool {
    GLOBAL_TYPES.contains(&resource_type)
}

fn excludes_by_name(group: &RecordingGroup) -> bool {
    group.strategy.as_deref() == Some("EXCLUSION_BY_RESOURCE_TYPES")
}

/// Every type but those named in [`unrecorded_types`], and but for global ones.
pub(super) fn all_types(group: &RecordingGroup) -> bool {
    match group.strategy.as_deref() {
        Some("ALL_SUPPORTED_RESOURCE_TYPES" | "EXCLUSION_BY_RESOURCE_TYPES") => true,
        Some(_) => false,
        None => group.all_supported,
    }
}

pub(super) fn unrecorded_types(group: &RecordingGroup) -> Vec<String> {
    if !excludes_by_name(group) {
        return Vec::new();
    }
    group.excluded_resource_types.iter().filter(|kind| !is_global(kind)).cloned().collect()
}

fn records_global_types(group: &RecordingGroup) -> bool {
    if excludes_by_name(group) {
        return !group.excluded_resource_types.iter().any(|kind| is_global(kind));
    }
    if all_types(group) {
        return group.include_global_resource_types;
    }
    GLOBAL_TYPES.iter().all(|global| group.resource_types.iter().any(|kind| kind == global))
}

/// The role that AWS Config makes for itself.
pub(super) fn service_linked(role_arn: &str) -> bool {
    role_arn.ends_with(":role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
}

/// What the recorders of an account's regions do together.
#[derive(Debug)]
pub(in crate::facts) struct AccountConfig<'a> {
    /// A recorder that records includes global resources.
    global_types_recorded: Derived<bool>,
    /// The region to tell, if none does: one finding for the account, not one for each region.
    told_in: Option<&'a str>,
}

impl<'a> AccountConfig<'a> {
    pub(in crate::facts) fn of(index: &Index, record: &'a AccountRecord) -> Self {
        let global = |region: &RegionRecord| {
            let included =
                recorder(region).map(|it| it.is_some_and(|it| records_global_types(&it.recording_group)));
            all([included, recording(region)])
        };
        let unread = record.region_gaps();
        let global_types_recorded = any(record.regions.iter().map(global).chain([perhaps(unread.as_ref())]));
        let home = global_region(&index.header.partition);
        let with_recorder = || record.regions.iter().filter(|region| matches!(recorder(region), Ok(Some(_))));
        let told_in = with_recorder().find(|region| region.name == home).or_else(|| with_recorder().next());
        Self { global_types_recorded, told_in: told_in.map(|region| region.name.as_str()) }
    }

    pub(super) fn global_types_missing(&self, region: &str) -> Derived<bool> {
        if self.told_in != Some(region) {
            return Ok(false);
        }
        self.global_types_recorded.clone().map(|recorded| !recorded)
    }
}

/// How Config's deliveries from one region go.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) bucket_name: Derived<Option<String>>,
    pub(super) to_archive: Derived<bool>,
    pub(super) days_since_success: Derived<Option<i64>>,
    pub(super) failed: Derived<bool>,
    pub(super) error: Derived<Option<String>>,
}

/// The region's delivery channel: AWS allows one.
pub(super) fn delivery_channel(region: &RegionRecord) -> Derived<Option<&DeliveryChannel>> {
    region.delivery_channels.in_effect().map(<[DeliveryChannel]>::first)
}

/// The last deliveries of the history and of a snapshot.
pub(super) fn attempts(region: &RegionRecord) -> Derived<[Derived<Option<&DeliveryAttempt>>; 2]> {
    let Some(channel) = delivery_channel(region)? else { return Ok([Ok(None), Ok(None)]) };
    let Some(status) = channel.status.get()? else { return Ok([Ok(None), Ok(None)]) };
    Ok([status.history.get(), status.snapshot.get()])
}

pub(super) fn delivery(index: &Index, region: &RegionRecord) -> Delivery {
    let channel = delivery_channel(region);
    let bucket_name = channel.and_then(|it| it.map_or(Ok(None), |it| observed(&it.bucket_name)));
    let attempts = || attempts(region);
    Delivery {
        to_archive: bucket_name.clone().and_then(|name| match name {
            Some(name) => index.in_archive(&name),
            None => Ok(false),
        }),
        bucket_name,
        days_since_success: attempts().and_then(|attempts| {
            let latest = latest_success(attempts)?;
            Ok(latest.map(|then| days(hours_between(then, index.header.taken_at))))
        }),
        failed: attempts().and_then(|attempts| any(attempts.map(|attempt| failed(attempt?)))),
        error: attempts().and_then(|attempts| {
            let mut errors = Vec::new();
            for attempt in attempts.into_iter().filter_map(Result::transpose) {
                errors.extend(attempt?.last_error.get()?.cloned());
            }
            Ok((!errors.is_empty()).then(|| errors.join("; ")))
        }),
    }
}

fn days(hours: i64) -> i64 {
    hours.div_euclid(24) + i64::from(hours.rem_euclid(24) > 0)
}

pub(super) fn failed(attempt: Option<&DeliveryAttempt>) -> Derived<bool> {
    let Some(attempt) = attempt else { return Ok(false) };
    Ok(attempt.last_status.get()?.is_some_and(|status| spelt(status) == "FAILURE"))
}

/// The later of the two kinds of delivery. Which one it is does not matter: each holds what the other would.
pub(super) fn latest_success(
    attempts: [Derived<Option<&DeliveryAttempt>>; 2],
) -> Derived<Option<DateTime<Utc>>> {
    let mut latest = None;
    let mut unknown: Option<Gaps> = None;
    for attempt in attempts {
        let success = attempt.and_then(|it| it.map_or(Ok(None), |it| it.last_success.get()));
        match success {
            Ok(success) => latest = latest.max(success.copied()),
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    unknown.map_or(Ok(latest), Err)
}

#[cfg(test)]
mod tests;
