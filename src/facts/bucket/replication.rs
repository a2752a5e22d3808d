//! Replication out of a bucket. See [`super`].

use super::exposure::{OWNER_ENFORCED, object_ownership};
use super::{LogKind, is_archive, receives_only};
use crate::facts::view::Derived;
use crate::facts::{Facts, derived, suspects, trust};
use crate::model::{Bucket, Gaps, ReplicationRule, glob};

/// The enabled replication rules of a bucket.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    facts: &'a Facts,
    bucket: &'a Bucket,
    enabled: Derived<Vec<&'a ReplicationRule>>,
}

fn destination_name(rule: &ReplicationRule) -> &str {
    rule.destination_bucket_arn.rsplit(':').next().unwrap_or_default()
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

impl<'a> Rules<'a> {
    pub(super) fn new(facts: &'a Facts, bucket: &'a Bucket) -> Self {
        let enabled = bucket.replication.get().map(|replication| {
            let rules = replication.into_iter().flat_map(|replication| &replication.rules);
            rules.filter(|rule| rule.enabled).collect()
        });
        Self { facts, bucket, enabled }
    }

    fn enabled(&self) -> Derived<&[&'a ReplicationRule]> {
        self.enabled.as_deref().map_err(Gaps::clone)
    }

    fn those(&self, holds: impl Fn(&ReplicationRule) -> Derived<bool>) -> Derived<Vec<String>> {
        suspects::those(self.enabled()?.iter().map(|rule| (name(rule), holds(rule))))
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
            let elsewhere = self.owner(rule).and_then(|owner| match owner {
                Some(owner) if owner != self.bucket.account_id => self.facts.trust.is_member(&owner),
                _ => Ok(false),
            });
            derived::all([all_objects(rule), derived::any([elsewhere, self.to_another_region(rule)])])
        })
    }

    pub(super) fn replicates_to_archive(&self) -> Derived<bool> {
        self.any(|rule| derived::all([all_objects(rule), is_archive(self.facts, destination_name(rule))]))
    }

    pub(super) fn enabled_rules(&self) -> Derived<Vec<String>> {
        self.those(|_| Ok(true))
    }

    pub(super) fn foreign_rules(&self) -> Derived<Vec<String>> {
        self.those(|rule| self.to_another_account(rule))
    }

    /// Where the destination enforces the bucket owner's ownership, replicas are the destination's in any case.
    pub(super) fn rules_without_owner_override(&self) -> Derived<Vec<String>> {
        self.those(|rule| {
            let enforced = match self.facts.index.buckets.get(destination_name(rule)) {
                Some(destination) => object_ownership(destination).map(|it| it == OWNER_ENFORCED),
                None => self.facts.index.inventories.clone().map(|()| false),
            };
            let owned = derived::any([Ok(rule.owner_override), enforced]);
            derived::all([self.to_another_account(rule), owned.map(|owned| !owned)])
        })
    }

    pub(super) fn rules_with_delete_markers(&self) -> Derived<Vec<String>> {
        self.those(|rule| Ok(rule.delete_markers))
    }

    pub(super) fn rules_into_archive(&self) -> Derived<Vec<String>> {
        self.those(|rule| {
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
