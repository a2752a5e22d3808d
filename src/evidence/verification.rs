//! What came of verifying a bundle, for people and as JSON.

use std::fmt;
use std::io::{self, Write};

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::counts::Counts;
use super::digest::FileDigest;
use super::statement::Run;
use crate::report::Format;
use crate::report::json::write_lines;
use crate::report::table::{Layout, paragraph};
use crate::report::text::escape;

/// Raised in its second part when a field is added, in its first when one changes or goes.
const SCHEMA_VERSION: &str = "1.0";
/// Problems of one check that the table names.
const NAMED: usize = 20;
/// Columns before what belongs to a check.
const INDENT: usize = 2;

/// A format that a verification is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl Format for VerificationFormat {
    const ALL: &'static [Self] = &[Self::Table, Self::Json];

    fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Table => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// What came of it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Trailproof evidence verification")]
pub struct Verification {
    /// The version of this shape.
    schema_version: &'static str,
    /// Nothing failed.
    pub verified: bool,
    /// The version of the program that verified.
    verifier_version: &'static str,
    /// The bundle's file; null if it could not be read to its end.
    pub bundle: Option<FileDigest>,
    /// The key that signed, by the SHA-256 of its `SubjectPublicKeyInfo`; null if none of the given ones did.
    pub signed_by: Option<String>,
    /// What the signer says of the run; null if nothing is signed.
    pub run: Option<Run>,
    /// What the bundled rules find now; null if they were not run.
    pub found: Option<Counts>,
    /// What was checked, in this order.
    pub checks: Vec<Check>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The archive is whole, and in the form that bundles have.
    Archive,
    /// The statement is signed by a given key.
    Signature,
    /// The files are those that are signed.
    Files,
    /// The time stamp.
    Timestamp,
    /// The place in the ledger, and the ledger itself.
    Ledger,
    /// The bundled rules, beside those of this program.
    Rules,
    /// The bundled rules find the same in the bundled snapshot.
    Findings,
    /// The bundled reports are what this program makes of the findings.
    Reports,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it must be.
    Verified,
    /// Not as it must be.
    Failed,
    /// Nobody knows.
    NotChecked,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What was checked.
    pub subject: Subject,
    /// How it ended.
    pub outcome: Outcome,
    /// In a sentence.
    pub summary: String,
    /// What is wrong.
    pub problems: Vec<String>,
    /// What is worth knowing, and no failure.
    pub notes: Vec<String>,
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Archive => "archive",
            Self::Signature => "signature",
            Self::Files => "files",
            Self::Timestamp => "time stamp",
            Self::Ledger => "ledger",
            Self::Rules => "rules",
            Self::Findings => "findings",
            Self::Reports => "reports",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Verified => "verified",
            Self::Failed => "FAILED",
            Self::NotChecked => "not checked",
        })
    }
}

impl Check {
    pub(super) fn verified(subject: Subject, summary: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Verified, summary, Vec::new())
    }

    pub(super) fn not_checked(subject: Subject, summary: impl Into<String>) -> Self {
        Self::new(subject, Outcome::NotChecked, summary, Vec::new())
    }

    pub(super) fn failed(subject: Subject, summary: impl Into<String>, problems: Vec<String>) -> Self {
        Self::new(subject, Outcome::Failed, summary, problems)
    }

    fn new(subject: Subject, outcome: Outcome, summary: impl Into<String>, problems: Vec<String>) -> Self {
        Self { subject, outcome, summary: summary.into(), problems, notes: Vec::new() }
    }

    /// With what is worth knowing.
    pub(super) fn noting(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            verified: false,
            verifier_version: env!("CARGO_PKG_VERSION"),
            bundle: None,
            signed_by: None,
            run: None,
            found: None,
            checks: Vec::new(),
        }
    }
}

impl Verification {
    /// The JSON Schema.
    pub fn schema() -> Schema {
        schemars::SchemaGenerator::default().into_root_schema_for::<Self>()
    }

    /// Writes it.
    pub fn render(&self, format: VerificationFormat, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        match format {
            VerificationFormat::Json => write_lines(self, out),
            VerificationFormat::Table => self.table(layout, out),
        }
    }

    fn table(&self, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", if self.verified { "VERIFIED" } else { "NOT VERIFIED" })?;
        if let Some(run) = &self.run {
            let organization = run.organization.as_deref().unwrap_or("no organization");
            writeln!(
                out,
                "  {}, collected {}",
                escape(organization),
                run.taken_at.format("%Y-%m-%d %H:%M UTC")
            )?;
            let Counts { pass, fail, waived, unknown, .. } = run.counts;
            let complete = if run.complete { "complete" } else { "not complete" };
            writeln!(out, "  {pass} passed, {fail} failed ({waived} waived), {unknown} unknown: {complete}")?;
            let scope = match &run.scope {
                Some(scope) => scope.lines().join("; "),
                None => "not recorded by the release that made the bundle".to_owned(),
            };
            let narrower = Layout { width: layout.width.saturating_sub(INDENT), ..layout };
            for line in paragraph(narrower, &escape(&format!("scope: {scope}"))) {
                writeln!(out, "{:INDENT$}{line}", "")?;
            }
            if let Some(redaction) = &run.redaction {
                writeln!(out, "  redacted: {}", redaction.level.as_str())?;
            }
            writeln!(
                out,
                "  by trailproof {}, executable SHA-256 {}",
                escape(&run.tool.version),
                escape(&run.tool.executable_sha256)
            )?;
        }
        if let Some(bundle) = &self.bundle {
            writeln!(out, "  bundle SHA-256 {}", bundle.sha256)?;
        }
        writeln!(out)?;
        for check in &self.checks {
            writeln!(out, "{:<12} {:<12} {}", check.outcome, check.subject, escape(&check.summary))?;
            for problem in check.problems.iter().take(NAMED) {
                writeln!(out, "    - {}", escape(problem))?;
            }
            if check.problems.len() > NAMED {
                writeln!(
                    out,
                    "    - and {} more: --format json names them all",
                    check.problems.len() - NAMED
                )?;
            }
            for note in &check.notes {
                let narrower = Layout { width: layout.width.saturating_sub(INDENT), ..layout };
                for line in paragraph(narrower, &escape(note)) {
                    writeln!(out, "{:INDENT$}{line}", "")?;
                }
            }
        }
        Ok(())
    }
}
