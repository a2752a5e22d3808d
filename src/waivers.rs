//! Waivers: accepted risks, each with a reason, an owner and an end.
//!
//! They lie over failures after [`crate::evaluate`] and before [`crate::report`], and change no verdict. What could not
//! be read is never waived. Who may be covered is told by what the owner of an account cannot change: its number and
//! its place and its tags in the organization, never its name.

mod add;
mod check;
mod entry;
mod error;
mod file;
mod places;
mod remark;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use self::check::check;
use self::entry::Entry;
use self::error::Source;
use self::places::Places;
use crate::evaluate::Evaluation;
use crate::finding::Verdict;
use crate::model::glob;
use crate::rules::RuleSet;

pub use self::add::{Draft, append};
pub use self::error::{Problems, WaiverError};
pub use self::remark::{Remark, RemarkKind};

/// The largest file of waivers, in bytes.
const LARGEST: u64 = 8 << 20;
/// The waivers of some files, in order.
#[derive(Debug, Default)]
pub struct Waivers(Vec<Entry>);

/// What a waiver covers.
#[derive(Debug, Clone, Copy, Default)]
struct Covered {
    failures: usize,
    /// Unknowns that it may be about, and failures of which nobody knows where they lie.
    unknown: usize,
}

impl Waivers {
    /// Reads files of waivers. All that is wrong in all of them is reported at once; `rules` are those that there are,
    /// whether or not they run.
    pub fn load(paths: &[PathBuf], rules: &RuleSet) -> Result<Self, WaiverError> {
        Self::read(paths, Some(rules))
    }

    /// Reads files that were checked when they were first used: the rules that they name need not be there.
    pub fn load_recorded(paths: &[PathBuf]) -> Result<Self, WaiverError> {
        Self::read(paths, None)
    }

    /// Checks the text of one file.
    pub fn parse(path: &Path, text: String, rules: &RuleSet) -> Result<Self, WaiverError> {
        Self::of(vec![(path, text)], Some(rules))
    }

    fn read(paths: &[PathBuf], rules: Option<&RuleSet>) -> Result<Self, WaiverError> {
        let texts = paths.iter().map(|path| Ok((path.as_path(), text_of(path)?)));
        Self::of(texts.collect::<Result<_, WaiverError>>()?, rules)
    }

    fn of(texts: Vec<(&Path, String)>, rules: Option<&RuleSet>) -> Result<Self, WaiverError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut problems = Vec::new();
        let mut ids = BTreeSet::new();
        for (path, text) in texts {
            let source = Arc::new(Source { path: path.display().to_string(), text });
            match file::read(path, &source) {
                Ok(written) => {
                    for waiver in written {
                        match check(waiver, rules, &mut ids) {
                            Ok(entry) => entries.push(entry),
                            Err(found) => {
                                problems
                                    .extend(found.into_iter().map(|problem| (Arc::clone(&source), problem)));
                            }
                        }
                    }
                }
                Err(problem) => problems.push((source, problem)),
            }
        }
        if problems.is_empty() { Ok(Self(entries)) } else { Err(WaiverError::Invalid(Problems(problems))) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What can be said of the waivers without findings: those that ended before `today`, and those that are too broad.
    pub fn remarks(&self, today: NaiveDate) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for entry in &self.0 {
            if entry.waiver.expires < today {
                remarks.push(entry.remark(RemarkKind::Expired { failures: 0 }));
            }
            remarks.extend(entry.too_broad().map(|why| entry.remark(RemarkKind::TooBroad(why))));
        }
        remarks
    }

    /// Lays the waivers over the failures. One that ended before `today` covers nothing any more.
    pub fn apply(&self, evaluation: &mut Evaluation, rules: &RuleSet, today: NaiveDate) -> Vec<Remark> {
        let places = Places::of(&evaluation.header.organization);
        let by_rule: Vec<Vec<usize>> = rules
            .rules()
            .iter()
            .map(|rule| {
                let names = std::iter::once(&*rule.id).chain(rule.aliases.iter().map(String::as_str));
                let names: Vec<&str> = names.collect();
                let about = |entry: &Entry| names.iter().any(|name| glob(&entry.rule, name));
                (0..).zip(&self.0).filter(|(_, entry)| about(entry)).map(|(place, _)| place).collect()
            })
            .collect();
        let mut covered = vec![Covered::default(); self.0.len()];
        let mut waived = Vec::new();
        for (number, finding) in evaluation.findings.open() {
            let about = by_rule.get(finding.rule as usize).map_or(&[][..], Vec::as_slice);
            for place in about {
                let (Some(entry), Some(covered)) = (self.0.get(*place), covered.get_mut(*place)) else {
                    continue;
                };
                let covers = entry.covers(&finding, &places);
                if finding.verdict == Verdict::Unknown || covers.is_none() {
                    covered.unknown += usize::from(covers != Some(false));
                } else if covers == Some(true) {
                    covered.failures += 1;
                    if entry.waiver.expires >= today {
                        waived.push((number, &entry.waiver));
                    }
                }
            }
        }
        // The first of several holds.
        for (number, waiver) in waived {
            evaluation.findings.waive(number, waiver);
        }
        let asked: BTreeSet<usize> = by_rule.into_iter().flatten().collect();
        let in_scope = |entry: &Entry| {
            entry.accounts.is_empty()
                || entry.accounts.iter().any(|account| evaluation.header.accounts.contains(account))
        };
        let mut remarks = Vec::new();
        for (place, (entry, covered)) in self.0.iter().zip(covered).enumerate() {
            if entry.waiver.expires < today {
                remarks.push(entry.remark(RemarkKind::Expired { failures: covered.failures }));
            } else if !entry.tags.is_empty() && places.tags.is_empty() {
                remarks.push(entry.remark(RemarkKind::TagsUnread));
            } else if covered.failures == 0 && asked.contains(&place) && in_scope(entry) {
                remarks.push(entry.remark(match covered.unknown {
                    0 => RemarkKind::Unused,
                    unknown => RemarkKind::Undecided { unknown },
                }));
            }
            remarks.extend(entry.too_broad().map(|why| entry.remark(RemarkKind::TooBroad(why))));
        }
        remarks
    }
}

fn text_of(path: &Path) -> Result<String, WaiverError> {
    let cannot = |source| WaiverError::Read { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(cannot)?;
    let read = file.take(LARGEST + 1).read_to_string(&mut text).map_err(cannot)?;
    if read as u64 > LARGEST {
        return Err(WaiverError::TooLarge { path: path.to_owned(), limit: LARGEST });
    }
    Ok(text)
}
