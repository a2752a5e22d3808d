//! Flags of the `guardrails` commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{CatalogueFormat, CollectingArgs, OutputArgs};

/// `guardrails`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct GuardrailsArgs {
    /// A command about guardrails.
    #[command(subcommand)]
    pub command: Option<GuardrailsCommand>,
    /// Whose guardrails.
    #[command(flatten)]
    pub organization: OrganizationArgs,
    /// What comes out.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which organization is looked at.
#[derive(Debug, Clone, Args)]
pub struct OrganizationArgs {
    /// Read this snapshot, or the shards of one, rather than collecting from a live organization
    #[arg(long, value_name = "FILE", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub snapshot: Vec<PathBuf>,
    /// Look at the bundled example organization
    #[arg(long, conflicts_with = "snapshot")]
    pub demo: bool,
    /// What to collect.
    #[command(flatten)]
    pub collecting: CollectingArgs,
}

/// The commands below `guardrails`.
#[derive(Debug, Subcommand)]
pub enum GuardrailsCommand {
    /// Prove for one account and action what the policies decide, level by level
    Explain(Box<GuardrailsExplainArgs>),
    /// Write policies that close what is open, proved to do so
    Recommend(Box<RecommendArgs>),
    /// Try policies before they are attached: say what they decide about requests
    Simulate(SimulateArgs),
}

/// `guardrails explain`
#[derive(Debug, Args)]
pub struct GuardrailsExplainArgs {
    /// The account, by number or name
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// The action, such as cloudtrail:StopLogging
    #[arg(value_name = "ACTION")]
    pub action: String,
    /// An ARN, or a pattern of ARNs [default: what the account holds that the action is asked on]
    #[arg(value_name = "RESOURCE")]
    pub resource: Option<String>,
    /// For people, or as JSON
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: CatalogueFormat,
    /// Whose guardrails.
    #[command(flatten)]
    pub organization: OrganizationArgs,
}

/// `guardrails recommend`
#[derive(Debug, Args)]
pub struct RecommendArgs {
    /// For people, as JSON, or as Terraform
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: RecommendFormat,
    /// Whose guardrails.
    #[command(flatten)]
    pub organization: OrganizationArgs,
}

/// How recommended policies are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum RecommendFormat {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// Policies and their attachments.
    Terraform,
}

/// `guardrails simulate`
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The cases: a JSON object, an array of them, or one a line; - is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The same as FILE
    #[arg(long, value_name = "FILE", conflicts_with = "file", value_hint = ValueHint::FilePath)]
    pub batch: Option<PathBuf>,
    /// Also say what holds of every caller of the account, whatever the context
    ///
    /// As far as service control and resource control policies say: other policies that a case gives, of the caller and
    /// of the resource, are no part of it.
    #[arg(long = "static")]
    pub prove: bool,
}
