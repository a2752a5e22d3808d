//! What the configuration cannot mean by the places and principals that it names. See [`super`].
//!
//! Names that no account has are another matter: what a scan saw tells, in the report.

use serde::{Deserialize, Deserializer, de::Error};

use crate::model::{Expectations, all_regions};
use crate::nearest::nearest;

pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Expectations, D::Error> {
    let read = Expectations::deserialize(deserializer)?;
    match fault(&read) {
        Some(fault) => Err(D::Error::custom(fault)),
        None => Ok(read),
    }
}

fn fault(read: &Expectations) -> Option<String> {
    let lists = [
        ("security_accounts", &read.security_accounts),
        ("log_readers", &read.log_readers),
        ("log_writers", &read.log_writers),
        ("home_regions", &read.home_regions),
        ("centralized_log_groups", &read.centralized_log_groups),
        ("network_activity_sources", &read.network_activity_sources),
        ("replication_sources", &read.replication_sources),
        ("break_glass_roles", &read.break_glass_roles),
        ("resource_controlled_services", &read.resource_controlled_services),
    ];
    for (key, values) in lists {
        if values.iter().any(|value| value.trim() != value || value.is_empty()) {
            return Some(format!("`{key}` holds a text that is empty or has spaces at its ends"));
        }
    }
    let designating = [
        ("log_readers", &read.log_readers),
        ("log_writers", &read.log_writers),
        ("replication_sources", &read.replication_sources),
        ("break_glass_roles", &read.break_glass_roles),
    ];
    for (key, values) in designating {
        if values.iter().any(|value| value.chars().all(|it| it == '*')) {
            return Some(format!("`{key}` designates everybody, so that its rules would say nothing"));
        }
    }
    let bucket = read.archive_bucket.iter().find_map(|name| no_bucket(name));
    bucket
        .or_else(|| accounts(read))
        .or_else(|| read.home_regions.iter().find_map(|region| no_region(region)))
}

/// "General purpose bucket naming rules", S3 user guide
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>, read 2026-11-29).
fn no_bucket(name: &str) -> Option<String> {
    let ends = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit();
    let plain = name.chars().all(|it| ends(it) || matches!(it, '.' | '-'));
    let sound = plain && (3..=63).contains(&name.len()) && name.starts_with(ends) && name.ends_with(ends);
    let bare = name.rsplit([':', '/']).find(|part| !part.is_empty()).filter(|bare| *bare != name);
    let meant = bare.map_or_else(String::new, |bare| format!(": did you mean {bare:?}?"));
    (!sound).then(|| format!("`archive_bucket` is {name:?}, which is no name of a bucket{meant}"))
}

fn accounts(read: &Expectations) -> Option<String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let not_twelve = |text: &&String| text.len() != 12 || !is_number(text);
    if let Some(wrong) = read.security_accounts.iter().find(not_twelve) {
        return Some(format!(
            "`security_accounts` holds {wrong:?}, which is no account: accounts have twelve digits"
        ));
    }
    let named = [("log_readers", &read.log_readers), ("log_writers", &read.log_writers)];
    named.into_iter().find_map(|(key, values)| {
        let wrong = values.iter().find(|text| is_number(text) && text.len() != 12)?;
        Some(format!("`{key}` holds {wrong:?}, which is no account: accounts have twelve digits"))
    })
}

/// Regions that this release does not know may be new.
fn no_region(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let sound = match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 => {
            words.iter().all(is_word)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    let meant =
        nearest(name, all_regions()).map_or_else(String::new, |region| format!(": did you mean {region:?}?"));
    (!sound).then(|| format!("`home_regions` holds {name:?}, which is no region{meant}"))
}
