//! Vended logs: what Security Hub finds and what each workload's knowledge base does, delivered into the archive. See [`super`].

use super::{ARCHIVE, ARCHIVE_BUCKET, HOME_REGION, MANAGEMENT, SECURITY};
use crate::model::{DeliveryDestination, DeliverySource, LogDelivery, Observed};

/// A delivery source of an account, in the region of what sends.
pub(super) fn source(account: &str, region: &str) -> DeliverySource {
    let (name, service, log_type, resource) = match account {
        SECURITY => ("findings", "securityhub", "SECURITY_FINDING_LOGS", "hub/*"),
        _ => ("knowledge-base", "bedrock", "APPLICATION_LOGS", "knowledge-base/KB00000001"),
    };
    DeliverySource {
        name: name.to_owned(),
        arn: format!("arn:aws:logs:{region}:{account}:delivery-source:{name}"),
        resource_arns: vec![format!("arn:aws:{service}:{region}:{account}:{resource}")],
        service: service.to_owned(),
        log_type: log_type.to_owned(),
        status: Observed::Absent,
        status_reason: Observed::Absent,
    }
}

/// The delivery of a source to a destination that stands for a bucket.
pub(super) fn delivery(account: &str, region: &str, source: &str, destination_arn: String) -> LogDelivery {
    LogDelivery {
        arn: format!("arn:aws:logs:{region}:{account}:delivery:{source}"),
        source_name: source.to_owned(),
        destination_arn,
        destination_type: "S3".to_owned(),
    }
}

/// What an account's region delivers: one region has something that sends.
pub(super) fn of_region(account: &str, region: &str) -> (Vec<DeliverySource>, Vec<LogDelivery>) {
    if region != HOME_REGION || [ARCHIVE, MANAGEMENT].contains(&account) {
        return (Vec::new(), Vec::new());
    }
    let source = source(account, region);
    let delivery = delivery(account, region, &source.name, destination_arn(ARCHIVE, "archive"));
    (vec![source], vec![delivery])
}

pub(super) fn destination_arn(owner: &str, name: &str) -> String {
    format!("arn:aws:logs:{HOME_REGION}:{owner}:delivery-destination:{name}")
}

/// The delivery destinations of a healthy organization.
pub(super) fn destinations(regions: &[&str]) -> Vec<DeliveryDestination> {
    let destination = DeliveryDestination {
        arn: destination_arn(ARCHIVE, "archive"),
        target_arn: Observed::Known(format!("arn:aws:s3:::{ARCHIVE_BUCKET}")),
    };
    regions.contains(&HOME_REGION).then_some(destination).into_iter().collect()
}
