//! Whether reads and writes of a bucket are recorded: server access logging, or data events of a trail. See
//! [`super`].

use crate::facts::organization::object_events_recorded;
use crate::facts::view::Derived;
use crate::facts::{Archive, Facts, derived};
use crate::model::Bucket;

pub(super) fn target(bucket: &Bucket) -> Derived<Option<String>> {
    Ok(bucket.logging.get()?.map(|logging| logging.target_bucket.clone()))
}

/// A bucket that logs into itself does not keep the logs apart from what they watch, and logs its own logging.
pub(super) fn logged(bucket: &Bucket) -> Derived<bool> {
    Ok(target(bucket)?.is_some_and(|target| target != bucket.name))
}

pub(super) fn data_events_recorded(facts: &Facts, bucket: &Bucket) -> Derived<bool> {
    let place = Archive { bucket_name: bucket.name.clone(), account_id: Ok(Some(bucket.account_id.clone())) };
    derived::all([true, false].map(|read_only| object_events_recorded(&facts.index, &place, read_only)))
}
