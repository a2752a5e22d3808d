//! The calls: to STS, for who the caller is, and to Security Hub.

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::batch::{FINDINGS_IN_BATCH, Full};
use super::convert::{self, Earlier};
use super::{Refusal, SecurityHubError};
use crate::aws::failure::{Failure, Retry, scrub};
use crate::aws::{configure, signed};
use crate::model::GapReason;
use crate::model::security_finding::{Note, PREFIX, Product};
use crate::plan::CollectSettings;

/// <https://docs.aws.amazon.com/securityhub/1.0/APIReference/>
const SECURITY_HUB: signed::Service = signed::Service::rest("SecurityHub", "securityhub");

const GET: &str = "securityhub:GetFindings";
const IMPORT: &str = "securityhub:BatchImportFindings";
const UPDATE: &str = "securityhub:BatchUpdateFindings";

const FINDINGS_ON_PAGE: i32 = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// A page of `GetFindings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    findings: Vec<Map<String, Value>>,
    next_token: Option<String>,
}

/// The answer of `BatchImportFindings`. There is no list where none was refused.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    success_count: Option<usize>,
    failed_findings: Option<Vec<FailedImport>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FailedImport {
    id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

/// The answer of `BatchUpdateFindings`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Updated {
    processed_findings: Option<Vec<Identifier>>,
    unprocessed_findings: Option<Vec<Unprocessed>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifier {
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unprocessed {
    finding_identifier: Option<Identifier>,
    error_code: Option<String>,
    error_message: Option<String>,
}

/// Security Hub in one region, by the caller's own credentials.
#[derive(Debug)]
pub(super) struct Client {
    hub: signed::Client,
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
        let region = config.region().map_or_else(String::new, ToString::to_string);
        let mut client = Self {
            hub: signed::Client::new(SECURITY_HUB, &config, &region),
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
    ) -> Result<(Vec<Map<String, Value>>, Option<String>), SecurityHubError> {
        let is = |comparison: &str, value: &str| json!([{ "Comparison": comparison, "Value": value }]);
        let body = json!({
            "Filters": { "ProductArn": is("EQUALS", &self.product.arn()), "GeneratorId": is("PREFIX", PREFIX) },
            "MaxResults": most,
            "NextToken": token,
        });
        let answer = self
            .attempt(|| self.hub.post::<Page>("GetFindings", "/findings", body.clone()))
            .await
            .map_err(|failure| self.refused(GET, failure))?;
        Ok((answer.findings, answer.next_token.filter(|token| !token.is_empty())))
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
        let (sent, body) = (findings.len(), json!({ "Findings": findings }));
        let answer = self
            .attempt(|| self.hub.post::<Imported>("BatchImportFindings", "/findings/import", body.clone()))
            .await
            .map_err(|failure| self.refused(IMPORT, failure))?;
        let failed = answer.failed_findings.into_iter().flatten();
        let refusals = failed.map(|failed| refusal(failed.id, failed.error_code, failed.error_message));
        all_answered(sent, answer.success_count, refusals).map_err(|failure| self.refused(IMPORT, failure))
    }

    /// Sets the workflow of findings: suppressed with a note, new without one.
    pub(super) async fn update(
        &self,
        ids: &[&str],
        note: Option<&Note>,
    ) -> Result<Vec<Refusal>, SecurityHubError> {
        let arn = self.product.arn();
        let status = if note.is_some() { "SUPPRESSED" } else { "NEW" };
        let mut refusals = Vec::new();
        for ids in ids.chunks(FINDINGS_IN_BATCH) {
            let identifiers: Vec<_> = ids.iter().map(|id| json!({ "Id": id, "ProductArn": arn })).collect();
            let note = note.map(|note| json!({ "Text": note.text, "UpdatedBy": note.updated_by }));
            let body = json!({
                "FindingIdentifiers": identifiers, "Workflow": { "Status": status }, "Note": note,
            });
            let send = || {
                self.hub.request::<Updated>(
                    "PATCH",
                    "BatchUpdateFindings",
                    "/findings/batchupdate",
                    body.clone(),
                )
            };
            let answer = self.attempt(send).await.map_err(|failure| self.refused(UPDATE, failure))?;
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
