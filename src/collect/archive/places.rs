//! Which folders of which buckets are meant, and whose eyes they are read with.
//!
//! The archive's own listing says which accounts and regions are there; the trails and the organization say which must
//! be, so that a folder that is gone is missed. `trails` says which buckets they deliver to, `listing` what is there,
//! `named` what was asked for by name, `owner` who reads a bucket, and `layout` how CloudTrail names folders.

mod layout;
mod listing;
mod named;
mod owner;
mod trails;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::listing::folders;
use super::bucket::{Buckets, Limits};
use super::{ArchiveError, ArchiveEvent, Request, Store, Target};
use crate::collect::call::{ApiCaller, CallTarget};
use crate::collect::session::Session;
use crate::collect::table::{DESCRIBE_ORGANIZATION, LIST_ACCOUNTS};
use crate::collect::{Run, organization};
use crate::integrity::{ArchivePlace, Folder, TrailName};
use crate::model::{AccountSummary, Gap, Observed};

/// A folder to verify.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) folder: Folder,
    /// Only this trail's chain.
    pub(super) trail: Option<TrailName>,
}

/// What is meant.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) list: Vec<ArchivePlace>,
    pub(super) folders: Vec<Planned>,
    /// Why further folders may be missing that nobody knows of.
    pub(super) gaps: Vec<Gap>,
}

/// What the organization says that must be there.
#[derive(Debug, Default)]
struct Members {
    organization_id: Option<String>,
    accounts: BTreeSet<String>,
    gaps: Vec<Gap>,
}

/// Asks AWS.
pub(super) async fn find(
    run: &Arc<Run>,
    request: &Request,
    limits: &Arc<Limits>,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<(Store, Places), ArchiveError> {
    let own = Session::own(run, &run.identity.account_id);
    let list = match &request.target {
        Target::Bucket { bucket, prefix } => {
            vec![ArchivePlace { bucket: bucket.clone(), prefix: prefix.clone(), trail: None }]
        }
        Target::Trail(arn) => vec![trails::trail(&own, arn).await?],
        Target::Organization => trails::of_caller(run, &own, events).await?,
    };
    let mut members =
        if list.iter().any(|place| place.trail.as_ref().is_some_and(|trail| trail.organization_trail)) {
            members(run, &own).await
        } else {
            Members::default()
        };
    if !request.accounts.is_empty() {
        // Whoever names accounts needs no list of them.
        members.gaps.retain(|gap| gap.operation != LIST_ACCOUNTS.operation);
    }
    for gap in &members.gaps {
        events(ArchiveEvent::Warning(format!(
            "{}:{} did not answer ({}): an account whose whole folder is gone is not missed. Name the accounts with \
             --accounts",
            gap.service, gap.operation, gap.detail
        )));
    }
    let mut prefixes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for place in &list {
        prefixes.entry(&place.bucket).or_default().insert(&place.prefix);
    }
    let mut buckets = BTreeMap::new();
    for (bucket, prefixes) in prefixes {
        let session = owner::session(run, request, bucket, &prefixes, &members.accounts, events).await?;
        buckets.insert(bucket.to_owned(), Buckets::new(session, Arc::clone(limits)));
    }
    let store = Store::Buckets(buckets);
    let folders = folders(&store, &list, request, &members, &run.identity.partition).await?;
    let mut gaps = members.gaps;
    gaps.extend(named::gone(request, &list, &folders));
    Ok((store, Places { list, folders, gaps }))
}

/// Looks through a copy: what is there is all that is known.
pub(super) async fn of_copy(store: &Store, request: &Request) -> Result<Places, ArchiveError> {
    let Store::Copies(copies) = store else {
        return Err(ArchiveError::Nothing { whose: "no copy".to_owned() });
    };
    let list = match &request.target {
        Target::Bucket { bucket, prefix } => {
            vec![ArchivePlace { bucket: bucket.clone(), prefix: prefix.clone(), trail: None }]
        }
        Target::Organization | Target::Trail(_) => copies
            .places()?
            .into_iter()
            .map(|(bucket, prefix)| ArchivePlace { bucket, prefix, trail: None })
            .collect(),
    };
    let folders = folders(store, &list, request, &Members::default(), "").await?;
    let gaps = named::gone(request, &list, &folders);
    Ok(Places { list, folders, gaps })
}

async fn members(run: &Run, own: &Session) -> Members {
    let ask = ApiCaller::new(Arc::clone(&run.calls), None, None);
    let client = own.organizations(&run.region);
    let organization_id = match organization::describe(&ask, &client).await {
        Observed::Known(description) => Some(description.id),
        Observed::Absent => {
            ask.malformed(
                &DESCRIBE_ORGANIZATION,
                CallTarget::default(),
                "the organization whose trail it shows",
            );
            None
        }
        Observed::Unavailable(_) => None,
    };
    let accounts = match organization::accounts(&ask, &client, &Observed::Absent).await {
        Observed::Known(accounts) => {
            accounts.into_iter().filter(AccountSummary::is_active).map(|account| account.id).collect()
        }
        Observed::Absent => {
            ask.malformed(&LIST_ACCOUNTS, CallTarget::default(), "the accounts of the organization");
            BTreeSet::new()
        }
        Observed::Unavailable(_) => BTreeSet::new(),
    };
    Members { organization_id, accounts, gaps: ask.gaps() }
}
