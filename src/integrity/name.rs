//! The names of CloudTrail's objects in a bucket, read strictly: what does not fit exactly is not CloudTrail's.
//!
//! Layout: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>.
//! `{prefix/}AWSLogs/{o-id/}{account}/CloudTrail{-Digest}/{region}/YYYY/MM/DD/{file}`; the organization's id only for
//! organization trails.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Timelike as _, Utc};

/// The longest key that S3 takes, in bytes.
const LONGEST_KEY: usize = 1024;
const DIGESTS: &str = "CloudTrail-Digest";
const LOGS: &str = "CloudTrail";

/// Why a key is not the name of a CloudTrail object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Longer than 1,024 bytes.
    #[error("the key is longer than S3 allows")]
    Length,
    /// Folders other than CloudTrail's.
    #[error("the key does not lie in a folder of CloudTrail's layout")]
    Layout,
    /// Not twelve digits.
    #[error("the account number is not twelve digits")]
    Account,
    /// Not the form of a region's name.
    #[error("the region is not one in form")]
    Region,
    /// No date, or one that the folder contradicts.
    #[error("the time is malformed, or not of the folder's day")]
    Time,
    /// Not the form of a trail's name.
    #[error("the trail's name has not the form that CloudTrail allows")]
    Trail,
    /// The file's name does not repeat account and region as CloudTrail's does.
    #[error("the file's name is not one that CloudTrail writes")]
    File,
}

/// The name of a digest file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestName {
    /// The trail's prefix in the bucket, without slashes at its ends; empty without one.
    pub prefix: String,
    /// The organization's folder, for an organization trail.
    pub organization_id: Option<String>,
    /// The account whose logs it lists.
    pub account_id: String,
    /// The region whose logs it lists.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// The region that the trail was made in.
    pub home_region: String,
    /// The end of the time that it covers.
    pub end: DateTime<Utc>,
    /// It lists logs that came too late for the digest of their hour.
    pub backfill: bool,
}

impl DigestName {
    /// Reads a key.
    pub fn parse(key: &str) -> Result<Self, NameError> {
        let place = Place::parse(key, DIGESTS)?;
        let (file, backfill) = match place.file.strip_suffix("_backfill") {
            Some(file) => (file, true),
            None => (place.file, false),
        };
        let mut parts = file.rsplitn(3, '_');
        let (Some(end), Some(home_region), Some(trail)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NameError::File);
        };
        let end = time(end, "%Y%m%dT%H%M%SZ", 16)?;
        if end.date_naive() != place.day {
            return Err(NameError::Time);
        }
        if !is_region(home_region) {
            return Err(NameError::Region);
        }
        if !is_trail(trail) {
            return Err(NameError::Trail);
        }
        Ok(Self {
            prefix: place.prefix.to_owned(),
            organization_id: place.organization_id.map(str::to_owned),
            account_id: place.account_id.to_owned(),
            region: place.region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            end,
            backfill,
        })
    }

    /// The key.
    pub fn key(&self) -> String {
        let folder =
            folder(&self.prefix, self.organization_id.as_deref(), &self.account_id, DIGESTS, &self.region);
        let Self { account_id, region, trail, home_region, .. } = self;
        let day = self.end.format("%Y/%m/%d");
        let end = self.end.format("%Y%m%dT%H%M%SZ");
        let backfill = if self.backfill { "_backfill" } else { "" };
        format!(
            "{folder}{day}/{account_id}_CloudTrail-Digest_{region}_{trail}_{home_region}_{end}{backfill}.json.gz"
        )
    }
}

/// The name of a log file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogName {
    /// The trail's prefix in the bucket, without slashes at its ends; empty without one.
    pub prefix: String,
    /// The organization's folder, for an organization trail.
    pub organization_id: Option<String>,
    /// The account whose events it has.
    pub account_id: String,
    /// The region whose events it has.
    pub region: String,
    /// When CloudTrail made it, to the minute.
    pub time: DateTime<Utc>,
    /// What tells it from others of the minute.
    pub suffix: String,
}

impl LogName {
    /// Reads a key.
    pub fn parse(key: &str) -> Result<Self, NameError> {
        let place = Place::parse(key, LOGS)?;
        let (at, suffix) = place.file.split_once('_').ok_or(NameError::File)?;
        let time = time(at, "%Y%m%dT%H%MZ", 14)?;
        if suffix.is_empty() || suffix.len() > 64 || !suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(NameError::File);
        }
        Ok(Self {
            prefix: place.prefix.to_owned(),
            organization_id: place.organization_id.map(str::to_owned),
            account_id: place.account_id.to_owned(),
            region: place.region.to_owned(),
            time,
            suffix: suffix.to_owned(),
        })
    }
}

/// Whether a key is a plain relative path: nothing in it leads out of a folder, or means something to a file system
/// or a terminal. To be asked before a key names a file.
pub fn is_plain_path(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= LONGEST_KEY
        && !key.chars().any(|character| character.is_control() || matches!(character, '\\' | ':'))
        && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

pub(crate) fn digest_folder(
    prefix: &str,
    organization_id: Option<&str>,
    account_id: &str,
    region: &str,
) -> String {
    folder(prefix, organization_id, account_id, DIGESTS, region)
}

pub(crate) fn log_folder(
    prefix: &str,
    organization_id: Option<&str>,
    account_id: &str,
    region: &str,
) -> String {
    folder(prefix, organization_id, account_id, LOGS, region)
}

/// The folder of everything that CloudTrail writes for an account.
pub(crate) fn account_folder(prefix: &str, organization_id: Option<&str>, account_id: &str) -> String {
    let slash = if prefix.is_empty() { "" } else { "/" };
    match organization_id {
        Some(organization_id) => format!("{prefix}{slash}AWSLogs/{organization_id}/{account_id}/"),
        None => format!("{prefix}{slash}AWSLogs/{account_id}/"),
    }
}

fn folder(prefix: &str, organization_id: Option<&str>, account_id: &str, kind: &str, region: &str) -> String {
    format!("{}{kind}/{region}/", account_folder(prefix, organization_id, account_id))
}

/// What digest and log names share.
struct Place<'a> {
    prefix: &'a str,
    organization_id: Option<&'a str>,
    account_id: &'a str,
    region: &'a str,
    day: NaiveDate,
    /// The file's name after `{account}_{kind}_{region}_` and before `.json.gz`.
    file: &'a str,
}

impl<'a> Place<'a> {
    fn parse(key: &'a str, kind: &str) -> Result<Self, NameError> {
        if key.len() > LONGEST_KEY {
            return Err(NameError::Length);
        }
        // From the end, because a prefix may itself hold folders of the same names.
        let mut parts = key.rsplitn(8, '/');
        let mut next = || parts.next().ok_or(NameError::Layout);
        let (file, day, month, year, region) = (next()?, next()?, next()?, next()?, next()?);
        if next()? != kind {
            return Err(NameError::Layout);
        }
        let account_id = next()?;
        let (prefix, organization_id) = above_account(next()?)?;
        if account_id.len() != 12 || !account_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NameError::Account);
        }
        if !is_region(region) {
            return Err(NameError::Region);
        }
        let file = file
            .strip_suffix(".json.gz")
            .and_then(|file| file.strip_prefix(account_id)?.strip_prefix('_'))
            .and_then(|file| file.strip_prefix(kind)?.strip_prefix('_'))
            .and_then(|file| file.strip_prefix(region)?.strip_prefix('_'))
            .ok_or(NameError::File)?;
        Ok(Self { prefix, organization_id, account_id, region, day: date(year, month, day)?, file })
    }
}

/// Prefix and organization of `{prefix/}AWSLogs{/o-id}`.
fn above_account(path: &str) -> Result<(&str, Option<&str>), NameError> {
    let (rest, last) = path.rsplit_once('/').map_or(("", path), |(rest, last)| (rest, last));
    let (path, organization_id) = if last == "AWSLogs" {
        (path, None)
    } else if is_organization(last) {
        (rest, Some(last))
    } else {
        return Err(NameError::Layout);
    };
    let prefix = match path.strip_suffix("AWSLogs").ok_or(NameError::Layout)? {
        "" => "",
        prefix => prefix.strip_suffix('/').filter(|prefix| !prefix.is_empty()).ok_or(NameError::Layout)?,
    };
    Ok((prefix, organization_id))
}

fn date(year: &str, month: &str, day: &str) -> Result<NaiveDate, NameError> {
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
            .ok_or(NameError::Time)
    };
    let year = i32::try_from(number(year, 4)?).map_err(|_| NameError::Time)?;
    NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?).ok_or(NameError::Time)
}

fn time(text: &str, format: &str, length: usize) -> Result<DateTime<Utc>, NameError> {
    if text.len() != length || !text.is_ascii() {
        return Err(NameError::Time);
    }
    let time = NaiveDateTime::parse_from_str(text, format).map_err(|_| NameError::Time)?;
    // `chrono` takes signs, spaces and leap seconds; CloudTrail writes none.
    let leap_second = time.nanosecond() != 0;
    if leap_second || time.format(format).to_string() != text || !(2000..10_000).contains(&time.year()) {
        return Err(NameError::Time);
    }
    Ok(time.and_utc())
}

fn is_region(text: &str) -> bool {
    (4..=32).contains(&text.len())
        && text.contains('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_organization(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Three to 128 letters, digits, periods, underscores and hyphens.
fn is_trail(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests;
