//! What `verify-logs` and `copy-logs` share: which part of the archive is meant, and how far reading it is.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::connecting;
use super::error::Error;
use crate::cli::{ArchiveArgs, AwsArgs, CollectingArgs, RoleArgs, ScopeArgs};
use crate::collect::archive::{ArchiveEvent, Request, Target};
use crate::integrity::{Sample, TimeRange};
use crate::plan::CollectSettings;
use crate::printer::{Printer, Progress};
use crate::report::text::{count, grouped};
use crate::settings::{SettingsError, config::ConfigFile};

/// Objects in flight where nobody says.
const MAX_CONCURRENCY: u16 = 64;

/// The part of the archive that the flags name.
pub(super) fn request(args: &ArchiveArgs, role: &RoleArgs, config: &ConfigFile) -> Result<Request, Error> {
    let target = match (&args.trail_arn, &args.bucket) {
        (Some(arn), _) => Target::Trail(arn.clone()),
        (None, Some(bucket)) => Target::Bucket {
            bucket: bucket.clone(),
            prefix: args.prefix.as_deref().unwrap_or_default().trim_matches('/').to_owned(),
        },
        (None, None) => Target::Organization,
    };
    Ok(Request {
        target,
        range: range(args.start_time, args.end_time)?,
        accounts: sorted(&args.accounts),
        regions: sorted(&args.regions),
        sample: Sample::All,
        state: None,
        archive_account: args.archive_account.clone(),
        role_is_chosen: role.role_name.is_some() || config.scan.role_name.is_some(),
        copy: None,
    })
}

fn range(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<Option<TimeRange>, SettingsError> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let to = to.unwrap_or_else(Utc::now);
    let from = from.unwrap_or_else(|| to - TimeDelta::days(90));
    if from >= to {
        return Err(SettingsError::EmptyRange { from: word(from), to: word(to) });
    }
    Ok(Some(TimeRange::new(from, to)))
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

/// How AWS is reached by those who read the archive.
pub(super) fn collect_settings(role: &RoleArgs, aws: &AwsArgs, config: &ConfigFile) -> CollectSettings {
    let scope = ScopeArgs::default();
    let mut args = CollectingArgs { scope, role: role.clone(), aws: aws.clone() };
    // Objects are smaller and faster than answers of the other services: more of them are in flight.
    args.aws.max_concurrency = args.aws.max_concurrency.or(Some(MAX_CONCURRENCY));
    connecting::settings(&args, config)
}

/// Says how far it is.
pub(super) fn show(event: &ArchiveEvent, printer: &Printer, progress: &Progress<'_>) {
    match event {
        ArchiveEvent::Planned { places, folders, resumed, range } => {
            let before =
                if *resumed > 0 { format!(", {} verified before", grouped(*resumed)) } else { String::new() };
            let buckets: BTreeSet<&str> = places.iter().map(|place| place.bucket.as_str()).collect();
            let buckets = buckets.into_iter().collect::<Vec<_>>().join(", ");
            let folders = count(*folders, "folder");
            printer.note(&format!(
                "{buckets}: {folders}{before}, {} to {}",
                word(range.from),
                word(range.to)
            ));
        }
        ArchiveEvent::Progress { done, total, objects, bytes } => {
            progress.update_objects(*done, *total, *objects, *bytes);
        }
        ArchiveEvent::RestIsKept => printer.warn(
            "not everything could be read: with the same --state, the next run tries only the rest again",
        ),
        ArchiveEvent::Warning(text) => printer.warn(text),
    }
}

/// A time as flags take it.
pub(super) fn word(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
