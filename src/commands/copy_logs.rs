//! `copy-logs`: the archive's logs and digests in a folder, to be verified there.

use super::archive_request::{collect_settings, request, show, word};
use super::error::Error;
use super::runtime::Runtime;
use crate::cli::CopyLogsArgs;
use crate::collect::archive::{self, ArchiveError};
use crate::deliver::room;
use crate::exit::Exit;
use crate::integrity::Sample;
use crate::printer::Printer;
use crate::report::text::{count, grouped};
use crate::settings::config::ConfigFile;

pub(super) fn copy(args: &CopyLogsArgs, config: &ConfigFile, printer: &Printer) -> Result<Exit, Error> {
    let mut request = request(&args.archive, &args.role, config)?;
    if args.digests_only {
        request.sample = Sample::DigestsOnly;
    }
    let failed = |source| ArchiveError::WriteCopy { path: args.folder.clone(), source };
    room::for_folder(&args.folder).map_err(failed)?;
    let settings = collect_settings(&args.role, &args.aws, config);
    let progress = printer.progress();
    let events = |event| show(&event, printer, &progress);
    let copied = Runtime::for_hashing()
        .run(|stop| archive::copy(&settings, &request, &args.folder, &events, stop))??;
    drop(progress);
    for (what, why) in copied.failed.iter().take(20) {
        printer.warn(&format!("{what} was not copied: {why}"));
    }
    if copied.failed.len() > 20 {
        printer.warn(&format!("and {} more were not copied", grouped(copied.failed.len() - 20)));
    }
    printer.note(&format!(
        "{} in {}. Verify them: trailproof verify-logs --from {} --public-keys {} --start-time {} --end-time {}",
        count(copied.objects, "object"),
        args.folder.display(),
        args.folder.display(),
        copied.public_keys.display(),
        word(copied.range.from),
        word(copied.range.to),
    ));
    Ok(if copied.failed.is_empty() { Exit::Complete } else { Exit::Incomplete })
}
