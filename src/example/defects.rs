//! The demonstration: a healthy organization into which one defect after the other is put.

use super::account::{delivering, log_group};
use super::organization::{SANDBOX_UNIT, SECURITY_UNIT, WORKLOADS_UNIT, policy, target};
use super::{
    ARCHIVE, ARCHIVE_BUCKET, Example, HOME_REGION, MANAGEMENT, SECURITY, documents, guardrails, hours_ago,
};
use crate::model::{
    AccountRecord, BasicSelector, DelegatedAdministrator, DeliveryAttempt, Destination, EventSelectors,
    FieldSelector, Gap, GapPlace, GapReason, LogGroup, Observed, Organization, Policy, RegionRecord, Role,
    SubscriptionFilter, Trail, TrailSettings, TrailStatus,
};

mod stores;

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

/// What is made wrong in one account.
type Change = fn(&mut AccountRecord);

pub(super) fn demo() -> Example {
    let mut example = Example::healthy(WORKLOADS, &REGIONS);
    if let Observed::Known(organization) = &mut example.header.organization {
        loosen_organization(organization);
    }
    example.header.accounts.retain(|account| account != SUSPENDED);
    example.accounts.retain(|account| account.id != SUSPENDED);
    let changes: [(&str, Change); 14] = [
        (PAYMENTS, legacy_trail),
        (SHOP, redundant_trail),
        (DATA, own_config_bucket),
        (IDENTITY, stopped_recorders),
        (NETWORK, missing_recorder),
        (SHARED, partial_recorder),
        (PAYMENTS_STAGING, failing_delivery),
        (SHOP_STAGING, scattered_log_groups),
        (DATA_STAGING, dangling_bucket),
        (MACHINE_LEARNING, open_destination),
        (SANDBOX, closed_region),
        (ARCHIVE, incomplete_destinations),
        (MANAGEMENT, narrow_data_events),
        (SECURITY, narrow_aggregator),
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

fn loosen_organization(organization: &mut Organization) {
    if let Observed::Known(roots) = &mut organization.roots {
        for root in roots {
            root.enabled_policy_types.retain(|kind| kind != "RESOURCE_CONTROL_POLICY");
        }
    }
    if let Observed::Known(policies) = &mut organization.service_control_policies {
        loosen_guardrails(policies);
    }
    if let Observed::Known(services) = &mut organization.trusted_services {
        services.retain(|service| service != "config.amazonaws.com");
    }
    if let Observed::Known(administrators) = &mut organization.delegated_administrators {
        administrators.push(DelegatedAdministrator {
            account_id: DATA.to_owned(),
            services: Observed::Known(vec!["access-analyzer.amazonaws.com".to_owned()]),
        });
    }
    if let Observed::Known(accounts) = &mut organization.accounts {
        for account in accounts {
            match account.id.as_str() {
                ACQUIRED => account.parent_id = Observed::Known(super::organization::ROOT.to_owned()),
                SUSPENDED => "SUSPENDED".clone_into(&mut account.status),
                _ => {}
            }
        }
    }
}

/// The guardrails are attached to units instead of the root, and each of the others has its mistake.
fn loosen_guardrails(policies: &mut Vec<Policy>) {
    let units = |ids: &[&str]| ids.iter().map(|id| target(id, "ORGANIZATIONAL_UNIT")).collect::<Vec<_>>();
    for guardrail in policies.iter_mut() {
        match guardrail.name.as_str() {
            "protect-logging" => guardrail.targets = Observed::Known(units(&[SECURITY_UNIT, WORKLOADS_UNIT])),
            "protect-archive" => {
                guardrail.content = Observed::Known(guardrails::protect_archive_in_part());
            }
            _ => {}
        }
    }
    let scp = |id: &str, name: &str, content: String, targets| {
        policy(id, name, "service_control_policy", content, targets)
    };
    policies.extend([
        scp("p-guard00003", "sandbox-guardrails", guardrails::sandbox(), units(&[SANDBOX_UNIT])),
        scp("p-guard00004", "protect-keys", guardrails::keys_from_root(), units(&[WORKLOADS_UNIT])),
        scp("p-draft00001", "deny-log-deletion-draft", guardrails::protect_archive(), Vec::new()),
    ]);
}

/// The organization trail records object events of the archive alone, and none of network endpoints.
fn narrow_data_events(account: &mut AccountRecord) {
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

/// The aggregator was made when the organization worked in one region.
fn narrow_aggregator(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Some(Observed::Known(aggregators)) = &mut region.aggregators else { continue };
        for aggregator in aggregators {
            aggregator.all_regions = false;
            aggregator.regions = vec![HOME_REGION.to_owned()];
        }
    }
}

fn region_mut<'a>(account: &'a mut AccountRecord, name: &str) -> Option<&'a mut RegionRecord> {
    account.regions.iter_mut().find(|region| region.name == name)
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
fn own_trail(account: &str, region: &str, name: &str, bucket: &str) -> (Trail, TrailSettings, TrailStatus) {
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
    };
    let status = TrailStatus { latest_log_group_delivery_time: Observed::Absent, ..delivering() };
    (trail, settings, status)
}

fn legacy_trail(account: &mut AccountRecord) {
    let (trail, settings, status) =
        own_trail(PAYMENTS, "eu-west-1", "payments-legacy", stores::LEGACY_BUCKET);
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
    add_bucket(account, stores::LEGACY_BUCKET, "eu-west-1");
}

fn redundant_trail(account: &mut AccountRecord) {
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
                    });
                }
            }
        }
    }
}

fn own_config_bucket(account: &mut AccountRecord) {
    for region in &mut account.regions {
        if let Observed::Known(channels) = &mut region.delivery_channels {
            for channel in channels {
                channel.bucket_name = Observed::Known(stores::DATA_BUCKET.to_owned());
                channel.kms_key_arn = Observed::Known(stores::data_key());
            }
        }
    }
    add_bucket(account, stores::DATA_BUCKET, HOME_REGION);
}

fn add_bucket(account: &mut AccountRecord, name: &str, region: &str) {
    if let Observed::Known(buckets) = &mut account.buckets {
        buckets.push(crate::model::BucketName { name: name.to_owned(), region: Some(region.to_owned()) });
        buckets.sort();
    }
}

fn stopped_recorders(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Observed::Known(recorders) = &mut region.recorders else { continue };
        for recorder in recorders {
            let Observed::Known(status) = &mut recorder.status else { continue };
            match region.name.as_str() {
                "us-east-1" => status.recording = false,
                "eu-west-1" => {
                    status.last_status = Observed::Known("FAILURE".to_owned());
                    status.last_error =
                        Observed::Known("AccessDenied: the recorder's role may not read".to_owned());
                }
                _ => {}
            }
        }
    }
}

fn missing_recorder(account: &mut AccountRecord) {
    if let Some(region) = region_mut(account, "ap-southeast-2") {
        region.recorders = Observed::Known(Vec::new());
        region.delivery_channels = Observed::Known(Vec::new());
    }
    let gap =
        denied(account, "us-east-1", "logs", "DescribeLogGroups", None, "no identity-based policy allows it");
    if let Some(region) = region_mut(account, "us-east-1") {
        region.log_groups = gap;
    }
}

fn partial_recorder(account: &mut AccountRecord) {
    for region in &mut account.regions {
        region.config_retention_days = Observed::Known(90);
        let Observed::Known(recorders) = &mut region.recorders else { continue };
        for recorder in recorders {
            recorder.role_arn = Some(format!("arn:aws:iam::{SHARED}:role/config-recorder"));
            recorder.recording_frequency = Observed::Known("DAILY".to_owned());
            recorder.recording_group.all_supported = false;
            recorder.recording_group.strategy = Some("EXCLUSION_BY_RESOURCE_TYPES".to_owned());
            recorder.recording_group.excluded_resource_types =
                vec!["AWS::EC2::NetworkInterface".to_owned(), "AWS::IAM::Policy".to_owned()];
        }
    }
}

fn failing_delivery(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Observed::Known(channels) = &mut region.delivery_channels else { continue };
        for channel in channels {
            if let Observed::Known(status) = &mut channel.status {
                status.history = Observed::Known(DeliveryAttempt {
                    last_status: Observed::Known("FAILURE".to_owned()),
                    last_error: Observed::Known(
                        "AccessDenied: the bucket policy refused the delivery".to_owned(),
                    ),
                    last_success: hours_ago(24 * 9),
                });
            }
        }
    }
}

fn scattered_log_groups(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let plain = |name: &str| LogGroup {
            retention_days: Observed::Known(30),
            kms_key_id: Observed::Absent,
            deletion_protection: Observed::Known(false),
            ..log_group(SHOP_STAGING, &region.name, name)
        };
        let errors_only = SubscriptionFilter {
            name: "errors".to_owned(),
            destination_arn: super::account::destination_arn(&region.name),
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

fn dangling_bucket(account: &mut AccountRecord) {
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

fn open_destination(account: &mut AccountRecord) {
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

fn incomplete_destinations(account: &mut AccountRecord) {
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

/// Marks one call as denied, and returns what a fact that hangs on it then is.
fn denied<T>(
    account: &mut AccountRecord,
    region: &str,
    service: &str,
    operation: &str,
    resource: Option<&str>,
    why: &str,
) -> Observed<T> {
    let place =
        GapPlace { account_id: Some(&account.id), region: Some(region), service, operation, resource };
    let gap = Gap::new(place, GapReason::AccessDenied, format!("AccessDeniedException: {why}"));
    let id = gap.id.clone();
    if !account.gaps.contains(&gap) {
        account.gaps.push(gap);
        account.gaps.sort();
    }
    Observed::Unavailable(id)
}

fn closed_region(account: &mut AccountRecord) {
    let closed = "ap-southeast-2";
    let why = "with an explicit deny in a service control policy";
    let recorders = denied(account, closed, "config", "DescribeConfigurationRecorders", None, why);
    let channels = denied(account, closed, "config", "DescribeDeliveryChannels", None, why);
    let retention = denied(account, closed, "config", "DescribeRetentionConfigurations", None, why);
    let log_groups = denied(account, closed, "logs", "DescribeLogGroups", None, why);
    let policies = denied(account, closed, "logs", "DescribeAccountPolicies", None, why);
    let destinations = denied(account, closed, "logs", "DescribeDestinations", None, why);
    if let Some(region) = region_mut(account, closed) {
        *region = RegionRecord {
            name: closed.to_owned(),
            recorders,
            delivery_channels: channels,
            config_retention_days: retention,
            aggregators: None,
            log_groups,
            subscription_policies: policies,
            destinations,
        };
    }
    let (trail, settings, _) = own_trail(SANDBOX, "us-east-1", "anna-test", ARCHIVE_BUCKET);
    let status = denied(
        account,
        "us-east-1",
        "cloudtrail",
        "GetTrailStatus",
        Some(&trail.arn.clone()),
        "no identity-based policy allows it",
    );
    account.trails = Observed::Known(vec![Trail { settings: Observed::Known(settings), status, ..trail }]);
}
