//! What the bucket rules ask: who writes, reads, deletes and replicates.

use super::actions::AuditedResource;
use super::grants::{Grant, Scope, grants};
use super::source::SourceLimit;
use super::{Designated, OrganizationScope};
use crate::arn::{account_of, segment};
use crate::document::{Document, StatementId};
use crate::truth::Truth;

/// Actions that put data into a bucket.
pub const WRITE_ACTIONS: &[&str] = &["s3:PutObject", "s3:PutObjectAcl", "s3:ReplicateObject"];

/// Actions that read logs.
pub const READ_ACTIONS: &[&str] = &["s3:GetObject", "s3:GetObjectVersion"];

/// Actions by which a caller itself writes objects. What a bucket of the caller's replicates keeps its key, which the
/// caller chose ("What is replicated", Amazon S3 User Guide).
pub const PUT_ACTIONS: &[&str] = &["s3:PutObject", "s3:ReplicateObject"];

/// Actions that delete or hide logs, or take away or loosen what protects them: the policy, lists of access, encryption,
/// versions, locks, public access, replication, and whether tags decide of access. A replicated delete marker hides a log as
/// a caller's own does.
pub const CHANGE_ACTIONS: &[&str] = &[
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PauseReplication",
    "s3:PutBucketAbac",
    "s3:PutBucketAcl",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketRequestPayment",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutIntelligentTieringConfiguration",
    "s3:PutInventoryConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectAcl",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectVersionAcl",
    "s3:PutReplicationConfiguration",
    "s3:ReplicateDelete",
    "s3:UpdateObjectEncryption",
];

/// Actions that change an object's tags, by which lifecycle rules and policies may choose.
pub const TAG_ACTIONS: &[&str] = &[
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:ReplicateTags",
];

/// Actions by which another bucket's replication writes into this one.
pub const REPLICATION_ACTIONS: &[&str] =
    &["s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"];

/// A statement by which a service may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceWriter {
    /// The statement.
    pub statement: StatementId,
    /// The service principal.
    pub service: String,
    /// The action.
    pub action: String,
    /// On whose behalf.
    pub source: SourceLimit,
    /// Whether that is limited to the organization.
    pub scoped: Truth,
}

/// The services that may write to the bucket, and whether each does so for this organization alone.
pub fn service_writers(
    document: &Document,
    organization: &OrganizationScope,
    bucket_arn: &str,
) -> Vec<ServiceWriter> {
    let mut writers: Vec<ServiceWriter> = Vec::new();
    for grant in grants_of(document, bucket_arn, WRITE_ACTIONS) {
        if let Scope::Service { name, source } = grant.scope {
            let scoped = source.within(organization);
            let known = |writer: &ServiceWriter| {
                writer.statement == grant.statement && writer.service == name && writer.source == source
            };
            if !writers.iter().any(known) {
                writers.push(ServiceWriter {
                    statement: grant.statement,
                    service: name,
                    action: grant.action,
                    source,
                    scoped,
                });
            }
        }
    }
    writers
}

/// Grants to read objects that go beyond the designated readers, or may.
pub fn readers_outside(document: &Document, bucket_arn: &str, designated: &Designated) -> Vec<Grant> {
    grants_of(document, bucket_arn, READ_ACTIONS)
        .filter(|grant| !grant.scope.is_designated(designated).is_true())
        .collect()
}

/// Grants by which others than the designated write objects themselves, or may. Services are left out, which write for
/// their customers ([`service_writers`]), and so are callers of the organization that write under their own account's
/// number alone.
pub fn writers_outside(
    document: &Document,
    bucket_arn: &str,
    designated: &Designated,
    organization: &OrganizationScope,
) -> Vec<Grant> {
    grants_of(document, bucket_arn, PUT_ACTIONS)
        .filter(|grant| !matches!(grant.scope, Scope::Service { .. }))
        .filter(|grant| !grant.scope.is_designated(designated).is_true())
        .filter(|grant| !(grant.scope.within(organization).is_true() && is_confined(document, grant)))
        .collect()
}

/// Whether a grant is about keys that name the caller's account as a whole part between slashes: there it forges the
/// logs of no other account.
fn is_confined(document: &Document, grant: &Grant) -> bool {
    let own = match &grant.scope {
        Scope::Accounts(accounts) => accounts.iter().collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let of_principals: Vec<&str> = match &grant.scope {
        Scope::Principals(arns) => arns.iter().filter_map(|arn| account_of(arn)).collect(),
        _ => Vec::new(),
    };
    let own: Vec<&str> = own.into_iter().map(String::as_str).chain(of_principals).collect();
    let single = own.first().filter(|first| own.iter().all(|account| account == *first));
    let names_own = |part: &str| {
        part.eq_ignore_ascii_case("${aws:PrincipalAccount}") || single.is_some_and(|account| part == *account)
    };
    let statement = document.statements.iter().find(|statement| statement.id == grant.statement);
    let resource = statement.and_then(|statement| statement.resource.as_ref());
    resource.is_some_and(|element| {
        !element.negated
            && !element.patterns.is_empty()
            && element.patterns.iter().all(|pattern| {
                let key = segment(pattern.text(), 5).and_then(|it| it.split_once('/')).map(|(_, key)| key);
                // What stands before the number must be fixed, or another number could stand there.
                key.is_some_and(|key| {
                    let mut parts = key.split('/').take_while(|part| !part.contains(['*', '?']));
                    parts.any(names_own) && key.contains('/')
                })
            })
    })
}

/// Grants to others than the owner's account to delete logs or to change what protects them.
pub fn foreign_changes(document: &Document, bucket_arn: &str, owner_account: &str) -> Vec<Grant> {
    foreign(document, bucket_arn, owner_account, CHANGE_ACTIONS)
}

/// Grants to others than the owner's account to change tags of objects.
pub fn foreign_tagging(document: &Document, bucket_arn: &str, owner_account: &str) -> Vec<Grant> {
    foreign(document, bucket_arn, owner_account, TAG_ACTIONS)
}

fn foreign(document: &Document, bucket_arn: &str, owner_account: &str, actions: &[&str]) -> Vec<Grant> {
    let owner =
        Designated { accounts: std::iter::once(owner_account.to_owned()).collect(), ..Designated::default() };
    grants_of(document, bucket_arn, actions)
        .filter(|grant| !grant.scope.is_designated(&owner).is_true())
        .collect()
}

/// Grants to replicate into the bucket that go beyond the organization, or may.
pub fn replication_beyond(
    document: &Document,
    bucket_arn: &str,
    organization: &OrganizationScope,
) -> Vec<Grant> {
    grants_of(document, bucket_arn, REPLICATION_ACTIONS)
        .filter(|grant| !grant.scope.within(organization).is_true())
        .collect()
}

pub(super) fn grants_of<'a>(
    document: &'a Document,
    bucket_arn: &str,
    actions: &'a [&str],
) -> impl Iterator<Item = Grant> + 'a {
    let bucket = AuditedResource::Bucket(bucket_arn.to_owned());
    actions.iter().flat_map(move |action| {
        let targets = bucket.targets(action);
        targets.into_iter().flat_map(|target| grants(document, action, &target)).collect::<Vec<_>>()
    })
}
