//! The organization's centralization rules as a whole: how they do, and what they leave out. See [`super`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Centralization, Decided, Judge, Open, Source};
use crate::facts::derived::{any, join};
use crate::facts::excess_grants::{names_where, together};
use crate::facts::view::Derived;
use crate::facts::words::few;
use crate::model::{CentralizationRule, Gap, Gaps, LogGroup, Observed};

/// What there is to copy.
#[derive(Debug)]
pub(in crate::facts) struct Sources<'a> {
    /// Active accounts of the organization.
    pub(in crate::facts) accounts: Derived<Vec<&'a str>>,
    /// Regions that some account has enabled, and why there may be more.
    pub(in crate::facts) regions: BTreeSet<&'a str>,
    pub(in crate::facts) region_gaps: Option<&'a Gaps>,
}

/// The rules as a whole.
#[derive(Debug)]
pub(in crate::facts) struct Whole {
    /// There is a rule that copies log groups.
    pub(in crate::facts) used: Derived<bool>,
    /// Rules that are not healthy, and why.
    pub(in crate::facts) unhealthy: Derived<Vec<String>>,
    /// Rules that pass over log groups with a key of their own.
    pub(in crate::facts) skipping: Derived<Vec<String>>,
    /// Regions, and accounts in them, from which no rule copies.
    pub(in crate::facts) left_out: Derived<Vec<String>>,
}

impl Centralization {
    /// Notes what was read but cannot be decided.
    pub(in crate::facts) fn whole(&self, sources: &Sources<'_>, gaps: &mut Vec<Gap>) -> Whole {
        let rules = match &self.rules {
            Ok(rules) => rules,
            Err(unread) => {
                return Whole {
                    used: Err(unread.clone()),
                    unhealthy: Err(unread.clone()),
                    skipping: Err(unread.clone()),
                    left_out: Err(unread.clone()),
                };
            }
        };
        let rules: Vec<&CentralizationRule> =
            rules.iter().filter(|rule| rule.settings != Observed::Absent).collect();
        let used: Vec<Derived<bool>> = rules.iter().map(|rule| copies_logs(rule, gaps)).collect();
        let mut of_those = |ask: fn(&Judge<'_>) -> Decided<Option<String>>| {
            let told = rules.iter().zip(&used).map(|(rule, used)| match used {
                Ok(true) => about(rule, ask, gaps).map(|text| text.into_iter().collect()),
                Ok(false) => Ok(Vec::new()),
                Err(unread) => Err(unread.clone()),
            });
            together(told.collect::<Vec<_>>())
        };
        Whole {
            unhealthy: of_those(unhealthy),
            skipping: of_those(skipping),
            left_out: self.left_out(&rules, &used, sources, gaps),
            used: any(used),
        }
    }

    fn left_out(
        &self,
        rules: &[&CentralizationRule],
        used: &[Derived<bool>],
        sources: &Sources<'_>,
        gaps: &mut Vec<Gap>,
    ) -> Derived<Vec<String>> {
        let group = LogGroup::default();
        let accounts = match &sources.accounts {
            Ok(accounts) => accounts.as_slice(),
            // A region that no rule names is left out, whatever accounts there are.
            Err(_) => &[],
        };
        // Each question once: of a rule and an account, and of a rule and a region.
        let mut ask = |rule: &CentralizationRule, used: &Derived<bool>, source: Source<'_>, scope: bool| {
            if *used != Ok(true) {
                return used.clone();
            }
            let Observed::Known(settings) = &rule.settings else { return Ok(false) };
            let judge = Judge { rule, settings, source };
            let decided = if scope { self.scope(&judge) } else { judge.region() };
            decided.map_err(|open| noted(open, gaps))
        };
        let source = |account, region| Source { account, region, log_group: &group };
        let mut scopes: BTreeMap<&str, Vec<Derived<bool>>> = BTreeMap::new();
        for account in accounts {
            let of_rules =
                rules.iter().zip(used).map(|(rule, used)| ask(rule, used, source(account, ""), true));
            scopes.insert(account, of_rules.collect());
        }
        let mut lists = Vec::new();
        for region in &sources.regions {
            let named: Vec<Derived<bool>> = rules
                .iter()
                .zip(used)
                .map(|(rule, used)| ask(rule, used, source("", region), false))
                .collect();
            if named.iter().all(|named| *named == Ok(false)) {
                lists.push(Ok(vec![(*region).to_owned()]));
                continue;
            }
            let missing = names_where(scopes.iter().map(|(account, scopes)| {
                let copied = scopes.iter().zip(&named).map(|(scope, named)| match (scope, named) {
                    (Ok(false), _) | (_, Ok(false)) => Ok(false),
                    (Ok(true), named) => named.clone(),
                    (Err(one), Err(other)) => Err(one.clone().and(other)),
                    (Err(unknown), Ok(true)) => Err(unknown.clone()),
                });
                // What is in the destination itself needs no copy.
                let own = Ok(rules.iter().any(|rule| is_destination(rule, account, region)));
                let copied = any(copied.chain([own]));
                ((*account).to_owned(), copied.map(|copied| !copied))
            }));
            lists.push(missing.map(|missing| match missing.as_slice() {
                [] => Vec::new(),
                all if all.len() == scopes.len() => vec![(*region).to_owned()],
                some => vec![format!("{region} in {}", few(some))],
            }));
        }
        let mut unread = sources.region_gaps.cloned();
        if let Err(gaps) = &sources.accounts {
            join(&mut unread, gaps);
        }
        lists.extend(unread.map(Err));
        together(lists)
    }
}

fn noted(open: Open, gaps: &mut Vec<Gap>) -> Gaps {
    match open {
        Open::Undecided(gap) => {
            let id = gap.id.clone();
            if !gaps.contains(&gap) {
                gaps.push(*gap);
            }
            id.into()
        }
        Open::Unread(gaps) => gaps,
    }
}

fn is_destination(rule: &CentralizationRule, account: &str, region: &str) -> bool {
    let Observed::Known(settings) = &rule.settings else { return false };
    let own = settings.account_id.get().ok().flatten().is_some_and(|own| own == account);
    own && settings.region == region
}

/// What a question about a rule alone gives.
fn about<T>(
    rule: &CentralizationRule,
    ask: impl FnOnce(&Judge<'_>) -> Decided<T>,
    gaps: &mut Vec<Gap>,
) -> Derived<T>
where
    T: Default,
{
    let group = LogGroup::default();
    match &rule.settings {
        Observed::Known(settings) => {
            let source = Source { account: "", region: "", log_group: &group };
            ask(&Judge { rule, settings, source }).map_err(|open| noted(open, gaps))
        }
        Observed::Absent => Ok(T::default()),
        Observed::Unavailable(gap) => Err(gap.clone().into()),
    }
}

/// It is about log groups, not about other telemetry alone.
fn copies_logs(rule: &CentralizationRule, gaps: &mut Vec<Gap>) -> Derived<bool> {
    let ask = |judge: &Judge<'_>| match judge.settings.logs.get()? {
        Some(_) => Ok(true),
        None => judge.without_logs(),
    };
    about(rule, ask, gaps)
}

/// "The rule has encountered issues and may not be replicating" is what `Unhealthy` means.
fn unhealthy(judge: &Judge<'_>) -> Decided<Option<String>> {
    let health = judge.settings.health.get()?.map_or("not told", String::as_str);
    let failure = judge.settings.failure.get().ok().flatten();
    let why = failure.map_or_else(String::new, |failure| format!(" ({failure})"));
    match health {
        "Healthy" => Ok(None),
        "Unhealthy" => Ok(Some(format!("{}{why}", judge.rule.name))),
        _ => Err(judge.open("health", &format!("its health is {health}{why}"))),
    }
}

fn skipping(judge: &Judge<'_>) -> Decided<Option<String>> {
    let Some(logs) = judge.settings.logs.get()? else { return Ok(None) };
    match logs.encrypted.as_str() {
        "ALLOW" => Ok(None),
        "SKIP" => Ok(Some(judge.rule.name.clone())),
        other => Err(judge.open("keys", &format!("its strategy for log groups with keys is {other}"))),
    }
}
