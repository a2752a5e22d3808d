//! Public access: S3 Block Public Access, access control lists, object ownership. See [`super`].

use crate::facts::organization::s3_policy::blocks_public_access;
use crate::facts::view::Derived;
use crate::facts::{Facts, derived, noted_gaps};
use crate::model::stores::bucket::{ALL_USERS, AUTHENTICATED_USERS};
use crate::model::{Bucket, Gap, GapPlace, GapReason, Gaps, Observed, PublicAccessBlock};

/// The bucket's and the account's S3 Block Public Access together.
#[derive(Debug)]
pub(super) struct Block<'a> {
    bucket: &'a Bucket,
    account: Derived<Option<PublicAccessBlock>>,
}

const ALL_ON: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

impl<'a> Block<'a> {
    pub(super) fn new(facts: &Facts, bucket: &'a Bucket, gaps: &mut Vec<Gap>) -> Self {
        let block = facts.index.account_public_access_blocks.get(&bucket.account_id);
        let account = block.map_or_else(
            || {
                let place = GapPlace {
                    account_id: Some(&bucket.account_id),
                    service: "s3",
                    operation: "GetAccountPublicAccessBlock",
                    ..GapPlace::default()
                };
                Err(noted_gaps::note(gaps, place, GapReason::NotCollected, "the snapshot has no answer"))
            },
            |block| block.get().map(Option::<&_>::copied),
        );
        // Where the account's own setting could not be read, the organization's decides.
        let organization = &facts.index.header.organization;
        let account = match account {
            Err(_) if blocks_public_access(organization, &bucket.account_id) => Ok(Some(ALL_ON)),
            account => account,
        };
        Self { bucket, account }
    }

    fn either(&self, setting: fn(&PublicAccessBlock) -> bool) -> Derived<bool> {
        let own = self.bucket.public_access_block.get().map(|block| block.is_some_and(setting));
        let account = self.account.as_ref().map(|block| block.as_ref().is_some_and(setting));
        derived::any([own, account.map_err(Gaps::clone)])
    }

    pub(super) fn account_off(&self) -> Derived<Vec<String>> {
        self.account.as_ref().map(|block| settings_off(block.as_ref())).map_err(Gaps::clone)
    }

    pub(super) fn restricts_public_policies(&self) -> Derived<bool> {
        self.either(|block| block.restrict_public_buckets)
    }

    pub(super) fn ignores_public_acls(&self) -> Derived<bool> {
        let disabled = object_ownership(self.bucket).map(|ownership| ownership == OWNER_ENFORCED);
        derived::any([disabled, self.either(|block| block.ignore_public_acls)])
    }
}

/// The object ownership with which access control lists have no effect.
pub(super) const OWNER_ENFORCED: &str = "BucketOwnerEnforced";

/// Groups whose members are everyone, or every AWS customer ("Access control list (ACL) overview").
const PUBLIC_GROUPS: [(&str, &str); 2] = [(ALL_USERS, "everyone"), (AUTHENTICATED_USERS, "any AWS customer")];

/// Settings that are off; all four where there is no block.
pub(super) fn off(block: &Observed<PublicAccessBlock>) -> Derived<Vec<String>> {
    Ok(settings_off(block.get()?))
}

fn settings_off(block: Option<&PublicAccessBlock>) -> Vec<String> {
    let settings = [
        ("BlockPublicAcls", block.is_some_and(|block| block.block_public_acls)),
        ("IgnorePublicAcls", block.is_some_and(|block| block.ignore_public_acls)),
        ("BlockPublicPolicy", block.is_some_and(|block| block.block_public_policy)),
        ("RestrictPublicBuckets", block.is_some_and(|block| block.restrict_public_buckets)),
    ];
    settings.into_iter().filter(|(_, on)| !on).map(|(name, _)| name.to_owned()).collect()
}

pub(super) fn public_acl_grants(bucket: &Bucket) -> Derived<Vec<String>> {
    let Some(acl) = bucket.acl.get()? else { return Ok(Vec::new()) };
    let public = |grantee: &str| PUBLIC_GROUPS.iter().find(|(uri, _)| *uri == grantee).map(|(_, who)| *who);
    let grants = acl.grants.iter();
    Ok(grants
        .filter_map(|grant| {
            let who = public(&grant.grantee)?;
            Some(format!("its access control list gives {} to {who}", grant.permission))
        })
        .collect())
}

/// `Absent` is a bucket from before object ownership existed: whoever writes an object owns it.
pub(super) fn object_ownership(bucket: &Bucket) -> Derived<String> {
    Ok(bucket.ownership.get()?.map_or("ObjectWriter", String::as_str).to_owned())
}
