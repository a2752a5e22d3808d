//! What the commands do: each takes its arguments through [`crate::settings`] and runs the stages from the left.
//!
//! A command is in the file of its name, and none imports another; `generated` has the four that only print what the
//! program says of itself. What several share stands in files that are named for what they do: `selecting` rules,
//! `connecting` to AWS on the program's `runtime` until an `interrupt`, `collecting`, `archive_request` for what is read
//! of the archive, `evaluating`, `saved_report` for what another run found, `gating` by what is accepted, `finishing` with
//! the reports and `delivering` them; `formats`, `sheet` and `printing` show. An `error` ends a command, with `advice` in
//! terms of the command line, which the library does not know.

mod advice;
mod archive_request;
mod baseline;
mod check;
mod collect;
mod collecting;
mod connecting;
mod copy_logs;
mod delivering;
mod demo;
mod diff;
mod error;
mod evaluating;
mod evidence;
mod explain;
mod finishing;
pub mod formats;
mod frameworks;
mod gating;
mod generated;
mod guardrails;
mod interrupt;
mod printing;
mod rules;
mod runtime;
mod saved_report;
mod scan;
mod selecting;
mod shard;
mod sheet;
mod verify_logs;
mod waivers;

use clap::Parser;

use self::error::Error;
use crate::cli::{BaselineCommand, Cli, Command, ConfigCommand, EvidenceCommand};
use crate::exit::Exit;
use crate::printer::{ColorChoice, LogFormat, Printer, Verbosity};
use crate::settings::{self, config::ConfigFile};

/// Runs the command line of this process. Whatever happens is shown; what is left is the exit code.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let global = &cli.global;
    let printer = Printer::new(global.verbosity(), global.log_format, !global.no_progress, global.color);
    run(&cli, &printer).unwrap_or_else(|error| {
        advice::show(&error, &printer);
        error.exit()
    })
}

/// Help and version are data; the rest is an error.
fn usage(error: &clap::Error) -> Exit {
    let printer = Printer::new(Verbosity::Normal, LogFormat::Text, false, ColorChoice::Auto);
    if error.use_stderr() {
        printer.usage_error(&error.render());
        return Exit::Usage;
    }
    let text = error.render();
    match printer.data(|out| write!(out, "{}", printer.styled(&text))) {
        Ok(()) => Exit::Complete,
        Err(_) => Exit::NotWritten,
    }
}

fn run(cli: &Cli, printer: &Printer) -> Result<Exit, Error> {
    // These need no configuration, and must work where it is broken.
    match &cli.command {
        Command::Completions { shell } => return generated::completions(*shell, printer),
        Command::Man => return generated::manual(printer),
        Command::Config(ConfigCommand::Schema) => return generated::config_schema(printer),
        Command::IamPolicy(args) => return generated::iam_policy(args, printer),
        Command::Guardrails(args) => {
            if let Some(done) = guardrails::without_configuration(args, cli.global.config.is_some(), printer)
            {
                return done;
            }
        }
        // A bundle is verified by what is in it.
        Command::Evidence(command @ EvidenceCommand::Verify(_)) => {
            return evidence::run(command, &ConfigFile::default(), printer);
        }
        // The example is the same wherever it is run, unless a configuration is named.
        Command::Demo(args) if cli.global.config.is_none() => {
            return demo::demo(args, &ConfigFile::default(), printer);
        }
        _ => {}
    }
    let (config, path) = ConfigFile::load(cli.global.config.as_deref())?;
    if let Some(path) = path {
        printer.detail(&format!("configuration: {}", path.display()));
    }
    let role = match &cli.command {
        Command::Scan(args) => Some(&args.collecting.role),
        _ => None,
    };
    let config = settings::with_audit_role(config, role);
    match &cli.command {
        Command::Scan(args) => scan::scan(args, &config, printer),
        Command::Demo(args) => demo::demo(args, &config, printer),
        Command::Collect(args) => collect::collect(args, &config, printer),
        Command::Check(args) => check::check(args, &config, printer),
        Command::Shard(command) => shard::run(command, &config, printer),
        Command::VerifyLogs(args) => verify_logs::verify(args, &config, printer),
        Command::CopyLogs(args) => copy_logs::copy(args, &config, printer),
        Command::Diff(args) => diff::diff(args, &config, printer),
        Command::Baseline(BaselineCommand::Write(args)) => baseline::write(args, &config, printer),
        Command::Waivers(command) => waivers::run(command, &config, printer),
        Command::Evidence(command) => evidence::run(command, &config, printer),
        Command::Explain(args) => explain::explain(args, &config, printer),
        Command::Guardrails(args) => guardrails::run(args, &config, printer),
        Command::Frameworks(command) => frameworks::run(command, &config, printer),
        Command::Rules(command) => rules::run(command, &config, printer),
        Command::Completions { .. } | Command::Man | Command::Config(_) | Command::IamPolicy(_) => {
            Ok(Exit::Complete)
        }
    }
}
