//! Whether somebody watches the archive: the object-level events of its bucket.
//!
//! A data event is recorded in the account that owns the bucket, so that account's own trails and the organization's
//! can record it ("Logging data events", CloudTrail user guide).

use crate::facts::coverage::records_member;
use crate::facts::derived::{all, any, join, perhaps};
use crate::facts::trail::{is_logging, selectors, setting};
use crate::facts::view::{Derived, Prose, Says};
use crate::facts::{Archive, Index};
use crate::model::{Gaps, Trail};

/// The events of all objects of the archive, reads or writes, are recorded by some logging trail.
pub(super) fn recorded(index: &Index, read_only: bool) -> Derived<bool> {
    let Some(archive) = index.archive.as_ref().map_err(Gaps::clone)? else { return Ok(false) };
    recorded_of(index, archive, read_only)
}

/// What of it no trail records, and what follows.
pub(super) fn problem(
    archive: &Derived<Option<String>>,
    reads: &Derived<bool>,
    writes: &Derived<bool>,
) -> Derived<Option<String>> {
    let Some(bucket) = archive.clone()? else {
        return Ok(Some("has no log archive, so that no access to logs is recorded".to_owned()));
    };
    let unrecorded = |recorded: &Derived<bool>| recorded.clone().map(|recorded| !recorded);
    let (what, who) = match (unrecorded(reads), unrecorded(writes)) {
        (Ok(true), Ok(true)) => ("every read and write", "reads, changes or deletes"),
        (Ok(true), _) => ("every read", "reads"),
        (_, Ok(true)) => ("every write", "changes or deletes"),
        (Ok(false), Ok(false)) => return Ok(None),
        (Err(gaps), Ok(_)) | (Ok(_), Err(gaps)) => return Err(gaps),
        (Err(gaps), Err(more)) => return Err(gaps.and(&more)),
    };
    Ok(Some(format!(
        "has no logging trail that records {what} of objects in its archive {bucket}: whoever {who} logs there \
         leaves no trace"
    )))
}

pub(super) const PROBLEM: Prose = Prose {
    from: &["archive_bucket_name", "archive_reads_recorded", "archive_writes_recorded"],
    says: Says::Text(|facts| {
        problem(
            &facts.text("archive_bucket_name"),
            &facts.truth("archive_reads_recorded"),
            &facts.truth("archive_writes_recorded"),
        )
    }),
};

/// The same of any bucket that is named like the archive, with its owner.
pub(in crate::facts) fn recorded_of(index: &Index, archive: &Archive, read_only: bool) -> Derived<bool> {
    let bucket_arn = format!("arn:{}:s3:::{}", index.header.partition, archive.bucket_name);
    let mut gaps = index.organization_trail_gaps.clone();
    let own = own_trails(index, archive, &mut gaps);
    let shared = index.organization_trails.iter().map(|owned| {
        // The owner of an organization trail may be the archive account itself.
        let concerns = match &archive.account_id {
            Ok(Some(account)) if *account == owned.account_id => Ok(true),
            Ok(Some(account)) => records_member(index, account, &owned.trail),
            Ok(None) => setting(&owned.trail, |it| &it.organization_trail),
            Err(gaps) => all([setting(&owned.trail, |it| &it.organization_trail), Err(gaps.clone())]),
        };
        (&owned.trail, concerns)
    });
    let records = |(trail, concerns): (&Trail, Derived<bool>)| {
        let selected = trail
            .event_selectors
            .get()
            .map(|it| selectors::records_object_events(it, &bucket_arn, read_only));
        all([concerns, is_logging(trail), in_region(index, archive, trail), selected])
    };
    let own = own.iter().map(|trail| (trail, Ok(true)));
    any(shared.chain(own).map(records).chain([perhaps(gaps.as_ref())]))
}

fn own_trails<'a>(index: &'a Index, archive: &Archive, gaps: &mut Option<Gaps>) -> &'a [Trail] {
    let owner = match &archive.account_id {
        Ok(Some(owner)) => owner,
        Ok(None) => return &[],
        Err(unknown) => {
            join(gaps, unknown);
            return &[];
        }
    };
    if let Some(unknown) = index.accounts_without_record.get(owner) {
        join(gaps, unknown);
    }
    let Some(own) = index.data_event_trails.get(owner) else { return &[] };
    if let Some(unknown) = &own.gaps {
        join(gaps, unknown);
    }
    &own.trails
}

/// The trail records the bucket's region.
fn in_region(index: &Index, archive: &Archive, trail: &Trail) -> Derived<bool> {
    let home = match index.buckets.get(&archive.bucket_name) {
        Some(bucket) => bucket.region.get().map(|region| region == Some(&trail.home_region)),
        None => index.inventories.clone().map(|()| false),
    };
    any([setting(trail, |it| &it.multi_region), home])
}
