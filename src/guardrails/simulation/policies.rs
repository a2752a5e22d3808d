//! Policies as people paste them into a case: a document, its text, one with a name, or what the AWS CLI prints.

use std::sync::Arc;

use super::case_error::{CaseError, refuse};
use super::documents::Documents;
use super::fields::member;
use crate::policy::Json;
use crate::policy::{Document, PolicyKind};

/// A policy, by the name that it was given or its place.
#[derive(Debug)]
pub(super) struct CasePolicy {
    pub(super) name: Option<String>,
    pub(super) document: Arc<Document>,
}

/// The policies of the cases that were read.
#[derive(Debug)]
pub(super) struct Policies {
    pub(super) service_control: Documents,
    pub(super) resource_control: Documents,
    pub(super) of_principals: Documents,
    pub(super) of_resources: Documents,
}

impl Policies {
    pub(super) fn new() -> Self {
        Self {
            service_control: Documents::new(PolicyKind::ServiceControl),
            resource_control: Documents::new(PolicyKind::ResourceControl),
            of_principals: Documents::new(PolicyKind::IdentityBased),
            of_resources: Documents::new(PolicyKind::ResourceBased),
        }
    }
}

/// An array of policies, or one; `None` for anything else.
pub(super) fn policies(
    place: &str,
    json: &Json,
    documents: &Documents,
) -> Result<Option<Vec<CasePolicy>>, CaseError> {
    match json {
        Json::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(at, json)| policy(&format!("{place}[{at}]"), json, documents))
                .collect::<Result<_, _>>()
                .map(Some)
        }
        Json::Object(_) | Json::String(_) => Ok(Some(vec![policy(place, json, documents)?])),
        _ => Ok(None),
    }
}

/// What the AWS CLI wraps a policy in: of Organizations, S3, KMS, Lambda (`Policy`), IAM (`PolicyDocument`,
/// `PolicyVersion`, `Role`), Secrets Manager (`ResourcePolicy`), ECR (`policyText`), SNS and SQS (`Attributes`).
const WRAPPERS: [&str; 8] = [
    "Policy",
    "PolicyDocument",
    "PolicyVersion",
    "Role",
    "AssumeRolePolicyDocument",
    "ResourcePolicy",
    "policyText",
    "Attributes",
];

/// A document, its text, one with a name, or what the AWS CLI prints of it, such as `aws organizations describe-policy`
/// and `aws s3api get-bucket-policy`.
pub(super) fn policy(place: &str, json: &Json, documents: &Documents) -> Result<CasePolicy, CaseError> {
    let Json::Object(members) = json else {
        return Ok(CasePolicy { name: None, document: document(place, json, documents)? });
    };
    let wrapped = WRAPPERS.iter().find_map(|name| member(members, name));
    if member(members, "Statement").is_none()
        && let Some(inner @ (Json::Object(_) | Json::String(_))) = wrapped
    {
        return policy(place, inner, documents);
    }
    let inner = ["document", "Document", "content", "Content"].iter().find_map(|name| member(members, name));
    let Some(inner) = inner else {
        return Ok(CasePolicy { name: None, document: document(place, json, documents)? });
    };
    let summary = match member(members, "PolicySummary") {
        Some(Json::Object(summary)) => summary,
        _ => members,
    };
    let name = ["id", "name", "Id", "Name"].iter().find_map(|name| match member(summary, name) {
        Some(Json::String(text)) => Some(text.clone()),
        _ => None,
    });
    Ok(CasePolicy { name, document: document(place, inner, documents)? })
}

fn document(place: &str, json: &Json, documents: &Documents) -> Result<Arc<Document>, CaseError> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Object(_) => serde_json::to_string(json).map_err(|error| CaseError(error.to_string()))?,
        other => {
            return refuse(format!(
                "`{place}` must be a policy document, or its text in a string, not {}",
                other.kind()
            ));
        }
    };
    documents.read(text).map_err(|error| CaseError(format!("`{place}`: {error}")))
}
