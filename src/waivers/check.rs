//! Checks a waiver as it is written: all that is wrong with it is told at once, each with its place in the file.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::entry::Entry;
use super::error::Problem;
use super::file::{Text, Written};
use crate::finding::Waiver;
use crate::model::glob;
use crate::nearest::nearest;
use crate::rules::RuleSet;

/// The waiver, if nothing is wrong with it. Its rule is looked for where `rules` are given, its id among `ids`.
pub(super) fn check(
    written: Written,
    rules: Option<&RuleSet>,
    ids: &mut BTreeSet<String>,
) -> Result<Entry, Vec<Problem>> {
    let mut problems = Vec::new();
    let named = [("id", &written.id), ("reason", &written.reason), ("owner", &written.owner)];
    for (what, text) in named {
        if text.value.trim().is_empty() {
            let help = format!("say the {what}: a waiver without one cannot be answered for");
            problems.push(Problem::new(text.span.clone(), format!("the {what} is empty"), help));
        }
    }
    if !ids.insert(written.id.value.clone()) {
        problems.push(Problem::new(
            written.id.span.clone(),
            "another waiver has this id",
            "give each its own, so that reports tell them apart",
        ));
    }
    let pattern = &written.rule;
    if let Some(rules) = rules
        && !rules.names().any(|name| glob(&pattern.value, name))
    {
        let help = nearest(&pattern.value, rules.names()).map_or_else(
            || "trailproof rules list names them; rules of your own have to be named here too".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        problems.push(Problem::new(pattern.span.clone(), "no rule is called so", help));
    }
    let twelve_digits = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    for account in written.accounts.iter().filter(|account| !twelve_digits(&account.value)) {
        problems.push(Problem::new(
            account.span.clone(),
            "an account is twelve digits",
            "names do not count: whoever is in an account can change its name",
        ));
    }
    let lists = [&written.ous, &written.regions, &written.resources];
    for empty in lists.into_iter().flatten().filter(|text| text.value.trim().is_empty()) {
        problems.push(Problem::new(empty.span.clone(), "this selects nothing", "leave it out"));
    }
    let mut tags = Vec::new();
    for tag in &written.tags {
        match tag.value.parse() {
            Ok(selector) => tags.push(selector),
            Err(why) => problems.push(Problem::new(
                tag.span.clone(),
                "this is no tag",
                format!("{why}: `environment=sandbox`, `team`"),
            )),
        }
    }
    let expires = NaiveDate::parse_from_str(&written.expires.value, "%Y-%m-%d");
    let texts = |list: Vec<Text>| list.into_iter().map(|text| text.value).collect();
    match expires {
        Ok(expires) if problems.is_empty() => Ok(Entry {
            waiver: Arc::new(Waiver {
                id: written.id.value,
                reason: written.reason.value,
                owner: written.owner.value,
                expires,
                ticket: written.ticket,
            }),
            rule: written.rule.value,
            accounts: texts(written.accounts),
            ous: texts(written.ous),
            regions: texts(written.regions),
            resources: texts(written.resources),
            tags,
        }),
        Ok(_) => Err(problems),
        Err(_) => {
            let help = "write the last day on which the waiver holds: 2027-03-31";
            problems.push(Problem::new(written.expires.span, "this is no date", help));
            Err(problems)
        }
    }
}
