//! A Python virtual environment under the target folder, made where it is missing, broken or another version's.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What to do where it cannot be made. No test is skipped for it: without it, nothing that others wrote has been asked.
const WAY_OUT: &str = "this test needs Python 3.9 or newer as `python3` with its `venv` module \
    (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), and a package index \
    that pip can reach, once (behind a proxy or a mirror: PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY)";

/// `target/`, whatever its name.
pub(crate) fn target_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    folder.parent().expect("cargo's folder for tests is inside the target folder").to_owned()
}

/// The interpreter of the environment of this name with these requirements.
pub(crate) fn interpreter(name: &str, requirements: &[&str]) -> PathBuf {
    let folder = target_folder().join(name);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let lock = File::create(folder.join("lock")).expect("the target folder is writable");
    // Held until the end: parallel tests and test runs wait for the first.
    lock.lock().expect("the target folder's file system has locks");

    let python = run("python3", ["--version"].as_slice());
    let wanted = format!("{} on {}", requirements.join(", "), python.trim());
    let environment = folder.join("environment");
    let interpreter = environment.join("bin").join("python");
    // Written last: half an installation is none.
    let marker = folder.join("installed");
    if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return interpreter;
    }
    let _ = fs::remove_file(&marker);
    run("python3", &[OsStr::new("-m"), "venv".as_ref(), "--clear".as_ref(), environment.as_ref()]);
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(&interpreter, &[&install, requirements].concat());
    fs::write(&marker, wanted).expect("the target folder is writable");
    interpreter
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn run<P: AsRef<OsStr>, A: AsRef<OsStr>>(program: P, arguments: &[A]) -> String {
    let program = program.as_ref();
    let shown: Vec<_> = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect();
    let shown = format!("{} {}", program.to_string_lossy(), shown.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("`{shown}` does not start: {error}.\n{WAY_OUT}"));
    assert!(
        output.status.success(),
        "`{shown}` failed ({}):\n{}{}\n{WAY_OUT}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
