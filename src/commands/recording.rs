//! What another run found, read from its report or asked of the rules anew: for `diff` and `baseline write`.

use std::path::{Path, PathBuf};

use super::evaluating::evaluation;
use super::gating::today;
use super::selecting;
use crate::cli::RuleArgs;
use crate::error::Error;
use crate::printer::Printer;
use crate::recorded::{self, Recorded};
use crate::report::Report;
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;
use crate::waivers::Waivers;

/// What a report records, or what the rules say of a snapshot.
pub(super) fn recorded(
    files: &[PathBuf],
    rules: &RuleArgs,
    waivers: &[PathBuf],
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Recorded, Error> {
    let is_report = |path: &Path| recorded::is_snapshot(path).map(|is_snapshot| !is_snapshot);
    match files {
        [only] if is_report(only)? => return Ok(recorded::read(only)?),
        several => {
            for path in several {
                if is_report(path)? {
                    return Err(Error::ReportAmongSnapshots { path: path.clone() });
                }
            }
        }
    }
    let rules = selecting::rules(rules, config, printer)?;
    let waivers = Waivers::load(waivers, &rules)?;
    let source = Source::Files(files.to_vec());
    let mut evaluation = evaluation(&source, &[], &rules, config, printer)?;
    // What is wrong with them is said where they gate.
    waivers.apply(&mut evaluation, &rules, today());
    Ok(Recorded::of(&Report::of(evaluation, &rules)))
}
