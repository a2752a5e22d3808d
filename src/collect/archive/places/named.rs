//! Accounts that `--accounts` names: each of them must be there.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::AccountFolder;
use super::{Members, Planned};
use crate::collect::archive::Request;
use crate::integrity::ArchivePlace;
use crate::model::{Gap, GapPlace, GapReason};

/// Keeps the accounts that were named, and adds those that a trail records though no listing shows them: an
/// organization's trail in each of its places, whatever other places show of the account.
pub(super) fn keep(
    accounts: &mut BTreeMap<AccountFolder, BTreeSet<String>>,
    places: &[ArchivePlace],
    request: &Request,
    members: &Members,
    partition: &str,
) {
    let organization_id = accounts
        .keys()
        .find_map(|folder| folder.organization_id.clone())
        .or_else(|| members.organization_id.clone());
    accounts.retain(|folder, _| request.accounts.contains(&folder.account_id));
    for account_id in &request.accounts {
        let folder = |place: &ArchivePlace| AccountFolder {
            bucket: place.bucket.clone(),
            prefix: place.prefix.clone(),
            organization_id: organization_id.clone(),
            account_id: account_id.clone(),
        };
        let is_member = members.accounts.is_empty() || members.accounts.contains(account_id);
        if is_member && members.organization_id.is_some() {
            for place in places {
                if let Some(trail) = place.trail.as_ref().filter(|trail| trail.organization_trail) {
                    accounts.entry(folder(place)).or_default().extend(trail.regions(partition));
                }
            }
        }
        if !accounts.keys().any(|folder| folder.account_id == *account_id)
            && let Some(place) = places.first()
        {
            let home = place.trail.as_ref().map(|trail| trail.home_region.clone());
            accounts.insert(folder(place), home.into_iter().collect());
        }
    }
}

/// Those of whom nothing is there and of whom nobody says in which regions there should be: what was named is not
/// verified, and is not silently left out.
pub(super) fn gone(request: &Request, places: &[ArchivePlace], folders: &[Planned]) -> Vec<Gap> {
    let found: BTreeSet<&str> = folders.iter().map(|planned| planned.folder.account_id.as_str()).collect();
    let buckets: BTreeSet<&str> = places.iter().map(|place| place.bucket.as_str()).collect();
    let buckets = buckets.into_iter().collect::<Vec<_>>().join(", ");
    let of = |account_id: &String| {
        let place = GapPlace {
            account_id: Some(account_id),
            region: None,
            service: "s3",
            operation: "ListObjectsV2",
            resource: Some(&buckets),
        };
        let why = format!(
            "account {account_id} was named, but {buckets} holds no folder of its logs: they are gone, or stand \
             elsewhere. Where its regions are named too, they are missed one by one"
        );
        Gap::new(place, GapReason::NotCollected, why)
    };
    request.accounts.iter().filter(|account_id| !found.contains(account_id.as_str())).map(of).collect()
}
