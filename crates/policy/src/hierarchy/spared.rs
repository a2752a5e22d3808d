//! Whom the policy of a resource never keeps from an action. See [`super`].
//!
//! Whatever a bucket's policy denies, the root user of the owning account reads, puts and deletes that policy; only policies
//! of the organization and of VPC endpoints keep it from doing so ("`DeleteBucketPolicy`", Amazon S3 API Reference, read
//! 2026-11-29). Key policies bind the root user like everybody else.

use super::Guardrails;
use crate::arn::segment;
use crate::request::{Principal, Target};
use crate::truth::Truth;

const OF_BUCKET_POLICY: [&str; 3] = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"];

/// The resource part of the root user's ARN, and of a session that acts as it: `AssumeRoot` takes the task
/// `S3UnlockBucketPolicy`, which is to delete a policy that denies everybody.
pub(crate) const ROOTS: [(&str, &str); 2] = [("iam", "root"), ("sts", "assumed-root")];

impl Guardrails<'_> {
    /// Whether a denial of the resource's own policy passes the caller by.
    pub(crate) fn spares(&self, principal: &Principal, action: &str, resource: &Target) -> Truth {
        let Principal::AwsAccountPrincipal { arn, account } = principal else { return Truth::False };
        let is_root = ROOTS.iter().any(|(_, root)| segment(arn, 5) == Some(root));
        if is_root { self.spares_root_of(account, action, resource) } else { Truth::False }
    }

    /// The same for the root user of the account.
    pub(crate) fn spares_root_of(&self, account: &str, action: &str, resource: &Target) -> Truth {
        if !OF_BUCKET_POLICY.iter().any(|listed| listed.eq_ignore_ascii_case(action)) {
            return Truth::False;
        }
        self.resource_owner(resource).map_or(Truth::Unknown, |owner| Truth::from(owner == account))
    }
}
