//! Security Hub: findings of an account's default product, imported, listed and updated as AWS documents it. An import
//! that is not newer changes nothing, and none changes what users set.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::call::Call;
use super::protocol::{Answer, Failure};
use super::world::World;

/// What an import leaves as it is once there is a finding.
const OF_USERS: [&str; 4] = ["Note", "UserDefinedFields", "VerificationState", "Workflow"];

/// The hubs of all accounts and regions.
#[derive(Debug, Default)]
pub struct Hubs {
    /// Findings by identity, by account and region.
    findings: BTreeMap<(String, String), BTreeMap<String, Value>>,
    /// Identities of findings that are refused.
    pub refused: BTreeSet<String>,
    /// Refusals do not say which finding they are about.
    pub anonymous: bool,
    /// Regions where nobody has enabled it.
    pub disabled: BTreeSet<String>,
    /// Findings in each import so far.
    pub batches: Vec<usize>,
}

impl Hubs {
    /// The findings of an account in a region, by identity.
    pub fn of(&mut self, account: &str, region: &str) -> &mut BTreeMap<String, Value> {
        self.findings.entry((account.to_owned(), region.to_owned())).or_default()
    }
}

pub fn answer(hubs: &mut Hubs, world: &World, call: &Call) -> Result<Answer, Failure> {
    let (account, region) = (call.caller.account.clone(), call.key.region.clone());
    if hubs.disabled.contains(&region) {
        let message = format!("Account {account} is not subscribed to AWS Security Hub");
        return Err(Failure::new(401, "InvalidAccessException", message));
    }
    match call.key.operation.as_str() {
        "BatchImportFindings" => import(hubs, &account, &region, call),
        "GetFindings" => list(hubs, world, &account, &region, call),
        "BatchUpdateFindings" => Ok(update(hubs, &account, &region, call)),
        other => Err(Failure::not_implemented("securityhub", other)),
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(400, "InvalidInputException", message)
}

fn import(hubs: &mut Hubs, account: &str, region: &str, call: &Call) -> Result<Answer, Failure> {
    let findings = call.parameters["Findings"].as_array().cloned().unwrap_or_default();
    if findings.is_empty() || findings.len() > 100 {
        return Err(invalid(format!("{} findings: must be from 1 to 100", findings.len())));
    }
    let product = format!("arn:aws:securityhub:{region}:{account}:product/{account}/default");
    hubs.batches.push(findings.len());
    let (refused, anonymous) = (hubs.refused.clone(), hubs.anonymous);
    let hub = hubs.of(account, region);
    let mut failed = Vec::new();
    let mut taken = 0;
    for finding in findings {
        let id = finding["Id"].as_str().unwrap_or_default().to_owned();
        // The default product takes findings of the account that imports alone.
        if finding["AwsAccountId"] != account || finding["ProductArn"] != product.as_str() {
            return Err(Failure::new(403, "AccessDeniedException", "the finding is another account's"));
        }
        if refused.contains(&id) {
            let message = "Finding does not adhere to Amazon Finding Format.";
            let mut refusal = json!({ "ErrorCode": "InvalidInput", "ErrorMessage": message });
            if !anonymous {
                refusal["Id"] = json!(id);
            }
            failed.push(refusal);
            continue;
        }
        taken += 1;
        match hub.get_mut(&id) {
            None => {
                hub.insert(id, finding);
            }
            Some(known) if known["UpdatedAt"].as_str() < finding["UpdatedAt"].as_str() => {
                let fields = finding.as_object().cloned().unwrap_or_default();
                let fields = fields.into_iter().filter(|(name, _)| !OF_USERS.contains(&name.as_str()));
                known.as_object_mut().expect("a finding is an object").extend(fields);
            }
            Some(_) => {}
        }
    }
    Ok(Answer::Members(json!({
        "SuccessCount": taken,
        "FailedCount": failed.len(),
        "FailedFindings": failed,
    })))
}

fn list(hubs: &mut Hubs, world: &World, account: &str, region: &str, call: &Call) -> Result<Answer, Failure> {
    let filters = call.parameters["Filters"].as_object().cloned().unwrap_or_else(Map::new);
    let fits = |finding: &Value| {
        filters.iter().all(|(name, filters)| {
            let value = finding[name].as_str().unwrap_or_default();
            filters.as_array().into_iter().flatten().any(|filter| {
                let wanted = filter["Value"].as_str().unwrap_or_default();
                match filter["Comparison"].as_str() {
                    Some("PREFIX") => value.starts_with(wanted),
                    _ => value == wanted,
                }
            })
        })
    };
    let found = hubs.of(account, region).values().filter(|finding| fits(finding)).cloned();
    let (page, next) = world.page("securityhub", found, call.text("NextToken"), call.number("MaxResults"))?;
    Ok(Answer::Members(json!({ "Findings": page, "NextToken": next })))
}

fn update(hubs: &mut Hubs, account: &str, region: &str, call: &Call) -> Answer {
    let hub = hubs.of(account, region);
    let (mut processed, mut unprocessed) = (Vec::new(), Vec::new());
    for identifier in call.parameters["FindingIdentifiers"].as_array().into_iter().flatten() {
        let Some(finding) = identifier["Id"].as_str().and_then(|id| hub.get_mut(id)) else {
            unprocessed.push(json!({
                "FindingIdentifier": identifier,
                "ErrorCode": "FindingNotFound",
                "ErrorMessage": "Finding Not Found",
            }));
            continue;
        };
        for name in ["Workflow", "Note"] {
            if let Some(value) = call.parameters.get(name) {
                finding[name] = value.clone();
            }
        }
        processed.push(identifier.clone());
    }
    Answer::Members(json!({ "ProcessedFindings": processed, "UnprocessedFindings": unprocessed }))
}
