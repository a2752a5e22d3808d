//! What another run found, read from its report or asked of the rules anew: for `diff` and `baseline write`.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::evaluating::evaluation;
use super::gating::today;
use super::selecting;
use crate::cli::RuleArgs;
use crate::printer::Printer;
use crate::report::Report;
use crate::saved_report::{self, SavedReport};
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;
use crate::waivers::Waivers;

/// What a report records, or what the rules say of a snapshot.
pub(super) fn saved_report(
    files: &[PathBuf],
    rules: &RuleArgs,
    waivers: &[PathBuf],
    config: &ConfigFile,
    printer: &Printer,
) -> Result<SavedReport, Error> {
    let is_report = |path: &Path| saved_report::is_snapshot(path).map(|is_snapshot| !is_snapshot);
    match files {
        [only] if is_report(only)? => return Ok(saved_report::read(only)?),
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
    Ok(SavedReport::of(&Report::of(evaluation, &rules)))
}
