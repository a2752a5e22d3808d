//! Reports to files. A file appears under its name only when it is whole, and that it cannot be written is found
//! before anything is collected.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::guardrails::matrix::{self, Matrix};
use crate::printer::Printer;
use crate::report::table::Layout;
use crate::report::text::{count, grouped};
use crate::report::{FormatKind, Report, asff, json, ocsf, oscal, sarif, table};
use crate::settings::Output;

/// What is written: a report, or the guardrails' matrix with the report of the rules about it.
pub(super) struct Contents<'a> {
    pub(super) report: &'a Report,
    pub(super) matrix: Option<&'a Matrix>,
}

impl Contents<'_> {
    fn table(&self, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
        match self.matrix {
            Some(matrix) => matrix::render(matrix, layout, out),
            None => table::render(self.report, layout, out),
        }
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.matrix {
            Some(matrix) => json::write_lines(matrix, out),
            None => json::render(self.report, out),
        }
    }
}

/// Where the reports go.
pub(super) struct Files(Targets<FormatKind>);

impl Files {
    /// Opens all of them.
    pub(super) fn open(outputs: Vec<Output>) -> Result<Self, Error> {
        open_targets(outputs).map(Self)
    }

    /// Writes the report in each format. What goes to standard output comes last, so that a reader that closes it
    /// keeps no file from being written.
    pub(super) fn write(self, contents: &Contents<'_>, printer: &Printer) -> Result<(), Error> {
        let (files, streams): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|(_, target)| target.is_some());
        for (kind, target) in files {
            if let Some(target) = target {
                to_file(kind, target, contents, printer)?;
            }
        }
        for (kind, _) in streams {
            to_standard_output(kind, contents, printer)?;
        }
        Ok(())
    }
}

fn to_standard_output(kind: FormatKind, contents: &Contents<'_>, printer: &Printer) -> Result<(), Error> {
    printer
        .data(|out| match kind {
            FormatKind::Table => contents.table(printer.layout(), out),
            FormatKind::Json => contents.json(out),
            FormatKind::Sarif => sarif::render(contents.report, out),
            FormatKind::Ocsf => ocsf::render(contents.report, out),
            FormatKind::Asff => asff::render(contents.report, out),
            FormatKind::Oscal => oscal::render(contents.report, out),
        })
        .map_err(Error::StandardOutput)?;
    let files = sarif::Files::new(contents.report);
    if kind == FormatKind::Sarif && files.count() > 1 {
        printer.warn(&format!(
            "the worst {} of {} results are in this SARIF file, since GitHub shows no more; --format \
             sarif=FILE writes as many files as it takes",
            grouped(sarif::RESULTS_IN_FILE),
            grouped(files.results())
        ));
    }
    Ok(())
}

fn to_file(
    kind: FormatKind,
    target: FileTarget,
    contents: &Contents<'_>,
    printer: &Printer,
) -> Result<(), Error> {
    match kind {
        FormatKind::Table => target.write(|out| contents.table(FILE_LAYOUT, out)),
        FormatKind::Json => target.write(|out| contents.json(out)),
        FormatKind::Ocsf => target.write(|out| ocsf::render(contents.report, out)),
        FormatKind::Asff => target.write(|out| asff::render(contents.report, out)),
        FormatKind::Oscal => target.write(|out| oscal::render(contents.report, out)),
        FormatKind::Sarif => {
            let files = sarif::Files::new(contents.report);
            let path = target.path.clone();
            target.write(|out| files.render(0, out))?;
            for file in 1..files.count() {
                FileTarget::open(numbered(&path, file + 1))?.write(|out| files.render(file, out))?;
            }
            if files.count() > 1 {
                printer.note(&format!(
                    "{} are in {} beside {}: upload them all",
                    count(files.results(), "result"),
                    count(files.count(), "file"),
                    path.display()
                ));
            }
            let next = numbered(&path, files.count() + 1);
            if next.exists() {
                printer.warn(&format!("{} is of an earlier run", next.display()));
            }
            Ok(())
        }
    }
}

/// `out.sarif` as `out.2.sarif`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().map(OsString::from).unwrap_or_default();
    name.push(format!(".{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Outputs that are open.
pub(super) type Targets<K> = Vec<(K, Option<FileTarget>)>;

/// Opens the files of all outputs.
pub(super) fn open_targets<K>(outputs: Vec<Output<K>>) -> Result<Targets<K>, Error> {
    let open = |Output { kind, path }: Output<K>| Ok((kind, path.map(FileTarget::open).transpose()?));
    outputs.into_iter().map(open).collect()
}

/// Writes what is one file in every format, standard output last.
pub(super) fn write_outputs<K: Copy>(
    targets: Targets<K>,
    printer: &Printer,
    render: impl Fn(K, Layout, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let (files, streams): (Vec<_>, Vec<_>) = targets.into_iter().partition(|(_, target)| target.is_some());
    for (kind, target) in files {
        if let Some(target) = target {
            target.write(|out| render(kind, FILE_LAYOUT, out))?;
        }
    }
    for (kind, _) in streams {
        printer.data(|out| render(kind, printer.layout(), out)).map_err(Error::StandardOutput)?;
    }
    Ok(())
}

/// How a table in a file is drawn.
const FILE_LAYOUT: Layout = Layout { width: Layout::DEFAULT_WIDTH, color: false };

/// A file to be written.
pub(super) struct FileTarget {
    path: PathBuf,
    sink: Sink,
}

enum Sink {
    /// A file beside the one to be written, renamed when it is whole.
    Aside { file: NamedTempFile, onto: PathBuf },
    /// A pipe or a device, which cannot be renamed onto.
    Direct(File),
}

impl FileTarget {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        match Sink::open(&path) {
            Ok(sink) => Ok(Self { path, sink }),
            Err(source) => Err(Error::Write { path, source }),
        }
    }

    pub(super) fn write(self, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        self.sink.write(render).map_err(|source| Error::Write { path: self.path, source })
    }
}

impl Sink {
    fn open(path: &Path) -> io::Result<Self> {
        let onto = match path.metadata() {
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(found) if !found.is_file() => {
                return Ok(Self::Direct(File::options().write(true).open(path)?));
            }
            // What a link points to is replaced, not the link.
            Ok(_) => path.canonicalize()?,
            Err(_) => path.to_owned(),
        };
        let folder = onto.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".trailproof-");
        #[cfg(unix)]
        // As any other file that is made: the mask of the process takes away what it takes away.
        builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
        let file = builder.tempfile_in(folder)?;
        Ok(Self::Aside { file, onto })
    }

    fn write(self, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Aside { file, onto } => {
                let mut out = BufWriter::new(file);
                render(&mut out)?;
                let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(onto).map(drop).map_err(|error| error.error)
            }
            Self::Direct(file) => {
                let mut out = BufWriter::new(file);
                render(&mut out)?;
                out.flush()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_files_are_numbered_before_the_extension() {
        assert_eq!(numbered(Path::new("a/out.sarif"), 2), Path::new("a/out.2.sarif"));
        assert_eq!(numbered(Path::new("out"), 3), Path::new("out.3"));
    }
}
