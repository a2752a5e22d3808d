//! A baseline: the failures and unknowns that are known, so that a pipeline stops on others alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Gate};
use crate::finding::{Verdict, fingerprint};
use crate::report::scope::{Unlisted, Whose};
use crate::report::{Report, Scope};
use crate::saved_report::{Fingerprint, List, SavedReport, SavedReportError, SavedSubject, json};

/// Raised in its second part when a field is added, in its first when one changes or goes.
pub const SCHEMA_VERSION: &str = "1.1";

/// A baseline as it is written: without a time, so that an unchanged one stays the same file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Baseline", title = "Trailproof baseline")]
pub struct BaselineDto {
    /// The version of this shape.
    schema_version: &'static str,
    /// Failures that no waiver covers, and unknowns, by rule and subject.
    findings: Vec<KnownFinding>,
    /// Identities of the calls that did not answer.
    gaps: BTreeSet<String>,
    /// What the run looked at, and what not.
    scope: Scope,
}

/// A finding that is known. What identifies it is the fingerprint; the rest is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
struct KnownFinding {
    /// The rule.
    rule_id: String,
    /// What it is about.
    subject: SavedSubject,
    /// `fail` or `unknown`.
    verdict: Verdict,
    /// The finding's identity.
    fingerprint: String,
}

#[derive(Deserialize)]
struct BaselineIn {
    schema_version: String,
    scope: Option<Scope>,
    findings: List<KnownFinding>,
    gaps: List<String>,
}

/// What is known.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Baseline {
    findings: BTreeMap<Fingerprint, KnownFinding>,
    gaps: BTreeSet<String>,
    scope: Scope,
}

/// How a report compares with a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// How the run ends.
    pub exit: Exit,
    /// Failures that the baseline knows.
    pub known_failures: usize,
    /// Unknowns that the baseline knows.
    pub known_unknowns: usize,
    /// Findings of the baseline that are no more.
    pub gone: usize,
    /// Findings of the baseline that this run did not look at, or could not.
    pub not_looked_at: usize,
    /// Failures and unknowns among the new ones that the baseline's run had not looked at, or could not.
    pub first_looked_at: usize,
}

impl BaselineDto {
    /// What is known after this run.
    pub fn of(saved: &SavedReport) -> Self {
        let known = saved.findings.iter().filter_map(|(fingerprint, entry)| {
            let detail = entry.detail.as_ref().filter(|detail| detail.waiver.is_none())?;
            Some(KnownFinding {
                rule_id: entry.rule.to_string(),
                subject: detail.subject.clone(),
                verdict: entry.verdict,
                fingerprint: fingerprint.to_string(),
            })
        });
        let mut findings: Vec<KnownFinding> = known.collect();
        findings.sort();
        Self {
            schema_version: SCHEMA_VERSION,
            findings,
            gaps: saved.gaps.clone(),
            scope: saved.scope.clone(),
        }
    }

    /// How many findings are known.
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    /// The JSON Schema of a baseline.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<Self>()
    }
}

impl Baseline {
    /// Reads a baseline.
    pub fn read(path: &Path) -> Result<Self, SavedReportError> {
        let invalid =
            |detail: String| SavedReportError::Invalid { path: path.to_owned(), what: "baseline", detail };
        let file: BaselineIn = json(path, "baseline")?;
        if file.schema_version.split('.').next() != Some("1") {
            return Err(SavedReportError::Version { path: path.to_owned(), version: file.schema_version });
        }
        let mut findings = BTreeMap::new();
        for known in file.findings.0 {
            let fingerprint = known.fingerprint.parse().map_err(|error: &str| invalid(error.to_owned()))?;
            if !matches!(known.verdict, Verdict::Fail | Verdict::Unknown) {
                return Err(invalid(format!("{fingerprint} is neither a failure nor unknown")));
            }
            findings.insert(fingerprint, known);
        }
        Ok(Self { findings, gaps: file.gaps.0.into_iter().collect(), scope: file.scope.unwrap_or_default() })
    }

    /// How a run ends that counts only what is not known. A failure that was unknown is new; so is an unknown that
    /// was a failure.
    pub fn judge(&self, report: &Report, gate: Gate) -> Comparison {
        let open: Vec<_> = report.failures_and_unknowns().collect();
        let unknown: BTreeMap<Fingerprint, Whose<'_>> = open
            .iter()
            .filter(|(_, finding)| finding.verdict == Verdict::Unknown)
            .filter_map(|(rule, finding)| {
                let found = fingerprint(&rule.id, &finding.subject).parse().ok()?;
                Some((found, Whose::of(&rule.id, &finding.subject)))
            })
            .collect();
        let was_unknown = |found: &Fingerprint| {
            self.findings.get(found).is_some_and(|known| known.verdict == Verdict::Unknown)
        };
        // What neither run could list hides nothing that the other found.
        let unlisted = unknown.iter().filter(|(found, _)| !was_unknown(found)).map(|(_, whose)| *whose);
        let unlisted = Unlisted::of(unlisted);
        let listed_since = self
            .findings
            .iter()
            .filter(|(found, known)| known.verdict == Verdict::Unknown && !unknown.contains_key(*found));
        let unlisted_before =
            Unlisted::of(listed_since.map(|(_, known)| known.subject.whose(&known.rule_id)));
        let (mut known_failures, mut known_unknowns, mut first_looked_at) = (0, 0, 0);
        let mut present = BTreeSet::new();
        let (mut failed, mut undecided) = (false, false);
        for (rule, finding) in &open {
            if finding.waiver.is_some() {
                continue;
            }
            let found = fingerprint(&rule.id, &finding.subject).parse::<Fingerprint>().ok();
            let before = found.and_then(|found| self.findings.get(&found));
            present.extend(found.filter(|_| before.is_some()));
            let is_known = before.is_some_and(|before| before.verdict == finding.verdict);
            let whose = Whose::of(&rule.id, &finding.subject);
            let is_first = before.is_none()
                && (unlisted_before.may_be(whose) || !self.scope.looked_at(whose, report.scope()));
            first_looked_at += usize::from(is_first);
            match finding.verdict {
                Verdict::Fail if is_known => known_failures += 1,
                Verdict::Fail => failed |= gate.fail_on.is_some_and(|least| rule.severity >= least),
                _ if is_known => known_unknowns += 1,
                _ => undecided = true,
            }
        }
        undecided |= report.gaps().iter().any(|gap| !self.gaps.contains(gap.id.as_str()));
        let exit = if failed {
            Exit::Failures
        } else if undecided && !gate.allow_incomplete {
            Exit::Incomplete
        } else {
            Exit::Complete
        };
        let absent = self.findings.iter().filter(|(fingerprint, _)| !present.contains(fingerprint));
        let (gone, not_looked_at): (Vec<_>, Vec<_>) = absent
            .map(|(_, known)| known.subject.whose(&known.rule_id))
            .partition(|whose| report.scope().looked_at(*whose, &self.scope) && !unlisted.may_be(*whose));
        Comparison {
            exit,
            known_failures,
            known_unknowns,
            gone: gone.len(),
            not_looked_at: not_looked_at.len(),
            first_looked_at,
        }
    }
}
