//! What changed between two runs, by fingerprint.

mod markdown;
mod table;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::exit::{Exit, Gate};
use crate::finding::Verdict;
use crate::report::scope::Unlisted;
use crate::report::table::Layout;
use crate::report::{Format, Scope, json};
use crate::saved_report::{Detail, Entry, Fingerprint, SavedReport, SavedSubject};
use crate::severity::Severity;

/// Raised in its second part when a field is added, in its first when one changes or goes.
pub const SCHEMA_VERSION: &str = "1.2";

/// A format that differences are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For comments and job summaries.
    Markdown,
}

impl Format for DiffFormat {
    const ALL: &'static [Self] = &[Self::Table, Self::Json, Self::Markdown];

    fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Table => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }
}

/// What changed between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "Trailproof differences")]
pub struct Diff {
    /// The version of this shape.
    schema_version: &'static str,
    /// The runs that are compared.
    pub runs: Runs,
    /// Failures that were none before: they passed, were unknown, did not apply, or were not there.
    pub appeared: Vec<Change>,
    /// What was no unknown before and is one now: a failure among them may still be there.
    pub newly_unknown: Vec<Change>,
    /// Failures and unknowns that stayed, and of which something else changed.
    pub changed: Vec<Change>,
    /// Failures and unknowns that are neither any more.
    pub gone: Vec<Change>,
    /// Failures and unknowns of what the run before had not looked at, or could not: they may be old.
    pub looked_at_first: Vec<Change>,
    /// Failures and unknowns of what this run did not look at, or could not: they may still be there.
    pub no_longer_looked_at: Vec<Change>,
    /// Failures and unknowns that stayed as they were.
    pub unchanged: usize,
    /// Rules that ran only once, with what they found then left out: it neither appeared nor went.
    pub not_compared: BTreeSet<Arc<str>>,
    /// What either run looked at, where the two differ in it.
    pub scopes: Option<Scopes>,
}

/// Two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Runs {
    /// The run before.
    pub before: Run,
    /// This run.
    pub now: Run,
    /// The run before was taken after this one: what appears is what is gone since.
    pub backwards: bool,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Run {
    /// When collecting began.
    pub taken_at: DateTime<Utc>,
    /// The organization, `o-` and its identity; null for an account that is in none, or where it could not be read.
    pub organization_id: Option<String>,
}

impl Runs {
    fn of(old: &SavedReport, new: &SavedReport) -> Self {
        let run = |saved: &SavedReport| Run {
            taken_at: saved.taken_at,
            organization_id: saved.organization_id.clone(),
        };
        Self { before: run(old), now: run(new), backwards: old.taken_at > new.taken_at }
    }

    /// For people: which runs, and that they are the wrong way round.
    fn line(&self) -> String {
        let time = |run: &Run| run.taken_at.format("%Y-%m-%d %H:%M:%S UTC");
        let order = if self.backwards {
            ". The run given first is the later one: what is said to appear is gone since. Give the earlier one first"
        } else {
            ""
        };
        format!("Before: {}, now: {}{order}", time(&self.before), time(&self.now))
    }
}

/// What two runs looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scopes {
    /// The run before.
    pub before: Scope,
    /// This run.
    pub now: Scope,
}

/// A finding that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The finding's identity.
    pub fingerprint: String,
    /// The rule.
    pub rule_id: Arc<str>,
    /// The rule's severity now, or as it was.
    pub severity: Severity,
    /// What it is about.
    pub subject: SavedSubject,
    /// The verdict before; null where there was no such finding.
    pub before: Option<Verdict>,
    /// The verdict now; null where there is no such finding.
    pub now: Option<Verdict>,
    /// For people: the message now, or as it was.
    pub message: String,
    /// The message before, if it is another.
    pub message_before: Option<String>,
    /// What changed besides the verdict: severity, message, evidence, waiver.
    pub differs: Vec<&'static str>,
    /// The waiver that covers it now.
    pub waiver: Option<String>,
}

fn is_open(entry: &Entry) -> bool {
    matches!(entry.verdict, Verdict::Fail | Verdict::Unknown)
}

impl Diff {
    /// Compares two runs.
    pub fn of(old: &SavedReport, new: &SavedReport) -> Self {
        let (unlisted_before, unlisted_now) = (old.unlisted_beside(new), new.unlisted_beside(old));
        let mut diff = Self {
            schema_version: SCHEMA_VERSION,
            runs: Runs::of(old, new),
            appeared: Vec::new(),
            newly_unknown: Vec::new(),
            changed: Vec::new(),
            gone: Vec::new(),
            looked_at_first: Vec::new(),
            no_longer_looked_at: Vec::new(),
            unchanged: 0,
            not_compared: old.rules.symmetric_difference(&new.rules).cloned().collect(),
            scopes: (old.scope != new.scope)
                .then(|| Scopes { before: old.scope.clone(), now: new.scope.clone() }),
        };
        let looked_at = |scope: &Scope, unlisted: &Unlisted<'_>, entry: &Entry, other: &Scope| {
            entry.detail.as_ref().is_none_or(|detail| {
                let whose = detail.subject.whose(&entry.rule);
                scope.looked_at(whose, other) && !unlisted.may_be(whose)
            })
        };
        for (fingerprint, now) in &new.findings {
            if is_open(now) && !diff.not_compared.contains(&now.rule) {
                let before = old.findings.get(fingerprint);
                if before.is_none() && !looked_at(&old.scope, &unlisted_before, now, &new.scope) {
                    diff.looked_at_first.extend(change(*fingerprint, None, Some(now)));
                } else {
                    diff.add(*fingerprint, before, now);
                }
            }
        }
        for (fingerprint, before) in &old.findings {
            let now = new.findings.get(fingerprint);
            if is_open(before) && !now.is_some_and(is_open) && !diff.not_compared.contains(&before.rule) {
                let is_gone = now.is_some() || looked_at(&new.scope, &unlisted_now, before, &old.scope);
                let list = if is_gone { &mut diff.gone } else { &mut diff.no_longer_looked_at };
                list.extend(change(*fingerprint, Some(before), now));
            }
        }
        for list in [
            &mut diff.appeared,
            &mut diff.newly_unknown,
            &mut diff.changed,
            &mut diff.gone,
            &mut diff.looked_at_first,
            &mut diff.no_longer_looked_at,
        ] {
            list.sort_by(|one, other| one.order().cmp(&other.order()));
        }
        diff
    }

    /// Sorts in a failure or an unknown.
    fn add(&mut self, fingerprint: Fingerprint, before: Option<&Entry>, now: &Entry) {
        let Some(change) = change(fingerprint, before, Some(now)) else { return };
        if change.before == change.now {
            if change.differs.is_empty() {
                self.unchanged += 1;
            } else {
                self.changed.push(change);
            }
        } else if now.verdict == Verdict::Unknown {
            self.newly_unknown.push(change);
        } else {
            self.appeared.push(change);
        }
    }

    /// How a run that found this ends. What a waiver covers does not count.
    pub fn judge(&self, gate: Gate) -> Exit {
        let counts = |change: &Change| {
            change.waiver.is_none() && gate.fail_on.is_some_and(|least| change.severity >= least)
        };
        // Nobody has accepted what was looked at for the first time, and what is no longer looked at may still be there.
        let mut new = self.appeared.iter().chain(&self.looked_at_first);
        let is_unknown = |change: &Change| change.now == Some(Verdict::Unknown);
        if new.any(|change| change.now == Some(Verdict::Fail) && counts(change)) {
            Exit::Failures
        } else if !gate.allow_incomplete
            && (!self.newly_unknown.is_empty()
                || self.looked_at_first.iter().any(is_unknown)
                || !self.no_longer_looked_at.is_empty())
        {
            Exit::Incomplete
        } else {
            Exit::Complete
        }
    }

    /// Writes it in a format.
    pub fn render(&self, format: DiffFormat, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        match format {
            DiffFormat::Table => table::render(self, layout, out),
            DiffFormat::Json => json::write_lines(self, out),
            DiffFormat::Markdown => markdown::render(self, out),
        }
    }

    /// The lists, with what they are called and what they say.
    fn lists(&self) -> [(&'static str, &'static str, &[Change]); 6] {
        [
            ("Appeared", "failures that were none before", &self.appeared),
            ("Newly unknown", "what could be decided before, or was not there", &self.newly_unknown),
            ("Changed", "failures and unknowns that say something else", &self.changed),
            ("Gone", "failures and unknowns that are none any more", &self.gone),
            (
                "Looked at for the first time",
                "failures and unknowns where the run before had not looked, or could not",
                &self.looked_at_first,
            ),
            (
                "No longer looked at",
                "failures and unknowns that may still be there: this run did not look, or could not",
                &self.no_longer_looked_at,
            ),
        ]
    }

    /// The JSON Schema of differences.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<Self>()
    }
}

fn change(fingerprint: Fingerprint, before: Option<&Entry>, now: Option<&Entry>) -> Option<Change> {
    let is_told = |entry: Option<&Entry>| entry.is_some_and(|entry| entry.detail.is_some());
    let shown = if is_told(now) { now? } else { before? };
    let detail = shown.detail.as_deref()?;
    let before_detail = before.and_then(|entry| entry.detail.as_deref());
    let differs = match (before, before_detail, now) {
        (Some(before), Some(then), Some(now)) if is_open(now) => {
            let waiver = |detail: &Detail| detail.waiver.clone();
            let parts = [
                ("severity", before.severity != now.severity),
                ("message", then.message != detail.message),
                ("evidence", then.evidence != detail.evidence),
                ("waiver", waiver(then) != waiver(detail)),
            ];
            parts.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
        }
        _ => Vec::new(),
    };
    Some(Change {
        fingerprint: fingerprint.to_string(),
        rule_id: Arc::clone(&shown.rule),
        severity: shown.severity,
        subject: detail.subject.clone(),
        before: before.map(|entry| entry.verdict),
        now: now.map(|entry| entry.verdict),
        message: detail.message.clone(),
        message_before: before_detail
            .map(|then| &then.message)
            .filter(|message| **message != detail.message)
            .cloned(),
        differs,
        waiver: now.and_then(|entry| entry.detail.as_ref()?.waiver.clone()),
    })
}

impl Change {
    fn order(&self) -> (Reverse<Severity>, &str, &SavedSubject, &str) {
        (Reverse(self.severity), &self.rule_id, &self.subject, &self.fingerprint)
    }

    /// `pass → fail`
    fn verdicts(&self) -> String {
        let word = |verdict: Option<Verdict>| verdict.map_or("none", Verdict::as_str);
        if self.before == self.now {
            format!("{}: {}", word(self.now), self.differs.join(", "))
        } else {
            format!("{} → {}", word(self.before), word(self.now))
        }
    }
}
