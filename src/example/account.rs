//! An account of the examples in which nothing is wrong.

use super::{
    ARCHIVE, ARCHIVE_BUCKET, CONFIG_BUCKET, HOME_REGION, MANAGEMENT, ORGANIZATION_ID, SECURITY, deliveries,
    documents, hours_ago, streams,
};
use crate::model::{
    AccountRecord, AdvancedSelector, Aggregator, BucketName, DeliveryAttempt, DeliveryChannel,
    DeliveryChannelStatus, Destination, EventDataStore, EventDataStoreSettings, EventSelectors,
    FieldSelector, LogGroup, LogPolicy, Observed, Recorder, RecorderStatus, RecordingGroup, RegionRecord,
    Role, SubscriptionFilter, Trail, TrailReference, TrailSettings, TrailStatus,
};

/// The account's record.
pub(super) fn healthy(id: &str, name: &str, regions: &[&str]) -> AccountRecord {
    let management = id == MANAGEMENT;
    let shadow = TrailReference {
        arn: documents::organization_trail(),
        name: "organization-trail".to_owned(),
        home_region: HOME_REGION.to_owned(),
    };
    let buckets = if id == ARCHIVE { super::stores::bucket_names(regions) } else { vec![assets_bucket(id)] };
    AccountRecord {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        enabled_regions: Observed::Known(regions.iter().map(|region| (*region).to_owned()).collect()),
        regions: regions.iter().map(|region| healthy_region(id, region)).collect(),
        trails: Observed::Known(if management { vec![organization_trail()] } else { Vec::new() }),
        shadow_trails: Observed::Known(if management { Vec::new() } else { vec![shadow] }),
        unseen_trails: Some(Vec::new()),
        buckets: Observed::Known(buckets),
        ..AccountRecord::default()
    }
}

fn assets_bucket(id: &str) -> BucketName {
    BucketName { name: format!("example-assets-{id}"), region: Some(HOME_REGION.to_owned()) }
}

fn field(field: &str, equals: &[&str]) -> FieldSelector {
    FieldSelector {
        field: field.to_owned(),
        equals: equals.iter().map(|value| (*value).to_owned()).collect(),
        ..FieldSelector::default()
    }
}

/// A trail's delivery as it should be.
pub(super) fn delivering() -> TrailStatus {
    TrailStatus {
        is_logging: true,
        latest_delivery_time: hours_ago(0),
        latest_delivery_error: Observed::Absent,
        latest_digest_delivery_time: hours_ago(1),
        latest_digest_delivery_error: Observed::Absent,
        latest_log_group_delivery_time: hours_ago(0),
        latest_log_group_delivery_error: Observed::Absent,
        ..TrailStatus::default()
    }
}

fn organization_trail() -> Trail {
    let log_group =
        format!("arn:aws:logs:{HOME_REGION}:{MANAGEMENT}:log-group:{}", documents::TRAIL_LOG_GROUP);
    let role = format!("arn:aws:iam::{MANAGEMENT}:role/organization-trail-logs");
    let data = AdvancedSelector {
        name: Some("archive objects".to_owned()),
        field_selectors: vec![
            field("eventCategory", &["Data"]),
            field("resources.type", &["AWS::S3::Object"]),
        ],
    };
    let functions = AdvancedSelector {
        name: Some("functions".to_owned()),
        field_selectors: vec![
            field("eventCategory", &["Data"]),
            field("resources.type", &["AWS::Lambda::Function"]),
        ],
    };
    let management = AdvancedSelector {
        name: Some("management".to_owned()),
        field_selectors: vec![field("eventCategory", &["Management"])],
    };
    let network = |source: &str| AdvancedSelector {
        name: Some(format!("endpoints of {source}")),
        field_selectors: vec![field("eventCategory", &["NetworkActivity"]), field("eventSource", &[source])],
    };
    Trail {
        name: "organization-trail".to_owned(),
        arn: documents::organization_trail(),
        home_region: HOME_REGION.to_owned(),
        settings: Observed::Known(TrailSettings {
            bucket_name: ARCHIVE_BUCKET.to_owned(),
            key_prefix: Observed::Absent,
            include_global_service_events: Observed::Known(true),
            multi_region: Observed::Known(true),
            organization_trail: Observed::Known(true),
            log_file_validation: Observed::Known(true),
            kms_key_id: Observed::Known(documents::archive_key()),
            log_group_arn: Observed::Known(log_group.clone()),
            log_group_role_arn: Observed::Known(role.clone()),
            sns_topic_arn: Observed::Absent,
            ..TrailSettings::default()
        }),
        status: Observed::Known(delivering()),
        event_selectors: Observed::Known(EventSelectors::Advanced(vec![
            management,
            data,
            functions,
            network("cloudtrail.amazonaws.com"),
            network("kms.amazonaws.com"),
            network("s3.amazonaws.com"),
        ])),
        insight_types: Observed::Known(vec![
            "ApiCallRateInsight".to_owned(),
            "ApiErrorRateInsight".to_owned(),
        ]),
        log_group_role: Observed::Known(Role {
            arn: role,
            trust_policy: Observed::Known(documents::trail_role_trust()),
            inline_policies: Observed::Known(vec![documents::trail_role_policy(&log_group)]),
            attached_policies: Observed::Known(Vec::new()),
            permissions_boundary: Observed::Absent,
            ..Role::default()
        }),
        ..Trail::default()
    }
}

fn succeeded(hours: i64) -> Observed<DeliveryAttempt> {
    Observed::Known(DeliveryAttempt {
        last_status: Observed::Known("SUCCESS".to_owned()),
        last_error: Observed::Absent,
        last_success: hours_ago(hours),
        ..DeliveryAttempt::default()
    })
}

/// The recorder that every healthy account and region has.
fn recorder(id: &str, region: &str) -> Recorder {
    Recorder {
        name: "default".to_owned(),
        role_arn: Some(format!(
            "arn:aws:iam::{id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        )),
        recording_group: RecordingGroup {
            all_supported: true,
            include_global_resource_types: region == HOME_REGION,
            strategy: Some("ALL_SUPPORTED_RESOURCE_TYPES".to_owned()),
            ..RecordingGroup::default()
        },
        recording_frequency: Observed::Known("CONTINUOUS".to_owned()),
        frequency_overrides: Observed::Known(Vec::new()),
        status: Observed::Known(RecorderStatus {
            recording: true,
            last_status: Observed::Known("SUCCESS".to_owned()),
            last_error: Observed::Absent,
            ..RecorderStatus::default()
        }),
        ..Recorder::default()
    }
}

/// The ARN of the central Logs destination of a region.
pub(super) fn destination_arn(region: &str) -> String {
    format!("arn:aws:logs:{region}:{ARCHIVE}:destination:central-logs")
}

/// A log group that keeps its events a year, with its own key.
pub(super) fn log_group(id: &str, region: &str, name: &str) -> LogGroup {
    LogGroup {
        name: name.to_owned(),
        arn: format!("arn:aws:logs:{region}:{id}:log-group:{name}"),
        class: Observed::Known("STANDARD".to_owned()),
        retention_days: Observed::Known(400),
        retention_policy: Observed::Absent,
        kms_key_id: Observed::Known(format!("arn:aws:kms:{region}:{id}:key/9f8e7d6c-0000-4000-8000-{id}")),
        deletion_protection: Observed::Known(true),
        ..LogGroup::default()
    }
}

fn centralized(id: &str, region: &str, name: &str) -> LogGroup {
    let filter = SubscriptionFilter {
        name: "central".to_owned(),
        destination_arn: destination_arn(region),
        pattern: String::new(),
        field_selection: Observed::Absent,
        transformed: Observed::Known(false),
        ..SubscriptionFilter::default()
    };
    LogGroup { subscription_filters: Some(Observed::Known(vec![filter])), ..log_group(id, region, name) }
}

/// An event data store of CloudTrail Lake in which nothing is wrong.
pub(super) fn event_data_store(id: &str, region: &str, name: &str) -> EventDataStore {
    EventDataStore {
        name: name.to_owned(),
        arn: format!("arn:aws:cloudtrail:{region}:{id}:eventdatastore/0a1b2c3d-5555-4666-8777-{id}"),
        settings: Observed::Known(EventDataStoreSettings {
            status: "ENABLED".to_owned(),
            termination_protection: true,
            multi_region: true,
            organization: true,
            retention_days: 2_557,
            kms_key_id: Observed::Known(documents::archive_key()),
            ..EventDataStoreSettings::default()
        }),
        ..EventDataStore::default()
    }
}

/// A region in which nothing is wrong.
pub(super) fn healthy_region(id: &str, region: &str) -> RegionRecord {
    let holds_aggregator = id == SECURITY && region == HOME_REGION;
    let asked_for_aggregators = id == SECURITY || id == MANAGEMENT;
    let aggregator = Aggregator {
        name: "organization".to_owned(),
        arn: format!("arn:aws:config:{region}:{id}:config-aggregator/config-aggregator-{ORGANIZATION_ID}"),
        organization: true,
        all_regions: true,
        ..Aggregator::default()
    };
    let destination = Destination {
        name: "central-logs".to_owned(),
        arn: destination_arn(region),
        target_arn: streams::data_stream_arn(region),
        role_arn: format!("arn:aws:iam::{ARCHIVE}:role/central-logs"),
        access_policy: Observed::Known(documents::destination_policy(&destination_arn(region))),
        ..Destination::default()
    };
    let mut log_groups = vec![log_group(id, region, "/aws/lambda/worker")];
    if ![ARCHIVE, MANAGEMENT, SECURITY].contains(&id) {
        log_groups.insert(0, centralized(id, region, "/aws/rds/cluster/main/audit"));
    }
    if id == MANAGEMENT && region == HOME_REGION {
        log_groups.push(log_group(id, region, documents::TRAIL_LOG_GROUP));
    }
    let (delivery_sources, deliveries) = deliveries::of_region(id, region);
    RegionRecord {
        recorders: Observed::Known(vec![recorder(id, region)]),
        delivery_channels: Observed::Known(vec![DeliveryChannel {
            name: "default".to_owned(),
            bucket_name: Observed::Known(CONFIG_BUCKET.to_owned()),
            key_prefix: Observed::Known("config".to_owned()),
            kms_key_arn: Observed::Known(documents::archive_key()),
            status: Observed::Known(DeliveryChannelStatus {
                snapshot: succeeded(7),
                history: succeeded(3),
                ..DeliveryChannelStatus::default()
            }),
            ..DeliveryChannel::default()
        }]),
        config_retention_days: Observed::Known(2_557),
        aggregators: asked_for_aggregators
            .then(|| Observed::Known(if holds_aggregator { vec![aggregator] } else { Vec::new() })),
        log_groups: Observed::Known(log_groups),
        destinations: Observed::Known(if id == ARCHIVE { vec![destination] } else { Vec::new() }),
        log_policies: Observed::Known(vec![LogPolicy {
            name: "AWSLogDeliveryWrite20150319".to_owned(),
            document: documents::log_delivery(id, region),
        }]),
        event_data_stores: Observed::Known(if id == MANAGEMENT && region == HOME_REGION {
            vec![event_data_store(id, region, "organization-events")]
        } else {
            Vec::new()
        }),
        delivery_sources: Observed::Known(delivery_sources),
        deliveries: Observed::Known(deliveries),
        ..RegionRecord::empty(region)
    }
}
