//! All findings of a run, kept small: for each kind of subject a grid of its subjects by the rules about it. A pass takes
//! eight bytes of it and no more; what fails or is unknown has a note besides. See [`super`].
//!
//! A [`Finding`] is made as it is asked for: by rule, then by subject.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alike::Alike;
use super::{Evidence, Finding, Verdict, Waiver};
use crate::facts::Subject;
use crate::model::GapId;

/// What rules said of subjects, in the order of rules and subjects. A finding's place in that order is its number.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) grids: Vec<Grid>,
    /// By rule.
    pub(super) columns: Vec<Column>,
    pub(super) evidence: Vec<Arc<[Evidence]>>,
    pub(super) notes: Vec<Note>,
    pub(super) alike: Vec<Alike>,
    /// By the failure's place.
    pub(super) waivers: BTreeMap<u32, Arc<Waiver>>,
    pub(super) no_gaps: Arc<[GapId]>,
}

/// The subjects of one kind, each with a cell for each rule about it.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// In the order of the columns.
    pub(super) rules: Vec<u32>,
    /// In the order of their subjects, once all are there.
    pub(super) rows: Vec<Row>,
    pub(super) subjects: Vec<Arc<Subject>>,
    pub(super) cells: Vec<Cell>,
}

/// A subject, and its first cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) subject: u32,
    pub(super) cells: u32,
    /// The account whose subject it is, where that is like the one that the subject and the cells are of.
    pub(super) alike: u32,
}

/// One finding, as small as it gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) evidence: u32,
    pub(super) said: u32,
}

/// What is not a note in [`Cell::said`].
pub(super) const NOTHING: u32 = u32::MAX;
pub(super) const PASS: u32 = u32::MAX - 1;
pub(super) const NOT_APPLICABLE: u32 = u32::MAX - 2;

/// What is said besides the evidence of what neither passes nor is not applicable.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) verdict: Verdict,
    pub(super) message: Option<Arc<str>>,
    pub(super) gaps: Arc<[GapId]>,
    /// One that lay over it when it was taken in.
    pub(super) waiver: Option<Arc<Waiver>>,
}

/// Where the findings of a rule are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) rule: u32,
    pub(super) grid: usize,
    pub(super) number: usize,
    /// The place of the first of them.
    pub(super) first: u32,
    pub(super) count: u32,
}

impl Findings {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.columns.last().map_or(0, |column| (column.first + column.count) as usize)
    }

    /// Nothing was asked of anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Finding> {
        self.columns.iter().flat_map(|column| self.of_column(*column, |_| true)).map(|(_, finding)| finding)
    }

    /// Those that fail or are unknown, with their places.
    pub fn open(&self) -> impl Iterator<Item = (u32, Finding)> {
        let is_open = |verdict| matches!(verdict, Verdict::Fail | Verdict::Unknown);
        self.columns.iter().flat_map(move |column| self.of_column(*column, is_open))
    }

    /// Those of one rule.
    pub fn of_rule(&self, rule: u32) -> impl Iterator<Item = Finding> {
        self.column(rule).into_iter().flat_map(|column| self.of_column(*column, |_| true)).map(|(_, it)| it)
    }

    /// Those of one rule that fail.
    pub fn failures_of(&self, rule: u32) -> impl Iterator<Item = Finding> {
        let fails = |verdict| verdict == Verdict::Fail;
        self.column(rule).into_iter().flat_map(move |column| self.of_column(*column, fails)).map(|(_, it)| it)
    }

    /// What one rule says of each of its subjects.
    pub fn verdicts_of(&self, rule: u32) -> impl Iterator<Item = Verdict> {
        let cells = self.column(rule).into_iter().flat_map(|column| self.cells(*column));
        cells.filter_map(|(_, cell)| self.verdict(cell))
    }

    /// The one at this place.
    pub fn get(&self, place: u32) -> Option<Finding> {
        let column = self.column_at(place)?;
        let number = (place - column.first) as usize;
        let grid = self.grids.get(column.grid)?;
        let (row, cell) = if column.count as usize == grid.rows.len() {
            let row = grid.rows.get(number)?;
            (row, grid.cell(row, column.number)?)
        } else {
            self.cells(*column).filter(|(_, cell)| cell.said != NOTHING).nth(number)?
        };
        self.finding(column, row, cell, place)
    }

    /// Lays a waiver over the failure at this place, unless one lies there.
    pub fn waive(&mut self, place: u32, waiver: &Arc<Waiver>) {
        self.waivers.entry(place).or_insert_with(|| Arc::clone(waiver));
    }

    /// The waivers of failures, each with the rule that failed.
    pub fn waivers(&self) -> impl Iterator<Item = (u32, &Waiver)> {
        self.waivers.iter().filter_map(|(place, waiver)| Some((self.column_at(*place)?.rule, &**waiver)))
    }

    /// Every subject, in the order of their numbers.
    pub fn subjects(&self) -> impl Iterator<Item = Arc<Subject>> {
        let of_row = |grid: &Grid, row: &Row| {
            let subject = grid.subjects.get(row.subject as usize)?;
            Some(
                self.alike
                    .get(row.alike as usize)
                    .map_or_else(|| Arc::clone(subject), |it| it.subject(subject)),
            )
        };
        self.grids.iter().flat_map(move |grid| grid.rows.iter().filter_map(move |row| of_row(grid, row)))
    }

    /// What one rule passes or does not apply to, by the subjects' numbers.
    pub fn passes_of(&self, rule: u32) -> impl Iterator<Item = (u32, Verdict)> {
        let column = self.column(rule).copied();
        let before: usize =
            self.grids.iter().take(column.map_or(0, |it| it.grid)).map(|it| it.rows.len()).sum();
        let cells = column.into_iter().flat_map(|column| self.cells(column));
        let first = u32::try_from(before).unwrap_or(NOTHING);
        (first..).zip(cells).filter_map(|(number, (_, cell))| {
            let verdict = self.verdict(cell)?;
            matches!(verdict, Verdict::Pass | Verdict::NotApplicable).then_some((number, verdict))
        })
    }

    /// The gaps that findings name, of each note once.
    pub fn gaps(&self) -> impl Iterator<Item = &GapId> {
        self.notes.iter().flat_map(|note| note.gaps.iter())
    }

    fn column_at(&self, place: u32) -> Option<&Column> {
        let after = self.columns.partition_point(|column| column.first <= place);
        self.columns.get(after.checked_sub(1)?)
    }

    pub(super) fn column(&self, rule: u32) -> Option<&Column> {
        self.columns.get(self.columns.binary_search_by_key(&rule, |column| column.rule).ok()?)
    }

    pub(super) fn cells(&self, column: Column) -> impl Iterator<Item = (&Row, Cell)> {
        let number = column.number;
        let grid = self.grids.get(column.grid);
        grid.into_iter().flat_map(move |grid| {
            grid.rows.iter().filter_map(move |row| Some((row, grid.cell(row, number)?)))
        })
    }

    pub(super) fn of_column(
        &self,
        column: Column,
        wanted: impl Fn(Verdict) -> bool,
    ) -> impl Iterator<Item = (u32, Finding)> {
        let cells = self.cells(column).filter(|(_, cell)| cell.said != NOTHING);
        (column.first..).zip(cells).filter_map(move |(place, (row, cell))| {
            wanted(self.verdict(cell)?)
                .then(|| self.finding(&column, row, cell, place))?
                .map(|it| (place, it))
        })
    }

    fn verdict(&self, cell: Cell) -> Option<Verdict> {
        match cell.said {
            NOTHING => None,
            PASS => Some(Verdict::Pass),
            NOT_APPLICABLE => Some(Verdict::NotApplicable),
            note => Some(self.notes.get(note as usize)?.verdict),
        }
    }

    fn finding(&self, column: &Column, row: &Row, cell: Cell, place: u32) -> Option<Finding> {
        let note = self.notes.get(cell.said as usize);
        let finding = Finding {
            rule: column.rule,
            subject: Arc::clone(self.grids.get(column.grid)?.subjects.get(row.subject as usize)?),
            verdict: self.verdict(cell)?,
            message: note.and_then(|note| note.message.clone()),
            evidence: Arc::clone(self.evidence.get(cell.evidence as usize)?),
            gaps: Arc::clone(note.map_or(&self.no_gaps, |note| &note.gaps)),
            waiver: self.waivers.get(&place).cloned(),
        };
        Some(match self.alike.get(row.alike as usize) {
            Some(alike) => alike.finding(finding),
            None => finding,
        })
    }
}

impl Grid {
    fn cell(&self, row: &Row, column: usize) -> Option<Cell> {
        self.cells.get(row.cells as usize + column).copied()
    }
}

#[cfg(test)]
mod tests;
