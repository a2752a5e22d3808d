//! CloudTrail: own trails, shadows of multi-region trails, and the organization trail's shadow in each member.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::{Trail, World};

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    match call.key.operation.as_str() {
        "ListTrails" => list_trails(world, call),
        "ListPublicKeys" => list_public_keys(world, call),
        "DescribeTrails" => Ok(describe_trails(world, call)),
        "GetTrail" => {
            let trail = find(world, call, call.required("Name")?)?;
            Ok(Answer::Members(json!({ "Trail": trail.description })))
        }
        "GetTrailStatus" => Ok(Answer::Members(find(world, call, call.required("Name")?)?.status.clone())),
        "GetEventSelectors" => {
            let trail = find(world, call, call.required("TrailName")?)?;
            let mut selectors = trail.event_selectors.clone();
            selectors["TrailARN"] = trail.description["TrailARN"].clone();
            Ok(Answer::Members(selectors))
        }
        "GetInsightSelectors" => {
            let trail = find(world, call, call.required("TrailName")?)?;
            let arn = &trail.description["TrailARN"];
            let selectors = trail.insight_selectors.as_ref().ok_or_else(|| {
                Failure::new(
                    400,
                    "InsightNotEnabledException",
                    format!("Trail {arn} does not have Insights enabled."),
                )
            })?;
            Ok(Answer::Members(json!({ "TrailARN": arn, "InsightSelectors": selectors })))
        }
        "ListEventDataStores" => {
            let region = world.region(&call.caller.account, &call.key.region);
            let stores = region.event_data_stores.iter();
            let named =
                stores.map(|it| json!({ "EventDataStoreArn": it["EventDataStoreArn"], "Name": it["Name"] }));
            let (page, next) = world.page("cloudtrail", named, call.text("NextToken"), None)?;
            Ok(Answer::Members(json!({ "EventDataStores": page, "NextToken": next })))
        }
        "GetEventDataStore" => {
            let arn = call.required("EventDataStore")?;
            let region = world.region(&call.caller.account, &call.key.region);
            let found = region.event_data_stores.iter().find(|store| store["EventDataStoreArn"] == arn);
            let found = found.ok_or_else(|| {
                Failure::new(400, "EventDataStoreNotFoundException", "The event data store was not found.")
            })?;
            Ok(Answer::Members(found.clone()))
        }
        other => Err(Failure::not_implemented("cloudtrail", other)),
    }
}

/// Keys whose validity shares a moment with the range that is asked for.
fn list_public_keys(world: &World, call: &Call) -> Result<Answer, Failure> {
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let asked = |name: &str| call.parameters.get(name).map(number);
    let keys = world.public_keys.get(&call.key.region).into_iter().flatten().filter(|key| {
        asked("StartTime").is_none_or(|start| number(&key["ValidityEndTime"]) >= start)
            && asked("EndTime").is_none_or(|end| number(&key["ValidityStartTime"]) <= end)
    });
    let (page, next) = world.page("cloudtrail", keys.cloned(), call.text("NextToken"), None)?;
    Ok(Answer::Members(json!({ "PublicKeyList": page, "NextToken": next })))
}

fn flag(trail: &Trail, name: &str) -> bool {
    trail.description[name] == true
}

fn own<'a>(world: &'a World, account: &str) -> &'a [Trail] {
    world.accounts.get(account).map(|account| account.trails.as_slice()).unwrap_or_default()
}

/// Organization trails of the management account, as a member sees them; none for the management account itself.
fn shadows<'a>(world: &'a World, account: &str) -> impl Iterator<Item = &'a Trail> {
    let member = world.accounts.get(account).is_some_and(|account| account.parent.is_some());
    let management = world.organization.as_ref().map(|organization| organization.management_account.as_str());
    let management = management.filter(|management| member && *management != account);
    management
        .map(|management| own(world, management))
        .unwrap_or_default()
        .iter()
        .filter(|trail| flag(trail, "IsOrganizationTrail"))
}

fn list_trails(world: &World, call: &Call) -> Result<Answer, Failure> {
    let account = &call.caller.account;
    let trails = own(world, account).iter().chain(shadows(world, account)).map(|trail| {
        let Trail { description, .. } = trail;
        json!({ "TrailARN": description["TrailARN"], "Name": description["Name"], "HomeRegion": description["HomeRegion"] })
    });
    let (page, next) = world.page("cloudtrail", trails, call.text("NextToken"), None)?;
    Ok(Answer::Members(json!({ "Trails": page, "NextToken": next })))
}

fn describe_trails(world: &World, call: &Call) -> Answer {
    let (account, region) = (&call.caller.account, &call.key.region);
    let with_shadows = call.parameters.get("includeShadowTrails").and_then(Value::as_bool).unwrap_or(true);
    let wanted = call.texts("trailNameList");
    let here = |trail: &&Trail| trail.description["HomeRegion"] == region.as_str();
    let reaches_here = |trail: &&Trail| here(trail) || (with_shadows && flag(trail, "IsMultiRegionTrail"));
    let own = own(world, account).iter().filter(reaches_here);
    let shadows = shadows(world, account).filter(|trail| with_shadows && reaches_here(trail));
    let named = |trail: &&Trail| {
        let is = |field: &str, name: &str| trail.description[field] == name;
        wanted.as_ref().is_none_or(|names| {
            names.iter().any(|name| is("TrailARN", name) || (is("Name", name) && here(trail)))
        })
    };
    let trails: Vec<&Value> = own.chain(shadows).filter(named).map(|trail| &trail.description).collect();
    Answer::Members(json!({ "trailList": trails }))
}

/// By name in the home region alone, by ARN wherever the trail or a shadow of it is.
fn find<'a>(world: &'a World, call: &Call, name: &str) -> Result<&'a Trail, Failure> {
    let (account, region) = (&call.caller.account, &call.key.region);
    let here = |trail: &Trail| trail.description["HomeRegion"] == region.as_str();
    let found = if name.starts_with("arn:") {
        let mut all = own(world, account).iter().chain(shadows(world, account));
        all.find(|trail| {
            trail.description["TrailARN"] == name && (here(trail) || flag(trail, "IsMultiRegionTrail"))
        })
    } else {
        own(world, account).iter().find(|trail| trail.description["Name"] == name && here(trail))
    };
    found.ok_or_else(|| {
        let message = format!("Unknown trail: {name} for the user: {account}");
        Failure::new(400, "TrailNotFoundException", message)
    })
}
