//! Reads one case: what is asked, of which policies. Lenient in how policies are pasted, exact in all else, since a
//! field that is misread would answer another question.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::named_action;
use super::documents::Documents;
use super::json::Json;
use super::own::OwnPolicies;
use super::split::Broken;
use crate::policy::{Document, PolicyKind};

/// The fields of a case.
pub(super) const FIELDS: [&str; 13] = [
    "hierarchy",
    "principal",
    "action",
    "resource",
    "context",
    "managementAccountId",
    "orgId",
    "rcpHierarchy",
    "resourceAccount",
    "identityPolicies",
    "permissionsBoundary",
    "sessionPolicies",
    "resourcePolicy",
];

/// Deeper than AWS nests organizational units, which is five under the root.
const LEVEL_LIMIT: usize = 32;

/// A question to a hierarchy of policies.
#[derive(Debug)]
pub(super) struct Case {
    /// Service control policies, root first; `None` where the case has no such field.
    pub(super) hierarchy: Option<Vec<CaseLevel>>,
    /// Resource control policies of the resource's account.
    pub(super) rcp_hierarchy: Option<Vec<CaseLevel>>,
    /// An ARN or a service principal.
    pub(super) principal: String,
    /// `service:Action`.
    pub(super) action: String,
    /// An ARN, or `*`.
    pub(super) resource: String,
    /// Condition keys as they were typed.
    pub(super) context: BTreeMap<String, Vec<String>>,
    /// Twelve digits.
    pub(super) management_account_id: Option<String>,
    /// `o-` and its identity.
    pub(super) organization_id: Option<String>,
    /// Twelve digits.
    pub(super) resource_account: Option<String>,
    /// The policies of the caller and the resource.
    pub(super) own: OwnPolicies,
    /// What is not known of the action.
    pub(super) action_note: Option<String>,
}

/// The root, a unit or an account with what is attached to it.
#[derive(Debug)]
pub(super) struct CaseLevel {
    pub(super) id: String,
    pub(super) policies: Vec<CasePolicy>,
}

/// A policy, by the name that it was given or its place.
#[derive(Debug)]
pub(super) struct CasePolicy {
    pub(super) name: Option<String>,
    pub(super) document: Arc<Document>,
}

/// The policies of the cases that were read.
#[derive(Debug)]
pub(super) struct Policies {
    service_control: Documents,
    resource_control: Documents,
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

/// What is wrong with a case: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct CaseError(pub(super) String);

impl From<&Broken> for CaseError {
    fn from(broken: &Broken) -> Self {
        Self(broken.to_string())
    }
}

pub(super) fn refuse<T>(text: impl Into<String>) -> Result<T, CaseError> {
    Err(CaseError(text.into()))
}

pub(super) type Members = [(String, Json)];

impl Case {
    /// Reads a case from its text.
    pub(super) fn read(source: &[u8], policies: &Policies) -> Result<Self, CaseError> {
        let json: Json = match serde_json::from_slice(source) {
            Ok(json) => json,
            Err(error) => return refuse(format!("this is not JSON: {error}")),
        };
        let Json::Object(members) = &json else {
            return refuse(format!(
                "a case is an object with hierarchy, principal, action and resource, not {}",
                json.kind()
            ));
        };
        known(members, &FIELDS, "")?;
        let hierarchy = levels(members, "hierarchy", &policies.service_control)?;
        let rcp_hierarchy = levels(members, "rcpHierarchy", &policies.resource_control)?;
        let own = OwnPolicies::read(members, policies)?;
        let of_organization = [&hierarchy, &rcp_hierarchy].into_iter().flatten().any(|it| !it.is_empty());
        if !of_organization && own.are_none() {
            return refuse(
                "`hierarchy` is missing or has no levels: give the root, the organizational units and the account, root first, \
                 each with its policies",
            );
        }
        let mut case = Self {
            hierarchy,
            rcp_hierarchy,
            principal: required(members, "principal", "the ARN of a role, session, user or root user")?,
            action: required(members, "action", "one action, such as cloudtrail:StopLogging")?,
            resource: required(members, "resource", "one ARN, or * where the action takes no resource")?,
            context: context(members)?,
            management_account_id: account(members, "managementAccountId")?,
            organization_id: text(members, "orgId")?,
            resource_account: account(members, "resourceAccount")?,
            own,
            action_note: None,
        };
        case.check()?;
        case.action_note =
            named_action::check(&case.action).map_err(|refusal| CaseError(format!("`action`: {refusal}")))?;
        if let Some(asked) = named_action::log_group_as_asked(&case.action, &case.resource) {
            case.action_note = Some(named_action::log_group_note(&case.action, &asked));
            case.resource = asked;
        }
        Ok(case)
    }

    fn check(&self) -> Result<(), CaseError> {
        if !is_action(&self.action) {
            return refuse(format!(
                "`action` is {:?}; it must be one action with its service and without wildcards, such as \
                 cloudtrail:StopLogging",
                self.action
            ));
        }
        if self.resource != "*" && !has_segments(&self.resource) {
            return refuse(format!(
                "`resource` is {:?}; it must be an ARN such as arn:aws:s3:::bucket/key, or * where the action takes \
                 no resource",
                self.resource
            ));
        }
        match &self.organization_id {
            Some(id) if !id.starts_with("o-") => refuse(format!(
                "`orgId` is {id:?}; it must begin with o-, as aws organizations describe-organization says it"
            )),
            _ => Ok(()),
        }
    }
}

/// `service:Action`, without wildcards.
fn is_action(text: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split_once(':').is_some_and(|(service, name)| word(service) && word(name))
}

/// `arn:partition:service:region:account:resource`
fn has_segments(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A field that is given twice, or spelt almost like one that exists, is refused; any other is the user's own, such as a
/// name or what is expected.
fn known(members: &Members, fields: &[&str], place: &str) -> Result<(), CaseError> {
    for (at, (name, _)) in members.iter().enumerate() {
        if fields.contains(&name.as_str()) {
            if members.iter().take(at).any(|(before, _)| before == name) {
                return refuse(format!("{place}`{name}` is given twice"));
            }
        } else if let Some(meant) = fields.iter().find(|field| is_slip(name, field)) {
            return refuse(format!(
                "{place}`{name}` is no field here; did you mean `{meant}`? The fields are {}",
                fields.join(", ")
            ));
        }
    }
    Ok(())
}

/// Closer than the names that people give to fields of their own (`source`, `reason`) are to any field.
fn is_slip(name: &str, field: &str) -> bool {
    let name = name.replace(['_', '-'], "").to_lowercase();
    let is_near =
        |field: &str| strsim::damerau_levenshtein(&name, &field.to_lowercase()) <= (field.len() / 5).max(1);
    // `resourcePolicies` for `resourcePolicy`, and the other way round.
    let singular = field.strip_suffix("Policies").map(|stem| format!("{stem}Policy"));
    let plural = field.strip_suffix("Policy").map(|stem| format!("{stem}Policies"));
    is_near(field) || singular.or(plural).is_some_and(|other| is_near(&other))
}

pub(super) fn member<'a>(members: &'a Members, name: &str) -> Option<&'a Json> {
    members.iter().find(|(found, _)| found == name).map(|(_, json)| json)
}

/// A text; null is as good as left out.
fn text(members: &Members, name: &str) -> Result<Option<String>, CaseError> {
    match member(members, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => refuse(format!("`{name}` must be a string, not {}", other.kind())),
    }
}

fn required(members: &Members, name: &str, what: &str) -> Result<String, CaseError> {
    match text(members, name)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => refuse(format!("`{name}` is missing: give {what}")),
    }
}

fn account(members: &Members, name: &str) -> Result<Option<String>, CaseError> {
    match text(members, name)? {
        Some(id) if !is_account_id(&id) => {
            refuse(format!("`{name}` is {id:?}; an account is twelve digits, as a string"))
        }
        id => Ok(id),
    }
}

fn context(members: &Members) -> Result<BTreeMap<String, Vec<String>>, CaseError> {
    let keys = match member(members, "context") {
        None | Some(Json::Null) => return Ok(BTreeMap::new()),
        Some(Json::Object(keys)) => keys,
        Some(other) => {
            return refuse(format!("`context` must be an object of condition keys, not {}", other.kind()));
        }
    };
    let mut context = BTreeMap::new();
    for (key, json) in keys {
        if !key.contains(':') {
            return refuse(format!(
                "`context`: {key:?} is no condition key; they have a prefix, such as aws:SourceIp"
            ));
        }
        let values = match json {
            Json::Array(items) => items.iter().map(|item| value(key, item)).collect::<Result<_, _>>()?,
            single => vec![value(key, single)?],
        };
        // Condition keys are case-insensitive, so that two spellings are one key.
        if context.insert(key.to_ascii_lowercase(), values).is_some() {
            return refuse(format!(
                "`context`: `{key}` is given twice; keys differ by more than upper and lower case"
            ));
        }
    }
    Ok(context)
}

fn value(key: &str, json: &Json) -> Result<String, CaseError> {
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Null => {
            refuse(format!("`context`: `{key}` is null; leave out a key that the request does not carry"))
        }
        other => refuse(format!(
            "`context`: `{key}` must be a string or an array of strings, not {}",
            other.kind()
        )),
    }
}

fn levels(
    members: &Members,
    field: &str,
    documents: &Documents,
) -> Result<Option<Vec<CaseLevel>>, CaseError> {
    let items = match member(members, field) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Array(items)) => items,
        Some(other) => {
            return refuse(format!("`{field}` must be an array of levels, root first, not {}", other.kind()));
        }
    };
    if items.len() > LEVEL_LIMIT {
        return refuse(format!("`{field}` has {} levels; at most {LEVEL_LIMIT} are read", items.len()));
    }
    let levels: Vec<CaseLevel> = items
        .iter()
        .enumerate()
        .map(|(at, json)| level(&format!("{field}[{at}]"), json, documents))
        .collect::<Result<_, _>>()?;
    let above = levels.iter().take(levels.len().saturating_sub(1));
    if let Some(level) = above.into_iter().find(|level| is_account_id(&level.id)) {
        return refuse(format!(
            "`{field}`: account {} is not the last level. Give the root first, the account last",
            level.id
        ));
    }
    for (at, level) in levels.iter().enumerate() {
        if levels.iter().take(at).any(|above| above.id == level.id) {
            return refuse(format!("`{field}`: the level {:?} is given twice", level.id));
        }
    }
    Ok(Some(levels))
}

fn level(place: &str, json: &Json, documents: &Documents) -> Result<CaseLevel, CaseError> {
    let Json::Object(members) = json else {
        return refuse(format!("`{place}` must be an object with id and policies, not {}", json.kind()));
    };
    known(members, &["id", "policies"], &format!("`{place}`: "))?;
    let id = match member(members, "id") {
        Some(Json::String(id)) if !id.is_empty() => id.clone(),
        _ => {
            return refuse(format!(
                "`{place}.id` must be a string, such as r-1234, ou-1234-5678 or twelve digits"
            ));
        }
    };
    let attached = member(members, "policies");
    let attached =
        attached.map(|json| policies(&format!("{place}.policies"), json, documents)).transpose()?;
    let Some(policies) = attached.flatten() else {
        return refuse(format!(
            "`{place}.policies` must be an array of policies; [] is a level that allows nothing, since nothing is attached"
        ));
    };
    Ok(CaseLevel { id, policies })
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
