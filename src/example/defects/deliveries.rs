//! The defects of the demonstration's vended logs: a source that nobody delivers, and one that is delivered into the bucket of
//! a former trail.

use super::super::deliveries::{delivery, destination_arn, source};
use super::{HOME_REGION, LEGACY_BUCKET, PAYMENTS, SHARED, region_mut};
use crate::model::{AccountRecord, DeliveryDestination, Observed};

/// Somebody has made a source, and stopped there.
pub(super) fn undelivered_source(account: &mut AccountRecord) {
    if let Some(region) = region_mut(account, "eu-west-1") {
        region.delivery_sources = Observed::Known(vec![source(SHARED, "eu-west-1")]);
    }
}

pub(super) fn into_a_former_bucket(account: &mut AccountRecord) {
    if let Some(region) = region_mut(account, HOME_REGION) {
        let destination = destination_arn(PAYMENTS, "knowledge-base");
        region.deliveries =
            Observed::Known(vec![delivery(PAYMENTS, HOME_REGION, "knowledge-base", destination)]);
    }
}

/// Where that delivery leads.
pub(super) fn destinations() -> Vec<DeliveryDestination> {
    vec![DeliveryDestination {
        arn: destination_arn(PAYMENTS, "knowledge-base"),
        target_arn: Observed::Known(format!("arn:aws:s3:::{LEGACY_BUCKET}")),
    }]
}
