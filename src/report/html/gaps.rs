//! What could not be read, and why: calls that did not answer, grouped, since one missing permission often explains
//! hundreds of findings.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use askama::Template;

use super::page::Text;
use crate::model::{Gap, GapReason};
use crate::report::Report;
use crate::report::table::reason_text;
use crate::report::text::{count, grouped};

/// Groups that are shown.
const GROUPS: usize = 300;
/// Places of a group that are listed.
const PLACES: usize = 50;

#[derive(Template)]
#[template(path = "gaps.html")]
pub(super) struct Gaps<'a> {
    groups: Vec<Group<'a>>,
    more: usize,
    total: usize,
}

struct Group<'a> {
    call: String,
    reason: &'static str,
    calls: usize,
    accounts: usize,
    findings: usize,
    detail: Text<'a>,
    places: Vec<String>,
    more: usize,
}

impl<'a> Gaps<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let key = |gap: &'a Gap| (gap.service.as_str(), gap.operation.as_str(), gap.reason);
        let mut folded: BTreeMap<(&str, &str, GapReason), Vec<&Gap>> = BTreeMap::new();
        for gap in report.gaps() {
            folded.entry(key(gap)).or_default().push(gap);
        }
        let numbers: HashMap<_, usize> =
            folded.keys().enumerate().map(|(number, key)| (*key, number)).collect();
        let of_gap: HashMap<&str, usize> = report
            .gaps()
            .iter()
            .filter_map(|gap| Some((gap.id.as_str(), *numbers.get(&key(gap))?)))
            .collect();
        let mut affected = vec![0; folded.len()];
        for (_, finding) in report.failures_and_unknowns() {
            let groups: BTreeSet<usize> =
                finding.gaps.iter().filter_map(|gap| of_gap.get(gap.as_str()).copied()).collect();
            for group in groups {
                if let Some(number) = affected.get_mut(group) {
                    *number += 1;
                }
            }
        }
        let mut groups: Vec<Group<'_>> =
            folded.into_values().zip(affected).map(|(gaps, findings)| Group::of(&gaps, findings)).collect();
        groups.sort_by_key(|group| (Reverse(group.findings), Reverse(group.calls)));
        let more = groups.len().saturating_sub(GROUPS);
        groups.truncate(GROUPS);
        Self { groups, more, total: report.gaps().len() }
    }
}

impl<'a> Group<'a> {
    fn of(gaps: &[&'a Gap], findings: usize) -> Self {
        let accounts: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.account_id.as_deref()).collect();
        let first = gaps.first();
        Self {
            call: first
                .map(|gap| format!("{}:{}", Text(&gap.service), Text(&gap.operation)))
                .unwrap_or_default(),
            reason: first.map_or("", |gap| reason_text(gap.reason)),
            calls: gaps.len(),
            accounts: accounts.len(),
            findings,
            detail: Text(first.map_or("", |gap| gap.detail.as_str())),
            places: gaps.iter().take(PLACES).map(|gap| place(gap)).collect(),
            more: gaps.len().saturating_sub(PLACES),
        }
    }

    /// Where, and what it leaves open.
    fn words(&self) -> String {
        let calls = count(self.calls, "call");
        let accounts = if self.accounts == 0 {
            String::new()
        } else {
            format!(" in {}", count(self.accounts, "account"))
        };
        format!("{calls}{accounts}")
    }

    fn affected(&self) -> String {
        grouped(self.findings)
    }
}

fn place(gap: &Gap) -> String {
    let parts = [gap.account_id.as_deref(), gap.region.as_deref(), gap.resource.as_deref()];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| Text(part).to_string()).collect();
    if parts.is_empty() { "the organization".to_owned() } else { parts.join(" · ") }
}
