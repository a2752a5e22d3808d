//! The verification as JSON: the frozen shape, which may only grow.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use super::IntegrityReport;
use crate::attestation::{AttestedCounts, LogsRead};
use crate::integrity::{ChainResult, Defect, TimeRange};
use crate::report::dto::{GapDto, Gaps};
use crate::report::json::write_lines;
use crate::severity::Severity;

/// Raised in its second part when a field is added, in its first when one changes or goes.
const SCHEMA_VERSION: &str = "1.0";

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Verification", title = "Trailproof verification of logs")]
struct VerificationDto<'a> {
    /// The version of this shape.
    schema_version: &'static str,
    /// What verified.
    tool: ToolDto,
    /// When it began.
    began: DateTime<Utc>,
    /// From when to when.
    range: RangeDto,
    /// Which logs were read.
    logs_read: LogsRead,
    /// Of a hundred, where only a part was read.
    sample_percent: Option<u8>,
    /// Nothing was left that could not be verified.
    complete: bool,
    /// Calls without whose answers chains may be missing here.
    #[schemars(with = "Vec<GapDto>")]
    gaps: Gaps<'a>,
    /// Over all chains.
    totals: TotalsDto,
    /// SHA-256 over every verified digest.
    root_hash: &'a str,
    /// One for each trail, account and region.
    chains: Vec<ChainDto<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
struct ToolDto {
    /// `trailproof`.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Range")]
struct RangeDto {
    /// The start, which is in it.
    from: DateTime<Utc>,
    /// The end, which is not.
    to: DateTime<Utc>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Totals")]
struct TotalsDto {
    /// Digests.
    digests: AttestedCounts,
    /// Logs.
    logs: AttestedCounts,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Chain")]
struct ChainDto<'a> {
    /// Whose logs.
    account_id: &'a str,
    /// Of which region.
    region: &'a str,
    /// The trail's name; null where no digest says it.
    trail: Option<&'a str>,
    /// The trail's home region.
    home_region: Option<&'a str>,
    /// The bucket.
    bucket: &'a str,
    /// What stands before `AWSLogs`.
    prefix: &'a str,
    /// The organization whose trail it is; null for an account's own.
    organization_id: Option<&'a str>,
    /// Digests, backfill among them.
    digests: AttestedCounts,
    /// Digests among them that were made later, for a time without any.
    backfill_digests: u64,
    /// Logs.
    logs: AttestedCounts,
    /// Logs that were left out of the sample.
    logs_not_sampled: u64,
    /// Time that valid digests cover.
    covered: Vec<RangeDto>,
    /// Time in which the trail did not log.
    stopped: Vec<RangeDto>,
    /// Time that digests should cover, and none does.
    missing: Vec<RangeDto>,
    /// Time whose digests are invalid.
    invalid: Vec<RangeDto>,
    /// Time whose digests cannot be verified.
    unverifiable: Vec<RangeDto>,
    /// What is amiss.
    defects: Vec<DefectDto<'a>>,
    /// SHA-256 over its verified digests.
    root_hash: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Defect")]
struct DefectDto<'a> {
    /// What kind of defect.
    kind: &'a str,
    /// How bad it is.
    severity: Severity,
    /// The object; null where time is meant.
    object: Option<ObjectDto<'a>>,
    /// Start of the time that it is about.
    from: Option<DateTime<Utc>>,
    /// End of the time that it is about.
    to: Option<DateTime<Utc>>,
    /// What should have been there.
    expected: Option<&'a str>,
    /// What was there.
    found: Option<&'a str>,
    /// For people.
    detail: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Object")]
struct ObjectDto<'a> {
    /// The bucket.
    bucket: &'a str,
    /// The key.
    key: &'a str,
}

/// The JSON Schema of the format.
pub fn schema() -> Schema {
    schema_for!(VerificationDto<'_>)
}

pub(super) fn render(report: &IntegrityReport, out: &mut dyn Write) -> io::Result<()> {
    let verification = &report.verification;
    let dto = VerificationDto {
        schema_version: SCHEMA_VERSION,
        tool: ToolDto { name: "trailproof", version: env!("CARGO_PKG_VERSION") },
        began: report.began,
        range: range(verification.range),
        logs_read: report.logs_read,
        sample_percent: report.sample_percent,
        complete: verification.complete,
        gaps: Gaps(&verification.gaps),
        totals: TotalsDto {
            digests: verification.totals.digests.into(),
            logs: verification.totals.logs.into(),
        },
        root_hash: &verification.root_hash,
        chains: verification.chains.iter().map(chain).collect(),
    };
    write_lines(&dto, out)
}

fn range(range: TimeRange) -> RangeDto {
    RangeDto { from: range.from, to: range.to }
}

fn chain(chain: &ChainResult) -> ChainDto<'_> {
    let ranges = |ranges: &[TimeRange]| ranges.iter().copied().map(range).collect();
    ChainDto {
        account_id: &chain.account_id,
        region: &chain.region,
        trail: chain.trail.as_deref(),
        home_region: chain.home_region.as_deref(),
        bucket: &chain.bucket,
        prefix: &chain.prefix,
        organization_id: chain.organization_id.as_deref(),
        digests: chain.digests.into(),
        backfill_digests: chain.backfill_digests,
        logs: chain.logs.into(),
        logs_not_sampled: chain.logs_not_sampled,
        covered: ranges(&chain.covered),
        stopped: ranges(&chain.stopped),
        missing: ranges(&chain.missing),
        invalid: ranges(&chain.invalid),
        unverifiable: ranges(&chain.unverifiable),
        defects: chain.defects.iter().map(defect).collect(),
        root_hash: &chain.root_hash,
    }
}

fn defect(defect: &Defect) -> DefectDto<'_> {
    DefectDto {
        kind: defect.kind.as_str(),
        severity: defect.severity,
        object: defect.object.as_ref().map(|object| ObjectDto { bucket: &object.bucket, key: &object.key }),
        from: defect.from,
        to: defect.to,
        expected: defect.expected.as_deref(),
        found: defect.found.as_deref(),
        detail: &defect.detail,
    }
}
