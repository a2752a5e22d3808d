//! `explain`: a rule, or a finding with its evidence.

use super::error::Error;
use super::evaluating::report;
use super::printing::print;
use super::selecting::{self, named};
use super::sheet;
use crate::cli::ExplainArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::config::ConfigFile;
use crate::snapshot::Source;

pub(super) fn explain(args: &ExplainArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    if let Some(found) = rules.get(&args.what) {
        return print(printer, |out| sheet::rule(found, printer.layout(), out));
    }
    let is_fingerprint =
        (8..=32).contains(&args.what.len()) && args.what.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_fingerprint {
        return named(&rules, &args.what).map(|_| Exit::Complete);
    }
    if args.files.is_empty() {
        return Err(Error::FindingWithoutSnapshot { fingerprint: args.what.clone() });
    }
    let report = report(&Source::Files(args.files.clone()), &[], &rules, config, printer)?;
    let Some((reported, found)) = report.find(&args.what) else {
        return Err(Error::NoSuchFinding { fingerprint: args.what.clone() });
    };
    print(printer, |out| {
        sheet::finding(&report, reported, &found, printer.layout(), out)?;
        match rules.get(&reported.id) {
            Some(of) => {
                writeln!(out)?;
                sheet::rule(of, printer.layout(), out)
            }
            None => Ok(()),
        }
    })
}
