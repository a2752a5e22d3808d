//! `diff` and `baseline`: what one run found beside what another did.

use std::path::{Path, PathBuf};

use super::gating::today;
use super::{check, collect};
use crate::baseline::BaselineDto;
use crate::cli::{BaselineWriteArgs, CollectingArgs, DiffArgs, RuleArgs};
use crate::deliver::{Document, FileTarget, Targets};
use crate::diff::Diff;
use crate::error::Error;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::recorded::{self, Recorded};
use crate::report::text::count;
use crate::report::{Report, json};
use crate::settings::{self, config::ConfigFile};
use crate::snapshot::Source;
use crate::waivers::Waivers;

pub(super) fn diff(args: &DiffArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let reach = collect::settings(&CollectingArgs::default(), config);
    let targets = Targets::open(settings::diff_outputs(args)?, reach)?;
    let waivers = settings::waivers(&args.waivers, config);
    let read = |path: &PathBuf| recorded(std::slice::from_ref(path), &args.rules, &waivers, config, printer);
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    if let (Some(before), Some(now)) = (&old.organization_id, &new.organization_id)
        && before != now
    {
        return Err(Error::OrganizationsDiffer { before: before.clone(), now: now.clone() });
    }
    let diff = Diff::of(&old, &new);
    if diff.runs.backwards {
        let (first, second) = (args.old.display(), args.new.display());
        printer.warn(&format!("{first} was taken after {second}: the earlier one comes first"));
    }
    targets.write(printer, |kind| {
        Document::whole({
            let diff = &diff;
            move |layout, out| diff.render(kind, layout, out)
        })
    })?;
    Ok(diff.judge(settings::diff_gate(args, config)))
}

pub(super) fn write_baseline(
    args: &BaselineWriteArgs,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Exit, Error> {
    let target = FileTarget::open(args.baseline.clone())?;
    let waivers = settings::waivers(&args.waivers, config);
    let baseline = BaselineDto::of(&recorded(&args.files, &args.rules, &waivers, config, printer)?);
    target.write(|out| json::write_lines(&baseline, out))?;
    printer.note(&format!("{} in {}", count(baseline.count(), "finding"), args.baseline.display()));
    Ok(Exit::Complete)
}

/// What a report records, or what the rules say of a snapshot.
fn recorded(
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
    let rules = super::rules(rules, config, printer)?;
    let waivers = Waivers::load(waivers, &rules)?;
    let source = Source::Files(files.to_vec());
    let mut evaluation = check::evaluation(&source, &[], &rules, config, printer)?;
    // What is wrong with them is said where they gate.
    waivers.apply(&mut evaluation, &rules, today());
    Ok(Recorded::of(&Report::of(evaluation, &rules)))
}
