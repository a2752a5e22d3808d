//! `check`: what the rules say of a snapshot that was collected before.

use super::connecting::connect;
use super::error::Error;
use super::evaluating::attestations;
use super::finishing::{Destinations, evaluate_and_deliver, security_hub};
use super::gating::{Accepted, Gating};
use super::runtime::Runtime;
use super::selecting;
use crate::cli::CheckArgs;
use crate::deliver::Targets;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;

pub(super) fn check(args: &CheckArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let reach = connect(&args.connection, config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let runtime = Runtime::default();
    let targets = Targets::open(settings::outputs(&args.output, config)?, reach.clone(), runtime.waiter())?;
    let destinations = Destinations {
        targets,
        folds_passes: args.output.folds_passes(),
        hub: security_hub(&args.security_hub, &reach, &runtime)?,
    };
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let attestations = attestations(&args.evidence)?;
    evaluate_and_deliver(
        &Source::Files(args.files.clone()),
        &attestations,
        &rules,
        config,
        destinations,
        &gate,
        printer,
    )
}
