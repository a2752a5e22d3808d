//! How far each type of log reaches the archive, counted from facts: the verdicts of one rule leave out the places
//! that it does not apply to, and those are the ones without any logs. See [`super`].

use std::ops::AddAssign;

use crate::facts::view::Fact;
use crate::facts::{SubjectFacts, SubjectKind};

/// Places by whether their logs reach the archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    /// They do.
    pub covered: usize,
    /// They do not.
    pub not_covered: usize,
    /// It could not be read, or the places could not be listed.
    pub unknown: usize,
}

/// How far each type of log reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogReach {
    /// Regions of accounts whose management events some trail takes to the archive.
    pub management_events: Places,
    /// Regions of accounts where Config's recorder records and delivers to the archive.
    pub config_history: Places,
    /// Log groups that the configuration wants centralized, and that are.
    pub log_groups: Places,
}

impl Places {
    fn add(&mut self, covered: Option<bool>) {
        match covered {
            Some(true) => self.covered += 1,
            Some(false) => self.not_covered += 1,
            None => self.unknown += 1,
        }
    }
}

impl AddAssign for Places {
    fn add_assign(&mut self, other: Self) {
        self.covered += other.covered;
        self.not_covered += other.not_covered;
        self.unknown += other.unknown;
    }
}

impl AddAssign for LogReach {
    fn add_assign(&mut self, other: Self) {
        self.management_events += other.management_events;
        self.config_history += other.config_history;
        self.log_groups += other.log_groups;
    }
}

impl LogReach {
    /// Of these subjects. Regions that could not be listed count as one place of which nothing is known.
    pub(super) fn of(subjects: &[SubjectFacts]) -> Self {
        let mut reach = Self::default();
        for subject in subjects {
            let known = subject.unlisted.is_none();
            match subject.subject.kind {
                SubjectKind::Region => {
                    reach.management_events.add(truth(subject, "region", "covered").filter(|_| known));
                    reach.config_history.add(config_history(subject).filter(|_| known));
                }
                SubjectKind::LogGroup if !known => reach.log_groups.add(None),
                SubjectKind::LogGroup => match truth(subject, "log_group", "must_centralize") {
                    Some(false) => {}
                    Some(true) => reach.log_groups.add(truth(subject, "log_group", "centralized")),
                    None => reach.log_groups.add(None),
                },
                _ => {}
            }
        }
        reach
    }
}

/// A recorder that is stopped or fails leaves no history, wherever it would deliver.
fn config_history(subject: &SubjectFacts) -> Option<bool> {
    let succeeds = match fact(subject, "region", "recorder_last_status") {
        Some(Fact::Text(status)) => Some(status != "FAILURE"),
        Some(Fact::Null) => Some(true),
        _ => None,
    };
    all([
        truth(subject, "region", "recorder_recording"),
        succeeds,
        truth(subject, "region", "config_delivers_to_archive"),
    ])
}

fn all<const N: usize>(facts: [Option<bool>; N]) -> Option<bool> {
    if facts.contains(&Some(false)) {
        return Some(false);
    }
    facts.iter().all(Option::is_some).then_some(true)
}

fn fact<'a>(subject: &'a SubjectFacts, variable: &str, field: &str) -> Option<Fact<'a>> {
    let (_, view) = subject.variables.iter().find(|(name, _)| *name == variable)?;
    view.field(field)
}

fn truth(subject: &SubjectFacts, variable: &str, field: &str) -> Option<bool> {
    match fact(subject, variable, field)? {
        Fact::Bool(truth) => Some(truth),
        _ => None,
    }
}
