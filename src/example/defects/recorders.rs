//! The defects of the demonstration's Config: recorders, what they record and where they deliver.

use super::super::{HOME_REGION, hours_ago};
use super::{SHARED, add_bucket, refuse, region_mut, stores};
use crate::model::{AccountRecord, DeliveryAttempt, Observed};

/// The aggregator was made when the organization worked in one region.
pub(super) fn narrow_aggregator(account: &mut AccountRecord) {
    for region in &mut account.regions {
        let Some(Observed::Known(aggregators)) = &mut region.aggregators else { continue };
        for aggregator in aggregators {
            aggregator.all_regions = false;
            aggregator.regions = vec![HOME_REGION.to_owned()];
        }
    }
}

pub(super) fn own_config_bucket(account: &mut AccountRecord) {
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

pub(super) fn stopped_recorders(account: &mut AccountRecord) {
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

pub(super) fn missing_recorder(account: &mut AccountRecord) {
    if let Some(region) = region_mut(account, "ap-southeast-2") {
        region.recorders = Observed::Known(Vec::new());
        region.delivery_channels = Observed::Known(Vec::new());
    }
    let why = "no identity-based policy allows it";
    let gap = refuse(account, "us-east-1", "logs", "DescribeLogGroups", None, why);
    if let Some(region) = region_mut(account, "us-east-1") {
        region.log_groups = Observed::Unavailable(gap);
    }
}

pub(super) fn partial_recorder(account: &mut AccountRecord) {
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

pub(super) fn failing_delivery(account: &mut AccountRecord) {
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
                    ..DeliveryAttempt::default()
                });
            }
        }
    }
}
