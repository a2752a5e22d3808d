use super::*;
use crate::collect::table::{ARCHIVE_TABLE, TABLE};

const REPLICATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role>r</Role><Rule><ID>all</ID>
<Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Destination><Bucket>b</Bucket></Destination></Rule>
<Rule><Status>Disabled</Status><Filter/></Rule></ReplicationConfiguration>"#;
const FILTERS: &str =
    r#"{"subscriptionFilters":[{"filterName":"a","filterPattern":"","distribution":null}]}"#;
const ROLE: &str = "<GetRoleResponse><GetRoleResult><Role><Arn>a</Arn></Role></GetRoleResult><ResponseMetadata>\
                    <RequestId>1</RequestId></ResponseMetadata></GetRoleResponse>";

fn of(service: &str, operation: &str, body: &str) -> Result<Elements, Flaw> {
    elements(service, operation, body.as_bytes())
}

#[test]
fn every_call_of_the_tables_has_its_shapes() {
    for call in TABLE.iter().chain(ARCHIVE_TABLE) {
        let found = shapes::of(call.sdk_service, call.operation);
        assert!(found.is_some(), "{}: run scripts/known-elements", call.operation);
    }
    assert_eq!(of("S3", "GetBucketTomorrow", "<a/>"), Err(Flaw::Unknown));
}

#[test]
fn what_is_declared_is_no_surprise() {
    for (service, operation, body) in [
        ("S3", "GetBucketReplication", REPLICATION),
        ("CloudWatch Logs", "DescribeSubscriptionFilters", FILTERS),
        ("IAM", "GetRole", ROLE),
    ] {
        assert_eq!(of(service, operation, body), Ok(Elements::new()), "{operation}");
    }
}

#[test]
fn an_answer_that_is_cut_anywhere_is_never_whole() {
    for (service, operation, body) in [
        ("S3", "GetBucketReplication", REPLICATION),
        ("CloudWatch Logs", "DescribeSubscriptionFilters", FILTERS),
        ("IAM", "GetRole", ROLE),
    ] {
        for end in 0..body.len() {
            assert_eq!(of(service, operation, &body[..end]), Err(Flaw::Cut), "{operation} up to {end}");
        }
        assert_eq!(of(service, operation, &format!("{body}{body}")), Err(Flaw::Cut), "{operation} twice");
        assert!(of(service, operation, &format!("{body}\n")).is_ok());
    }
    let crossed = "<BucketLoggingStatus><LoggingEnabled></BucketLoggingStatus></LoggingEnabled>";
    assert_eq!(of("S3", "GetBucketLogging", crossed), Err(Flaw::Cut));
    let doctype = "<!DOCTYPE a [<!ENTITY b \"c\">]><BucketLoggingStatus/>";
    assert_eq!(of("S3", "GetBucketLogging", doctype), Err(Flaw::Cut));
}

#[test]
fn an_element_that_nobody_declared_is_told_with_its_place() {
    let with = |old: &str, new: &str| {
        let changed = REPLICATION.replacen(old, new, 1);
        assert_ne!(changed, REPLICATION);
        of("S3", "GetBucketReplication", &changed).unwrap()
    };
    assert_eq!(
        with("<Filter/>", "<Filter><Not><Prefix>AWSLogs/</Prefix></Not></Filter>"),
        ["Rule[1].Filter.Not"]
    );
    assert_eq!(with("<Prefix></Prefix>", "<And><Not><Or/></Not></And>"), ["Rule[0].Filter.And.Not"]);
    assert_eq!(with("<Prefix></Prefix>", "<Nor/>"), ["Rule[0].Filter.Nor"]);
    assert_eq!(with("<Role>r</Role>", "<Paused>true</Paused><Role>r</Role>"), ["Paused"]);
    assert_eq!(with("<Role>r</Role>", "<Role><Of/>r</Role>"), ["Role.Of"]);
    assert_eq!(with("<Prefix></Prefix>", "<Prefix not=\"true\"></Prefix>"), ["Rule[0].Filter.Prefix@not"]);

    let filters = |new: &str| {
        of("CloudWatch Logs", "DescribeSubscriptionFilters", &FILTERS.replacen("\"filterPattern\"", new, 1))
            .unwrap()
    };
    assert_eq!(filters(r#""sample":1,"filterPattern""#), ["subscriptionFilters[0].sample"]);
    assert_eq!(filters(r#""sample":null,"filterPattern""#), Elements::new(), "null is none");
    assert_eq!(filters(r#""filterName2":{"a":1},"filterPattern""#), ["subscriptionFilters[0].filterName2"]);
    assert_eq!(
        filters(r#""__type":"com.example#Filter","filterPattern""#),
        Elements::new(),
        "the protocol's own"
    );
    let role = ROLE.replace("<Arn>", "<Boundary/><Arn>");
    assert_eq!(of("IAM", "GetRole", &role).unwrap(), ["GetRoleResult.Role.Boundary"]);
    let beside = ROLE.replace("<ResponseMetadata>", "<Truncated>true</Truncated><ResponseMetadata>");
    assert_eq!(of("IAM", "GetRole", &beside).unwrap(), ["Truncated"]);
    let policies = r#"{"nextToken":null,"partial":true,"accountPolicies":[]}"#;
    assert_eq!(of("CloudWatch Logs", "DescribeAccountPolicies", policies).unwrap(), ["partial"]);
}

#[test]
fn names_of_things_may_say_more() {
    let buckets = "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name><Colour>red</Colour></Bucket></Buckets>\
                   </ListAllMyBucketsResult>";
    assert_eq!(of("S3", "ListBuckets", buckets), Ok(Elements::new()));
    let structure = buckets.replace("red", "<Red/>");
    assert_eq!(of("S3", "ListBuckets", &structure).unwrap(), ["Buckets.Bucket[0].Colour.Red"]);
    let accounts = r#"{"Accounts":[{"Id":"1","Colour":"red"},{"Id":"2","Colours":["red"]}]}"#;
    assert_eq!(of("Organizations", "ListAccounts", accounts).unwrap(), ["Accounts[1].Colours"]);
    let tags =
        r#"{"Truncated":false,"Grants":[{"Constraints":{"EncryptionContextSubset":{"anything":"goes"}}}]}"#;
    assert_eq!(of("KMS", "ListGrants", tags), Ok(Elements::new()));
}

#[test]
fn what_must_be_there_is_and_once() {
    let rotation = |body| of("KMS", "GetKeyRotationStatus", body);
    assert_eq!(rotation("{}"), Err(Flaw::Missing("KeyRotationEnabled".to_owned())));
    assert_eq!(rotation(r#"{"KeyRotationEnabled":true}"#), Ok(Elements::new()));
    let twice = r#"{"KeyRotationEnabled":false,"KeyRotationEnabled":true}"#;
    assert_eq!(rotation(twice), Err(Flaw::Twice("KeyRotationEnabled".to_owned())));
    let status = r#"{"ConfigurationRecordersStatus":[{"name":"default"}]}"#;
    let missing = Flaw::Missing("ConfigurationRecordersStatus[0].recording".to_owned());
    assert_eq!(of("Config Service", "DescribeConfigurationRecorderStatus", status), Err(missing));
    let twice = REPLICATION.replacen(
        "<Status>Enabled</Status>",
        "<Status>Enabled</Status><Status>Disabled</Status>",
        1,
    );
    assert_eq!(of("S3", "GetBucketReplication", &twice), Err(Flaw::Twice("Rule[0].Status".to_owned())));
}

#[test]
fn a_value_that_no_model_has_is_told_with_its_place() {
    for (service, operation, body, element) in [
        (
            "S3",
            "GetBucketReplication",
            REPLICATION.replacen("<Status>Enabled<", "<Status>Perhaps<", 1).as_str(),
            "Rule[0].Status \"Perhaps\"",
        ),
        (
            "S3",
            "GetBucketVersioning",
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Maybe</MfaDelete></VersioningConfiguration>",
            "MfaDelete \"Maybe\"",
        ),
        (
            "S3",
            "GetObjectLockConfiguration",
            "<ObjectLockConfiguration><ObjectLockEnabled>Suspended</ObjectLockEnabled></ObjectLockConfiguration>",
            "ObjectLockEnabled \"Suspended\"",
        ),
        (
            "S3",
            "GetBucketVersioning",
            "<VersioningConfiguration><Status/></VersioningConfiguration>",
            "Status \"\"",
        ),
        (
            "CloudTrail",
            "GetEventSelectors",
            r#"{"EventSelectors":[{"ReadWriteType":"All"},{"ReadWriteType":""}]}"#,
            "EventSelectors[1].ReadWriteType \"\"",
        ),
        (
            "CloudTrail",
            "GetInsightSelectors",
            r#"{"InsightSelectors":[{"InsightType":"ApiCallRateInsight","EventCategories":["Management","All"]}]}"#,
            "InsightSelectors[0].EventCategories[1] \"All\"",
        ),
        ("KMS", "DescribeKey", r#"{"KeyMetadata":{"KeyManager":"TEAM"}}"#, "KeyMetadata.KeyManager \"TEAM\""),
        (
            "Config Service",
            "DescribeConfigurationRecorders",
            r#"{"ConfigurationRecorders":[{"recordingMode":{"recordingFrequency":"HOURLY"}}]}"#,
            "ConfigurationRecorders[0].recordingMode.recordingFrequency \"HOURLY\"",
        ),
    ] {
        assert_eq!(of(service, operation, body).unwrap(), [element]);
    }
    let spelt = r#"{"ConfigurationRecordersStatus":[{"recording":true,"lastStatus":"SUCCESS"}]}"#;
    assert_eq!(of("Config Service", "DescribeConfigurationRecorderStatus", spelt), Ok(Elements::new()));
    // What the collector judges itself, and names of things, can be anything.
    let accounts = r#"{"Accounts":[{"Id":"1","State":"FROZEN","Status":null}]}"#;
    assert_eq!(of("Organizations", "ListAccounts", accounts), Ok(Elements::new()));
}
