//! What is not listed, counted: by rule, then by accounts that have the same counts, then by region and state.

use std::collections::{BTreeMap, HashSet};

use serde::{Serialize, Serializer};

use super::Data;
use crate::report::html::tally::{State, Tally};

/// Counts of an account by region; a region's place in the table's list, or none.
type Counts = BTreeMap<Option<usize>, [usize; 5]>;

/// `[rule, [[region, [counts by state]], ..], [first account, accounts in a row, ..]]`, many of them.
#[derive(Serialize)]
struct Row(usize, Vec<(Option<usize>, [usize; 5])>, Vec<(Option<usize>, usize)>);

pub(super) struct Rest(Vec<Row>);

impl Rest {
    pub(super) fn of(data: &Data<'_>) -> Self {
        let mut rows = Vec::new();
        if data.listed.len() == data.report.findings.len() {
            return Self(rows);
        }
        let listed: HashSet<u32> = data.listed.iter().copied().collect();
        let mut place = 0;
        for (number, (rule, _)) in (0..).zip(&data.report.rules) {
            let mut accounts: BTreeMap<Option<usize>, BTreeMap<Option<usize>, Tally>> = BTreeMap::new();
            for finding in data.report.findings.of_rule(number) {
                if !listed.contains(&place) {
                    let subject = &finding.subject;
                    let regions = accounts.entry(data.account(subject)).or_default();
                    regions.entry(data.region(subject)).or_default().add(State::of(&finding), rule.severity);
                }
                place += 1;
            }
            let mut alike: BTreeMap<Counts, Vec<(Option<usize>, usize)>> = BTreeMap::new();
            for (account, regions) in accounts {
                let counts = regions.into_iter().map(|(region, tally)| (region, tally.counts())).collect();
                let runs = alike.entry(counts).or_default();
                match runs.last_mut() {
                    Some((Some(first), length)) if account == Some(*first + *length) => *length += 1,
                    _ => runs.push((account, 1)),
                }
            }
            let row = |(counts, runs): (Counts, _)| Row(number as usize, counts.into_iter().collect(), runs);
            rows.extend(alike.into_iter().map(row));
        }
        Self(rows)
    }
}

impl Serialize for Rest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
