//! KMS: keys of the calling account, by id or ARN.

use serde_json::json;

use super::call::Call;
use super::protocol::{Answer, Failure, Protocol};
use super::session_policy::iam_action;
use super::world::{Key, World};

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let operation = call.key.operation.as_str();
    if !["DescribeKey", "GetKeyRotationStatus", "GetKeyPolicy", "ListGrants"].contains(&operation) {
        return Err(Failure::not_implemented("kms", operation));
    }
    let key = find(world, call)?;
    match operation {
        "DescribeKey" => Ok(Answer::Members(json!({ "KeyMetadata": key.metadata }))),
        "GetKeyRotationStatus" => Ok(Answer::Members(key.rotation.clone())),
        "GetKeyPolicy" => {
            if call.text("PolicyName").is_some_and(|name| name != "default") {
                return Err(Failure::new(400, "NotFoundException", "No such policy exists"));
            }
            Ok(Answer::Members(json!({ "Policy": key.policy.to_string(), "PolicyName": "default" })))
        }
        _ => {
            let (page, next) =
                world.page("kms", key.grants.iter(), call.text("Marker"), call.number("Limit"))?;
            Ok(Answer::Members(json!({ "Grants": page, "Truncated": next.is_some(), "NextMarker": next })))
        }
    }
}

fn find<'a>(world: &'a World, call: &Call) -> Result<&'a Key, Failure> {
    let id = call.required("KeyId")?;
    let account = &call.caller.account;
    let owner = if id.starts_with("arn:") { id.split(':').nth(4).unwrap_or_default() } else { account };
    if owner != account {
        let action = iam_action("kms", &call.key.operation);
        return Err(Failure::access_denied(Protocol::Json, &action, &call.caller.arn));
    }
    let keys = world.accounts.get(account).map(|account| account.keys.as_slice()).unwrap_or_default();
    let found = keys.iter().find(|key| {
        key.region == call.key.region && (key.metadata["Arn"] == id || key.metadata["KeyId"] == id)
    });
    found.ok_or_else(|| Failure::new(400, "NotFoundException", format!("Key '{id}' does not exist")))
}
