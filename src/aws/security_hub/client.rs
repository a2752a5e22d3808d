//! The calls: to STS, for who the caller is, and to Security Hub.

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

use super::answered::Answered;
use super::batch::{FINDINGS_IN_BATCH, Full};
use super::convert::{self, Earlier};
use super::{Refusal, SecurityHubError};
use crate::aws::configure;
use crate::aws::failure::{Failure, Retry, scrub};
use crate::model::GapReason;
use crate::model::security_finding::{Note, PREFIX, Product};
use crate::plan::CollectSettings;

const GET: &str = "securityhub:GetFindings";
const IMPORT: &str = "securityhub:BatchImportFindings";
const UPDATE: &str = "securityhub:BatchUpdateFindings";

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

impl Client {
    /// Asks who the caller is, and Security Hub for one finding.
    pub(super) async fn open(
        settings: &CollectSettings,
        region: Option<&str>,
    ) -> Result<Self, SecurityHubError> {
        let mut config = configure(settings).await?;
        if let Some(region) = region {
            config = config.into_builder().region(Region::new(region.to_owned())).build();
        }
        let own = aws_sdk_securityhub::config::Builder::from(&config).interceptor(Answered).build();
        let region = config.region().map_or_else(String::new, ToString::to_string);
        let mut client = Self {
            hub: aws_sdk_securityhub::Client::from_conf(own),
            product: Product { partition: String::new(), region, account_id: String::new() },
            max_attempts: settings.max_attempts,
            time_limit: settings.call_time_limit,
        };
        client.product = client.identify(&config).await.map_err(SecurityHubError::Caller)?;
        client.page(1, None).await?;
        Ok(client)
    }

    async fn identify(&self, config: &SdkConfig) -> Result<Product, Failure> {
        let sts = aws_sdk_sts::Client::new(config);
        let answer = self.attempt(|| sts.get_caller_identity().send()).await?;
        let arn = answer.arn.ok_or_else(|| malformed("the caller's identity has no ARN"))?;
        let partition = arn.split(':').nth(1);
        let partition = partition.ok_or_else(|| malformed("the caller's identity has no partition"))?;
        let account_id = answer.account.ok_or_else(|| malformed("the caller's identity has no account"))?;
        Ok(Product { partition: partition.to_owned(), account_id, region: self.product.region.clone() })
    }

    /// Where findings go.
    pub(super) fn product(&self) -> &Product {
        &self.product
    }

    fn refused(&self, action: &'static str, failure: Failure) -> SecurityHubError {
        let product = Box::new(self.product.clone());
        SecurityHubError::Refused { product, action, failure: Box::new(failure) }
    }

    async fn page(
        &self,
        most: i32,
        token: Option<String>,
    ) -> Result<(Vec<AwsSecurityFinding>, Option<String>), SecurityHubError> {
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
                    .max_results(most)
                    .set_next_token(token.clone())
                    .send()
            })
            .await
            .map_err(|failure| self.refused(GET, failure))?;
        let findings = answer.findings.ok_or_else(|| malformed("the answer has no Findings"));
        let findings = findings.map_err(|failure| self.refused(GET, failure))?;
        Ok((findings, answer.next_token.filter(|token| !token.is_empty())))
    }

    /// All findings that earlier runs sent, archived ones too, one after the other.
    pub(super) async fn each_earlier(&self, mut take: impl FnMut(Earlier)) -> Result<(), SecurityHubError> {
        let mut token = None;
        let mut seen = BTreeSet::new();
        loop {
            let (findings, next) = self.page(FINDINGS_ON_PAGE, token).await?;
            for finding in findings {
                let earlier = convert::earlier(finding).map_err(|failure| self.refused(GET, failure))?;
                // An emulator may take no notice of the filters; a mistake here would archive what others found.
                if earlier.is_of(&self.product) {
                    take(earlier);
                }
            }
            match &next {
                None => return Ok(()),
                Some(next) if !seen.insert(next.clone()) => {
                    return Err(self.refused(GET, malformed("the pages of findings go round in a circle")));
                }
                Some(_) => token = next,
            }
        }
    }

    /// Imports findings; gives back those that Security Hub did not take.
    pub(super) async fn import(&self, findings: Full) -> Result<Vec<Refusal>, SecurityHubError> {
        let answer = self
            .attempt(|| self.hub.batch_import_findings().set_findings(Some(findings.clone())).send())
            .await
            .map_err(|failure| self.refused(IMPORT, failure))?;
        // There is no list where none was refused.
        let failed = answer.failed_findings.into_iter().flatten();
        let refusals = failed.map(|failed| refusal(failed.id, failed.error_code, failed.error_message));
        let taken = answer.success_count.and_then(|taken| usize::try_from(taken).ok());
        all_answered(findings.len(), taken, refusals).map_err(|failure| self.refused(IMPORT, failure))
    }

    /// Sets the workflow of findings: suppressed with a note, new without one.
    pub(super) async fn update(
        &self,
        ids: &[&str],
        note: Option<&Note>,
    ) -> Result<Vec<Refusal>, SecurityHubError> {
        let arn = self.product.arn();
        let identify = |id: &&str| AwsSecurityFindingIdentifier::builder().id(*id).product_arn(&arn).build();
        let status = if note.is_some() { WorkflowStatus::Suppressed } else { WorkflowStatus::New };
        let note =
            note.map(|note| NoteUpdate::builder().text(&note.text).updated_by(&note.updated_by).build());
        let mut refusals = Vec::new();
        for ids in ids.chunks(FINDINGS_IN_BATCH) {
            let identifiers: Vec<_> = ids.iter().map(identify).collect();
            let answer = self
                .attempt(|| {
                    self.hub
                        .batch_update_findings()
                        .set_finding_identifiers(Some(identifiers.clone()))
                        .workflow(WorkflowUpdate::builder().status(status.clone()).build())
                        .set_note(note.clone())
                        .send()
                })
                .await
                .map_err(|failure| self.refused(UPDATE, failure))?;
            let refused = answer.unprocessed_findings.into_iter().flatten().map(|failed| {
                let id = failed.finding_identifier.and_then(|identifier| identifier.id);
                refusal(id, failed.error_code, failed.error_message)
            });
            let taken = answer.processed_findings.map(|processed| processed.len());
            refusals.extend(
                all_answered(ids.len(), taken, refused).map_err(|failure| self.refused(UPDATE, failure))?,
            );
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

fn malformed(detail: &str) -> Failure {
    Failure::new(GapReason::MalformedResponse, Retry::Never, detail)
}

fn refusal(id: Option<String>, code: Option<String>, message: Option<String>) -> Result<Refusal, Failure> {
    let detail = [code, message].into_iter().flatten().collect::<Vec<_>>().join(": ");
    match id.filter(|id| !id.is_empty()) {
        Some(id) => Ok(Refusal { id, detail: scrub(&detail) }),
        None => Err(malformed(&format!("the answer does not say which finding it refuses: {detail}"))),
    }
}

/// The refusals, where with what was taken they are as many as were sent.
fn all_answered(
    sent: usize,
    taken: Option<usize>,
    refusals: impl Iterator<Item = Result<Refusal, Failure>>,
) -> Result<Vec<Refusal>, Failure> {
    let refusals = refusals.collect::<Result<Vec<_>, _>>()?;
    let taken = taken.ok_or_else(|| malformed("the answer does not say how many findings were taken"))?;
    if taken + refusals.len() < sent {
        let detail = format!("of {sent} findings {taken} were taken, and {} refused", refusals.len());
        return Err(malformed(&detail));
    }
    Ok(refusals)
}
