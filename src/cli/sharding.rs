//! Flags of `shard`: one run on the machines of a batch engine.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::collecting::{AwsArgs, CollectingArgs, SessionArgs};

/// `shard`
#[derive(Debug, Subcommand)]
pub enum ShardCommand {
    /// List the organization once, and say which shard reads which accounts
    Plan(Box<ShardPlanArgs>),
    /// Read the accounts of one shard; a second run of it does no harm
    Run(ShardRunArgs),
    /// Put the shards together and read the stores of logs that they name: the snapshot that collect writes
    Merge(ShardMergeArgs),
}

/// `shard plan`
#[derive(Debug, Args)]
pub struct ShardPlanArgs {
    /// Where the plan and all that belongs to it is to be: a folder, or `s3://BUCKET/PREFIX`; a new one for each run
    #[arg(long, value_name = "URI", value_hint = ValueHint::DirPath)]
    pub to: PathBuf,
    /// How many shards
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub shards: u16,
    /// What to collect.
    #[command(flatten)]
    pub collecting: CollectingArgs,
}

/// `shard run`
#[derive(Debug, Args)]
pub struct ShardRunArgs {
    /// Where the plan is, as it was given to shard plan
    #[arg(long, value_name = "URI", value_hint = ValueHint::DirPath)]
    pub plan: PathBuf,
    /// Which shard, from 0.
    #[arg(
        help = "Which shard, from 0 [default: AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID]"
    )]
    #[arg(long, value_name = "N")]
    pub index: Option<usize>,
    /// How the role is assumed.
    #[command(flatten)]
    pub session: SessionArgs,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// `shard merge`
#[derive(Debug, Args)]
pub struct ShardMergeArgs {
    /// Where the plan is, as it was given to shard plan
    #[arg(long, value_name = "URI", value_hint = ValueHint::DirPath)]
    pub plan: PathBuf,
    /// The snapshot to write; it appears only when it is whole
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Write it without the shards that are missing, damaged or foreign: what needs their accounts stays unknown
    #[arg(long)]
    pub allow_missing: bool,
    /// How the role is assumed.
    #[command(flatten)]
    pub session: SessionArgs,
    /// How to reach AWS.
    #[command(flatten)]
    pub aws: AwsArgs,
}
