//! Between this program's findings and those that Security Hub answers with.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::aws::failure::{Failure, Retry};
use crate::model::GapReason;
use crate::model::security_finding::{PREFIX, Product, SecurityFinding};

/// A finding that an earlier run sent, as far as it decides what to do now.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) id: String,
    pub(crate) rule: String,
    /// Its workflow says so, whoever set it.
    pub(crate) suppressed: bool,
    /// It is not archived.
    pub(crate) active: bool,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) created_at: String,
    pub(crate) first_observed_at: String,
    /// All of it, for the case that it must be archived.
    whole: Map<String, Value>,
}

impl Earlier {
    /// A product field of this program's, by its name after [`PREFIX`].
    pub(crate) fn product_field(&self, name: &str) -> Option<&str> {
        self.whole.get("ProductFields")?.get(format!("{PREFIX}{name}"))?.as_str()
    }

    /// This program sent it to that product.
    pub(super) fn is_of(&self, product: &Product) -> bool {
        let of_product = self.whole.get("ProductArn").and_then(Value::as_str) == Some(&product.arn());
        self.id.starts_with(PREFIX) && of_product
    }
}

/// What Security Hub takes of one finding, in bytes.
pub(super) const LARGEST_FINDING: usize = 240 * 1024;

/// A finding as it is sent, and its length on the wire, in bytes.
pub(super) fn finding(finding: &SecurityFinding) -> Result<(Value, usize), serde_json::Error> {
    let size = serde_json::to_vec(finding)?.len();
    Ok((serde_json::to_value(finding)?, size))
}

/// What an earlier run sent. What the format lets a finding do without reads as what Security Hub takes it for: active,
/// and not suppressed.
pub(super) fn earlier(finding: Map<String, Value>) -> Result<Earlier, Failure> {
    let missing = |what: &str| {
        let detail = format!("the answer has no Findings[].{what}");
        Failure::new(GapReason::MalformedResponse, Retry::Never, &detail)
    };
    let optional = |name: &str| finding.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = |name: &str| optional(name).map(str::to_owned).ok_or_else(|| missing(name));
    let generator = text("GeneratorId")?;
    let created_at = text("CreatedAt")?;
    let updated_at = text("UpdatedAt")?;
    let workflow = finding.get("Workflow").and_then(|workflow| workflow.get("Status"));
    Ok(Earlier {
        id: text("Id")?,
        rule: generator.strip_prefix(PREFIX).unwrap_or(&generator).to_owned(),
        suppressed: workflow.and_then(Value::as_str) == Some("SUPPRESSED"),
        active: optional("RecordState") != Some("ARCHIVED"),
        updated_at: DateTime::parse_from_rfc3339(&updated_at).map_err(|_| missing("UpdatedAt"))?.to_utc(),
        first_observed_at: optional("FirstObservedAt").unwrap_or(&created_at).to_owned(),
        created_at,
        whole: finding,
    })
}

/// What an import may say of a finding that it has: all else is Security Hub's and its users' to set.
const IMPORTED: [&str; 19] = [
    "SchemaVersion",
    "Id",
    "ProductArn",
    "ProductName",
    "CompanyName",
    "GeneratorId",
    "AwsAccountId",
    "Types",
    "FirstObservedAt",
    "LastObservedAt",
    "CreatedAt",
    "Severity",
    "Title",
    "Description",
    "Remediation",
    "ProductFields",
    "Resources",
    "Compliance",
    "FindingProviderFields",
];

/// An earlier run's finding, to be archived: what Security Hub and its users set is left as it is.
pub(super) fn archived(earlier: Earlier, at: DateTime<Utc>) -> Value {
    let mut finding = earlier.whole;
    finding.retain(|name, _| IMPORTED.contains(&name.as_str()));
    if let Some(fields) = finding.get_mut("ProductFields").and_then(Value::as_object_mut) {
        fields.retain(|name, _| !name.starts_with("aws/"));
    }
    finding.insert("UpdatedAt".to_owned(), json!(at.to_rfc3339_opts(SecondsFormat::Millis, true)));
    finding.insert("RecordState".to_owned(), json!("ARCHIVED"));
    Value::Object(finding)
}
