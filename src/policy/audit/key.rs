//! What the key rules ask: on whose behalf CloudTrail uses a key, who administers it, and who decrypts.

use std::collections::{BTreeMap, BTreeSet};

use super::grants::{Grant, Scope, grants};
use super::{Designated, Evidence, OrganizationScope};
use crate::policy::document::{Document, StatementId};
use crate::policy::request::Target;
use crate::policy::truth::Truth;

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// The use that lets CloudTrail write or read with a key; `kms:DescribeKey` reveals nothing.
const USE_ACTIONS: &[&str] = &["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"];

const DECRYPT: &str = "kms:Decrypt";

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

/// Grants to decrypt that go beyond the designated, or may. A designated account's own IAM delegation is inside.
pub fn decrypters_outside(document: &Document, key_arn: &str, designated: &Designated) -> Vec<Grant> {
    grants(document, DECRYPT, &Target::exact(key_arn))
        .into_iter()
        .filter(|grant| !grant.scope.is_designated(designated).is_true())
        .collect()
}
