//! Finding rule files: those that are built in, and folders of the same shape.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::diagnostic::RuleError;
use super::framework::FrameworkSources;
use super::rule::RuleSource;
use super::source::SourceFile;
use crate::model::hexadecimal;

static BUILTIN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");
/// Beside the families: which control of a framework asks for which rules.
const FRAMEWORKS: &str = "frameworks";
const TESTS: &str = ".test";
/// The largest file, in bytes.
const LARGEST: u64 = 1 << 20;

/// What a folder holds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rules: Vec<RuleSource>,
    pub(super) frameworks: FrameworkSources,
}

/// Texts by family, and file name without `.toml`.
type Files = BTreeMap<(String, String), Arc<SourceFile>>;

/// What is in the program.
pub(super) fn builtin() -> Result<Found, Vec<RuleError>> {
    let mut files = Files::new();
    for folder in BUILTIN.dirs() {
        let family = name_of(folder.path());
        for file in folder.files() {
            let path = format!("rules/{}", file.path().display());
            add(&mut files, &family, &name_of(file.path()), path, file.contents_utf8().unwrap_or_default());
        }
    }
    pair(files)
}

/// SHA-256 over the files that are in the program, their names and lengths.
pub(super) fn builtin_digest() -> String {
    let mut files: Vec<_> = BUILTIN.dirs().flat_map(Dir::files).collect();
    files.sort_unstable_by_key(|file| file.path());
    let mut digest = Sha256::new();
    for file in files {
        for part in [file.path().as_os_str().as_encoded_bytes(), file.contents()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    hexadecimal(&digest.finalize())
}

/// What is in a folder: `<family>/<name>.toml`, tests beside them, and `frameworks/<name>.toml`.
pub(super) fn folder(folder: &Path) -> Result<Found, Vec<RuleError>> {
    let mut files = Files::new();
    let cannot_read = |path: &Path, error: &std::io::Error| {
        let title = format!("cannot read the rules in {}: {error}", path.display());
        vec![RuleError::general(title, Some("name a folder that holds a folder per family".to_owned()))]
    };
    let list = |path: &Path| -> std::io::Result<Vec<_>> { fs::read_dir(path)?.collect() };
    for family in list(folder).map_err(|error| cannot_read(folder, &error))? {
        let path = family.path();
        if !path.is_dir() {
            if path.extension().is_some_and(|extension| extension == "toml") {
                let title = format!("{} is in no family", path.display());
                let help = format!("move it to {}/<family>/", folder.display());
                return Err(vec![RuleError::general(title, Some(help))]);
            }
            continue;
        }
        for file in list(&path).map_err(|error| cannot_read(&path, &error))? {
            let file = file.path();
            if file.extension().is_some_and(|extension| extension == "toml") {
                let text = read(&file).map_err(|error| cannot_read(&file, &error))?;
                add(&mut files, &name_of(&path), &name_of(&file), file.display().to_string(), &text);
            }
        }
    }
    pair(files)
}

/// A pipe that nobody writes to, or a device, would never end.
fn read(path: &Path) -> io::Result<String> {
    let found = path.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if found.len() > LARGEST {
        return Err(io::Error::other(format!("it is larger than {LARGEST} bytes")));
    }
    fs::read_to_string(path)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn add(files: &mut Files, family: &str, name: &str, path: String, text: &str) {
    if let Some(name) = name.strip_suffix(".toml") {
        let file = Arc::new(SourceFile { path, text: text.to_owned() });
        files.insert((family.to_owned(), name.to_owned()), file);
    }
}

/// Puts rules and their tests together, and frameworks aside.
fn pair(mut files: Files) -> Result<Found, Vec<RuleError>> {
    let mut frameworks = FrameworkSources::new();
    files.retain(|(family, name), file| {
        if family == FRAMEWORKS {
            frameworks.insert(name.clone(), Arc::clone(file));
        }
        family != FRAMEWORKS
    });
    let mut tests: BTreeMap<(String, String), Arc<SourceFile>> = BTreeMap::new();
    files.retain(|(family, name), file| match name.strip_suffix(TESTS) {
        Some(rule) => {
            tests.insert((family.clone(), rule.to_owned()), Arc::clone(file));
            false
        }
        None => true,
    });
    let rules: Vec<RuleSource> = files
        .into_iter()
        .map(|((family, name), file)| {
            let tests = tests.remove(&(family.clone(), name.clone()));
            RuleSource { family, name, file, tests }
        })
        .collect();
    if tests.is_empty() {
        return Ok(Found { rules, frameworks });
    }
    Err(tests
        .into_values()
        .map(|file| {
            let span = 0..file.text.lines().next().map_or(0, str::len);
            RuleError::at(&file, span, "these tests have no rule beside them", "of which rule?")
        })
        .collect())
}
