use super::*;

fn parse(text: &str) -> Result<ConfigFile, String> {
    ConfigFile::parse(Path::new("trailproof.toml"), text).map_err(|error| error.to_string())
}

#[test]
fn a_whole_file_is_read() {
    let file = parse(
        r#"
        [organization]
        archive_bucket = "central-logs"
        [rules.bucket-retention]
        severity = "critical"
        parameters = { min_days = 730 }
        [rules.trail-insights]
        enabled = false
        [scan]
        role_name = "Audit"
        regions = ["eu-central-1"]
        session_duration = 900
        [output]
        format = ["table", "sarif=out.sarif"]
        fail_on = "never"
        "#,
    )
    .unwrap();
    assert_eq!(file.organization.archive_bucket.as_deref(), Some("central-logs"));
    assert_eq!(file.rules["bucket-retention"].parameters["min_days"], ParameterConfig::Int(730));
    assert_eq!(file.rules["trail-insights"].enabled, Some(false));
    assert_eq!(file.output.format[1].path.as_deref(), Some(Path::new("out.sarif")));
    assert_eq!(file.output.fail_on.unwrap().severity(), None);
}

#[test]
fn a_misspelt_key_is_shown_with_the_one_that_was_meant() {
    insta::assert_snapshot!(parse("[scan]\nrole_nam = \"Audit\"\n").unwrap_err());
}

#[test]
fn a_value_of_another_type_is_shown() {
    insta::assert_snapshot!(parse("[rules.trail-kms]\nparameters = { days = 1.5 }\n").unwrap_err());
}

#[test]
fn what_is_no_toml_is_shown() {
    insta::assert_snapshot!(parse("[scan\n").unwrap_err());
}

#[test]
fn values_out_of_range_are_refused() {
    assert!(parse("[scan]\nsession_duration = 60\n").unwrap_err().contains("900"));
    assert!(parse("[scan]\nmax_concurrency = 0\n").is_err());
    assert!(parse("[output]\nformat = [\"xml\"]\n").unwrap_err().contains("table, json, sarif"));
    assert!(parse("external_id = \"x\"\n").is_err());
}

#[test]
fn a_file_that_follows_the_schema_is_read_and_the_other_way_round() {
    let schema = serde_json::to_value(ConfigFile::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (text, good) in [
        ("", true),
        ("[scan]\nregions = [\"eu-central-1\"]\n", true),
        ("[scan]\nregion_s = []\n", false),
        ("[output]\nformat = [\"json=x.json\"]\n", true),
        ("[output]\nformat = [\"xml\"]\n", false),
        ("[output]\nfail_on = \"worst\"\n", false),
        ("[rules.trail-kms]\nparameters = { days = 3 }\n", true),
        ("[scan]\nsession_duration = 60\n", false),
    ] {
        let value: toml::Value = toml::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&serde_json::to_value(value).unwrap()), good, "{text}");
        assert_eq!(parse(text).is_ok(), good, "{text}");
    }
}

#[test]
fn what_the_organization_cannot_mean_is_refused_with_what_it_may_mean() {
    for (line, said) in [
        ("archive_bucket = \"arn:aws:s3:::central-logs\"", "did you mean \"central-logs\"?"),
        ("archive_bucket = \"s3://central-logs/\"", "did you mean \"central-logs\"?"),
        ("archive_bucket = \"\"", "which is no name of a bucket"),
        ("archive_bucket = \"Central_Logs\"", "which is no name of a bucket"),
        ("security_accounts = [\"11122223333\"]", "accounts have twelve digits"),
        ("security_accounts = [\"security\"]", "accounts have twelve digits"),
        ("log_readers = [\"1111222233334\"]", "accounts have twelve digits"),
        ("log_readers = [\"*\"]", "designates everybody"),
        ("log_writers = [\"**\"]", "designates everybody"),
        ("break_glass_roles = [\"*\"]", "designates everybody"),
        ("replication_sources = [\"*\"]", "designates everybody"),
        ("home_regions = [\"eu-central1\"]", "did you mean \"eu-central-1\"?"),
        ("centralized_log_groups = [\"\"]", "empty or has spaces"),
        ("log_readers = [\"arn:aws:iam::*:role/Auditor \"]", "empty or has spaces"),
    ] {
        let error = parse(&format!("[organization]\n{line}\n")).unwrap_err();
        assert!(error.contains(said), "{line}: {error}");
    }
    for line in [
        "archive_bucket = \"central.logs-1\"",
        "security_accounts = [\"111122223333\"]",
        "log_readers = [\"111122223333\", \"arn:aws:iam::*:role/Auditor\", \"athena.amazonaws.com\"]",
        "home_regions = [\"eu-central-1\", \"us-gov-west-1\", \"xx-new-7\"]",
        "centralized_log_groups = [\"*\"]",
    ] {
        assert!(parse(&format!("[organization]\n{line}\n")).is_ok(), "{line}");
    }
}
