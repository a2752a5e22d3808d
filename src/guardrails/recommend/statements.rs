//! The statements that deny what is open, in as few documents as hold them. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::POLICY_LIMIT;
use super::open::{ACCOUNT, Item};
use crate::facts::Facts;
use crate::facts::guardrail::ResourceKind;
use crate::model::glob;
use crate::policy::PolicyKind;

/// Actions that are denied on the same resources.
type Statements = BTreeMap<BTreeSet<String>, BTreeSet<&'static str>>;

/// The documents, each within AWS's limit.
pub(super) fn documents(facts: &Facts, items: &[&Item], kind: PolicyKind, exempt: &[String]) -> Vec<Value> {
    let mut resources: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for item in items {
        resources.entry(item.action.name).or_default().extend(patterns(facts, item));
    }
    let mut statements: Statements = BTreeMap::new();
    for (action, resources) in together(resources) {
        let resources = if resources.contains("*") { BTreeSet::from(["*".to_owned()]) } else { resources };
        statements.entry(resources).or_default().insert(action);
    }
    let mut packed: Vec<Vec<Value>> = Vec::new();
    for (resources, actions) in statements {
        let actions: Vec<&str> = actions.into_iter().collect();
        let resources: Vec<String> = resources.into_iter().collect();
        for statement in split(&actions, &resources, kind, exempt) {
            let fits = packed.iter_mut().find(|document| {
                let mut longer = document.clone();
                longer.push(statement.clone());
                length(&longer) <= POLICY_LIMIT
            });
            match fits {
                Some(document) => document.push(statement),
                None => packed.push(vec![statement]),
            }
        }
    }
    packed.into_iter().map(|statements| document(&statements)).collect()
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn length(statements: &[Value]) -> usize {
    document(statements).to_string().chars().count()
}

/// Actions of one store are denied on the bucket and its objects alike: one statement rather than two.
fn together(
    mut resources: BTreeMap<&'static str, BTreeSet<String>>,
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let stores: BTreeSet<String> = resources
        .iter()
        .filter(|(action, patterns)| action.starts_with("s3:") && !patterns.contains("*"))
        .flat_map(|(_, patterns)| patterns.clone())
        .collect();
    for (action, patterns) in &mut resources {
        let same_bucket = |pattern: &String| {
            patterns.iter().any(|own| own.trim_end_matches("/*") == pattern.trim_end_matches("/*"))
        };
        if action.starts_with("s3:") && !patterns.contains("*") {
            let more: Vec<String> = stores.iter().filter(|pattern| same_bucket(pattern)).cloned().collect();
            patterns.extend(more);
        }
    }
    resources
}

/// What is denied on: everything where everything must be protected, else what the accounts hold.
fn patterns(facts: &Facts, item: &Item) -> BTreeSet<String> {
    let whole = item.is_about_everything(facts.guardrails.partition());
    match item.action.resource {
        ResourceKind::LogGroup
        | ResourceKind::LogStream
        | ResourceKind::Destination
        | ResourceKind::DeliveryStream
        | ResourceKind::DataStream
        | ResourceKind::SourceBucket
        | ResourceKind::Role
            if whole =>
        {
            item.held.iter().map(|held| anywhere(facts, held)).collect()
        }
        ResourceKind::Key if !whole => {
            item.accounts.keys().map(|account| item.resource.replace(ACCOUNT, account)).collect()
        }
        _ if whole => BTreeSet::from(["*".to_owned()]),
        _ => BTreeSet::from([anywhere(facts, &item.resource)]),
    }
}

/// The same resource in every account and region; a log group by the pattern of the configuration that it is of.
fn anywhere(facts: &Facts, resource: &str) -> String {
    let segments: Vec<&str> = resource.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, name] = segments.as_slice() else {
        return resource.to_owned();
    };
    let region = if region.is_empty() { "" } else { "*" };
    let account = if *account == ACCOUNT { "*" } else { account };
    let name = match name.strip_prefix("log-group:").and_then(|group| group.split_once(':')) {
        Some((group, rest)) => {
            let patterns = &facts.index.expectations.centralized_log_groups;
            let group = patterns.iter().find(|pattern| glob(pattern, group)).map_or(group, String::as_str);
            // The streams of a group are among what its own pattern is about.
            let rest = if rest.starts_with("log-stream:") { "*" } else { rest };
            format!("log-group:{group}:{rest}")
        }
        None => (*name).to_owned(),
    };
    format!("arn:{partition}:{service}:{region}:{account}:{name}")
}

/// The statement, in two halves as long as it is too long for a policy of its own.
fn split(actions: &[&str], resources: &[String], kind: PolicyKind, exempt: &[String]) -> Vec<Value> {
    let statement = statement(actions, resources, kind, exempt);
    if length(std::slice::from_ref(&statement)) <= POLICY_LIMIT {
        return vec![statement];
    }
    let halves = |resources: &[String], actions: &[&str]| split(actions, resources, kind, exempt);
    if let Some((first, second)) =
        resources.split_at_checked(resources.len() / 2).filter(|(it, _)| !it.is_empty())
    {
        return [halves(first, actions), halves(second, actions)].concat();
    }
    match actions.split_at_checked(actions.len() / 2).filter(|(it, _)| !it.is_empty()) {
        Some((first, second)) => [halves(resources, first), halves(resources, second)].concat(),
        // A single action on a single resource: what is long are the exemptions, which cannot be split.
        None => vec![statement],
    }
}

fn statement(actions: &[&str], resources: &[String], kind: PolicyKind, exempt: &[String]) -> Value {
    let mut statement = serde_json::Map::new();
    statement.insert("Effect".to_owned(), "Deny".into());
    let mut condition = serde_json::Map::new();
    if kind == PolicyKind::ResourceControl {
        statement.insert("Principal".to_owned(), "*".into());
        // Services deliver logs, and no administrator is behind them.
        condition.insert("BoolIfExists".to_owned(), json!({"aws:PrincipalIsAWSService": "false"}));
    }
    statement.insert("Action".to_owned(), short(actions));
    statement.insert("Resource".to_owned(), short(resources));
    if !exempt.is_empty() {
        condition.insert("ArnNotLike".to_owned(), json!({"aws:PrincipalArn": short(exempt)}));
    }
    if !condition.is_empty() {
        statement.insert("Condition".to_owned(), condition.into());
    }
    Value::Object(statement)
}

/// One value needs no array.
fn short<T: AsRef<str>>(values: &[T]) -> Value {
    match values {
        [single] => single.as_ref().into(),
        several => several.iter().map(|value| Value::from(value.as_ref())).collect(),
    }
}
