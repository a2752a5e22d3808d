//! Reads the IAM role with which a trail delivers to its log group: whom it trusts and what it may do.

use aws_sdk_iam::Client;
use futures_util::future::join_all;

use super::call::{ApiCaller, CallTarget, flatten};
use super::convert::{Arn, each, next_marker, percent_decode};
use super::session::Session;
use super::table::{
    Call, GET_POLICY, GET_POLICY_VERSION, GET_ROLE, GET_ROLE_POLICY, LIST_ATTACHED_ROLE_POLICIES,
    LIST_ROLE_POLICIES,
};
use crate::model::{GapReason, Observed, Role};

/// The role of this ARN.
pub(crate) async fn read(session: &Session, role_arn: &str) -> Observed<Role> {
    let ask = &session.api;
    let at = CallTarget::resource(role_arn);
    let arn = Arn::parse(role_arn);
    let Some(name) = arn.and_then(|arn| arn.resource.rsplit('/').next()) else {
        return Observed::Unavailable(ask.malformed(&GET_ROLE, at, "ARN of a role"));
    };
    if arn.is_some_and(|arn| arn.account_id != session.account_id) {
        let detail = "the role is in another account than the trail's reader";
        return Observed::Unavailable(ask.gap(&GET_ROLE, at, GapReason::NotCollected, detail));
    }
    let client = session.iam(&session.region);
    let ((trust_policy, permissions_boundary), inline_policies, attached_policies) = tokio::join!(
        role(ask, &client, at, name, role_arn),
        inline_policies(ask, &client, at, name),
        attached_policies(ask, &client, at, name),
    );
    Observed::Known(Role {
        arn: role_arn.to_owned(),
        trust_policy,
        inline_policies,
        attached_policies,
        permissions_boundary,
    })
}

/// IAM hands documents out percent-encoded.
fn document(
    ask: &ApiCaller,
    call: &'static Call,
    at: CallTarget<'_>,
    encoded: Option<&str>,
) -> Observed<String> {
    match encoded.and_then(percent_decode) {
        Some(document) => Observed::Known(document),
        None => Observed::Unavailable(ask.malformed(call, at, "readable policy document")),
    }
}

/// What the role itself says: whom it trusts, and the policy that bounds it.
async fn role(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    name: &str,
    role_arn: &str,
) -> (Observed<String>, Observed<String>) {
    let answer = ask.call(&GET_ROLE, at, || client.get_role().role_name(name).send()).await;
    let role = match answer.map(|answer| answer.role) {
        Observed::Known(Some(role)) if role.arn == role_arn => role,
        Observed::Known(_) => {
            let gap = ask.malformed(&GET_ROLE, at, "Role.Arn of the role that was asked for");
            return (Observed::Unavailable(gap.clone()), Observed::Unavailable(gap));
        }
        Observed::Absent => return (Observed::Absent, Observed::Absent),
        Observed::Unavailable(gap) => {
            return (Observed::Unavailable(gap.clone()), Observed::Unavailable(gap));
        }
    };
    let boundary = match role.permissions_boundary {
        None => Observed::Absent,
        Some(boundary) => match boundary.permissions_boundary_arn {
            Some(arn) => match managed_policy(ask, client, &arn).await {
                // A boundary that is gone bounds all the same.
                Observed::Absent => Observed::Unavailable(ask.malformed(
                    &GET_POLICY,
                    CallTarget::resource(&arn),
                    "policy that bounds the role",
                )),
                read => read,
            },
            None => Observed::Unavailable(ask.malformed(
                &GET_ROLE,
                at,
                "Role.PermissionsBoundary.PermissionsBoundaryArn",
            )),
        },
    };
    (document(ask, &GET_ROLE, at, role.assume_role_policy_document.as_deref()), boundary)
}

async fn inline_policies(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    name: &str,
) -> Observed<Vec<String>> {
    let names = ask
        .pages(
            &LIST_ROLE_POLICIES,
            at,
            |marker| client.list_role_policies().role_name(name).set_marker(marker).send(),
            |page| Ok((page.policy_names, next_marker(page.is_truncated, page.marker)?)),
        )
        .await;
    documents(names, |policy| async move {
        let send = || client.get_role_policy().role_name(name).policy_name(&policy).send();
        let answer = ask.call(&GET_ROLE_POLICY, at, send).await;
        flatten(answer.map(|answer| {
            if (answer.role_name.as_str(), &answer.policy_name) != (name, &policy) {
                let missing = "PolicyName of the policy that was asked for";
                return Observed::Unavailable(ask.malformed(&GET_ROLE_POLICY, at, missing));
            }
            document(ask, &GET_ROLE_POLICY, at, Some(&answer.policy_document))
        }))
    })
    .await
}

async fn attached_policies(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    name: &str,
) -> Observed<Vec<String>> {
    let arns = ask
        .pages(
            &LIST_ATTACHED_ROLE_POLICIES,
            at,
            |marker| client.list_attached_role_policies().role_name(name).set_marker(marker).send(),
            |page| {
                let arns = each(page.attached_policies, "AttachedPolicies", |policy| {
                    policy.policy_arn.ok_or("AttachedPolicies[].PolicyArn")
                });
                Ok((arns?, next_marker(page.is_truncated, page.marker)?))
            },
        )
        .await;
    documents(arns, |arn| async move { managed_policy(ask, client, &arn).await }).await
}

/// The default version of a managed policy.
async fn managed_policy(ask: &ApiCaller, client: &Client, arn: &str) -> Observed<String> {
    let at = CallTarget::resource(arn);
    let answer = ask.call(&GET_POLICY, at, || client.get_policy().policy_arn(arn).send()).await;
    let version = flatten(answer.map(|answer| {
        match answer.policy.and_then(|policy| {
            // An answer about another policy tells no version of this one.
            policy.default_version_id.filter(|_| policy.arn.as_deref() == Some(arn))
        }) {
            Some(version) => Observed::Known(version),
            None => Observed::Unavailable(ask.malformed(&GET_POLICY, at, "DefaultVersionId")),
        }
    }));
    let version = match version {
        Observed::Known(version) => version,
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    let send = || client.get_policy_version().policy_arn(arn).version_id(&version).send();
    let answer = ask.call(&GET_POLICY_VERSION, at, send).await;
    flatten(answer.map(|answer| {
        let same = answer.policy_version.filter(|found| found.version_id.as_deref() == Some(&version));
        let encoded = same.and_then(|version| version.document);
        document(ask, &GET_POLICY_VERSION, at, encoded.as_deref())
    }))
}

/// All documents, or the first gap among them: a role that is read in part may be allowed more than it seems.
async fn documents<F: Future<Output = Observed<String>>>(
    names: Observed<Vec<String>>,
    read: impl Fn(String) -> F,
) -> Observed<Vec<String>> {
    let mut names = match names {
        Observed::Known(names) => names,
        Observed::Absent => return Observed::Absent,
        Observed::Unavailable(gap) => return Observed::Unavailable(gap),
    };
    names.sort_unstable();
    let mut documents = Vec::new();
    for document in join_all(names.into_iter().map(read)).await {
        match document {
            Observed::Known(document) => documents.push(document),
            Observed::Absent => {}
            Observed::Unavailable(gap) => return Observed::Unavailable(gap),
        }
    }
    Observed::Known(documents)
}
