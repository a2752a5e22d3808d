//! `collect`: a snapshot of the organization, for `check` and others to look at.

use super::collecting::{check_room, run};
use super::connecting::settings;
use super::error::Error;
use super::runtime::Runtime;
use crate::cli::CollectArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::text::count;
use crate::settings::config::ConfigFile;

pub(super) fn collect(args: &CollectArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    check_room(&args.output)?;
    let settings = settings(&args.collecting, config);
    let outcome = run(&settings, &args.output, args.resume, &Runtime::default(), printer)?;
    printer.note(&format!(
        "{} in {}. Check it: trailproof check {}",
        count(outcome.accounts, "account"),
        outcome.snapshot.display(),
        outcome.snapshot.display()
    ));
    // The snapshot is whole, and names what did not answer: `check` judges that.
    Ok(Exit::Complete)
}
