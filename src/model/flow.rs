//! The flow of logs, as one graph: which answer says where logs go, and which key encrypts them.
//!
//! This is the only place that knows it. `collect` follows the ends that are known to what is to be read next; the index of
//! [`crate::facts`] takes from them what a bucket receives; and an end that was refused makes unknown what could hang on
//! it, so that no answer can lead on and be forgotten where it is refused.

use super::{
    AccountRecord, Bucket, DeliveryDestination, DeliveryStream, EventDataStore, Gaps, LogGroup, Observed,
    RegionRecord, StoresRecord, Stream, Trail,
};
use crate::policy::Arn;

/// What kind of log a bucket receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogKind {
    /// CloudTrail log files.
    Trail,
    /// Config snapshots and history.
    Config,
    /// S3 server access logs.
    AccessLogs,
    /// Replicas of another log bucket.
    Replicas,
    /// Log events that Firehose delivers.
    Streamed,
    /// Vended logs, which CloudWatch Logs delivers for other services.
    Vended,
}

impl LogKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Trail, Self::Config, Self::AccessLogs, Self::Replicas, Self::Streamed, Self::Vended];
    /// Those that are set in a region of an account: where regions are not known, neither are they.
    pub const OF_REGIONS: [Self; 4] = [Self::Trail, Self::Config, Self::Streamed, Self::Vended];
    /// Those that another log bucket sends on: where a bucket is not known, neither are they.
    pub const OF_BUCKETS: [Self; 2] = [Self::AccessLogs, Self::Replicas];

    /// The service and the call whose answers name buckets that receive them.
    pub fn named_by(self) -> (&'static str, &'static str) {
        match self {
            Self::Trail => ("cloudtrail", "DescribeTrails"),
            Self::Config => ("config", "DescribeDeliveryChannels"),
            Self::AccessLogs => ("s3", "GetBucketLogging"),
            Self::Replicas => ("s3", "GetBucketReplication"),
            Self::Streamed => ("firehose", "DescribeDeliveryStream"),
            Self::Vended => ("logs", "GetDeliveryDestination"),
        }
    }
}

/// What an edge says of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// Logs are stored in a bucket, by its name.
    Stores(LogKind),
    /// Events are delivered to a log group, by its ARN without `:*`.
    Delivers,
    /// Log events are sent on to a data stream, a delivery stream, a destination or a function, by its ARN.
    Sends,
    /// Vended logs are delivered to a delivery destination, by its ARN: a bucket, a delivery stream or a log group.
    Vends,
    /// Logs are encrypted with a key, as who names it calls it: ARN, identity or alias.
    Encrypts,
}

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A trail, a delivery channel, an event data store or a delivery of vended logs: logs begin there.
    Source,
    /// A bucket, a stream or a delivery destination that receives logs.
    Store,
    /// A log group, by its ARN; of most, nobody cares.
    LogGroup(&'a str),
}

/// An edge of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge<'a> {
    /// What it says.
    pub kind: EdgeKind,
    /// Who says it.
    pub origin: Origin<'a>,
    /// The account in which it is said.
    pub account_id: &'a str,
    /// The region in which it is said; `None` where that is not known.
    pub region: Option<&'a str>,
    /// Where it leads, or what keeps that from being known.
    pub to: Result<&'a str, Gaps>,
}

impl AccountRecord {
    /// Where the account's trails and delivery channels send logs, and which keys encrypt them and its log groups. What
    /// regions say that are missing from the record is not among them: see [`Self::region_gaps`].
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        let (trails, unseen) = self.asked_trails();
        let account = Place { account_id: &self.id, region: None, origin: Origin::Source };
        let unseen = unseen.map(|gaps| account.refused(&Trail::EDGES, &gaps));
        unseen
            .into_iter()
            .flatten()
            .chain(trails.iter().flat_map(|trail| trail.edges(&self.id)))
            .chain(self.regions.iter().flat_map(|region| region.edges(&self.id)))
    }
}

impl Trail {
    const EDGES: [EdgeKind; 3] = [EdgeKind::Stores(LogKind::Trail), EdgeKind::Delivers, EdgeKind::Encrypts];

    fn edges<'a>(&'a self, account_id: &'a str) -> Vec<Edge<'a>> {
        let place = Place { account_id, region: Some(&self.home_region), origin: Origin::Source };
        let settings = match self.settings.get() {
            Ok(Some(settings)) => settings,
            Ok(None) => return Vec::new(),
            Err(gaps) => return place.refused(&Self::EDGES, &gaps),
        };
        let bucket = place.edge(EdgeKind::Stores(LogKind::Trail), Ok(&settings.bucket_name));
        let group = place.named(EdgeKind::Delivers, &settings.log_group_arn);
        let group = group.map(|edge| Edge { to: edge.to.map(without_streams), ..edge });
        let key = place.named(EdgeKind::Encrypts, &settings.kms_key_id);
        [Some(bucket), group, key].into_iter().flatten().collect()
    }
}

/// CloudTrail calls a log group `...:*`, CloudWatch Logs itself without.
fn without_streams(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

impl RegionRecord {
    fn edges<'a>(&'a self, account_id: &'a str) -> impl Iterator<Item = Edge<'a>> {
        const OF_CHANNEL: [EdgeKind; 2] = [EdgeKind::Stores(LogKind::Config), EdgeKind::Encrypts];
        let place = Place { account_id, region: Some(&self.name), origin: Origin::Source };
        let mut edges = self.sent(place);
        match self.delivery_channels.list() {
            Ok(channels) => {
                for channel in channels {
                    edges.extend(place.named(EdgeKind::Stores(LogKind::Config), &channel.bucket_name));
                    edges.extend(place.named(EdgeKind::Encrypts, &channel.kms_key_arn));
                }
            }
            Err(gaps) => edges.extend(place.refused(&OF_CHANNEL, &gaps)),
        }
        edges.extend(self.vended(place));
        edges.extend(self.event_data_store_keys(place));
        let key = move |group: &'a LogGroup| {
            let place = Place { origin: Origin::LogGroup(&group.arn), ..place };
            place.named(EdgeKind::Encrypts, &group.kms_key_id)
        };
        edges.into_iter().chain(self.log_groups.list().unwrap_or_default().iter().filter_map(key))
    }
}

impl RegionRecord {
    /// Where subscriptions and destinations send log events on to. Of most log groups nobody asked for subscriptions.
    fn sent<'a>(&'a self, place: Place<'a>) -> Vec<Edge<'a>> {
        let mut edges = Vec::new();
        let groups = self.log_groups.list();
        let filters =
            groups.unwrap_or_default().iter().filter_map(|group| group.subscription_filters.as_ref());
        for filters in filters {
            edges.extend(place.sends(filters, |filter| &filter.destination_arn));
        }
        edges.extend(place.sends(&self.subscription_policies, |policy| &policy.destination_arn));
        edges.extend(place.sends(&self.destinations, |destination| &destination.target_arn));
        // One that is not known may be among those that must be centralized.
        if let Err(gaps) = self.log_groups.get() {
            edges.extend(place.refused(&[EdgeKind::Sends], &gaps));
        }
        edges
    }

    /// Where deliveries of vended logs lead.
    fn vended<'a>(&'a self, place: Place<'a>) -> Vec<Edge<'a>> {
        match self.deliveries.list() {
            Ok(deliveries) => {
                let of_logs = deliveries.iter().filter(|delivery| !delivery.is_of_traces());
                of_logs.map(|delivery| place.edge(EdgeKind::Vends, Ok(&delivery.destination_arn))).collect()
            }
            Err(gaps) => place.refused(&[EdgeKind::Vends], &gaps),
        }
    }

    fn event_data_store_keys<'a>(&'a self, place: Place<'a>) -> Vec<Edge<'a>> {
        let refused = |gaps: &Gaps| place.refused(&[EdgeKind::Encrypts], gaps);
        let stores = match self.event_data_stores.list() {
            Ok(stores) => stores,
            Err(gaps) => return refused(&gaps),
        };
        let keys = |store: &'a EventDataStore| match store.settings.get() {
            Ok(Some(settings)) => place.named(EdgeKind::Encrypts, &settings.kms_key_id).into_iter().collect(),
            Ok(None) => Vec::new(),
            Err(gaps) => refused(&gaps),
        };
        stores.iter().flat_map(keys).collect()
    }
}

impl StoresRecord {
    /// Where the owner's stores of logs send them on to, and which keys encrypt them.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        let owner = &self.account_id;
        self.buckets
            .iter()
            .flat_map(Bucket::edges)
            .chain(self.streams.iter().flat_map(|stream| stream.edges(owner)))
            .chain(self.delivery_streams.iter().flat_map(|stream| stream.edges(owner)))
            .chain(self.delivery_destinations.iter().flat_map(|destination| destination.edges(owner)))
    }
}

/// The region in an ARN.
pub(crate) fn region_of(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.region).filter(|region| !region.is_empty())
}

impl Stream {
    fn edges<'a>(&'a self, account_id: &'a str) -> Vec<Edge<'a>> {
        let place = Place { account_id, region: region_of(&self.arn), origin: Origin::Store };
        let mut edges = place.sends(&self.delivery_streams, |stream| stream);
        match self.description.get() {
            Ok(Some(description)) => edges.extend(place.named(EdgeKind::Encrypts, &description.kms_key_id)),
            Ok(None) => {}
            Err(gaps) => edges.extend(place.refused(&[EdgeKind::Encrypts], &gaps)),
        }
        edges
    }
}

impl DeliveryStream {
    fn edges<'a>(&'a self, account_id: &'a str) -> Vec<Edge<'a>> {
        const STORES: EdgeKind = EdgeKind::Stores(LogKind::Streamed);
        let place = Place { account_id, region: region_of(&self.arn), origin: Origin::Store };
        let description = match self.description.get() {
            Ok(Some(description)) => description,
            Ok(None) => return Vec::new(),
            Err(gaps) => return place.refused(&[STORES, EdgeKind::Encrypts], &gaps),
        };
        let mut edges = Vec::new();
        edges.extend(place.named(EdgeKind::Encrypts, &description.kms_key_arn));
        match description.delivery.get() {
            Ok(Some(delivery)) => {
                let bucket = place.named(STORES, &delivery.bucket_arn);
                edges.extend(bucket.map(|edge| Edge { to: edge.to.map(bucket_name), ..edge }));
                edges.extend(place.named(EdgeKind::Encrypts, &delivery.kms_key_arn));
            }
            Ok(None) => {}
            Err(gaps) => edges.extend(place.refused(&[STORES, EdgeKind::Encrypts], &gaps)),
        }
        edges
    }
}

impl DeliveryDestination {
    fn edges<'a>(&'a self, account_id: &'a str) -> Vec<Edge<'a>> {
        const STORES: EdgeKind = EdgeKind::Stores(LogKind::Vended);
        let place = Place { account_id, region: region_of(&self.arn), origin: Origin::Store };
        let target = match self.target_arn.get() {
            Ok(Some(target)) => target,
            Ok(None) => return Vec::new(),
            Err(gaps) => return place.refused(&[STORES, EdgeKind::Sends, EdgeKind::Delivers], &gaps),
        };
        match target.split(':').nth(2) {
            Some("s3") => vec![place.edge(STORES, Ok(bucket_name(target)))],
            Some("firehose") => vec![place.edge(EdgeKind::Sends, Ok(target))],
            Some("logs") => vec![place.edge(EdgeKind::Delivers, Ok(without_streams(target)))],
            Some(_) | None => Vec::new(),
        }
    }
}

/// The name at the end of a bucket's ARN.
pub(crate) fn bucket_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

impl Bucket {
    /// Where the bucket sends access logs and replicas, and which key encrypts it.
    pub fn edges(&self) -> Vec<Edge<'_>> {
        let region = self.region.get().ok().flatten().map(String::as_str);
        let place = Place { account_id: &self.account_id, region, origin: Origin::Store };
        let mut edges = Vec::new();
        let access_logs = EdgeKind::Stores(LogKind::AccessLogs);
        match self.logging.get() {
            Ok(Some(logging)) => edges.push(place.edge(access_logs, Ok(&logging.target_bucket))),
            Ok(None) => {}
            Err(gaps) => edges.extend(place.refused(&[access_logs], &gaps)),
        }
        let replicas = EdgeKind::Stores(LogKind::Replicas);
        match self.replication.get() {
            Ok(Some(replication)) => {
                let names = replication.rules.iter().map(|rule| bucket_name(&rule.destination_bucket_arn));
                edges.extend(names.map(|name| place.edge(replicas, Ok(name))));
            }
            Ok(None) => {}
            Err(gaps) => edges.extend(place.refused(&[replicas], &gaps)),
        }
        match self.encryption.get() {
            Ok(Some(encryption)) => edges.extend(place.named(EdgeKind::Encrypts, &encryption.kms_key_id)),
            Ok(None) => {}
            Err(gaps) => edges.extend(place.refused(&[EdgeKind::Encrypts], &gaps)),
        }
        edges
    }
}

/// Where edges begin.
#[derive(Clone, Copy)]
struct Place<'a> {
    account_id: &'a str,
    region: Option<&'a str>,
    origin: Origin<'a>,
}

impl<'a> Place<'a> {
    fn edge(self, kind: EdgeKind, to: Result<&'a str, Gaps>) -> Edge<'a> {
        let Self { account_id, region, origin } = self;
        Edge { kind, origin, account_id, region, to }
    }

    /// None where AWS says that nothing is named.
    fn named(self, kind: EdgeKind, name: &'a Observed<String>) -> Option<Edge<'a>> {
        let to = name.get().map(|name| name.map(String::as_str)).transpose()?;
        Some(self.edge(kind, to))
    }

    /// Where each of a list sends on to; where the list was refused, one of them might.
    fn sends<T>(self, list: &'a Observed<Vec<T>>, to: impl Fn(&'a T) -> &'a String) -> Vec<Edge<'a>> {
        match list.list() {
            Ok(list) => list.iter().map(|one| self.edge(EdgeKind::Sends, Ok(to(one)))).collect(),
            Err(gaps) => self.refused(&[EdgeKind::Sends], &gaps),
        }
    }

    fn refused(self, kinds: &[EdgeKind], gaps: &Gaps) -> Vec<Edge<'a>> {
        kinds.iter().map(|kind| self.edge(*kind, Err(gaps.clone()))).collect()
    }
}

#[cfg(test)]
mod tests;
