//! CloudWatch Logs: log groups, filters, account policies, destinations.

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
        other => Err(Failure::not_implemented("logs", other)),
    }
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
