//! Streams that log events go to: which are named, and what was read of them. See [`super`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::view::Derived;
use crate::model::{DeliveryStream, Stream};

/// Streams of Kinesis and Firehose, by ARN.
#[derive(Debug, Default)]
pub(in crate::facts) struct Streams {
    named: BTreeSet<String>,
    /// Their states; `not found` of one that does not exist.
    states: BTreeMap<String, Derived<String>>,
    delivering: Vec<Arc<DeliveryStream>>,
}

impl Streams {
    pub(super) fn name(&mut self, arn: &str) {
        self.named.insert(arn.to_owned());
    }

    /// Nothing was read, and nothing that is named bears this account's number.
    pub(super) fn says_nothing_of(&self, account: &str) -> bool {
        let Self { named, states, delivering } = self;
        states.is_empty() && delivering.is_empty() && named.iter().all(|name| !name.contains(account))
    }

    pub(super) fn note(&mut self, streams: &[Stream], delivery_streams: Vec<DeliveryStream>) {
        for Stream { arn, description, .. } in streams {
            let state = description.get().map(|it| state(it.map(|it| &it.status)));
            self.states.insert(arn.clone(), state);
        }
        for stream in delivery_streams {
            let state = stream.description.get().map(|it| state(it.map(|it| &it.status)));
            self.states.insert(stream.arn.clone(), state);
            self.delivering.push(Arc::new(stream));
        }
    }

    /// Delivery streams that were read.
    pub(in crate::facts) fn delivery_streams(&self) -> &[Arc<DeliveryStream>] {
        &self.delivering
    }

    /// All that were read, by ARN.
    pub(in crate::facts) fn recorded(&self) -> impl Iterator<Item = &str> {
        self.states.keys().map(String::as_str)
    }

    /// The state of a stream. `None` where no record tells of it.
    pub(in crate::facts) fn state(&self, arn: &str) -> Option<&Derived<String>> {
        self.states.get(arn)
    }

    /// Streams of a service that are named, and of which no record tells.
    pub(in crate::facts) fn unrecorded(&self, service: &str) -> impl Iterator<Item = &str> {
        let is_of = move |arn: &&String| arn.split(':').nth(2) == Some(service);
        self.named.iter().filter(is_of).filter(|arn| !self.states.contains_key(*arn)).map(String::as_str)
    }
}

fn state(status: Option<&String>) -> String {
    status.map_or("not found", String::as_str).to_owned()
}
