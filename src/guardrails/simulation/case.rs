//! Reads one case: what is asked, of which policies. Lenient in how policies are pasted, exact in all else, since a
//! field that is misread would answer another question.
//!
//! [`super::fields`] reads single fields, [`super::policies`] the policies in them, [`super::own`] those beside the
//! organization's.

use std::collections::BTreeMap;

use super::super::named_action;
use super::case_error::{CaseError, refuse};
use super::documents::Documents;
use super::fields::{FIELDS, Members, account, context, is_account_id, known, member, required, text};
use super::own::OwnPolicies;
use super::policies::{CasePolicy, Policies, policies};
use crate::policy::{Arn, Json};

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
    Arn::parse(text).is_some()
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
