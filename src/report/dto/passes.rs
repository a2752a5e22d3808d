//! What passes and what does not apply, folded: every subject once, and of each rule which of them. See [`super`].

use schemars::JsonSchema;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::SubjectDto;
use crate::finding::Verdict;
use crate::report::Report;

/// Every subject of a finding, in the order of the numbers by which [`PassesDto`] names them.
#[derive(Debug)]
pub(super) struct Subjects<'a>(pub(super) &'a Report);

impl Serialize for Subjects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for subject in self.0.findings.subjects() {
            list.serialize_element(&SubjectDto::new(&subject))?;
        }
        list.end()
    }
}

/// Findings of one rule and verdict that are no failures and not unknown.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Passes")]
pub(super) struct PassesDto<'a> {
    /// The rule.
    rule_id: &'a str,
    /// `pass` or `not_applicable`.
    verdict: Verdict,
    /// How many.
    count: u32,
    /// Which of `subjects`: the number of the first of a row, from 0, and how many stand in it.
    subjects: Vec<(u32, u32)>,
}

/// Of each rule, what passes and what it does not apply to.
#[derive(Debug)]
pub(super) struct Passes<'a>(pub(super) &'a Report);

impl Serialize for Passes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (number, (rule, _)) in (0..).zip(&self.0.rules) {
            let folded = [Verdict::Pass, Verdict::NotApplicable].map(|verdict| PassesDto {
                rule_id: &rule.id,
                verdict,
                count: 0,
                subjects: Vec::new(),
            });
            let folded = self.0.findings.passes_of(number).fold(folded, |mut folded, (subject, verdict)| {
                folded.iter_mut().filter(|folded| folded.verdict == verdict).for_each(|it| it.add(subject));
                folded
            });
            folded.iter().filter(|folded| folded.count > 0).try_for_each(|it| list.serialize_element(it))?;
        }
        list.end()
    }
}

impl PassesDto<'_> {
    fn add(&mut self, subject: u32) {
        self.count += 1;
        match self.subjects.last_mut() {
            Some((first, length)) if *first + *length == subject => *length += 1,
            _ => self.subjects.push((subject, 1)),
        }
    }
}
