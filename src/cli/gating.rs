//! Commands and flags about frameworks.

use clap::{Args, Subcommand};

use super::{CatalogueFormat, RuleArgs};

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
