//! `guardrails simulate`.

use std::fs::File;
use std::io::{self, Read};

use crate::cli::SimulateArgs;
use crate::commands::error::Error;
use crate::exit::Exit;
use crate::guardrails::simulation::{SimulationError, simulate};
use crate::printer::Printer;
use crate::report::text::{count, grouped};
use crate::settings::config::ConfigFile;

pub(in crate::commands) fn simulation(
    args: &SimulateArgs,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Exit, Error> {
    let bound = &config.organization.resource_controlled_services;
    let path = args.batch.as_ref().unwrap_or(&args.file);
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        let cannot_open = |source| Error::Cases { path: path.clone(), source };
        Box::new(File::open(path).map_err(cannot_open)?)
    };
    let mut result = None;
    let written = printer.data(|out| match simulate(input, args.prove, bound, out) {
        Err(SimulationError::Write(error)) => Err(error),
        other => {
            result = Some(other);
            Ok(())
        }
    });
    written.map_err(Error::StandardOutput)?;
    let tally = match result {
        Some(Ok(tally)) => tally,
        Some(Err(SimulationError::Read(source) | SimulationError::Write(source))) => {
            return Err(Error::Cases { path: path.clone(), source });
        }
        // The reader closed the pipe.
        None => return Ok(Exit::Complete),
    };
    if tally.cases == 0 {
        return Err(Error::NoCases { path: path.clone() });
    }
    if tally.broken > 0 {
        printer.error(&format!(
            "{} of {} could not be answered: see the lines with an error",
            grouped(tally.broken),
            count(tally.cases, "case")
        ));
        return Ok(Exit::Usage);
    }
    Ok(Exit::Complete)
}
