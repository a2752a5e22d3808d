//! Names that no action has. See [`super`].

use super::Mistake;

/// Service prefixes that are written for others, with the right one. There are always services that a list of all
/// prefixes does not know yet, so only those are called wrong that are known to be.
const MISTAKEN_PREFIXES: &[(&str, &str)] = &[
    ("accessanalyzer", "access-analyzer"),
    ("aws-config", "config"),
    ("awscloudtrail", "cloudtrail"),
    ("awsconfig", "config"),
    ("awsorganizations", "organizations"),
    ("cloud-trail", "cloudtrail"),
    ("cloudwatch-logs", "logs"),
    ("cloudwatchlogs", "logs"),
    ("eventbridge", "events"),
    ("guard-duty", "guardduty"),
    ("kinesis-firehose", "firehose"),
    ("kinesisfirehose", "firehose"),
    ("organization", "organizations"),
    ("route53-resolver", "route53resolver"),
    ("secrets-manager", "secretsmanager"),
    ("security-hub", "securityhub"),
    ("stepfunctions", "states"),
    ("vpc", "ec2"),
];

pub(super) fn mistake(action: &str) -> Option<Mistake> {
    explain(action).map(|explanation| Mistake::ImpossibleAction { action: action.to_owned(), explanation })
}

fn explain(action: &str) -> Option<String> {
    let foreign = |character: &char| {
        !character.is_ascii_alphanumeric() && !matches!(character, ':' | '-' | '_' | '*' | '?')
    };
    if let Some(character) = action.chars().find(foreign) {
        return Some(format!("names of actions do not contain `{character}`, they are `service:Action`"));
    }
    let Some((service, name)) = action.split_once(':') else {
        let has_run = action.contains('*');
        return (!has_run).then(|| "an action is `service:Action`".to_owned());
    };
    if service.is_empty() || name.is_empty() {
        return Some("an action is `service:Action`".to_owned());
    }
    if name.contains(':') {
        return Some("there is one colon in `service:Action`".to_owned());
    }
    let lowercase = service.to_ascii_lowercase();
    let (_, right) = MISTAKEN_PREFIXES.iter().find(|(mistaken, _)| *mistaken == lowercase)?;
    Some(format!("the service prefix is `{right}`"))
}
