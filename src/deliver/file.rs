//! A file, written aside and renamed when it is whole.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::DeliverError;

/// A file to be written. That it can be made is known; it does not stand under its name yet.
#[derive(Debug)]
pub struct FileTarget {
    path: PathBuf,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    /// A file beside the one to be written.
    Aside { file: NamedTempFile, onto: PathBuf },
    /// A pipe or a device, which cannot be renamed onto.
    Stream(File),
}

/// A file that is whole, and stands beside its name.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    file: Option<(TempPath, PathBuf)>,
}

impl FileTarget {
    /// Makes room for it.
    pub fn open(path: PathBuf) -> Result<Self, DeliverError> {
        match Sink::open(&path) {
            Ok(sink) => Ok(Self { path, sink }),
            Err(source) => Err(DeliverError::File { path, source }),
        }
    }

    /// Its name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It is a pipe or a device: one file is all that it takes.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.sink, Sink::Stream(_))
    }

    /// Writes it, and gives it its name.
    pub fn write(self, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), DeliverError> {
        self.stage(render)?.publish()
    }

    /// Writes it beside its name.
    pub(super) fn stage(
        self,
        render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Staged, DeliverError> {
        let Self { path, sink } = self;
        match sink.fill(render) {
            Ok(file) => Ok(Staged { path, file }),
            Err(source) => Err(DeliverError::File { path, source }),
        }
    }
}

impl Staged {
    /// Gives it its name.
    pub(super) fn publish(self) -> Result<(), DeliverError> {
        let Some((file, onto)) = self.file else { return Ok(()) };
        file.persist(onto).map_err(|error| DeliverError::File { path: self.path, source: error.error })
    }
}

impl Sink {
    fn open(path: &Path) -> io::Result<Self> {
        let onto = match path.metadata() {
            Ok(found) if found.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(found) if !found.is_file() => {
                return Ok(Self::Stream(File::options().write(true).open(path)?));
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

    fn fill(
        self,
        render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Option<(TempPath, PathBuf)>> {
        match self {
            Self::Aside { file, onto } => {
                let mut out = BufWriter::new(file);
                render(&mut out)?;
                let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                Ok(Some((file.into_temp_path(), onto)))
            }
            Self::Stream(file) => {
                let mut out = BufWriter::new(file);
                render(&mut out)?;
                out.flush()?;
                Ok(None)
            }
        }
    }
}

/// `out.sarif` as `out.2.sarif`, `out.sarif.zst` as `out.2.sarif.zst`.
pub(super) fn numbered(path: &Path, number: usize) -> PathBuf {
    if super::is_packed(path) {
        let mut name = numbered(&path.with_extension(""), number).into_os_string();
        name.push(".zst");
        return name.into();
    }
    let mut name = path.file_stem().map(OsString::from).unwrap_or_default();
    name.push(format!(".{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
