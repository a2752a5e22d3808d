//! Whether reads and writes of a bucket are recorded: server access logging, or data events of a trail. See
//! [`super`].

use crate::facts::view::Derived;
use crate::model::Bucket;

pub(super) fn target(bucket: &Bucket) -> Derived<Option<String>> {
    Ok(bucket.logging.get()?.map(|logging| logging.target_bucket.clone()))
}

/// A bucket that logs into itself does not keep the logs apart from what they watch, and logs its own logging.
pub(super) fn logged(bucket: &Bucket) -> Derived<bool> {
    Ok(target(bucket)?.is_some_and(|target| target != bucket.name))
}
