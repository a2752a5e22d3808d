//! The rules by which CloudWatch copies log groups of the organization to a central account.
//!
//! `ListCentralizationRulesForOrganization` and `GetCentralizationRuleForOrganization` of the CloudWatch Observability
//! Admin API reference (read 2026-11-28): the management account and delegated administrators may ask, and one list tells
//! the rules of all regions. A rule is asked for in the region that it was made in. Where the organization does not trust
//! the service, no rule copies anything ("Cross-account cross-Region log centralization", CloudWatch Logs user guide,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_Centralization.html>), and nobody is asked.

mod answer;

use futures_util::future::join_all;
use serde_json::json;

use super::call::{ApiCaller, CallTarget, flatten};
use super::convert::{Arn, Missing, each};
use super::session::{Refused, Session};
use super::table::{GET_CENTRALIZATION_RULE, LIST_CENTRALIZATION_RULES};
use super::{CollectError, Run};
use crate::aws::signed::Service;
use crate::model::{
    CentralizationRule, CentralizationSettings, CentralizedEncryption, CentralizedLogs, Gap, GapReason,
    Observed, Organization,
};

const OBSERVABILITY_ADMIN: Service = Service::rest("ObservabilityAdmin", "observabilityadmin");

/// Whom the organization must trust for such rules, and whose delegated administrators may ask for them.
const SERVICE: &str = "observabilityadmin.amazonaws.com";

/// The rules, and what could not be read of them. `ask` is the organization's.
pub(crate) async fn read(
    run: &Run,
    organization: &Organization,
    scope: &[String],
    ask: &ApiCaller,
) -> Result<(Observed<Vec<CentralizationRule>>, Vec<Gap>), CollectError> {
    match &organization.trusted_services {
        Observed::Known(services) if services.iter().any(|service| service == SERVICE) => {}
        Observed::Known(_) | Observed::Absent => return Ok((Observed::Absent, Vec::new())),
        Observed::Unavailable(gap) => return Ok((Observed::Unavailable(gap.clone()), Vec::new())),
    }
    let Some(account) = who_may_ask(&run.identity.account_id, organization, scope) else {
        let detail = "only the management account and delegated administrators of CloudWatch are answered, and none \
                      of them is scanned: run from one of them, or scan it as well";
        let gap = ask.gap(&LIST_CENTRALIZATION_RULES, CallTarget::default(), GapReason::NotCollected, detail);
        return Ok((Observed::Unavailable(gap), Vec::new()));
    };
    match Session::enter(run, account).await {
        Ok(session) => {
            let rules = rules(&session).await;
            Ok((rules, session.api.gaps()))
        }
        Err(Refused::Account(gap)) => Ok((Observed::Unavailable(gap.id.clone()), vec![gap])),
        Err(Refused::Caller(detail)) => Err(CollectError::CredentialsExpired { detail }),
    }
}

/// The account to ask from: the caller's own, so that none is entered without need, or one that is scanned anyway.
fn who_may_ask<'a>(own: &'a str, organization: &'a Organization, scope: &[String]) -> Option<&'a str> {
    let management = organization.management_account_id.as_str();
    let mut entitled = Vec::new();
    let mut sure = true;
    match &organization.delegated_administrators {
        Observed::Known(administrators) => {
            for administrator in administrators {
                match &administrator.services {
                    Observed::Known(services) if services.iter().any(|service| service == SERVICE) => {
                        entitled.push(administrator.account_id.as_str());
                    }
                    Observed::Known(_) | Observed::Absent => {}
                    Observed::Unavailable(_) => sure = false,
                }
            }
        }
        Observed::Absent => {}
        Observed::Unavailable(_) => sure = false,
    }
    entitled.push(management);
    if !sure || entitled.contains(&own) {
        return Some(own);
    }
    entitled.into_iter().find(|account| scope.iter().any(|id| id == account))
}

async fn rules(session: &Session) -> Observed<Vec<CentralizationRule>> {
    let at = CallTarget::region(&session.region);
    let client = session.signed(OBSERVABILITY_ADMIN, &session.region);
    let send = |token: Option<String>| {
        let body = json!({ "AllRegions": true, "NextToken": token });
        client.post::<answer::Page>(
            LIST_CENTRALIZATION_RULES.operation,
            "/ListCentralizationRulesForOrganization",
            body,
        )
    };
    let read = |page: answer::Page| {
        let rules = each(page.centralization_rule_summaries, "CentralizationRuleSummaries", summary);
        Ok((rules?, page.next_token))
    };
    let listed = session.api.pages(&LIST_CENTRALIZATION_RULES, at, send, read).await;
    let listed = session.api.distinct(&LIST_CENTRALIZATION_RULES, at, listed, |rule| &rule.arn);
    match listed {
        Observed::Known(listed) => {
            Observed::Known(join_all(listed.into_iter().map(|rule| one(session, rule))).await)
        }
        Observed::Absent => Observed::Absent,
        Observed::Unavailable(gap) => Observed::Unavailable(gap),
    }
}

/// A rule in the list.
#[derive(Debug, PartialEq)]
struct Listed {
    name: String,
    arn: String,
    region: String,
    destination: Option<String>,
}

fn summary(summary: answer::Summary) -> Result<Listed, Missing> {
    let arn = summary.rule_arn.ok_or("CentralizationRuleSummaries[].RuleArn")?;
    let parsed = Arn::parse(&arn).ok_or("CentralizationRuleSummaries[].RuleArn")?;
    let region = summary.created_region.unwrap_or_else(|| parsed.region.to_owned());
    Ok(Listed {
        name: summary.rule_name.ok_or("CentralizationRuleSummaries[].RuleName")?,
        region: Some(region)
            .filter(|region| !region.is_empty())
            .ok_or("CentralizationRuleSummaries[].CreatedRegion")?,
        arn,
        destination: summary.destination_account_id,
    })
}

async fn one(session: &Session, listed: Listed) -> CentralizationRule {
    let at = CallTarget::region(&listed.region).of(&listed.arn);
    let client = session.signed(OBSERVABILITY_ADMIN, &listed.region);
    let send = || {
        let body = json!({ "RuleIdentifier": listed.arn });
        client.post::<answer::Rule>(
            GET_CENTRALIZATION_RULE.operation,
            "/GetCentralizationRuleForOrganization",
            body,
        )
    };
    let answer = session.api.call(&GET_CENTRALIZATION_RULE, at, send).await;
    let settings = flatten(answer.map(|answer| match settings(answer, &listed) {
        Ok(settings) => Observed::Known(settings),
        Err(missing) => Observed::Unavailable(session.api.malformed(&GET_CENTRALIZATION_RULE, at, missing)),
    }));
    CentralizationRule { name: listed.name, arn: listed.arn, settings }
}

fn settings(answer: answer::Rule, listed: &Listed) -> Result<CentralizationSettings, Missing> {
    if answer.rule_arn.as_ref() != Some(&listed.arn) {
        return Err("RuleArn of the rule that was asked for");
    }
    let rule = answer.centralization_rule.ok_or("CentralizationRule")?;
    let source = rule.source.ok_or("CentralizationRule.Source")?;
    let destination = rule.destination.ok_or("CentralizationRule.Destination")?;
    let regions =
        source.regions.filter(|regions| !regions.is_empty()).ok_or("CentralizationRule.Source.Regions")?;
    let region = destination.region.filter(|region| !region.is_empty());
    let account = match (destination.account, &listed.destination) {
        (Some(account), Some(listed)) if account != *listed => {
            return Err("CentralizationRule.Destination.Account that the list names");
        }
        (account, listed) => account.or_else(|| listed.clone()),
    };
    let logs = source.source_logs_configuration.map(|logs| {
        let encrypted = logs.encrypted_log_group_strategy;
        Ok::<_, Missing>(CentralizedLogs {
            groups: logs.log_group_selection_criteria.filter(|criteria| !criteria.is_empty()).into(),
            data_sources: logs.data_source_selection_criteria.into(),
            encrypted: encrypted
                .ok_or("CentralizationRule.Source.SourceLogsConfiguration.EncryptedLogGroupStrategy")?,
        })
    });
    let encryption =
        destination.destination_logs_configuration.and_then(|logs| logs.logs_encryption_configuration);
    let encryption = encryption.map(|encryption| {
        Ok::<_, Missing>(CentralizedEncryption {
            strategy: encryption.encryption_strategy.ok_or(
                "CentralizationRule.Destination.DestinationLogsConfiguration.LogsEncryptionConfiguration.EncryptionStrategy",
            )?,
            scope: encryption.encryption_scope.into(),
        })
    });
    Ok(CentralizationSettings {
        health: answer.rule_health.into(),
        failure: answer.failure_reason.into(),
        scope: source.scope.into(),
        regions,
        logs: logs.transpose()?.into(),
        copies_other_telemetry: Observed::Known(
            source.source_metrics_configuration.is_some()
                || source.source_context_graph_configuration.is_some(),
        ),
        account_id: account.into(),
        region: region.ok_or("CentralizationRule.Destination.Region")?,
        encryption: encryption.transpose()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DelegatedAdministrator;

    const OWN: &str = "333333333333";

    fn organization(administrators: Observed<Vec<DelegatedAdministrator>>) -> Organization {
        Organization {
            id: "o-exampleorg1".to_owned(),
            management_account_id: "111111111111".to_owned(),
            delegated_administrators: administrators,
            ..Organization::default()
        }
    }

    fn administrator(account: &str, services: Observed<Vec<String>>) -> DelegatedAdministrator {
        DelegatedAdministrator { account_id: account.to_owned(), services }
    }

    #[test]
    fn the_callers_account_asks_if_it_may_otherwise_one_that_is_scanned() {
        let service = || Observed::Known(vec![SERVICE.to_owned()]);
        let other = || Observed::Known(vec!["config.amazonaws.com".to_owned()]);
        let scope = |ids: &[&str]| -> Vec<String> { ids.iter().map(|&id| id.to_owned()).collect() };
        let who = |administrators: Observed<Vec<DelegatedAdministrator>>, own: &'static str, ids: &[&str]| {
            who_may_ask(own, &organization(administrators), &scope(ids)).map(str::to_owned)
        };
        let some = |id: &str| Some(id.to_owned());
        let none = || Observed::Known(Vec::new());
        assert_eq!(who(none(), "111111111111", &[]), some("111111111111"));
        assert_eq!(who(Observed::Known(vec![administrator(OWN, service())]), OWN, &[]), some(OWN));
        let elsewhere =
            || Observed::Known(vec![administrator(OWN, other()), administrator("222222222222", service())]);
        assert_eq!(who(elsewhere(), OWN, &["111111111111", "222222222222"]), some("222222222222"));
        assert_eq!(who(elsewhere(), OWN, &["111111111111"]), some("111111111111"));
        assert_eq!(who(elsewhere(), OWN, &[OWN, "444444444444"]), None);
        // Where nobody says who administers it, AWS may answer the caller.
        let gap = || Gap::not_collected().id;
        assert_eq!(who(Observed::Unavailable(gap()), OWN, &["111111111111"]), some(OWN));
        let unsure = Observed::Known(vec![administrator(OWN, Observed::Unavailable(gap()))]);
        assert_eq!(who(unsure, OWN, &["111111111111"]), some(OWN));
    }
}
