//! The fields of a case, and how one is read: a field that is misread would answer another question. What fields hold
//! that are policies, [`super::policies`] reads.

use std::collections::BTreeMap;

use super::case_error::{CaseError, refuse};
use crate::policy::Json;

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

/// An object, field by field as it is written.
pub(super) type Members = [(String, Json)];

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A field that is given twice, or spelt almost like one that exists, is refused; any other is the user's own, such as a
/// name or what is expected.
pub(super) fn known(members: &Members, fields: &[&str], place: &str) -> Result<(), CaseError> {
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

/// The field of this name.
pub(super) fn member<'a>(members: &'a Members, name: &str) -> Option<&'a Json> {
    members.iter().find(|(found, _)| found == name).map(|(_, json)| json)
}

/// A text; null is as good as left out.
pub(super) fn text(members: &Members, name: &str) -> Result<Option<String>, CaseError> {
    match member(members, name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(other) => refuse(format!("`{name}` must be a string, not {}", other.kind())),
    }
}

/// A text that must be there.
pub(super) fn required(members: &Members, name: &str, what: &str) -> Result<String, CaseError> {
    match text(members, name)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => refuse(format!("`{name}` is missing: give {what}")),
    }
}

/// The number of an account.
pub(super) fn account(members: &Members, name: &str) -> Result<Option<String>, CaseError> {
    match text(members, name)? {
        Some(id) if !is_account_id(&id) => {
            refuse(format!("`{name}` is {id:?}; an account is twelve digits, as a string"))
        }
        id => Ok(id),
    }
}

/// The condition keys of the request.
pub(super) fn context(members: &Members) -> Result<BTreeMap<String, Vec<String>>, CaseError> {
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
