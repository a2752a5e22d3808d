//! Findings as they come, put into the grids of [`super::findings`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::alike::Alike;
use super::findings::{Cell, Column, Findings, Grid, NOT_APPLICABLE, NOTHING, Note, PASS, Row};
use super::{Evidence, Finding, Verdict};
use crate::facts::{Subject, SubjectKind};

/// Takes in findings as they come, those of one subject together.
#[derive(Debug, Default)]
pub struct Gathering {
    grids: BTreeMap<SubjectKind, Grid>,
    evidence: HashMap<Arc<[Evidence]>, u32>,
    notes: Vec<Note>,
    alike: Vec<Alike>,
}

/// The rows of findings that were taken in together.
#[derive(Debug)]
pub struct Rows(Vec<(SubjectKind, Row)>);

impl Gathering {
    /// For these rules, by their numbers, about each kind.
    pub fn new(rules: impl IntoIterator<Item = (SubjectKind, u32)>) -> Self {
        let mut grids: BTreeMap<SubjectKind, Grid> = BTreeMap::new();
        for (kind, rule) in rules {
            grids.entry(kind).or_default().rules.push(rule);
        }
        for grid in grids.values_mut() {
            grid.rules.sort_unstable();
        }
        Self { grids, ..Self::default() }
    }

    /// Takes in findings.
    pub fn add(&mut self, findings: Vec<Finding>) -> Rows {
        let mut rows = Vec::new();
        // Findings of one account share most of their evidence: its address tells, before its contents are looked at.
        let mut known: HashMap<usize, u32> = HashMap::new();
        let mut findings = findings.into_iter().peekable();
        while let Some(first) = findings.next() {
            let subject = Arc::clone(&first.subject);
            let kind = subject.kind;
            let row = self.grids.entry(kind).or_default().row(Arc::clone(&subject));
            rows.push((kind, row));
            let mut next = Some(first);
            while let Some(finding) = next {
                let rule = finding.rule;
                let cell = self.cell(finding, &mut known);
                if let Some(grid) = self.grids.get_mut(&kind) {
                    grid.put(row.cells, rule, cell);
                }
                next = findings.next_if(|next| Arc::ptr_eq(&next.subject, &subject));
            }
        }
        Rows(rows)
    }

    /// Takes in the same findings of another account.
    pub fn add_alike(&mut self, rows: &Rows, alike: Alike) {
        let number = u32::try_from(self.alike.len()).unwrap_or(NOTHING);
        self.alike.push(alike);
        for (kind, row) in &rows.0 {
            if let Some(grid) = self.grids.get_mut(kind) {
                grid.rows.push(Row { alike: number, ..*row });
            }
        }
    }

    fn cell(&mut self, finding: Finding, known: &mut HashMap<usize, u32>) -> Cell {
        let address = Arc::as_ptr(&finding.evidence).cast::<()>().addr();
        let evidence = *known.entry(address).or_insert_with(|| {
            let number = u32::try_from(self.evidence.len()).unwrap_or(NOTHING);
            *self.evidence.entry(finding.evidence).or_insert(number)
        });
        let said = match finding.verdict {
            Verdict::Pass => PASS,
            Verdict::NotApplicable => NOT_APPLICABLE,
            verdict @ (Verdict::Fail | Verdict::Unknown) => {
                self.notes.push(Note {
                    verdict,
                    message: finding.message,
                    gaps: finding.gaps,
                    waiver: finding.waiver,
                });
                u32::try_from(self.notes.len() - 1).unwrap_or(NOTHING)
            }
        };
        Cell { evidence, said }
    }

    /// All that was taken in, in order.
    pub fn finish(self) -> Findings {
        let mut evidence: Vec<(u32, Arc<[Evidence]>)> =
            self.evidence.into_iter().map(|(evidence, number)| (number, evidence)).collect();
        evidence.sort_unstable_by_key(|(number, _)| *number);
        let mut found = Findings {
            grids: self.grids.into_values().filter(|grid| !grid.rows.is_empty()).collect(),
            evidence: evidence.into_iter().map(|(_, evidence)| evidence).collect(),
            notes: self.notes,
            alike: self.alike,
            ..Findings::default()
        };
        let Findings { grids, alike, .. } = &mut found;
        for grid in grids {
            grid.sort(alike);
        }
        let mut columns: Vec<Column> = Vec::new();
        for (grid, of_kind) in found.grids.iter().enumerate() {
            let column =
                |(number, rule): (usize, &u32)| Column { rule: *rule, grid, number, first: 0, count: 0 };
            columns.extend(of_kind.rules.iter().enumerate().map(column));
        }
        columns.sort_unstable_by_key(|column| (column.rule, column.grid));
        let mut first = 0;
        for column in &mut columns {
            let count = found.cells(*column).filter(|(_, cell)| cell.said != NOTHING).count();
            column.first = first;
            column.count = u32::try_from(count).unwrap_or(NOTHING);
            first += column.count;
        }
        columns.retain(|column| column.count > 0);
        found.columns = columns;
        let note = |cell: Cell| found.notes.get(cell.said as usize)?.waiver.clone();
        let of_column = |column: &Column| {
            let cells = found.cells(*column).filter(|(_, cell)| cell.said != NOTHING);
            let places = (column.first..).zip(cells);
            places.filter_map(|(place, (_, cell))| Some((place, note(cell)?))).collect::<Vec<_>>()
        };
        found.waivers = found.columns.iter().flat_map(of_column).collect();
        found
    }
}

impl Grid {
    /// A row in which nothing is said.
    fn row(&mut self, subject: Arc<Subject>) -> Row {
        let number = |length: usize| u32::try_from(length).unwrap_or(NOTHING);
        let cells = number(self.cells.len());
        self.cells.resize(self.cells.len() + self.rules.len(), Cell { evidence: 0, said: NOTHING });
        let row = Row { subject: number(self.subjects.len()), cells, alike: NOTHING };
        self.rows.push(row);
        self.subjects.push(subject);
        row
    }

    fn put(&mut self, row: u32, rule: u32, cell: Cell) {
        let Ok(column) = self.rules.binary_search(&rule) else { return };
        if let Some(place) = self.cells.get_mut(row as usize + column) {
            *place = cell;
        }
    }

    /// Two rows of one subject stay in their order.
    fn sort(&mut self, alike: &[Alike]) {
        let Self { rows, subjects, .. } = self;
        let place = |row: &Row| (subjects.get(row.subject as usize), alike.get(row.alike as usize));
        rows.par_sort_by(|one, other| match (place(one), place(other)) {
            ((Some(one), None), (Some(other), None)) => one.cmp(other),
            ((Some(one), one_alike), (Some(other), other_alike)) => {
                let account = |subject: &'_ Arc<Subject>, alike: Option<&'_ Alike>| match alike {
                    Some(alike) => alike.account(subject).cloned(),
                    None => subject.account_id.clone(),
                };
                let subject = |subject: &Arc<Subject>, alike: Option<&Alike>| match alike {
                    Some(alike) => alike.subject(subject),
                    None => Arc::clone(subject),
                };
                // Most are told apart by their accounts.
                let accounts = account(one, one_alike).cmp(&account(other, other_alike));
                accounts.then_with(|| subject(one, one_alike).cmp(&subject(other, other_alike)))
            }
            ((one, _), (other, _)) => one.cmp(&other),
        });
    }
}

impl FromIterator<Finding> for Findings {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        let findings: Vec<Finding> = findings.into_iter().collect();
        let rules: BTreeSet<(SubjectKind, u32)> =
            findings.iter().map(|finding| (finding.subject.kind, finding.rule)).collect();
        let mut gathering = Gathering::new(rules);
        gathering.add(findings);
        gathering.finish()
    }
}
