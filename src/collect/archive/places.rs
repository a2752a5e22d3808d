//! Which folders of which buckets are meant, and whose eyes they are read with.
//!
//! The archive's own listing says which accounts and regions are there; the trails and the organization say which must
//! be, so that a folder that is gone is missed.

mod named;
mod owner;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::bucket::{Buckets, Limits};
use super::{ArchiveError, ArchiveEvent, Request, Store, Target};
use crate::collect::call::{Asker, At, flatten};
use crate::collect::convert::Arn;
use crate::collect::session::Session;
use crate::collect::table::{DESCRIBE_ORGANIZATION, LIST_ACCOUNTS};
use crate::collect::trails::{self, Listed};
use crate::collect::{Run, organization};
use crate::integrity::{Folder, TrailName};
use crate::model::{AccountSummary, Gap, GapId, Observed, TrailReference, TrailSettings, default_regions};

/// Accounts whose folders are listed at the same time.
const LISTINGS: usize = 16;

/// A trail's bucket, or a bucket that was named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The prefix, without slashes at its ends; empty for none.
    pub prefix: String,
    /// The trail that delivers there; `None` where nobody said.
    pub trail: Option<TrailPlace>,
}

/// What matters here of a trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrailPlace {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The region in which it was made.
    pub home_region: String,
    /// It records for every account of the organization.
    pub organization_trail: bool,
    /// It records in every enabled region.
    pub multi_region: bool,
}

impl TrailPlace {
    fn account_id(&self) -> Option<&str> {
        Arn::parse(&self.arn).map(|arn| arn.account_id)
    }

    fn regions(&self, partition: &str) -> BTreeSet<String> {
        let all = if self.multi_region { default_regions(partition) } else { &[] };
        all.iter().map(|&region| region.to_owned()).chain([self.home_region.clone()]).collect()
    }
}

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
    pub(super) list: Vec<Place>,
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
            vec![Place { bucket: bucket.clone(), prefix: prefix.clone(), trail: None }]
        }
        Target::Trail(arn) => vec![trail(&own, arn).await?],
        Target::Organization => of_caller(run, &own, events).await?,
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
            vec![Place { bucket: bucket.clone(), prefix: prefix.clone(), trail: None }]
        }
        Target::Organization | Target::Trail(_) => copies
            .places()?
            .into_iter()
            .map(|(bucket, prefix)| Place { bucket, prefix, trail: None })
            .collect(),
    };
    let folders = folders(store, &list, request, &Members::default(), "").await?;
    let gaps = named::gone(request, &list, &folders);
    Ok(Places { list, folders, gaps })
}

async fn trail(own: &Session, arn: &str) -> Result<Place, ArchiveError> {
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

async fn described(own: &Session, arn: &str, name: &str, home_region: &str) -> Observed<Place> {
    let client = own.cloudtrail(home_region);
    let settings = trails::settings(&own.ask, &client, At::region(home_region).of(arn), arn).await;
    place(settings, arn, name, home_region)
}

fn place(settings: Observed<TrailSettings>, arn: &str, name: &str, home_region: &str) -> Observed<Place> {
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
        Observed::Known(Place {
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
    own.ask.gap_of(gap).map_or_else(|| "no answer".to_owned(), |gap| gap.detail)
}

/// The trails that the caller's account sees, of those that deliver to the archive: the bucket that the configuration
/// names, else the buckets of organization trails, else every bucket.
async fn of_caller(
    run: &Run,
    own: &Session,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Vec<Place>, ArchiveError> {
    // Regions that the account may have besides are asked only where it scans.
    let mut regions: BTreeSet<String> =
        default_regions(&run.identity.partition).iter().map(|&region| region.to_owned()).collect();
    regions.insert(own.region.clone());
    let regions: Vec<String> = regions.into_iter().collect();
    let (listed, unseen) = match trails::list(own, &regions).await {
        Ok(found) => found,
        Err(gap) => return Err(ArchiveError::NoTrails { detail: detail_of(own, &gap) }),
    };
    for gap in unseen.iter().filter_map(|gap| own.ask.gap_of(gap)) {
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
        |place: &Place| place.trail.as_ref().is_some_and(|trail| trail.organization_trail);
    if let Some(archive) = &run.settings.expectations.archive_bucket {
        places.retain(|place| place.bucket == *archive);
        if places.is_empty() {
            places.push(Place { bucket: archive.clone(), prefix: String::new(), trail: None });
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

async fn members(run: &Run, own: &Session) -> Members {
    let ask = Asker::new(Arc::clone(&run.calls), None, None);
    let client = own.organizations(&run.region);
    let organization_id = match organization::describe(&ask, &client).await {
        Observed::Known(description) => Some(description.id),
        Observed::Absent => {
            ask.malformed(&DESCRIBE_ORGANIZATION, At::default(), "the organization whose trail it shows");
            None
        }
        Observed::Unavailable(_) => None,
    };
    let accounts = match organization::accounts(&ask, &client, &Observed::Absent).await {
        Observed::Known(accounts) => {
            accounts.into_iter().filter(AccountSummary::is_active).map(|account| account.id).collect()
        }
        Observed::Absent => {
            ask.malformed(&LIST_ACCOUNTS, At::default(), "the accounts of the organization");
            BTreeSet::new()
        }
        Observed::Unavailable(_) => BTreeSet::new(),
    };
    Members { organization_id, accounts, gaps: ask.gaps() }
}

/// An account's folder in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct AccountFolder {
    bucket: String,
    prefix: String,
    organization_id: Option<String>,
    account_id: String,
}

impl AccountFolder {
    fn path(&self) -> String {
        format!("{}{}/", layout(&self.prefix, self.organization_id.as_deref()), self.account_id)
    }
}

fn layout(prefix: &str, organization_id: Option<&str>) -> String {
    let separator = if prefix.is_empty() { "" } else { "/" };
    let organization = organization_id.map(|id| format!("{id}/")).unwrap_or_default();
    format!("{prefix}{separator}AWSLogs/{organization}")
}

async fn folders(
    store: &Store,
    places: &[Place],
    request: &Request,
    members: &Members,
    partition: &str,
) -> Result<Vec<Planned>, ArchiveError> {
    // The regions that trails say must be in an account's folder; none where only the listing speaks.
    let mut accounts: BTreeMap<AccountFolder, BTreeSet<String>> = BTreeMap::new();
    let only_trail = matches!(request.target, Target::Trail(_));
    for place in places {
        let found = accounts_of(store, place, members, only_trail).await?;
        for (folder, must) in found {
            let regions = place.trail.as_ref().filter(|_| must).map(|trail| trail.regions(partition));
            accounts.entry(folder).or_default().extend(regions.unwrap_or_default());
        }
    }
    if !request.accounts.is_empty() {
        named::keep(&mut accounts, places, request, members, partition);
    }
    let named = !request.accounts.is_empty();
    let trail = match (&request.target, places) {
        (Target::Trail(_), [Place { trail: Some(trail), .. }]) => {
            Some(TrailName { name: trail.name.clone(), home_region: trail.home_region.clone() })
        }
        _ => None,
    };
    let planned = stream::iter(accounts)
        .map(|(folder, must)| async move {
            let path = folder.path();
            let mut regions: BTreeSet<String> = BTreeSet::new();
            for kind in ["CloudTrail-Digest", "CloudTrail"] {
                regions.extend(names(store, &folder.bucket, &format!("{path}{kind}/")).await?);
            }
            regions.retain(|region| is_region(region));
            if request.regions.is_empty() {
                regions.extend(must);
            } else {
                let is_recorded = named || !must.is_empty() || !regions.is_empty();
                regions = request.regions.iter().filter(|_| is_recorded).cloned().collect();
            }
            Ok::<_, ArchiveError>((folder, regions))
        })
        .buffered(LISTINGS)
        .map_ok(|(folder, regions)| {
            let planned = regions.into_iter().map(|region| Planned {
                folder: Folder {
                    bucket: folder.bucket.clone(),
                    prefix: folder.prefix.clone(),
                    organization_id: folder.organization_id.clone(),
                    account_id: folder.account_id.clone(),
                    region,
                },
                trail: trail.clone(),
            });
            stream::iter(planned.map(Ok::<_, ArchiveError>).collect::<Vec<_>>())
        })
        .try_flatten()
        .try_collect::<Vec<_>>()
        .await?;
    if planned.is_empty() {
        let whose: BTreeSet<&str> = places.iter().map(|place| place.bucket.as_str()).collect();
        let whose = match &request.copy {
            Some(copy) if whose.is_empty() => format!("the copy in {}", copy.folder.display()),
            _ => whose.into_iter().collect::<Vec<_>>().join(", "),
        };
        return Err(ArchiveError::Nothing { whose });
    }
    Ok(planned)
}

/// The account folders of a place, each with whether its trail records that account.
async fn accounts_of(
    store: &Store,
    place: &Place,
    members: &Members,
    only_trail: bool,
) -> Result<BTreeMap<AccountFolder, bool>, ArchiveError> {
    let mut found = BTreeMap::new();
    let base = layout(&place.prefix, None);
    let mut organizations: BTreeSet<String> = BTreeSet::new();
    let of = |organization_id: Option<&str>, account_id: String| AccountFolder {
        bucket: place.bucket.clone(),
        prefix: place.prefix.clone(),
        organization_id: organization_id.map(str::to_owned),
        account_id,
    };
    let organization_trail = place.trail.as_ref().is_some_and(|trail| trail.organization_trail);
    let owner = place.trail.as_ref().filter(|_| !organization_trail).and_then(TrailPlace::account_id);
    for name in names(store, &place.bucket, &base).await? {
        if is_account(&name) {
            if !only_trail || owner == Some(name.as_str()) {
                found.insert(of(None, name.clone()), owner == Some(name.as_str()));
            }
        } else if is_organization(&name) && (!only_trail || organization_trail) {
            organizations.insert(name);
        }
    }
    if let Some(owner) = owner {
        found.insert(of(None, owner.to_owned()), true);
    }
    if organization_trail {
        organizations.extend(members.organization_id.clone());
    }
    for organization in organizations {
        let is_own = members.organization_id.as_ref() == Some(&organization);
        let listed = names(store, &place.bucket, &layout(&place.prefix, Some(&organization))).await?;
        for account in listed.into_iter().filter(|name| is_account(name)) {
            // An account that has left is listed still, and is recorded no more.
            let recorded = is_own && organization_trail && members.accounts.contains(&account);
            found.insert(of(Some(&organization), account), recorded);
        }
        if is_own && organization_trail {
            for account in &members.accounts {
                found.insert(of(Some(&organization), account.clone()), true);
            }
        }
    }
    Ok(found)
}

async fn names(store: &Store, bucket: &str, prefix: &str) -> Result<Vec<String>, ArchiveError> {
    store.folders(bucket, prefix).await.map_err(|unread| ArchiveError::CannotList {
        bucket: bucket.to_owned(),
        detail: unread.of_listing().detail,
    })
}

fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
fn is_organization(name: &str) -> bool {
    name.strip_prefix("o-").is_some_and(|rest| {
        (10..=32).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

fn is_region(name: &str) -> bool {
    (5..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cloudtrails_own_names_are_folders() {
        assert!(is_account("123456789012") && !is_account("12345678901x") && !is_account("../../etc/pas"));
        assert!(is_organization("o-exampleorgid") && !is_organization("o-x/../../up"));
        assert!(is_region("eu-west-1") && !is_region("..") && !is_region("eu-west-1\u{1b}"));
    }

    #[test]
    fn layouts_begin_with_the_prefix() {
        assert_eq!(layout("", None), "AWSLogs/");
        assert_eq!(layout("a/b", Some("o-exampleorgid")), "a/b/AWSLogs/o-exampleorgid/");
    }
}
