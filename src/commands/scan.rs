//! `scan`: collects from the live organization and checks what it found, in one run.

use super::collecting::{Collected, check_room, run};
use super::connecting;
use super::error::Error;
use super::evaluating::attestations;
use super::finishing::{Destinations, evaluate_and_deliver, security_hub};
use super::gating::{Accepted, Gating};
use super::runtime::Runtime;
use super::selecting;
use crate::cli::ScanArgs;
use crate::deliver::Targets;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;

pub(super) fn scan(args: &ScanArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    // All that can be wrong without AWS is found before AWS is asked.
    let rules = selecting::rules(&args.rules, config, printer)?;
    let settings = connecting::settings(&args.collecting, config);
    let accepted = Accepted::load(&args.accepted, config, &rules)?;
    let runtime = Runtime::default();
    let targets =
        Targets::open(settings::outputs(&args.output, config)?, settings.clone(), runtime.waiter())?;
    let destinations = Destinations {
        targets,
        folds_passes: args.output.folds_passes(),
        hub: security_hub(&args.security_hub, &settings, &runtime)?,
    };
    let gate = Gating { gate: settings::gate(&args.output, config), accepted };
    let attestations = attestations(&args.evidence)?;
    if let Some(path) = &args.snapshot {
        check_room(path)?;
        run(&settings, path, args.resume, &runtime, printer)?;
        let source = Source::Files(vec![path.clone()]);
        return evaluate_and_deliver(&source, &attestations, &rules, config, destinations, &gate, printer);
    }
    let collected = Collected::new(&settings, &runtime, printer)?;
    evaluate_and_deliver(&collected.source, &attestations, &rules, config, destinations, &gate, printer)
}
