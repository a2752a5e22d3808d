//! How many findings reached which verdict: signed in a bundle's [`super::statement`], and told in its entry of the
//! [`super::ledger`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::severity::Severity;

/// Findings by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// The rule holds.
    pub pass: u64,
    /// The rule does not hold.
    pub fail: u64,
    /// Of these failures, covered by a waiver.
    pub waived: u64,
    /// What decides could not be read.
    pub unknown: u64,
    /// The rule does not concern the subject.
    pub not_applicable: u64,
}

impl From<&Report> for Counts {
    fn from(report: &Report) -> Self {
        let verdicts = report.summary().by_verdict;
        let by_severity = &report.summary().waived_by_severity;
        let waived: usize = Severity::ALL.iter().map(|severity| by_severity.of(*severity)).sum();
        Self {
            pass: verdicts.pass as u64,
            fail: verdicts.fail as u64,
            waived: waived as u64,
            unknown: verdicts.unknown as u64,
            not_applicable: verdicts.not_applicable as u64,
        }
    }
}
