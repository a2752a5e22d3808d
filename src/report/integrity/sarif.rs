//! Defects as SARIF, one result each. As in the report of a scan, a chain is a path that no file has.

use std::io::{self, Write};

use serde_sarif::sarif::{
    ArtifactLocation, Location, LogicalLocation, PhysicalLocation, PropertyBag, Region,
    ReportingConfiguration, ReportingDescriptor, Result as SarifResult, ResultKind, ResultLevel, Run,
    RunAutomationDetails, Sarif as SarifLog, Tool,
};

use super::{IntegrityReport, address, trail_of};
use crate::integrity::{ChainResult, Defect, DefectKind};
use crate::model::stable_digest;
use crate::report::sarif::{RESULTS_IN_FILE, SCHEMA_ADDRESS, descriptor, invocation, location, message};
use crate::report::{json, text};
use crate::severity::Severity;

pub(super) fn render(report: &IntegrityReport, out: &mut dyn Write) -> io::Result<()> {
    let defects = report.worst_first();
    let results: Vec<SarifResult> =
        defects.iter().take(RESULTS_IN_FILE).map(|(chain, defect)| result(chain, defect)).collect();
    let driver = descriptor::driver(DefectKind::ALL.iter().map(|kind| rule(*kind)).collect());
    let mut properties = PropertyBag::builder().build();
    properties
        .additional_properties
        .insert("root_hash".to_owned(), report.verification.root_hash.as_str().into());
    properties.additional_properties.insert("defects".to_owned(), defects.len().into());
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .automation_details(RunAutomationDetails::builder().id("trailproof/verify-logs/").build())
        .invocations(vec![invocation(report.complete(), &report.verification.gaps)])
        .column_kind("utf16CodeUnits")
        .results(results)
        .properties(properties)
        .build();
    let log = SarifLog::builder().schema(SCHEMA_ADDRESS).version("2.1.0").runs(vec![run]).build();
    json::write_lines(&log, out)
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
    }
}

fn rule(kind: DefectKind) -> ReportingDescriptor {
    let mut properties = PropertyBag::builder()
        .tags(["security", "aws", "audit-logging", "log-integrity"].map(str::to_owned))
        .build();
    if let Some(number) = descriptor::security_severity(kind.severity()) {
        properties.additional_properties.insert("security-severity".to_owned(), number.into());
    }
    let level = match level(kind.severity()) {
        ResultLevel::Error => "error",
        ResultLevel::Warning => "warning",
        _ => "note",
    };
    ReportingDescriptor::builder()
        .id(kind.as_str())
        .name(descriptor::name_of(kind.as_str()))
        .short_description(descriptor::text(kind.meaning()))
        .full_description(descriptor::text(kind.meaning()))
        .help(descriptor::text(kind.meaning()))
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .properties(properties)
        .build()
}

fn result(chain: &ChainResult, defect: &Defect) -> SarifResult {
    let kind = defect.kind.as_str();
    let object = address(defect);
    let time =
        |time: Option<chrono::DateTime<chrono::Utc>>| time.map_or_else(String::new, |time| time.to_rfc3339());
    let identity = stable_digest(
        &[
            kind,
            &chain.bucket,
            &chain.prefix,
            &chain.account_id,
            &chain.region,
            trail_of(chain),
            object.as_deref().unwrap_or_default(),
            &time(defect.from),
            &time(defect.to),
        ],
        32,
    );
    let mut said = format!("{}: {}", kind, defect.detail);
    if let Some(object) = &object {
        said = format!("{said} ({object})");
    }
    let mut result = SarifResult::builder()
        .message(message(&said))
        .locations(vec![place(chain, object.as_deref())])
        .partial_fingerprints([("primaryLocationLineHash".to_owned(), identity)])
        .build();
    result.rule_id = Some(kind.to_owned());
    result.rule_index =
        (0..).zip(DefectKind::ALL.iter()).find(|(_, known)| **known == defect.kind).map(|(place, _)| place);
    if defect.kind == DefectKind::Unverifiable {
        result.kind = Some(ResultKind::Open);
    } else {
        result.kind = Some(ResultKind::Fail);
        result.level = Some(level(defect.severity));
    }
    result
}

fn place(chain: &ChainResult, object: Option<&str>) -> Location {
    let organization = chain.organization_id.as_deref().unwrap_or("no-organization");
    let parts =
        [organization, &chain.account_id, &chain.region, "cloudtrail", "digest-chain", trail_of(chain)];
    let parts: Vec<String> = parts.into_iter().map(location::part).collect();
    let physical = PhysicalLocation::builder()
        .artifact_location(ArtifactLocation::builder().uri(format!("aws/{}", parts.join("/"))).build())
        .region(Region::builder().start_line(1).start_column(1).end_line(1).end_column(2).build())
        .build();
    let whole = format!("s3://{}/{}", chain.bucket, chain.prefix);
    let logical = LogicalLocation::builder()
        .name(text::fit(trail_of(chain), 256))
        .fully_qualified_name(text::fit(object.unwrap_or(&whole), 2_048))
        .kind("resource")
        .build();
    Location::builder().physical_location(physical).logical_locations(vec![logical]).build()
}
