//! Account Management: the regions of an account.

use serde_json::{Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure, Protocol};
use super::world::World;

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    if call.key.operation != "ListRegions" {
        return Err(Failure::not_implemented("account", &call.key.operation));
    }
    let asked = call.text("AccountId").unwrap_or(&call.caller.account);
    let management = world.organization.as_ref().map(|organization| organization.management_account.as_str());
    if asked != call.caller.account && management != Some(call.caller.account.as_str()) {
        return Err(Failure::access_denied(Protocol::RestJson, "account:ListRegions", &call.caller.arn));
    }
    let account = world.accounts.get(asked).ok_or_else(|| {
        Failure::new(404, "ResourceNotFoundException", format!("account {asked} is not in the organization"))
    })?;
    let wanted = call.texts("RegionOptStatusContains");
    let regions = account
        .regions
        .iter()
        .filter(|(_, status)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&status.as_str())));
    let (page, next) = world.page("account", regions, call.text("NextToken"), call.number("MaxResults"))?;
    let regions: Vec<Value> = page
        .into_iter()
        .map(|(name, status)| json!({ "RegionName": name, "RegionOptStatus": status }))
        .collect();
    Ok(Answer::Members(json!({ "Regions": regions, "NextToken": next })))
}
