//! What is wrong with a bucket, for the messages of rules. See [`super`].

use super::{encryption, lifecycle};
use crate::facts::Facts;
use crate::facts::view::Derived;
use crate::facts::words::{and, clauses, days, problems};
use crate::model::Bucket;

type Text = Derived<Option<String>>;

/// How access to it is logged, after its name.
pub(super) fn access_logging(bucket: &Bucket, target: &Text) -> Derived<String> {
    target.clone().map(|target| match target {
        None => "has no server access logging".to_owned(),
        Some(target) if target == bucket.name => "sends its server access logs to itself".to_owned(),
        Some(target) => format!("sends its server access logs to {target}"),
    })
}

/// Settings of a public access block that are off.
pub(super) fn settings_off(off: &Derived<Vec<String>>) -> Derived<String> {
    const ALL: usize = 4;
    off.clone().map(|off| if off.len() == ALL { "all four settings".to_owned() } else { and(&off) })
}

/// Public access that nothing takes back.
pub(super) fn public_access(
    statements: &Derived<Vec<String>>,
    restricted: &Derived<bool>,
    acl_grants: &Derived<Vec<String>>,
    ignored: &Derived<bool>,
) -> Text {
    let effective = |grants: &Derived<Vec<String>>, without_effect: &Derived<bool>| match without_effect {
        Ok(true) => Ok(None),
        Ok(false) => grants.as_ref().map(|grants| clauses(grants)).map_err(Clone::clone),
        Err(unknown) => match grants {
            Ok(grants) if grants.is_empty() => Ok(None),
            Ok(_) | Err(_) => Err(unknown.clone()),
        },
    };
    problems([effective(statements, restricted), effective(acl_grants, ignored)])
}

/// Default encryption, after its name.
pub(super) fn default_encryption(facts: &Facts, bucket: &Bucket) -> Derived<String> {
    let algorithm = encryption::algorithm(bucket)?;
    if algorithm == "none" {
        return Ok("has no default encryption".to_owned());
    }
    if !algorithm.starts_with("aws:kms") {
        return Ok(format!("encrypts by default with S3's own keys ({algorithm})"));
    }
    let Some(key) = encryption::key_id(bucket)? else {
        return Ok("encrypts by default with the AWS managed key aws/s3".to_owned());
    };
    Ok(if encryption::customer_managed_key(facts, bucket)? {
        format!("encrypts by default with {key}")
    } else {
        format!("encrypts by default with {key}, which is no customer managed key that KMS knows")
    })
}

/// Default Object Lock retention, after its name.
pub(super) fn default_retention(mode: &Derived<String>, count: &Derived<i64>) -> Derived<String> {
    Ok(match (mode.clone()?.as_str(), count.clone()?) {
        ("none", _) => "has no default Object Lock retention".to_owned(),
        (mode, count) => {
            format!("has a default Object Lock retention of {} in {mode} mode", days(count))
        }
    })
}

/// What its lifecycle rules leave undone.
pub(super) fn lifecycle_problem(bucket: &Bucket) -> Text {
    let lacking = |done: Derived<bool>, what: &str| done.map(|done| (!done).then(|| what.to_owned()));
    problems([
        lacking(lifecycle::tiers_old_logs(bucket), "no lifecycle rule moves old logs to a cheaper class"),
        lacking(
            lifecycle::ends_incomplete_uploads(bucket),
            "no lifecycle rule ends incomplete uploads of every key",
        ),
    ])
}

/// The state of versioning, after the word.
pub(super) fn versioning_state(versioning: &Derived<String>) -> Derived<String> {
    versioning.clone().map(|status| match status.as_str() {
        "never enabled" => "was never enabled".to_owned(),
        status => format!("is {}", status.to_lowercase()),
    })
}
