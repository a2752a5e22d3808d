//! Looks which accounts and regions are there, and puts beside them those that must be.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::layout::{AccountFolder, is_account, is_organization, is_region, layout};
use super::{Members, Planned, named};
use crate::collect::archive::{ArchiveError, Request, Store, Target};
use crate::integrity::{ArchivePlace, Folder, TrailName, TrailPlace};

/// Accounts whose folders are listed at the same time.
const LISTINGS: usize = 16;

/// The folders to verify, each once; none at all is an error.
pub(super) async fn folders(
    store: &Store,
    places: &[ArchivePlace],
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
        (Target::Trail(_), [ArchivePlace { trail: Some(trail), .. }]) => {
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
    place: &ArchivePlace,
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
