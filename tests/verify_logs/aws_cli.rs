//! AWS's own validator over the same served archive: the same exit codes and counts.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::digest_chain::tamper::Tampering;
use crate::digest_chain::{Archive, Plan, stamp};
use crate::fake_aws::healthy::{MANAGEMENT, ORGANIZATION_TRAIL, SECURITY};
use crate::organization::{REGIONS, chain, plan};
use crate::served::Served;

/// One version, so that runs compare; the last one for Python 3.9 is older.
const REQUIREMENTS: [&str; 2] =
    ["awscli==1.46.3; python_version >= '3.10'", "awscli==1.44.87; python_version < '3.10'"];

const WAY_OUT: &str = "tests/verify_logs.rs needs Python 3.9 or newer as `python3` with its `venv` module \
    (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), and a package index \
    that pip can reach, once (behind a proxy or a mirror: PIP_INDEX_URL, PIP_CERT, HTTPS_PROXY)";

/// The program, installed into a virtual environment under the target folder where that has not been done.
fn installed() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder").join("awscli");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let lock = File::create(folder.join("lock")).expect("the target folder is writable");
    lock.lock().expect("the target folder's file system has locks");
    let environment = folder.join("environment");
    let program = environment.join("bin").join("aws");
    // Written last: half an installation is none.
    let marker = folder.join("installed");
    let python = run("python3", &["--version"]);
    let wanted = format!("{} on {}", REQUIREMENTS.join(", "), python.trim());
    if !fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        let environment = environment.to_string_lossy().into_owned();
        run("python3", &["-m", "venv", "--clear", &environment]);
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(&format!("{environment}/bin/python"), &[pip.as_slice(), &REQUIREMENTS].concat());
        fs::write(&marker, wanted).expect("the target folder is writable");
    }
    program
}

/// Runs a program to its end and returns what it printed.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} does not start: {error}.\n{WAY_OUT}"));
    assert!(output.status.success(), "{program}: {}\n{WAY_OUT}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// One chain of a day's third.
fn small() -> Plan {
    Plan { accounts: vec![SECURITY.to_owned()], regions: vec![REGIONS[0].to_owned()], ..plan() }
}

/// What AWS's tool says: its exit code, and valid and other digests and logs.
fn aws(served: &Served, archive: &Archive) -> (Option<i32>, [u64; 4]) {
    let arn = format!("arn:aws:cloudtrail:{}:{MANAGEMENT}:trail/{ORGANIZATION_TRAIL}", REGIONS[0]);
    let (from, to) = (stamp(archive.plan.start), stamp(archive.end()));
    let output = Command::new(installed())
        .args(["cloudtrail", "validate-logs", "--trail-arn", &arn, "--account-id", SECURITY])
        .args(["--start-time", &from, "--end-time", &to])
        .env_clear()
        .env("HOME", served.path(""))
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(served.fake.environment(MANAGEMENT, REGIONS[0]))
        .env("AWS_DEFAULT_REGION", REGIONS[0])
        .output()
        .expect("the AWS CLI starts");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let count = |what: &str| {
        // `8/8 digest files valid`, `1/16 log files INVALID`, several in a line.
        let found = text.lines().flat_map(|line| line.split(", ")).find(|part| part.trim().ends_with(what));
        let number = found.and_then(|part| part.trim().split('/').next()?.parse::<u64>().ok());
        number.unwrap_or_default()
    };
    let counts =
        ["digest files valid", "digest files INVALID", "log files valid", "log files INVALID"].map(count);
    (output.status.code(), counts)
}

/// The same of ours: what is missing is what AWS's tool calls invalid.
fn ours(served: &Served) -> (Option<i32>, [u64; 4]) {
    let run = served.verify_one(SECURITY, REGIONS[0]);
    let report = run.json();
    let number = |what: &str, which: &str| report["totals"][what][which].as_u64().expect("a number");
    let counts = [
        number("digests", "valid"),
        number("digests", "invalid") + number("digests", "missing"),
        number("logs", "valid"),
        number("logs", "invalid") + number("logs", "missing"),
    ];
    (run.code, counts)
}

fn served(archive: &Archive) -> Served {
    let served = Served::new(archive);
    served.fake.update(|world| {
        world.objects.readers.insert(MANAGEMENT.to_owned());
    });
    served
}

#[test]
fn the_counts_agree_with_awss() {
    let sound = Archive::generate(small());
    let served = served(&sound);
    let mut tamperings: Vec<Option<Tampering>> = vec![None];
    tamperings.extend(
        [
            Tampering::LogChanged,
            Tampering::LogDeleted,
            Tampering::LogNotGzip,
            Tampering::DigestUnsigned,
            Tampering::DigestSignedByUnknownKey,
        ]
        .map(Some),
    );
    for tampering in tamperings {
        let mut archive = sound.clone();
        if let Some(tampering) = tampering {
            tampering.apply(&mut archive, &chain(SECURITY), 3);
        }
        served.replace(&archive);
        let (their_code, theirs) = aws(&served, &archive);
        let (our_code, ours) = ours(&served);
        assert_eq!((our_code, ours), (their_code, theirs), "{tampering:?}: ours, theirs");
        assert_eq!(our_code, Some(i32::from(tampering.is_some())), "{tampering:?}");
    }
}
