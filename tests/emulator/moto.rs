//! Moto, an AWS emulator that nobody here wrote: installed into a virtual environment under the target folder,
//! started on a free loopback port, ended by its handle.

#[path = "../validators/environment.rs"]
mod environment;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use environment::{interpreter, run, target_folder};

use crate::clients::Session;

/// The version whose gaps the expectations name; the last one for Python 3.9 is older.
const REQUIREMENTS: &[&str] =
    &["moto[server]==5.2.1; python_version >= '3.10'", "moto[server]==5.1.22; python_version < '3.10'"];

/// The server ends itself when its standard input closes, so that it does not outlive a test that was killed.
const SERVE: &str = "
import json, os, sys, threading

def end_with_parent():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=end_with_parent, daemon=True).start()
from moto.server import DomainDispatcherApplication, main

# moto does not know account:ListRegions: three regions are enabled everywhere.
REGIONS = json.dumps({'Regions': [
    {'RegionName': name, 'RegionOptStatus': 'ENABLED_BY_DEFAULT'} for name in ('eu-central-1', 'eu-west-1', 'us-east-1')
]}).encode()
answer = DomainDispatcherApplication.__call__

# Nor cloudtrail:ListEventDataStores: nobody has one.
STORES = json.dumps({'EventDataStores': []}).encode()

def with_more(self, environ, start_response):
    if environ.get('PATH_INFO') == '/listRegions':
        told = REGIONS
    elif environ.get('HTTP_X_AMZ_TARGET', '').endswith('.ListEventDataStores'):
        told = STORES
    else:
        return answer(self, environ, start_response)
    environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0))
    start_response('200 OK', [('Content-Type', 'application/json'), ('Content-Length', str(len(told)))])
    return [told]

DomainDispatcherApplication.__call__ = with_more

main(['--host', '127.0.0.1', '--port', '0'])
";

/// A running server with an empty AWS in it.
pub(crate) struct Moto {
    server: Child,
    port: u16,
    version: String,
    python: PathBuf,
}

impl Moto {
    /// Starts a server, installing it first where that has not been done.
    ///
    /// `name` tells its log file from those of other servers.
    pub(crate) fn start(name: &str) -> Self {
        let python = interpreter("moto", REQUIREMENTS);
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
        let mut moto = Self { server, port: 0, version: version.trim().to_owned(), python };
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

    /// What a script with boto3 finds: an outside client, for services of which these tests have no crate. It has `client`
    /// by service and region, and leaves its answer in `answer`.
    pub(crate) fn boto3(&self, session: &Session, script: &str) -> serde_json::Value {
        const BEGIN: &str = "
import boto3, json, sys

def client(service, region):
    endpoint, key, secret, token = sys.argv[1:]
    return boto3.client(service, region_name=region, endpoint_url=endpoint, aws_access_key_id=key,
                        aws_secret_access_key=secret, aws_session_token=token or None)

answer = None
";
        let script = format!("{BEGIN}{script}\nprint(json.dumps(answer, default=str))");
        let [key, secret, token] = session.keys();
        let output = run(&self.python, &["-c", &script, &self.endpoint(), key, secret, token]);
        serde_json::from_str(&output)
            .unwrap_or_else(|error| panic!("boto3 answers no JSON: {error}\n{output}"))
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
