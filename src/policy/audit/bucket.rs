//! What the bucket rules ask: who writes, reads, deletes and replicates.

use super::actions::AuditedResource;
use super::grants::{Grant, Scope, grants};
use super::source::SourceLimit;
use super::{Designated, OrganizationScope};
use crate::policy::document::{Document, StatementId};
use crate::policy::truth::Truth;

/// Actions that put data into a bucket.
pub const WRITE_ACTIONS: &[&str] = &["s3:PutObject", "s3:PutObjectAcl", "s3:ReplicateObject"];

/// Actions that read logs.
pub const READ_ACTIONS: &[&str] = &["s3:GetObject", "s3:GetObjectVersion"];

/// Actions that delete logs, or take away what protects them.
pub const CHANGE_ACTIONS: &[&str] = &[
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectRetention",
    "s3:PutReplicationConfiguration",
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

/// Grants to others than the owner's account to delete logs or to change what protects them.
pub fn foreign_changes(document: &Document, bucket_arn: &str, owner_account: &str) -> Vec<Grant> {
    let owner =
        Designated { accounts: std::iter::once(owner_account.to_owned()).collect(), ..Designated::default() };
    grants_of(document, bucket_arn, CHANGE_ACTIONS)
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

fn grants_of<'a>(
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
