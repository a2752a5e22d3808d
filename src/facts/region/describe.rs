//! What is wrong with AWS Config in a region, for the messages of rules. See [`super`].

use super::config::{attempts, delivery_channel, failed, latest_success};
use crate::facts::Index;
use crate::facts::derived::hours_between;
use crate::facts::view::{Derived, Prose, Says, observed};
use crate::facts::words::{and, before_the_scan, clauses, few, problems};
use crate::model::{DeliveryAttempt, RegionRecord};

type Text = Derived<Option<String>>;

/// Why Config does not record here.
pub(super) fn recorder_problem(
    has_recorder: &Derived<bool>,
    recording: &Derived<bool>,
    last_status: &Text,
    error: &Text,
) -> Text {
    if !has_recorder.clone()? {
        return Ok(Some("Config has no recorder".to_owned()));
    }
    let error = error.clone().ok().flatten();
    let error = error.map_or_else(String::new, |error| format!(" ({error})"));
    let failing = last_status.clone().map(|last| {
        (last.as_deref() == Some("FAILURE")).then(|| format!("its last attempt to record failed{error}"))
    });
    let stopped = recording.clone().map(|on| (!on).then(|| "Config's recorder is stopped".to_owned()));
    match (stopped, failing) {
        (Ok(None), Ok(Some(_))) => Ok(Some(format!("Config's recorder runs and fails{error}"))),
        (stopped, failing) => problems([stopped, failing]),
    }
}

/// Which part of the resources the recorder records, as what follows its name.
pub(super) fn recorded_part(
    has_recorder: &Derived<bool>,
    all_types: &Derived<bool>,
    left_out: &Derived<Vec<String>>,
    frequency: &Text,
    types_recorded_daily: &Derived<Vec<String>>,
    global_types_missing: &Derived<bool>,
) -> Text {
    if !has_recorder.clone()? {
        return Ok(None);
    }
    let mut parts = Vec::new();
    if !all_types.clone()? {
        parts.push("is set to record only the resource types that it lists".to_owned());
    }
    let left_out = left_out.clone()?;
    if !left_out.is_empty() {
        parts.push(format!("leaves out {}", and(&left_out)));
    }
    if frequency.as_ref().ok().and_then(Option::as_deref) == Some("DAILY") {
        parts.push("is set to look once a day".to_owned());
    }
    let types_recorded_daily = types_recorded_daily.clone().unwrap_or_default();
    if !types_recorded_daily.is_empty() {
        parts.push(format!("is set to look at {} once a day", few(&types_recorded_daily)));
    }
    if *global_types_missing == Ok(true) {
        parts.push("leaves out the account's IAM resources, as that of every other region does".to_owned());
    }
    Ok(clauses(&parts).or_else(|| Some("is set to record all resource types continuously".to_owned())))
}

/// The role that the recorder reads with, as what follows its name.
pub(super) fn recorder_role(role: &Text) -> Text {
    role.clone().map(|role| {
        Some(role.map_or_else(|| "names no role".to_owned(), |role| format!("has the role {role}")))
    })
}

/// Where Config delivers instead of to the archive.
pub(super) fn outside_archive(index: &Index, bucket_name: &Text) -> Text {
    let Some(name) = bucket_name.clone()? else {
        return Ok(Some("Config has no bucket to deliver to".to_owned()));
    };
    Ok(index.outside_archive(&name)?.map(|why| format!("Config is set to deliver to {name}, {why}")))
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

pub(super) const NOT_COVERED: Prose =
    Prose { from: &["covered"], says: Says::NothingIf(|facts| facts.truth("covered")) };

pub(super) const RECORDER_PROBLEM: Prose = Prose {
    from: &["has_recorder", "recorder_recording", "recorder_last_status", "recorder_error"],
    says: Says::Text(|facts| {
        recorder_problem(
            &facts.truth("has_recorder"),
            &facts.truth("recorder_recording"),
            &facts.text("recorder_last_status"),
            &facts.text("recorder_error"),
        )
    }),
};

pub(super) const RECORDED_PART: Prose = Prose {
    from: &[
        "has_recorder",
        "records_all_types",
        "unrecorded_types",
        "recording_frequency",
        "types_recorded_daily",
        "global_types_missing",
    ],
    says: Says::Text(|facts| {
        recorded_part(
            &facts.truth("has_recorder"),
            &facts.truth("records_all_types"),
            &facts.texts("unrecorded_types"),
            &facts.text("recording_frequency"),
            &facts.texts("types_recorded_daily"),
            &facts.truth("global_types_missing"),
        )
    }),
};

pub(super) const RECORDER_ROLE: Prose = Prose {
    from: &["recorder_role_arn"],
    says: Says::Text(|facts| recorder_role(&facts.text("recorder_role_arn"))),
};

pub(super) const OUTSIDE_ARCHIVE: Prose = Prose {
    from: &["config_delivers_to_archive"],
    says: Says::NothingIf(|facts| facts.truth("config_delivers_to_archive")),
};
