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
