//! What a bucket's access control list grants, as statements beside its policy's. See [`super`].
//!
//! "Access control list (ACL) overview" of the S3 user guide, with its table of which permission stands for which actions
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>, read 2026-11-28): `WRITE` on a bucket lets
//! the grantee create objects, and `WRITE_ACP` change the list itself. Lists grant, they never deny; a policy's denial
//! stands over them. Whose account a canonical user is, neither tells.

use serde_json::json;

use super::exposure::{self, OWNER_ENFORCED};
use crate::facts::view::Derived;
use crate::model::stores::bucket::{ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY};
use crate::model::{AclGrant, Bucket};
use crate::policy::{Document, Statement, StatementId};

/// The policy's statements, and those that stand for grants to others than the owner.
pub(super) fn beside(
    policy: &Document,
    bucket: &Bucket,
    arn: &str,
    ignores_public: &Derived<bool>,
) -> Derived<Document> {
    let mut document = policy.clone();
    for grant in foreign(bucket, ignores_public)? {
        let number = document.statements.len() + 1;
        let id = StatementId { number, sid: Some("its access control list".to_owned()) };
        document.statements.extend(statement(grant, arn).map(|statement| Statement { id, ..statement }));
    }
    Ok(document)
}

/// Grants to others than the owner that have an effect.
fn foreign<'a>(bucket: &'a Bucket, ignores_public: &Derived<bool>) -> Derived<Vec<&'a AclGrant>> {
    let ownership = exposure::object_ownership(bucket);
    if ownership.as_deref() == Ok(OWNER_ENFORCED) {
        return Ok(Vec::new());
    }
    let Some(acl) = bucket.acl.get()? else { return Ok(Vec::new()) };
    let mut foreign = Vec::new();
    for grant in &acl.grants {
        match grant.grantee.as_str() {
            LOG_DELIVERY => {}
            ALL_USERS | AUTHENTICATED_USERS => {
                if !ignores_public.clone()? {
                    foreign.push(grant);
                }
            }
            grantee if acl.owner_id.as_deref() == Some(grantee) => {}
            _ => foreign.push(grant),
        }
    }
    if foreign.is_empty() {
        return Ok(foreign);
    }
    ownership.map(|_| foreign)
}

fn statement(grant: &AclGrant, arn: &str) -> Option<Statement> {
    let actions: &[&str] = match grant.permission.as_str() {
        "WRITE" => &["s3:PutObject"],
        "WRITE_ACP" => &["s3:PutBucketAcl"],
        "FULL_CONTROL" => &["s3:PutObject", "s3:PutBucketAcl"],
        _ => return None,
    };
    let principal = match grant.grantee.as_str() {
        ALL_USERS | AUTHENTICATED_USERS => json!("*"),
        grantee => json!({ "CanonicalUser": grantee }),
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": [arn, format!("{arn}/*")],
    }] });
    Document::parse(&policy.to_string()).ok()?.statements.into_iter().next()
}
