//! The facts of a bucket that receives logs. See [`super`].
//!
//! Each fact needs exactly the calls that decide it: a denied `GetBucketPolicy` leaves versioning known.

mod access;
mod acl;
mod delivery;
mod describe;
mod encryption;
mod exposure;
mod lifecycle;
mod policy;
mod protection;
mod replication;
#[cfg(test)]
mod tests;
mod tls;
mod versioning;

pub(super) use replication::is_source;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::kind::{Kind, Listed};
use super::view::{Derived, facts};
use super::{Facts, Subject, SubjectFacts, SubjectKind, account, placeholder, unrecorded};
use crate::model::{Bucket, Gap, GapPlace, GapReason, Gaps, LogKind, StoresRecord};
use crate::nearest::nearest;

facts! {
    /// A bucket that receives logs.
    pub struct BucketFacts as "bucket" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// It is the organization's archive.
        is_archive: Derived<bool>,
        /// It receives server access logs and no other logs. S3 cannot deliver them into a bucket with Object Lock
        /// or SSE-KMS, so that those protections do not apply.
        access_logs_only: Derived<bool>,
        /// It receives configuration history of AWS Config, and otherwise at most server access logs: who delivers into it
        /// cannot deliver into a bucket with default Object Lock retention, so that it must have none.
        excludes_retention: Derived<bool>,
        /// A service delivers into it that Object Lock may keep out: AWS Config, by default retention, or S3 server access
        /// logging, by any.
        receives_unlockable: Derived<bool>,
        /// It receives replicas of other log buckets and no other logs: it is a second copy itself.
        replicas_only: Derived<bool>,
        /// `Enabled`, `Suspended` or `never enabled`.
        versioning: Derived<String> = crate::model::stores::bucket::VERSIONING,
        /// The same in words, after the word versioning.
        versioning_state: Derived<String> => describe::VERSIONING_STATE,
        /// Deleting a version takes the root user's MFA device.
        mfa_delete: Derived<bool>,
        /// Default Object Lock retention: `compliance`, `governance` or `none`.
        object_lock_mode: Derived<String> = crate::model::stores::bucket::LOCK_MODES,
        /// Days of default Object Lock retention; 0 without one.
        object_lock_days: Derived<i64>,
        /// Both in words, after the bucket's name.
        default_retention: Derived<String> => describe::DEFAULT_RETENTION,
        /// What to do so that nobody deletes versions, as a sentence: MFA Delete and a lifecycle exclude each other, and so do
        /// Object Lock and server access logs.
        deletion_advice: Derived<String>,
        /// Services that are set to deliver into it and that its Object Lock keeps out, in words; null if it keeps out none.
        /// How encryption bears on deliveries is not looked at.
        locked_out: Derived<Option<String>>,
        /// Days after which the first enabled lifecycle rule removes current or noncurrent logs, whatever prefix,
        /// tags or sizes it is limited to; a date counts 0. Null where none does. Where versioning is on, expiring a
        /// current log removes nothing: it becomes a noncurrent version.
        earliest_expiry_days: Derived<Option<i64>>,
        /// That rule and what it does, for people.
        earliest_expiry: Derived<Option<String>> => describe::EARLIEST_EXPIRY,
        /// It has lifecycle rules, with which S3 refuses MFA Delete.
        has_lifecycle: Derived<bool>,
        /// An enabled lifecycle rule moves old logs to a cheaper storage class.
        tiers_old_logs: Derived<bool>,
        /// An enabled lifecycle rule ends incomplete multipart uploads of every key.
        ends_incomplete_uploads: Derived<bool>,
        /// Which of these two no rule does, in words; null if both are done.
        lifecycle_problem: Derived<Option<String>> => describe::LIFECYCLE_PROBLEM,
        /// Settings of the bucket's own S3 Block Public Access that are off.
        public_access_block_off: Derived<Vec<String>> = crate::model::stores::bucket::PUBLIC_ACCESS_SETTINGS,
        /// The same in words.
        settings_off: Derived<String> => describe::SETTINGS_OFF,
        /// Settings of the owning account's S3 Block Public Access that are off.
        account_public_access_block_off: Derived<Vec<String>> = crate::model::stores::bucket::PUBLIC_ACCESS_SETTINGS,
        /// The same in words.
        account_settings_off: Derived<String> => describe::ACCOUNT_SETTINGS_OFF,
        /// Statements of its policy that give access to everyone or to any AWS customer.
        public_statements: Derived<Vec<String>>,
        /// Statements by which a service reads that shows what it reads to everyone, whatever Block Public Access says. Unknown
        /// where the service's own settings decide.
        served_to_everyone: Derived<Vec<String>>,
        /// Bucket or account restrict public policies to the owner's own account.
        restricts_public_policies: Derived<bool>,
        /// Grants of its access control list to everyone or to any AWS customer.
        public_acl_grants: Derived<Vec<String>>,
        /// Access control lists have no effect, or public grants in them have none.
        ignores_public_acls: Derived<bool>,
        /// Public access by policy or access control list that has an effect, in words; null if there is none.
        public_access: Derived<Option<String>> => describe::PUBLIC_ACCESS,
        /// What its policy leaves open to requests without TLS.
        tls_missing: Derived<Vec<String>>,
        /// The same in a sentence; null if nothing is left open.
        tls_problem: Derived<Option<String>> => describe::TLS_PROBLEM,
        /// Default encryption: `AES256`, `aws:kms`, `aws:kms:dsse`, `aws:fsx`, `aws:backup` or `none`.
        encryption: Derived<String> = crate::model::stores::bucket::ENCRYPTION,
        /// The key of its default encryption, as the bucket names it; null is one of AWS's own.
        kms_key_id: Derived<Option<String>>,
        /// Default encryption is SSE-KMS with a customer managed key.
        customer_managed_key: Derived<bool>,
        /// Default encryption and its key in words, after the bucket's name.
        default_encryption: Derived<String> => describe::DEFAULT_ENCRYPTION,
        /// `BucketOwnerEnforced` (access control lists are off), `BucketOwnerPreferred` or `ObjectWriter`.
        object_ownership: Derived<String> = crate::model::stores::bucket::OWNERSHIP,
        /// Services that may write on behalf of others than this organization.
        unscoped_writers: Derived<Vec<String>>,
        /// Whom its policy and its access control list let write objects themselves besides the designated writers: they can
        /// forge logs.
        undesignated_writers: Derived<Vec<String>>,
        /// Whom its policy lets read logs besides the designated readers.
        undesignated_readers: Derived<Vec<String>>,
        /// Whom its policy and its access control list let delete or hide logs or change what protects them, besides the owner's
        /// account.
        destructive_grants: Derived<Vec<String>>,
        /// Where its server access logs go; null where they are off.
        access_log_target: Derived<Option<String>>,
        /// The same in words, after the bucket's name.
        access_logging: Derived<String> => describe::ACCESS_LOGGING,
        /// Server access logs go to another bucket.
        access_logged: Derived<bool>,
        /// A trail of its account or of the organization records every read and write of its objects.
        data_events_recorded: Derived<bool>,
        /// All its objects are replicated to another region or account of the organization.
        second_copy: Derived<bool>,
        /// It receives logs outside the archive account, so that these should be replicated to the archive.
        is_source: Derived<bool>,
        /// An enabled rule replicates all its objects to the archive.
        replicates_to_archive: Derived<bool>,
        /// Objects under SSE-KMS or DSSE-KMS arrive in it, by its default encryption or by a trail or channel that names
        /// a key: S3 replicates them only by rules that select them.
        kms_objects: Derived<bool>,
        /// What each enabled replication rule leaves out, as a sentence, or that there is none, or that each copies everything
        /// to where it goes.
        replication_shortfall: Derived<String>,
        /// Its enabled replication rules, by identity.
        replication_rules: Derived<Vec<String>>,
        /// Enabled replication rules that go to another account.
        foreign_replication_rules: Derived<Vec<String>>,
        /// Those of them that leave replicas to this bucket's account.
        rules_without_owner_override: Derived<Vec<String>>,
        /// Enabled replication rules that replicate delete markers.
        rules_with_delete_markers: Derived<Vec<String>>,
        /// Enabled replication rules by which it writes into the archive from outside the archive account.
        rules_into_archive: Derived<Vec<String>>,
        /// The configuration lists it among the buckets that may replicate into the archive.
        known_replication_source: bool,
        /// Its policy lets others replicate into it.
        admits_replication: Derived<bool>,
        /// Whom its policy lets replicate into it besides this organization.
        foreign_replicators: Derived<Vec<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "bucket",
    variable: "bucket",
    unlisted: "the buckets that receive logs",
    service: "s3",
    ocsf: "AWS::S3::Bucket",
    asff: "AwsS3Bucket",
    schema: BucketFacts::schema,
    more: &[],
    listed: Listed::Owner(subjects),
    missing: Some(missing),
    undecided: Some(|facts, gaps| {
        for bucket in facts.index.buckets.values() {
            derive(facts, bucket, gaps);
        }
        gaps.extend(unseen_archive(facts).map(|(_, gap)| gap));
    }),
};

fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let account = Arc::new(account::derive_by_id(facts, &record.account_id));
    record
        .buckets
        .iter()
        .map(|bucket| SubjectFacts {
            subject: subject(facts, bucket),
            variables: vec![
                ("organization", facts.organization.clone()),
                ("account", account.clone()),
                ("bucket", Arc::new(derive(facts, bucket, &mut Vec::new()))),
            ],
            unlisted: None,
        })
        .collect()
}

fn arn(facts: &Facts, name: &str) -> String {
    format!("arn:{}:s3:::{name}", facts.index.header.partition)
}

fn subject(facts: &Facts, bucket: &Bucket) -> Arc<Subject> {
    Arc::new(Subject {
        kind: SubjectKind::Bucket,
        account_id: Some(Arc::from(bucket.account_id.as_str())),
        region: bucket.region.get().ok().flatten().map(|region| Arc::from(region.as_str())),
        id: Arc::from(bucket.name.as_str()),
        arn: Some(Arc::from(arn(facts, &bucket.name))),
        name: Some(Arc::from(bucket.name.as_str())),
    })
}

/// Buckets that logs go to but nobody could be asked about, and those that an answer which was refused may have named.
fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let named = |name: &str| {
        Arc::new(Subject {
            kind: SubjectKind::Bucket,
            account_id: None,
            region: None,
            id: Arc::from(name),
            arn: Some(Arc::from(arn(facts, name))),
            name: Some(Arc::from(name)),
        })
    };
    let ownerless = unrecorded::buckets(&facts.index).map(|(name, gaps)| SubjectFacts {
        subject: named(name),
        variables: Vec::new(),
        unlisted: Some(gaps.clone()),
    });
    let mut subjects: Vec<SubjectFacts> = ownerless.collect();
    subjects.extend(unseen_archive(facts).map(|(name, gap)| SubjectFacts {
        subject: named(name),
        variables: Vec::new(),
        unlisted: Some(gap.id.into()),
    }));
    // A bucket that nobody could be asked about may send its access logs and replicas to further ones.
    let further = unrecorded::buckets(&facts.index).next().map(|(_, gaps)| gaps.clone());
    subjects.extend(placeholder::unnamed(
        &facts.index,
        SubjectKind::Bucket,
        &facts.index.unlisted_buckets,
        further,
    ));
    subjects
}

/// The archive that the configuration names, where no account that was scanned has such a bucket and no trail or channel
/// names it: what rules ask of the archive, nobody answers.
pub(super) fn unseen_archive(facts: &Facts) -> Option<(&str, Gap)> {
    let index = &facts.index;
    let name = index.expectations.archive_bucket.as_deref()?;
    if index.buckets.contains_key(name) || index.log_kinds.contains_key(name) {
        return None;
    }
    let seen = index.buckets.keys().chain(index.log_kinds.keys()).map(String::as_str);
    let meant = nearest(name, seen).map_or_else(String::new, |meant| format!(": is {meant} meant?"));
    let why = format!(
        "the configuration names it as archive_bucket, and it was not found: no account that was scanned has it, and logs go \
         to other buckets{meant}"
    );
    let place =
        GapPlace { service: "s3", operation: "ListBuckets", resource: Some(name), ..GapPlace::default() };
    Some((name, Gap::new(place, GapReason::Undecided, why)))
}

fn is_archive(facts: &Facts, name: &str) -> Derived<bool> {
    let archive = facts.index.archive.as_ref().map_err(Gaps::clone)?;
    Ok(archive.as_ref().is_some_and(|archive| archive.bucket_name == name))
}

/// It receives this kind of log and no other; unknown where what was refused may have named it for another.
fn receives_only(facts: &Facts, name: &str, kind: LogKind) -> Derived<bool> {
    let kinds = facts.index.log_kinds.get(name);
    if kinds.is_some_and(|kinds| kinds.iter().any(|it| *it != kind)) {
        return Ok(false);
    }
    if kinds.is_none_or(BTreeSet::is_empty) {
        return facts.index.may_receive(|it| it == kind).map_or(Ok(false), Err);
    }
    facts.index.may_receive(|it| it != kind).map_or(Ok(true), Err)
}

/// Where a gap about what one of the bucket's calls answered lies.
fn place<'a>(bucket: &'a Bucket, operation: &'a str) -> GapPlace<'a> {
    GapPlace {
        account_id: Some(&bucket.account_id),
        region: bucket.region.get().ok().flatten().map(String::as_str),
        service: "s3",
        operation,
        resource: Some(&bucket.name),
    }
}

/// Derives a bucket's facts, and notes what was read but cannot be decided.
pub(super) fn derive(facts: &Facts, bucket: &Bucket, gaps: &mut Vec<Gap>) -> BucketFacts {
    let arn = arn(facts, &bucket.name);
    let access_logs_only = receives_only(facts, &bucket.name, LogKind::AccessLogs);
    let block = exposure::Block::new(facts, bucket, gaps);
    let kms_objects = encryption::kms_objects(facts, bucket, gaps);
    let replication = replication::Rules::new(facts, bucket, &kms_objects, gaps);
    let versioning = versioning::status(bucket);
    let (object_lock_mode, object_lock_days) =
        (protection::object_lock_mode(bucket), protection::object_lock_days(bucket));
    let public_access_block_off = exposure::off(&bucket.public_access_block);
    let (restricts_public_policies, ignores_public_acls) =
        (block.restricts_public_policies(), block.ignores_public_acls());
    let policy = policy::read(facts, bucket, &arn, &ignores_public_acls, gaps);
    let public_acl_grants = exposure::public_acl_grants(bucket);
    let access_log_target = access::target(bucket);
    BucketFacts {
        is_archive: is_archive(facts, &bucket.name),
        access_logs_only,
        excludes_retention: delivery::excludes_retention(facts, bucket),
        receives_unlockable: delivery::receives_unlockable(facts, bucket),
        replicas_only: receives_only(facts, &bucket.name, LogKind::Replicas),
        versioning_state: describe::versioning_state(&versioning),
        versioning,
        mfa_delete: versioning::mfa_delete(bucket),
        default_retention: describe::default_retention(&object_lock_mode, &object_lock_days),
        locked_out: delivery::locked_out(facts, bucket, gaps),
        object_lock_mode,
        object_lock_days,
        deletion_advice: protection::deletion_advice(facts, bucket),
        earliest_expiry_days: lifecycle::earliest_expiry(bucket).map(|first| first.map(|first| first.days)),
        earliest_expiry: lifecycle::earliest_expiry(bucket).map(|first| first.map(|first| first.what)),
        has_lifecycle: lifecycle::exists(bucket),
        tiers_old_logs: lifecycle::tiers_old_logs(bucket),
        ends_incomplete_uploads: lifecycle::ends_incomplete_uploads(bucket),
        lifecycle_problem: describe::lifecycle_problem(
            &lifecycle::tiers_old_logs(bucket),
            &lifecycle::ends_incomplete_uploads(bucket),
        ),
        settings_off: describe::settings_off(&public_access_block_off),
        public_access_block_off,
        account_settings_off: describe::settings_off(&block.account_off()),
        account_public_access_block_off: block.account_off(),
        public_access: describe::public_access(
            &policy.public_statements,
            &policy.served_to_everyone,
            &restricts_public_policies,
            &public_acl_grants,
            &ignores_public_acls,
        ),
        public_statements: policy.public_statements,
        served_to_everyone: policy.served_to_everyone,
        restricts_public_policies,
        public_acl_grants,
        ignores_public_acls,
        tls_missing: policy.tls_missing,
        tls_problem: policy.tls_problem,
        encryption: encryption::algorithm(bucket),
        kms_key_id: encryption::key_id(bucket),
        customer_managed_key: encryption::customer_managed_key(facts, bucket),
        default_encryption: describe::default_encryption(
            &encryption::algorithm(bucket),
            &encryption::key_id(bucket),
            &encryption::customer_managed_key(facts, bucket),
        ),
        object_ownership: exposure::object_ownership(bucket),
        unscoped_writers: policy.unscoped_writers,
        undesignated_writers: policy.undesignated_writers,
        undesignated_readers: policy.undesignated_readers,
        destructive_grants: policy.destructive_grants,
        access_logging: describe::access_logging(&bucket.name, &access_log_target),
        access_log_target,
        access_logged: access::logged(bucket),
        data_events_recorded: access::data_events_recorded(facts, bucket),
        second_copy: replication.second_copy(),
        is_source: replication::is_source(facts, bucket),
        replicates_to_archive: replication.replicates_to_archive(),
        kms_objects,
        replication_shortfall: replication.shortfall(),
        replication_rules: replication.enabled_rules(),
        foreign_replication_rules: replication.foreign_rules(),
        rules_without_owner_override: replication.rules_without_owner_override(),
        rules_with_delete_markers: replication.rules_with_delete_markers(),
        rules_into_archive: replication.rules_into_archive(),
        known_replication_source: replication::is_known_source(facts, bucket),
        admits_replication: policy.admits_replication,
        foreign_replicators: policy.foreign_replicators,
        name: bucket.name.clone(),
        arn,
    }
}
