//! `diff`: what one run found beside what another did.

use std::path::PathBuf;

use super::connecting;
use super::delivering::deliver;
use super::error::Error;
use super::runtime::Runtime;
use super::saved_report::saved_report;
use crate::cli::{CollectingArgs, DiffArgs};
use crate::deliver::{Document, Targets};
use crate::diff::Diff;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::{self, config::ConfigFile};

pub(super) fn diff(args: &DiffArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let reach = connecting::settings(&CollectingArgs::default(), config);
    let targets = Targets::open(settings::diff_outputs(args)?, reach, Runtime::default().waiter())?;
    let waivers = settings::waivers(&args.waivers, config);
    let read =
        |path: &PathBuf| saved_report(std::slice::from_ref(path), &args.rules, &waivers, config, printer);
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
    deliver(targets, printer, |kind| {
        Document::whole({
            let diff = &diff;
            move |layout, out| diff.render(kind, layout, out)
        })
    })?;
    Ok(diff.judge(settings::diff_gate(args, config)))
}
