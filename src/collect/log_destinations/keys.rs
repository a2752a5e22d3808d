//! Reads the KMS keys that encrypt logs, each in the account and region that own it.

use std::collections::BTreeMap;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{GrantListEntry, KeyManagerType, KeyMetadata};
use futures_util::future::join_all;

use super::reference::Reference;
use crate::collect::call::{CallTarget, flatten};
use crate::collect::convert::{Arn, Missing, each, next_marker, text};
use crate::collect::session::Session;
use crate::collect::table::{Call, DESCRIBE_KEY, GET_KEY_POLICY, GET_KEY_ROTATION, LIST_GRANTS};
use crate::model::{
    Edge, EdgeKind, GapId, Key, KeyDescription, KeyGrant, KeyRotation, Observed, StoresRecord,
};

/// A key as a trail, a bucket, a channel or a log group calls it, and where that is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyReference {
    /// The account that owns the key.
    pub(crate) account_id: String,
    /// The key's region.
    pub(crate) region: String,
    /// ARN, identity or alias.
    pub(crate) name: String,
}

impl KeyReference {
    /// An ARN says where the key is; anything else is meant in the account and region of who names it.
    pub(crate) fn new(name: &str, namer_account: &str, namer_region: &str) -> Self {
        let (account_id, region) = match Arn::parse(name) {
            Some(arn) if !arn.account_id.is_empty() => (arn.account_id, arn.region),
            _ => (namer_account, namer_region),
        };
        Self { account_id: account_id.to_owned(), region: region.to_owned(), name: name.to_owned() }
    }
}

impl Reference for KeyReference {
    type Identity = Self;
    const OUT_OF_SCOPE: (&'static Call, &'static str) =
        (&DESCRIBE_KEY, "the key belongs to an account that was not scanned");

    fn named_by(edge: &Edge<'_>) -> Option<Self> {
        let (EdgeKind::Encrypts, Ok(key), Some(region)) = (edge.kind, &edge.to, edge.region) else {
            return None;
        };
        Some(Self::new(key, edge.account_id, region))
    }

    fn owner(&self) -> &str {
        &self.account_id
    }

    fn identity(&self) -> Self {
        self.clone()
    }

    fn answered(stores: &StoresRecord) -> Vec<Self> {
        let references = |key: &Key| {
            let reference = |name: &String| Self {
                account_id: key.account_id.clone(),
                region: key.region.clone(),
                name: name.clone(),
            };
            key.references.iter().map(reference).collect::<Vec<_>>()
        };
        stores.keys.iter().flat_map(references).collect()
    }

    async fn read(session: &Session, references: Vec<Self>) -> StoresRecord {
        StoresRecord { keys: read(session, references).await, ..StoresRecord::default() }
    }

    fn unavailable(references: Vec<Self>, gap: &GapId) -> StoresRecord {
        let key = |reference: Self| Key {
            arn: reference.name.clone(),
            account_id: reference.account_id,
            region: reference.region,
            references: vec![reference.name],
            description: Observed::Unavailable(gap.clone()),
            rotation: Observed::Unavailable(gap.clone()),
            policy: Observed::Unavailable(gap.clone()),
            grants: Observed::Unavailable(gap.clone()),
        };
        StoresRecord { keys: references.into_iter().map(key).collect(), ..StoresRecord::default() }
    }
}

/// Reads the keys behind the references, one record for each key however it is called.
async fn read(session: &Session, references: Vec<KeyReference>) -> Vec<Key> {
    let described = join_all(references.into_iter().map(|reference| async move {
        let client = session.kms(&reference.region);
        let described = describe(session, &client, &reference).await;
        (reference, described)
    }));
    let mut keys: BTreeMap<(String, String), (Observed<KeyDescription>, Vec<String>)> = BTreeMap::new();
    for (reference, described) in described.await {
        let (arn, description) = match described {
            Observed::Known((arn, description)) => (arn, Observed::Known(description)),
            Observed::Absent => (reference.name.clone(), Observed::Absent),
            Observed::Unavailable(gap) => (reference.name.clone(), Observed::Unavailable(gap)),
        };
        let key = keys.entry((reference.region, arn)).or_insert_with(|| (description, Vec::new()));
        key.1.push(reference.name);
    }
    let read = keys.into_iter().map(|((region, arn), (description, mut references))| async move {
        references.sort_unstable();
        references.dedup();
        read_key(session, region, arn, description, references).await
    });
    join_all(read).await
}

async fn describe(
    session: &Session,
    client: &Client,
    reference: &KeyReference,
) -> Observed<(String, KeyDescription)> {
    let at = CallTarget::region(&reference.region).of(&reference.name);
    let send = || client.describe_key().key_id(&reference.name).send();
    let answer = session.api.call(&DESCRIBE_KEY, at, send).await;
    flatten(answer.map(|answer| match answer.key_metadata.ok_or("KeyMetadata").and_then(description) {
        Ok((arn, _)) if !is_meant(reference, &arn) => {
            let missing = "KeyMetadata.Arn of the key that was asked for";
            Observed::Unavailable(session.api.malformed(&DESCRIBE_KEY, at, missing))
        }
        Ok(described) => Observed::Known(described),
        Err(missing) => Observed::Unavailable(session.api.malformed(&DESCRIBE_KEY, at, missing)),
    }))
}

/// Whether the answer is about the key that was asked for: an alias only says where it is.
fn is_meant(reference: &KeyReference, arn: &str) -> bool {
    let Some(found) = Arn::parse(arn) else { return false };
    let named = Arn::parse(&reference.name).map_or(reference.name.as_str(), |arn| arn.resource);
    let same = named.starts_with("alias/")
        || found.resource == named
        || found.resource.strip_prefix("key/") == Some(named);
    same && found.account_id == reference.account_id && found.region == reference.region
}

fn description(key: KeyMetadata) -> Result<(String, KeyDescription), Missing> {
    let description = KeyDescription {
        state: key.key_state.ok_or("KeyMetadata.KeyState")?.as_str().to_owned(),
        customer_managed: key.key_manager.ok_or("KeyMetadata.KeyManager")? == KeyManagerType::Customer,
        origin: key.origin.ok_or("KeyMetadata.Origin")?.as_str().to_owned(),
        spec: text(key.key_spec.map(|spec| spec.as_str().to_owned())),
        // AWS describes a multi-region key's regions, and of no other key.
        multi_region: key.multi_region == Some(true) || key.multi_region_configuration.is_some(),
        primary_arn: text(key.multi_region_configuration.and_then(|it| it.primary_key).and_then(|it| it.arn)),
    };
    Ok((key.arn.ok_or("KeyMetadata.Arn")?, description))
}

async fn read_key(
    session: &Session,
    region: String,
    arn: String,
    description: Observed<KeyDescription>,
    references: Vec<String>,
) -> Key {
    let client = session.kms(&region);
    let is_alias = |name: &str| Arn::parse(name).map_or(name, |arn| arn.resource).starts_with("alias/");
    let (rotation, policy, grants) = match &description {
        // KMS takes no alias for the other calls, and what it does not know has nothing to read.
        Observed::Absent => (Observed::Absent, Observed::Absent, Observed::Absent),
        Observed::Unavailable(gap) if is_alias(&arn) => (
            Observed::Unavailable(gap.clone()),
            Observed::Unavailable(gap.clone()),
            Observed::Unavailable(gap.clone()),
        ),
        Observed::Known(_) | Observed::Unavailable(_) => {
            let at = CallTarget::region(&region).of(&arn);
            tokio::join!(
                rotation(session, &client, at, &arn),
                policy(session, &client, at, &arn),
                grants(session, &client, at, &arn),
            )
        }
    };
    let account_id = session.account_id.clone();
    Key { arn, account_id, region, references, description, rotation, policy, grants }
}

async fn rotation(
    session: &Session,
    client: &Client,
    at: CallTarget<'_>,
    arn: &str,
) -> Observed<KeyRotation> {
    let send = || client.get_key_rotation_status().key_id(arn).send();
    let answer = session.api.call(&GET_KEY_ROTATION, at, send).await;
    flatten(answer.map(|answer| {
        // AWS gives the key's identity or its ARN.
        if answer.key_id.is_some_and(|id| !arn.ends_with(&id)) {
            let missing = "KeyId of the key that was asked for";
            return Observed::Unavailable(session.api.malformed(&GET_KEY_ROTATION, at, missing));
        }
        Observed::Known(KeyRotation {
            enabled: answer.key_rotation_enabled,
            period_days: answer.rotation_period_in_days.map(i64::from).into(),
        })
    }))
}

async fn policy(session: &Session, client: &Client, at: CallTarget<'_>, arn: &str) -> Observed<String> {
    // `default` is the only name that a key policy can have.
    let send = || client.get_key_policy().key_id(arn).policy_name("default").send();
    let answer = session.api.call(&GET_KEY_POLICY, at, send).await;
    flatten(answer.map(|answer| match answer.policy {
        Some(policy) => Observed::Known(policy),
        None => Observed::Unavailable(session.api.malformed(&GET_KEY_POLICY, at, "Policy")),
    }))
}

async fn grants(
    session: &Session,
    client: &Client,
    at: CallTarget<'_>,
    arn: &str,
) -> Observed<Vec<KeyGrant>> {
    let grants = session
        .api
        .pages(
            &LIST_GRANTS,
            at,
            |marker| client.list_grants().key_id(arn).limit(100).set_marker(marker).send(),
            |page| {
                let grants = each(page.grants, "Grants", |entry| grant(entry, arn));
                Ok((grants?, next_marker(page.truncated, page.next_marker)?))
            },
        )
        .await;
    grants.map(|mut grants| {
        grants.sort_unstable_by(|one, other| {
            (&one.grantee, &one.operations).cmp(&(&other.grantee, &other.operations))
        });
        grants.dedup();
        grants
    })
}

fn grant(grant: GrantListEntry, arn: &str) -> Result<KeyGrant, Missing> {
    // AWS gives the key's identity or its ARN.
    if grant.key_id.is_some_and(|id| !arn.ends_with(&id)) {
        return Err("Grants[].KeyId of the key that was asked for");
    }
    let grantee = grant.grantee_principal.or(grant.grantee_service_principal);
    let operations = grant.operations.ok_or("Grants[].Operations")?;
    let mut operations: Vec<String> =
        operations.into_iter().map(|operation| operation.as_str().to_owned()).collect();
    operations.sort_unstable();
    Ok(KeyGrant {
        grantee: grantee.ok_or("Grants[].GranteePrincipal")?,
        operations,
        constrained: grant.constraints.as_ref().is_some_and(|it| {
            it.encryption_context_subset.is_some() || it.encryption_context_equals.is_some()
        }),
        source_arn: grant.constraints.and_then(|it| it.source_arn).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_of_another_key_is_no_answer() {
        let arn = "arn:aws:kms:eu-west-1:111111111111:key/0f0e";
        let of = |name: &str| KeyReference::new(name, "111111111111", "eu-west-1");
        for name in [arn, "0f0e", "key/0f0e", "alias/logs", "arn:aws:kms:eu-west-1:111111111111:alias/logs"] {
            assert!(is_meant(&of(name), arn), "{name}");
        }
        for other in [
            "arn:aws:kms:eu-west-1:111111111111:key/ffff",
            "arn:aws:kms:eu-west-1:222222222222:key/0f0e",
            "arn:aws:kms:us-east-1:111111111111:key/0f0e",
            "0f0e",
        ] {
            assert!(!is_meant(&of(arn), other), "{other}");
        }
        assert!(!is_meant(&of("alias/logs"), "arn:aws:kms:eu-west-1:222222222222:key/0f0e"));
    }

    #[test]
    fn a_grant_that_does_not_say_what_it_allows_is_not_one_that_allows_nothing() {
        let entry = GrantListEntry::builder().grantee_principal("arn:aws:iam::111111111111:role/reader");
        let arn = "arn:aws:kms:eu-west-1:111111111111:key/0f0e";
        assert_eq!(grant(entry.clone().build(), arn), Err("Grants[].Operations"));
        let entry = entry.set_operations(Some(Vec::new()));
        for (id, own) in [("0f0e", true), (arn, true), ("1a1b", false)] {
            assert_eq!(grant(entry.clone().key_id(id).build(), arn).is_ok(), own, "{id}");
        }
        let told = grant(entry.build(), arn).unwrap();
        assert!(told.operations.is_empty() && !told.constrained);
    }
}
