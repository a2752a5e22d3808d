//! What others wrote to say whether a format is what it should be: Python packages, in virtual environments under the
//! target folder. A test crate includes it with `mod validators;`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part")]

pub mod environment;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Packages that go together, each pinned: a new release must not change what a test says. The last releases for
/// Python 3.9 are older.
#[derive(Debug, Clone, Copy)]
pub struct Environment {
    name: &'static str,
    requirements: &'static [&'static str],
}

/// `JUnit` by XML Schema and by a reader; Markdown as GitHub reads it.
pub const TEXT: Environment = Environment {
    name: "validators-text",
    requirements: &[
        "lxml==6.1.3",
        "junitparser==5.0.3; python_version >= '3.10'",
        "junitparser==4.0.2; python_version < '3.10'",
        "markdown-it-py==4.3.0; python_version >= '3.10'",
        "markdown-it-py==3.0.0; python_version < '3.10'",
        "linkify-it-py==2.2.0; python_version >= '3.10'",
        "linkify-it-py==2.0.3; python_version < '3.10'",
    ],
};

/// Workflows, actions, pipelines, templates and jobs.
pub const PIPELINES: Environment = Environment {
    name: "validators-pipelines",
    requirements: &[
        "check-jsonschema==0.39.0; python_version >= '3.10'",
        "check-jsonschema==0.36.2; python_version < '3.10'",
        "zizmor==1.32.0; python_version >= '3.10'",
        "zizmor==1.16.3; python_version < '3.10'",
        "cfn-lint==1.58.0; python_version >= '3.10'",
        "cfn-lint==1.46.0; python_version < '3.10'",
        "kubernetes-validate==1.37.0",
    ],
};

/// The Open Cybersecurity Schema Framework.
pub const OCSF: Environment = Environment {
    name: "validators-ocsf",
    requirements: &[
        "py-ocsf-models==0.10.0; python_version >= '3.10'",
        "py-ocsf-models==0.8.0; python_version < '3.10'",
    ],
};

/// The Open Security Controls Assessment Language.
pub const OSCAL: Environment = Environment {
    name: "validators-oscal",
    requirements: &[
        "compliance-trestle==5.2.0; python_version >= '3.10'",
        "compliance-trestle==3.11.0; python_version < '3.10'",
    ],
};

/// The shapes of the AWS APIs.
pub const AWS: Environment = Environment {
    name: "validators-aws",
    requirements: &[
        "botocore==1.44.5; python_version >= '3.10'",
        "botocore==1.42.97; python_version < '3.10'",
    ],
};

/// Signatures: DSSE envelopes by the library of those who wrote DSSE.
pub const SIGNATURES: Environment = Environment {
    name: "validators-signatures",
    requirements: &[
        "cryptography==50.0.2",
        "securesystemslib==1.6.0; python_version >= '3.10'",
        "securesystemslib==1.3.1; python_version < '3.10'",
    ],
};

impl Environment {
    /// The interpreter, whose environment is made the first time.
    pub fn python(self) -> PathBuf {
        environment::interpreter(self.name, self.requirements)
    }

    /// Runs a Python program over some input: what it prints, or what it says where it fails.
    pub fn run(self, program: &str, arguments: &[&Path], input: &[u8]) -> Result<String, String> {
        let mut child = Command::new(self.python())
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
}
