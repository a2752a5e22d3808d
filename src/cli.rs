//! The command line as it is typed. What it means, together with variables and the configuration file, is worked out
//! in [`crate::settings`]; what it does, in [`crate::commands`].

mod collecting;
mod evidence;
mod gating;
mod guardrails;
mod reporting;
mod sharding;
mod verifying;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

pub use collecting::{AwsArgs, CollectingArgs, ConnectionArgs, RoleArgs, ScopeArgs, SessionArgs};
pub use evidence::{EvidenceCommand, EvidenceExportArgs, EvidenceVerifyArgs, RedactArg};
pub use gating::{
    AcceptedArgs, BaselineCommand, BaselineWriteArgs, DiffArgs, FrameworksCommand, FrameworksListArgs,
    FrameworksShowArgs, WaiversAddArgs, WaiversCheckArgs, WaiversCommand,
};
pub use guardrails::{
    GuardrailsArgs, GuardrailsCommand, GuardrailsExplainArgs, OrganizationArgs, RecommendArgs,
    RecommendFormat, SimulateArgs,
};
pub use reporting::{
    EvidenceArgs, FormatArg, OutputArgs, RuleArgs, SecurityHubArgs, SeverityArg, ThresholdArg,
};
pub use sharding::{ShardCommand, ShardMergeArgs, ShardPlanArgs, ShardRunArgs};
pub use verifying::{ArchiveArgs, CopyLogsArgs, VerifyLogsArgs, VerifyOutputArgs};

use crate::collect::SUGGESTED_ROLE_NAME;
use crate::exit::Exit;
use crate::printer::{ColorChoice, LogFormat, Verbosity};

/// Proves that the logs of a whole AWS Organization are complete, protected and intact.
#[derive(Debug, Parser)]
#[command(name = "trailproof", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = after_help())]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

fn after_help() -> String {
    let lines: Vec<String> =
        Exit::ALL.into_iter().map(|exit| format!("  {:<4} {}", exit.code(), meaning(exit))).collect();
    format!(
        "Start with: trailproof demo\n\nExit codes, the same for every command and format:\n{}",
        lines.join("\n")
    )
}

fn meaning(exit: Exit) -> &'static str {
    match exit {
        Exit::Complete => "complete, nothing failed at or above --fail-on",
        Exit::Failures => "something failed at or above --fail-on",
        Exit::Usage => "wrong usage, configuration, rule or input file",
        Exit::Incomplete => "something in scope could not be read, nothing failed at or above --fail-on",
        Exit::NoAccess => "no usable credentials, no connection, or no organization",
        Exit::NotWritten => "a report or snapshot could not be written, or the system had no room",
        Exit::Interrupted => "interrupted",
    }
}

/// What applies to every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Configuration file [default: trailproof.toml here, else trailproof/trailproof.toml in the configuration folder]
    #[arg(long, global = true, value_name = "FILE", env = "TRAILPROOF_CONFIG", value_hint = ValueHint::FilePath)]
    #[arg(hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Say nothing but errors on standard error
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more on standard error
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// How standard error is written
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
}

impl GlobalArgs {
    /// How much is said on standard error.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect from a live organization, and check it
    Scan(ScanArgs),
    /// Check the bundled example organization: no credentials, no network
    Demo(DemoArgs),
    /// Collect from a live organization into a snapshot file
    Collect(CollectArgs),
    /// Check a snapshot, or the shards of one
    Check(CheckArgs),
    /// Collect on many machines, with an engine that runs them
    #[command(subcommand)]
    Shard(ShardCommand),
    /// Verify the signed digest chain of the logs in the archive
    VerifyLogs(VerifyLogsArgs),
    /// Copy digests and logs, to verify them where there is no network
    CopyLogs(CopyLogsArgs),
    /// Show what changed between two reports or snapshots
    Diff(Box<DiffArgs>),
    /// Accepted risks
    #[command(subcommand)]
    Waivers(WaiversCommand),
    /// Known failures and unknowns
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Make and verify bundles for auditors
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Explain a rule, or a finding by its fingerprint
    Explain(ExplainArgs),
    /// Show what the organization's policies deny in every account, and prove it
    Guardrails(Box<GuardrailsArgs>),
    /// The catalogue of rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// The frameworks that the rules tell of
    #[command(subcommand)]
    Frameworks(FrameworksCommand),
    /// Print the IAM policy that the audit role needs, or what makes the role
    IamPolicy(IamPolicyArgs),
    /// The configuration file
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// `scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Keep the snapshot in this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub snapshot: Option<PathBuf>,
    /// Go on with what an interrupted run left beside the snapshot
    #[arg(long, requires = "snapshot")]
    pub resume: bool,
    /// What to collect.
    #[command(flatten)]
    pub collecting: CollectingArgs,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What is taken in.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// What is known and accepted already.
    #[command(flatten)]
    pub accepted: AcceptedArgs,
    /// What comes out.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Where findings are sent.
    #[command(flatten)]
    pub security_hub: SecurityHubArgs,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What is known and accepted already.
    #[command(flatten)]
    pub accepted: AcceptedArgs,
    /// What comes out.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `collect`
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// The snapshot to write; it appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Go on with what an interrupted run left beside it
    #[arg(long)]
    pub resume: bool,
    /// What to collect.
    #[command(flatten)]
    pub collecting: CollectingArgs,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The snapshot, or the shards of one
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What is taken in.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// What is known and accepted already.
    #[command(flatten)]
    pub accepted: AcceptedArgs,
    /// What comes out.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Where findings are sent.
    #[command(flatten)]
    pub security_hub: SecurityHubArgs,
    /// How to reach AWS, where something goes there.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule's id, or the start of a finding's fingerprint
    #[arg(value_name = "RULE_OR_FINGERPRINT")]
    pub what: String,
    /// For a fingerprint: the snapshot that the finding is in, or its shards
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `rules`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules
    List {
        /// For people, or as JSON
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: CatalogueFormat,
        /// Which rules.
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Show one rule with everything that its file says
    Show {
        /// The rule's id
        id: String,
        /// For people, or as JSON
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: CatalogueFormat,
        /// Which rules.
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Run the tests beside the rules
    Test {
        /// Which rules.
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Check that the rules are well-formed, without running them
    Check {
        /// Which rules.
        #[command(flatten)]
        rules: RuleArgs,
    },
}

/// How the catalogue of rules is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum CatalogueFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// `iam-policy`
#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    /// The policy of whoever runs trailproof instead: to see the organization and to assume the audit roles
    #[arg(long)]
    pub caller: bool,
    /// What verify-logs needs besides, of the role that reads the archive bucket
    #[arg(long, conflicts_with_all = ["caller", "stackset", "terraform"])]
    pub archive: bool,
    /// What --send-to-security-hub needs, of the caller
    #[arg(long, conflicts_with_all = ["caller", "archive", "stackset", "terraform"])]
    pub security_hub: bool,
    /// The archive bucket
    #[arg(long, value_name = "BUCKET", requires = "archive", default_value = "ARCHIVE-BUCKET")]
    pub bucket: String,
    /// A `CloudFormation` template that makes the role.
    #[arg(help = "A CloudFormation template for a StackSet that makes the role in every account")]
    #[arg(long, requires = "caller_account", conflicts_with_all = ["caller", "terraform"])]
    pub stackset: bool,
    /// Terraform that makes the role in an account
    #[arg(long, requires = "caller_account", conflicts_with = "caller")]
    pub terraform: bool,
    /// The role demands an external id, which whoever makes it gives: a parameter of the template, a variable of Terraform
    #[arg(long, requires = "caller_account")]
    pub external_id: bool,
    /// The account that the role trusts
    #[arg(long, value_name = "ACCOUNT", value_parser = account_id)]
    pub caller_account: Option<String>,
    /// The role's name
    #[arg(long, value_name = "NAME", default_value = SUGGESTED_ROLE_NAME, value_parser = role_name)]
    pub role_name: String,
}

fn account_id(text: &str) -> Result<String, &'static str> {
    let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { Ok(text.to_owned()) } else { Err("an account is twelve digits") }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn role_name(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
    if valid { Ok(text.to_owned()) } else { Err("a role's name is 1 to 64 letters, digits and _+=,.@-") }
}

/// `config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of the configuration file
    Schema,
}

impl Cli {
    /// The description of the whole command line, for completions and the manual.
    pub fn description() -> clap::Command {
        Self::command()
    }
}
