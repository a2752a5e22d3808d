//! CloudWatch Logs: log groups, filters, account policies, destinations, deliveries of vended logs.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::{Region, World};

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let region = world.region(&call.caller.account, &call.key.region);
    match call.key.operation.as_str() {
        "DescribeLogGroups" => {
            let prefix = call.text("logGroupNamePrefix").unwrap_or_default();
            let pattern = call.text("logGroupNamePattern").unwrap_or_default();
            let class = call.text("logGroupClass");
            let groups = region.log_groups.iter().filter(|group| {
                let name = text(group, "logGroupName");
                name.starts_with(prefix)
                    && name.to_lowercase().contains(&pattern.to_lowercase())
                    && class.is_none_or(|class| text(group, "logGroupClass") == class)
            });
            paged(world, call, "logGroups", groups)
        }
        "DescribeSubscriptionFilters" => {
            let name = existing_group(&region, call.required("logGroupName")?)?;
            let filters =
                region.subscription_filters.iter().filter(|filter| text(filter, "logGroupName") == name);
            paged(world, call, "subscriptionFilters", filters)
        }
        "DescribeMetricFilters" => {
            let name = call.text("logGroupName").map(|name| existing_group(&region, name)).transpose()?;
            let filters = region
                .metric_filters
                .iter()
                .filter(|filter| name.is_none_or(|name| text(filter, "logGroupName") == name));
            paged(world, call, "metricFilters", filters)
        }
        "DescribeAccountPolicies" => {
            let kind = call.required("policyType")?;
            let policies = region.account_policies.iter().filter(|policy| text(policy, "policyType") == kind);
            paged(world, call, "accountPolicies", policies)
        }
        "DescribeDestinations" => {
            let prefix = call.text("DestinationNamePrefix").unwrap_or_default();
            let destinations = region
                .destinations
                .iter()
                .filter(|destination| text(destination, "destinationName").starts_with(prefix));
            paged(world, call, "destinations", destinations)
        }
        "DescribeResourcePolicies" => {
            let scope = call.text("policyScope").unwrap_or("ACCOUNT");
            let group = call.text("resourceArn");
            let policies = region.resource_policies.iter().filter(|policy| {
                let of = policy.get("policyScope").and_then(Value::as_str).unwrap_or("ACCOUNT");
                of == scope && group.is_none_or(|group| text(policy, "resourceArn") == group)
            });
            paged(world, call, "resourcePolicies", policies)
        }
        "DescribeDeliverySources" => paged(world, call, "deliverySources", region.delivery_sources.iter()),
        "DescribeDeliveries" => paged(world, call, "deliveries", region.deliveries.iter()),
        "GetDeliveryDestination" => {
            let name = call.required("name")?;
            let found =
                region.delivery_destinations.iter().find(|destination| text(destination, "name") == name);
            let missing = || {
                Failure::new(
                    400,
                    "ResourceNotFoundException",
                    "Requested Delivery Destination does not exist in this account.",
                )
            };
            Ok(Answer::Members(json!({ "deliveryDestination": found.ok_or_else(missing)? })))
        }
        other => Err(Failure::not_implemented("logs", other)),
    }
}

/// A delivery source, its delivery to a delivery destination, and that destination, which its owner must be given.
pub fn delivery(region: &str, source: (&str, &str), owner: &str, target: &str) -> [Value; 3] {
    let (account, name) = source;
    let kind = match target.split(':').nth(2) {
        Some("s3") => "S3",
        Some("firehose") => "FH",
        _ => "CWL",
    };
    let destination = format!("arn:aws:logs:{region}:{owner}:delivery-destination:{name}");
    [
        json!({
            "name": name, "arn": format!("arn:aws:logs:{region}:{account}:delivery-source:{name}"),
            "resourceArns": [format!("arn:aws:securityhub:{region}:{account}:hub/*")], "service": "securityhub",
            "logType": "SECURITY_FINDING_LOGS", "status": "ACTIVE",
        }),
        json!({
            "id": name, "arn": format!("arn:aws:logs:{region}:{account}:delivery:{name}"), "deliverySourceName": name,
            "deliveryDestinationArn": destination, "deliveryDestinationType": kind,
            "s3DeliveryConfiguration": { "suffixPath": "{account-id}", "enableHiveCompatiblePath": false },
        }),
        json!({
            "name": name, "arn": destination, "deliveryDestinationType": kind, "outputFormat": "json",
            "deliveryDestinationConfiguration": { "destinationResourceArn": target },
        }),
    ]
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn existing_group<'a>(region: &Region, name: &'a str) -> Result<&'a str, Failure> {
    let exists = region.log_groups.iter().any(|group| text(group, "logGroupName") == name);
    exists.then_some(name).ok_or_else(|| {
        Failure::new(400, "ResourceNotFoundException", "The specified log group does not exist.")
    })
}

fn paged<'a>(
    world: &World,
    call: &Call,
    name: &str,
    items: impl Iterator<Item = &'a Value>,
) -> Result<Answer, Failure> {
    let (page, next) = world.page("logs", items, call.text("nextToken"), call.number("limit"))?;
    let mut body = json!({ name: page });
    if let Some(next) = next {
        body["nextToken"] = json!(next);
    }
    Ok(Answer::Members(body))
}
