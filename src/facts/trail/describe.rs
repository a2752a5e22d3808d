//! What is wrong with a trail, for the messages of rules. See [`super`].

use super::key;
use crate::facts::view::Derived;
use crate::facts::words::{before_the_scan, problems};
use crate::facts::{Facts, Index};
use crate::model::Trail;

type Hours = Derived<Option<i64>>;
type Text = Derived<Option<String>>;

/// How deliveries of log files or digests go: `its last log file arrived 3 days before the scan`.
pub(super) fn delivery(what: &str, hours: &Hours, error: &Text) -> Text {
    let arrived = hours.clone().map(|hours| {
        Some(match hours {
            Some(hours) => format!("its last {what} arrived {}", before_the_scan(hours)),
            None => format!("no {what} has ever arrived"),
        })
    });
    problems([arrived, failing(error)])
}

fn failing(error: &Text) -> Text {
    error.clone().map(|error| error.map(|error| format!("delivery fails with {error}")))
}

/// How deliveries to the log group go.
pub(super) fn log_group_delivery(log_group: &Text, hours: &Hours, error: &Text, role_defect: &Text) -> Text {
    let Some(log_group) = log_group.clone()? else { return Ok(Some("it names no log group".to_owned())) };
    let arrived = hours.clone().map(|hours| {
        Some(match hours {
            Some(hours) => format!("its last events reached {log_group} {}", before_the_scan(hours)),
            None => format!("no event has ever reached {log_group}"),
        })
    });
    problems([arrived, failing(error), role_defect.clone()])
}

/// Why the bucket is not the organization's.
pub(super) fn foreign_bucket(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else { return Ok(Some("names no bucket".to_owned())) };
    Ok(match index.bucket_owner(&name)? {
        Some(_) => None,
        None if index.absent_buckets.contains(&name) => {
            Some(format!("delivers to {name}, which does not exist"))
        }
        None => Some(format!("delivers to {name}, which no account of the organization owns")),
    })
}

/// Why its logs do not go to the archive.
pub(super) fn outside_archive(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else { return Ok(Some("names no bucket".to_owned())) };
    Ok(index.outside_archive(&name)?.map(|why| format!("delivers to {name}, {why}")))
}

/// What its encryption lacks, and what follows.
pub(super) fn encryption_weakness(facts: &Facts, trail: &Trail, key_id: &Text) -> Text {
    const READABLE: &str = "whoever may read the bucket can read the logs";
    let Some(id) = key_id.clone()? else {
        return Ok(Some(format!("encrypts its log files with S3's own keys: {READABLE}")));
    };
    Ok(match key(facts, trail)? {
        None => Some(format!(
            "encrypts with key {id}, which KMS does not know: nobody can read the logs, and new ones are not delivered"
        )),
        Some(key) if key.state != "Enabled" => Some(format!(
            "encrypts with key {id}, which cannot be used ({}): nobody can read the logs, and new ones are not \
             delivered",
            key.state
        )),
        Some(key) if !key.customer_managed => {
            Some(format!("encrypts with {id}, a key of AWS itself: {READABLE}"))
        }
        Some(_) => None,
    })
}
