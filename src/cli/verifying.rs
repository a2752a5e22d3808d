//! Flags of the commands that read the archive itself.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, ValueHint};

use super::reporting::{OUTPUT_HELP, format_help};
use super::{AwsArgs, FormatArg, RoleArgs, ThresholdArg, account_id};
use crate::report::integrity::IntegrityFormat;

/// `verify-logs`
#[derive(Debug, Args)]
pub struct VerifyLogsArgs {
    /// What of the archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// Read only so many of a hundred logs, chosen by chance; the digests are verified all
    #[arg(long, value_name = "PERCENT", conflicts_with = "digests_only", help_heading = "Archive")]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    pub sample: Option<u8>,
    /// Verify the digests and read no log
    #[arg(long, help_heading = "Archive")]
    pub digests_only: bool,
    /// Keep what is verified in this file, and go on from there if the run is interrupted
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Archive")]
    pub state: Option<PathBuf>,
    /// Verify a copy in this folder, without a network: trailproof copy-logs makes one
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Archive")]
    #[arg(requires = "public_keys", conflicts_with = "trail_arn")]
    pub from: Option<PathBuf>,
    /// `CloudTrail`'s public keys for the copy.
    #[arg(help = "CloudTrail's public keys for the copy, as aws cloudtrail list-public-keys prints them")]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Archive")]
    #[arg(requires = "from")]
    pub public_keys: Option<PathBuf>,
    /// The audit role.
    #[command(flatten)]
    pub role: RoleArgs,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
    /// What comes out.
    #[command(flatten)]
    pub output: VerifyOutputArgs,
}

/// `copy-logs`
#[derive(Debug, Args)]
pub struct CopyLogsArgs {
    /// The folder to copy into; it is made if it is not there
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// What of the archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// Copy the digests and no log
    #[arg(long, help_heading = "Archive")]
    pub digests_only: bool,
    /// The audit role.
    #[command(flatten)]
    pub role: RoleArgs,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// What of the archive.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Archive")]
pub struct ArchiveArgs {
    /// Only this trail [default: every trail that the organization's archive holds]
    #[arg(long, value_name = "ARN", conflicts_with_all = ["bucket", "prefix"])]
    pub trail_arn: Option<String>,
    /// This bucket, whatever trails deliver there
    #[arg(long, value_name = "BUCKET")]
    pub bucket: Option<String>,
    /// What stands before `AWSLogs` in the bucket.
    #[arg(help = "What stands before AWSLogs in the bucket")]
    #[arg(long, value_name = "PREFIX", requires = "bucket")]
    pub prefix: Option<String>,
    /// The account that owns the bucket [default: it is looked for]
    #[arg(long, value_name = "ACCOUNT", value_parser = account_id)]
    pub archive_account: Option<String>,
    /// Only these accounts, by number; logs of each must be there
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',', value_parser = account_id)]
    pub accounts: Vec<String>,
    /// Only these regions; logs of each must be there
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// From when: 2026-11-01, or 2026-11-01T12:00:00Z [default: 90 days before the end]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub start_time: Option<DateTime<Utc>>,
    /// Until when [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub end_time: Option<DateTime<Utc>>,
}

/// What comes out of `verify-logs`.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct VerifyOutputArgs {
    /// A format, and where it goes.
    #[arg(long, value_name = "KIND[=FILE]", value_delimiter = ',', help = format_help::<IntegrityFormat>())]
    pub format: Vec<FormatArg<IntegrityFormat>>,
    /// Where the one format goes.
    #[arg(help = OUTPUT_HELP)]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Write what was verified to this file, for trailproof check --attestation
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub attestation: Option<PathBuf>,
    /// The mildest defect that makes the exit code 1; milder ones make it 3 [default: high]
    #[arg(long, value_name = "LEVEL", value_enum, env = "TRAILPROOF_FAIL_ON", hide_env_values = true)]
    pub fail_on: Option<ThresholdArg>,
    /// Exit with 0 even if something could not be verified, or has a defect milder than --fail-on
    #[arg(long)]
    pub allow_incomplete: bool,
}

/// A day, or a time with its zone.
fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| "a time is a day (2026-11-01) or a time with its zone (2026-11-01T12:00:00Z)")
}
