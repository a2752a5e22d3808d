//! The `shard` commands: one run of `collect` on the machines of a batch engine, step by step.

mod error;
mod merge;
mod plan;
mod run;

pub(super) use self::error::ShardError;
use super::connecting;
use super::error::Error;
use super::runtime::Runtime;
use crate::cli::{AwsArgs, CollectingArgs, RoleArgs, SessionArgs, ShardCommand};
use crate::exit::Exit;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::rules::RuleSet;
use crate::settings::{ShardPlace, config::ConfigFile};
use crate::shard::store::Store;
use crate::shard::{Build, PLAN, Plan};

pub(super) fn run(command: &ShardCommand, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    match command {
        ShardCommand::Plan(args) => plan::plan(args, config, printer),
        ShardCommand::Run(args) => run::run(args, config, printer),
        ShardCommand::Merge(args) => merge::merge(args, config, printer),
    }
}

/// This program.
fn own_build() -> Build {
    Build { tool_version: env!("CARGO_PKG_VERSION").to_owned(), rules_sha256: RuleSet::builtin_digest() }
}

/// A plan that was made, the place that it is in, and how what it names is read from here.
struct Planned {
    store: Store,
    plan: Plan,
    settings: CollectSettings,
    runtime: Runtime,
}

impl Planned {
    fn open(
        place: &std::path::Path,
        session: &SessionArgs,
        aws: &AwsArgs,
        config: &ConfigFile,
    ) -> Result<Self, Error> {
        let place = ShardPlace::parse(place)?;
        let role = RoleArgs { session: session.clone(), ..RoleArgs::default() };
        let args = CollectingArgs { role, aws: aws.clone(), ..CollectingArgs::default() };
        let settings = connecting::settings(&args, config);
        let runtime = Runtime::default();
        let store = Store::open(place, &settings, runtime.waiter()).map_err(ShardError::Store)?;
        let place = store.place_of(PLAN);
        let Some(fetched) = store.fetch(PLAN).map_err(ShardError::Store)? else {
            return Err(ShardError::NoPlan { place }.into());
        };
        let document = std::fs::read(fetched.file).map_err(Error::Temporary)?;
        let plan = Plan::read(&document, &own_build()).map_err(|error| ShardError::Plan { place, error })?;
        let settings = plan.settings(settings);
        Ok(Self { store, plan, settings, runtime })
    }
}
