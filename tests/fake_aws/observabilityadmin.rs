//! CloudWatch Observability Admin: the centralization rules of the organization.

use serde_json::{Value, json};

use super::call::Call;
use super::healthy::{ARCHIVE, MANAGEMENT, ORGANIZATION_ID};
use super::protocol::{Answer, Failure, Protocol};
use super::session_policy::iam_action;
use super::world::World;

const SERVICE: &str = "observabilityadmin.amazonaws.com";

pub fn answer(world: &World, call: &Call) -> Result<Answer, Failure> {
    let account = &call.caller.account;
    let refused = || {
        let action = iam_action("observabilityadmin", &call.key.operation);
        Failure::access_denied(Protocol::RestJson, &action, &call.caller.arn)
    };
    let organization = world.organization.as_ref().ok_or_else(refused)?;
    let administers = |services: &std::collections::BTreeSet<String>| services.contains(SERVICE);
    let entitled = *account == organization.management_account
        || organization.delegated_administrators.get(account).is_some_and(administers);
    if !entitled {
        return Err(refused());
    }
    let here = |rule: &Value| rule["CreatedRegion"] == call.key.region.as_str();
    let rules = organization.centralization_rules.iter();
    match call.key.operation.as_str() {
        "ListCentralizationRulesForOrganization" => {
            let everywhere = call.parameters["AllRegions"] == true;
            let rules = rules.filter(|rule| everywhere || here(rule));
            let (token, limit) = (call.text("NextToken"), call.number("MaxResults"));
            let (page, next) = world.page("observabilityadmin", rules, token, limit)?;
            let page: Vec<Value> = page.into_iter().map(summary).collect();
            Ok(Answer::Members(json!({ "CentralizationRuleSummaries": page, "NextToken": next })))
        }
        "GetCentralizationRuleForOrganization" => {
            let wanted = call.required("RuleIdentifier")?;
            let mut rules =
                rules.filter(|rule| here(rule) && (rule["RuleArn"] == wanted || rule["RuleName"] == wanted));
            rules.next().map(|rule| Answer::Members(rule.clone())).ok_or_else(|| {
                Failure::new(404, "ResourceNotFoundException", "The requested rule does not exist.")
            })
        }
        other => Err(Failure::not_implemented("observabilityadmin", other)),
    }
}

fn summary(rule: &Value) -> Value {
    let destination = &rule["CentralizationRule"]["Destination"];
    let mut summary = rule.clone();
    if let Value::Object(members) = &mut summary {
        members.remove("CentralizationRule");
        members.insert("DestinationAccountId".to_owned(), destination["Account"].clone());
        members.insert("DestinationRegion".to_owned(), destination["Region"].clone());
    }
    summary
}

/// Lets CloudWatch copy all log groups of these regions to the archive account, by a rule that is made in its region.
pub fn centralize(world: &mut World, name: &str, regions: &[&str], region: &str) {
    let arn =
        format!("arn:aws:observabilityadmin:{region}:{MANAGEMENT}:organization-centralization-rule/{name}");
    let organization = world.organization_mut();
    organization.service_access.insert(SERVICE.to_owned());
    organization.centralization_rules.push(json!({
        "RuleName": name, "RuleArn": arn, "CreatorAccountId": MANAGEMENT,
        "CreatedTimeStamp": 1_770_000_000_000_u64, "CreatedRegion": region,
        "LastUpdateTimeStamp": 1_770_000_000_000_u64, "RuleHealth": "Healthy",
        "CentralizationRule": {
            "Source": {
                "Regions": regions, "Scope": format!("OrganizationId = '{ORGANIZATION_ID}'"),
                "SourceLogsConfiguration": {
                    "LogGroupSelectionCriteria": "*", "EncryptedLogGroupStrategy": "ALLOW",
                },
            },
            "Destination": {
                "Region": region, "Account": ARCHIVE,
                "DestinationLogsConfiguration": {
                    "LogsEncryptionConfiguration": { "EncryptionStrategy": "AWS_OWNED" },
                    "BackupConfiguration": { "Region": "eu-west-3" },
                },
            },
        },
    }));
}
