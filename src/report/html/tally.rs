//! Findings as the page tells them apart, counted.

use crate::finding::{Finding, Verdict};
use crate::severity::Severity;

/// A verdict, with waived failures apart. In the order in which they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Fail,
    Unknown,
    Waived,
    Pass,
    NotApplicable,
}

impl State {
    pub(super) const ALL: [Self; 5] =
        [Self::Fail, Self::Unknown, Self::Waived, Self::Pass, Self::NotApplicable];

    pub(super) fn of(finding: &Finding) -> Self {
        match finding.verdict {
            Verdict::Fail if finding.waiver.is_some() => Self::Waived,
            Verdict::Fail => Self::Fail,
            Verdict::Unknown => Self::Unknown,
            Verdict::Pass => Self::Pass,
            Verdict::NotApplicable => Self::NotApplicable,
        }
    }

    /// The name of its style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
            Self::Pass => "pass",
            Self::NotApplicable => "none",
        }
    }

    /// The word for people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            other => other.class(),
        }
    }
}

/// Findings by state, and the worst of those that failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    counts: [usize; 5],
    worst: Option<Severity>,
}

impl Tally {
    pub(super) fn add(&mut self, state: State, severity: Severity) {
        if let Some(count) = self.counts.get_mut(state as usize) {
            *count += 1;
        }
        if state == State::Fail {
            self.worst = self.worst.max(Some(severity));
        }
    }

    pub(super) fn of(&self, state: State) -> usize {
        self.counts.get(state as usize).copied().unwrap_or_default()
    }

    /// How many of each state, for the table that the script reads.
    pub(super) fn counts(&self) -> [usize; 5] {
        self.counts
    }

    pub(super) fn worst(&self) -> Option<Severity> {
        self.worst
    }

    /// The state that decides how the whole is shown: what is not known is never covered by what passed.
    pub(super) fn state(&self) -> Option<State> {
        State::ALL.into_iter().find(|state| self.of(*state) > 0)
    }
}
