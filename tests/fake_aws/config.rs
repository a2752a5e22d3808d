//! AWS Config: recorders, delivery channels, aggregators, retention.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::World;

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let region = world.region(&call.caller.account, &call.key.region);
    match call.key.operation.as_str() {
        "DescribeConfigurationRecorders" => {
            let recorders = named(
                &region.recorders,
                "name",
                call,
                "ConfigurationRecorderNames",
                "NoSuchConfigurationRecorderException",
            )?;
            Ok(Answer::Members(json!({ "ConfigurationRecorders": recorders })))
        }
        "DescribeConfigurationRecorderStatus" => {
            let statuses = named(
                &region.recorder_statuses,
                "name",
                call,
                "ConfigurationRecorderNames",
                "NoSuchConfigurationRecorderException",
            )?;
            Ok(Answer::Members(json!({ "ConfigurationRecordersStatus": statuses })))
        }
        "DescribeDeliveryChannels" => {
            let channels = named(
                &region.delivery_channels,
                "name",
                call,
                "DeliveryChannelNames",
                "NoSuchDeliveryChannelException",
            )?;
            Ok(Answer::Members(json!({ "DeliveryChannels": channels })))
        }
        "DescribeDeliveryChannelStatus" => {
            let statuses = named(
                &region.delivery_channel_statuses,
                "name",
                call,
                "DeliveryChannelNames",
                "NoSuchDeliveryChannelException",
            )?;
            Ok(Answer::Members(json!({ "DeliveryChannelsStatus": statuses })))
        }
        "DescribeConfigurationAggregators" => {
            let aggregators = named(
                &region.aggregators,
                "ConfigurationAggregatorName",
                call,
                "ConfigurationAggregatorNames",
                "NoSuchConfigurationAggregatorException",
            )?;
            paged(world, call, "ConfigurationAggregators", aggregators)
        }
        "DescribeRetentionConfigurations" => {
            let retention = named(
                &region.retention_configurations,
                "Name",
                call,
                "RetentionConfigurationNames",
                "NoSuchRetentionConfigurationException",
            )?;
            paged(world, call, "RetentionConfigurations", retention)
        }
        other => Err(Failure::not_implemented("config", other)),
    }
}

/// All items, or those that the request names; a name that is not there is an error.
fn named<'a>(
    items: &'a [Value],
    field: &str,
    call: &Call,
    parameter: &str,
    absent: &str,
) -> Result<Vec<&'a Value>, Failure> {
    let Some(names) = call.texts(parameter) else {
        return Ok(items.iter().collect());
    };
    let find = |name: &str| {
        items
            .iter()
            .find(|item| item[field] == name)
            .ok_or_else(|| Failure::new(400, absent, format!("Cannot find '{name}' in {}.", call.key.region)))
    };
    names.into_iter().map(find).collect()
}

fn paged(world: &World, call: &Call, name: &str, items: Vec<&Value>) -> Result<Answer, Failure> {
    let (page, next) =
        world.page("config", items.into_iter(), call.text("NextToken"), call.number("Limit"))?;
    Ok(Answer::Members(json!({ name: page, "NextToken": next })))
}
