//! The rules that ran, worst first, each with why it matters, what to do, and its findings. The markup has the first
//! few findings of each; the script puts all of them there on demand.

use std::collections::BTreeMap;

use askama::Template;

use super::page::{Lines, Prose, Text};
use super::tally::{State, Tally};
use crate::finding::{Finding, fingerprint};
use crate::report::text::grouped;
use crate::report::{Report, ReportedRule};

/// Findings of a rule that are in the markup.
const SHOWN: usize = 10;

#[derive(Template)]
#[template(path = "findings.html")]
pub(super) struct Rules<'a> {
    rules: Vec<RuleView<'a>>,
}

struct RuleView<'a> {
    number: usize,
    rule: &'a ReportedRule,
    tally: Tally,
    shown: Vec<FindingView>,
    more: usize,
}

struct FindingView {
    state: State,
    fingerprint: String,
    message: String,
    place: String,
}

impl<'a> Rules<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut rules: Vec<RuleView<'_>> =
            (0..).zip(&report.rules).map(|(number, (rule, _))| RuleView::of(report, number, rule)).collect();
        rules.sort_by_key(|view| {
            let worst = view.tally.worst().or(Some(view.rule.severity));
            (view.tally.state().unwrap_or(State::NotApplicable), std::cmp::Reverse(worst), view.number)
        });
        Self { rules }
    }
}

impl<'a> RuleView<'a> {
    fn of(report: &'a Report, number: u32, rule: &'a ReportedRule) -> Self {
        let mut tally = Tally::default();
        let mut first: BTreeMap<State, Vec<FindingView>> = BTreeMap::new();
        for finding in report.findings.of_rule(number) {
            let state = State::of(&finding);
            tally.add(state, rule.severity);
            let shown = first.entry(state).or_default();
            if shown.len() < SHOWN {
                shown.push(FindingView::of(report, rule, &finding));
            }
        }
        let open = |state| first.remove(&state).unwrap_or_default();
        let listed = [State::Fail, State::Unknown, State::Waived].into_iter().flat_map(open);
        let total = tally.of(State::Fail) + tally.of(State::Unknown) + tally.of(State::Waived);
        Self {
            number: number as usize,
            rule,
            tally,
            shown: listed.take(SHOWN).collect(),
            more: total.saturating_sub(SHOWN),
        }
    }

    /// How many findings of which state, without those that there are none of.
    fn counts(&self) -> Vec<(State, String)> {
        let some = |state: &State| self.tally.of(*state) > 0;
        State::ALL.into_iter().filter(some).map(|state| (state, grouped(self.tally.of(state)))).collect()
    }

    fn rationale(&self) -> Prose<'a> {
        Prose(&self.rule.rationale)
    }

    fn remediation(&self) -> Prose<'a> {
        Prose(&self.rule.remediation)
    }

    fn commands(&self) -> Vec<(&'static str, Lines<'a>)> {
        let cli = self.rule.cli.as_deref().map(|text| ("AWS CLI", Lines(text)));
        let terraform = self.rule.terraform.as_deref().map(|text| ("Terraform", Lines(text)));
        cli.into_iter().chain(terraform).collect()
    }

    /// Addresses that lead to the web; anything else is not made a link.
    fn references(&self) -> impl Iterator<Item = &'a str> {
        self.rule.references.iter().map(String::as_str).filter(|address| address.starts_with("https://"))
    }
}

impl FindingView {
    fn of(report: &Report, rule: &ReportedRule, finding: &Finding) -> Self {
        Self {
            state: State::of(finding),
            fingerprint: fingerprint(&rule.id, &finding.subject),
            message: Text(Report::message(rule, finding)).to_string(),
            place: place(report, finding),
        }
    }
}

/// `payments (111111111111) · eu-west-1 · main`.
fn place(report: &Report, finding: &Finding) -> String {
    let subject = &finding.subject;
    let account = subject.account_id.as_deref().map(|id| match report.account_names.get(id) {
        Some(name) => format!("{} ({})", Text(name), Text(id)),
        None => Text(id).to_string(),
    });
    let name = subject.name.as_deref().unwrap_or(&subject.id);
    let region = subject.region.as_deref();
    let parts = [region, (region != Some(name)).then_some(name)];
    let parts = parts.into_iter().flatten().map(|part| Text(part).to_string());
    account.into_iter().chain(parts).collect::<Vec<_>>().join(" · ")
}
