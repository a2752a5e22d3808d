//! Reads one account: its regions, its trails, the names of its buckets.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::json;

use super::call::CallTarget;
use super::convert::each;
use super::in_scope::Target;
use super::session::Session;
use super::table::{LIST_BUCKETS, LIST_REGIONS};
use super::{Run, region, trails};
use crate::aws::signed::Service;
use crate::model::{AccountRecord, BucketName, Observed, default_regions, has_optional_regions};

/// A region as an account sees it.
#[derive(Debug)]
pub(crate) struct AccountRegion {
    pub(crate) name: String,
    pub(crate) enabled: bool,
}

/// Reads everything of the account but its stores.
pub(crate) async fn read(run: &Run, session: &Session, target: Target) -> AccountRecord {
    let regions = async {
        let enabled_regions = enabled_regions(run, session).await;
        let wanted = match &enabled_regions {
            Observed::Known(regions) => chosen(run, regions.clone()),
            Observed::Absent | Observed::Unavailable(_) => unlisted_regions(run, session),
        };
        let records = join_all(wanted.iter().map(|region| region::read(run, session, region.clone())));
        let (regions, trails) = tokio::join!(records, Box::pin(trails::read(run, session, &wanted)));
        (enabled_regions, regions, trails)
    };
    let ((enabled_regions, regions, trails), buckets) = tokio::join!(regions, buckets(session));
    AccountRecord {
        id: target.id,
        name: target.name,
        enabled_regions,
        regions,
        trails: trails.own,
        shadow_trails: trails.shadows,
        unseen_trails: Some(trails.unseen),
        buckets,
        gaps: session.api.gaps(),
    }
}

/// The regions that are enabled, whether or not they are to be read. AWS is asked only where accounts differ in them.
async fn enabled_regions(run: &Run, session: &Session) -> Observed<Vec<String>> {
    let partition = &run.identity.partition;
    if !has_optional_regions(partition) {
        return Observed::Known(default_regions(partition).iter().map(|&region| region.to_owned()).collect());
    }
    let regions = regions(session).await;
    regions.map(|regions| {
        let enabled = regions.into_iter().filter(|region| region.enabled);
        enabled.map(|region| region.name).collect::<BTreeSet<_>>().into_iter().collect()
    })
}

/// Those that are to be read.
fn chosen(run: &Run, regions: Vec<String>) -> Vec<String> {
    let regions = regions.into_iter().filter(|region| run.settings.selection.wants_region(region));
    regions.collect::<BTreeSet<_>>().into_iter().collect()
}

/// <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>, read 2026-11-29.
const ACCOUNT: Service = Service { is_global: true, ..Service::rest("Account", "account") };

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    regions: Option<Vec<Region>>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Region {
    region_name: Option<String>,
    region_opt_status: Option<String>,
}

/// The account's own answer about its regions.
pub(crate) async fn regions(session: &Session) -> Observed<Vec<AccountRegion>> {
    let client = session.signed(ACCOUNT, &session.region);
    let send = |token: Option<String>| {
        let body = json!({ "MaxResults": 50, "NextToken": token });
        client.post::<Page>(LIST_REGIONS.operation, "/listRegions", body)
    };
    let read = |page: Page| {
        let regions = each(page.regions, "Regions", |region| {
            let status = region.region_opt_status.ok_or("Regions[].RegionOptStatus")?;
            Ok(AccountRegion {
                name: region.region_name.ok_or("Regions[].RegionName")?,
                // One that is being enabled or disabled can hold resources; it is asked, and may refuse.
                enabled: status != "DISABLED",
            })
        });
        Ok((regions?, page.next_token))
    };
    session.api.pages(&LIST_REGIONS, CallTarget::default(), send, read).await
}

/// Where the account does not say: the regions that are named, each of which is asked, so that one that is not enabled
/// refuses every call and what concerns it stays unknown; else the regions that every account has.
fn unlisted_regions(run: &Run, session: &Session) -> Vec<String> {
    let named = &run.settings.selection.regions;
    if !named.is_empty() {
        return chosen(run, named.clone());
    }
    let mut regions: BTreeSet<String> =
        default_regions(&run.identity.partition).iter().map(|&region| region.to_owned()).collect();
    if regions.is_empty() {
        regions.insert(session.region.clone());
    }
    chosen(run, regions.into_iter().collect())
}

/// The buckets that the account owns.
pub(crate) async fn buckets(session: &Session) -> Observed<Vec<BucketName>> {
    let client = session.s3(&session.region);
    let buckets = session
        .api
        .pages(
            &LIST_BUCKETS,
            CallTarget::default(),
            // S3 tells regions only to those who ask for pages.
            |token| client.list_buckets().max_buckets(1000).set_continuation_token(token).send(),
            |page| {
                let buckets = each(page.buckets, "Buckets", |bucket| {
                    Ok(BucketName {
                        name: bucket.name.ok_or("Buckets[].Name")?,
                        region: bucket.bucket_region,
                    })
                });
                Ok((buckets?, page.continuation_token))
            },
        )
        .await;
    session.api.distinct(&LIST_BUCKETS, CallTarget::default(), buckets, |bucket| &bucket.name)
}
