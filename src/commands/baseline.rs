//! `baseline write`: keeps what a run found, for later runs to be gated by what is new.

use super::error::Error;
use super::saved_report::saved_report;
use crate::baseline::BaselineDto;
use crate::cli::BaselineWriteArgs;
use crate::deliver::FileTarget;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::json;
use crate::report::text::count;
use crate::settings::{self, config::ConfigFile};

pub(super) fn write(args: &BaselineWriteArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let target = FileTarget::open(args.baseline.clone())?;
    let waivers = settings::waivers(&args.waivers, config);
    let baseline = BaselineDto::of(&saved_report(&args.files, &args.rules, &waivers, config, printer)?);
    target.write(|out| json::write_lines(&baseline, out))?;
    printer.note(&format!("{} in {}", count(baseline.count(), "finding"), args.baseline.display()));
    Ok(Exit::Complete)
}
