//! The second step: where the accounts say that logs go decides which buckets, streams, delivery destinations and keys are read, each by its owner.
//! Buckets lead on to further ones (access logs, replicas) and to keys, streams to buckets, so this goes in rounds until
//! nothing is new.
//!
//! Everything is taken from the partial snapshot anew in each round: so memory holds only names, and a run that was
//! interrupted between two rounds goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;

use super::deliveries::{self, DestinationReference};
use super::keys::{self, KeyReference};
use super::session::{Refused, Session};
use super::streams::{self, StreamReference};
use super::table::{Call, DESCRIBE_KEY, DESCRIBE_STREAM_SUMMARY, GET_DELIVERY_DESTINATION};
use super::tasks::Tasks;
use super::{CollectError, Event, Run, buckets};
use crate::model::{BucketName, Edge, EdgeKind, Gap, GapPlace, GapReason, Observed, Origin, StoresRecord};
use crate::snapshot::Partial;

/// What the snapshot says of where logs go.
#[derive(Debug, Default)]
struct ReferencedDestinations {
    buckets: BTreeSet<String>,
    keys: BTreeSet<KeyReference>,
    streams: BTreeSet<StreamReference>,
    delivery_destinations: BTreeSet<DestinationReference>,
    /// Log groups that trails and vended logs are delivered to, by ARN: their keys encrypt logs too.
    log_groups: BTreeSet<String>,
}

impl ReferencedDestinations {
    /// Follows an edge, as far as it is known where it leads.
    fn add(&mut self, edge: &Edge<'_>) {
        match (edge.kind, &edge.to, edge.origin) {
            (EdgeKind::Stores(_), Ok(bucket), _) => drop(self.buckets.insert((*bucket).to_owned())),
            (EdgeKind::Delivers, Ok(group), _) => drop(self.log_groups.insert((*group).to_owned())),
            (EdgeKind::Sends, Ok(stream), _) => self.streams.extend(StreamReference::new(stream)),
            (EdgeKind::Vends, Ok(destination), _) => {
                self.delivery_destinations.extend(DestinationReference::new(destination));
            }
            (EdgeKind::Encrypts, Ok(_), Origin::LogGroup(arn)) if !self.log_groups.contains(arn) => {}
            (EdgeKind::Encrypts, Ok(key), _) => {
                let reference = |region| KeyReference::new(key, edge.account_id, region);
                self.keys.extend(edge.region.map(reference));
            }
            (_, Err(_), _) => {}
        }
    }
}

/// What is still to be read of one owner.
#[derive(Debug, Clone, Default)]
struct OwnerJob {
    buckets: Vec<BucketName>,
    keys: Vec<KeyReference>,
    streams: Vec<StreamReference>,
    delivery_destinations: Vec<DestinationReference>,
    /// What an earlier round has read.
    before: Option<StoresRecord>,
}

/// Reads all stores into the partial snapshot.
pub(crate) async fn read_all(
    run: &Arc<Run>,
    partial: &mut Partial,
    scope: &BTreeSet<String>,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), CollectError> {
    let mut wanted = ReferencedDestinations::default();
    partial.for_each_account(|account| account.edges().for_each(|edge| wanted.add(&edge)))?;
    let mut owners: BTreeMap<String, (String, BucketName)> = BTreeMap::new();
    let mut looked_up: Option<(BTreeSet<String>, BTreeSet<String>)> = None;
    // Ends, because each round records whatever it was sent for, read or not.
    loop {
        let mut read_buckets: BTreeSet<String> = BTreeSet::new();
        let mut read_keys: BTreeSet<KeyReference> = BTreeSet::new();
        let mut read_streams: BTreeSet<String> = BTreeSet::new();
        let mut read_destinations: BTreeSet<String> = BTreeSet::new();
        partial.for_each_stores(|stores| {
            stores.edges().for_each(|edge| wanted.add(&edge));
            for key in stores.keys {
                let reference = |name| KeyReference {
                    account_id: key.account_id.clone(),
                    region: key.region.clone(),
                    name,
                };
                read_keys.extend(key.references.into_iter().map(reference));
            }
            read_buckets.extend(stores.buckets.into_iter().map(|bucket| bucket.name));
            read_streams.extend(stores.streams.into_iter().map(|stream| stream.arn));
            read_streams.extend(stores.delivery_streams.into_iter().map(|stream| stream.arn));
            read_destinations.extend(stores.delivery_destinations.into_iter().map(|it| it.arn));
        })?;
        let named = (wanted.buckets.clone(), wanted.log_groups.clone());
        if looked_up.as_ref() != Some(&named) {
            partial.for_each_account(|account| {
                for bucket in account.buckets.list().into_iter().flatten() {
                    if wanted.buckets.contains(&bucket.name) {
                        owners.insert(bucket.name.clone(), (account.id.clone(), bucket.clone()));
                    }
                }
                // Once all have said which log groups logs are delivered to.
                account.edges().for_each(|edge| wanted.add(&edge));
            })?;
            looked_up = Some(named);
        }
        let mut jobs: BTreeMap<String, OwnerJob> = BTreeMap::new();
        for (name, (owner, bucket)) in &owners {
            if !read_buckets.contains(name) {
                jobs.entry(owner.clone()).or_default().buckets.push(bucket.clone());
            }
        }
        for key in wanted.keys.difference(&read_keys) {
            jobs.entry(key.account_id.clone()).or_default().keys.push(key.clone());
        }
        for stream in wanted.streams.iter().filter(|stream| !read_streams.contains(&stream.arn)) {
            jobs.entry(stream.account_id.clone()).or_default().streams.push(stream.clone());
        }
        let unread = wanted.delivery_destinations.iter().filter(|it| !read_destinations.contains(&it.arn));
        for destination in unread {
            let job = jobs.entry(destination.account_id.clone()).or_default();
            job.delivery_destinations.push(destination.clone());
        }
        if jobs.is_empty() {
            return Ok(());
        }
        partial.for_each_stores(|stores| {
            if let Some(job) = jobs.get_mut(&stores.account_id) {
                job.before = Some(stores);
            }
        })?;
        read_round(run, partial, scope, jobs, events).await?;
    }
}

async fn read_round(
    run: &Arc<Run>,
    partial: &mut Partial,
    scope: &BTreeSet<String>,
    jobs: BTreeMap<String, OwnerJob>,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), CollectError> {
    let total = jobs.len();
    let mut done = 0;
    let mut tasks = Tasks::new(run.accounts_at_once());
    let mut jobs = jobs.into_iter();
    let mut under_way: BTreeMap<String, OwnerJob> = BTreeMap::new();
    loop {
        while tasks.has_room()
            && let Some((owner, job)) = jobs.next()
        {
            let run = Arc::clone(run);
            let in_scope = scope.contains(&owner);
            under_way.insert(owner.clone(), job.clone());
            tasks.spawn(owner.clone(), async move { read_owner(&run, owner, job, in_scope).await });
        }
        let Some((owner, finished)) = tasks.next().await else { break };
        let job = under_way.remove(&owner).unwrap_or_default();
        let stores = match finished {
            Some(Ok(stores)) => stores,
            Some(Err(detail)) => return Err(CollectError::CredentialsExpired { detail }),
            None => unreadable(&owner, job, Run::failed_inside(&owner)),
        };
        partial.add_stores(stores)?;
        done += 1;
        let (calls, throttled) = (run.calls.made(), run.calls.throttled());
        events(Event::StoresDone { done, total, calls, throttled });
    }
    Ok(())
}

/// Reads what is asked of one owner. The error is that the caller's own credentials are no longer good.
async fn read_owner(run: &Run, owner: String, job: OwnerJob, in_scope: bool) -> Result<StoresRecord, String> {
    if !in_scope {
        return Ok(out_of_scope(&owner, job));
    }
    let session = match Session::enter(run, &owner).await {
        Ok(session) => session,
        Err(Refused::Account(gap)) => return Ok(unreadable(&owner, job, gap)),
        Err(Refused::Caller(detail)) => return Err(detail),
    };
    let OwnerJob { buckets: names, keys: references, streams, delivery_destinations, before } = job;
    let block = async {
        match &before {
            Some(before) => before.public_access_block.clone(),
            None => buckets::account_public_access_block(&session).await,
        }
    };
    let read_buckets = join_all(names.into_iter().map(|bucket| buckets::read(&session, bucket)));
    let (read_keys, read_streams) = (keys::read(&session, references), streams::read(&session, streams));
    let read_destinations = deliveries::destinations(&session, delivery_destinations);
    let (block, buckets, keys, (streams, delivery_streams), delivery_destinations) =
        tokio::join!(block, read_buckets, read_keys, read_streams, read_destinations);
    let record = StoresRecord {
        account_id: owner,
        public_access_block: block,
        buckets,
        keys,
        streams,
        delivery_streams,
        delivery_destinations,
        gaps: session.api.gaps(),
    };
    Ok(joined(before, record))
}

/// Two rounds of one owner in one record.
fn joined(before: Option<StoresRecord>, mut record: StoresRecord) -> StoresRecord {
    if let Some(before) = before {
        record.buckets.extend(before.buckets);
        record.streams.extend(before.streams);
        record.delivery_streams.extend(before.delivery_streams);
        record.delivery_destinations.extend(before.delivery_destinations);
        for key in before.keys {
            match record.keys.iter_mut().find(|known| known.arn == key.arn && known.region == key.region) {
                Some(known) => known.references.extend(key.references),
                None => record.keys.push(key),
            }
        }
        record.gaps.extend(before.gaps);
    }
    record.buckets.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    record.streams.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    record.delivery_streams.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    record.delivery_destinations.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    for key in &mut record.keys {
        key.references.sort_unstable();
        key.references.dedup();
    }
    record.keys = keys::sorted(record.keys);
    record.gaps.sort_unstable();
    record.gaps.dedup();
    record
}

/// The owner cannot be entered, so of what was asked nothing is known but that it is there.
fn unreadable(owner: &str, job: OwnerJob, gap: Gap) -> StoresRecord {
    let OwnerJob { buckets: names, keys, streams, delivery_destinations, before } = job;
    let (streams, delivery_streams) = streams::unavailable(streams, &gap.id);
    let record = StoresRecord {
        account_id: owner.to_owned(),
        public_access_block: before
            .as_ref()
            .map_or(Observed::Unavailable(gap.id.clone()), |before| before.public_access_block.clone()),
        buckets: names.into_iter().map(|bucket| buckets::unavailable(owner, bucket, &gap.id)).collect(),
        keys: keys::unavailable(keys, &gap.id),
        streams,
        delivery_streams,
        delivery_destinations: deliveries::unavailable(delivery_destinations, &gap.id),
        gaps: vec![gap],
    };
    joined(before, record)
}

/// The owner was not to be scanned: of its keys, streams and delivery destinations nothing is known but that logs depend on them.
fn out_of_scope(owner: &str, job: OwnerJob) -> StoresRecord {
    let gap = |call: &Call, detail: &str| {
        let place = GapPlace {
            account_id: Some(owner),
            region: None,
            service: call.service,
            operation: call.operation,
            resource: None,
        };
        Gap::new(place, GapReason::NotCollected, detail)
    };
    let OwnerJob { buckets, keys, streams, delivery_destinations, mut before } = job;
    if !buckets.is_empty() || !keys.is_empty() {
        let job = OwnerJob { buckets, keys, before, ..OwnerJob::default() };
        before = Some(unreadable(owner, job, gap(&DESCRIBE_KEY, keys::OUT_OF_SCOPE)));
    }
    if !streams.is_empty() {
        let job = OwnerJob { streams, before, ..OwnerJob::default() };
        before = Some(unreadable(owner, job, gap(&DESCRIBE_STREAM_SUMMARY, streams::OUT_OF_SCOPE)));
    }
    if !delivery_destinations.is_empty() {
        let job = OwnerJob { delivery_destinations, before, ..OwnerJob::default() };
        before = Some(unreadable(owner, job, gap(&GET_DELIVERY_DESTINATION, deliveries::OUT_OF_SCOPE)));
    }
    before.unwrap_or_else(|| StoresRecord { account_id: owner.to_owned(), ..StoresRecord::default() })
}
