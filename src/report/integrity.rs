//! What a verification of the archive found, in each format: `table` for people, `json` for programs, `sarif` for code
//! scanning, `html` for a first look at when what was verified.

mod html;
mod json;
mod sarif;
mod table;

use std::cmp::Reverse;
use std::io::{self, Write};

use chrono::{DateTime, Utc};

pub use json::schema;

use super::Format;
use super::table::Layout;
use crate::attestation::{Attestation, LogsRead, is_valid};
use crate::integrity::{ArchivePlace, ChainResult, Defect, DefectKind, Sample, Verification, Verified};
use crate::model::{Gap, GapReason};
use crate::severity::Severity;

/// A format that the integrity of an archive is reported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntegrityFormat {
    /// For people.
    Table,
    /// For programs: everything.
    Json,
    /// For code scanning.
    Sarif,
    /// A calendar for each account and region.
    Html,
}

impl Format for IntegrityFormat {
    const ALL: &'static [Self] = &[Self::Table, Self::Json, Self::Sarif, Self::Html];

    fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Html => "html",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Table => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Sarif => "application/sarif+json",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Everything that a format renders.
#[derive(Debug)]
pub struct IntegrityReport {
    began: DateTime<Utc>,
    places: Vec<ArchivePlace>,
    logs_read: LogsRead,
    sample_percent: Option<u8>,
    verification: Verification,
}

impl From<Verified> for IntegrityReport {
    fn from(verified: Verified) -> Self {
        let Verified { began, places, sample, verification } = verified;
        let (logs_read, sample_percent) = match sample {
            Sample::All => (LogsRead::All, None),
            Sample::Percent { percent, .. } => (LogsRead::Sample, Some(percent)),
            Sample::DigestsOnly => (LogsRead::None, None),
        };
        Self { began, places, logs_read, sample_percent, verification }
    }
}

impl IntegrityReport {
    /// Everything that was asked for could be verified.
    pub fn complete(&self) -> bool {
        self.verification.complete
    }

    /// The worst defect, if there is any.
    pub fn worst_defect(&self) -> Option<Severity> {
        self.defects().map(|(_, defect)| defect.severity).max()
    }

    /// The worst defect that is certain: not one that could merely not be verified.
    pub fn worst_failure(&self) -> Option<Severity> {
        let certain = self.defects().filter(|(_, defect)| defect.kind != DefectKind::Unverifiable);
        certain.map(|(_, defect)| defect.severity).max()
    }

    /// For the rules, and for auditors.
    pub fn attestation(&self) -> Attestation {
        Attestation::new(self.began, &self.verification, self.logs_read, self.sample_percent)
    }

    fn defects(&self) -> impl Iterator<Item = (&ChainResult, &Defect)> {
        let chains = self.verification.chains.iter();
        chains.flat_map(|chain| chain.defects.iter().map(move |defect| (chain, defect)))
    }

    /// The worst defects first, then in the order of the chains.
    fn worst_first(&self) -> Vec<(&ChainResult, &Defect)> {
        let mut defects: Vec<_> = self.defects().collect();
        defects.sort_by_key(|(_, defect)| Reverse(defect.severity));
        defects
    }

    /// Chains with something amiss first, the worst before the others.
    fn chains_worst_first(&self) -> Vec<&ChainResult> {
        let worst = |chain: &ChainResult| {
            let severity = chain.defects.iter().map(|defect| defect.severity).max();
            (!is_valid(chain), severity.unwrap_or(Severity::Info))
        };
        let mut chains: Vec<&ChainResult> = self.verification.chains.iter().collect();
        chains.sort_by_key(|chain| Reverse(worst(chain)));
        chains
    }

    /// Writes it.
    pub fn render(&self, kind: IntegrityFormat, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        match kind {
            IntegrityFormat::Table => table::render(self, layout, out),
            IntegrityFormat::Json => json::render(self, out),
            IntegrityFormat::Sarif => sarif::render(self, out),
            IntegrityFormat::Html => html::render(self, out),
        }
    }
}

/// What keeps the verification from being complete, in words.
fn lack(gap: &Gap) -> String {
    // What a listing does not show is no call that failed.
    if gap.reason == GapReason::NotCollected {
        return gap.detail.clone();
    }
    let Gap { service, operation, detail, .. } = gap;
    format!("{service}:{operation} did not answer, so that accounts may be missing here: {detail}")
}

/// The chain's trail, where a digest says it.
fn trail_of(chain: &ChainResult) -> &str {
    chain.trail.as_deref().unwrap_or("unknown trail")
}

/// An object's address.
fn address(defect: &Defect) -> Option<String> {
    defect.object.as_ref().map(|object| format!("s3://{}/{}", object.bucket, object.key))
}
