//! `frameworks`: which rules tell of which control, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::error::Error;
use super::printing::{print, print_json};
use super::selecting;
use crate::cli::{CatalogueFormat, FrameworksCommand, FrameworksListArgs, FrameworksShowArgs};
use crate::exit::Exit;
use crate::frameworks::{Framework, PART};
use crate::nearest::nearest;
use crate::printer::Printer;
use crate::report::table::{Layout, paragraph};
use crate::report::text::{count, escape, shorten};
use crate::settings::config::ConfigFile;

pub(super) fn run(
    command: &FrameworksCommand,
    config: &ConfigFile,
    printer: &Printer,
) -> Result<Exit, Error> {
    match command {
        FrameworksCommand::List(args) => list(args, config, printer),
        FrameworksCommand::Show(args) => show(args, config, printer),
    }
}

/// A framework, as programs see it.
#[derive(Serialize)]
struct FrameworkEntry<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    covered: usize,
    listed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    controls: Option<Vec<ControlEntry<'a>>>,
}

#[derive(Serialize)]
struct ControlEntry<'a> {
    id: &'a str,
    topic: &'a str,
    rules: &'a [String],
    note: Option<&'a str>,
}

impl<'a> FrameworkEntry<'a> {
    fn of(framework: &'a Framework) -> Self {
        Self {
            id: &framework.id,
            name: &framework.name,
            version: &framework.version,
            covered: framework.covered(),
            listed: framework.controls.len(),
            controls: None,
        }
    }

    fn with_controls(framework: &'a Framework) -> Self {
        let controls = framework.controls.iter().map(|control| ControlEntry {
            id: &control.id,
            topic: &control.topic,
            rules: &control.rules,
            note: control.note.as_deref(),
        });
        Self { controls: Some(controls.collect()), ..Self::of(framework) }
    }
}

fn list(args: &FrameworksListArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let frameworks = rules.frameworks();
    if args.format == CatalogueFormat::Json {
        return print_json(printer, &frameworks.iter().map(FrameworkEntry::of).collect::<Vec<_>>());
    }
    let layout = printer.layout();
    let widest = frameworks.iter().map(|framework| framework.id.len()).max().unwrap_or(0);
    print(printer, |out| {
        for framework in frameworks {
            let covered = format!("{} of {}", framework.covered(), framework.controls.len());
            let lead = format!("{:<widest$}  {covered:>8}  ", escape(&framework.id));
            let room = layout.width.saturating_sub(lead.len()).max(20);
            let name = format!("{} {}", framework.name, framework.version);
            writeln!(out, "{lead}{}", shorten(&escape(&name), room))?;
        }
        writeln!(out)?;
        explained(
            layout,
            "The numbers are controls that rules of this program tell of, and controls listed.",
            out,
        )
    })
}

fn explained(layout: Layout, lead: &str, out: &mut dyn Write) -> io::Result<()> {
    paragraph(layout, &format!("{lead} {PART}"))
        .iter()
        .try_for_each(|line| writeln!(out, "{}", line.trim_start()))
}

fn show(args: &FrameworksShowArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let rules = selecting::rules(&args.rules, config, printer)?;
    let found = rules.frameworks().iter().find(|framework| framework.id == args.id);
    let framework = found.ok_or_else(|| {
        let ids = rules.frameworks().iter().map(|framework| framework.id.as_str());
        Error::NoSuchFramework { id: args.id.clone(), nearest: nearest(&args.id, ids).map(str::to_owned) }
    })?;
    match args.format {
        CatalogueFormat::Json => print_json(printer, &FrameworkEntry::with_controls(framework)),
        CatalogueFormat::Table => print(printer, |out| for_people(framework, printer.layout(), out)),
    }
}

fn for_people(framework: &Framework, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {}", escape(&framework.name), escape(&framework.version))?;
    let listed = count(framework.controls.len(), "control");
    let lead = format!("Rules tell of {} of the {listed} listed.", framework.covered());
    explained(layout, &lead, out)?;
    for control in &framework.controls {
        writeln!(out, "\n{}  {}", escape(&control.id), escape(&control.topic))?;
        let rules = if control.rules.is_empty() {
            "not covered by this program".to_owned()
        } else {
            escape(&control.rules.join(", ")).into_owned()
        };
        let note = control.note.as_deref().map(|note| escape(note).into_owned());
        for text in [Some(rules), note].into_iter().flatten() {
            paragraph(layout, &text).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    Ok(())
}
