//! What protects the archive and the keys that encrypt logs: service control policies, resource control policies and
//! the resource's own policy together, and Object Lock. See [`super`].

use std::collections::HashMap;
use std::sync::Arc;

use super::actions::ACCOUNT;
use super::answer::{Answer, Standing};
use super::effective::Caller;
use super::own_policy::Resource;
use super::protection::{Asked, Protection};
use super::row::{ProtectedAccount, Row};
use super::{Binding, Guardrail, ProtectedAction, ResourceKind};
use crate::facts::derived::join;
use crate::facts::index::Index;
use crate::facts::view::Derived;
use crate::facts::{AccountFacts, Facts, key, noted_gaps, unrecorded};
use crate::model::{Bucket, Gap, GapPlace, GapReason, Gaps, Key, Observed, RetentionMode};
use crate::policy::Arn;

const PUT_POLICY: &str = "s3:PutBucketPolicy";

/// What logs are stored in and encrypted with, by owner: buckets by name, keys by ARN.
#[derive(Debug, Default)]
pub(super) struct Owned {
    by_account: HashMap<String, Stores>,
}

#[derive(Debug, Default)]
struct Stores {
    buckets: Vec<String>,
    keys: Vec<String>,
    /// Keys that something names and that were not read.
    missing_keys: Vec<String>,
}

impl Owned {
    pub(super) fn of(index: &Index) -> Self {
        let mut this = Self::default();
        for bucket in index.buckets.values() {
            this.stores(&bucket.account_id).buckets.push(bucket.name.clone());
        }
        for (name, key) in &index.keys {
            if *name == key.arn {
                this.stores(&key.account_id).keys.push(key.arn.clone());
            }
        }
        for reference in &index.key_references {
            let key = Arn::parse(reference).filter(|_| reference.contains(":key/"));
            if let Some(key) = key.filter(|_| !index.keys.contains_key(reference)) {
                this.stores(key.account_id).missing_keys.push(reference.clone());
            }
        }
        this
    }

    fn stores(&mut self, account: &str) -> &mut Stores {
        self.by_account.entry(account.to_owned()).or_default()
    }

    pub(super) fn buckets(&self, account: &str) -> &[String] {
        self.by_account.get(account).map_or(&[], |stores| &stores.buckets)
    }

    /// The owners of anything.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.by_account.keys().map(String::as_str)
    }
}

/// The archive's protection, in the account that owns it; nothing in others.
pub(super) fn archive(
    facts: &Facts,
    account: &AccountFacts,
    guardrail: Guardrail,
    gaps: &mut Vec<Gap>,
) -> Protection {
    match &account.is_archive {
        Ok(true) => {}
        Ok(false) => return Protection::nothing(guardrail),
        Err(unknown) => return Protection::unknown(guardrail, unknown),
    }
    let bucket = match bucket(facts, gaps) {
        Ok(Some(bucket)) => bucket,
        Ok(None) => return Protection::nothing(guardrail),
        Err(unknown) => return Protection::unknown(guardrail, &unknown),
    };
    let place = GapPlace {
        account_id: Some(&bucket.account_id),
        region: bucket.region.get().ok().flatten().map(String::as_str),
        service: "s3",
        operation: "GetBucketPolicy",
        resource: Some(&bucket.name),
    };
    let arn = format!("arn:{}:s3:::{}", facts.guardrails.ground().partition(), bucket.name);
    let resource = Resource {
        facts,
        account: &account.id,
        arn: &arn,
        binding: facts.guardrails.binding_alone(&account.id),
        called: "bucket policy",
        changed_by: &[PUT_POLICY, "s3:DeleteBucketPolicy"],
        document: noted_gaps::document(gaps, &bucket.policy, place).map(|it| it.map(Arc::new)),
        place,
    };
    let objects = format!("{arn}/*");
    let mut rows: Vec<Row> = Vec::new();
    let mut others_may_be_let_in = false;
    for action in guardrail.actions() {
        let on = match action.resource {
            ResourceKind::Account | ResourceKind::None => {
                rows.push(account_row(facts, action, &resource.binding));
                continue;
            }
            ResourceKind::ArchiveObject => &objects,
            _ => &arn,
        };
        others_may_be_let_in |= !resource.is_denied_without_own(Caller::Outsider, action.name, on);
        rows.push(resource.ask(action, on, gaps));
    }
    // Whoever may put the bucket's policy lets in callers of an account that no service control policy binds.
    if guardrail == Guardrail::ArchiveDeletion && others_may_be_let_in {
        let letting_in = Guardrail::ArchiveReconfiguration.actions().iter();
        let letting_in = letting_in.filter(|action| action.name == PUT_POLICY);
        rows.extend(letting_in.map(|action| resource.ask(action, &arn, gaps)));
    }
    let asked = Asked { rows, ..Asked::default() };
    asked.into_protection(guardrail, &of(facts, &account.id, &resource.binding))
}

/// Of the account itself: no policy of a resource has a say.
fn account_row(facts: &Facts, action: &'static ProtectedAction, binding: &Derived<Binding>) -> Row {
    let pattern = action.resource.pattern(facts.guardrails.ground().partition(), ACCOUNT);
    let answer = match binding {
        Ok(Binding::Member(set)) => set.answer(facts.guardrails.ground(), action.name, &pattern),
        Ok(Binding::Management | Binding::Alone) => Arc::new(Answer::unbound()),
        Err(gaps) => Arc::new(Answer { standing: Err(gaps.clone()), ..Answer::unbound() }),
    };
    Row::new(action, &pattern, answer)
}

/// Whether somebody may close the account, which ends what Object Lock holds. Closing the management account takes that
/// no other is left ("Closing an account", AWS Account Management Reference Guide, read 2026-11-28).
fn can_be_closed(facts: &Facts, account: &str) -> Derived<bool> {
    let binding = facts.guardrails.binding(account);
    if matches!(binding, Ok(Binding::Management | Binding::Alone)) {
        return Ok(false);
    }
    let closing =
        Guardrail::ArchiveDeletion.actions().iter().filter(|it| it.resource == ResourceKind::Account);
    let mut open = false;
    for action in closing {
        open |= !account_row(facts, action, &binding).answer.standing.clone()?.protects();
    }
    Ok(open)
}

fn of<'a>(facts: &'a Facts, account: &'a str, binding: &Derived<Binding>) -> ProtectedAccount<'a> {
    let unbound = match binding {
        Ok(Binding::Member(set)) => set.service_control().is_none(),
        Ok(Binding::Management | Binding::Alone) => true,
        Err(_) => false,
    };
    ProtectedAccount { account, partition: facts.guardrails.ground().partition(), unbound }
}

/// The archive bucket as its owner read it; `None` if there is no archive.
fn bucket<'a>(facts: &'a Facts, gaps: &mut Vec<Gap>) -> Derived<Option<&'a Bucket>> {
    let Some(archive) = facts.index.archive.as_ref().map_err(Gaps::clone)? else { return Ok(None) };
    if let Some(bucket) = facts.index.buckets.get(&archive.bucket_name) {
        return Ok(Some(bucket));
    }
    let place = GapPlace {
        service: "s3",
        operation: "GetBucketPolicy",
        resource: Some(&archive.bucket_name),
        ..GapPlace::default()
    };
    Err(noted_gaps::note(gaps, place, GapReason::NotCollected, "the archive bucket was not read"))
}

/// Days of default retention in compliance mode on the archive bucket, which nobody can shorten for what is stored but by
/// closing the account; none where that is open. That the default for later objects may be changed is a matter of
/// reconfiguring the archive.
pub(super) fn lock_days(facts: &Facts, account: &AccountFacts) -> Derived<i64> {
    if !account.is_archive.clone()? {
        return Ok(0);
    }
    let Some(bucket) = bucket(facts, &mut Vec::new())? else { return Ok(0) };
    let lock = bucket.object_lock.get()?.filter(|lock| lock.enabled);
    let retention = lock.and_then(|lock| lock.default_retention.as_ref());
    let days = retention
        .filter(|retention| retention.mode == RetentionMode::Compliance)
        .map_or(0, |retention| retention.days);
    Ok(if days > 0 && can_be_closed(facts, &account.id)? { 0 } else { days })
}

/// The protection of the customer managed keys of an account that encrypt logs.
pub(super) fn keys(facts: &Facts, account: &str, gaps: &mut Vec<Gap>) -> Protection {
    let guardrail = Guardrail::KeyDestruction;
    let stores = facts.guardrails.owned.by_account.get(account);
    let mut asked = Asked::default();
    let known: Vec<&Arc<Key>> =
        stores.iter().flat_map(|it| &it.keys).filter_map(|arn| facts.index.keys.get(arn)).collect();
    if !known.is_empty() {
        let binding = facts.guardrails.binding_alone(account);
        let mut certain = false;
        for key in known {
            certain |= ask_key(facts, key, &binding, &mut asked, gaps);
        }
        if certain {
            asked.holds();
        }
    }
    let missing = stores.iter().flat_map(|stores| &stores.missing_keys);
    let mut named = None;
    missing.for_each(|reference| join(&mut named, &unrecorded::why(&facts.index, reference)));
    ask_all(facts, account, (named.as_ref(), key::hidden(facts).as_ref()), &mut asked);
    asked.into_protection(guardrail, &of(facts, account, &facts.guardrails.binding(account)))
}

/// Whether the account certainly holds the key, and it is a customer's.
fn ask_key(
    facts: &Facts,
    key: &Key,
    binding: &Derived<Binding>,
    asked: &mut Asked,
    gaps: &mut Vec<Gap>,
) -> bool {
    let unclear = match &key.description {
        // One that KMS does not know has been destroyed: kms-usable says so.
        Observed::Absent => return false,
        Observed::Known(description) if !description.customer_managed => return false,
        Observed::Known(_) => None,
        Observed::Unavailable(gap) => Some(Gaps::from(gap.clone())),
    };
    let place = GapPlace {
        account_id: Some(&key.account_id),
        region: Some(&key.region),
        service: "kms",
        operation: "GetKeyPolicy",
        resource: Some(&key.arn),
    };
    let resource = Resource {
        facts,
        account: &key.account_id,
        arn: &key.arn,
        binding: binding.clone(),
        called: "key policy",
        changed_by: &["kms:PutKeyPolicy"],
        document: noted_gaps::document(gaps, &key.policy, place).map(|it| it.map(Arc::new)),
        place,
    };
    for action in Guardrail::KeyDestruction.actions() {
        if !concerns(action, key) {
            continue;
        }
        let row = match action.resource {
            ResourceKind::None => account_row(facts, action, binding),
            _ => resource.ask(action, &key.arn, gaps),
        };
        match &unclear {
            Some(gaps) if !row.answer.standing.as_ref().is_ok_and(Standing::protects) => {
                asked.lacks(gaps);
            }
            _ => asked.rows.push(row),
        }
    }
    if let Some(gaps) = &unclear {
        // One of AWS's own would be no matter here.
        asked.may_hold_nothing(gaps);
    }
    unclear.is_none()
}

/// Whether the action could end the use of a key of this origin. Only material that was imported can be deleted by
/// itself: KMS refuses it for other keys. Custom key stores matter to the keys in them.
fn concerns(action: &ProtectedAction, key: &Key) -> bool {
    let Observed::Known(description) = &key.description else { return true };
    match (action.name, action.resource) {
        ("kms:DeleteImportedKeyMaterial", _) => description.origin == "EXTERNAL",
        (_, ResourceKind::None) => description.origin != "AWS_KMS" && description.origin != "EXTERNAL",
        _ => true,
    }
}

/// What denies it on every key of the account says so whatever keys there are. Otherwise keys that nobody could read,
/// or that nobody could name, are not known to be protected.
fn ask_all(facts: &Facts, account: &str, (named, hidden): (Option<&Gaps>, Option<&Gaps>), asked: &mut Asked) {
    let guardrails = &facts.guardrails;
    let holds_something = !asked.rows.is_empty();
    let mut all_denied = Vec::new();
    let (mut perhaps_denied, mut unread) = (0, None);
    for action in Guardrail::KeyDestruction.actions() {
        let pattern = action.resource.pattern(guardrails.ground().partition(), ACCOUNT);
        let mut may_exempt = false;
        match guardrails.binding(account) {
            Err(gaps) => {
                may_exempt = true;
                perhaps_denied += 1;
                join(&mut unread, &gaps);
            }
            Ok(Binding::Management | Binding::Alone) => {}
            Ok(Binding::Member(set)) => {
                let answer = set.answer(guardrails.ground(), action.name, &pattern);
                if answer.standing.as_ref().is_ok_and(Standing::protects) {
                    all_denied.push(Row::new(action, &pattern, answer));
                    continue;
                }
                if let Err(gaps) = &answer.standing {
                    perhaps_denied += 1;
                    join(&mut unread, gaps);
                }
                may_exempt |= answer.may_exempt_others();
            }
        }
        if let Some(gaps) = named {
            asked.lacks(gaps);
        }
        // Of a key that nobody named the organization's policies alone are asked whom they exempt.
        if let Some(gaps) = hidden {
            join(&mut asked.missing, gaps);
            join(&mut asked.deniable, gaps);
            if may_exempt {
                join(&mut asked.exempting, gaps);
            }
        }
    }
    let whole = all_denied.len() == Guardrail::KeyDestruction.actions().len();
    if whole {
        asked.holds();
    }
    // What was not read may deny it whatever keys there are, which says so of none as well.
    if let Some(gaps) = unread.filter(|_| !holds_something)
        && all_denied.len() + perhaps_denied == Guardrail::KeyDestruction.actions().len()
    {
        asked.may_hold_nothing(&gaps);
    }
    if named.is_some() || hidden.is_some() || whole && !holds_something {
        asked.rows.extend(all_denied);
    }
}

/// What of the policies of archive and keys was read but cannot be decided.
pub(in crate::facts) fn undecided_gaps(facts: &Facts, gaps: &mut Vec<Gap>) {
    if let Ok(Some(archive)) = &facts.index.archive
        && let Ok(Some(owner)) = &archive.account_id
    {
        let account = crate::facts::account::derive_by_id(facts, owner);
        for guardrail in [Guardrail::ArchiveDeletion, Guardrail::ArchiveReconfiguration] {
            self::archive(facts, &account, guardrail, gaps);
        }
    }
    let mut owners: Vec<&str> = facts.guardrails.owned.accounts().collect();
    owners.sort_unstable();
    for owner in owners {
        keys(facts, owner, gaps);
    }
}
