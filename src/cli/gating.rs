//! Commands and flags about what is known and accepted: frameworks, waivers, baselines, differences.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueHint};

use super::reporting::{OUTPUT_HELP, format_help};
use super::{CatalogueFormat, FormatArg, RuleArgs, ThresholdArg};
use crate::diff::DiffFormat;

/// `frameworks`
#[derive(Debug, Subcommand)]
pub enum FrameworksCommand {
    /// List the frameworks, with how many of their listed controls the rules cover
    List(FrameworksListArgs),
    /// Show the controls of a framework that are about logging, and the rules that tell of each
    Show(FrameworksShowArgs),
}

/// `frameworks list`
#[derive(Debug, Args)]
pub struct FrameworksListArgs {
    /// For people, or as JSON
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: CatalogueFormat,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `frameworks show`
#[derive(Debug, Args)]
pub struct FrameworksShowArgs {
    /// The framework's id
    pub id: String,
    /// For people, or as JSON
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: CatalogueFormat,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// What is known and accepted already.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Gate")]
pub struct AcceptedArgs {
    /// Accepted risks, in TOML or YAML: a failure that one covers is shown as waived and does not count
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub waivers: Vec<PathBuf>,
    /// Count only what is not in the baseline: other failures for exit code 1, other unknowns for 3
    #[arg(long, requires = "baseline")]
    pub fail_on_new: bool,
    /// What trailproof baseline write wrote
    #[arg(long, value_name = "FILE", requires = "fail_on_new", value_hint = ValueHint::FilePath)]
    pub baseline: Option<PathBuf>,
}

/// `waivers`
#[derive(Debug, Subcommand)]
pub enum WaiversCommand {
    /// Check files of waivers, for a pipeline: 2 if one is broken, 1 if a waiver is expired, too broad or unused, else 0
    Check(WaiversCheckArgs),
    /// Add a waiver for a failure to a file, which keeps its comments; what no flag says is asked for
    Add(WaiversAddArgs),
}

/// `waivers check`
#[derive(Debug, Args)]
pub struct WaiversCheckArgs {
    /// The files of waivers, in TOML or YAML
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// A snapshot, or its shards: waivers that cover no failure in it are unused
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub snapshot: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `waivers add`
#[derive(Debug, Args)]
pub struct WaiversAddArgs {
    /// The start of the failure's fingerprint, as trailproof check --format json prints it
    #[arg(value_name = "FINGERPRINT")]
    pub fingerprint: String,
    /// The snapshot that the failure is in, or its shards
    #[arg(required = true, value_name = "SNAPSHOT", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// The file of waivers, in TOML; it is made if there is none
    #[arg(long, value_name = "FILE", default_value = "waivers.toml", value_hint = ValueHint::FilePath)]
    pub waivers: PathBuf,
    /// The waiver's name in reports
    #[arg(long)]
    pub id: Option<String>,
    /// Why the risk is accepted
    #[arg(long)]
    pub reason: Option<String>,
    /// Who accepts it
    #[arg(long)]
    pub owner: Option<String>,
    /// The last day that it holds: 2027-03-31
    #[arg(long, value_name = "DATE")]
    pub expires: Option<NaiveDate>,
    /// Where it was decided
    #[arg(long)]
    pub ticket: Option<String>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `baseline`
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Write down the failures and unknowns that there are, so that --fail-on-new --baseline counts others alone
    Write(BaselineWriteArgs),
}

/// `baseline write`
#[derive(Debug, Args)]
pub struct BaselineWriteArgs {
    /// The baseline to write
    #[arg(value_name = "BASELINE", value_hint = ValueHint::FilePath)]
    pub baseline: PathBuf,
    /// A report in JSON, or a snapshot, or the shards of one
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Accepted risks: what a waiver covers is not written down, so that it counts as new once the waiver ends
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub waivers: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `diff`
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 1 if a failure appeared at or above --fail-on, 3 if none did and something is newly \
                        unknown, else 0."
)]
pub struct DiffArgs {
    /// A report in JSON, or a snapshot: as it was
    #[arg(value_name = "OLD", value_hint = ValueHint::FilePath)]
    pub old: PathBuf,
    /// A report in JSON, or a snapshot: as it is
    #[arg(value_name = "NEW", value_hint = ValueHint::FilePath)]
    pub new: PathBuf,
    /// Accepted risks, laid over snapshots; reports have theirs
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub waivers: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// A format, and where it goes.
    #[arg(help_heading = "Output", help = format_help::<DiffFormat>())]
    #[arg(long, value_name = "KIND[=FILE]", value_delimiter = ',')]
    pub format: Vec<FormatArg<DiffFormat>>,
    /// Where the one format goes.
    #[arg(help_heading = "Output", help = OUTPUT_HELP)]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The mildest failure that makes the exit code 1 when it appears [default: high]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "LEVEL", value_enum, env = "TRAILPROOF_FAIL_ON", hide_env_values = true)]
    pub fail_on: Option<ThresholdArg>,
    /// Exit with 0 even if something is newly unknown
    #[arg(help_heading = "Output", long)]
    pub allow_incomplete: bool,
}
