//! The table of findings that the page's script reads. Subjects, evidence and gaps stand once and are pointed to; each
//! finding is written as it comes.
//!
//! What fails or is unknown is listed first, worst first, and what passes or does not apply only as far as a browser
//! holds it; what is not listed is counted by rule, account and region, so that the page's numbers are those of the
//! report.

mod rest;
mod safe;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::io::{self, Write};

use serde::ser::{SerializeMap, SerializeSeq};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use self::rest::Rest;
use super::page::Text;
use super::tally::State;
use crate::facts::Subject;
use crate::finding::{Evidence, Finding, Waiver, fingerprint};
use crate::model::{Gap, GapId};
use crate::report::table::reason_text;
use crate::report::{Report, ReportedRule};

/// Findings that are listed: what a browser holds and searches without keeping its reader waiting.
const LISTED: usize = 100_000;

/// The table.
pub(super) struct Data<'a> {
    report: &'a Report,
    accounts: BTreeMap<Arc<str>, usize>,
    regions: BTreeMap<Arc<str>, usize>,
    /// Places in the report's list of findings, in the order in which they are listed.
    listed: Vec<u32>,
    tables: RefCell<Tables>,
}

/// What findings point to, in the order in which it was first pointed to.
#[derive(Default)]
struct Tables {
    subjects: Once<Arc<Subject>>,
    evidence: Once<Arc<[Evidence]>>,
    gaps: Once<GapId>,
    waivers: BTreeMap<String, (usize, Arc<Waiver>)>,
}

/// Each value once.
struct Once<T> {
    numbers: HashMap<T, usize>,
    values: Vec<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Once<T> {
    fn number(&mut self, value: &T) -> usize {
        let next = self.values.len();
        *self.numbers.entry(value.clone()).or_insert_with(|| {
            self.values.push(value.clone());
            next
        })
    }
}

fn numbered(names: BTreeSet<Arc<str>>) -> BTreeMap<Arc<str>, usize> {
    names.into_iter().enumerate().map(|(number, name)| (name, number)).collect()
}

impl<'a> Data<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        Self::listing(report, LISTED)
    }

    /// The table of a browser that holds so many findings.
    fn listing(report: &'a Report, limit: usize) -> Self {
        let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
        for (_, finding) in report.findings() {
            accounts.extend(finding.subject.account_id.clone());
            regions.extend(finding.subject.region.clone());
        }
        Self {
            report,
            accounts: numbered(accounts),
            regions: numbered(regions),
            listed: listed(report, limit),
            tables: RefCell::default(),
        }
    }

    /// Writes it where the script finds it.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
        safe::write(self, out)?;
        out.write_all(b"</script>\n")
    }

    fn account(&self, subject: &Subject) -> Option<usize> {
        self.accounts.get(subject.account_id.as_deref()?).copied()
    }

    fn region(&self, subject: &Subject) -> Option<usize> {
        self.regions.get(subject.region.as_deref()?).copied()
    }

    fn rule(&self, rule: &ReportedRule) -> Value {
        let ids = self.report.frameworks().iter().map(|framework| framework.id.as_str());
        let tells_of = |id: &str| rule.controls.iter().any(|control| control.framework == id);
        let frameworks: Vec<usize> =
            ids.enumerate().filter(|(_, id)| tells_of(id)).map(|(number, _)| number).collect();
        json!({
            "id": rule.id,
            "title": shown(&rule.title),
            "severity": rule.severity,
            "family": rule.family,
            "subject": rule.subject,
            "organizational": rule.subject.is_organizational(),
            "frameworks": frameworks,
        })
    }

    fn subject(&self, subject: &Subject) -> Value {
        json!([
            self.account(subject),
            self.region(subject),
            shown(&subject.id),
            subject.arn.as_deref().map(shown),
            subject.name.as_deref().map(shown),
        ])
    }

    fn gap(&self, id: &GapId) -> Value {
        let gaps = self.report.gaps();
        let found = gaps.binary_search_by(|gap| gap.id.cmp(id)).ok().and_then(|place| gaps.get(place));
        let row = |gap: &Gap| {
            let text = |text: &Option<String>| text.as_deref().map(shown);
            json!([
                format!("{}:{}", shown(&gap.service), shown(&gap.operation)),
                reason_text(gap.reason),
                shown(&gap.detail),
                text(&gap.account_id),
                text(&gap.region),
                text(&gap.resource),
            ])
        };
        found.map_or_else(|| json!([id.as_str(), "", "", null, null, null]), row)
    }
}

/// The findings that are listed: what is open always before what is not, and that only if all of it can be.
fn listed(report: &Report, limit: usize) -> Vec<u32> {
    let order = |finding: &Finding, place: u32| {
        let severity = report.rules.get(finding.rule as usize).map(|(rule, _)| rule.severity);
        (State::of(finding), Reverse(severity), place)
    };
    let all = report.findings.len() <= limit;
    let mut order: Vec<_> = (0..)
        .zip(report.findings.iter())
        .map(|(place, finding)| order(&finding, place))
        .filter(|(state, ..)| all || *state <= State::Waived)
        .collect();
    order.sort_unstable();
    order.truncate(limit);
    order.into_iter().map(|(_, _, place)| place).collect()
}

fn shown(text: &str) -> String {
    Text(text).to_string()
}

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.report;
        let account = |(id, _): (&Arc<str>, &usize)| {
            let name = report.account_names.get(&**id).map(|name| shown(name));
            json!([shown(id), name, report.tree.place_of(id)])
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rules", &report.rules().map(|rule| self.rule(rule)).collect::<Vec<_>>())?;
        map.serialize_entry("accounts", &self.accounts.iter().map(account).collect::<Vec<_>>())?;
        let places = report.tree.places().iter().map(|place| json!([shown(&place.path), place.parent]));
        map.serialize_entry("places", &places.collect::<Vec<_>>())?;
        map.serialize_entry("regions", &self.regions.keys().map(|region| shown(region)).collect::<Vec<_>>())?;
        map.serialize_entry("findings", &Listed(self))?;
        // What the findings above pointed to.
        let tables = self.tables.borrow();
        map.serialize_entry(
            "subjects",
            &Rows(&tables.subjects.values, |it: &Arc<Subject>| self.subject(it)),
        )?;
        map.serialize_entry("evidence", &Rows(&tables.evidence.values, |it: &Arc<[Evidence]>| evidence(it)))?;
        map.serialize_entry("gaps", &Rows(&tables.gaps.values, |it: &GapId| self.gap(it)))?;
        let mut waivers: Vec<_> = tables.waivers.values().collect();
        waivers.sort_unstable_by_key(|(number, _)| *number);
        let waivers: Vec<Value> = waivers.into_iter().map(|(_, it)| waiver(it)).collect();
        map.serialize_entry("waivers", &waivers)?;
        map.serialize_entry("rest", &Rest::of(self))?;
        map.end()
    }
}

fn evidence(evidence: &[Evidence]) -> Value {
    let fact = |fact: &Evidence| match &fact.value {
        Some(value) => json!([&*fact.path, value]),
        None => json!([&*fact.path]),
    };
    evidence.iter().map(fact).collect()
}

fn waiver(waiver: &Waiver) -> Value {
    let Waiver { id, reason, owner, expires, ticket } = waiver;
    json!([shown(id), shown(owner), expires.to_string(), shown(reason), ticket.as_deref().map(shown)])
}

/// Rows of a table, each made as it is written.
struct Rows<'a, T, F>(&'a [T], F);

impl<T, F: Fn(&T) -> Value> Serialize for Rows<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(&self.1))
    }
}

/// The findings that are listed, each made as it is written.
struct Listed<'a, 'b>(&'b Data<'a>);

impl Serialize for Listed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let data = self.0;
        let mut tables = data.tables.borrow_mut();
        let mut rows = serializer.serialize_seq(None)?;
        for (rule, finding) in data.listed.iter().filter_map(|place| data.report.finding(*place)) {
            let gaps: Vec<usize> = finding.gaps.iter().map(|gap| tables.gaps.number(gap)).collect();
            let next = tables.waivers.len();
            let waiver = finding
                .waiver
                .as_ref()
                .map(|it| tables.waivers.entry(it.id.clone()).or_insert((next, Arc::clone(it))).0);
            rows.serialize_element(&(
                finding.rule,
                State::of(&finding) as usize,
                tables.subjects.number(&finding.subject),
                finding.message.as_deref().map(shown),
                tables.evidence.number(&finding.evidence),
                gaps,
                waiver,
                fingerprint(&rule.id, &finding.subject),
            ))?;
        }
        rows.end()
    }
}
