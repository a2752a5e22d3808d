//! Destinations: what is written is whole, and what cannot be written is exit code 5 with nothing under its name.

use std::process::Command;
use std::time::Duration;

use trailproof::report::{Format, FormatKind};

use crate::fake_aws::healthy::{ARCHIVE, MANAGEMENT};
use crate::fake_aws::{FakeAws, Fault, Matcher, World};
use crate::outputs;
use crate::program::{Run, Sandbox};

const REGION: &str = "eu-west-1";
const BUCKET: &str = "audit-reports";

/// An AWS with a bucket for reports, in the management account.
fn served() -> FakeAws {
    let mut world = World::healthy(3, &[REGION]);
    let mut bucket = world.buckets.values().next().unwrap().clone();
    MANAGEMENT.clone_into(&mut bucket.owner);
    REGION.clone_into(&mut bucket.region);
    world.buckets.insert(BUCKET.to_owned(), bucket);
    FakeAws::start(world)
}

fn with_aws(sandbox: &Sandbox, fake: &FakeAws, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command.envs(fake.environment(MANAGEMENT, REGION)).env("AWS_MAX_ATTEMPTS", "1");
    command
}

/// Runs it, expects exit code 5 and these words, and nothing left behind. Returns what it said.
#[track_caller]
fn refused(sandbox: &Sandbox, command: &mut Command, said: &[&str]) -> String {
    let Run { code, stderr, .. } = command.output().unwrap().into();
    assert_eq!(code, Some(5), "{stderr}");
    for words in said {
        assert!(stderr.contains(words), "{words:?} is not in {stderr}");
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(sandbox.names(), Vec::<String>::new(), "nothing is left behind: {stderr}");
    stderr
}

#[test]
fn no_file_is_half_written_where_there_is_no_room() {
    for kind in FormatKind::ALL {
        let sandbox = Sandbox::empty();
        let output = format!("{}=out", kind.as_str());
        let mut limited = Command::new("sh");
        // Files of one block at most; the signal that would end the program is an error of the write instead.
        limited
            .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" demo --quiet --format \"$1\""])
            .arg(assert_cmd::cargo::cargo_bin!("trailproof"))
            .arg(&output)
            .current_dir(sandbox.folder())
            .env_clear()
            .env("HOME", sandbox.folder());
        refused(&sandbox, &mut limited, &["cannot write the report to out", "File too large"]);
    }
}

#[test]
fn a_full_device_a_missing_folder_and_a_folder_in_the_way() {
    for kind in FormatKind::ALL {
        let sandbox = Sandbox::empty();
        let to = |place: &str| format!("{}={place}", kind.as_str());
        if cfg!(target_os = "linux") {
            let mut full = sandbox.command(&["demo", "--format", &to("/dev/full")]);
            refused(&sandbox, &mut full, &["/dev/full", "No space left"]);
        }
        let mut missing = sandbox.command(&["demo", "--format", &to("nowhere/out")]);
        refused(&sandbox, &mut missing, &["nowhere/out"]);
        let mut folder = sandbox.command(&["demo", "--format", &to("/")]);
        refused(&sandbox, &mut folder, &["cannot write the report to /"]);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_without_the_right_to_write() {
    use std::os::unix::fs::PermissionsExt as _;

    let sandbox = Sandbox::empty();
    let folder = sandbox.path("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(folder.join("probe"), "").is_ok() {
        // For the superuser no folder is closed.
        return;
    }
    let run = sandbox.run(&["demo", "--format", "json=closed/out.json"]);
    assert_eq!(run.code, Some(5));
    assert!(run.stderr.contains("Permission denied"), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn one_output_that_fails_keeps_no_other_from_being_written() {
    let sandbox = Sandbox::empty();
    let fake = served();
    let uri =
        format!("csv=s3://absent-bucket/out.csv,json=s3://{BUCKET}/out.json,junit=out.xml,table=out.txt");
    let run = with_aws(&sandbox, &fake, &["demo", "--format", &uri]).output().unwrap();
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("s3://absent-bucket/out.csv") && stderr.contains("NoSuchBucket"), "{stderr}");
    assert_eq!(sandbox.names(), ["out.txt", "out.xml"]);
    assert_eq!(fake.uploads().len(), 1);
}

#[test]
fn every_format_goes_to_s3_as_it_goes_to_a_file() {
    let sandbox = Sandbox::empty();
    let fake = served();
    let place = format!("s3://{BUCKET}/2026/");
    let everywhere = [outputs(""), outputs(&place)].concat().join(",");
    let run = with_aws(&sandbox, &fake, &["demo", "--format", &everywhere]).output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{stderr}");
    assert_eq!(fake.unexpected(), Vec::<String>::new());
    let uploads = fake.uploads();
    assert_eq!(uploads.len(), FormatKind::ALL.len());
    for kind in FormatKind::ALL {
        let name = format!("out.{}", kind.as_str());
        let upload = &uploads[&(BUCKET.to_owned(), format!("2026/{name}"))];
        assert_eq!(upload.body, std::fs::read(sandbox.path(&name)).unwrap(), "{name}");
        assert_eq!(upload.content_type.as_deref(), Some(kind.content_type()), "{name}");
        assert!(upload.is_checked, "{name}");
    }
    // With the caller's own credentials, and nothing but the uploads.
    assert_eq!(fake.operations().into_iter().collect::<Vec<_>>(), ["s3:PutObject"]);
}

#[test]
fn output_takes_a_uri_too() {
    let sandbox = Sandbox::empty();
    let fake = served();
    let uri = format!("s3://{BUCKET}/out.csv");
    let run = with_aws(&sandbox, &fake, &["demo", "--format", "csv", "-o", &uri]).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(run.stdout, b"");
    assert_eq!(fake.uploads().len(), 1);
}

#[test]
fn a_bucket_in_another_region_is_followed() {
    let sandbox = Sandbox::empty();
    let fake = served();
    let uri = format!("json=s3://{BUCKET}/out.json");
    for region in ["us-east-1", "ap-southeast-2"] {
        let mut command = with_aws(&sandbox, &fake, &["demo", "--format", &uri]);
        let run = command.env("AWS_REGION", region).output().unwrap();
        assert_eq!(run.status.code(), Some(1), "{region}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn what_s3_does_not_take() {
    let fake = served();
    let uri = format!("s3://{BUCKET}/reports/out");
    let put = || Matcher::operation("s3", "PutObject");
    let demo = |sandbox: &Sandbox, kind: FormatKind| {
        let output = format!("{}={uri}", kind.as_str());
        with_aws(sandbox, &fake, &["demo", "--format", &output])
    };
    fake.fault(put(), Fault::AccessDenied);
    for kind in FormatKind::ALL {
        let sandbox = Sandbox::empty();
        let said = refused(&sandbox, &mut demo(&sandbox, *kind), &[&uri, "AccessDenied", "s3:PutObject on"]);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    for (fault, said) in [
        (Fault::CutConnection, "Check the network"),
        (Fault::ServerError { times: usize::MAX }, "Try again later"),
        (Fault::Throttle { times: usize::MAX }, "Try again later"),
        (Fault::ExpiredToken, "Sign in"),
        (Fault::UnrecognizedClient, "Sign in"),
    ] {
        fake.clear_faults();
        fake.fault(put(), fault);
        let sandbox = Sandbox::empty();
        refused(&sandbox, &mut demo(&sandbox, FormatKind::Json), &[&uri, said]);
    }
    assert!(fake.uploads().is_empty());
    fake.clear_faults();
    let sandbox = Sandbox::empty();
    let absent = ["demo", "--format", "json=s3://no-such-bucket/out"];
    let said = ["s3://no-such-bucket/out", "NoSuchBucket", "Make the bucket"];
    refused(&sandbox, &mut with_aws(&sandbox, &fake, &absent), &said);
    fake.update(|world| world.buckets.get_mut(BUCKET).unwrap().owner = ARCHIVE.to_owned());
    refused(&sandbox, &mut demo(&sandbox, FormatKind::Json), &[&uri, "AccessDenied"]);
}

#[test]
fn a_failure_that_passes_is_tried_again() {
    let sandbox = Sandbox::empty();
    let fake = served();
    fake.fault(Matcher::operation("s3", "PutObject"), Fault::ServerError { times: 1 });
    fake.latency(Duration::from_millis(1));
    let uri = format!("json=s3://{BUCKET}/out.json");
    let mut command = with_aws(&sandbox, &fake, &["demo", "--format", &uri]);
    let run = command.env("AWS_MAX_ATTEMPTS", "3").output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(fake.calls(&Matcher::operation("s3", "PutObject")), 2);
}

#[test]
fn nobody_there_and_nobody_who_calls() {
    let sandbox = Sandbox::empty();
    let fake = served();
    let output = format!("json=s3://{BUCKET}/out.json");
    let arguments = ["demo", "--format", &output];
    // The discard port: nothing listens there.
    let mut nobody = with_aws(&sandbox, &fake, &arguments);
    refused(&sandbox, nobody.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9"), &[BUCKET, "Check the network"]);
    let mut anonymous = sandbox.command(&arguments);
    anonymous.env("AWS_ENDPOINT_URL", fake.endpoint()).env("AWS_REGION", REGION);
    refused(&sandbox, &mut anonymous, &[BUCKET, "Sign in"]);
    assert!(fake.uploads().is_empty());
}

#[test]
fn a_destination_that_is_none_is_found_before_anything_is_read() {
    let sandbox = Sandbox::empty();
    for (output, said) in [
        ("json=s3://reports", "the object's key is missing"),
        ("json=s3://reports/", "the object's key is missing"),
        ("json=s3://reports/2026/", "the object's key is missing"),
        ("json=s3://Re_ports/out", "a bucket's name is"),
        ("json=s3:///out", "a bucket's name is"),
        ("json=https://example.com/out", "to a file or to s3://BUCKET/KEY"),
        ("json=s3://reports/a,csv=s3://reports/a", "two formats go to s3://reports/a"),
    ] {
        let run = sandbox.run(&["check", "missing", "--format", output]);
        let stderr = run.stderr;
        assert_eq!(run.code, Some(2), "{output}: {stderr}");
        assert!(stderr.contains(said), "{output}: {stderr}");
        assert!(!stderr.contains("snapshot"), "{output}: {stderr}");
    }
}
