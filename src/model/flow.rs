//! The flow of logs, as one graph: which answer says where logs go, and which key encrypts them.
//!
//! Each part of an answer says its own edges ([`super::answer::Answer`]), and this is the only place that knows them. `collect` follows the ends that are known to what is to be read next; the index of
//! [`crate::facts`] takes from them what a bucket receives; and an end that was refused makes unknown what could hang on
//! it, so that no answer can lead on and be forgotten where it is refused.

use super::{Gaps, Observed};
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

/// The region in an ARN.
pub(crate) fn region_of(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.region).filter(|region| !region.is_empty())
}

/// CloudTrail calls a log group `...:*`, CloudWatch Logs itself without.
pub(super) fn without_streams(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

/// The name at the end of a bucket's ARN.
pub(crate) fn bucket_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// Where edges begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(super) account_id: &'a str,
    pub(super) region: Option<&'a str>,
    pub(super) origin: Origin<'a>,
}

impl<'a> Start<'a> {
    pub(super) fn edge(self, kind: EdgeKind, to: Result<&'a str, Gaps>) -> Edge<'a> {
        let Self { account_id, region, origin } = self;
        Edge { kind, origin, account_id, region, to }
    }

    /// None where AWS says that nothing is named.
    pub(super) fn named(self, kind: EdgeKind, name: &'a Observed<String>) -> Option<Edge<'a>> {
        let to = name.get().map(|name| name.map(String::as_str)).transpose()?;
        Some(self.edge(kind, to))
    }

    /// One edge of each kind, to where nobody knows.
    pub(super) fn refused(self, kinds: &[EdgeKind], gaps: &Gaps, found: &mut dyn FnMut(Edge<'a>)) {
        for kind in kinds {
            found(self.edge(*kind, Err(gaps.clone())));
        }
    }

    /// What was asked of a thing, if it is there; where that was refused, what may hang on it.
    pub(super) fn asked<T>(
        self,
        fact: &'a Observed<T>,
        hides: &[EdgeKind],
        found: &mut dyn FnMut(Edge<'a>),
    ) -> Option<&'a T> {
        fact.get().unwrap_or_else(|gaps| {
            self.refused(hides, &gaps, found);
            None
        })
    }
}

#[cfg(test)]
mod tests;
