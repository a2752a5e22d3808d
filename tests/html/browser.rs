//! A browser, and what drives it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{interpreter, target_folder};
use crate::scenes::Scene;

/// The driver, whose last version for Python 3.9 is older, and axe for what is wrong for those who do not see the page.
const REQUIREMENTS: &[&str] = &[
    "playwright==1.65.2; python_version >= '3.10'",
    "playwright==1.60.0; python_version < '3.10'",
    "axe-playwright-python==0.1.8",
];

/// Names the browser to use.
const BROWSER: &str = "TRAILPROOF_BROWSER";
/// Set where the checks must not be skipped.
const REQUIRED: &str = "TRAILPROOF_REQUIRE_BROWSER";

/// What Chromium and its relatives are called.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell"];

fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(BROWSER) {
        return Some(PathBuf::from(named));
    }
    let folders = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&folders).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    files.find(|file| file.is_file())
}

/// Runs a check over a scene's report. Where there is no browser it says so, whatever the test runner hides, and fails
/// only where it must not be skipped.
pub(crate) fn check(name: &str, scene: fn() -> Scene) {
    let Some(browser) = browser() else {
        let message = format!(
            "SKIPPED: tests/html.rs, {name}: the HTML report was not opened, for there is no Chromium here. \
             Debian and Ubuntu: apt-get install chromium; macOS: brew install --cask chromium; elsewhere set \
             {BROWSER} to the browser's file."
        );
        assert!(std::env::var_os(REQUIRED).is_none(), "{message}");
        // Not by the macro, whose output a test that passes keeps to itself.
        writeln!(std::io::stderr(), "\n{message}\n").expect("standard error can be written to");
        return;
    };
    let scene = scene();
    let screenshots = target_folder().join("html-screenshots");
    std::fs::create_dir_all(&screenshots).expect("the target folder is writable");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/html/checks.py");
    let output = Command::new(interpreter("browser", REQUIREMENTS))
        .arg(program)
        .args([name, scene.name])
        .args([scene.html(), scene.json(), screenshots, browser])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        .output()
        .expect("the interpreter starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{name} of {}:\n{}{}",
        scene.name,
        text(&output.stdout),
        text(&output.stderr)
    );
    std::io::stderr().write_all(&output.stdout).expect("standard error can be written to");
}
