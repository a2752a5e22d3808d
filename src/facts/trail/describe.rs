//! What is wrong with a trail, for the messages of rules. See [`super`].

use super::selectors::missing;
use crate::facts::Index;
use crate::facts::view::{Derived, Prose, Says};
use crate::facts::words::{and, before_the_scan, problems};

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

/// Why the trail does not record all events of global services: what certainly does not hold of it, if anything.
pub(super) fn global_events(recorded: &Derived<bool>, terms: [(Derived<bool>, &str); 3]) -> Text {
    if recorded.clone()? {
        return Ok(None);
    }
    let lacks: Vec<&str> =
        terms.into_iter().filter(|(truth, _)| *truth == Ok(false)).map(|(_, lacks)| lacks).collect();
    Ok(Some(if lacks.is_empty() { "records a part of them".to_owned() } else { and(&lacks) }))
}

pub(super) const GLOBAL_EVENTS: Prose = Prose {
    from: &["global_service_events_recorded"],
    says: Says::NothingIf(|facts| facts.truth("global_service_events_recorded")),
};

/// Why the bucket is not the organization's.
pub(super) fn foreign_bucket(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else { return Ok(Some("names no bucket".to_owned())) };
    Ok(match index.bucket_owner(&name)? {
        Some(_) => None,
        None if index.absent_buckets.contains(&name) => {
            Some(format!("is set to deliver to {name}, which does not exist"))
        }
        None => Some(format!("is set to deliver to {name}, which no account of the organization owns")),
    })
}

/// Why its logs do not go to the archive.
pub(super) fn outside_archive(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else { return Ok(Some("names no bucket".to_owned())) };
    Ok(index.outside_archive(&name)?.map(|why| format!("is set to deliver to {name}, {why}")))
}

/// What its encryption lacks, and what follows.
pub(super) fn encryption_weakness(key_id: &Text, state: &Text, customer_managed: &Derived<bool>) -> Text {
    const READABLE: &str = "whoever may read the bucket can read the logs";
    let Some(id) = key_id.clone()? else {
        return Ok(Some(format!("encrypts its log files with S3's own keys: {READABLE}")));
    };
    Ok(match state.clone()? {
        None => Some(format!(
            "encrypts with key {id}, which KMS does not know: nobody can read the logs, and new ones are not delivered"
        )),
        Some(state) if !matches!(state.as_str(), "Enabled" | "Updating") => Some(format!(
            "encrypts with key {id}, which cannot be used ({state}): nobody can read the logs, and new ones are not \
             delivered"
        )),
        Some(_) if !customer_managed.clone()? => {
            Some(format!("encrypts with {id}, a key of AWS itself: {READABLE}"))
        }
        Some(_) => None,
    })
}

pub(super) const DELIVERY: Prose = Prose {
    from: &["hours_since_delivery", "delivery_error"],
    says: Says::Text(|facts| {
        delivery("log file", &facts.number("hours_since_delivery"), &facts.text("delivery_error"))
    }),
};

pub(super) const DIGEST_DELIVERY: Prose = Prose {
    from: &["hours_since_digest", "digest_error"],
    says: Says::Text(|facts| {
        delivery("digest", &facts.number("hours_since_digest"), &facts.text("digest_error"))
    }),
};

pub(super) const LOG_GROUP_DELIVERY: Prose = Prose {
    from: &["log_group_arn", "hours_since_log_group_delivery", "log_group_error", "log_group_role_defect"],
    says: Says::Text(|facts| {
        log_group_delivery(
            &facts.text("log_group_arn"),
            &facts.number("hours_since_log_group_delivery"),
            &facts.text("log_group_error"),
            &facts.text("log_group_role_defect"),
        )
    }),
};

pub(super) const FOREIGN_BUCKET: Prose = Prose {
    from: &["bucket_account_id"],
    says: Says::NothingIf(|facts| Ok(facts.text("bucket_account_id")?.is_some())),
};

pub(super) const OUTSIDE_ARCHIVE: Prose = Prose {
    from: &["delivers_to_archive"],
    says: Says::NothingIf(|facts| facts.truth("delivers_to_archive")),
};

pub(super) const ENCRYPTION_WEAKNESS: Prose = Prose {
    from: &["kms_key_id", "kms_key_state", "kms_key_customer_managed"],
    says: Says::Text(|facts| {
        encryption_weakness(
            &facts.text("kms_key_id"),
            &facts.text("kms_key_state"),
            &facts.truth("kms_key_customer_managed"),
        )
    }),
};

pub(super) const MISSING_EVENTS: Prose = Prose {
    from: &["records_management_reads", "records_management_writes", "excluded_event_sources"],
    says: Says::Text(|facts| {
        let reads = facts.truth("records_management_reads")?;
        let writes = facts.truth("records_management_writes")?;
        Ok(missing(reads, writes, &facts.texts("excluded_event_sources")?))
    }),
};
