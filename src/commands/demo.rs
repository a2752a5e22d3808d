//! `demo`: what the rules say of the example organization, without AWS.

use super::connecting::connect;
use super::error::Error;
use super::finishing::{Destinations, evaluate_and_deliver};
use super::gating::{Accepted, Gating};
use super::runtime::Runtime;
use super::selecting;
use crate::cli::{ConnectionArgs, DemoArgs};
use crate::deliver::Targets;
use crate::example::Example;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};

pub(super) fn demo(args: &DemoArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let reach = connect(&ConnectionArgs::default(), config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let targets =
        Targets::open(settings::outputs(&args.output, config)?, reach, Runtime::default().waiter())?;
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let destinations = Destinations { targets, folds_passes: args.output.folds_passes(), hub: None };
    evaluate_and_deliver(&Example::demo().into_source(), &[], &rules, config, destinations, &gate, printer)
}
