//! What each region of each account of the healthy organization holds of AWS Config and CloudWatch Logs, made
//! when it is asked for.

use serde_json::{Value, json};

use super::healthy::{
    ARCHIVE, ARCHIVE_BUCKET, CONFIG_BUCKET, DAY, HOUR, MANAGEMENT, ORGANIZATION_ID, SECURITY,
    TRAIL_LOG_GROUP, document, log_key, trail_key,
};
use super::logs::delivery;
use super::streams::{delivery_stream, read_from, stream};
use super::world::Region;

/// Makes the resources of a region of an account, the same each time.
pub struct Template {
    /// The home region of trail and aggregator.
    pub home: String,
    /// Epoch seconds that all times are counted back from.
    pub recorded_at: u64,
}

impl Template {
    pub fn region(&self, account: &str, region: &str) -> Region {
        let mut made = Region {
            retention_configurations: vec![json!({ "Name": "default", "RetentionPeriodInDays": 2557 })],
            ..Region::default()
        };
        self.add_config(&mut made, account, region);
        self.add_log_group(&mut made, account, region, "/aws/lambda/ingest");
        if ![MANAGEMENT, ARCHIVE, SECURITY].contains(&account) {
            for name in ["/aws/rds/instance/orders/postgresql", "/aws/eks/main/cluster"] {
                self.add_log_group(&mut made, account, region, name);
            }
        }
        if account == MANAGEMENT && region == self.home {
            self.add_log_group(&mut made, account, region, TRAIL_LOG_GROUP);
            made.event_data_stores.push(self.event_data_store(region));
        }
        made.resource_policies.push(self.log_delivery_policy(account, region));
        if account == ARCHIVE {
            made.destinations.push(self.destination(region));
            let key = log_key(region);
            let mut delivery = delivery_stream(ARCHIVE, region, "central-logs", ARCHIVE_BUCKET, &key);
            if region == self.home {
                let data = stream(ARCHIVE, region, "central-logs", &key);
                read_from(&mut delivery, &data);
                made.destinations[0]["targetArn"] = data["StreamARN"].clone();
                made.streams.push(data);
            }
            made.delivery_streams.push(delivery);
        }
        if region == self.home {
            let target = format!("arn:aws:s3:::{ARCHIVE_BUCKET}");
            let [source, delivery, destination] = delivery(region, (SECURITY, "findings"), ARCHIVE, &target);
            match account {
                SECURITY => {
                    made.delivery_sources.push(source);
                    made.deliveries.push(delivery);
                }
                ARCHIVE => made.delivery_destinations.push(destination),
                _ => {}
            }
        }
        if account == SECURITY && region == self.home {
            made.aggregators.push(json!({
                "ConfigurationAggregatorName": "organization",
                "ConfigurationAggregatorArn": format!("arn:aws:config:{region}:{SECURITY}:config-aggregator/config-aggregator-organiz1"),
                "OrganizationAggregationSource": {
                    "RoleArn": format!("arn:aws:iam::{SECURITY}:role/ConfigAggregator"), "AllAwsRegions": true,
                },
                "CreationTime": self.recorded_at - 300 * DAY,
                "LastUpdatedTime": self.recorded_at - 300 * DAY,
            }));
        }
        made
    }

    fn add_config(&self, made: &mut Region, account: &str, region: &str) {
        let now = self.recorded_at;
        let role = format!(
            "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        );
        made.recorders.push(json!({
            "name": "default",
            "arn": format!("arn:aws:config:{region}:{account}:configuration-recorder/default/abcdefgh12345678"),
            "roleARN": role,
            "recordingGroup": {
                "allSupported": true,
                "includeGlobalResourceTypes": region == self.home,
                "resourceTypes": [],
                "exclusionByResourceTypes": { "resourceTypes": [] },
                "recordingStrategy": { "useOnly": "ALL_SUPPORTED_RESOURCE_TYPES" },
            },
            "recordingMode": { "recordingFrequency": "CONTINUOUS", "recordingModeOverrides": [] },
            "recordingScope": "PAID",
        }));
        made.recorder_statuses.push(json!({
            "name": "default",
            "recording": true,
            "lastStatus": "SUCCESS",
            "lastStartTime": now - 300 * DAY,
            "lastStatusChangeTime": now - HOUR,
        }));
        made.delivery_channels.push(json!({
            "name": "default",
            "s3BucketName": CONFIG_BUCKET,
            "s3KmsKeyArn": trail_key(&self.home),
            "configSnapshotDeliveryProperties": { "deliveryFrequency": "TwentyFour_Hours" },
        }));
        let delivery = json!({
            "lastStatus": "SUCCESS",
            "lastAttemptTime": now - HOUR,
            "lastSuccessfulTime": now - HOUR,
        });
        made.delivery_channel_statuses.push(json!({
            "name": "default",
            "configSnapshotDeliveryInfo": delivery,
            "configHistoryDeliveryInfo": delivery,
            "configStreamDeliveryInfo": { "lastStatus": "NOT_APPLICABLE", "lastStatusChangeTime": now - HOUR },
        }));
    }

    fn add_log_group(&self, made: &mut Region, account: &str, region: &str, name: &str) {
        let arn = format!("arn:aws:logs:{region}:{account}:log-group:{name}");
        let created = (self.recorded_at - 200 * DAY) * 1000;
        made.log_groups.push(json!({
            "logGroupName": name,
            "creationTime": created,
            "retentionInDays": 400,
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "storedBytes": 1_048_576,
            "kmsKeyId": log_key(region),
            "logGroupClass": "STANDARD",
            "deletionProtectionEnabled": true,
        }));
        made.subscription_filters.push(json!({
            "logGroupName": name,
            "filterName": "to-archive",
            "filterPattern": "",
            "destinationArn": format!("arn:aws:logs:{region}:{ARCHIVE}:destination:central-logs"),
            "distribution": "ByLogStream",
            "creationTime": created,
        }));
    }

    fn event_data_store(&self, region: &str) -> Value {
        json!({
            "EventDataStoreArn": format!("arn:aws:cloudtrail:{region}:{MANAGEMENT}:eventdatastore/11111111-0000-4000-8000-000000000009"),
            "Name": "organization-events",
            "Status": "ENABLED",
            "AdvancedEventSelectors": [{
                "Name": "Management events", "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Management"] }],
            }],
            "MultiRegionEnabled": true,
            "OrganizationEnabled": true,
            "RetentionPeriod": 2557,
            "TerminationProtectionEnabled": true,
            "CreatedTimestamp": self.recorded_at - 300 * DAY,
            "UpdatedTimestamp": self.recorded_at - 300 * DAY,
            "KmsKeyId": trail_key(&self.home),
            "BillingMode": "FIXED_RETENTION_PRICING",
            "FederationStatus": "DISABLED",
        })
    }

    /// As AWS makes it where its services deliver logs to log groups.
    fn log_delivery_policy(&self, account: &str, region: &str) -> Value {
        let policy = document(&[json!({
            "Sid": "AWSLogDeliveryWrite1", "Effect": "Allow",
            "Principal": { "Service": "delivery.logs.amazonaws.com" },
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("arn:aws:logs:{region}:{account}:log-group:/aws/vendedlogs/*:log-stream:*"),
            "Condition": {
                "StringEquals": { "aws:SourceAccount": [account] },
                "ArnLike": { "aws:SourceArn": [format!("arn:aws:logs:{region}:{account}:*")] },
            },
        })]);
        json!({
            "policyName": "AWSLogDeliveryWrite20150319",
            "policyDocument": policy.to_string(),
            "policyScope": "ACCOUNT",
            "lastUpdatedTime": (self.recorded_at - 200 * DAY) * 1000,
        })
    }

    fn destination(&self, region: &str) -> Value {
        let arn = format!("arn:aws:logs:{region}:{ARCHIVE}:destination:central-logs");
        let policy = document(&[json!({
            "Sid": "OrganizationSubscribes", "Effect": "Allow", "Principal": "*",
            "Action": ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"], "Resource": arn,
            "Condition": { "StringEquals": { "aws:PrincipalOrgID": ORGANIZATION_ID } },
        })]);
        json!({
            "destinationName": "central-logs",
            "arn": arn,
            "targetArn": format!("arn:aws:firehose:{region}:{ARCHIVE}:deliverystream/central-logs"),
            "roleArn": format!("arn:aws:iam::{ARCHIVE}:role/LogsToFirehose"),
            "accessPolicy": policy.to_string(),
            "creationTime": (self.recorded_at - 200 * DAY) * 1000,
        })
    }
}
