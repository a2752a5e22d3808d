//! The statements that deny what is open, in as few documents as hold them. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::open::{ACCOUNT, Item};
use super::{POLICY_LIMIT, PolicyType};
use crate::facts::Facts;
use crate::facts::guardrail::ResourceKind;
use crate::model::glob;
use crate::policy::Arn;

/// Actions that are denied on the same resources.
type Statements = BTreeMap<BTreeSet<String>, BTreeSet<&'static str>>;

/// The documents, each within AWS's limit.
pub(super) fn documents(
    facts: &Facts,
    items: &[&Item],
    kind: PolicyType,
    exempt: &[String],
) -> Vec<PolicyDocument> {
    let mut resources: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for item in items {
        resources.entry(item.action.name).or_default().extend(patterns(facts, item));
    }
    let mut statements: Statements = BTreeMap::new();
    for (action, resources) in together(resources) {
        let resources = if resources.contains("*") { BTreeSet::from(["*".to_owned()]) } else { resources };
        statements.entry(resources).or_default().insert(action);
    }
    let mut packed: Vec<PolicyDocument> = Vec::new();
    for (resources, actions) in statements {
        let actions: Vec<&str> = actions.into_iter().collect();
        let resources: Vec<String> = resources.into_iter().collect();
        for statement in split(&actions, &resources, kind, exempt) {
            let length = statement.length();
            match packed.iter_mut().find(|document| document.length() + 1 + length <= POLICY_LIMIT) {
                Some(document) => document.statements.push(statement),
                None => packed.push(PolicyDocument::of(statement)),
            }
        }
    }
    packed
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
    let whole = item.is_about_everything(facts.guardrails.ground().partition());
    match item.action.resource {
        ResourceKind::LogGroup
        | ResourceKind::LogStream
        | ResourceKind::Destination
        | ResourceKind::DeliverySource
        | ResourceKind::DeliveryDestination
        | ResourceKind::DeliveryStream
        | ResourceKind::DataStream
        | ResourceKind::SourceBucket
        | ResourceKind::Role
            if whole =>
        {
            item.held.iter().map(|held| anywhere(facts, held)).collect()
        }
        ResourceKind::Key if !whole => {
            item.accounts.iter().map(|account| item.resource.replace(ACCOUNT, account)).collect()
        }
        _ if whole => BTreeSet::from(["*".to_owned()]),
        _ => BTreeSet::from([anywhere(facts, &item.resource)]),
    }
}

/// The same resource in every account and region; a log group by the pattern of the configuration that it is of.
fn anywhere(facts: &Facts, resource: &str) -> String {
    let Some(Arn { partition, service, region, account_id, resource: name }) = Arn::parse(resource) else {
        return resource.to_owned();
    };
    let region = if region.is_empty() { "" } else { "*" };
    let account = if account_id == ACCOUNT { "*" } else { account_id };
    let name = match name.strip_prefix("log-group:").and_then(|group| group.split_once(':')) {
        Some((group, rest)) => {
            let patterns = &facts.index.expectations.centralized_log_groups;
            let group = patterns.iter().find(|pattern| glob(pattern, group)).map_or(group, String::as_str);
            // The streams of a group are among what its own pattern is about.
            let rest = if rest.starts_with("log-stream:") { "*" } else { rest };
            format!("log-group:{group}:{rest}")
        }
        None => name.to_owned(),
    };
    format!("arn:{partition}:{service}:{region}:{account}:{name}")
}

/// The statement, in two halves as long as it is too long for a policy of its own.
fn split(actions: &[&str], resources: &[String], kind: PolicyType, exempt: &[String]) -> Vec<Statement> {
    let statement = Statement::of(actions, resources, kind, exempt);
    if PolicyDocument::of(statement.clone()).length() <= POLICY_LIMIT {
        return vec![statement];
    }
    if let Some((first, second)) = halves(resources) {
        return [split(actions, first, kind, exempt), split(actions, second, kind, exempt)].concat();
    }
    match halves(actions) {
        Some((first, second)) => {
            [split(first, resources, kind, exempt), split(second, resources, kind, exempt)].concat()
        }
        // A single action on a single resource: what is long are the exemptions, which cannot be split.
        None => vec![statement],
    }
}

fn halves<T>(all: &[T]) -> Option<(&[T], &[T])> {
    all.split_at_checked(all.len() / 2).filter(|(first, _)| !first.is_empty())
}

/// A policy as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyDocument {
    version: &'static str,
    #[serde(rename = "Statement")]
    statements: Vec<Statement>,
}

/// A statement that denies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'static str>,
    action: Texts,
    resource: Texts,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'static str, Texts>>,
}

/// One text needs no array.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Several(Vec<String>),
}

impl PolicyDocument {
    fn of(statement: Statement) -> Self {
        Self { version: "2012-10-17", statements: vec![statement] }
    }

    /// Without white space.
    pub(super) fn to_json(&self) -> String {
        text_of(self)
    }

    fn length(&self) -> usize {
        self.to_json().chars().count()
    }
}

impl Statement {
    fn of(actions: &[&str], resources: &[String], kind: PolicyType, exempt: &[String]) -> Self {
        let mut condition = BTreeMap::new();
        if !exempt.is_empty() {
            condition.insert("ArnNotLike", BTreeMap::from([("aws:PrincipalArn", Texts::of(exempt))]));
        }
        let binds_resources = kind == PolicyType::ResourceControl;
        if binds_resources {
            // Services deliver logs, and no administrator is behind them.
            let no_service = Texts::One("false".to_owned());
            condition.insert("BoolIfExists", BTreeMap::from([("aws:PrincipalIsAWSService", no_service)]));
        }
        Self {
            effect: "Deny",
            principal: binds_resources.then_some("*"),
            action: Texts::of(actions),
            resource: Texts::of(resources),
            condition,
        }
    }

    fn length(&self) -> usize {
        text_of(self).chars().count()
    }
}

impl Texts {
    fn of<T: AsRef<str>>(texts: &[T]) -> Self {
        match texts {
            [single] => Self::One(single.as_ref().to_owned()),
            several => Self::Several(several.iter().map(|text| text.as_ref().to_owned()).collect()),
        }
    }
}

/// Texts under texts have nothing that JSON could refuse.
fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}
