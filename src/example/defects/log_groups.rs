//! The defects of the demonstration's log groups and of the destinations that they are to be sent to.

use super::super::account::{destination_arn, log_group};
use super::super::documents;
use super::{DATA, MACHINE_LEARNING, NETWORK, PAYMENTS, SHOP, SHOP_STAGING, region_mut, streams};
use crate::model::{
    AccountRecord, Destination, LogGroup, LogPolicy, Observed, RegionRecord, SubscriptionFilter,
};

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
            ..SubscriptionFilter::default()
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

/// Destinations of a team's own, one open to everyone, whose streams are gone or lead elsewhere: see [`super::streams`].
pub(super) fn destinations_of_a_team(account: &mut AccountRecord) {
    let Some(region) = region_mut(account, "eu-west-1") else { return };
    let destination = |name: &str, target_arn: String| {
        let arn = format!("arn:aws:logs:eu-west-1:{MACHINE_LEARNING}:destination:{name}");
        Destination {
            name: name.to_owned(),
            target_arn,
            role_arn: format!("arn:aws:iam::{MACHINE_LEARNING}:role/{name}"),
            access_policy: Observed::Known(documents::destination_policy(&arn)),
            arn,
            ..Destination::default()
        }
    };
    let mut open = destination("experiments", streams::EXPERIMENTS.to_owned());
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "logs:PutSubscriptionFilter", "Resource": open.arn}
        ]
    });
    open.access_policy = Observed::Known(policy.to_string());
    region.destinations = Observed::Known(vec![
        open,
        destination("former-experiments", streams::FORMER_EXPERIMENTS.to_owned()),
        destination("notebooks", streams::NOTEBOOKS.to_owned()),
        destination("trash", streams::TRASH.to_owned()),
    ]);
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

pub(super) fn open_log_policy(account: &mut AccountRecord) {
    let Some(region) = region_mut(account, "us-east-1") else { return };
    if let Observed::Known(policies) = &mut region.log_policies {
        policies.push(LogPolicy {
            name: "dns-query-logs".to_owned(),
            document: documents::open_log_policy(NETWORK, "us-east-1"),
        });
    }
}
