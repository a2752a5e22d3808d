//! The defects of the demonstration's log groups and of the destinations that they are to be sent to.

use super::super::account::{destination_arn, log_group};
use super::{DATA, MACHINE_LEARNING, PAYMENTS, SHOP, SHOP_STAGING, region_mut};
use crate::model::{AccountRecord, Destination, LogGroup, Observed, RegionRecord, SubscriptionFilter};

pub(super) fn scattered_log_groups(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let plain = |name: &str| LogGroup {
            retention_days: Observed::Known(30),
            kms_key_id: Observed::Absent,
            deletion_protection: Observed::Known(false),
            ..log_group(SHOP_STAGING, &region.name, name)
        };
        let errors_only = SubscriptionFilter {
            name: "errors".to_owned(),
            destination_arn: destination_arn(&region.name),
            pattern: "?ERROR ?FATAL".to_owned(),
            field_selection: Observed::Absent,
            transformed: Observed::Known(false),
        };
        region.log_groups = Observed::Known(vec![
            LogGroup {
                subscription_filters: Some(Observed::Known(vec![errors_only])),
                ..plain("/aws/eks/shop/cluster")
            },
            LogGroup {
                subscription_filters: Some(Observed::Known(Vec::new())),
                ..plain("/aws/rds/instance/shop/postgresql")
            },
            plain("scratch"),
        ]);
    }
}

pub(super) fn open_destination(account: &mut AccountRecord) {
    let Some(region) = region_mut(account, "eu-west-1") else { return };
    let arn = format!("arn:aws:logs:eu-west-1:{MACHINE_LEARNING}:destination:experiments");
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "logs:PutSubscriptionFilter", "Resource": arn}]
    });
    region.destinations = Observed::Known(vec![Destination {
        name: "experiments".to_owned(),
        arn,
        target_arn: format!("arn:aws:kinesis:eu-west-1:{MACHINE_LEARNING}:stream/experiments"),
        role_arn: format!("arn:aws:iam::{MACHINE_LEARNING}:role/experiments"),
        access_policy: Observed::Known(policy.to_string()),
    }]);
}

pub(super) fn incomplete_destinations(account: &mut AccountRecord) {
    if let Some(region) = region_mut(account, "ap-southeast-2") {
        region.destinations = Observed::Known(Vec::new());
    }
    if let Some(RegionRecord { destinations: Observed::Known(destinations), .. }) =
        region_mut(account, "us-east-1")
    {
        for destination in destinations {
            let policy = serde_json::json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "KnownAccounts",
                    "Effect": "Allow",
                    "Principal": {"AWS": [PAYMENTS, SHOP, DATA]},
                    "Action": ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"],
                    "Resource": destination.arn
                }]
            });
            destination.access_policy = Observed::Known(policy.to_string());
        }
    }
}
