use clap::Parser;

use super::*;
use crate::cli::{Cli, Command};

fn collected(flags: &[&str], file: &str, variables: &[(&str, &str)]) -> CollectSettings {
    let cli = Cli::try_parse_from(["trailproof", "scan"].iter().chain(flags)).unwrap();
    let Command::Scan(args) = cli.command else { panic!("another command") };
    let config = ConfigFile::parse(Path::new("trailproof.toml"), file).unwrap();
    collecting(&args.collecting, &config, |name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

const FILE: &str = r#"
[organization]
archive_bucket = "central-logs"
[scan]
role_name = "FromFile"
regions = ["eu-west-1"]
profile = "from-file"
region = "eu-west-3"
max_attempts = 9
"#;

#[test]
fn the_file_beats_the_default() {
    let settings = collected(&[], FILE, &[]);
    assert_eq!(settings.role.name, "FromFile");
    assert_eq!(settings.selection.regions, ["eu-west-1"]);
    assert_eq!(settings.profile.as_deref(), Some("from-file"));
    assert_eq!(settings.max_attempts, 9);
    assert_eq!(settings.expectations.archive_bucket.as_deref(), Some("central-logs"));
    assert_eq!(collected(&[], "", &[]).role, RoleSettings::default());
}

#[test]
fn a_variable_beats_the_file() {
    let variables = [("AWS_PROFILE", "outer"), ("AWS_REGION", "us-east-1"), ("AWS_MAX_ATTEMPTS", "2")];
    let settings = collected(&[], FILE, &variables);
    // Left to the AWS configuration, which reads the variables itself.
    assert_eq!((settings.profile, settings.region), (None, None));
    assert_eq!(settings.max_attempts, 2);
    assert_eq!(collected(&[], FILE, &[("AWS_ACCESS_KEY_ID", "x")]).profile, None);
    assert_eq!(collected(&[], FILE, &[("AWS_PROFILE", "")]).profile.as_deref(), Some("from-file"));
}

#[test]
fn a_flag_beats_both() {
    let flags = ["--profile", "flag", "--regions", "us-east-1,us-west-2", "--role-name", "Flag"];
    let settings = collected(&flags, FILE, &[("AWS_PROFILE", "outer")]);
    assert_eq!(settings.profile.as_deref(), Some("flag"));
    assert_eq!(settings.selection.regions, ["us-east-1", "us-west-2"]);
    assert_eq!(settings.role.name, "Flag");
}

#[test]
fn the_external_id_is_not_shown() {
    let settings = collected(&["--external-id", "s3cr3t"], "", &[]);
    assert!(settings.role.external_id.is_some());
    assert!(!format!("{settings:?}").contains("s3cr3t"));
}

#[test]
fn the_audit_role_is_the_one_that_is_named_or_the_one_that_scans_assume() {
    let role = |flags: &[&str], file: &str| {
        let cli = Cli::try_parse_from(["trailproof", "scan"].iter().chain(flags)).unwrap();
        let Command::Scan(args) = cli.command else { panic!("another command") };
        let config = ConfigFile::parse(Path::new("trailproof.toml"), file).unwrap();
        with_audit_role(config, Some(&args.collecting.role)).organization.audit_role
    };
    let named = "[organization]\naudit_role = \"readers/Named\"\n";
    assert_eq!(role(&["--role-name", "Flag"], named).as_deref(), Some("readers/Named"));
    assert_eq!(role(&["--role-name", "Flag"], FILE).as_deref(), Some("Flag"));
    assert_eq!(role(&["--role-path", "/audit/"], FILE).as_deref(), Some("audit/FromFile"));
    assert_eq!(role(&[], ""), None);
}
