//! Verdicts by place and region. In the markup folded by organizational unit; the script unfolds it to accounts and
//! filters it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;

use super::page::Text;
use super::tally::{State, Tally};
use crate::facts::SubjectKind;
use crate::finding::{Finding, Verdict};
use crate::report::text::{count, grouped};
use crate::report::{Report, ReportedRule};
use crate::severity::Severity;

/// Places that the markup shows.
const PLACES: usize = 200;

#[derive(Template)]
#[template(path = "map.html")]
pub(super) struct Map<'a> {
    families: Vec<Text<'a>>,
    places: Vec<(usize, Text<'a>)>,
    frameworks: Vec<(usize, String)>,
    regions: Vec<String>,
    rows: Vec<Row<'a>>,
    more: usize,
}

struct Row<'a> {
    name: Text<'a>,
    accounts: String,
    cells: Vec<Cell>,
}

struct Cell {
    class: &'static str,
    severity: &'static str,
    shown: String,
    words: String,
}

/// The organization's own row comes first, then the places in their order, then accounts whose place is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RowKey {
    Organization,
    Place(usize),
    Unplaced,
}

impl<'a> Map<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut cells: BTreeMap<RowKey, BTreeMap<Option<Arc<str>>, Tally>> = BTreeMap::new();
        let mut accounts: BTreeMap<RowKey, BTreeSet<Arc<str>>> = BTreeMap::new();
        let mut regions = BTreeSet::new();
        let mut unread = Vec::new();
        for (rule, finding) in report.findings() {
            let account = finding.subject.account_id.as_deref();
            let key = match account {
                _ if rule.subject.is_organizational() => RowKey::Organization,
                None => RowKey::Organization,
                Some(account) => report.tree.place_of(account).map_or(RowKey::Unplaced, RowKey::Place),
            };
            let region = finding.subject.region.clone();
            regions.extend(region.clone());
            if is_everywhere(rule, &finding) {
                unread.push((key, rule.severity));
            }
            let tally = cells.entry(key).or_default().entry(region).or_default();
            tally.add(State::of(&finding), rule.severity);
            if key != RowKey::Organization {
                accounts.entry(key).or_default().extend(finding.subject.account_id.clone());
            }
        }
        for (key, severity) in unread {
            for region in &regions {
                let tally = cells.entry(key).or_default().entry(Some(Arc::clone(region))).or_default();
                tally.add(State::Unknown, severity);
            }
        }
        let row = |(key, tallies): (&RowKey, &BTreeMap<Option<Arc<str>>, Tally>)| Row {
            name: Text(match key {
                RowKey::Organization => "Organization",
                RowKey::Place(number) => report.tree.places().get(*number).map_or("", |place| &place.path),
                RowKey::Unplaced => "place not known",
            }),
            accounts: accounts.get(key).map(|held| count(held.len(), "account")).unwrap_or_default(),
            cells: std::iter::once(None)
                .chain(regions.iter().cloned().map(Some))
                .map(|region| Cell::of(tallies.get(&region).copied().unwrap_or_default()))
                .collect(),
        };
        let families: BTreeSet<&str> = report.rules().map(|rule| rule.family.as_str()).collect();
        let places = report.tree.places().iter().map(|place| Text(&place.path));
        let names = report.frameworks().iter().map(|it| format!("{} {}", it.name, it.version));
        Self {
            families: families.into_iter().map(Text).collect(),
            places: places.enumerate().collect(),
            frameworks: names.enumerate().collect(),
            rows: cells.iter().take(PLACES).map(row).collect(),
            more: cells.len().saturating_sub(PLACES),
            regions: regions.iter().map(|region| Text(region).to_string()).collect(),
        }
    }
}

/// The regions of an account could not be listed: what is unknown is so in each of them.
fn is_everywhere(rule: &ReportedRule, finding: &Finding) -> bool {
    rule.subject == SubjectKind::Region
        && finding.subject.region.is_none()
        && finding.verdict == Verdict::Unknown
}

impl Cell {
    fn of(tally: Tally) -> Self {
        let state = tally.state();
        let severity = tally.worst().map_or("", Severity::as_str);
        let number = |state| grouped(tally.of(state));
        let shown = match state {
            // Its first letter, since colours alone are not told apart by everyone.
            Some(State::Fail) => {
                let letter = severity.get(..1).unwrap_or_default().to_uppercase();
                format!("{letter} {}", number(State::Fail))
            }
            Some(State::Unknown) => format!("? {}", number(State::Unknown)),
            Some(State::Waived) => format!("w {}", number(State::Waived)),
            Some(State::Pass) => "✓".to_owned(),
            Some(State::NotApplicable) | None => "–".to_owned(),
        };
        let words: Vec<String> = State::ALL
            .into_iter()
            .filter(|state| tally.of(*state) > 0)
            .map(|state| format!("{} {}", number(state), state.word()))
            .collect();
        let worst = tally.worst().map(|worst| format!(", worst {worst}")).unwrap_or_default();
        let words = if words.is_empty() { "nothing checked".to_owned() } else { words.join(", ") + &worst };
        Self { class: state.map_or("none", State::class), severity, shown, words }
    }
}
