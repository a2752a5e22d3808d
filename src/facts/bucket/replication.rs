//! Replication out of a bucket. See [`super`].
//!
//! A rule that covers every object leaves those under SSE-KMS and DSSE-KMS out unless it selects them
//! (`SourceSelectionCriteria.SseKmsEncryptedObjects`; "Replicating encrypted objects", S3 user guide,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html>). S3 stops replicating
//! into a bucket whose versioning is not on, and does not replicate from a bucket with Object Lock into one without
//! ("Additional considerations" and `DstBucketObjectLockConfigMissing` of "Amazon S3 replication failure reasons",
//! .../userguide/replication-and-other-bucket-configs.html, .../replication-failure-codes.html; all read 2026-11-28).

use super::exposure::{OWNER_ENFORCED, object_ownership};
use super::{is_archive, place, receives_only, versioning};
use crate::facts::view::Derived;
use crate::facts::words::problems;
use crate::facts::{Facts, derived, excess_grants, noted_gaps, trust};
use crate::model::{Bucket, Gap, GapReason, Gaps, LogKind, Observed, ReplicationRule, glob};
use crate::policy::Arn;

/// The enabled replication rules of a bucket.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    facts: &'a Facts,
    bucket: &'a Bucket,
    enabled: Derived<Vec<&'a ReplicationRule>>,
    kms_objects: Derived<bool>,
    /// Where rules to one destination disagree about objects under SSE-KMS and their order does not settle it.
    disputed: Option<Gaps>,
}

fn destination_name(rule: &ReplicationRule) -> &str {
    let arn = &rule.destination_bucket_arn;
    Arn::parse(arn).map_or(arn, |bucket| bucket.resource)
}

fn name(rule: &ReplicationRule) -> String {
    let destination = destination_name(rule);
    match rule.id.as_deref() {
        Some(id) if !id.is_empty() => format!("rule {id} (to {destination})"),
        _ => format!("the rule to {destination}"),
    }
}

fn all_objects(rule: &ReplicationRule) -> Derived<bool> {
    Ok(rule.all_objects.get()?.copied().unwrap_or_default())
}

fn selects_kms_objects(rule: &ReplicationRule) -> Derived<bool> {
    Ok(rule.encrypted_objects.get()?.copied().unwrap_or_default())
}

/// Of rules to one destination the one with the highest priority replicates an object. Whether a rule that does not select
/// objects under SSE-KMS stands in the way of a lower one that does, S3 does not say.
fn may_overrule(other: &ReplicationRule, rule: &ReplicationRule) -> bool {
    let lower = matches!(
        (&other.priority, &rule.priority),
        (Observed::Known(other), Observed::Known(own)) if other < own
    );
    !std::ptr::eq(other, rule)
        && other.destination_bucket_arn == rule.destination_bucket_arn
        && selects_kms_objects(other) != Ok(true)
        && !lower
}

impl<'a> Rules<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        bucket: &'a Bucket,
        kms_objects: &Derived<bool>,
        gaps: &mut Vec<Gap>,
    ) -> Self {
        let enabled: Derived<Vec<&ReplicationRule>> = bucket.replication.get().map(|replication| {
            let rules = replication.into_iter().flat_map(|replication| &replication.rules);
            rules.filter(|rule| rule.enabled).collect()
        });
        let rules = enabled.as_deref().unwrap_or_default();
        let dispute = (*kms_objects != Ok(false))
            .then(|| {
                rules.iter().filter(|rule| selects_kms_objects(rule) == Ok(true)).find_map(|rule| {
                    rules.iter().find(|other| may_overrule(other, rule)).map(|other| (rule, other))
                })
            })
            .flatten();
        let disputed = dispute.map(|(rule, other)| {
            let why = format!(
                "{} selects objects under SSE-KMS and {} of no lower priority does not, or may not; S3 does not say which of \
                 them decides",
                name(rule),
                name(other)
            );
            noted_gaps::note(gaps, place(bucket, "GetBucketReplication"), GapReason::Undecided, &why)
        });
        Self { facts, bucket, enabled, kms_objects: kms_objects.clone(), disputed }
    }

    fn enabled(&self) -> Derived<&[&'a ReplicationRule]> {
        self.enabled.as_deref().map_err(Gaps::clone)
    }

    fn names_where(&self, holds: impl Fn(&ReplicationRule) -> Derived<bool>) -> Derived<Vec<String>> {
        excess_grants::names_where(self.enabled()?.iter().map(|rule| (name(rule), holds(rule))))
    }

    fn any(&self, holds: impl Fn(&ReplicationRule) -> Derived<bool>) -> Derived<bool> {
        derived::any(self.enabled()?.iter().map(|rule| holds(rule)))
    }

    /// The account that owns the destination; `None` if it is certainly none of the organization's.
    fn owner(&self, rule: &ReplicationRule) -> Derived<Option<String>> {
        if let Some(bucket) = self.facts.index.buckets.get(destination_name(rule)) {
            return Ok(Some(bucket.account_id.clone()));
        }
        match &rule.destination_account_id {
            Some(account) => Ok(Some(account.clone())),
            None => self.facts.index.inventories.clone().map(|()| None),
        }
    }

    /// Objects under SSE-KMS are selected by the rule, or there are none.
    fn takes_kms_objects(&self, rule: &ReplicationRule) -> Derived<bool> {
        let overruled = match (&self.disputed, self.enabled()) {
            (Some(gaps), Ok(rules)) if rules.iter().any(|other| may_overrule(other, rule)) => {
                Err(gaps.clone())
            }
            _ => Ok(true),
        };
        let selected = derived::all([selects_kms_objects(rule), overruled]);
        derived::any([self.kms_objects.clone().map(|arrive| !arrive), selected])
    }

    /// The destination is versioned, and locks objects if this bucket does. One that is not the organization's is not asked.
    fn can_arrive(&self, rule: &ReplicationRule) -> Derived<bool> {
        let Some(destination) = self.facts.index.buckets.get(destination_name(rule)) else {
            return self.facts.index.inventories.clone().map(|()| true);
        };
        let locks = |bucket: &Bucket| Ok(bucket.object_lock.get()?.is_some_and(|lock| lock.enabled));
        let versioned = versioning::status(destination).map(|status| status == "Enabled");
        let unlocked = locks(self.bucket).map(|locks| !locks);
        derived::all([versioned, derived::any([unlocked, locks(destination)])])
    }

    /// The rule copies every object that arrives.
    fn copies_everything(&self, rule: &ReplicationRule) -> Derived<bool> {
        derived::all([all_objects(rule), self.takes_kms_objects(rule), self.can_arrive(rule)])
    }

    /// What the rules leave out, as clauses of a sentence.
    pub(super) fn shortfall(&self) -> Derived<String> {
        let rules = self.enabled()?;
        if rules.is_empty() {
            return Ok("it has no enabled replication rule".to_owned());
        }
        let lacks = |holds: Derived<bool>, text: String| holds.map(|holds| (!holds).then_some(text));
        let problems = problems(rules.iter().flat_map(|rule| {
            let name = name(rule);
            [
                lacks(all_objects(rule), format!("{name} copies only what its filter lets through")),
                lacks(
                    self.takes_kms_objects(rule),
                    format!("{name} leaves out objects under SSE-KMS, because it does not select them"),
                ),
                lacks(
                    self.can_arrive(rule),
                    format!("{name} copies nothing, because S3 replicates only into a bucket with versioning, and with Object \
                             Lock if this one has it"),
                ),
            ]
        }))?;
        Ok(problems.unwrap_or_else(|| "its rules copy everything, but to elsewhere".to_owned()))
    }

    fn to_another_account(&self, rule: &ReplicationRule) -> Derived<bool> {
        Ok(self.owner(rule)?.is_none_or(|owner| owner != self.bucket.account_id))
    }

    fn to_another_region(&self, rule: &ReplicationRule) -> Derived<bool> {
        match self.facts.index.buckets.get(destination_name(rule)) {
            Some(destination) => Ok(destination.region.get()? != self.bucket.region.get()?),
            None => self.facts.index.inventories.clone().map(|()| false),
        }
    }

    /// A copy counts where the organization has it: in another account of its own, or in another region.
    pub(super) fn second_copy(&self) -> Derived<bool> {
        self.any(|rule| {
            // That the rule names a member's account does not make the bucket the member's.
            let owner = self.facts.index.bucket_owner(destination_name(rule));
            let elsewhere = owner.and_then(|owner| match owner {
                Some(owner) if owner != self.bucket.account_id => self.facts.trust.is_member(&owner),
                _ => Ok(false),
            });
            let elsewhere = derived::any([elsewhere, self.to_another_region(rule)]);
            derived::all([self.copies_everything(rule), elsewhere])
        })
    }

    pub(super) fn replicates_to_archive(&self) -> Derived<bool> {
        self.any(|rule| {
            let archive = is_archive(self.facts, destination_name(rule));
            derived::all([self.copies_everything(rule), archive])
        })
    }

    pub(super) fn enabled_rules(&self) -> Derived<Vec<String>> {
        self.names_where(|_| Ok(true))
    }

    pub(super) fn foreign_rules(&self) -> Derived<Vec<String>> {
        self.names_where(|rule| self.to_another_account(rule))
    }

    /// Where the destination enforces the bucket owner's ownership, replicas are the destination's in any case.
    pub(super) fn rules_without_owner_override(&self) -> Derived<Vec<String>> {
        self.names_where(|rule| {
            let enforced = match self.facts.index.buckets.get(destination_name(rule)) {
                Some(destination) => object_ownership(destination).map(|it| it == OWNER_ENFORCED),
                None => self.facts.index.inventories.clone().map(|()| false),
            };
            let owned = derived::any([Ok(rule.owner_override), enforced]);
            derived::all([self.to_another_account(rule), owned.map(|owned| !owned)])
        })
    }

    pub(super) fn rules_with_delete_markers(&self) -> Derived<Vec<String>> {
        self.names_where(|rule| Ok(rule.delete_markers))
    }

    pub(super) fn rules_into_archive(&self) -> Derived<Vec<String>> {
        self.names_where(|rule| {
            let outside = trust::archive_account(&self.facts.index)
                .map(|account| account != Some(self.bucket.account_id.as_str()));
            derived::all([is_archive(self.facts, destination_name(rule)), outside])
        })
    }
}

/// Logs that are only replicas have their source elsewhere; without an archive there is nowhere to replicate to.
pub(in crate::facts) fn is_source(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    let replicas_only = receives_only(facts, &bucket.name, LogKind::Replicas);
    if replicas_only == Ok(true) {
        return Ok(false);
    }
    let archive = facts.index.archive.as_ref().map_err(Gaps::clone)?;
    if archive.as_ref().is_none_or(|archive| archive.bucket_name == bucket.name) {
        return Ok(false);
    }
    if trust::archive_account(&facts.index)? == Some(bucket.account_id.as_str()) {
        return Ok(false);
    }
    replicas_only.map(|only| !only)
}

pub(super) fn is_known_source(facts: &Facts, bucket: &Bucket) -> bool {
    facts.index.expectations.replication_sources.iter().any(|known| glob(known, &bucket.name))
}
