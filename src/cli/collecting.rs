//! Flags of the commands that talk to AWS. Names follow the AWS CLI.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::plan::TagSelector;

/// What to collect, and how.
#[derive(Debug, Clone, Default, Args)]
pub struct CollectingArgs {
    /// Which accounts and regions.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The audit role.
    #[command(flatten)]
    pub role: RoleArgs,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// Which accounts and regions. Lists take commas or a repeated flag.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Scope")]
pub struct ScopeArgs {
    /// Only these accounts, by number or name
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Only accounts of these organizational units and of those below, by id or name
    #[arg(long, value_name = "OU", value_delimiter = ',')]
    pub ous: Vec<String>,
    /// Not these accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    pub exclude_accounts: Vec<String>,
    /// Not accounts of these organizational units
    #[arg(long, value_name = "OU", value_delimiter = ',')]
    pub exclude_ous: Vec<String>,
    /// Only accounts that have one of these tags in AWS Organizations; wildcards in the value
    #[arg(long, value_name = "KEY[=VALUE]", value_delimiter = ',')]
    pub account_tag: Vec<TagSelector>,
    /// Not accounts that have one of these tags
    #[arg(long, value_name = "KEY[=VALUE]", value_delimiter = ',')]
    pub exclude_account_tag: Vec<TagSelector>,
    /// Read the tags of accounts, for waivers that select by them: a call for each account
    #[arg(long)]
    pub read_account_tags: bool,
    /// Only these regions [default: all that are enabled]
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Not these regions
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub exclude_regions: Vec<String>,
}

/// The role that is assumed in each account.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Audit role")]
pub struct RoleArgs {
    /// The role's name, the same in every account.
    #[arg(help = "The role's name, the same in every account [default: OrganizationAccountAccessRole]")]
    #[arg(long, value_name = "NAME", env = "TRAILPROOF_ROLE_NAME", hide_env_values = true)]
    pub role_name: Option<String>,
    /// The role's path
    #[arg(long, value_name = "PATH", env = "TRAILPROOF_ROLE_PATH", hide_env_values = true)]
    pub role_path: Option<String>,
    /// Its sessions.
    #[command(flatten)]
    pub session: SessionArgs,
}

/// How the role is assumed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Audit role")]
pub struct SessionArgs {
    /// The external id that the role asks for; never stored. The variable keeps it out of the list of processes
    #[arg(long, value_name = "ID", env = "TRAILPROOF_EXTERNAL_ID", hide_env_values = true)]
    pub external_id: Option<String>,
    /// The name of the sessions, as CloudTrail shows it [default: trailproof]
    #[arg(long, value_name = "NAME", env = "TRAILPROOF_SESSION_NAME", hide_env_values = true)]
    pub session_name: Option<String>,
    /// How long a session lasts before it is renewed, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(900..=43_200))]
    pub session_duration: Option<u32>,
    /// The MFA device of the caller, by serial number or ARN; its digits are asked for
    #[arg(long, value_name = "SERIAL")]
    pub mfa_serial: Option<String>,
}

/// How to reach AWS, and how hard to call it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// How to reach AWS.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// The most calls in flight at the same time, over all accounts [default: 256]
    #[arg(long, value_name = "CALLS", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub max_concurrency: Option<u16>,
}

/// How to reach AWS. Credentials come as every AWS tool takes them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "AWS")]
pub struct ConnectionArgs {
    /// Profile of the AWS configuration files
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Region for calls that have none of their own
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// One endpoint for all services
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub endpoint_url: Option<String>,
    /// Use FIPS endpoints
    #[arg(long)]
    pub use_fips: bool,
    /// Use dual-stack endpoints
    #[arg(long)]
    pub use_dualstack: bool,
    /// Certificates to trust, in a PEM file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_bundle: Option<PathBuf>,
    /// Attempts for each call [default: 5]
    #[arg(long, value_name = "ATTEMPTS", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: Option<u32>,
}
