//! What a rule says of a subject. Made by [`crate::evaluate`], rendered through [`crate::report`].
//!
//! An organization of 10,000 accounts has millions of findings, most of them passes: [`Findings`] holds them small, and
//! what can be worked out again (message of a pass, fingerprint) is not stored.

mod alike;
mod findings;
mod gathering;

use std::sync::Arc;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use alike::Alike;
pub use findings::Findings;
pub use gathering::Gathering;

use crate::facts::Subject;
use crate::model::{GapId, stable_digest};

/// What a rule concludes of a subject. What could not be read is never a pass, a fail, or silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The rule holds.
    Pass,
    /// The rule does not hold.
    Fail,
    /// A fact that decides could not be read; the finding names the gaps.
    Unknown,
    /// The rule does not concern this subject.
    NotApplicable,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Fail, Self::Unknown, Self::NotApplicable];

    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// A fact that decided, as the rule names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// `trail.log_file_validation`.
    pub path: Arc<str>,
    /// Its value; `None` if it could not be read.
    pub value: Option<serde_json::Value>,
}

/// An accepted risk that covers a failure. Nothing else can be accepted: what could not be read stays unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Its name in the file of waivers.
    pub id: String,
    /// Why the risk is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// The last day that it holds, in UTC.
    pub expires: NaiveDate,
    /// Where it was decided.
    pub ticket: Option<String>,
}

/// What a rule says of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's place in the [rule set](crate::rules), which is sorted by rule id.
    pub rule: u32,
    /// What it is about.
    pub subject: Arc<Subject>,
    /// The conclusion.
    pub verdict: Verdict,
    /// For people; `None` on a pass or where the rule does not apply: the rule's title says it.
    pub message: Option<Arc<str>>,
    /// The facts that the rule asked for; findings with the same ones share them.
    pub evidence: Arc<[Evidence]>,
    /// What could not be read; not empty exactly if the verdict is Unknown.
    pub gaps: Arc<[GapId]>,
    /// The accepted risk that covers this failure. The verdict stays: the failure is shown as suppressed.
    pub waiver: Option<Arc<Waiver>>,
}

/// The identity of a finding, the same in every run and on every machine: 32 hexadecimal digits of a SHA-256 digest
/// over rule, kind, account, region and the subject's id.
pub fn fingerprint(rule_id: &str, subject: &Subject) -> String {
    let Subject { kind, account_id, region, id, .. } = subject;
    fingerprint_of(rule_id, kind.as_str(), account_id.as_deref(), region.as_deref(), id)
}

/// The same, of a subject that was written down.
pub(crate) fn fingerprint_of(
    rule_id: &str,
    kind: &str,
    account_id: Option<&str>,
    region: Option<&str>,
    id: &str,
) -> String {
    stable_digest(&[rule_id, kind, account_id.unwrap_or(""), region.unwrap_or(""), id], 16)
}
