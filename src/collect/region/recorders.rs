//! Reads AWS Config in one region: recorders, delivery channels, retention, aggregators.
//!
//! Without a recorder Config has nothing to deliver or to keep: `DeliverConfigSnapshot` of the AWS Config API reference (read
//! 2026-11-30) refuses where there is none, whatever channel is left. There nobody asks for channels and retention.

use std::collections::BTreeMap;

use aws_sdk_config::Client;
use aws_sdk_config::types as sdk;

use crate::collect::call::{ApiCaller, CallTarget, flatten};
use crate::collect::convert::{Missing, each, error, text, time};
use crate::collect::table::{
    Call, DESCRIBE_AGGREGATORS, DESCRIBE_DELIVERY_CHANNEL_STATUS, DESCRIBE_DELIVERY_CHANNELS,
    DESCRIBE_RECORDER_STATUS, DESCRIBE_RECORDERS, DESCRIBE_RETENTION,
};
use crate::model::{
    Aggregator, DeliveryAttempt, DeliveryChannel, DeliveryChannelStatus, FrequencyOverride, Observed,
    Recorder, RecorderStatus, RecordingGroup,
};

/// A list that comes in one page.
fn whole<T, U>(
    ask: &ApiCaller,
    call: &'static Call,
    at: CallTarget<'_>,
    answer: Observed<Option<Vec<T>>>,
    name: Missing,
    convert: impl Fn(T) -> Result<U, Missing>,
) -> Observed<Vec<U>> {
    flatten(answer.map(|list| match each(list, name, &convert) {
        Ok(items) => Observed::Known(items),
        Err(missing) => Observed::Unavailable(ask.malformed(call, at, missing)),
    }))
}

/// What a list of statuses says of one name: all names are `default`, so this stays within one region. AWS tells the
/// status of each, so one that is missing is not known.
fn status_of<T: Clone>(
    ask: &ApiCaller,
    call: &'static Call,
    at: CallTarget<'_>,
    statuses: &Observed<BTreeMap<String, T>>,
    name: &str,
) -> Observed<T> {
    match statuses {
        Observed::Known(statuses) => statuses.get(name).cloned().map_or_else(
            || Observed::Unavailable(ask.malformed(call, at, "status of each that is listed")),
            Observed::Known,
        ),
        Observed::Absent => Observed::Absent,
        Observed::Unavailable(gap) => Observed::Unavailable(gap.clone()),
    }
}

/// What Config records in a region, and where to.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) recorders: Observed<Vec<Recorder>>,
    pub(super) delivery_channels: Observed<Vec<DeliveryChannel>>,
    pub(super) retention_days: Observed<i64>,
}

/// Recorders and delivery channels with their status, and how long Config keeps what it records.
pub(super) async fn read(ask: &ApiCaller, client: &Client, region: &str) -> Recording {
    let (recorders, some) = list(ask, client, region).await;
    if !some {
        return Recording {
            recorders,
            delivery_channels: Observed::without_effect(),
            retention_days: Observed::without_effect(),
        };
    }
    let (recorders, delivery_channels, retention_days) = tokio::join!(
        with_status(ask, client, region, recorders),
        delivery_channels(ask, client, region),
        retention_days(ask, client, region),
    );
    Recording { recorders, delivery_channels, retention_days }
}

/// The recorders of AWS, and whether there may be any at all.
async fn list(ask: &ApiCaller, client: &Client, region: &str) -> (Observed<Vec<Recorder>>, bool) {
    let at = CallTarget::region(region);
    let recorders =
        ask.call(&DESCRIBE_RECORDERS, at, || client.describe_configuration_recorders().send()).await;
    let none = matches!(&recorders, Observed::Known(answer) if answer.configuration_recorders.as_deref() == Some(&[]));
    // One with a connector records what another cloud provider has, and nothing of AWS (`ConfigurationRecorder`).
    let of_aws = |recorder: &sdk::ConfigurationRecorder| {
        recorder.connector_arn.is_none() && recorder.scope_configuration.is_none()
    };
    let recorders = recorders.map(|answer| {
        answer.configuration_recorders.map(|all| all.into_iter().filter(of_aws).collect::<Vec<_>>())
    });
    (whole(ask, &DESCRIBE_RECORDERS, at, recorders, "ConfigurationRecorders", recorder), !none)
}

async fn with_status(
    ask: &ApiCaller,
    client: &Client,
    region: &str,
    recorders: Observed<Vec<Recorder>>,
) -> Observed<Vec<Recorder>> {
    if recorders.list().is_err() {
        return recorders;
    }
    let at = CallTarget::region(region);
    let statuses = ask
        .call(&DESCRIBE_RECORDER_STATUS, at, || client.describe_configuration_recorder_status().send())
        .await;
    let statuses = statuses.map(|answer| answer.configuration_recorders_status);
    let missing = "ConfigurationRecordersStatus";
    let statuses = whole(ask, &DESCRIBE_RECORDER_STATUS, at, statuses, missing, recorder_status)
        .map(|statuses| statuses.into_iter().collect());
    recorders.map(|mut recorders| {
        recorders.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        recorders
            .into_iter()
            .map(|recorder| Recorder {
                status: status_of(ask, &DESCRIBE_RECORDER_STATUS, at, &statuses, &recorder.name),
                ..recorder
            })
            .collect()
    })
}

fn recorder(recorder: sdk::ConfigurationRecorder) -> Result<Recorder, Missing> {
    let group = match (recorder.recording_group, &recorder.service_principal) {
        (Some(group), _) => recording_group(group)?,
        // A recorder of an AWS service has no group of its own.
        (None, Some(_)) => RecordingGroup {
            all_supported: false,
            include_global_resource_types: false,
            strategy: None,
            resource_types: Vec::new(),
            excluded_resource_types: Vec::new(),
        },
        (None, None) => return Err("ConfigurationRecorders[].recordingGroup"),
    };
    let overrides = recorder.recording_mode.as_ref().map(sdk::RecordingMode::recording_mode_overrides);
    let overrides = overrides.unwrap_or_default().iter().map(|given| FrequencyOverride {
        frequency: given.recording_frequency.as_str().to_owned(),
        resource_types: given.resource_types.iter().map(|kind| kind.as_str().to_owned()).collect(),
    });
    Ok(Recorder {
        name: recorder.name.ok_or("ConfigurationRecorders[].name")?,
        frequency_overrides: Observed::Known(overrides.collect()),
        role_arn: recorder.role_arn,
        recording_group: group,
        recording_frequency: recorder
            .recording_mode
            .map(|mode| mode.recording_frequency.as_str().to_owned())
            .into(),
        service_principal: recorder.service_principal,
        status: Observed::Absent,
    })
}

/// Types are named where the strategy goes by names, and only there (`RecordingGroup` in the API reference): a list that
/// is missing there could be any.
fn recording_group(group: sdk::RecordingGroup) -> Result<RecordingGroup, Missing> {
    use sdk::RecordingStrategyType::{ExclusionByResourceTypes, InclusionByResourceTypes};
    let strategy = group.recording_strategy.and_then(|strategy| strategy.use_only);
    let excluded = group.exclusion_by_resource_types.and_then(|excluded| excluded.resource_types);
    let by_name = match &strategy {
        Some(InclusionByResourceTypes) => true,
        Some(_) => false,
        None => !group.all_supported,
    };
    if by_name && group.resource_types.is_none() {
        return Err("ConfigurationRecorders[].recordingGroup.resourceTypes");
    }
    if strategy == Some(ExclusionByResourceTypes) && excluded.is_none() {
        return Err("ConfigurationRecorders[].recordingGroup.exclusionByResourceTypes");
    }
    let names = |types: Option<Vec<sdk::ResourceType>>| {
        let mut names: Vec<String> =
            types.into_iter().flatten().map(|kind| kind.as_str().to_owned()).collect();
        names.sort_unstable();
        names
    };
    Ok(RecordingGroup {
        all_supported: group.all_supported,
        include_global_resource_types: group.include_global_resource_types,
        strategy: strategy.map(|kind| kind.as_str().to_owned()),
        resource_types: names(group.resource_types),
        excluded_resource_types: names(excluded),
    })
}

fn recorder_status(status: sdk::ConfigurationRecorderStatus) -> Result<(String, RecorderStatus), Missing> {
    let name = status.name.ok_or("ConfigurationRecordersStatus[].name")?;
    let status = RecorderStatus {
        recording: status.recording,
        last_status: text(status.last_status.map(|status| status.as_str().to_owned())),
        last_error: error(status.last_error_code, status.last_error_message),
    };
    Ok((name, status))
}

/// Delivery channels with their status.
async fn delivery_channels(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<DeliveryChannel>> {
    let at = CallTarget::region(region);
    let channels =
        ask.call(&DESCRIBE_DELIVERY_CHANNELS, at, || client.describe_delivery_channels().send()).await;
    let channels = channels.map(|answer| answer.delivery_channels);
    let channels = whole(ask, &DESCRIBE_DELIVERY_CHANNELS, at, channels, "DeliveryChannels", |channel| {
        Ok(DeliveryChannel {
            name: channel.name.ok_or("DeliveryChannels[].name")?,
            // No channel can be made without one.
            bucket_name: Observed::Known(channel.s3_bucket_name.ok_or("DeliveryChannels[].s3BucketName")?),
            key_prefix: text(channel.s3_key_prefix),
            kms_key_arn: text(channel.s3_kms_key_arn),
            status: Observed::Absent,
        })
    });
    if !matches!(channels.list(), Ok([_, ..])) {
        return channels;
    }
    let statuses = ask
        .call(&DESCRIBE_DELIVERY_CHANNEL_STATUS, at, || client.describe_delivery_channel_status().send())
        .await
        .map(|answer| answer.delivery_channels_status);
    let missing = "DeliveryChannelsStatus";
    let statuses = whole(ask, &DESCRIBE_DELIVERY_CHANNEL_STATUS, at, statuses, missing, |status| {
        let name = status.name.ok_or("DeliveryChannelsStatus[].name")?;
        let status = DeliveryChannelStatus {
            snapshot: attempt(status.config_snapshot_delivery_info),
            history: attempt(status.config_history_delivery_info),
        };
        Ok((name, status))
    })
    .map(|statuses| statuses.into_iter().collect());
    channels.map(|mut channels| {
        channels.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        channels
            .into_iter()
            .map(|channel| DeliveryChannel {
                status: status_of(ask, &DESCRIBE_DELIVERY_CHANNEL_STATUS, at, &statuses, &channel.name),
                ..channel
            })
            .collect()
    })
}

/// AWS gives an empty object where nothing was delivered yet.
fn attempt(info: Option<sdk::ConfigExportDeliveryInfo>) -> Observed<DeliveryAttempt> {
    let attempt = info.map(|info| DeliveryAttempt {
        last_status: text(info.last_status.map(|status| status.as_str().to_owned())),
        last_error: error(info.last_error_code, info.last_error_message),
        last_success: time(info.last_successful_time.as_ref()),
    });
    let nothing = DeliveryAttempt {
        last_status: Observed::Absent,
        last_error: Observed::Absent,
        last_success: Observed::Absent,
    };
    attempt.filter(|attempt| *attempt != nothing).into()
}

/// How long Config keeps its items, in days.
async fn retention_days(ask: &ApiCaller, client: &Client, region: &str) -> Observed<i64> {
    let pages = ask
        .pages(
            &DESCRIBE_RETENTION,
            CallTarget::region(region),
            |token| client.describe_retention_configurations().set_next_token(token).send(),
            |page| Ok((page.retention_configurations.ok_or("RetentionConfigurations")?, page.next_token)),
        )
        .await;
    // An account has one at most in a region, named `default`.
    flatten(pages.map(|all| all.first().map(|one| i64::from(one.retention_period_in_days)).into()))
}

/// Aggregators that this account holds.
pub(crate) async fn aggregators(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<Aggregator>> {
    let aggregators = ask
        .pages(
            &DESCRIBE_AGGREGATORS,
            CallTarget::region(region),
            |token| client.describe_configuration_aggregators().set_next_token(token).send(),
            |page| {
                let found = each(page.configuration_aggregators, "ConfigurationAggregators", aggregator);
                Ok((found?, page.next_token))
            },
        )
        .await;
    ask.distinct(&DESCRIBE_AGGREGATORS, CallTarget::region(region), aggregators, |aggregator| &aggregator.arn)
}

fn aggregator(found: sdk::ConfigurationAggregator) -> Result<Aggregator, Missing> {
    // It has a source of one kind or the other; regions are named where not all are aggregated.
    let organization = found.organization_aggregation_source;
    let is_organization = organization.is_some();
    let accounts = match (found.account_aggregation_sources, &organization) {
        (Some(accounts), _) => accounts,
        (None, Some(_)) => Vec::new(),
        (None, None) => return Err("ConfigurationAggregators[].AccountAggregationSources"),
    };
    let mut account_ids = Vec::new();
    let mut sources: Vec<(bool, Option<Vec<String>>)> = Vec::new();
    sources.extend(organization.map(|source| (source.all_aws_regions, source.aws_regions)));
    for source in accounts {
        sources.push((source.all_aws_regions, source.aws_regions));
        account_ids.extend(source.account_ids);
    }
    let mut all_regions = false;
    let mut regions = Vec::new();
    for (all, named) in sources {
        all_regions |= all;
        match named {
            Some(named) => regions.extend(named),
            None if all => {}
            None => return Err("AwsRegions of an aggregation source"),
        }
    }
    regions.sort_unstable();
    regions.dedup();
    account_ids.sort_unstable();
    account_ids.dedup();
    Ok(Aggregator {
        name: found
            .configuration_aggregator_name
            .ok_or("ConfigurationAggregators[].ConfigurationAggregatorName")?,
        arn: found
            .configuration_aggregator_arn
            .ok_or("ConfigurationAggregators[].ConfigurationAggregatorArn")?,
        organization: is_organization,
        all_regions,
        regions,
        account_ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_that_goes_by_names_without_names_is_no_answer() {
        use sdk::RecordingStrategyType::{
            AllSupportedResourceTypes, ExclusionByResourceTypes, InclusionByResourceTypes,
        };
        let by = |strategy| {
            let strategy = sdk::RecordingStrategy::builder().use_only(strategy).build();
            recording_group(sdk::RecordingGroup::builder().recording_strategy(strategy).build())
        };
        let excluded = "ConfigurationRecorders[].recordingGroup.exclusionByResourceTypes";
        assert_eq!(by(ExclusionByResourceTypes), Err(excluded), "it could leave out any");
        let named = "ConfigurationRecorders[].recordingGroup.resourceTypes";
        assert_eq!(by(InclusionByResourceTypes), Err(named));
        assert_eq!(by(AllSupportedResourceTypes).unwrap().excluded_resource_types, Vec::<String>::new());
        let neither = recording_group(sdk::RecordingGroup::builder().build());
        assert_eq!(neither, Err(named));
    }

    #[test]
    fn an_aggregator_without_sources_or_regions_is_no_answer() {
        let named = sdk::ConfigurationAggregator::builder()
            .configuration_aggregator_name("all")
            .configuration_aggregator_arn("arn:aws:config:eu-west-1:111111111111:config-aggregator/all");
        assert!(aggregator(named.clone().build()).is_err());
        let source =
            sdk::OrganizationAggregationSource::builder().role_arn("arn:aws:iam::111111111111:role/x");
        let with = |source: sdk::OrganizationAggregationSource| {
            aggregator(named.clone().organization_aggregation_source(source).build())
        };
        assert!(with(source.clone().build().unwrap()).is_err(), "neither all regions nor any by name");
        assert!(with(source.all_aws_regions(true).build().unwrap()).unwrap().all_regions);
    }
}
