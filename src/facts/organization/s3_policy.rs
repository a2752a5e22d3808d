//! S3 policies of the organization, which turn Block Public Access on or off for whole accounts. See [`super`].
//!
//! "Organization-level policies override account-level configurations" ("Configuring block public access settings for
//! your account", Amazon S3 User Guide, read 2026-11-28; the syntax under "Amazon S3 policy syntax and examples", AWS
//! Organizations User Guide). How policies of several levels are merged depends on operators that each may carry; here
//! only what all of them say counts.

use serde_json::Value;

use crate::model::{Observed, Organization, Places, Policy};

/// As AWS Organizations names the type.
const S3_POLICY: &str = "S3_POLICY";

/// Whether a policy of the organization certainly blocks all public access in the account.
pub(in crate::facts) fn blocks_public_access(organization: &Observed<Organization>, account: &str) -> bool {
    let places = Places::of(organization);
    let Observed::Known(organization) = organization else { return false };
    let of_type = organization.further_policies.as_ref().and_then(|policies| policies.get(S3_POLICY));
    let Some(Observed::Known(policies)) = of_type else { return false };
    // What binds the management account is not documented.
    if organization.management_account_id == account || policies.iter().any(|it| it.targets.get().is_err()) {
        return false;
    }
    let way = places.way(account);
    if !way.first().is_some_and(|root| root.starts_with("r-")) {
        return false;
    }
    let is_attached = |policy: &&Policy| {
        let targets = policy.targets.list().unwrap_or_default();
        targets.iter().any(|target| way.contains(&target.id.as_str()))
    };
    let mut attached = policies.iter().filter(is_attached).peekable();
    attached.peek().is_some() && attached.all(blocks_all)
}

fn blocks_all(policy: &Policy) -> bool {
    let Observed::Known(content) = &policy.content else { return false };
    let content: Value = serde_json::from_str(content).unwrap_or_default();
    content.pointer("/s3_attributes/public_access_block_configuration/@@assign").and_then(Value::as_str)
        == Some("all")
}
