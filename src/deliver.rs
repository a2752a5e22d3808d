//! Puts what was rendered where it is to go: a file, standard output, or an object in S3.
//!
//! Nothing appears under its final name before it is whole. That a file cannot be made is found when the targets are
//! opened, before anything is collected; what can still go wrong then is the disk, the network and permissions. One
//! target that fails keeps no other from being written. Right of [`crate::report`]; what goes to S3 goes through
//! `crate::aws`.

mod file;
mod object;
pub mod room;
pub mod security_hub;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use file::FileTarget;

use crate::aws::failure::Failure;
pub use crate::aws::waiter::{Unfinished, Waiter};
use crate::model::GapReason;
use crate::plan::CollectSettings;
use crate::printer::Printer;
use crate::report::Format;
use crate::report::table::Layout;
use crate::report::text::count;
use crate::settings::{Destination, ObjectUri, Output};
use object::ObjectTarget;

/// Why something is not where it was to go.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// A file.
    #[error("cannot write the report to {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Standard output.
    #[error("cannot write to standard output: {0}")]
    StandardOutput(io::Error),
    /// No room to make an object ready.
    #[error(
        "cannot make {uri} ready in a temporary file: {source}. Set TMPDIR to a folder with room, or write to a file"
    )]
    Temporary {
        /// The object.
        uri: ObjectUri,
        /// What the system says.
        source: io::Error,
    },
    /// An object that is too large for one call.
    #[error(
        "cannot write the report to {uri}: it has {bytes} bytes, and S3 takes 5,368,709,120 in one call. Write it to a file and copy that (aws s3 cp), or report on fewer accounts"
    )]
    TooLarge {
        /// The object.
        uri: ObjectUri,
        /// Its length.
        bytes: u64,
    },
    /// An object that S3 did not take.
    #[error("cannot write the report to {uri}: {detail}")]
    Object {
        /// The object.
        uri: ObjectUri,
        /// What AWS or the connection says.
        detail: String,
        /// Why S3 did not take it; `None` where it could not be asked.
        refusal: Option<Refusal>,
    },
    /// Security Hub cannot be asked at all.
    #[error("cannot send findings to Security Hub: {detail}")]
    SecurityHubSetup {
        /// What AWS or the system says.
        detail: String,
        /// It is AWS that does not know the caller.
        caller_is_unknown: bool,
    },
    /// The system has no room for asking Security Hub.
    #[error("cannot begin to ask Security Hub: {0}")]
    Runtime(io::Error),
    /// A call that Security Hub refused.
    #[error(
        "cannot send findings to Security Hub in {region} of account {account_id}: {action} failed: {detail}"
    )]
    SecurityHub {
        /// The region.
        region: String,
        /// The account that imports.
        account_id: String,
        /// The IAM action of the call.
        action: &'static str,
        /// What AWS or the connection says.
        detail: String,
        /// Why it was refused.
        refusal: Refusal,
    },
    /// Findings that Security Hub did not take, while it took others.
    #[error("Security Hub in {region} of account {account_id} refused {refused} of {sent} findings:{named}")]
    FindingsRefused {
        /// The region.
        region: String,
        /// The account that imports.
        account_id: String,
        /// How many it refused.
        refused: usize,
        /// How many were sent.
        sent: usize,
        /// Their identities, a line each, with what Security Hub says.
        named: String,
    },
    /// Ctrl-C or the system's request to end, while findings were on their way.
    #[error("interrupted: not all findings are sent to Security Hub. Sending them again sends none twice")]
    SecurityHubInterrupted,
    /// Ctrl-C or the system's request to end, while an object was on its way.
    #[error("interrupted: {uri} is not written")]
    Interrupted {
        /// The object.
        uri: ObjectUri,
    },
}

/// How AWS refused a call, for whoever says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// AWS's code, where there is one.
    pub code: Option<String>,
    /// What kind of refusal it is.
    pub reason: GapReason,
}

impl Refusal {
    fn of(failure: &Failure) -> Self {
        Self { code: failure.code.clone(), reason: failure.reason }
    }
}

type Render<'a> = dyn Fn(usize, Layout, &mut dyn Write) -> io::Result<()> + 'a;

/// One format of a report, in as many files as the format's readers need.
pub struct Document<'a> {
    files: usize,
    /// How many results there are, and how many of them are in the first file.
    results: (usize, usize),
    render: Box<Render<'a>>,
}

impl<'a> Document<'a> {
    /// A document in one file.
    pub fn whole(render: impl Fn(Layout, &mut dyn Write) -> io::Result<()> + 'a) -> Self {
        Self { files: 1, results: (0, 0), render: Box::new(move |_, layout, out| render(layout, out)) }
    }

    /// How many files it takes.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Writes a file, by its number from 0.
    pub fn render(&self, file: usize, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        (self.render)(file, layout, out)
    }

    /// A document in so many files, the worst of so many results in the first; `render` is given the file's number
    /// from 0.
    pub fn split(
        files: usize,
        results: usize,
        in_first: usize,
        render: impl Fn(usize, &mut dyn Write) -> io::Result<()> + 'a,
    ) -> Self {
        let render = Box::new(move |file, _, out: &mut dyn Write| render(file, out));
        Self { files, results: (results, in_first), render }
    }
}

/// Where the formats of a report go, made ready.
#[derive(Debug)]
pub struct Targets<K> {
    outputs: Vec<(K, Target)>,
    /// Whose credentials write objects, and how AWS is reached.
    settings: CollectSettings,
    waiter: Waiter,
}

#[derive(Debug)]
enum Target {
    File(FileTarget),
    Object(ObjectTarget),
    StandardOutput,
}

/// How a table is drawn where it is not for a terminal.
const FILE_LAYOUT: Layout = Layout { width: Layout::DEFAULT_WIDTH, color: false };

/// What zstd uses where nobody says.
const COMPRESSION_LEVEL: i32 = 3;

impl<K: Format> Targets<K> {
    /// Makes all of them ready. Standard output comes last, so that a reader that closes it keeps nothing else from
    /// being written.
    pub fn open(
        outputs: Vec<Output<K>>,
        settings: CollectSettings,
        waiter: Waiter,
    ) -> Result<Self, DeliverError> {
        let open = |Output { kind, destination }: Output<K>| {
            let target = match destination {
                Destination::File(path) => Target::File(FileTarget::open(path)?),
                Destination::Object(uri) => Target::Object(ObjectTarget::open(uri)?),
                Destination::StandardOutput => Target::StandardOutput,
            };
            Ok((kind, target))
        };
        let mut targets = outputs.into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
        targets.sort_by_key(|(_, target)| matches!(target, Target::StandardOutput));
        Ok(Self { outputs: targets, settings, waiter })
    }

    /// Writes all of them, and returns why some could not be written.
    pub fn write<'a>(self, printer: &Printer, document: impl Fn(K) -> Document<'a>) -> Vec<DeliverError> {
        let mut failed = Vec::new();
        let Self { outputs, settings, waiter } = self;
        for (kind, target) in outputs {
            let document = document(kind);
            let written = match target {
                Target::File(target) => write_file(kind, target, &document, printer),
                Target::Object(target) => {
                    let is_packed = is_packed(Path::new(&target.uri().key));
                    let content_type = if is_packed { "application/zstd" } else { kind.content_type() };
                    let publish = |object: object::Staged| object.publish(content_type, &settings, &waiter);
                    write_object(target, &document, publish, printer)
                }
                Target::StandardOutput => write_standard_output(kind, &document, printer),
            };
            failed.extend(written.err());
        }
        failed
    }
}

fn write_standard_output<K: Format>(
    kind: K,
    document: &Document<'_>,
    printer: &Printer,
) -> Result<(), DeliverError> {
    printer.data(|out| document.render(0, printer.layout(), out)).map_err(DeliverError::StandardOutput)?;
    warn_of_the_rest(kind, document, "on standard output", printer);
    Ok(())
}

/// Writes what a file or object of that name holds: under zstd, with a checksum, where the name ends so.
fn fill(name: &Path, document: &Document<'_>, file: usize, out: &mut dyn Write) -> io::Result<()> {
    if !is_packed(name) {
        return document.render(file, FILE_LAYOUT, out);
    }
    let mut packed = zstd::stream::write::Encoder::new(out, COMPRESSION_LEVEL)?;
    packed.include_checksum(true)?;
    document.render(file, FILE_LAYOUT, &mut packed)?;
    packed.finish().map(drop)
}

/// `report.json.zst`.
fn is_packed(name: &Path) -> bool {
    name.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zst"))
}

fn write_file<K: Format>(
    kind: K,
    target: FileTarget,
    document: &Document<'_>,
    printer: &Printer,
) -> Result<(), DeliverError> {
    let path = target.path().to_owned();
    if target.is_stream() {
        target.write(|out| fill(&path, document, 0, out))?;
        warn_of_the_rest(kind, document, &format!("in {}", path.display()), printer);
        return Ok(());
    }
    let mut staged = Vec::with_capacity(document.files);
    staged.push(target.stage(|out| fill(&path, document, 0, out))?);
    for file in 1..document.files {
        let target = FileTarget::open(file::numbered(&path, file + 1))?;
        staged.push(target.stage(|out| fill(&path, document, file, out))?);
    }
    // The first last: whoever finds it finds them all.
    staged.into_iter().rev().try_for_each(file::Staged::publish)?;
    if document.files > 1 {
        note_the_rest(document, &path.display(), printer);
    }
    if document.results.1 > 0 {
        let next = file::numbered(&path, document.files + 1);
        if next.exists() {
            printer.warn(&format!("{} is of an earlier run", next.display()));
        }
    }
    Ok(())
}

fn write_object(
    target: ObjectTarget,
    document: &Document<'_>,
    publish: impl Fn(object::Staged) -> Result<(), DeliverError>,
    printer: &Printer,
) -> Result<(), DeliverError> {
    let uri = target.uri().clone();
    let name = Path::new(&uri.key);
    let mut staged = Vec::with_capacity(document.files);
    staged.push(target.stage(|out| fill(name, document, 0, out))?);
    for file in 1..document.files {
        let target = ObjectTarget::open(object::numbered(&uri, file + 1))?;
        staged.push(target.stage(|out| fill(name, document, file, out))?);
    }
    staged.into_iter().rev().try_for_each(publish)?;
    if document.files > 1 {
        note_the_rest(document, &uri, printer);
    }
    Ok(())
}

fn note_the_rest(document: &Document<'_>, first: &dyn std::fmt::Display, printer: &Printer) {
    printer.note(&format!(
        "{} are in {} beside {first}: upload them all",
        count(document.results.0, "result"),
        count(document.files, "file"),
    ));
}

fn warn_of_the_rest<K: Format>(kind: K, document: &Document<'_>, place: &str, printer: &Printer) {
    if document.files > 1 {
        let (all, shown) = document.results;
        printer.warn_of_the_rest(kind.as_str(), place, shown, all, document.files);
    }
}
