//! Between this program's findings and the SDK's.

use aws_sdk_securityhub::types as sdk;
use chrono::{DateTime, SecondsFormat, Utc};

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
    whole: Box<sdk::AwsSecurityFinding>,
}

impl Earlier {
    /// A product field of this program's, by its name after [`PREFIX`].
    pub(crate) fn product_field(&self, name: &str) -> Option<&str> {
        self.whole.product_fields.as_ref()?.get(&format!("{PREFIX}{name}")).map(String::as_str)
    }

    /// This program sent it to that product.
    pub(super) fn is_of(&self, product: &Product) -> bool {
        self.id.starts_with(PREFIX) && self.whole.product_arn.as_ref() == Some(&product.arn())
    }
}

/// What Security Hub takes of one finding, in bytes.
pub(super) const LARGEST_FINDING: usize = 240 * 1024;

/// A finding's length on the wire, in bytes, nearly.
pub(super) fn size(finding: &SecurityFinding) -> usize {
    serde_json::to_vec(finding).map_or(LARGEST_FINDING, |json| json.len())
}

/// A finding as the SDK has it.
pub(super) fn finding(finding: SecurityFinding) -> sdk::AwsSecurityFinding {
    let texts = |list: Vec<&str>| Some(list.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let [resource] = finding.resources;
    let resource = sdk::Resource::builder()
        .r#type(resource.kind)
        .id(resource.id)
        .set_partition(resource.partition.map(Into::into))
        .set_region(resource.region)
        .build();
    let label = sdk::SeverityLabel::from(finding.severity.label);
    let provided = finding.finding_provider_fields;
    let status_reasons = finding.compliance.status_reasons.into_iter().map(|reason| {
        sdk::StatusReason::builder().reason_code(reason.reason_code).description(reason.description).build()
    });
    let compliance = sdk::Compliance::builder()
        .status(finding.compliance.status.into())
        .set_related_requirements(Some(finding.compliance.related_requirements).filter(|all| !all.is_empty()))
        .set_status_reasons(Some(status_reasons.collect::<Vec<_>>()).filter(|all| !all.is_empty()))
        .build();
    let remediation = finding.remediation.map(|remediation| {
        let recommendation = sdk::Recommendation::builder()
            .text(remediation.recommendation.text)
            .set_url(remediation.recommendation.url)
            .build();
        sdk::Remediation::builder().recommendation(recommendation).build()
    });
    let note = finding.note.map(|note| {
        sdk::Note::builder().text(note.text).updated_by(note.updated_by).updated_at(note.updated_at).build()
    });
    sdk::AwsSecurityFinding::builder()
        .schema_version(finding.schema_version)
        .id(finding.id)
        .product_arn(finding.product_arn)
        .product_name(finding.product_name)
        .company_name(finding.company_name)
        .generator_id(finding.generator_id)
        .aws_account_id(finding.aws_account_id)
        .set_types(texts(finding.types))
        .first_observed_at(finding.first_observed_at)
        .last_observed_at(finding.last_observed_at)
        .created_at(finding.created_at)
        .updated_at(finding.updated_at)
        .severity(sdk::Severity::builder().label(label.clone()).original(finding.severity.original).build())
        .title(finding.title)
        .description(finding.description)
        .set_remediation(remediation)
        .set_product_fields(Some(finding.product_fields.into_iter().collect()))
        .resources(resource)
        .compliance(compliance)
        .workflow(sdk::Workflow::builder().status(finding.workflow.status.into()).build())
        .record_state(finding.record_state.into())
        .set_note(note)
        .finding_provider_fields(
            sdk::FindingProviderFields::builder()
                .severity(
                    sdk::FindingProviderSeverity::builder()
                        .label(label)
                        .original(provided.severity.original)
                        .build(),
                )
                .set_types(texts(provided.types))
                .build(),
        )
        .build()
}

/// What an earlier run sent. What the format lets a finding do without reads as what Security Hub takes it for: active,
/// and not suppressed.
pub(super) fn earlier(finding: sdk::AwsSecurityFinding) -> Result<Earlier, Failure> {
    let missing = |what: &str| {
        let detail = format!("the answer has no Findings[].{what}");
        Failure::new(GapReason::MalformedResponse, Retry::Never, &detail)
    };
    let text = |text: &Option<String>, what: &str| {
        text.clone().filter(|text| !text.is_empty()).ok_or_else(|| missing(what))
    };
    let generator = text(&finding.generator_id, "GeneratorId")?;
    let created_at = text(&finding.created_at, "CreatedAt")?;
    let updated_at = text(&finding.updated_at, "UpdatedAt")?;
    let workflow = finding.workflow.as_ref().and_then(|workflow| workflow.status.as_ref());
    Ok(Earlier {
        id: text(&finding.id, "Id")?,
        rule: generator.strip_prefix(PREFIX).unwrap_or(&generator).to_owned(),
        suppressed: workflow == Some(&sdk::WorkflowStatus::Suppressed),
        active: finding.record_state != Some(sdk::RecordState::Archived),
        updated_at: DateTime::parse_from_rfc3339(&updated_at).map_err(|_| missing("UpdatedAt"))?.to_utc(),
        first_observed_at: finding.first_observed_at.clone().unwrap_or_else(|| created_at.clone()),
        created_at,
        whole: Box::new(finding),
    })
}

/// An earlier run's finding, to be archived: what Security Hub and its users set is left as it is.
pub(super) fn archived(earlier: Earlier, at: DateTime<Utc>) -> sdk::AwsSecurityFinding {
    let finding = *earlier.whole;
    let fields = finding.product_fields.map(|mut fields| {
        fields.retain(|name, _| !name.starts_with("aws/"));
        fields
    });
    sdk::AwsSecurityFinding::builder()
        .set_schema_version(finding.schema_version)
        .set_id(finding.id)
        .set_product_arn(finding.product_arn)
        .set_product_name(finding.product_name)
        .set_company_name(finding.company_name)
        .set_generator_id(finding.generator_id)
        .set_aws_account_id(finding.aws_account_id)
        .set_types(finding.types)
        .set_first_observed_at(finding.first_observed_at)
        .set_last_observed_at(finding.last_observed_at)
        .set_created_at(finding.created_at)
        .updated_at(at.to_rfc3339_opts(SecondsFormat::Millis, true))
        .set_severity(finding.severity)
        .set_title(finding.title)
        .set_description(finding.description)
        .set_remediation(finding.remediation)
        .set_product_fields(fields)
        .set_resources(finding.resources)
        .set_compliance(finding.compliance)
        .record_state(sdk::RecordState::Archived)
        .set_finding_provider_fields(finding.finding_provider_fields)
        .build()
}
