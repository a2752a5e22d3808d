//! The policies of a trail's role, as far as they are understood. See [`super`].

use crate::facts::derived::join;
use crate::facts::words::clauses;
use crate::model::{AccountRecord, Gap, GapPlace, GapReason, Gaps, Role};
use crate::policy::Document;

/// Policies of roles that cannot be read as such, each role once: what the role may do is not known then.
pub(in crate::facts) fn gaps(record: &AccountRecord) -> Vec<Gap> {
    let trails = record.trails.list().unwrap_or_default();
    trails.iter().filter_map(|trail| malformed(&record.id, trail.log_group_role.get().ok()??)).collect()
}

fn malformed(account_id: &str, role: &Role) -> Option<Gap> {
    let lists = [&role.inline_policies, &role.attached_policies].map(|list| list.list().unwrap_or_default());
    let single = [&role.trust_policy, &role.permissions_boundary].map(|policy| policy.get().ok().flatten());
    let policies = single.into_iter().flatten().chain(lists.into_iter().flatten());
    let errors: Vec<String> =
        policies.filter_map(|policy| Document::parse(policy).err()).map(|error| error.to_string()).collect();
    let place = GapPlace {
        account_id: Some(account_id),
        service: "iam",
        operation: "GetRolePolicy",
        resource: Some(&role.arn),
        ..GapPlace::default()
    };
    let why = clauses(&errors)?;
    Some(Gap::new(
        place,
        GapReason::MalformedResponse,
        format!("a policy of the role is not understood: {why}"),
    ))
}

/// The policies that are understood; the role's gap where one is not.
pub(super) fn parsed<'a>(
    account_id: &str,
    role: &Role,
    policies: impl IntoIterator<Item = &'a String>,
    unknown: &mut Option<Gaps>,
) -> Vec<Document> {
    let mut documents = Vec::new();
    for policy in policies {
        match Document::parse(policy) {
            Ok(document) => documents.push(document),
            Err(_) => {
                if let Some(gap) = malformed(account_id, role) {
                    join(unknown, &gap.id.into());
                }
            }
        }
    }
    documents
}
