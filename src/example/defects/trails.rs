//! The defects of the demonstration's trails: those that accounts made of their own, and what the organization's leaves
//! out.

use super::super::account::{delivering, event_data_store};
use super::super::{ARCHIVE_BUCKET, HOME_REGION, documents, hours_ago};
use super::{DATA_STAGING, IDENTITY, LEGACY_BUCKET, PAYMENTS, SHOP, add_bucket, region_mut, stores};
use crate::model::{
    AccountRecord, BasicSelector, DeliveryAttempt, EventDataStore, EventDataStoreSettings, EventSelectors,
    FieldSelector, Observed, Role, Trail, TrailSettings, TrailStatus,
};

/// The organization trail records object events of the archive alone, and none of network endpoints.
pub(super) fn narrow_data_events(account: &mut AccountRecord) {
    let Observed::Known(trails) = &mut account.trails else { return };
    for trail in trails {
        let Observed::Known(EventSelectors::Advanced(selectors)) = &mut trail.event_selectors else {
            continue;
        };
        let kept = ["management", "archive objects"];
        selectors.retain(|selector| selector.name.as_deref().is_some_and(|name| kept.contains(&name)));
        for selector in
            selectors.iter_mut().filter(|selector| selector.name.as_deref() == Some("archive objects"))
        {
            selector.field_selectors.push(FieldSelector {
                field: "resources.ARN".to_owned(),
                starts_with: vec![format!("arn:aws:s3:::{ARCHIVE_BUCKET}/")],
                ..FieldSelector::default()
            });
        }
    }
}

fn management_events(read_write_type: &str, excluded: &[&str]) -> Observed<EventSelectors> {
    Observed::Known(EventSelectors::Basic(vec![BasicSelector {
        read_write_type: read_write_type.to_owned(),
        include_management_events: true,
        excluded_management_event_sources: excluded.iter().map(|source| (*source).to_owned()).collect(),
        data_resources: Vec::new(),
    }]))
}

/// A trail of an account's own, as the console makes it today but for what each defect changes.
pub(super) fn own_trail(
    account: &str,
    region: &str,
    name: &str,
    bucket: &str,
) -> (Trail, TrailSettings, TrailStatus) {
    let settings = TrailSettings {
        bucket_name: bucket.to_owned(),
        key_prefix: Observed::Absent,
        include_global_service_events: Observed::Known(true),
        multi_region: Observed::Known(true),
        organization_trail: Observed::Known(false),
        log_file_validation: Observed::Known(true),
        kms_key_id: Observed::Absent,
        log_group_arn: Observed::Absent,
        log_group_role_arn: Observed::Absent,
        sns_topic_arn: Observed::Absent,
        ..TrailSettings::default()
    };
    let trail = Trail {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
        home_region: region.to_owned(),
        settings: Observed::Absent,
        status: Observed::Absent,
        event_selectors: management_events("All", &[]),
        insight_types: Observed::Absent,
        log_group_role: Observed::Absent,
        ..Trail::default()
    };
    let status = TrailStatus { latest_log_group_delivery_time: Observed::Absent, ..delivering() };
    (trail, settings, status)
}

pub(super) fn legacy_trail(account: &mut AccountRecord) {
    let (trail, settings, status) = own_trail(PAYMENTS, "eu-west-1", "payments-legacy", LEGACY_BUCKET);
    let settings = TrailSettings {
        include_global_service_events: Observed::Known(false),
        multi_region: Observed::Known(false),
        log_file_validation: Observed::Known(false),
        ..settings
    };
    let status = TrailStatus {
        is_logging: false,
        latest_delivery_time: hours_ago(24 * 40),
        latest_delivery_error: Observed::Known("AccessDenied".to_owned()),
        latest_digest_delivery_time: Observed::Absent,
        ..status
    };
    account.trails = Observed::Known(vec![Trail {
        settings: Observed::Known(settings),
        status: Observed::Known(status),
        event_selectors: management_events("WriteOnly", &[]),
        ..trail
    }]);
    add_bucket(account, LEGACY_BUCKET, "eu-west-1");
}

pub(super) fn redundant_trail(account: &mut AccountRecord) {
    let (trail, settings, status) = own_trail(SHOP, HOME_REGION, "shop-audit", ARCHIVE_BUCKET);
    let log_group_arn = format!("arn:aws:logs:{HOME_REGION}:{SHOP}:log-group:shop-audit");
    let role = format!("arn:aws:iam::{SHOP}:role/shop-audit-logs");
    let settings = TrailSettings {
        kms_key_id: Observed::Known(stores::shop_key()),
        log_group_arn: Observed::Known(log_group_arn),
        log_group_role_arn: Observed::Known(role.clone()),
        ..settings
    };
    let status = TrailStatus {
        latest_digest_delivery_time: hours_ago(30),
        latest_digest_delivery_error: Observed::Known("AccessDenied".to_owned()),
        latest_log_group_delivery_time: hours_ago(24 * 12),
        latest_log_group_delivery_error: Observed::Known("AccessDenied".to_owned()),
        ..status
    };
    let other_group = format!("arn:aws:logs:{HOME_REGION}:{SHOP}:log-group:retired");
    let redundant = Trail {
        settings: Observed::Known(settings),
        status: Observed::Known(status),
        event_selectors: management_events("All", &["kms.amazonaws.com", "rdsdata.amazonaws.com"]),
        log_group_role: Observed::Known(Role {
            arn: role,
            trust_policy: Observed::Known(documents::trail_role_trust()),
            inline_policies: Observed::Known(vec![documents::trail_role_policy(&other_group)]),
            attached_policies: Observed::Known(Vec::new()),
            permissions_boundary: Observed::Absent,
            ..Role::default()
        }),
        ..trail
    };
    let (second, settings, status) = own_trail(SHOP, "us-east-1", "shop-audit-copy", ARCHIVE_BUCKET);
    let second = Trail { settings: Observed::Known(settings), status: Observed::Known(status), ..second };
    account.trails = Observed::Known(vec![redundant, second]);
    add_bucket(account, stores::SHOP_BUCKET, HOME_REGION);
    for region in &mut account.regions {
        if let (true, Observed::Known(channels)) = (region.name == "us-east-1", &mut region.delivery_channels)
        {
            for channel in channels {
                channel.bucket_name = Observed::Known(stores::SHOP_BUCKET.to_owned());
                channel.kms_key_arn = Observed::Absent;
                // The bucket's default retention keeps it out.
                if let Observed::Known(status) = &mut channel.status {
                    status.history = Observed::Known(DeliveryAttempt {
                        last_status: Observed::Known("FAILURE".to_owned()),
                        last_error: Observed::Absent,
                        last_success: hours_ago(24 * 40),
                        ..DeliveryAttempt::default()
                    });
                }
            }
        }
    }
}

pub(super) fn dangling_bucket(account: &mut AccountRecord) {
    let (trail, settings, status) =
        own_trail(DATA_STAGING, HOME_REGION, "data-staging", "data-staging-trail-2019");
    let status = TrailStatus {
        latest_delivery_time: hours_ago(24 * 200),
        latest_delivery_error: Observed::Known("NoSuchBucket".to_owned()),
        latest_digest_delivery_time: hours_ago(24 * 200),
        latest_digest_delivery_error: Observed::Known("NoSuchBucket".to_owned()),
        ..status
    };
    account.trails = Observed::Known(vec![Trail {
        settings: Observed::Known(settings),
        status: Observed::Known(status),
        ..trail
    }]);
}

pub(super) fn unprotected_event_data_store(account: &mut AccountRecord) {
    let Some(region) = region_mut(account, "us-east-1") else { return };
    region.event_data_stores = Observed::Known(vec![EventDataStore {
        settings: Observed::Known(EventDataStoreSettings {
            status: "ENABLED".to_owned(),
            retention_days: 90,
            kms_key_id: Observed::Absent,
            ..EventDataStoreSettings::default()
        }),
        ..event_data_store(IDENTITY, "us-east-1", "sign-ins")
    }]);
}
