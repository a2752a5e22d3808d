//! Reports on their way: what can be written is written, and of what cannot each is said.

use super::advice;
use crate::deliver::{DeliverError, Document, Targets};
use crate::printer::Printer;
use crate::report::Format;

/// Writes all of them. Of several errors the last is returned, and the others are shown.
pub(super) fn deliver<'a, K: Format>(
    targets: Targets<K>,
    printer: &Printer,
    document: impl Fn(K) -> Document<'a>,
) -> Result<(), DeliverError> {
    let mut failed = targets.write(printer, document);
    let last = failed.pop();
    for error in failed {
        printer.error(&advice::of_delivering(&error));
    }
    last.map_or(Ok(()), Err)
}
