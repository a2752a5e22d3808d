use super::{
    ManagementEvents, data_event_types, management_events, network_activity_sources, records_data_events,
    records_object_events,
};
use crate::model::{AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector};

const BUCKET: &str = "arn:aws:s3:::archive";

fn basic(read_write_type: &str, excluded: &[&str]) -> BasicSelector {
    BasicSelector {
        read_write_type: read_write_type.to_owned(),
        include_management_events: true,
        excluded_management_event_sources: excluded.iter().map(|it| (*it).to_owned()).collect(),
        data_resources: Vec::new(),
    }
}

fn basic_objects(read_write_type: &str, value: &str) -> EventSelectors {
    EventSelectors::Basic(vec![BasicSelector {
        include_management_events: false,
        data_resources: vec![DataResource {
            resource_type: "AWS::S3::Object".to_owned(),
            values: vec![value.to_owned()],
        }],
        ..basic(read_write_type, &[])
    }])
}

/// `eventSource != kms.amazonaws.com`: operators `=`, `!=`, `^=`, `!^=`, `$=`, `!$=`.
fn advanced(selectors: &[&[(&str, &str, &str)]]) -> EventSelectors {
    let field = |(name, operator, values): &(&str, &str, &str)| {
        let values: Vec<String> = values.split(' ').map(str::to_owned).collect();
        let mut field = FieldSelector { field: (*name).to_owned(), ..FieldSelector::default() };
        match *operator {
            "=" => field.equals = values,
            "!=" => field.not_equals = values,
            "^=" => field.starts_with = values,
            "!^=" => field.not_starts_with = values,
            "$=" => field.ends_with = values,
            "!$=" => field.not_ends_with = values,
            other => panic!("no operator {other}"),
        }
        field
    };
    EventSelectors::Advanced(
        selectors
            .iter()
            .map(|fields| AdvancedSelector {
                name: None,
                field_selectors: fields.iter().map(field).collect(),
            })
            .collect(),
    )
}

fn recorded(reads: bool, writes: bool, excluded: &[&str]) -> ManagementEvents {
    ManagementEvents {
        some: reads || writes,
        reads,
        writes,
        some_writes: writes,
        excluded_sources: excluded.iter().map(|source| (*source).to_owned()).collect(),
    }
}

#[test]
fn a_trail_without_selectors_records_all_management_events_and_no_data_events() {
    assert!(management_events(None).complete());
    assert!(management_events(Some(&EventSelectors::Basic(Vec::new()))).complete());
    assert!(!records_object_events(None, BUCKET, false));
    assert!(!management_events(Some(&EventSelectors::Advanced(Vec::new()))).complete());
}

#[test]
fn basic_selectors_name_what_they_leave_out() {
    let of =
        |selectors: &[BasicSelector]| management_events(Some(&EventSelectors::Basic(selectors.to_vec())));
    assert!(of(&[basic("All", &[])]).complete());
    assert_eq!(of(&[basic("WriteOnly", &[])]), recorded(false, true, &[]));
    assert_eq!(of(&[basic("ReadOnly", &[])]), recorded(true, false, &[]));
    let kms = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];
    assert_eq!(of(&[basic("All", &kms)]), recorded(true, true, &kms));
    let data_only = BasicSelector { include_management_events: false, ..basic("All", &[]) };
    assert_eq!(of(&[data_only]), recorded(false, false, &[]));
}

#[test]
fn basic_selectors_complete_each_other() {
    let of =
        |selectors: &[BasicSelector]| management_events(Some(&EventSelectors::Basic(selectors.to_vec())));
    assert!(of(&[basic("ReadOnly", &[]), basic("WriteOnly", &[])]).complete());
    assert!(of(&[basic("All", &["kms.amazonaws.com"]), basic("All", &[])]).complete());
    assert_eq!(
        of(&[basic("All", &["kms.amazonaws.com"]), basic("WriteOnly", &[])]),
        recorded(true, true, &["kms.amazonaws.com"])
    );
}

#[test]
fn advanced_selectors_name_what_they_leave_out() {
    let of = |selectors: &[&[(&str, &str, &str)]]| management_events(Some(&advanced(selectors)));
    let management = ("eventCategory", "=", "Management");
    assert!(of(&[&[management]]).complete());
    assert_eq!(of(&[&[management, ("readOnly", "=", "false")]]), recorded(false, true, &[]));
    assert_eq!(
        of(&[&[management, ("eventSource", "!=", "kms.amazonaws.com rdsdata.amazonaws.com")]]),
        recorded(true, true, &["kms.amazonaws.com", "rdsdata.amazonaws.com"])
    );
    assert_eq!(of(&[&[management, ("eventSource", "!^=", "kms")]]), recorded(true, true, &["kms*"]));
    assert_eq!(
        of(&[&[management, ("eventSource", "=", "iam.amazonaws.com")]]),
        ManagementEvents { some: true, some_writes: true, ..recorded(false, false, &[]) },
        "some events, though none in general"
    );
    assert_eq!(
        of(&[&[management, ("eventName", "!=", "AssumeRole")]]),
        ManagementEvents { some: true, some_writes: true, ..recorded(false, false, &[]) },
        "some events, though none in general"
    );
    assert_eq!(of(&[&[("eventCategory", "=", "Data")]]), recorded(false, false, &[]));
    assert_eq!(of(&[&[("readOnly", "=", "true")]]), recorded(false, false, &[]));
}

#[test]
fn advanced_selectors_complete_each_other() {
    let of = |selectors: &[&[(&str, &str, &str)]]| management_events(Some(&advanced(selectors)));
    let management = ("eventCategory", "=", "Management");
    let without_kms = [management, ("eventSource", "!=", "kms.amazonaws.com")];
    let only_kms = [management, ("eventSource", "=", "kms.amazonaws.com")];
    assert!(of(&[&without_kms, &only_kms]).complete());
    assert_eq!(
        of(&[&without_kms, &[only_kms[0], only_kms[1], ("readOnly", "=", "false")]]),
        recorded(true, true, &["kms.amazonaws.com"])
    );
    // What begins with `a` is missed by the first, what ends with `z` by the second: `a…z` by both.
    assert_eq!(
        of(&[&[management, ("eventSource", "!^=", "a")], &[management, ("eventSource", "!$=", "z")]]),
        recorded(true, true, &["a*z"])
    );
    assert!(
        of(&[&[management, ("readOnly", "=", "true")], &[management, ("readOnly", "!=", "true")]]).complete()
    );
}

#[test]
fn object_events_of_a_bucket_count_only_if_all_objects_are_recorded() {
    for everything in ["arn:aws:s3", "arn:aws:s3:::", "arn:aws:s3:::archive/"] {
        let selectors = basic_objects("All", everything);
        assert!(records_object_events(Some(&selectors), BUCKET, false), "{everything}");
        assert!(records_object_events(Some(&selectors), BUCKET, true), "{everything}");
    }
    for part in
        ["arn:aws:s3:::archive/AWSLogs", "arn:aws:s3:::archive-2/", "arn:aws:s3:::arch", "arn:aws:lambda"]
    {
        assert!(!records_object_events(Some(&basic_objects("All", part)), BUCKET, false), "{part}");
    }
    let writes = basic_objects("WriteOnly", "arn:aws:s3");
    assert!(records_object_events(Some(&writes), BUCKET, false));
    assert!(!records_object_events(Some(&writes), BUCKET, true));
}

#[test]
fn object_events_of_a_bucket_by_advanced_selectors() {
    let of = |selectors: &[&[(&str, &str, &str)]]| {
        records_object_events(Some(&advanced(selectors)), BUCKET, false)
    };
    let data = ("eventCategory", "=", "Data");
    let objects = ("resources.type", "=", "AWS::S3::Object");
    let arn = "resources.ARN";
    assert!(of(&[&[data, objects]]));
    assert!(of(&[&[data, objects, (arn, "^=", "arn:aws:s3:::archive/")]]));
    assert!(of(&[&[data, objects, (arn, "^=", "arn:aws:s3:::")]]));
    assert!(of(&[&[data, objects, (arn, "!^=", "arn:aws:s3:::other/")]]));
    assert!(!of(&[&[data, objects, (arn, "!^=", "arn:aws:s3:::archive/AWSLogs/")]]));
    assert!(!of(&[&[data, objects, (arn, "!^=", "arn:aws:s3:::arch")]]));
    assert!(!of(&[&[data, objects, (arn, "!=", "arn:aws:s3:::archive/x")]]));
    assert!(!of(&[&[data, objects, (arn, "!$=", ".gz")]]));
    assert!(!of(&[&[data, objects, (arn, "=", "arn:aws:s3:::archive/")]]));
    assert!(!of(&[&[data, objects, (arn, "^=", "arn:aws:s3:::archive/*")]]));
    assert!(!of(&[&[data, objects, ("readOnly", "=", "true")]]));
    assert!(!of(&[&[data, objects, ("eventName", "=", "DeleteObject")]]));
    assert!(!of(&[&[data, ("resources.type", "=", "AWS::Lambda::Function")]]));
    assert!(of(&[
        &[data, objects, (arn, "!^=", "arn:aws:s3:::archive/a")],
        &[data, objects, (arn, "^=", "arn:aws:s3:::archive/a")],
    ]));
}

#[test]
fn data_events_of_a_kind_count_only_if_every_resource_is_recorded() {
    let data = ("eventCategory", "=", "Data");
    let functions = ("resources.type", "=", "AWS::Lambda::Function");
    let all = advanced(&[&[data, functions]]);
    assert!(records_data_events(Some(&all), "AWS::Lambda::Function", false));
    assert!(!records_data_events(Some(&all), "AWS::S3::Object", false));
    assert_eq!(data_event_types(Some(&all)).into_iter().collect::<Vec<_>>(), ["AWS::Lambda::Function"]);
    let one =
        advanced(&[&[data, functions, ("resources.ARN", "=", "arn:aws:lambda:eu-west-1:1:function:f")]]);
    assert!(!records_data_events(Some(&one), "AWS::Lambda::Function", false));
    assert!(records_data_events(Some(&basic_objects("WriteOnly", "arn:aws:s3")), "AWS::S3::Object", false));
    assert!(!records_data_events(
        Some(&basic_objects("WriteOnly", "arn:aws:s3:::archive/")),
        "AWS::S3::Object",
        false
    ));
}

#[test]
fn network_activity_counts_only_if_allowed_and_denied_calls_are_recorded() {
    let network = ("eventCategory", "=", "NetworkActivity");
    let source = ("eventSource", "=", "s3.amazonaws.com");
    let sources = |selectors: &[&[(&str, &str, &str)]]| -> Vec<String> {
        network_activity_sources(Some(&advanced(selectors))).into_iter().collect()
    };
    assert_eq!(sources(&[&[network, source]]), ["s3.amazonaws.com"]);
    assert_eq!(sources(&[&[network, source, ("errorCode", "=", "VpceAccessDenied")]]), [""; 0]);
    assert_eq!(sources(&[&[("eventCategory", "=", "Management"), source]]), [""; 0]);
}
