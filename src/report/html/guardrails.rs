//! Accounts and protected actions: what is denied where, from the findings of the rules that ask it. Accounts of one
//! place about which the same is said are one row.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use serde_json::Value;

use super::page::Text;
use super::tally::State;
use crate::facts::guardrail::Guardrail;
use crate::finding::{Finding, fingerprint};
use crate::report::Report;
use crate::report::text::grouped;

/// Rows that are shown.
const ROWS: usize = 300;
/// Accounts of a row that are named.
const NAMED: usize = 3;
/// Accounts of a row that can be unfolded.
const UNFOLDED: usize = 200;

#[derive(Template)]
#[template(path = "guardrails.html")]
pub(super) struct Guardrails<'a> {
    columns: Vec<Column>,
    rows: Vec<Row<'a>>,
    more: usize,
    open: usize,
    unknown: usize,
    protected: usize,
}

struct Column {
    rule: &'static str,
    title: &'static str,
    actions: String,
}

struct Row<'a> {
    place: Text<'a>,
    /// The management account, which no policy of the organization binds.
    unbound: bool,
    accounts: Vec<(String, String)>,
    cells: Vec<Cell>,
}

struct Cell {
    class: &'static str,
    mark: &'static str,
    word: &'static str,
    fingerprint: Option<String>,
}

/// What is said of an account, a column each, and whether it is open only to who administers the account, by an exemption
/// that is theirs to arrange; `None` where the rule says nothing of it.
type Said = Vec<Option<(State, bool)>>;

impl<'a> Guardrails<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let ran: Vec<(Guardrail, u32)> = Guardrail::ALL
            .into_iter()
            .filter_map(|guardrail| {
                let number = report.rules().position(|rule| rule.id == guardrail.rule_id())?;
                Some((guardrail, u32::try_from(number).ok()?))
            })
            .collect();
        let mut said: BTreeMap<Arc<str>, Said> = BTreeMap::new();
        for (column, (_, rule)) in ran.iter().enumerate() {
            for finding in report.findings.of_rule(*rule) {
                let Some(account) = finding.subject.account_id.clone() else { continue };
                let cells = said.entry(account).or_insert_with(|| vec![None; ran.len()]);
                if let Some(cell) = cells.get_mut(column) {
                    let found = (State::of(&finding), is_self_service(&finding));
                    *cell = (*cell).min(Some(found)).or(Some(found));
                }
            }
        }
        let management = report.organization.as_ref().map(|(_, management)| management.as_str());
        let mut folded: BTreeMap<(Option<usize>, Said, bool), Vec<Arc<str>>> = BTreeMap::new();
        let (mut open, mut unknown, mut protected) = (0, 0, 0);
        for (account, cells) in said {
            let any = |state| cells.iter().flatten().any(|(said, _)| *said == state);
            match () {
                () if any(State::Fail) || any(State::Waived) => open += 1,
                () if any(State::Unknown) => unknown += 1,
                () if any(State::Pass) => protected += 1,
                () => {}
            }
            let key = (report.tree.place_of(&account), cells, management == Some(&*account));
            folded.entry(key).or_default().push(account);
        }
        let mut groups: Vec<_> = folded.into_iter().collect();
        let number = |cells: &Said, state| cells.iter().flatten().filter(|(said, _)| *said == state).count();
        groups.sort_by_key(|((place, cells, _), _)| {
            let open = number(cells, State::Fail) + number(cells, State::Waived);
            (Reverse(open), Reverse(number(cells, State::Unknown)), *place)
        });
        let rows = groups.iter().take(ROWS).map(|((place, cells, unbound), accounts)| {
            let first = accounts.first().map_or("", |first| &**first);
            let cell = |(said, (_, rule)): (&Option<(State, bool)>, &(Guardrail, u32))| {
                Cell::of(*said, fingerprint_of(report, *rule, first))
            };
            Row {
                unbound: *unbound,
                place: Text(
                    place
                        .and_then(|place| report.tree.places().get(place))
                        .map_or("place not known", |place| place.path.as_str()),
                ),
                accounts: accounts
                    .iter()
                    .map(|id| (Text(name(report, id)).to_string(), Text(id).to_string()))
                    .collect(),
                cells: cells.iter().zip(&ran).map(cell).collect(),
            }
        });
        let rows = rows.collect();
        let more = groups.len().saturating_sub(ROWS);
        let columns = ran.iter().map(|(guardrail, _)| Column::of(*guardrail)).collect();
        Self { columns, rows, more, open, unknown, protected }
    }
}

/// What the rule asks for is denied but to administrators of the account, who can arrange to be exempt.
fn is_self_service(finding: &Finding) -> bool {
    finding.evidence.iter().any(|evidence| {
        evidence.path.ends_with(".openness")
            && evidence.value.as_ref().and_then(Value::as_str) == Some("administrators")
    })
}

/// The finding of a rule about an account.
fn fingerprint_of(report: &Report, rule: u32, account: &str) -> Option<String> {
    let (reported, _) = report.rules.get(rule as usize)?;
    let mut findings = report.findings.of_rule(rule);
    let finding = findings.find(|finding| finding.subject.account_id.as_deref() == Some(account))?;
    Some(fingerprint(&reported.id, &finding.subject))
}

fn name<'a>(report: &'a Report, account: &'a str) -> &'a str {
    report.account_names.get(account).map_or(account, String::as_str)
}

impl Column {
    fn of(guardrail: Guardrail) -> Self {
        let actions: Vec<&str> = guardrail.actions().iter().map(|action| action.name).collect();
        Self { rule: guardrail.rule_id(), title: guardrail.title(), actions: actions.join(", ") }
    }
}

impl Cell {
    fn of(said: Option<(State, bool)>, fingerprint: Option<String>) -> Self {
        let (class, mark, word) = match said {
            Some((State::Fail, false)) => ("fail", "✕", "open"),
            Some((State::Fail, true)) => ("fail", "✕", "self-service"),
            Some((State::Waived, false)) => ("waived", "w", "open, waived"),
            Some((State::Waived, true)) => ("waived", "w", "self-service, waived"),
            Some((State::Unknown, _)) => ("unknown", "?", "unknown"),
            Some((State::Pass, _)) => ("pass", "✓", "denied"),
            Some((State::NotApplicable, _)) => ("none", "–", "does not apply"),
            None => ("none", "", "not asked"),
        };
        // Nothing is to be learned from the finding that a rule does not apply.
        let fingerprint = fingerprint.filter(|_| class != "none");
        Self { class, mark, word, fingerprint }
    }
}

impl Row<'_> {
    fn named(&self) -> &[(String, String)] {
        self.accounts.get(..NAMED.min(self.accounts.len())).unwrap_or_default()
    }

    fn unnamed(&self) -> String {
        grouped(self.accounts.len().saturating_sub(NAMED))
    }

    fn unfolded(&self) -> &[(String, String)] {
        self.accounts.get(NAMED..UNFOLDED.min(self.accounts.len())).unwrap_or_default()
    }

    fn beyond(&self) -> usize {
        self.accounts.len().saturating_sub(UNFOLDED)
    }
}
