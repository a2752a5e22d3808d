//! A small organization in which rules pass and fail: the good one, and beside each good thing a bad one, so that an
//! answer which is cut can make something look better than it is. Lists come in short pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::collect_support::{HOME, REGIONS};
use crate::fake_aws::healthy::{self, ARCHIVE, ARCHIVE_BUCKET, MANAGEMENT, SECURITY, workload};
use crate::fake_aws::world::{Key, Policy, Trail};
use crate::fake_aws::{World, observabilityadmin};

const STRANGER: &str = "999999999999";
const BAD_BUCKET: &str = "shop-logs";

pub(crate) fn world() -> World {
    let mut world = World::healthy(4, &REGIONS);
    for service in ["account", "cloudtrail", "config", "iam", "kms", "logs", "observabilityadmin", "s3"] {
        world.page_sizes.insert(service.to_owned(), 1);
    }
    world.page_sizes.insert("organizations".to_owned(), 2);
    let organization = world.organization_mut();
    // Fewer calls, as each is disturbed.
    let kept = ["ou-exam-security", "ou-exam-workload", "ou-exam-producti"];
    let gone: BTreeSet<String> = organization
        .units
        .iter()
        .map(|unit| unit.id.clone())
        .filter(|id| !kept.contains(&id.as_str()))
        .collect();
    organization.units.retain(|unit| !gone.contains(&unit.id));
    for policy in &mut organization.policies {
        policy.targets.retain(|target| !gone.contains(target));
    }
    let useless = json!([{ "Effect": "Deny", "Action": "cloudtrail:Stopp*", "Resource": "*" }]);
    organization.policies.push(Policy {
        id: "p-exampleuse".to_owned(),
        name: "Useless".to_owned(),
        kind: "SERVICE_CONTROL_POLICY".to_owned(),
        aws_managed: false,
        content: json!({ "Version": "2012-10-17", "Statement": useless }).to_string(),
        targets: BTreeSet::new(),
    });
    // Everybody may leave, and the archive account may stop Config.
    for policy in &mut organization.policies {
        policy.content = policy.content.replace("\"organizations:LeaveOrganization\",", "");
    }
    managed_policies(&mut world);
    bad_trail(&mut world);
    bad_bucket(&mut world);
    bad_key(&mut world);
    bad_regions(&mut world);
    rules(&mut world);
    world
}

/// A rule copies what no subscription takes in the second region, and another one copies to a stranger.
fn rules(world: &mut World) {
    for name in ["archive", "out"] {
        observabilityadmin::centralize(world, name, &[REGIONS[1]], REGIONS[1]);
    }
    let rules = &mut world.organization_mut().centralization_rules;
    rules[1]["CentralizationRule"]["Destination"]["Account"] = json!(STRANGER);
    world.region_mut(&workload(0), REGIONS[1]).subscription_filters.clear();
}

/// The trail's role has attached policies as well.
fn managed_policies(world: &mut World) {
    let management = world.account_mut(MANAGEMENT);
    for name in ["Extra", "More"] {
        let arn = format!("arn:aws:iam::{MANAGEMENT}:policy/{name}");
        management.managed_policies.insert(arn.clone(), healthy::document(&[]));
        for role in management.roles.values_mut() {
            role.attached_policies.push(arn.clone());
            role.inline_policies.insert(name.to_owned(), healthy::document(&[]));
        }
    }
}

fn bad_trail(world: &mut World) {
    let account = workload(0);
    for (name, region) in [("shop", HOME), ("shop-old", REGIONS[1])] {
        world.account_mut(&account).trails.push(Trail {
            description: json!({
                "Name": name,
                "TrailARN": format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
                "HomeRegion": region,
                "S3BucketName": BAD_BUCKET,
                "IncludeGlobalServiceEvents": false,
                "IsMultiRegionTrail": false,
                "IsOrganizationTrail": false,
                "LogFileValidationEnabled": false,
                "KmsKeyId": bad_key_arn(&account),
                "HasCustomEventSelectors": true,
                "HasInsightSelectors": false,
            }),
            status: json!({
                "IsLogging": false,
                "LatestDeliveryError": "AccessDenied",
                "LatestDeliveryTime": healthy_time(40),
                "StopLoggingTime": healthy_time(3),
            }),
            event_selectors: json!({ "EventSelectors": [{
                "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "DataResources": [],
                "ExcludeManagementEventSources": ["kms.amazonaws.com"],
            }] }),
            insight_selectors: None,
        });
    }
}

fn healthy_time(days: u64) -> u64 {
    crate::fake_aws::world::seconds_ago(days * healthy::DAY)
}

fn bad_key_arn(account: &str) -> String {
    format!("arn:aws:kms:{HOME}:{account}:key/33333333-0000-4000-8000-000000000003")
}

fn bad_bucket(world: &mut World) {
    let account = workload(0);
    let bucket = world.add_bucket(BAD_BUCKET, &account, HOME);
    let arn = format!("arn:aws:s3:::{BAD_BUCKET}");
    let policy = healthy::document(&[
        json!({ "Sid": "All", "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": format!("{arn}/*") }),
        json!({ "Sid": "Trail", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "s3:PutObject", "Resource": format!("{arn}/*") }),
    ]);
    let group = |permission: &str| {
        json!({ "Grantee": {
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:type": "Group",
            "URI": "http://acs.amazonaws.com/groups/global/AllUsers" }, "Permission": permission })
    };
    let open = json!({
        "BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": true, "RestrictPublicBuckets": false,
    });
    let rule = |id: &str, destination: &str, markers: &str| {
        json!({
            "ID": id, "Priority": 1, "Status": "Enabled", "Filter": { "Prefix": "" },
            "DeleteMarkerReplication": { "Status": markers },
            "Destination": { "Bucket": format!("arn:aws:s3:::{destination}"), "Account": STRANGER },
        })
    };
    for (name, value) in [
        ("versioning", json!({ "Status": "Suspended" })),
        (
            "lifecycle",
            json!({ "Rule": [
            { "ID": "abort", "Status": "Enabled", "Filter": { "Prefix": "" }, "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 7 } },
            { "ID": "gone", "Status": "Enabled", "Filter": { "Prefix": "" }, "Expiration": { "Days": 3 }, "NoncurrentVersionExpiration": { "NoncurrentDays": 1 } },
        ] }),
        ),
        ("policy", policy),
        (
            "acl",
            json!({ "Owner": { "ID": "a" }, "AccessControlList": { "Grant": [group("READ"), group("WRITE")] } }),
        ),
        ("ownershipControls", json!({ "Rule": [{ "ObjectOwnership": "ObjectWriter" }] })),
        ("publicAccessBlock", open.clone()),
        (
            "replication",
            json!({ "Role": format!("arn:aws:iam::{account}:role/replicate"), "Rule": [
            rule("out", "strangers-bucket", "Enabled"), rule("archive", ARCHIVE_BUCKET, "Disabled"),
        ] }),
        ),
        ("logging", json!({ "LoggingEnabled": { "TargetBucket": BAD_BUCKET, "TargetPrefix": "" } })),
    ] {
        bucket.configuration.insert(name.to_owned(), value);
    }
    world.add_bucket("shop-pictures", &account, REGIONS[1]);
    world.account_mut(&account).public_access_block = Some(open);
}

fn bad_key(world: &mut World) {
    let account = workload(0);
    let arn = bad_key_arn(&account);
    let everybody =
        json!({ "Sid": "Any", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" });
    let trails = json!({
        "Sid": "Trails", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:GenerateDataKey*", "Resource": "*",
    });
    let grant = |id: &str, grantee: &str| {
        json!({
            "GrantId": id, "KeyId": arn, "GranteePrincipal": grantee, "Operations": ["Decrypt"],
            "IssuingAccount": format!("arn:aws:iam::{account}:root"), "CreationDate": healthy_time(9),
        })
    };
    let key = Key {
        region: HOME.to_owned(),
        metadata: json!({
            "AWSAccountId": account, "KeyId": "33333333-0000-4000-8000-000000000003", "Arn": arn,
            "Enabled": false, "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "PendingDeletion", "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": false,
        }),
        rotation: json!({ "KeyRotationEnabled": false, "KeyId": "33333333-0000-4000-8000-000000000003" }),
        policy: healthy::document(&[everybody, trails]),
        grants: vec![
            grant("g-1", &format!("arn:aws:iam::{account}:role/app")),
            grant("g-2", &format!("arn:aws:iam::{STRANGER}:role/reader")),
            grant("g-3", "arn:aws:iam::100000000003:role/LogReader"),
        ],
    };
    world.account_mut(&account).keys.push(key);
}

fn bad_regions(world: &mut World) {
    let account = workload(0);
    let region = world.region_mut(&account, HOME);
    region.recorder_statuses[0]["recording"] = json!(false);
    region.recorders[0]["recordingGroup"] = json!({
        "allSupported": false, "includeGlobalResourceTypes": false, "resourceTypes": ["AWS::EC2::Instance"],
        "recordingStrategy": { "useOnly": "INCLUSION_BY_RESOURCE_TYPES" },
    });
    region.delivery_channels[0]["s3BucketName"] = json!(BAD_BUCKET);
    region.delivery_channel_statuses[0]["configHistoryDeliveryInfo"] =
        json!({ "lastStatus": "FAILURE", "lastErrorCode": "AccessDenied", "lastErrorMessage": "no" });
    region.retention_configurations[0]["RetentionPeriodInDays"] = json!(30);
    let rds = "/aws/rds/instance/orders/postgresql";
    region.subscription_filters.retain(|filter| filter["logGroupName"] != rds);
    for group in &mut region.log_groups {
        if group["logGroupName"] == rds {
            group["deletionProtectionEnabled"] = json!(false);
            group["retentionInDays"] = json!(1);
        }
    }
    for filter in &mut region.subscription_filters {
        filter["filterPattern"] = json!("ERROR");
    }
    region.account_policies =
        ["one", "two", "three"].map(|name| subscription_policy(name, &account)).to_vec();
    let audit = world.region_mut(SECURITY, REGIONS[1]);
    audit.recorders.clear();
    audit.recorder_statuses.clear();
    let open = json!([{
        "Sid": "Any", "Effect": "Allow", "Principal": "*", "Action": "logs:PutSubscriptionFilter", "Resource": "*",
    }]);
    let archive = world.region_mut(ARCHIVE, HOME);
    let mut destination = archive.destinations[0].clone();
    destination["destinationName"] = json!("open-logs");
    destination["arn"] = json!(format!("arn:aws:logs:{HOME}:{ARCHIVE}:destination:open-logs"));
    destination["accessPolicy"] = json!(json!({ "Version": "2012-10-17", "Statement": open }).to_string());
    archive.destinations.push(destination.clone());
    destination["destinationName"] = json!("third-logs");
    destination["arn"] = json!(format!("arn:aws:logs:{HOME}:{ARCHIVE}:destination:third-logs"));
    archive.destinations.push(destination);
    let security = world.region_mut(SECURITY, HOME);
    for name in ["one", "two"] {
        let mut aggregator = security.aggregators[0].clone();
        aggregator["ConfigurationAggregatorName"] = json!(name);
        aggregator["ConfigurationAggregatorArn"] =
            json!(format!("arn:aws:config:{HOME}:{SECURITY}:config-aggregator/config-aggregator-{name}"));
        security.aggregators.push(aggregator);
    }
    let management = world.region_mut(MANAGEMENT, HOME);
    for number in 0..3 {
        management.metric_filters.push(json!({
            "filterName": format!("filter-{number}"), "logGroupName": healthy::TRAIL_LOG_GROUP, "filterPattern": "x",
            "metricTransformations": [{ "metricName": "x", "metricNamespace": "y", "metricValue": "1" }],
        }));
    }
}

fn subscription_policy(name: &str, account: &str) -> Value {
    let document = json!({
        "DestinationArn": format!("arn:aws:logs:{HOME}:{ARCHIVE}:destination:central-logs"),
        "FilterPattern": "ERROR", "Distribution": "Random",
    });
    json!({
        "policyName": name, "policyType": "SUBSCRIPTION_FILTER_POLICY", "scope": "ALL",
        "selectionCriteria": "LogGroupName NOT IN [\"/aws/lambda/ingest\"]",
        "policyDocument": document.to_string(), "accountId": account,
    })
}
