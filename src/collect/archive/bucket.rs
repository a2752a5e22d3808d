//! The archive bucket: lists keys, streams objects. Bodies go to whoever hashes them in small parts, on threads that
//! wait for nothing; what cannot be read after all attempts is told apart from what is not there.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::EncodingType;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::call::CallTarget;
use super::super::convert::percent_decode;
use super::super::failure::{Failure, Retry};
use super::super::locking::lock;
use super::super::pace::pause_after;
use super::super::session::Session;
use super::super::table::{GET_OBJECT, LIST_OBJECTS};
use super::{Listed, Unread};
use crate::integrity::{Unverifiable, UnverifiableReason};
use crate::model::GapReason;

/// What is handed on at a time, in bytes.
const PART: usize = 256 * 1024;
/// What an object in flight needs besides the part that waits, in bytes: windows of the inflater, buffers of HTTP.
const OVERHEAD: usize = 160 * 1024;
/// All parts and their overhead, in bytes: with it, memory does not grow with the number of objects in flight.
const ALL_PARTS: usize = 96 * 1024 * 1024;
/// The slowest pace at which an object may come, in bytes per second: slower is broken off and tried again.
const SLOWEST: u64 = 32 * 1024;
/// How a body ends that is shorter than its header says.
const CUT_OFF: &str = "its content was cut off";

/// Bounds that every object in flight shares.
#[derive(Debug)]
pub(super) struct Limits {
    objects: Arc<Semaphore>,
    kibibytes: Arc<Semaphore>,
    /// The longest wait for the next part of a body.
    read_time_limit: Duration,
    max_attempts: u32,
}

impl Limits {
    pub(super) fn new(max_concurrency: usize, read_time_limit: Duration, max_attempts: u32) -> Self {
        Self {
            objects: Arc::new(Semaphore::new(max_concurrency)),
            kibibytes: Arc::new(Semaphore::new(ALL_PARTS / 1024)),
            read_time_limit,
            max_attempts,
        }
    }

    /// Waits until one more object fits.
    async fn admit(&self, size: Option<u64>) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let part = size.and_then(|size| usize::try_from(size).ok()).map_or(PART, |size| size.min(PART));
        let kibibytes = u32::try_from((part + OVERHEAD) / 1024).unwrap_or(u32::MAX);
        let object = Arc::clone(&self.objects).acquire_owned().await.ok()?;
        let memory = Arc::clone(&self.kibibytes).acquire_many_owned(kibibytes).await.ok()?;
        Some((object, memory))
    }
}

/// What S3 keeps beside an object.
pub(super) type Metadata = BTreeMap<String, String>;

/// Buckets, seen through one session.
#[derive(Debug)]
pub(super) struct Buckets {
    session: Session,
    limits: Arc<Limits>,
    /// A client in the region of each bucket that is not in the session's.
    clients: Mutex<HashMap<String, Client>>,
}

impl Buckets {
    pub(super) fn new(session: Session, limits: Arc<Limits>) -> Self {
        Self { session, limits, clients: Mutex::default() }
    }

    fn client(&self, bucket: &str) -> Client {
        let mut clients = lock(&self.clients);
        clients.entry(bucket.to_owned()).or_insert_with(|| self.session.s3(&self.session.region)).clone()
    }

    /// Follows the bucket to the region that S3 names. `false` if it names none.
    fn follow(&self, bucket: &str, failure: &Failure) -> bool {
        let Some(region) = &failure.bucket_region else { return false };
        lock(&self.clients).insert(bucket.to_owned(), self.session.s3(region));
        true
    }

    /// A page of a listing.
    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        delimiter: Option<&str>,
        start_after: Option<&str>,
        token: Option<String>,
    ) -> Result<ListObjectsV2Output, Failure> {
        let mut followed = false;
        loop {
            let client = self.client(bucket);
            let send = || {
                client
                    .list_objects_v2()
                    .bucket(bucket)
                    .prefix(prefix)
                    .set_delimiter(delimiter.map(str::to_owned))
                    .set_start_after(start_after.map(str::to_owned))
                    .set_continuation_token(token.clone())
                    // A key may hold what no XML can.
                    .encoding_type(EncodingType::Url)
                    .send()
            };
            match self.session.api.attempt(&LIST_OBJECTS, CallTarget::resource(bucket), send).await {
                Err(failure) if !followed && self.follow(bucket, &failure) => followed = true,
                answer => return answer,
            }
        }
    }

    /// Every key under the prefix after `start_after`, in order, as long as `wanted` says so.
    pub(super) async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        start_after: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Listed>, Unread> {
        let mut objects: Vec<Listed> = Vec::new();
        let mut token = None;
        loop {
            let page =
                self.page(bucket, prefix, None, Some(start_after), token.clone()).await.map_err(unread)?;
            for object in page.contents.into_iter().flatten() {
                let key =
                    object.key.as_deref().and_then(decoded).ok_or_else(|| malformed("Contents[].Key"))?;
                if objects.last().is_some_and(|last| *last.key >= *key) {
                    return Err(malformed("keys in order"));
                }
                if !wanted(&key) {
                    return Ok(objects);
                }
                let size = object.size.and_then(|size| u64::try_from(size).ok());
                objects.push(Listed {
                    key: key.into(),
                    size: size.ok_or_else(|| malformed("Contents[].Size"))?,
                });
            }
            let next = next(page.is_truncated, page.next_continuation_token)?;
            match next {
                None => return Ok(objects),
                Some(next) if token.as_ref() == Some(&next) => return Err(malformed("another page")),
                Some(next) => token = Some(next),
            }
        }
    }

    /// The names of the folders right under the prefix.
    pub(super) async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Unread> {
        let mut folders = Vec::new();
        let mut token = None;
        loop {
            let page = self.page(bucket, prefix, Some("/"), None, token.clone()).await.map_err(unread)?;
            for folder in page.common_prefixes.into_iter().flatten() {
                let name = folder.prefix.as_deref().and_then(decoded);
                let name = name.as_deref().and_then(|name| name.strip_prefix(prefix)?.strip_suffix('/'));
                folders.push(name.ok_or_else(|| malformed("CommonPrefixes[].Prefix"))?.to_owned());
            }
            let next = next(page.is_truncated, page.next_continuation_token)?;
            match next {
                None => return Ok(folders),
                Some(next) if token.as_ref() == Some(&next) => return Err(malformed("another page")),
                Some(next) => token = Some(next),
            }
        }
    }

    /// Streams an object into what `begin` makes, part by part, and again from the start where the body is cut. The
    /// rest is not fetched once `push` breaks off. `size` is what the listing says.
    pub(super) async fn read<S: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        size: Option<u64>,
        begin: impl Fn() -> S,
        push: fn(&mut S, &[u8]) -> ControlFlow<()>,
    ) -> Result<(S, Metadata), Unread> {
        let Some(_permits) = self.limits.admit(size).await else { return Err(Unread::ended()) };
        let mut attempt = 1;
        let mut followed = false;
        loop {
            // On the heap, as every call of the SDK.
            let failure = match Box::pin(self.read_once(bucket, key, begin(), push)).await {
                Ok(read) => return Ok(read),
                Err(failure) => failure,
            };
            if !followed && self.follow(bucket, &failure) {
                followed = true;
                continue;
            }
            if failure.code.as_deref() == Some("NoSuchKey") {
                return Err(Unread::Missing);
            }
            // Errors before the body have been tried again already.
            let cut = failure.code.is_none() && failure.retry == Retry::Soon;
            if !cut {
                return Err(unread(failure));
            }
            if attempt >= self.limits.max_attempts {
                let truncated = failure.reason == GapReason::Unreachable && failure.detail.contains(CUT_OFF);
                return Err(match unread(failure) {
                    Unread::Unverifiable(Unverifiable { detail, .. }) if truncated => {
                        Unread::Unverifiable(Unverifiable { reason: UnverifiableReason::Truncated, detail })
                    }
                    unread => unread,
                });
            }
            tokio::time::sleep(pause_after(attempt)).await;
            attempt += 1;
        }
    }

    async fn read_once<S: Send + 'static>(
        &self,
        bucket: &str,
        key: &str,
        mut state: S,
        push: fn(&mut S, &[u8]) -> ControlFlow<()>,
    ) -> Result<(S, Metadata), Failure> {
        let client = self.client(bucket);
        let send = || client.get_object().bucket(bucket).key(key).send();
        let answer = self.session.api.attempt(&GET_OBJECT, CallTarget::resource(bucket), send).await?;
        let metadata = answer.metadata.unwrap_or_default().into_iter().collect();
        let declared = answer.content_length.and_then(|length| u64::try_from(length).ok());
        let deadline = self.limits.read_time_limit + Duration::from_secs(declared.unwrap_or(0) / SLOWEST);
        let deadline = tokio::time::Instant::now() + deadline;
        let mut body = answer.body;
        let mut part: Vec<u8> = Vec::new();
        let mut received: u64 = 0;
        loop {
            let soon = tokio::time::Instant::now() + self.limits.read_time_limit;
            let next = tokio::time::timeout_at(deadline.min(soon), body.next())
                .await
                .map_err(|_| Failure::new(GapReason::Timeout, Retry::Soon, "its content came too slowly"))?;
            match next {
                Some(Ok(bytes)) => {
                    received += bytes.len() as u64;
                    part.extend_from_slice(&bytes);
                    if part.len() < PART {
                        continue;
                    }
                }
                Some(Err(error)) => {
                    let detail = format!("{CUT_OFF} after {received} bytes: {error}");
                    return Err(Failure::new(GapReason::Unreachable, Retry::Soon, &detail));
                }
                None if declared.is_some_and(|declared| declared != received) => {
                    let detail = format!("{CUT_OFF} after {received} bytes");
                    return Err(Failure::new(GapReason::Unreachable, Retry::Soon, &detail));
                }
                None if part.is_empty() => return Ok((state, metadata)),
                None => {}
            }
            let more = std::mem::take(&mut part);
            let hashed = tokio::task::spawn_blocking(move || {
                let flow = push(&mut state, &more);
                (state, flow)
            });
            let flow;
            (state, flow) = hashed.await.map_err(|_| {
                Failure::new(
                    GapReason::Other,
                    Retry::Never,
                    "reading it failed inside Trailproof: please report it",
                )
            })?;
            if flow.is_break() {
                return Ok((state, metadata));
            }
        }
    }
}

/// S3 encodes keys as a form does.
fn decoded(key: &str) -> Option<String> {
    percent_decode(&key.replace('+', " "))
}

fn next(truncated: Option<bool>, token: Option<String>) -> Result<Option<String>, Unread> {
    match (truncated, token) {
        (Some(true), Some(token)) => Ok(Some(token)),
        (Some(true), None) => Err(malformed("NextContinuationToken")),
        _ => Ok(None),
    }
}

fn malformed(missing: &str) -> Unread {
    Unread::Unverifiable(Unverifiable {
        reason: UnverifiableReason::Other,
        detail: format!("the listing lacks {missing}"),
    })
}

fn unread(failure: Failure) -> Unread {
    let code = failure.code.as_deref().unwrap_or_default();
    let by_key = code.starts_with("KMS.") || failure.detail.contains("kms:");
    let reason = match failure.reason {
        _ if code == "InvalidObjectState" => UnverifiableReason::Archived,
        _ if by_key => UnverifiableReason::KeyDenied,
        GapReason::AccessDenied | GapReason::CredentialsRejected => UnverifiableReason::AccessDenied,
        GapReason::Throttled => UnverifiableReason::Throttled,
        GapReason::Timeout => UnverifiableReason::Timeout,
        GapReason::Unreachable => UnverifiableReason::Unreachable,
        GapReason::ServerError => UnverifiableReason::ServerError,
        GapReason::Interrupted => UnverifiableReason::Interrupted,
        _ => UnverifiableReason::Other,
    };
    Unread::Unverifiable(Unverifiable { reason, detail: failure.detail })
}
