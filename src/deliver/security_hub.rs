//! Decides which findings Security Hub gets; `crate::aws` sends them.
//!
//! Failures and undecided checks are imported. Of an earlier run's findings, those that pass now, and those whose
//! resource is gone, are archived; what is undecided now is not, nor what this run did not look at. A finding keeps its
//! identity, so that a second run changes it and makes no second one.

mod changes;

use std::fmt::Write as _;

use self::changes::{Changes, Present};
use super::DeliverError;
use crate::aws::failure::{Failure, scrub};
use crate::aws::security_hub::{self as hub, Refusal, SecurityHubError};
use crate::aws::waiter::{Unfinished, Waiter};
use crate::finding::Verdict;
use crate::model::security_finding::Product;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::Report;
use crate::report::asff::Importer;
use crate::report::text::{count, grouped};

/// The IAM actions that sending needs.
pub const ACTIONS: [&str; 3] =
    ["securityhub:BatchImportFindings", "securityhub:BatchUpdateFindings", "securityhub:GetFindings"];

/// What the caller must be allowed besides: an IAM policy document.
pub fn policy() -> serde_json::Value {
    serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "TrailproofSendFindings",
            "Effect": "Allow",
            "Action": ACTIONS,
            "Resource": "*",
        }],
    })
}

/// Refused findings that an error names.
const NAMED: usize = 20;

/// Security Hub in one region of the caller's account, found ready to take findings.
#[derive(Debug)]
pub struct SecurityHub(hub::SecurityHub);

/// What came of sending.
#[derive(Debug, Default)]
struct Outcome {
    imported: usize,
    archived: usize,
    /// Findings that a later run has sent already.
    newer: usize,
    refused: Vec<Refusal>,
}

impl SecurityHub {
    /// Asks who the caller is and whether Security Hub answers, before anything is collected.
    ///
    /// `region` is another than the caller's. Blocks until Security Hub has answered.
    pub fn open(
        settings: &CollectSettings,
        region: Option<&str>,
        waiter: Waiter,
    ) -> Result<Self, DeliverError> {
        hub::SecurityHub::open(settings, region, waiter).map(Self).map_err(failed)
    }

    /// Imports what is open, and archives what is resolved. Blocks until all of it is sent.
    pub fn send(&self, report: &Report, printer: &Printer) -> Result<(), DeliverError> {
        let outcome = self.send_all(report).map_err(failed)?;
        let Product { region, account_id, .. } = self.0.product();
        if outcome.newer > 0 {
            printer.warn(&format!(
                "Security Hub in {region} of account {account_id} has {} from a later run than this snapshot: they \
                 stay as they are",
                count(outcome.newer, "finding"),
            ));
        }
        if !outcome.refused.is_empty() {
            return Err(self.refused(&outcome));
        }
        printer.note(&format!(
            "Security Hub in {region} of account {account_id}: {} imported, {} archived",
            count(outcome.imported, "finding"),
            grouped(outcome.archived),
        ));
        Ok(())
    }

    fn send_all(&self, report: &Report) -> Result<Outcome, SecurityHubError> {
        let mut sending = self.0.begin();
        let mut present = Present::new(report);
        sending.each_earlier(|earlier| present.take(earlier))?;
        let Changes { kept, newer, gone, workflow } = present.changes();
        let mut outcome = Outcome { newer: newer.len(), ..Outcome::default() };
        let importer = Importer::new(report, self.0.product());
        for (rule, finding) in report.findings() {
            let open = matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
            let id = changes::identity(&rule.id, &finding.subject);
            let kept = kept.get(&id);
            if newer.contains(&id) || !(open || kept.is_some_and(|kept| kept.active)) {
                continue;
            }
            let mut sent = importer.finding(rule, &finding);
            if !open {
                sent.record_state = "ARCHIVED";
            }
            if let Some(kept) = kept {
                sent.created_at.clone_from(&kept.created_at);
                sent.first_observed_at.clone_from(&kept.first_observed_at);
            }
            *(if open { &mut outcome.imported } else { &mut outcome.archived }) += 1;
            sending.import(&sent)?;
        }
        for earlier in gone {
            outcome.archived += 1;
            sending.archive(earlier, report.taken_at())?;
        }
        for change in workflow {
            sending.set_workflow(&change.ids, change.note.as_ref())?;
        }
        outcome.refused = sending.finish()?;
        Ok(outcome)
    }

    fn refused(&self, outcome: &Outcome) -> DeliverError {
        let mut named = String::new();
        for refused in outcome.refused.iter().take(NAMED) {
            // Writing into a string cannot fail.
            let _ = write!(named, "\n  {}: {}", refused.id, refused.detail);
        }
        if outcome.refused.len() > NAMED {
            let _ = write!(named, "\n  and {} more", grouped(outcome.refused.len() - NAMED));
        }
        let Product { region, account_id, .. } = self.0.product();
        DeliverError::FindingsRefused {
            region: region.clone(),
            account_id: account_id.clone(),
            refused: outcome.refused.len(),
            sent: outcome.imported + outcome.archived,
            named,
        }
    }
}

/// What went wrong.
fn failed(error: SecurityHubError) -> DeliverError {
    match error {
        SecurityHubError::Refused { product, action, failure } => refusal(&product, action, &failure),
        SecurityHubError::Unfinished(Unfinished::Interrupted) => DeliverError::SecurityHubInterrupted,
        SecurityHubError::Caller(failure) => {
            DeliverError::SecurityHubSetup { detail: failure.detail, caller_is_unknown: true }
        }
        SecurityHubError::Unfinished(Unfinished::Runtime(source)) => DeliverError::Runtime(source),
        SecurityHubError::Finding(_) | SecurityHubError::Setup(_) => {
            DeliverError::SecurityHubSetup { detail: scrub(&error.to_string()), caller_is_unknown: false }
        }
    }
}

/// What was refused.
fn refusal(product: &Product, action: &'static str, failure: &Failure) -> DeliverError {
    let Product { region, account_id, .. } = product;
    DeliverError::SecurityHub {
        region: region.clone(),
        account_id: account_id.clone(),
        action,
        detail: failure.detail.clone(),
        refusal: super::Refusal::of(failure),
    }
}
