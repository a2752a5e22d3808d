//! Moto, an AWS emulator that nobody here wrote: installed into a virtual environment under the target folder,
//! started on a free loopback port, ended by its handle.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The version whose gaps the expectations name; the last one for Python 3.9 is older.
const REQUIREMENTS: [&str; 2] =
    ["moto[server]==5.2.1; python_version >= '3.10'", "moto[server]==5.1.22; python_version < '3.10'"];

/// What to do where it cannot be installed. This test is never skipped: without it, nothing that others wrote has
/// been scanned.
const WAY_OUT: &str = "tests/emulator.rs needs Python 3.9 or newer as `python3` with its `venv` module \
    (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), and a package index \
    that pip can reach, once (behind a proxy or a mirror: PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY)";

/// The server ends itself when its standard input closes, so that it does not outlive a test that was killed.
const SERVE: &str = "
import os, sys, threading

def end_with_parent():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=end_with_parent, daemon=True).start()
from moto.server import main
main(['--host', '127.0.0.1', '--port', '0'])
";

/// A running server with an empty AWS in it.
pub(crate) struct Moto {
    server: Child,
    port: u16,
    version: String,
}

impl Moto {
    /// Starts a server, installing it first where that has not been done.
    ///
    /// `name` tells its log file from those of other servers.
    pub(crate) fn start(name: &str) -> Self {
        let python = installed();
        let log = target_folder().join(format!("moto-{name}.log"));
        let file = File::create(&log).expect("the target folder is writable");
        let server = Command::new(&python)
            .args(["-c", SERVE])
            .env("PYTHONUNBUFFERED", "1")
            .env_remove("PYTHONPATH")
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("a file handle can be doubled"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", python.display()));
        let version = run(&python, &["-c", "import importlib.metadata as m; print(m.version('moto'))"]);
        let mut moto = Self { server, port: 0, version: version.trim().to_owned() };
        moto.port = moto.wait_for_port(&log);
        // The same account numbers in every run: logs of two runs can be compared.
        moto.post("/moto-api/seed?a=42", "");
        moto
    }

    /// Which one it is: they differ in what they answer.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Where the AWS API is. A name, because S3 Control puts the account's number before it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// From now on, keys must exist and policies must allow.
    pub(crate) fn enforce_permissions(&self) {
        self.post("/moto-api/reset-auth", "0");
    }

    /// The server picks its port itself, so that no other process can take it in between, and logs it.
    fn wait_for_port(&mut self, log: &Path) -> u16 {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let text = fs::read_to_string(log).expect("the log was created above");
            let port = text
                .lines()
                .find_map(|line| line.rsplit_once("Running on http://127.0.0.1:")?.1.parse().ok());
            if let Some(port) = port {
                return port;
            }
            if let Some(status) = self.server.try_wait().expect("a child can be asked") {
                panic!("moto ended with {status}, see {}:\n{text}", log.display());
            }
            assert!(Instant::now() < deadline, "moto does not answer, see {}:\n{text}", log.display());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn post(&self, path: &str, body: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("moto listens");
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("moto reads");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("moto replies");
        assert!(reply.starts_with("HTTP/1.1 200"), "moto refused {path}: {reply}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing left to end.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// `target/`, whatever its name.
fn target_folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    folder.parent().expect("cargo's folder for tests is inside the target folder").to_owned()
}

/// The interpreter of the virtual environment, which is made if it is missing, broken or another version's.
fn installed() -> PathBuf {
    let folder = target_folder().join("moto");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let lock = File::create(folder.join("lock")).expect("the target folder is writable");
    // Held until the end: parallel tests and test runs wait for the first.
    lock.lock().expect("the target folder's file system has locks");

    let python = run("python3", ["--version"].as_slice());
    let wanted = format!("{} on {}", REQUIREMENTS.join(", "), python.trim());
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
    run(&interpreter, [install.as_slice(), &REQUIREMENTS].concat().as_slice());
    fs::write(&marker, wanted).expect("the target folder is writable");
    interpreter
}

/// Runs a program to its end and returns what it printed.
fn run<P: AsRef<OsStr>, A: AsRef<OsStr>>(program: P, arguments: &[A]) -> String {
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
