//! Flags of the `guardrails` commands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `guardrails`
#[derive(Debug, Subcommand)]
pub enum GuardrailsCommand {
    /// Try policies before they are attached: say what they decide about requests
    Simulate(SimulateArgs),
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
    #[arg(long = "static")]
    pub prove: bool,
}
