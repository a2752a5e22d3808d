//! The calls to Security Hub, one at a time: its rate allows ten a second, and each takes about as long.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_securityhub::types::{
    AwsSecurityFinding, AwsSecurityFindingFilters, AwsSecurityFindingIdentifier, NoteUpdate, StringFilter,
    StringFilterComparison, WorkflowStatus, WorkflowUpdate,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::changes::{Earlier, WorkflowChange};
use super::convert;
use super::{DeliverError, refusal};
use crate::aws::failure::{Failure, Retry, scrub};
use crate::model::GapReason;
use crate::plan::CollectSettings;
use crate::report::asff::{PREFIX, Product};

/// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>
const FINDINGS_IN_BATCH: usize = 100;
/// Security Hub takes 6 MB; the rest is what JSON on the wire adds to this program's estimate.
const BYTES_IN_BATCH: usize = 5_000_000;
const FINDINGS_ON_PAGE: i32 = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// Security Hub in one region, by the caller's own credentials.
#[derive(Debug)]
pub(super) struct Client {
    hub: aws_sdk_securityhub::Client,
    product: Product,
    max_attempts: u32,
    time_limit: Duration,
}

/// A finding that Security Hub did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Its identity there.
    pub(super) id: String,
    /// Security Hub's code and message.
    pub(super) detail: String,
}

/// As many findings as go into one call.
pub(super) type Full = Vec<AwsSecurityFinding>;

/// Findings on their way into a call.
#[derive(Debug, Default)]
pub(super) struct Batch {
    findings: Vec<AwsSecurityFinding>,
    bytes: usize,
}

impl Batch {
    /// Adds a finding; gives back what must go before it.
    pub(super) fn push(&mut self, finding: AwsSecurityFinding, bytes: usize) -> Option<Full> {
        let full = self.findings.len() == FINDINGS_IN_BATCH || self.bytes + bytes > BYTES_IN_BATCH;
        let before = (full && !self.findings.is_empty()).then(|| {
            self.bytes = 0;
            std::mem::take(&mut self.findings)
        });
        self.findings.push(finding);
        self.bytes += bytes;
        before
    }

    /// What is left.
    pub(super) fn rest(self) -> Full {
        self.findings
    }
}

impl Client {
    /// Asks who the caller is, and Security Hub for one finding.
    pub(super) async fn open(settings: &CollectSettings, region: Option<&str>) -> Result<Self, DeliverError> {
        let setup = |detail: String| DeliverError::SecurityHubSetup { detail };
        let mut config =
            crate::aws::configure(settings).await.map_err(|error| setup(scrub(&error.to_string())))?;
        if let Some(region) = region {
            config = config.into_builder().region(Region::new(region.to_owned())).build();
        }
        let region = config.region().map_or_else(String::new, ToString::to_string);
        let mut client = Self {
            hub: aws_sdk_securityhub::Client::new(&config),
            product: Product { partition: String::new(), region, account_id: String::new() },
            max_attempts: settings.max_attempts,
            time_limit: settings.call_time_limit,
        };
        client.product = client.identify(&config).await.map_err(|failure| {
            setup(format!(
                "{}. Sign in (aws sso login, aws login), or choose credentials with --profile or AWS_PROFILE",
                failure.detail
            ))
        })?;
        client
            .page(Some(1), None)
            .await
            .map_err(|failure| refusal(&client.product, "securityhub:GetFindings", &failure))?;
        Ok(client)
    }

    async fn identify(&self, config: &SdkConfig) -> Result<Product, Failure> {
        let sts = aws_sdk_sts::Client::new(config);
        let answer = self.attempt(|| sts.get_caller_identity().send()).await?;
        let arn = answer.arn.unwrap_or_default();
        match (arn.split(':').nth(1), answer.account) {
            (Some(partition), Some(account_id)) => Ok(Product {
                partition: partition.to_owned(),
                account_id,
                region: self.product.region.clone(),
            }),
            _ => Err(Failure::new(
                GapReason::MalformedResponse,
                Retry::Never,
                "the caller's identity has no account",
            )),
        }
    }

    /// Where findings go.
    pub(super) fn product(&self) -> &Product {
        &self.product
    }

    async fn page(
        &self,
        most: Option<i32>,
        token: Option<String>,
    ) -> Result<(Vec<AwsSecurityFinding>, Option<String>), Failure> {
        let is =
            |comparison, value: &str| StringFilter::builder().comparison(comparison).value(value).build();
        let filters = AwsSecurityFindingFilters::builder()
            .product_arn(is(StringFilterComparison::Equals, &self.product.arn()))
            .generator_id(is(StringFilterComparison::Prefix, PREFIX))
            .build();
        let answer = self
            .attempt(|| {
                self.hub
                    .get_findings()
                    .filters(filters.clone())
                    .set_max_results(most)
                    .set_next_token(token.clone())
                    .send()
            })
            .await?;
        let missing =
            || Failure::new(GapReason::MalformedResponse, Retry::Never, "the answer has no Findings");
        Ok((answer.findings.ok_or_else(missing)?, answer.next_token.filter(|token| !token.is_empty())))
    }

    /// All findings that earlier runs sent, archived ones too, one after the other.
    pub(super) async fn each_earlier(&self, mut take: impl FnMut(Earlier)) -> Result<(), Failure> {
        let mut token = None;
        let mut seen = BTreeSet::new();
        loop {
            let (findings, next) = self.page(Some(FINDINGS_ON_PAGE), token).await?;
            for finding in findings {
                let earlier = convert::earlier(finding)?;
                // An emulator may take no notice of the filters; a mistake here would archive what others found.
                if earlier.is_of(&self.product) {
                    take(earlier);
                }
            }
            match &next {
                None => return Ok(()),
                Some(next) if !seen.insert(next.clone()) => {
                    let detail = "the pages of findings go round in a circle";
                    return Err(Failure::new(GapReason::MalformedResponse, Retry::Never, detail));
                }
                Some(_) => token = next,
            }
        }
    }

    /// Imports findings; gives back those that Security Hub did not take.
    pub(super) async fn import(&self, findings: Full) -> Result<Vec<Refusal>, Failure> {
        let sent = findings.len();
        let answer = self
            .attempt(|| self.hub.batch_import_findings().set_findings(Some(findings.clone())).send())
            .await?;
        let refused: Vec<Refusal> = answer
            .failed_findings
            .unwrap_or_default()
            .into_iter()
            .map(|failed| refused(failed.id, failed.error_code, failed.error_message))
            .collect();
        let taken = usize::try_from(answer.success_count.unwrap_or(0)).unwrap_or(0);
        if taken + refused.len() < sent {
            let detail = format!("of {sent} findings {taken} were taken, and {} refused", refused.len());
            return Err(Failure::new(GapReason::MalformedResponse, Retry::Never, &detail));
        }
        Ok(refused)
    }

    /// Sets the workflow of findings, which an import cannot; `not_there` are not in Security Hub.
    pub(super) async fn update(
        &self,
        change: &WorkflowChange,
        not_there: &BTreeSet<String>,
    ) -> Result<Vec<Refusal>, Failure> {
        let arn = self.product.arn();
        let identify = |id: &String| AwsSecurityFindingIdentifier::builder().id(id).product_arn(&arn).build();
        let identifiers: Vec<_> =
            change.ids.iter().filter(|id| !not_there.contains(*id)).map(identify).collect();
        let mut refusals = Vec::new();
        for identifiers in identifiers.chunks(FINDINGS_IN_BATCH) {
            let status = if change.note.is_some() { WorkflowStatus::Suppressed } else { WorkflowStatus::New };
            let note = change
                .note
                .as_ref()
                .map(|note| NoteUpdate::builder().text(&note.text).updated_by(&note.updated_by).build());
            let answer = self
                .attempt(|| {
                    self.hub
                        .batch_update_findings()
                        .set_finding_identifiers(Some(identifiers.to_vec()))
                        .workflow(WorkflowUpdate::builder().status(status.clone()).build())
                        .set_note(note.clone())
                        .send()
                })
                .await?;
            refusals.extend(answer.unprocessed_findings.unwrap_or_default().into_iter().map(|failed| {
                let id = failed.finding_identifier.and_then(|identifier| identifier.id);
                refused(id, failed.error_code, failed.error_message)
            }));
        }
        Ok(refusals)
    }

    /// Makes a call, and again as often as the settings allow: what was imported may be imported again.
    async fn attempt<T, E, F>(&self, send: impl Fn() -> F) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut attempt = 1;
        loop {
            // On the heap: a call of the SDK is large.
            let failure = match tokio::time::timeout(self.time_limit, Box::pin(send())).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => Failure::from_sdk(&error),
                Err(_) => Failure::new(GapReason::Timeout, Retry::Soon, "no answer in time"),
            };
            if failure.retry == Retry::Never || attempt >= self.max_attempts {
                return Err(failure);
            }
            let longest = FIRST_PAUSE.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
            tokio::time::sleep(longest.mul_f64(1.0 - fastrand::f64() / 2.0)).await;
            attempt += 1;
        }
    }
}

fn refused(id: Option<String>, code: Option<String>, message: Option<String>) -> Refusal {
    let detail = [code, message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    Refusal { id: id.unwrap_or_default(), detail: scrub(&detail) }
}
