//! What the key rules ask: on whose behalf CloudTrail uses a key, who administers it, and who decrypts.

use std::collections::{BTreeMap, BTreeSet};

use super::given::given;
use super::grants::{Grant, Scope, grants};
use super::mentions::FILLER;
use super::{Designated, Evidence, OrganizationScope};
use crate::condition::Condition;
use crate::context::ContextValue;
use crate::document::{Document, StatementId};
use crate::pattern::Pattern;
use crate::request::Target;
use crate::truth::Truth;

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The use that lets CloudTrail write or read with a key; `kms:DescribeKey` reveals nothing.
const USE_ACTIONS: &[&str] = &["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"];

const DECRYPT: &str = "kms:Decrypt";

const CREATE_GRANT: &str = "kms:CreateGrant";

/// Actions by which one administers a key ("Allows key administrators to administer the KMS key").
const ADMINISTER_ACTIONS: &[&str] = &[
    "kms:CreateGrant",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
];

/// CloudTrail's use of a key, and whether it is limited to the trails of the organization, by `aws:SourceArn` and
/// its like or by the encryption context that names the trail. Empty where CloudTrail may not use the key.
pub fn cloudtrail_key_use(
    document: &Document,
    key_arn: &str,
    organization: &OrganizationScope,
) -> Vec<(Grant, Truth)> {
    let key = Target::exact(key_arn);
    let mut uses = Vec::new();
    for action in USE_ACTIONS {
        for grant in grants(document, action, &key) {
            let scoped = match &grant.scope {
                Scope::Service { name, source } if name == CLOUDTRAIL => source.within(organization),
                _ => continue,
            };
            uses.push((grant, scoped));
        }
    }
    uses
}

/// Who administers a key and who decrypts with it, by its policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyDuties {
    /// Those who may administer, by the name of their scope, with the statements.
    pub administrators: BTreeMap<String, BTreeSet<StatementId>>,
    /// Those who may decrypt.
    pub decrypters: BTreeMap<String, BTreeSet<StatementId>>,
    /// Those who may do both.
    pub both: BTreeSet<String>,
    /// Accounts to whose IAM policies the key policy leaves the decision: who there may do what, it does not say.
    pub delegates_to_iam: Vec<IamDelegation>,
    /// Statements of which it cannot be told whom they let do either.
    pub unknown: Vec<Evidence>,
}

/// An account whose IAM policies decide, as "Default key policy" of the KMS Developer Guide describes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamDelegation {
    /// The account.
    pub account: String,
    /// The statement.
    pub statement: StatementId,
    /// Whether it may allow administration.
    pub administer: bool,
    /// Whether it may allow decryption.
    pub decrypt: bool,
}

/// Separates those who administer a key from those who decrypt.
pub fn key_duties(document: &Document, key_arn: &str) -> KeyDuties {
    let key = Target::exact(key_arn);
    let mut duties = KeyDuties::default();
    for action in ADMINISTER_ACTIONS {
        for grant in grants(document, action, &key) {
            duties.take(&grant, true);
        }
    }
    for grant in grants(document, DECRYPT, &key) {
        duties.take(&grant, false);
    }
    let decrypt_all = duties.decrypters.contains_key(&Scope::Everyone.to_string());
    let administer_all = duties.administrators.contains_key(&Scope::Everyone.to_string());
    let administrators = duties.administrators.keys();
    duties.both = administrators
        .filter(|name| decrypt_all || duties.decrypters.contains_key(*name))
        .chain(duties.decrypters.keys().filter(|_| administer_all))
        .cloned()
        .collect();
    duties
}

impl KeyDuties {
    fn take(&mut self, grant: &Grant, administers: bool) {
        if !grant.certain || matches!(grant.scope, Scope::Unknown(_)) {
            let evidence = grant.evidence();
            if !self.unknown.contains(&evidence) {
                self.unknown.push(evidence);
            }
            return;
        }
        if let Scope::Accounts(accounts) = &grant.scope {
            for account in accounts {
                self.delegate(account, &grant.statement, administers);
            }
            return;
        }
        let duty = if administers { &mut self.administrators } else { &mut self.decrypters };
        let names: Vec<String> = match &grant.scope {
            Scope::Principals(arns) => arns.iter().cloned().collect(),
            Scope::Service { name, .. } => vec![name.clone()],
            scope => vec![scope.to_string()],
        };
        for name in names {
            duty.entry(name).or_default().insert(grant.statement.clone());
        }
    }

    fn delegate(&mut self, account: &str, statement: &StatementId, administers: bool) {
        let known = self
            .delegates_to_iam
            .iter_mut()
            .find(|delegation| delegation.account == account && delegation.statement == *statement);
        match known {
            Some(delegation) => {
                delegation.administer |= administers;
                delegation.decrypt |= !administers;
            }
            None => self.delegates_to_iam.push(IamDelegation {
                account: account.to_owned(),
                statement: statement.clone(),
                administer: administers,
                decrypt: !administers,
            }),
        }
    }
}

/// Operations of a grant by which its grantee gets at what is encrypted.
pub const READING_OPERATIONS: [&str; 2] = ["Decrypt", "ReEncryptFrom"];

/// Grants to get at what is encrypted that go beyond the designated, or may. A designated account's own IAM delegation is
/// inside.
///
/// Whoever may re-encrypt to another key of theirs decrypts with that, and whoever may make grants gives themselves one to
/// decrypt. `PutKeyPolicy`, `ReplicateKey` and the rest of what administers a key cannot be called from another account
/// ("Cross-account use: No" of the AWS KMS API Reference, read 2026-11-29), and generating data keys tells nothing of those
/// that encrypt logs.
pub fn decrypters_outside(document: &Document, key_arn: &str, designated: &Designated) -> Vec<Grant> {
    let key = Target::exact(key_arn);
    // Under the same key the text stays encrypted.
    let to_another_key = given(document, &[("kms:reencryptonsamekey", ContextValue::one("false"))]);
    grants(document, DECRYPT, &key)
        .into_iter()
        .chain(grants(&to_another_key, "kms:ReEncryptFrom", &key))
        .chain(grantors(document, &key))
        .filter(|grant| !grant.scope.is_designated(designated).is_true())
        .collect()
}

/// Who may make grants that let decrypt: certainly those who may give such a grant to whomever they like.
///
/// "AWS KMS condition keys" (KMS Developer Guide, read 2026-11-29): `kms:GrantOperations` has the operations that the grant
/// allows; with `kms:GrantIsForAWSResource` the call must come from a service that works for the caller. What that service
/// then shows the caller is not known, nor who a grantee is that the policy names.
fn grantors(document: &Document, key: &Target) -> Vec<Grant> {
    let anyone = format!("arn:aws:iam::{FILLER}:role/{FILLER}");
    let mut found: Vec<Grant> = Vec::new();
    for operations in reading_sets(document) {
        let operations = ("kms:grantoperations", ContextValue::Known(operations));
        let directly = [
            operations.clone(),
            ("kms:grantisforawsresource", ContextValue::one("false")),
            ("kms:granteeprincipal", ContextValue::one(anyone.as_str())),
        ];
        let sure = grants(&given(document, &directly), CREATE_GRANT, key);
        let mut possible = grants(&given(document, &[operations]), CREATE_GRANT, key);
        for grant in &mut possible {
            grant.certain = false;
        }
        found.extend(sure);
        found.extend(possible);
    }
    // What is certain says all that is possible besides.
    found.sort_by_key(|grant| !grant.certain);
    let mut kept: Vec<Grant> = Vec::new();
    for grant in found {
        let known = |other: &Grant| other.statement == grant.statement && other.scope == grant.scope;
        if !kept.iter().any(known) {
            kept.push(grant);
        }
    }
    kept
}

/// Sets of operations by which a grant lets read: one that reads, alone and with all others that the policy names.
fn reading_sets(document: &Document) -> Vec<Vec<String>> {
    let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    let named = conditions.filter(|condition| condition.lowercase_key() == "kms:grantoperations");
    let named: BTreeSet<&str> = named
        .flat_map(Condition::values)
        .map(Pattern::text)
        .filter(|name| !name.contains(['*', '?', '$']))
        .collect();
    let with_all = |reading: &str| {
        let others = named.iter().filter(|name| **name != reading);
        others.map(|name| (*name).to_owned()).chain([reading.to_owned()]).collect()
    };
    READING_OPERATIONS.iter().flat_map(|reading| [vec![(*reading).to_owned()], with_all(reading)]).collect()
}
