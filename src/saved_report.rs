//! Findings as a report records them: taken from a [`Report`], or read back from one in JSON.
//!
//! For [`crate::baseline`] and [`crate::diff`], which compare runs. A report in JSON may come from elsewhere: it streams
//! through, of a pass little more than the fingerprint is kept, and no text is taken that no report has.

mod reading;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub(crate) use reading::{List, json};
pub use reading::{is_snapshot, read};

use crate::finding::Verdict;
use crate::report::dto::FindingDto;
use crate::report::scope::{Unlisted, Whose};
use crate::report::{Report, Scope};
use crate::severity::Severity;

/// A finding's identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a fingerprint has 32 hexadecimal digits";
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| wrong)
    }
}

/// What a run found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SavedReport {
    /// When the snapshot was taken.
    pub taken_at: DateTime<Utc>,
    /// The organization, `o-` and its identity; `None` for an account that is in none, or where it could not be read.
    pub organization_id: Option<String>,
    /// The rules that ran.
    pub rules: BTreeSet<Arc<str>>,
    /// Every finding.
    pub findings: BTreeMap<Fingerprint, Entry>,
    /// Identities of the calls that did not answer.
    pub gaps: BTreeSet<String>,
    /// What the run looked at; reports of releases before 0.2 do not say.
    pub scope: Scope,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The conclusion.
    pub verdict: Verdict,
    /// The rule's severity.
    pub severity: Severity,
    /// The rule.
    pub rule: Arc<str>,
    /// Of failures and unknowns, more.
    pub detail: Option<Box<Detail>>,
}

/// More of a failure or an unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is about.
    pub subject: SavedSubject,
    /// For people.
    pub message: String,
    /// A digest of the facts that the rule asked for.
    pub evidence: [u8; 16],
    /// The waiver that covers it.
    pub waiver: Option<String>,
}

/// What a finding is about.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[schemars(rename = "Subject")]
pub struct SavedSubject {
    /// What it is.
    pub kind: String,
    /// Twelve digits; null where it is not known which account owns it.
    pub account_id: Option<String>,
    /// Its region, where it has one.
    pub region: Option<String>,
    /// Its identity within kind, account and region.
    pub id: String,
    /// Its name, where it has one.
    pub name: Option<String>,
}

impl SavedSubject {
    /// What scopes are asked about it.
    pub fn whose<'a>(&'a self, rule_id: &'a str) -> Whose<'a> {
        Whose {
            rule_id,
            kind: &self.kind,
            account_id: self.account_id.as_deref(),
            region: self.region.as_deref(),
            id: &self.id,
        }
    }
}

/// Why what a run found cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedReportError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{} is no {what} of trailproof: {detail}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// A report of a version that is not known.
    #[error("{} has schema version {version:?}; this program reads 1", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: String,
    },
}

impl SavedReport {
    /// What this run could not list, and another one could: what neither could hides nothing that the other found.
    pub fn unlisted_beside(&self, other: &Self) -> Unlisted<'_> {
        let is_unknown = |entry: &Entry| entry.verdict == Verdict::Unknown;
        let unknown = self.findings.iter().filter(|(fingerprint, entry)| {
            is_unknown(entry) && !other.findings.get(fingerprint).is_some_and(is_unknown)
        });
        Unlisted::of(unknown.filter_map(|(_, entry)| Some(entry.detail.as_ref()?.subject.whose(&entry.rule))))
    }

    /// What a report found.
    pub fn of(report: &Report) -> Self {
        let names: BTreeMap<&str, Arc<str>> =
            report.rules().map(|rule| (rule.id.as_str(), Arc::from(rule.id.as_str()))).collect();
        let mut findings = BTreeMap::new();
        for (rule, finding) in report.findings() {
            let text = crate::finding::fingerprint(&rule.id, &finding.subject);
            let Ok(fingerprint) = text.parse() else { continue };
            let Some(rule_id) = names.get(rule.id.as_str()) else { continue };
            let is_open = matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
            // By the same way as a report in JSON, so that both compare.
            let detail = is_open.then(|| {
                let written = serde_json::to_vec(&FindingDto::new(rule, &finding)).ok()?;
                serde_json::from_slice::<reading::FindingIn>(&written).ok()?.detail()
            });
            findings.insert(
                fingerprint,
                Entry {
                    verdict: finding.verdict,
                    severity: rule.severity,
                    rule: Arc::clone(rule_id),
                    detail: detail.flatten().map(Box::new),
                },
            );
        }
        Self {
            taken_at: report.taken_at(),
            organization_id: report.organization_id().map(str::to_owned),
            rules: names.into_values().collect(),
            findings,
            gaps: report.gaps().iter().map(|gap| gap.id.as_str().to_owned()).collect(),
            scope: report.scope().clone(),
        }
    }
}
