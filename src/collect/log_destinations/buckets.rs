//! Reads a bucket that receives logs, in its region, as its owner.

mod lifecycle;
mod replication;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_bucket_acl::GetBucketAclOutput;
use aws_sdk_s3::operation::get_bucket_encryption::GetBucketEncryptionOutput;
use aws_sdk_s3::operation::get_bucket_logging::GetBucketLoggingOutput;
use aws_sdk_s3::operation::get_bucket_ownership_controls::GetBucketOwnershipControlsOutput;
use aws_sdk_s3::operation::get_bucket_policy::GetBucketPolicyOutput;
use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::operation::get_object_lock_configuration::GetObjectLockConfigurationOutput;
use aws_sdk_s3::types as sdk;
use futures_util::future::join_all;

use super::reference::Reference;
use crate::collect::call::{CallTarget, flatten, stranger};
use crate::collect::convert::{Missing, each, text};
use crate::collect::session::Session;
use crate::collect::table::{
    Call, GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, GET_BUCKET_ACL, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE,
    GET_BUCKET_LOCATION, GET_BUCKET_LOGGING, GET_BUCKET_OWNERSHIP, GET_BUCKET_POLICY,
    GET_BUCKET_PUBLIC_ACCESS_BLOCK, GET_BUCKET_REPLICATION, GET_BUCKET_VERSIONING, GET_OBJECT_LOCK,
};
use crate::model::{
    AccessControlList, AccessLogging, AclGrant, Bucket, BucketName, Edge, Encryption, GapId, GapReason,
    ObjectLock, Observed, PublicAccessBlock, Replication, Retention, RetentionMode, StoresRecord, Versioning,
};

/// One S3 call about one bucket, and what its answer must hold.
macro_rules! ask {
    ($reader:ident, $call:ident, $operation:ident, $convert:expr) => {{
        let answer = $reader
            .session
            .api
            .call(&$call, $reader.at(), || $reader.client.$operation().bucket($reader.name).send())
            .await;
        $reader.read(&$call, answer.map($convert))
    }};
}

struct Reader<'a> {
    session: &'a Session,
    client: Client,
    name: &'a str,
    region: Option<&'a str>,
}

impl Reader<'_> {
    fn at(&self) -> CallTarget<'_> {
        CallTarget { region: self.region, resource: Some(self.name) }
    }

    /// An answer that lacks something is a gap.
    fn read<T>(&self, call: &'static Call, answer: Observed<Result<Observed<T>, Missing>>) -> Observed<T> {
        flatten(answer.map(|answer| match answer {
            Ok(fact) => fact,
            Err(missing) => Observed::Unavailable(self.session.api.malformed(call, self.at(), missing)),
        }))
    }
}

/// A bucket that receives logs, and the account that lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BucketReference {
    pub(crate) owner: String,
    pub(crate) bucket: BucketName,
}

impl Reference for BucketReference {
    type Identity = String;
    const OUT_OF_SCOPE: (&'static Call, &'static str) =
        (&GET_BUCKET_LOCATION, "the bucket belongs to an account that was not scanned");

    /// A name says nothing of its owner: that is who lists it.
    fn named_by(_: &Edge<'_>) -> Option<Self> {
        None
    }

    fn owner(&self) -> &str {
        &self.owner
    }

    fn identity(&self) -> String {
        self.bucket.name.clone()
    }

    fn answered(stores: &StoresRecord) -> Vec<String> {
        stores.buckets.iter().map(|bucket| bucket.name.clone()).collect()
    }

    async fn read(session: &Session, references: Vec<Self>) -> StoresRecord {
        let buckets = join_all(references.into_iter().map(|it| read(session, it.bucket))).await;
        StoresRecord { buckets, ..StoresRecord::default() }
    }

    fn unavailable(references: Vec<Self>, gap: &GapId) -> StoresRecord {
        let bucket = |Self { owner, bucket }: Self| Bucket {
            name: bucket.name,
            account_id: owner,
            region: bucket.region.map_or_else(|| Observed::Unavailable(gap.clone()), Observed::Known),
            versioning: Observed::Unavailable(gap.clone()),
            object_lock: Observed::Unavailable(gap.clone()),
            lifecycle: Observed::Unavailable(gap.clone()),
            policy: Observed::Unavailable(gap.clone()),
            acl: Observed::Unavailable(gap.clone()),
            ownership: Observed::Unavailable(gap.clone()),
            public_access_block: Observed::Unavailable(gap.clone()),
            encryption: Observed::Unavailable(gap.clone()),
            logging: Observed::Unavailable(gap.clone()),
            replication: Observed::Unavailable(gap.clone()),
        };
        StoresRecord { buckets: references.into_iter().map(bucket).collect(), ..StoresRecord::default() }
    }
}

/// Everything that S3 says of a bucket.
async fn read(session: &Session, bucket: BucketName) -> Bucket {
    let BucketName { name, region } = bucket;
    let region = match region {
        Some(region) => Observed::Known(region),
        None => location(session, &name).await,
    };
    let known = match &region {
        Observed::Known(region) => Some(region.as_str()),
        Observed::Absent | Observed::Unavailable(_) => None,
    };
    let client = session.s3(known.unwrap_or(&session.region));
    let reader = Reader { session, client, name: &name, region: known };
    let protection = async {
        tokio::join!(
            async {
                ask!(reader, GET_BUCKET_VERSIONING, get_bucket_versioning, |answer| Ok(versioning(&answer)))
            },
            async { ask!(reader, GET_OBJECT_LOCK, get_object_lock_configuration, object_lock) },
            async {
                ask!(reader, GET_BUCKET_LIFECYCLE, get_bucket_lifecycle_configuration, lifecycle::rules)
            },
            async { ask!(reader, GET_BUCKET_ENCRYPTION, get_bucket_encryption, encryption) },
            replicated(&reader),
        )
    };
    let access = async {
        tokio::join!(
            async { ask!(reader, GET_BUCKET_POLICY, get_bucket_policy, policy) },
            async { ask!(reader, GET_BUCKET_ACL, get_bucket_acl, acl) },
            async { ask!(reader, GET_BUCKET_OWNERSHIP, get_bucket_ownership_controls, ownership) },
            async {
                ask!(reader, GET_BUCKET_PUBLIC_ACCESS_BLOCK, get_public_access_block, |answer| {
                    let block =
                        answer.public_access_block_configuration.ok_or("PublicAccessBlockConfiguration")?;
                    bucket_block(&block).map(Observed::Known)
                })
            },
            async { ask!(reader, GET_BUCKET_LOGGING, get_bucket_logging, logging) },
        )
    };
    let (
        (versioning, object_lock, lifecycle, encryption, replication),
        (policy, acl, ownership, public_access_block, logging),
    ) = tokio::join!(protection, access);
    Bucket {
        account_id: session.account_id.clone(),
        region,
        versioning,
        object_lock,
        lifecycle,
        policy,
        acl,
        ownership,
        public_access_block,
        encryption,
        logging,
        replication,
        name,
    }
}

async fn replicated(reader: &Reader<'_>) -> Observed<Replication> {
    let (call, at, ask) = (&GET_BUCKET_REPLICATION, reader.at(), &reader.session.api);
    let send = || reader.client.get_bucket_replication().bucket(reader.name).send();
    let answer = ask.call_noting(call, at, send).await;
    let gap = |element: &str| ask.gap(call, at, GapReason::MalformedResponse, &stranger(element));
    reader.read(call, answer.map(|(answer, elements)| replication::replication(answer, &elements, gap)))
}

/// Where the listing does not name a bucket's region. S3 tells it also with a refusal to answer in another one
/// (`x-amz-bucket-region`), whichever the call.
async fn location(session: &Session, name: &str) -> Observed<String> {
    let client = session.s3(&session.region);
    let at = CallTarget::resource(name);
    let send = || client.get_bucket_location().bucket(name).send();
    match session.api.attempt(&GET_BUCKET_LOCATION, at, send).await {
        Ok(answer) => {
            let constraint = answer.location_constraint.map(|constraint| constraint.as_str().to_owned());
            Observed::Known(match constraint.as_deref() {
                // The oldest region has no constraint, the second oldest a name of its own.
                None | Some("") => "us-east-1".to_owned(),
                Some("EU") => "eu-west-1".to_owned(),
                Some(region) => region.to_owned(),
            })
        }
        Err(failure) => {
            let told = match failure.bucket_region.clone() {
                Some(region) => Some(region),
                None => redirected(session, &client, name).await,
            };
            told.map_or_else(|| session.api.settle(&GET_BUCKET_LOCATION, at, &failure), Observed::Known)
        }
    }
}

/// The region that S3 sends another call to.
async fn redirected(session: &Session, client: &Client, name: &str) -> Option<String> {
    let send = || client.get_bucket_versioning().bucket(name).send();
    let answer = session.api.attempt(&GET_BUCKET_VERSIONING, CallTarget::resource(name), send).await;
    answer.err()?.bucket_region
}

/// S3 sends the policy as it is, without a protocol around it, so anything would pass for one.
fn policy(answer: GetBucketPolicyOutput) -> Result<Observed<String>, Missing> {
    let policy = answer.policy.ok_or("Policy")?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&policy) {
        Ok(_) => Ok(Observed::Known(policy)),
        Err(_) => Err("policy in JSON"),
    }
}

/// Without a status versioning was never enabled; without `MfaDelete` that was never set (`GetBucketVersioning`).
fn versioning(answer: &GetBucketVersioningOutput) -> Observed<Versioning> {
    let status = answer.status.as_ref().map(|status| status.as_str().to_owned());
    let mfa_delete = answer.mfa_delete == Some(sdk::MfaDeleteStatus::Enabled);
    Observed::Known(Versioning { status, mfa_delete })
}

fn object_lock(answer: GetObjectLockConfigurationOutput) -> Result<Observed<ObjectLock>, Missing> {
    let lock = answer.object_lock_configuration.ok_or("ObjectLockConfiguration")?;
    let default = lock.rule.and_then(|rule| rule.default_retention);
    let hold = default.as_ref().and_then(|default| default.default_event_hold.as_ref());
    let hold = match hold.map(|hold| period(hold.days, hold.years)) {
        Some(None) => return Err("Rule.DefaultRetention.DefaultEventHold.Days"),
        Some(Some(days)) => Observed::Known(days),
        None => Observed::Absent,
    };
    // A hold stands alone: then objects get no period before it is released.
    let alone = |it: &sdk::DefaultRetention| {
        it.default_event_hold.is_some() && it.mode.is_none() && it.days.is_none() && it.years.is_none()
    };
    let retention = match default.filter(|default| !alone(default)) {
        Some(retention) => {
            let mode = match retention.mode {
                Some(sdk::ObjectLockRetentionMode::Compliance) => RetentionMode::Compliance,
                Some(sdk::ObjectLockRetentionMode::Governance) => RetentionMode::Governance,
                _ => return Err("known Rule.DefaultRetention.Mode"),
            };
            let days = period(retention.days, retention.years).ok_or("Rule.DefaultRetention.Days")?;
            Some(Retention { mode, days })
        }
        None => None,
    };
    let enabled = lock.object_lock_enabled.ok_or("ObjectLockEnabled")? == sdk::ObjectLockEnabled::Enabled;
    Ok(Observed::Known(ObjectLock { enabled, default_retention: retention, default_event_hold_days: hold }))
}

/// S3 takes days or years; an emulator answers both, one of them zero.
fn period(days: Option<i32>, years: Option<i32>) -> Option<i64> {
    let days = days.filter(|days| *days > 0).map(i64::from);
    days.or(years.filter(|years| *years > 0).map(|years| i64::from(years) * 365))
}

fn encryption(answer: GetBucketEncryptionOutput) -> Result<Observed<Encryption>, Missing> {
    let rules = answer.server_side_encryption_configuration.ok_or("ServerSideEncryptionConfiguration")?.rules;
    // Required, and empty where the SDK did not find it.
    if rules.is_empty() {
        return Err("Rule");
    }
    // Without a default, objects are encrypted as S3 encrypts all: with its own keys.
    let default = rules.into_iter().find_map(|rule| rule.apply_server_side_encryption_by_default);
    Ok(Observed::from(default).map(|default| Encryption {
        algorithm: default.sse_algorithm.as_str().to_owned(),
        kms_key_id: text(default.kms_master_key_id),
    }))
}

fn acl(answer: GetBucketAclOutput) -> Result<Observed<AccessControlList>, Missing> {
    let mut grants = each(answer.grants, "AccessControlList", |grant| {
        let grantee = grant.grantee.ok_or("Grant.Grantee")?;
        let name = grantee.id.or(grantee.uri).or(grantee.email_address);
        Ok(AclGrant {
            grantee_kind: grantee.r#type.as_str().to_owned(),
            grantee: name.ok_or("Grant.Grantee.ID")?,
            permission: grant.permission.ok_or("Grant.Permission")?.as_str().to_owned(),
        })
    })?;
    grants.sort_unstable_by(|one, other| {
        (&one.grantee, &one.permission).cmp(&(&other.grantee, &other.permission))
    });
    Ok(Observed::Known(AccessControlList { owner_id: answer.owner.and_then(|owner| owner.id), grants }))
}

fn ownership(answer: GetBucketOwnershipControlsOutput) -> Result<Observed<String>, Missing> {
    let controls = answer.ownership_controls.ok_or("OwnershipControls")?;
    let rule = controls.rules.into_iter().next().ok_or("OwnershipControls.Rule")?;
    Ok(Observed::Known(rule.object_ownership.as_str().to_owned()))
}

fn bucket_block(block: &sdk::PublicAccessBlockConfiguration) -> Result<PublicAccessBlock, Missing> {
    Ok(PublicAccessBlock {
        block_public_acls: block.block_public_acls.ok_or("BlockPublicAcls")?,
        ignore_public_acls: block.ignore_public_acls.ok_or("IgnorePublicAcls")?,
        block_public_policy: block.block_public_policy.ok_or("BlockPublicPolicy")?,
        restrict_public_buckets: block.restrict_public_buckets.ok_or("RestrictPublicBuckets")?,
    })
}

/// An empty answer is logging that is off.
fn logging(answer: GetBucketLoggingOutput) -> Result<Observed<AccessLogging>, Missing> {
    let Some(logging) = answer.logging_enabled else { return Ok(Observed::Absent) };
    if logging.target_bucket.is_empty() {
        return Err("LoggingEnabled.TargetBucket");
    }
    let (target_bucket, target_prefix) = (logging.target_bucket, logging.target_prefix);
    Ok(Observed::Known(AccessLogging { target_bucket, target_prefix }))
}

/// The account's own public access block, which lies over that of each of its buckets.
pub(crate) async fn account_public_access_block(session: &Session) -> Observed<PublicAccessBlock> {
    let client = session.s3control(&session.region);
    let at = CallTarget::default();
    let call = &GET_ACCOUNT_PUBLIC_ACCESS_BLOCK;
    let send = || client.get_public_access_block().account_id(&session.account_id).send();
    let answer = session.api.call(call, at, send).await;
    flatten(answer.map(|answer| {
        let block = answer.public_access_block_configuration.and_then(|block| {
            Some(PublicAccessBlock {
                block_public_acls: block.block_public_acls?,
                ignore_public_acls: block.ignore_public_acls?,
                block_public_policy: block.block_public_policy?,
                restrict_public_buckets: block.restrict_public_buckets?,
            })
        });
        match block {
            Some(block) => Observed::Known(block),
            None => Observed::Unavailable(session.api.malformed(call, at, "PublicAccessBlockConfiguration")),
        }
    }))
}

#[cfg(test)]
mod tests;
