//! Whose session reads a bucket: its owner's audit role, or the caller itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::super::{ArchiveError, ArchiveEvent, Request, Target};
use crate::collect::permissions::{archive_session_policy, find_buckets_session_policy};
use crate::collect::session::{Refused, Session};
use crate::collect::{CollectError, Run, account};
use crate::model::Observed;

/// Accounts that are asked for their buckets at the same time.
const SEARCHES: usize = 16;

/// A session that may read what is under the prefixes of the bucket.
pub(super) async fn session(
    run: &Arc<Run>,
    request: &Request,
    bucket: &str,
    prefixes: &BTreeSet<&str>,
    members: &BTreeSet<String>,
    events: &(dyn Fn(ArchiveEvent) + Send + Sync),
) -> Result<Session, ArchiveError> {
    let own = Session::own(run, &run.identity.account_id);
    let owner = match &request.archive_account {
        Some(owner) => Some(owner.clone()),
        None if matches!(request.target, Target::Bucket { .. }) && !request.role_is_chosen => None,
        None => find(run, &own, bucket, members).await?,
    };
    match owner {
        Some(owner) if owner != run.identity.account_id => {
            let policy = archive_session_policy(&run.identity.partition, bucket, prefixes);
            match Session::enter_under(run, &owner, policy.into()).await {
                Ok(session) => Ok(session.into_archive(run)),
                Err(Refused::Account(gap)) => {
                    Err(ArchiveError::CannotEnter { account_id: owner, detail: gap.detail })
                }
                Err(Refused::Caller(detail)) => Err(CollectError::CredentialsExpired { detail }.into()),
            }
        }
        Some(_) => Ok(own.into_archive(run)),
        None => {
            if !matches!(request.target, Target::Bucket { .. }) {
                events(ArchiveEvent::Warning(format!(
                    "no account that can be asked owns {bucket}: it is read with the caller's own credentials. Name \
                     its owner with --archive-account"
                )));
            }
            Ok(own.into_archive(run))
        }
    }
}

/// The account that owns the bucket, by asking the caller's first and then the others.
async fn find(
    run: &Arc<Run>,
    own: &Session,
    bucket: &str,
    members: &BTreeSet<String>,
) -> Result<Option<String>, ArchiveError> {
    let has = |buckets: Observed<Vec<crate::model::BucketName>>| matches!(buckets, Observed::Known(buckets) if buckets.iter().any(|found| found.name == bucket));
    if has(account::buckets(own).await) {
        return Ok(Some(own.account_id.clone()));
    }
    let policy: Arc<str> = find_buckets_session_policy().into();
    let others: Vec<&String> = members.iter().filter(|id| **id != own.account_id).collect();
    let mut answers = stream::iter(others)
        .map(|id| {
            let policy = Arc::clone(&policy);
            async move {
                match Session::enter_under(run, id, policy).await {
                    Ok(session) => Ok(Some((id, account::buckets(&session).await))),
                    Err(Refused::Account(_)) => Ok(None),
                    Err(Refused::Caller(detail)) => Err(detail),
                }
            }
        })
        .buffer_unordered(SEARCHES);
    while let Some(answer) = answers.next().await {
        let answer = answer.map_err(|detail| CollectError::CredentialsExpired { detail })?;
        if let Some((id, buckets)) = answer
            && has(buckets)
        {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}
