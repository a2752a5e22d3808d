//! Findings on their way into a call, as many as it takes.

use serde_json::Value;

/// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>
pub(super) const FINDINGS_IN_BATCH: usize = 100;
/// Security Hub takes 6 MB; the rest is what JSON on the wire adds to this program's estimate.
const BYTES_IN_BATCH: usize = 5_000_000;

/// As many findings as go into one call: one at least.
pub(super) type Full = Vec<Value>;

/// Findings that wait for their call.
#[derive(Debug, Default)]
pub(super) struct Batch {
    findings: Vec<Value>,
    bytes: usize,
}

impl Batch {
    /// Adds a finding; gives back what must go before it.
    pub(super) fn push(&mut self, finding: Value, bytes: usize) -> Option<Full> {
        let full = self.findings.len() == FINDINGS_IN_BATCH || self.bytes + bytes > BYTES_IN_BATCH;
        let before = if full { self.take() } else { None };
        self.findings.push(finding);
        self.bytes += bytes;
        before
    }

    /// Takes out what waits, if anything does.
    pub(super) fn take(&mut self) -> Option<Full> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.findings)).filter(|findings| !findings.is_empty())
    }
}
