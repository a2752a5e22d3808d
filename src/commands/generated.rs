//! `completions`, `man`, `config schema` and `iam-policy`: what is printed from descriptions in the program.

use clap_complete::Shell;

use super::error::Error;
use super::printing::{print, print_json};
use crate::cli::{Cli, IamPolicyArgs};
use crate::collect;
use crate::deliver::security_hub;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::settings::config::ConfigFile;

pub(super) fn completions(shell: Shell, printer: &Printer) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::description(), "trailproof", &mut script);
    print(printer, |out| out.write_all(&script))
}

/// One page, with a section for each command.
pub(super) fn manual(printer: &Printer) -> Result<Exit, Error> {
    let mut description = Cli::description();
    description.build();
    print(printer, |out| {
        clap_mangen::Man::new(description.clone()).render(out)?;
        for command in description.get_subcommands().filter(|command| command.get_name() != "help") {
            let name = format!("trailproof-{}", command.get_name());
            writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
            let man = clap_mangen::Man::new(command.clone().name(name));
            man.render_description_section(out)?;
            man.render_options_section(out)?;
        }
        Ok(())
    })
}

pub(super) fn config_schema(printer: &Printer) -> Result<Exit, Error> {
    print_json(printer, &ConfigFile::schema())
}

pub(super) fn iam_policy(args: &IamPolicyArgs, printer: &Printer) -> Result<Exit, Error> {
    let role = &args.role_name;
    match &args.caller_account {
        Some(account) if args.terraform => {
            let text = collect::terraform(role, account, args.external_id)
                .map_err(|error| Error::StandardOutput(error.into()))?;
            print(printer, |out| out.write_all(text.as_bytes()))
        }
        Some(account) if args.stackset => {
            print_json(printer, &collect::stack_set_template(role, account, args.external_id))
        }
        _ if args.security_hub => print_json(printer, &security_hub::policy()),
        _ if args.archive => print_json(printer, &collect::archive_policy(&args.bucket)),
        _ if args.caller => print_json(printer, &collect::caller_policy(role)),
        _ => print_json(printer, &collect::audit_role_policy()),
    }
}
