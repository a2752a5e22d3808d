//! Security Hub in one region, with the caller's own credentials: the audit role's sessions are read-only.
//!
//! What is sent, archived and suppressed is decided in [`crate::deliver`]; the calls are made here, one at a time: their
//! rate allows ten a second, and each takes about as long.

mod batch;
mod client;
mod convert;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use self::batch::{Batch, Full};
use self::client::Client;
use super::SetupError;
use super::failure::Failure;
use super::waiter::{Unfinished, Waiter};
use crate::model::security_finding::{Note, Product, SecurityFinding};
use crate::plan::CollectSettings;

pub(crate) use convert::Earlier;

/// Why something is not in Security Hub.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecurityHubError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// STS does not say who the caller is.
    #[error("{}", .0.detail)]
    Caller(Failure),
    #[error("{action}: {}", .failure.detail)]
    Refused { product: Box<Product>, action: &'static str, failure: Box<Failure> },
    #[error("a finding cannot be written as JSON: {0}")]
    Finding(#[from] serde_json::Error),
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// A finding that Security Hub did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Its identity there.
    pub(crate) id: String,
    /// Security Hub's code and message.
    pub(crate) detail: String,
}

/// Security Hub, found ready to take findings.
#[derive(Debug)]
pub(crate) struct SecurityHub {
    client: Client,
    waiter: Waiter,
}

/// Findings on their way. Blocks in each call until Security Hub has answered; Ctrl-C ends it, also where it comes
/// between two calls.
pub(crate) struct Sending<'a> {
    hub: &'a SecurityHub,
    batch: Batch,
    refusals: Vec<Refusal>,
}

impl SecurityHub {
    /// Asks who the caller is, and Security Hub for one finding. `region` is another than the caller's.
    ///
    /// Blocks until Security Hub has answered.
    pub(crate) fn open(
        settings: &CollectSettings,
        region: Option<&str>,
        waiter: Waiter,
    ) -> Result<Self, SecurityHubError> {
        let client = waiter.wait(Client::open(settings, region))?;
        Ok(Self { client, waiter })
    }

    /// Where findings go.
    pub(crate) fn product(&self) -> &Product {
        self.client.product()
    }

    /// Begins to send.
    pub(crate) fn begin(&self) -> Sending<'_> {
        Sending { hub: self, batch: Batch::default(), refusals: Vec::new() }
    }
}

impl Sending<'_> {
    /// All findings that earlier runs sent, archived ones too, one after the other.
    pub(crate) fn each_earlier(&mut self, take: impl FnMut(Earlier)) -> Result<(), SecurityHubError> {
        self.hub.waiter.wait(self.hub.client.each_earlier(take))
    }

    /// Imports a finding, with the others of its batch.
    pub(crate) fn import(&mut self, finding: &SecurityFinding) -> Result<(), SecurityHubError> {
        let (finding, size) = convert::finding(finding)?;
        let full = self.batch.push(finding, size);
        self.send(full)
    }

    /// Archives what an earlier run sent, as of a time.
    pub(crate) fn archive(&mut self, earlier: Earlier, at: DateTime<Utc>) -> Result<(), SecurityHubError> {
        let full = self.batch.push(convert::archived(earlier, at), convert::LARGEST_FINDING);
        self.send(full)
    }

    /// Suppresses findings for what the note says, or opens them again where there is none: an import cannot. All that
    /// is to be imported goes before.
    pub(crate) fn set_workflow(
        &mut self,
        ids: &[String],
        note: Option<&Note>,
    ) -> Result<(), SecurityHubError> {
        self.flush()?;
        let refused: BTreeSet<&str> = self.refusals.iter().map(|refusal| refusal.id.as_str()).collect();
        let there: Vec<&str> = ids.iter().map(String::as_str).filter(|id| !refused.contains(id)).collect();
        let refusals = self.hub.waiter.wait(self.hub.client.update(&there, note))?;
        self.refusals.extend(refusals);
        Ok(())
    }

    /// Sends what is left; gives back the findings that Security Hub did not take.
    pub(crate) fn finish(mut self) -> Result<Vec<Refusal>, SecurityHubError> {
        self.flush()?;
        Ok(self.refusals)
    }

    fn flush(&mut self) -> Result<(), SecurityHubError> {
        let rest = self.batch.take();
        self.send(rest)
    }

    fn send(&mut self, findings: Option<Full>) -> Result<(), SecurityHubError> {
        let Some(findings) = findings else { return Ok(()) };
        let refusals = self.hub.waiter.wait(self.hub.client.import(findings))?;
        self.refusals.extend(refusals);
        Ok(())
    }
}
