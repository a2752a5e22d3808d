//! Whether the role by which a trail writes to its log group can do so.
//!
//! Follows "Sending events to CloudWatch Logs" of the CloudTrail user guide. Only what certainly fails is told: a
//! condition whose outcome nobody can foresee is left to the times of delivery.

mod policies;

pub(in crate::facts) use policies::gaps;
use policies::parsed;

use super::text;
use crate::facts::Index;
use crate::facts::derived::join;
use crate::facts::view::Derived;
use crate::model::{Gaps, Observed, Role, Trail};
use crate::policy::audit;
use crate::policy::{Context, Document, Effect, Principal, Request, Truth};

const ACTIONS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// What keeps the role from writing, in words; `None` where nothing does, or where there is no log group.
pub(super) fn defect(index: &Index, account_id: &str, trail: &Trail) -> Derived<Option<String>> {
    let Some(log_group_arn) = text(trail, |settings| &settings.log_group_arn)? else { return Ok(None) };
    let Some(role) = trail.log_group_role.get()? else {
        return Ok(Some("it names no role that exists".to_owned()));
    };
    let streams = streams(index, account_id, trail, &log_group_arn);
    let mut unknown = None;
    for answer in [trust(account_id, role), permission(role, account_id, &streams)] {
        match answer {
            Ok(None) => {}
            Ok(defect) => return Ok(defect),
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// The log streams that CloudTrail may write to: the account's, and as an organization trail the organization's.
fn streams(index: &Index, account_id: &str, trail: &Trail, log_group_arn: &str) -> Vec<String> {
    let group = log_group_arn.strip_suffix(":*").unwrap_or(log_group_arn);
    let stream = format!("{account_id}_CloudTrail_{}", trail.home_region);
    let mut streams = vec![format!("{group}:log-stream:{stream}")];
    if let Observed::Known(organization) = &index.header.organization {
        streams.push(format!("{group}:log-stream:{}_{stream}", organization.id));
    }
    streams
}

fn trust(account_id: &str, role: &Role) -> Derived<Option<String>> {
    let Some(policy) = role.trust_policy.get()? else { return Ok(None) };
    let mut unknown = None;
    let Some(document) = parsed(account_id, role, [policy], &mut unknown).pop() else {
        return unknown.map_or(Ok(None), Err);
    };
    let refused = audit::assumable_by(&document, "cloudtrail.amazonaws.com").is_false();
    Ok(refused.then(|| "its role does not trust cloudtrail.amazonaws.com".to_owned()))
}

/// An identity policy of any kind may allow, and any may deny.
fn permission(role: &Role, account_id: &str, streams: &[String]) -> Derived<Option<String>> {
    let mut unknown: Option<Gaps> = None;
    let mut documents: Vec<Document> = Vec::new();
    for policies in [&role.inline_policies, &role.attached_policies] {
        match policies.list() {
            Ok(policies) => documents.extend(parsed(account_id, role, policies, &mut unknown)),
            Err(gaps) => join(&mut unknown, &gaps),
        }
    }
    let principal =
        || Principal::AwsAccountPrincipal { arn: role.arn.clone(), account: account_id.to_owned() };
    // What a permissions boundary does not allow, no other policy can ("Permissions boundaries for IAM entities" of the
    // IAM user guide, <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>, read 2026-11-28).
    let boundary = match role.permissions_boundary.get() {
        Ok(boundary) => parsed(account_id, role, boundary, &mut unknown).pop(),
        Err(gaps) => {
            join(&mut unknown, &gaps);
            None
        }
    };
    for action in ACTIONS {
        let applies = |documents: &[Document], effect: Effect, stream: &String| {
            let request = Request::new(principal(), action, stream, Context::open());
            let statements = documents.iter().flat_map(|document| document.with_effect(effect));
            Truth::any(statements.map(|statement| statement.applies(&request)))
        };
        let denied = Truth::all(streams.iter().map(|stream| applies(&documents, Effect::Deny, stream)));
        let permitted = |documents: &[Document]| {
            Truth::any(streams.iter().map(|stream| {
                applies(documents, Effect::Allow, stream).and(!applies(documents, Effect::Deny, stream))
            }))
        };
        if denied.is_true() {
            return Ok(Some(format!("its role is denied {action}")));
        }
        if boundary.as_ref().is_some_and(|boundary| permitted(std::slice::from_ref(boundary)).is_false()) {
            return Ok(Some(format!("its role's permissions boundary does not allow {action}")));
        }
        if permitted(&documents).is_false() && unknown.is_none() {
            return Ok(Some(format!("its role does not allow {action}")));
        }
    }
    unknown.map_or(Ok(None), Err)
}

#[cfg(test)]
mod tests;
