//! The facts of a key that encrypts logs. See [`super`].

mod policy;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::derived::join;
use super::kind::{Kind, Listed};
use super::view::{Derived, Prose, Says, View, facts};
use super::{Facts, SubjectFacts, SubjectKind, in_store, noted_gaps, placeholder, trust, unrecorded, words};
use crate::model::stores::key::KEY_SPECS;
use crate::model::{Gap, GapPlace, GapReason, Gaps, Key, StoresRecord};

facts! {
    /// A KMS key that encrypts logs.
    pub struct KeyFacts as "key" {
        /// Its ARN.
        arn: String,
        /// It belongs to a customer, not to AWS, who keeps the policy and rotation of its own keys to itself. A key
        /// that KMS does not know was somebody's.
        customer_managed: Derived<bool>,
        /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`, ..., or `not found`.
        state: Derived<String> = crate::model::stores::key::KEY_STATES,
        /// It is of a kind that KMS can rotate: for symmetric encryption, with key material that KMS made, and not to be
        /// deleted.
        can_rotate: Derived<bool>,
        /// Days between automatic rotations; null where they are off.
        rotation_days: Derived<Option<i64>>,
        /// The primary of which it is a replica, as a multi-Region key; null if it is none.
        primary_key_arn: Derived<Option<String>>,
        /// Whether it is rotated, in words, after the key's name.
        rotation: Derived<String> => ROTATION,
        /// Statements of its policy that give access to everyone or to any AWS customer.
        public_statements: Derived<Vec<String>>,
        /// Whom its policy and its grants let use or change it outside the organization.
        outsiders: Derived<Vec<String>>,
        /// All of these in words; null if there are none.
        foreign_access: Derived<Option<String>> => FOREIGN_ACCESS,
        /// Its policy lets CloudTrail use it.
        admits_cloudtrail: Derived<bool>,
        /// Statements that let CloudTrail use it for others than this organization's trails.
        unscoped_cloudtrail_use: Derived<Vec<String>>,
        /// Who may both administer it and decrypt with it.
        both_duties: Derived<Vec<String>>,
        /// Whom its policy and its grants let decrypt besides the designated readers.
        undesignated_decrypters: Derived<Vec<String>>,
        /// The archive account or a security account owns it.
        is_central: Derived<bool>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "key",
    variable: "key",
    unlisted: "the keys that encrypt logs",
    service: "kms",
    ocsf: "AWS::KMS::Key",
    asff: "AwsKmsKey",
    schema: KeyFacts::schema,
    more: &[],
    listed: Listed::Owner(subjects),
    missing: Some(missing),
    undecided: Some(|facts, gaps| {
        for (name, key) in &facts.index.keys {
            if *name == key.arn {
                derive(facts, key, gaps);
            }
        }
        gaps.extend(unrecorded::keys(&facts.index).filter_map(|it| unrecorded::gap(&facts.index, it)));
    }),
};

fn subjects(facts: &Facts, record: &StoresRecord) -> Vec<SubjectFacts> {
    let keys = record.keys.iter().map(|key| {
        let own: Arc<dyn View> = Arc::new(derive(facts, key, &mut Vec::new()));
        (key.arn.as_str(), own)
    });
    in_store::subjects(facts, record, SubjectKind::Key, keys)
}

/// Keys that logs are encrypted with, of which no scanned account could be asked, and those that an answer which was
/// refused may have led to.
fn missing(facts: &Facts) -> Vec<SubjectFacts> {
    let mut subjects = in_store::missing(&facts.index, SubjectKind::Key, unrecorded::keys(&facts.index));
    // A bucket that nobody could be asked about may be encrypted with any key.
    let of_buckets = unrecorded::buckets(&facts.index).next().map(|(_, gaps)| gaps.clone());
    subjects.extend(placeholder::unnamed(
        &facts.index,
        SubjectKind::Key,
        &facts.index.unlisted_keys,
        of_buckets,
    ));
    subjects
}

/// Why further keys, of whatever account, may encrypt logs: what was refused may have named them.
pub(super) fn hidden(facts: &Facts) -> Option<Gaps> {
    let mut all = facts.index.hidden_keys.clone();
    // A bucket that nobody could be asked about may be encrypted with any key.
    if let Some((_, gaps)) = unrecorded::buckets(&facts.index).next() {
        join(&mut all, gaps);
    }
    if let Some(gaps) = placeholder::accounts_unlisted(&facts.index) {
        join(&mut all, &gaps);
    }
    all
}

/// Derives a key's facts, and notes what was read but cannot be decided.
pub(super) fn derive(facts: &Facts, key: &Key, gaps: &mut Vec<Gap>) -> KeyFacts {
    let policy = policy::read(facts, key, gaps);
    KeyFacts {
        arn: key.arn.clone(),
        customer_managed: customer_managed(key),
        state: state(key),
        can_rotate: can_rotate(key, gaps),
        rotation: rotation(rotation_days(key), primary_key_arn(key)),
        primary_key_arn: primary_key_arn(key),
        rotation_days: rotation_days(key),
        foreign_access: foreign_access(&policy.public_statements, &policy.outsiders),
        public_statements: policy.public_statements,
        outsiders: policy.outsiders,
        admits_cloudtrail: policy.admits_cloudtrail,
        unscoped_cloudtrail_use: policy.unscoped_cloudtrail_use,
        both_duties: policy.both_duties,
        undesignated_decrypters: policy.undesignated_decrypters,
        is_central: trust::is_central(&facts.index, &key.account_id),
    }
}

/// Replicas of a multi-Region key have the rotation of their primary, where alone it can be set ("Rotating multi-Region
/// keys", KMS developer guide,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>, read 2026-11-29).
fn rotation(period: Derived<Option<i64>>, primary: Derived<Option<String>>) -> Derived<String> {
    let own = match period? {
        Some(period) => format!("is rotated every {}", words::days(period)),
        None => "is not rotated automatically".to_owned(),
    };
    // What is not known of a primary keeps nothing of the rest from being said.
    Ok(match primary.ok().flatten() {
        Some(primary) => format!("{own}, as its primary key {primary}, on which that is set"),
        None => own,
    })
}

const ROTATION: Prose = Prose {
    from: &["rotation_days", "primary_key_arn"],
    says: Says::Text(|facts| {
        rotation(facts.number("rotation_days"), facts.text("primary_key_arn")).map(Some)
    }),
};

fn primary_key_arn(key: &Key) -> Derived<Option<String>> {
    let Some(description) = key.description.get()? else { return Ok(None) };
    if !description.multi_region {
        return Ok(None);
    }
    Ok(description.primary_arn.get()?.filter(|primary| **primary != key.arn).cloned())
}

fn foreign_access(
    public_statements: &Derived<Vec<String>>,
    outsiders: &Derived<Vec<String>>,
) -> Derived<Option<String>> {
    let all = |list: &Derived<Vec<String>>| list.clone().map(|texts| words::clauses(&texts));
    words::problems([all(public_statements), all(outsiders)])
}

const FOREIGN_ACCESS: Prose = Prose {
    from: &["public_statements", "outsiders"],
    says: Says::Text(|facts| foreign_access(&facts.texts("public_statements"), &facts.texts("outsiders"))),
};

fn customer_managed(key: &Key) -> Derived<bool> {
    Ok(key.description.get()?.is_none_or(|description| description.customer_managed))
}

/// "Rotate AWS KMS keys" and `GetKeyRotationStatus` of the KMS documentation (read 2026-11-28): KMS rotates only material
/// that it made itself, of keys for symmetric encryption; of others, of imported material and of keys in custom key stores
/// the status is false for ever, and so it is while a key waits to be deleted. `kms-usable` tells of those.
fn can_rotate(key: &Key, gaps: &mut Vec<Gap>) -> Derived<bool> {
    let Some(rotation) = key.rotation.get()? else { return Ok(false) };
    if rotation.enabled {
        return Ok(true);
    }
    let Some(description) = key.description.get()? else { return Ok(false) };
    if matches!(description.state.as_str(), "PendingDeletion" | "PendingReplicaDeletion") {
        return Ok(false);
    }
    let mut undecided = |what: &str| {
        let place = GapPlace {
            account_id: Some(&key.account_id),
            region: Some(&key.region),
            service: "kms",
            operation: "DescribeKey",
            resource: Some(&key.arn),
        };
        let why = format!("whether KMS can rotate keys of {what} is not known to this release");
        Err(noted_gaps::note(gaps, place, GapReason::Undecided, &why))
    };
    match description.origin.as_str() {
        "AWS_KMS" => {}
        "EXTERNAL" | "AWS_CLOUDHSM" | "EXTERNAL_KEY_STORE" => return Ok(false),
        origin => return undecided(&format!("origin {origin}")),
    }
    match description.spec.get()?.map(String::as_str) {
        Some("SYMMETRIC_DEFAULT") => Ok(true),
        Some(spec) if KEY_SPECS.contains(&spec) => Ok(false),
        Some(spec) => undecided(&format!("spec {spec}")),
        None => undecided("no spec"),
    }
}

fn state(key: &Key) -> Derived<String> {
    Ok(key.description.get()?.map_or("not found", |description| description.state.as_str()).to_owned())
}

fn rotation_days(key: &Key) -> Derived<Option<i64>> {
    const DEFAULT_DAYS: i64 = 365;
    match key.rotation.get()?.filter(|rotation| rotation.enabled) {
        Some(rotation) => Ok(Some(rotation.period_days.get()?.copied().unwrap_or(DEFAULT_DAYS))),
        None => Ok(None),
    }
}
