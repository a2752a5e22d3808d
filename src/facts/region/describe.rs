//! What is wrong with AWS Config in a region, for the messages of rules. See [`super`].

use super::config::{
    all_types, attempts, delivery_channel, failed, frequency, latest_success, recorder, recording,
    status_text, unrecorded_types,
};
use crate::facts::Index;
use crate::facts::derived::hours_between;
use crate::facts::view::{Derived, observed};
use crate::facts::words::{and, before_the_scan, clauses, problems};
use crate::model::{DeliveryAttempt, RegionRecord};

type Text = Derived<Option<String>>;

/// Why Config does not record here.
pub(super) fn recorder_problem(region: &RegionRecord) -> Text {
    if recorder(region)?.is_none() {
        return Ok(Some("Config has no recorder".to_owned()));
    }
    let error = status_text(region, |status| &status.last_error).ok().flatten();
    let error = error.map_or_else(String::new, |error| format!(" ({error})"));
    let failing = status_text(region, |status| &status.last_status).map(|last| {
        (last.as_deref() == Some("FAILURE")).then(|| format!("its last attempt to record failed{error}"))
    });
    let stopped = recording(region).map(|on| (!on).then(|| "Config's recorder is stopped".to_owned()));
    match (stopped, failing) {
        (Ok(None), Ok(Some(_))) => Ok(Some(format!("Config's recorder runs and fails{error}"))),
        (stopped, failing) => problems([stopped, failing]),
    }
}

/// Which part of the resources the recorder records, as what follows its name.
pub(super) fn recorded_part(region: &RegionRecord, global_types_missing: &Derived<bool>) -> Text {
    let Some(recorder) = recorder(region)? else { return Ok(None) };
    let group = &recorder.recording_group;
    let mut parts = Vec::new();
    if !all_types(group) {
        parts.push("records only the resource types that it lists".to_owned());
    }
    let left_out = unrecorded_types(group);
    if !left_out.is_empty() {
        parts.push(format!("leaves out {}", and(&left_out)));
    }
    if frequency(region).ok().flatten().as_deref() == Some("DAILY") {
        parts.push("looks once a day".to_owned());
    }
    if *global_types_missing == Ok(true) {
        parts.push("no region's recorder records the account's IAM resources".to_owned());
    }
    Ok(clauses(&parts).or_else(|| Some("records all resource types continuously".to_owned())))
}

/// The role that the recorder reads with, as what follows its name.
pub(super) fn recorder_role(role: &Text) -> Text {
    role.clone().map(|role| {
        Some(role.map_or_else(|| "names no role".to_owned(), |role| format!("reads with the role {role}")))
    })
}

/// Where Config delivers instead of to the archive.
pub(super) fn outside_archive(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else { return Ok(Some("Config delivers to no bucket".to_owned())) };
    Ok(index.outside_archive(&name)?.map(|why| format!("Config delivers to {name}, {why}")))
}

/// Which of Config's deliveries fail, or how old the last is that succeeded.
pub(super) fn delivery_problem(index: &Index, region: &RegionRecord) -> Text {
    if delivery_channel(region)?.is_none() {
        return Ok(Some("it has no delivery channel".to_owned()));
    }
    let [history, snapshot] = attempts(region)?;
    let since = |attempt: Derived<Option<&DeliveryAttempt>>| {
        latest_success([attempt, Ok(None)])
            .map(|then| then.map(|then| before_the_scan(hours_between(then, index.header.taken_at))))
    };
    let failure = |what: &str, attempt: Derived<Option<&DeliveryAttempt>>| -> Text {
        let Some(last) = attempt.clone()?.filter(|last| failed(Some(last)) == Ok(true)) else {
            return Ok(None);
        };
        let error = observed(&last.last_error).ok().flatten();
        let error = error.map_or_else(String::new, |error| format!(" ({error})"));
        let success = match since(attempt) {
            Ok(Some(then)) => format!(", and last succeeded {then}"),
            Ok(None) => " and has never succeeded".to_owned(),
            Err(_) => String::new(),
        };
        Ok(Some(format!("delivery of {what} fails{error}{success}")))
    };
    let failures =
        problems([failure("its history", history.clone()), failure("its snapshots", snapshot.clone())]);
    if let Ok(Some(_)) | Err(_) = failures {
        return failures;
    }
    let latest = latest_success([history, snapshot])?;
    Ok(Some(latest.map_or_else(
        || "nothing has ever been delivered".to_owned(),
        |then| {
            let when = before_the_scan(hours_between(then, index.header.taken_at));
            format!("the last delivery that succeeded was {when}")
        },
    )))
}
