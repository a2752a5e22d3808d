//! Sends findings to Security Hub, with the caller's own credentials: the audit role's sessions are read-only.
//!
//! Failures and undecided checks are imported. Of an earlier run's findings, those that pass now, and those whose
//! resource is gone, are archived; what is undecided now is not, nor what this run did not look at. A finding keeps its
//! identity, so that a second run changes it and makes no second one.

mod changes;
mod client;
mod convert;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use tokio::runtime::Runtime;

use self::changes::{Changes, Present};
use self::client::{Batch, Client, Refusal};
use super::DeliverError;
use crate::aws::failure::Failure;
use crate::aws::interrupted;
use crate::finding::Verdict;
use crate::model::GapReason;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::Report;
use crate::report::asff::{Importer, Product};
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
pub struct SecurityHub {
    /// `None` once it has been shut down.
    runtime: Option<Runtime>,
    client: Client,
}

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
    pub fn open(settings: &CollectSettings, region: Option<&str>) -> Result<Self, DeliverError> {
        let start = |source| DeliverError::SecurityHubSetup { detail: format!("{source}") };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(start)?;
        let client = run(&runtime, Client::open(settings, region))?;
        Ok(Self { runtime: Some(runtime), client })
    }

    /// Imports what is open, and archives what is resolved. Blocks until all of it is sent.
    pub fn send(&self, report: &Report, printer: &Printer) -> Result<(), DeliverError> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        let outcome = run(runtime, self.send_all(report))?;
        let Product { region, account_id, .. } = self.client.product();
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

    async fn send_all(&self, report: &Report) -> Result<Outcome, DeliverError> {
        let client = &self.client;
        let changes = {
            let mut present = Present::new(report);
            client
                .each_earlier(|earlier| present.take(earlier))
                .await
                .map_err(|failure| refusal(client.product(), "securityhub:GetFindings", &failure))?;
            present.changes()
        };
        let Changes { kept, newer, gone, workflow } = changes;
        let mut outcome = Outcome { newer: newer.len(), ..Outcome::default() };
        let importer = Importer::new(report, client.product());
        let mut batch = Batch::default();
        for (rule, finding) in report.findings() {
            let open = matches!(finding.verdict, Verdict::Fail | Verdict::Unknown);
            let mut converted = None;
            let id = changes::identity(&rule.id, &finding.subject);
            if newer.contains(&id) {
                continue;
            }
            if open {
                converted = Some(importer.finding(rule, finding));
            } else if kept.get(&id).is_some_and(|kept| kept.active) {
                let mut resolved = importer.finding(rule, finding);
                resolved.record_state = "ARCHIVED";
                converted = Some(resolved);
            }
            let Some(mut converted) = converted else { continue };
            if let Some(kept) = kept.get(&id) {
                converted.created_at.clone_from(&kept.created_at);
                converted.first_observed_at.clone_from(&kept.first_observed_at);
            }
            *(if open { &mut outcome.imported } else { &mut outcome.archived }) += 1;
            let size = convert::size(&converted);
            if let Some(full) = batch.push(convert::finding(converted), size) {
                self.import(full, &mut outcome).await?;
            }
        }
        for finding in gone {
            outcome.archived += 1;
            if let Some(full) = batch.push(convert::archived(finding, report), convert::LARGEST_FINDING) {
                self.import(full, &mut outcome).await?;
            }
        }
        self.import(batch.rest(), &mut outcome).await?;
        let not_there: BTreeSet<String> = outcome.refused.iter().map(|refused| refused.id.clone()).collect();
        for change in workflow {
            let refused = client
                .update(&change, &not_there)
                .await
                .map_err(|failure| refusal(client.product(), "securityhub:BatchUpdateFindings", &failure))?;
            outcome.refused.extend(refused);
        }
        Ok(outcome)
    }

    async fn import(&self, findings: client::Full, outcome: &mut Outcome) -> Result<(), DeliverError> {
        if findings.is_empty() {
            return Ok(());
        }
        let refused =
            self.client.import(findings).await.map_err(|failure| {
                refusal(self.client.product(), "securityhub:BatchImportFindings", &failure)
            })?;
        outcome.refused.extend(refused);
        Ok(())
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
        let Product { region, account_id, .. } = self.client.product();
        DeliverError::FindingsRefused {
            region: region.clone(),
            account_id: account_id.clone(),
            refused: outcome.refused.len(),
            sent: outcome.imported + outcome.archived,
            named,
        }
    }
}

impl Drop for SecurityHub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A call that hangs must not hold up the end.
            runtime.shutdown_background();
        }
    }
}

fn run<T>(runtime: &Runtime, work: impl Future<Output = Result<T, DeliverError>>) -> Result<T, DeliverError> {
    runtime.block_on(async {
        let stop =
            interrupted().map_err(|error| DeliverError::SecurityHubSetup { detail: format!("{error}") })?;
        tokio::select! {
            result = Box::pin(work) => result,
            () = stop => Err(DeliverError::SecurityHubInterrupted),
        }
    })
}

/// What was refused, and what to do about it.
fn refusal(product: &Product, action: &'static str, failure: &Failure) -> DeliverError {
    let Product { region, account_id, .. } = product;
    let way_out = match (failure.code.as_deref(), failure.reason) {
        (Some("InvalidAccessException"), _) => format!(
            "Enable Security Hub in {region} of account {account_id}, or name another region with --security-hub-region"
        ),
        (_, GapReason::AccessDenied) => format!(
            "Let the caller do {action} (trailproof iam-policy --security-hub prints all that is needed), and see \
             that no guardrail denies it"
        ),
        (_, GapReason::CredentialsRejected) => {
            "Sign in (aws sso login, aws login), or choose other credentials with AWS_PROFILE".to_owned()
        }
        (_, GapReason::Unreachable | GapReason::Timeout) => {
            "Check the network, the proxy (HTTPS_PROXY), the region and the endpoint".to_owned()
        }
        (_, GapReason::Throttled | GapReason::ServerError) => {
            "Try again later: what was sent is not sent twice".to_owned()
        }
        (_, GapReason::MalformedResponse) => "Check the endpoint and the proxy".to_owned(),
        _ => "Write --format asff=FILE instead, and import that".to_owned(),
    };
    DeliverError::SecurityHub {
        region: region.clone(),
        account_id: account_id.clone(),
        action,
        detail: failure.detail.clone(),
        way_out,
    }
}
