//! What others wrote to say whether a format is what it should be: Python packages, in one virtual environment under
//! the target folder. A test crate includes it with `mod validators;`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part")]

pub mod environment;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Every package that a test asks, each pinned: a new release must not change what a test says.
const REQUIREMENTS: &[&str] = &[
    // JUnit: XML Schema, and a reader.
    "lxml==6.1.3",
    "junitparser==5.0.3",
    // Markdown as GitHub reads it.
    "markdown-it-py==4.3.0",
    "linkify-it-py==2.2.0",
    // Workflows, actions, pipelines and templates.
    "check-jsonschema==0.39.0",
    "zizmor==1.32.0",
    "cfn-lint==1.58.0",
    // OCSF, OSCAL, and the shapes of the AWS APIs.
    "py-ocsf-models==0.10.0",
    "compliance-trestle==5.2.0",
    "botocore==1.44.5",
];

/// The interpreter of the environment, which is made the first time.
pub fn python() -> std::path::PathBuf {
    environment::interpreter("validators", REQUIREMENTS)
}

/// Runs a Python program over some input: what it prints, and what it says where it fails.
pub fn run(program: &str, arguments: &[&Path], input: &[u8]) -> Result<String, String> {
    let mut child = Command::new(python())
        .args(["-I", "-c", program])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter is there");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let input = input.to_vec();
    // On a thread of its own: a program that prints before it has read all must not wait for ever.
    let writer = std::thread::spawn(move || {
        // A program that needs no more closes its end: its exit code says what it thinks.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("a child ends");
    writer.join().expect("the writer does not panic");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}
