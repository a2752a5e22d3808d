//! The demonstration: a healthy organization into which one defect after the other is put, an account for each. What is
//! made wrong stands by its subject in the files below.

mod deliveries;
mod log_groups;
mod organization;
mod recorders;
mod stores;
mod streams;
mod trails;

use super::{ARCHIVE, ARCHIVE_BUCKET, Example, HOME_REGION, MANAGEMENT, SECURITY};
use crate::model::{AccountRecord, Gap, GapId, GapPlace, GapReason, Observed, RegionRecord, Trail};

const REGIONS: [&str; 4] = ["ap-southeast-2", HOME_REGION, "eu-west-1", "us-east-1"];
const WORKLOADS: usize = 14;

pub(super) const PAYMENTS: &str = "400000000001";
pub(super) const SHOP: &str = "400000000003";
pub(super) const DATA: &str = "400000000004";
const IDENTITY: &str = "400000000005";
const NETWORK: &str = "400000000006";
const SHARED: &str = "400000000007";
const PAYMENTS_STAGING: &str = "400000000008";
const SHOP_STAGING: &str = "400000000009";
const DATA_STAGING: &str = "400000000010";
const MACHINE_LEARNING: &str = "400000000011";
const SANDBOX: &str = "400000000012";
const SUSPENDED: &str = "400000000013";
const ACQUIRED: &str = "400000000014";

/// What a former trail of the payments account delivered into.
const LEGACY_BUCKET: &str = "payments-legacy-trail";

/// What is made wrong in one account.
type Change = fn(&mut AccountRecord);

pub(super) fn demo() -> Example {
    let mut example = Example::healthy(WORKLOADS, &REGIONS);
    if let Observed::Known(organization) = &mut example.header.organization {
        organization::loosen(organization);
    }
    example.header.accounts.retain(|account| account != SUSPENDED);
    example.accounts.retain(|account| account.id != SUSPENDED);
    let changes: [(&str, Change); 18] = [
        (PAYMENTS, trails::legacy_trail),
        (PAYMENTS, deliveries::into_a_former_bucket),
        (SHOP, trails::redundant_trail),
        (DATA, recorders::own_config_bucket),
        (IDENTITY, recorders::stopped_recorders),
        (IDENTITY, trails::unprotected_event_data_store),
        (NETWORK, recorders::missing_recorder),
        (NETWORK, log_groups::open_log_policy),
        (SHARED, recorders::partial_recorder),
        (SHARED, deliveries::undelivered_source),
        (PAYMENTS_STAGING, recorders::failing_delivery),
        (SHOP_STAGING, log_groups::scattered_log_groups),
        (DATA_STAGING, trails::dangling_bucket),
        (MACHINE_LEARNING, log_groups::destinations_of_a_team),
        (SANDBOX, closed_region),
        (ARCHIVE, log_groups::incomplete_destinations),
        (MANAGEMENT, trails::narrow_data_events),
        (SECURITY, recorders::narrow_aggregator),
    ];
    for (id, change) in changes {
        if let Some(account) = example.account_mut(id) {
            change(account);
        }
    }
    if let Some(acquired) = example.account_mut(ACQUIRED) {
        let gap = Gap::new(
            GapPlace {
                account_id: Some(ACQUIRED),
                service: "sts",
                operation: "AssumeRole",
                ..GapPlace::default()
            },
            GapReason::RoleNotAssumable,
            "AccessDenied: the caller is not authorized to perform sts:AssumeRole on \
             arn:aws:iam::400000000014:role/OrganizationAccountAccessRole",
        );
        *acquired = AccountRecord::unavailable(ACQUIRED.to_owned(), acquired.name.clone(), gap);
    }
    stores::add(&mut example.stores);
    example
}

fn region_mut<'a>(account: &'a mut AccountRecord, name: &str) -> Option<&'a mut RegionRecord> {
    account.regions.iter_mut().find(|region| region.name == name)
}

fn add_bucket(account: &mut AccountRecord, name: &str, region: &str) {
    if let Observed::Known(buckets) = &mut account.buckets {
        buckets.push(crate::model::BucketName { name: name.to_owned(), region: Some(region.to_owned()) });
        buckets.sort();
    }
}

/// Marks one call as denied, and gives the gap that what hangs on it is then under.
fn refuse(
    account: &mut AccountRecord,
    region: &str,
    service: &str,
    operation: &str,
    resource: Option<&str>,
    why: &str,
) -> GapId {
    let place =
        GapPlace { account_id: Some(&account.id), region: Some(region), service, operation, resource };
    let gap = Gap::new(place, GapReason::AccessDenied, format!("AccessDeniedException: {why}"));
    let id = gap.id.clone();
    if !account.gaps.contains(&gap) {
        account.gaps.push(gap);
        account.gaps.sort();
    }
    id
}

fn closed_region(account: &mut AccountRecord) {
    let closed = "ap-southeast-2";
    let why = "with an explicit deny in a service control policy";
    let refused = RegionRecord::refused(closed, |service, operation, resource| {
        refuse(account, closed, service, operation, resource, why)
    });
    if let Some(region) = region_mut(account, closed) {
        *region = refused;
    }
    let (trail, settings, _) = trails::own_trail(SANDBOX, "us-east-1", "anna-test", ARCHIVE_BUCKET);
    let status = refuse(
        account,
        "us-east-1",
        "cloudtrail",
        "GetTrailStatus",
        Some(&trail.arn.clone()),
        "no identity-based policy allows it",
    );
    let status = Observed::Unavailable(status);
    account.trails = Observed::Known(vec![Trail { settings: Observed::Known(settings), status, ..trail }]);
}
