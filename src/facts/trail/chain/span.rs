//! The time that the verified digests of each chain cover, which may be less than what was asked: where the first digest
//! follows none, nothing tells whether the trail began there or whether earlier digests were deleted. See [`super`].
//!
//! An account's chains of an organization trail begin where it joined the organization (`JoinedTimestamp` of `Account`, Organizations API
//! reference, read 2026-11-29). When a region was opted in to, nothing says. That a trail was started lately does not
//! count: it may have been stopped before, and a trail that was deleted and made again has the same name.

use chrono::{DateTime, TimeDelta, Utc};

use super::attested::{Newest, Span};
use crate::attestation::AttestedTime;
use crate::facts::Index;
use crate::facts::derived::{hours_between, join};
use crate::facts::view::Derived;
use crate::model::{Gap, GapPlace, GapReason, Gaps, default_regions};

/// How long after its account joined a chain may begin.
const FIRST_DIGEST: TimeDelta = TimeDelta::days(1);
/// How long before the end of what was asked a chain may end: a digest is of an hour, and up to two hours later it may
/// still be on its way.
const LAST_DIGEST: TimeDelta = TimeDelta::hours(3);

/// What the chains of a result cover.
#[derive(Debug)]
pub(super) struct Covered {
    /// Whole days that each chain covers, but for those of accounts that joined since.
    pub(super) days: Derived<i64>,
    /// Whole days that the chains cover of which that is known.
    pub(super) most_days: i64,
    /// Hours, rounded up, from the end of what each covers to the snapshot.
    pub(super) age_hours: i64,
    /// Which chain begins latest, and how late, where some do.
    pub(super) late: Option<String>,
}

/// Whether a chain that begins late may begin there.
enum Begin {
    Late,
    /// Its account joined then.
    Joined,
    Unknown(Gaps),
}

impl Covered {
    pub(super) fn of(index: &Index, newest: &Newest<'_>) -> Self {
        let asked = AttestedTime { from: newest.from, to: newest.to };
        let (mut certain, mut joined) = (None::<i64>, None::<i64>);
        let mut unknown: Vec<(i64, Gaps)> = Vec::new();
        let mut late: Vec<(i64, &str, &str)> = Vec::new();
        let mut end = asked.to;
        for (account, region, span) in &newest.spans {
            let time = match span {
                Span::NotTold => {
                    unknown.push((0, untold().id.into()));
                    continue;
                }
                Span::Nothing => AttestedTime { to: asked.from, ..asked },
                Span::Time(time) => *time,
            };
            end = end.min(time.to);
            let days = whole_days(time, asked);
            let fewer = |than: Option<i64>| Some(than.map_or(days, |than| than.min(days)));
            if *span != Span::Nothing && time.from <= asked.from {
                certain = fewer(certain);
                continue;
            }
            match begin(index, newest.of_organization, account, region, time.from) {
                Begin::Late => {
                    certain = fewer(certain);
                    let from = if *span == Span::Nothing { asked.to } else { time.from };
                    late.push(((from - asked.from).num_hours(), account, region));
                }
                Begin::Joined => joined = fewer(joined),
                Begin::Unknown(gaps) => unknown.push((days, gaps)),
            }
        }
        // Where every account is new, the organization is.
        let most_days = certain.or(joined).unwrap_or_else(|| whole_days(asked, asked));
        let mut gaps = None;
        unknown
            .iter()
            .filter(|(days, _)| *days < most_days)
            .for_each(|(_, unknown)| join(&mut gaps, unknown));
        Self {
            days: gaps.map_or(Ok(most_days), Err),
            most_days,
            age_hours: hours_between(end, index.header.taken_at),
            late: words(late),
        }
    }
}

fn whole_days(time: AttestedTime, asked: AttestedTime) -> i64 {
    let to = if time.from < time.to { (time.to + LAST_DIGEST).min(asked.to.max(time.to)) } else { time.to };
    (to - time.from).num_days()
}

/// Whether a chain may begin at this time, after what was asked. An account's own trail may be older than its place in the
/// organization.
fn begin(index: &Index, of_organization: bool, account: &str, region: &str, from: DateTime<Utc>) -> Begin {
    let joined = if of_organization { joined(index, account) } else { Ok(None) };
    match joined {
        Ok(Some(joined)) if from <= joined + FIRST_DIGEST => Begin::Joined,
        Ok(_) if default_regions(&index.header.partition).contains(&region) => Begin::Late,
        Ok(_) => Begin::Unknown(opted().id.into()),
        Err(gaps) => Begin::Unknown(gaps),
    }
}

fn joined(index: &Index, account: &str) -> Derived<Option<DateTime<Utc>>> {
    let Some(organization) = index.header.organization.get()? else { return Ok(None) };
    let accounts = organization.accounts.list()?;
    match accounts.iter().find(|summary| summary.id == account) {
        Some(summary) => Ok(summary.joined_at.get()?.copied()),
        None => Ok(None),
    }
}

fn words(mut late: Vec<(i64, &str, &str)>) -> Option<String> {
    late.sort_by_key(|(hours, account, region)| (std::cmp::Reverse(*hours), *account, *region));
    let (hours, account, region) = late.first()?;
    let unit = if *hours == 1 { "hour" } else { "hours" };
    let more = match late.len() - 1 {
        0 => String::new(),
        1 => ", as another one does".to_owned(),
        more => format!(", as {more} more do"),
    };
    Some(format!(
        "the chain of {account} {region} leaves out the first {hours} {unit} of what was asked{more}"
    ))
}

/// Stands for a result of a release that did not tell what each chain covers.
fn untold() -> Gap {
    let resource = Some("the time that each chain covers");
    let place = GapPlace { service: "trailproof", operation: "verify-logs", resource, ..GapPlace::default() };
    let why = "the attestation is of a release that did not tell: verify again with trailproof verify-logs";
    Gap::new(place, GapReason::NotCollected, why)
}

/// Stands for when regions were enabled.
fn opted() -> Gap {
    let resource = Some("since when regions are enabled");
    let place = GapPlace { service: "account", operation: "ListRegions", resource, ..GapPlace::default() };
    let why = "chains of regions that are not enabled by default begin later than what was asked, and when such a region \
               was enabled is not known";
    Gap::new(place, GapReason::NotCollected, why)
}

/// The gaps that [`Covered`] names and no record holds.
pub(super) fn gaps(index: &Index) -> Vec<Gap> {
    if !index.attested.is_any() {
        return Vec::new();
    }
    let untold = (!index.attested.tells_spans()).then(untold);
    std::iter::once(opted()).chain(untold).collect()
}
