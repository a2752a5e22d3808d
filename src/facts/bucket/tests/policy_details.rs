//! Times and resources of bucket policies, as the rules see them.

use super::*;

fn dated(mut statement: Value, operator: &str, time: &str) -> Value {
    statement["Condition"][operator]["aws:CurrentTime"] = json!(time);
    statement
}

fn everyone() -> Value {
    allow(json!("*"), &["s3:GetObject"])
}

#[test]
fn a_grant_counts_while_it_is_in_force() {
    let public = |operator: &str, time: &str| {
        with_policy(json!([dated(everyone(), operator, time)])).public_statements.map(|found| found.len())
    };
    assert_eq!(public("DateLessThan", "2020-01-01"), Ok(0), "it is over");
    assert_eq!(public("DateGreaterThan", "2020-01-01"), Ok(1), "it has begun");
    assert_eq!(public("DateLessThan", "2090-01-01"), Ok(1), "it is not over");
    assert!(public("DateGreaterThan", "2090-01-01").is_err(), "it is to come");
    let beside = |operator: &str, time: &str| {
        let mut denied = dated(everyone(), operator, time);
        denied["Effect"] = json!("Deny");
        with_policy(json!([everyone(), denied])).public_statements.map(|found| found.len())
    };
    assert_eq!(beside("DateLessThan", "2020-01-01"), Ok(1));
    assert_eq!(beside("DateGreaterThan", "2090-01-01"), Ok(1));
    assert_eq!(beside("DateGreaterThan", "2020-01-01"), Ok(0));
    let readers = with_policy(json!([dated(
        allow(json!({ "AWS": STRANGER }), &["s3:GetObject"]),
        "DateLessThan",
        "2020-01-01"
    )]));
    assert_eq!(readers.undesignated_readers, Ok(vec![]));
}

#[test]
fn plain_requests_are_denied_from_the_day_on() {
    let missing = |operator: &str, time: &str| {
        with_policy(json!([dated(tls_statement(ARCHIVE_BUCKET, "s3:*"), operator, time)]))
    };
    assert_eq!(missing("DateGreaterThan", "2020-01-01").tls_missing, Ok(vec![]));
    let over = missing("DateLessThan", "2020-01-01").tls_problem.unwrap().unwrap();
    assert_eq!(over, "no statement of its policy denies them");
    let later = missing("DateGreaterThan", "2090-01-01").tls_problem.unwrap().unwrap();
    assert!(later.contains("aws:CurrentTime"), "{later}");
}

#[test]
fn plain_requests_are_denied_on_whatever_the_resource_describes() {
    let missing = |resource: Value| {
        let mut statement = tls_statement(ARCHIVE_BUCKET, "s3:*");
        statement["Resource"] = resource;
        with_policy(json!([statement]))
    };
    let name = ARCHIVE_BUCKET;
    for resource in [
        json!("*"),
        json!("arn:aws:s3:::*"),
        json!(format!("arn:aws:s3:::{name}*")),
        json!([format!("arn:*:s3:::{name}"), format!("arn:*:s3:::{name}/*")]),
        json!(["*", format!("arn:aws:s3:::{name}/*")]),
    ] {
        let bucket = missing(resource.clone());
        assert_eq!(bucket.tls_missing, Ok(vec![]), "{resource}");
        assert_eq!(bucket.tls_problem, Ok(None), "{resource}");
    }
    let told = missing(json!(format!("arn:*:s3:::{name}/*"))).tls_problem.unwrap().unwrap();
    assert!(told.contains("only on objects"), "{told}");
}

#[test]
fn whoever_is_named_reads_by_whatever_resource_describes_the_objects() {
    for resource in ["*", "arn:aws:s3:::*", "arn:*:s3:::*/*", "arn:aws:s3:::*/AWSLogs/*"] {
        let mut statement =
            allow(json!({ "AWS": STRANGER }), &["s3:GetObject", "s3:DeleteObject", "s3:PutObject"]);
        statement["Resource"] = json!(resource);
        let bucket = with_policy(json!([statement]));
        assert_eq!(bucket.undesignated_readers.map(|found| found.len()), Ok(1), "{resource}");
        assert_ne!(bucket.destructive_grants, Ok(vec![]), "{resource}");
        assert_ne!(bucket.undesignated_writers, Ok(vec![]), "{resource}");
    }
}
