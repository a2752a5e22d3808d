//! `demo`: what the rules say of the example organization, without AWS.

use super::connecting::reach;
use super::finishing::{Destinations, finish};
use super::gating::{Accepted, Gating};
use super::selecting;
use crate::cli::{ConnectionArgs, DemoArgs};
use crate::deliver::Targets;
use crate::error::Error;
use crate::example::Example;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};

pub(super) fn demo(args: &DemoArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let reach = reach(&ConnectionArgs::default(), config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let targets = Targets::open(settings::outputs(&args.output, config)?, reach)?;
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let destinations = Destinations { targets, hub: None };
    finish(&Example::demo().into_source(), &[], &rules, config, destinations, &gate, printer)
}
