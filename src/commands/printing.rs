//! Data on standard output, for the commands whose answer is not a report.

use std::io::{self, Write};

use super::error::Error;
use crate::exit::Exit;
use crate::printer::Printer;

/// Prints a value as indented JSON.
pub(super) fn print_json(printer: &Printer, value: &impl serde::Serialize) -> Result<Exit, Error> {
    print(printer, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}

/// Prints what `write` writes.
pub(super) fn print(
    printer: &Printer,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Exit, Error> {
    printer.data(write).map(|()| Exit::Complete).map_err(Error::StandardOutput)
}
