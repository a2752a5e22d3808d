//! Whose session reads a bucket: its owner's audit role, or the caller itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use super::super::{ArchiveError, ArchiveEvent, Request, Target};
use crate::collect::permissions::{archive_session_policy, find_buckets_session_policy};
use crate::collect::session::{Refused, Session};
use crate::collect::{CollectError, Run, account};
use crate::model::{BucketName, Gap, Observed};

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
    let (owner, silent) = match &request.archive_account {
        Some(owner) => (Some(owner.clone()), Vec::new()),
        None if matches!(request.target, Target::Bucket { .. }) && !request.role_is_chosen => {
            (None, Vec::new())
        }
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
                let unasked = silent.first().map_or_else(String::new, |gap| {
                    format!(" ({}:{} did not answer: {})", gap.service, gap.operation, gap.detail)
                });
                events(ArchiveEvent::Warning(format!(
                    "no account that can be asked owns {bucket}{unasked}: it is read with the caller's own \
                     credentials. Name its owner with --archive-account"
                )));
            }
            Ok(own.into_archive(run))
        }
    }
}

/// The account that owns the bucket, by asking the caller's first and then the others; and who did not answer.
async fn find(
    run: &Arc<Run>,
    own: &Session,
    bucket: &str,
    members: &BTreeSet<String>,
) -> Result<(Option<String>, Vec<Gap>), ArchiveError> {
    let mut silent = Vec::new();
    let mut has = |session: &Session, buckets: Observed<Vec<BucketName>>| match buckets {
        Observed::Known(buckets) => buckets.iter().any(|found| found.name == bucket),
        Observed::Absent => false,
        Observed::Unavailable(gap) => {
            silent.extend(session.api.gap_of(&gap));
            false
        }
    };
    if has(own, account::buckets(own).await) {
        return Ok((Some(own.account_id.clone()), Vec::new()));
    }
    let policy: Arc<str> = find_buckets_session_policy().into();
    let others: Vec<&String> = members.iter().filter(|id| **id != own.account_id).collect();
    let mut answers = stream::iter(others)
        .map(|id| {
            let policy = Arc::clone(&policy);
            async move {
                let session = Session::enter_under(run, id, policy).await?;
                let buckets = account::buckets(&session).await;
                Ok((session, buckets))
            }
        })
        .buffer_unordered(SEARCHES);
    let mut closed = Vec::new();
    while let Some(answer) = answers.next().await {
        match answer {
            Ok((session, buckets)) => {
                if has(&session, buckets) {
                    return Ok((Some(session.account_id), Vec::new()));
                }
            }
            Err(Refused::Account(gap)) => closed.push(gap),
            Err(Refused::Caller(detail)) => return Err(CollectError::CredentialsExpired { detail }.into()),
        }
    }
    silent.extend(closed);
    silent.sort_unstable();
    Ok((None, silent))
}
