//! The second step: where the accounts say that logs go decides which buckets, streams, delivery destinations and keys are read, each by its owner.
//! Buckets lead on to further ones (access logs, replicas) and to keys, streams to buckets, so this goes in rounds until
//! nothing is new.
//!
//! Everything is taken from the partial snapshot anew in each round: so memory holds only names, and a run that was
//! interrupted between two rounds goes on where it was.

pub(super) mod buckets;
pub(super) mod delivery_destinations;
mod keys;
mod reference;
mod streams;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::buckets::BucketReference;
use self::delivery_destinations::DestinationReference;
use self::keys::KeyReference;
use self::reference::Reference;
use self::streams::StreamReference;
use super::session::{Refused, Session};
use super::tasks::Tasks;
use super::{CollectError, Event, Run};
use crate::model::{
    Edge, EdgeKind, Gap, GapPlace, GapReason, Observed, Origin, PublicAccessBlock, StoresRecord,
};
use crate::snapshot::Partial;

/// Declares the kinds of things that are read as their owners, each once.
macro_rules! references {
    ($($kind:ident: $reference:ty),* $(,)?) => {
        /// What the snapshot says of where logs go.
        #[derive(Debug, Default)]
        struct Named {
            $( $kind: BTreeSet<$reference>, )*
            /// Buckets by name: who owns one, only its owner's list tells.
            bucket_names: BTreeSet<String>,
            /// Log groups that trails and vended logs are delivered to, by ARN: their keys encrypt logs too.
            log_groups: BTreeSet<String>,
        }

        impl Named {
            /// Follows an edge, as far as it is known where it leads.
            fn add(&mut self, edge: &Edge<'_>) {
                match (edge.kind, &edge.to) {
                    (EdgeKind::Stores(_), Ok(bucket)) => drop(self.bucket_names.insert((*bucket).to_owned())),
                    (EdgeKind::Delivers, Ok(group)) => drop(self.log_groups.insert((*group).to_owned())),
                    _ => {}
                }
                if matches!(edge.origin, Origin::LogGroup(arn) if !self.log_groups.contains(arn)) {
                    return;
                }
                $( self.$kind.extend(<$reference>::named_by(edge)); )*
            }

            /// What of it no record answers for yet, by owner.
            fn unanswered(&self, answered: &Answered) -> BTreeMap<String, OwnerJob> {
                let mut jobs: BTreeMap<String, OwnerJob> = BTreeMap::new();
                $( for reference in &self.$kind {
                    if !answered.$kind.contains(&reference.identity()) {
                        let job = jobs.entry(reference.owner().to_owned()).or_default();
                        job.$kind.push(reference.clone());
                    }
                } )*
                jobs
            }
        }

        /// What records answer for.
        #[derive(Default)]
        struct Answered {
            $( $kind: BTreeSet<<$reference as Reference>::Identity>, )*
        }

        impl Answered {
            fn add(&mut self, stores: &StoresRecord) {
                $( self.$kind.extend(<$reference>::answered(stores)); )*
            }
        }

        /// What is still to be read of one owner.
        #[derive(Debug, Clone, Default)]
        struct OwnerJob {
            $( $kind: Vec<$reference>, )*
            /// What an earlier round has read.
            before: Option<StoresRecord>,
        }

        impl OwnerJob {
            /// Reads it as the owner.
            async fn read(self, session: &Session) -> StoresRecord {
                let block = async {
                    match &self.before {
                        Some(before) => before.public_access_block.clone(),
                        None => buckets::account_public_access_block(session).await,
                    }
                };
                let (block, $($kind),*) = tokio::join!(block, $( <$reference>::read(session, self.$kind) ),*);
                let parts = [$($kind),*];
                record(&session.account_id, block, self.before, parts, session.api.gaps())
            }

            /// The owner cannot be entered, so of what was asked nothing is known but that it is there.
            fn unreadable(self, owner: &str, gap: Gap) -> StoresRecord {
                let refused = Observed::Unavailable(gap.id.clone());
                let block = self.before.as_ref().map_or(refused, |before| before.public_access_block.clone());
                let parts = [$( <$reference>::unavailable(self.$kind, &gap.id) ),*];
                record(owner, block, self.before, parts, vec![gap])
            }

            /// The owner was not to be scanned: nothing is known but that logs depend on what is its.
            fn out_of_scope(self, owner: &str) -> StoresRecord {
                let mut before = self.before;
                $( if !self.$kind.is_empty() {
                    let (call, why) = <$reference>::OUT_OF_SCOPE;
                    let (service, operation) = (call.service, call.operation);
                    let place = GapPlace { account_id: Some(owner), service, operation, ..GapPlace::default() };
                    let gap = Gap::new(place, GapReason::NotCollected, why);
                    let job = Self { $kind: self.$kind, before, ..Self::default() };
                    before = Some(job.unreadable(owner, gap));
                } )*
                before.unwrap_or_else(|| StoresRecord { account_id: owner.to_owned(), ..StoresRecord::default() })
            }
        }
    };
}

references! {
    buckets: BucketReference,
    keys: KeyReference,
    streams: StreamReference,
    delivery_destinations: DestinationReference,
}

/// The record of an owner, of what this round read and what the one before had.
fn record<const PARTS: usize>(
    owner: &str,
    public_access_block: Observed<PublicAccessBlock>,
    before: Option<StoresRecord>,
    parts: [StoresRecord; PARTS],
    gaps: Vec<Gap>,
) -> StoresRecord {
    let account_id = owner.to_owned();
    let mut record = StoresRecord { account_id, public_access_block, gaps, ..StoresRecord::default() };
    for part in parts.into_iter().chain(before) {
        record.join(part);
    }
    record
}

/// Reads all stores into the partial snapshot.
pub(crate) async fn read_all(
    run: &Arc<Run>,
    partial: &mut Partial,
    scope: &BTreeSet<String>,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), CollectError> {
    let mut named = Named::default();
    partial.for_each_account(|account| account.for_each_edge(&mut |edge| named.add(&edge)))?;
    let mut looked_up: Option<(BTreeSet<String>, BTreeSet<String>)> = None;
    // Ends, because each round records whatever it was sent for, read or not.
    loop {
        let mut answered = Answered::default();
        partial.for_each_stores(|stores| {
            stores.for_each_edge(&mut |edge| named.add(&edge));
            answered.add(&stores);
        })?;
        let names = (named.bucket_names.clone(), named.log_groups.clone());
        if looked_up.as_ref() != Some(&names) {
            let mut owned: BTreeMap<String, BucketReference> = BTreeMap::new();
            partial.for_each_account(|account| {
                for bucket in account.buckets.list().into_iter().flatten() {
                    if names.0.contains(&bucket.name) {
                        let (owner, bucket) = (account.id.clone(), bucket.clone());
                        owned.insert(bucket.name.clone(), BucketReference { owner, bucket });
                    }
                }
                // Once all have said which log groups logs are delivered to.
                account.for_each_edge(&mut |edge| named.add(&edge));
            })?;
            named.buckets = owned.into_values().collect();
            looked_up = Some(names);
        }
        let mut jobs = named.unanswered(&answered);
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
        tasks.allow(run.accounts_at_once());
        while tasks.has_room()
            && let Some((owner, job)) = jobs.next()
        {
            let run = Arc::clone(run);
            let in_scope = scope.contains(&owner);
            under_way.insert(owner.clone(), job.clone());
            tasks.spawn(owner.clone(), async move { read_owner(&run, &owner, job, in_scope).await });
        }
        let Some((owner, finished)) = tasks.next().await else { break };
        let job = under_way.remove(&owner).unwrap_or_default();
        let stores = match finished {
            Some(Ok(stores)) => stores,
            Some(Err(detail)) => return Err(CollectError::CredentialsExpired { detail }),
            None => job.unreadable(&owner, Run::failed_inside(&owner)),
        };
        partial.add_stores(stores)?;
        done += 1;
        let (calls, throttled) = (run.calls.made(), run.calls.throttled());
        events(Event::StoresDone { done, total, calls, throttled });
    }
    Ok(())
}

/// Reads what is asked of one owner. The error is that the caller's own credentials are no longer good.
async fn read_owner(run: &Run, owner: &str, job: OwnerJob, in_scope: bool) -> Result<StoresRecord, String> {
    if !in_scope {
        return Ok(job.out_of_scope(owner));
    }
    match Session::enter(run, owner).await {
        Ok(session) => Ok(job.read(&session).await),
        Err(Refused::Account(gap)) => Ok(job.unreadable(owner, gap)),
        Err(Refused::Caller(detail)) => Err(detail),
    }
}
