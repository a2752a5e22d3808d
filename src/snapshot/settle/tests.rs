use serde_json::{Value, json};

use super::settled;
use crate::example::Example;
use crate::model::{Gap, GapReason};
use crate::snapshot::Record;

/// The record with other values, and what a pass over the snapshot makes of it.
fn changed(is_meant: fn(&Record) -> bool, change: impl FnOnce(&mut Value)) -> (Value, Vec<Gap>) {
    let record = Example::healthy(1, &["eu-central-1"]).records().into_iter().find(is_meant).unwrap();
    let mut value = serde_json::to_value(record).unwrap();
    change(value.as_object_mut().unwrap().values_mut().next().unwrap());
    let record = settled(serde_json::from_value(value).unwrap());
    let gaps = match &record {
        Record::Header(header) => header.gaps.clone(),
        Record::Account(account) => account.gaps.clone(),
        Record::Stores(stores) => stores.gaps.clone(),
        Record::End(_) => Vec::new(),
    };
    let value = serde_json::to_value(record).unwrap();
    (value.as_object().unwrap().values().next().unwrap().clone(), gaps)
}

fn has_trails(record: &Record) -> bool {
    matches!(record, Record::Account(account) if !account.trails.list().unwrap_or_default().is_empty())
}

fn has_buckets(record: &Record) -> bool {
    matches!(record, Record::Stores(stores) if !stores.buckets.is_empty() && !stores.keys.is_empty())
}

#[test]
fn what_is_known_stays_as_it_is() {
    for record in Example::demo().records() {
        assert_eq!(settled(record.clone()), record);
    }
}

#[test]
fn a_value_that_nobody_knows_makes_its_answer_unknown_and_is_quoted() {
    for (path, value, quoted) in [
        ("/buckets/0/versioning/known/status", json!("Paused"), "Status \"Paused\""),
        ("/buckets/0/ownership", json!({ "known": "Nobody" }), "ObjectOwnership \"Nobody\""),
        ("/buckets/0/encryption/known/algorithm", json!("aws:quantum"), "SSEAlgorithm \"aws:quantum\""),
        ("/buckets/0/acl/known/grants/0/permission", json!("APPEND"), "Permission \"APPEND\""),
        ("/buckets/0/acl/known/grants/0/grantee_kind", json!("Robot"), "Type \"Robot\""),
        ("/keys/0/description/known/state", json!("Frozen"), "KeyState \"Frozen\""),
        (
            "/keys/0/grants",
            json!({ "known": [{ "grantee": "a", "operations": ["DecryptAll"], "constrained": false,
                                "source_arn": "absent" }] }),
            "Operations \"DecryptAll\"",
        ),
        ("/streams/0/description/known/status", json!("PAUSED"), "StreamStatus \"PAUSED\""),
        ("/delivery_streams/0/description/known/status", json!("PAUSED"), "DeliveryStreamStatus \"PAUSED\""),
        ("/delivery_streams/0/description/known/source", json!("Mail"), "DeliveryStreamType \"Mail\""),
        (
            "/delivery_streams/0/description/known/encryption",
            json!({ "known": "SEALED" }),
            "DeliveryStreamEncryptionConfiguration.Status \"SEALED\"",
        ),
        (
            "/delivery_streams/0/description/known/delivery/known/compression",
            json!({ "known": "BROTLI" }),
            "CompressionFormat \"BROTLI\"",
        ),
        (
            "/delivery_destinations/0/target_arn",
            json!({ "known": "arn:aws:s3tables:eu-central-1:222222222222:bucket/logs" }),
            "destinationResourceArn \"arn:aws:s3tables:",
        ),
        // Whatever it does may take compression off.
        (
            "/delivery_streams/0/description/known/delivery/known/processors",
            json!({ "known": ["Unfolding"] }),
            "Processor \"Unfolding\"",
        ),
    ] {
        let (record, gaps) = changed(has_buckets, |record| *record.pointer_mut(path).unwrap() = value);
        let field = path.split('/').take(4).collect::<Vec<_>>().join("/");
        let [gap] = gaps.as_slice() else { panic!("{path}: {gaps:?}") };
        assert_eq!(record.pointer(&field).unwrap()["unavailable"], gap.id.as_str(), "{path}");
        assert!(gap.detail.contains(quoted), "{}", gap.detail);
        assert_eq!(gap.reason, GapReason::Undecided);
    }
}

#[test]
fn a_group_by_another_address_may_be_anybody() {
    for (uri, is_known) in [
        ("http://acs.amazonaws.com/groups/global/AllUsers", true),
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", true),
        ("https://acs.amazonaws.com/groups/global/AllUsers", false),
        ("http://acs.amazonaws.com/groups/global/Everybody", false),
    ] {
        let grant = json!({ "grantee_kind": "Group", "grantee": uri, "permission": "READ" });
        let add = |record: &mut Value| {
            record.pointer_mut("/buckets/0/acl/known/grants").unwrap().as_array_mut().unwrap().push(grant);
        };
        let (record, _) = changed(has_buckets, add);
        assert_eq!(record.pointer("/buckets/0/acl/known").is_some(), is_known, "{uri}");
    }
}

#[test]
fn what_a_trail_and_a_region_answer_is_unknown_for_itself() {
    for (path, field, value) in [
        (
            "/trails/known/0/event_selectors",
            "/trails/known/0/event_selectors",
            json!({ "known": { "basic": [{ "read_write_type": "Most", "include_management_events": true,
                "excluded_management_event_sources": [], "data_resources": [] }] } }),
        ),
        (
            "/trails/known/0/event_selectors",
            "/trails/known/0/event_selectors",
            json!({ "known": { "advanced": [{ "name": null, "field_selectors": [
                { "field": "eventCategory", "equals": ["Tomorrow"] }] }] } }),
        ),
        (
            "/trails/known/0/management_insight_types",
            "/trails/known/0/management_insight_types",
            json!({ "known": ["ApiLatencyInsight"] }),
        ),
        (
            "/regions/0/recorders/known/0/recording_frequency",
            "/regions/0/recorders",
            json!({ "known": "HOURLY" }),
        ),
        ("/regions/0/recorders/known/0/recording_group/strategy", "/regions/0/recorders", json!("SMART")),
        (
            "/regions/0/recorders/known/0/frequency_overrides",
            "/regions/0/recorders",
            json!({ "known": [{ "frequency": "HOURLY", "resource_types": ["AWS::IAM::Role"] }] }),
        ),
        (
            "/regions/0/recorders/known/0/status/known/last_status",
            "/regions/0/recorders/known/0/status",
            json!({ "known": "Degraded" }),
        ),
        (
            "/regions/0/delivery_channels/known/0/status/known/history/known/last_status",
            "/regions/0/delivery_channels/known/0/status/known/history",
            json!({ "known": "Stuck" }),
        ),
        (
            "/regions/0/log_groups/known/0/class",
            "/regions/0/log_groups/known/0/class",
            json!({ "known": "OF_TOMORROW" }),
        ),
    ] {
        let (record, gaps) = changed(has_trails, |record| *record.pointer_mut(path).unwrap() = value);
        assert_eq!(gaps.len(), 1, "{path}: {gaps:?}");
        let unknown = record.pointer(field).unwrap_or_else(|| panic!("{field}"));
        assert_eq!(unknown["unavailable"], gaps[0].id.as_str(), "{path}");
    }
    // The model's own spelling is the service's.
    let spelt = "/regions/0/recorders/known/0/status/known/last_status";
    let (_, gaps) =
        changed(has_trails, |record| *record.pointer_mut(spelt).unwrap() = json!({ "known": "Success" }));
    assert_eq!(gaps, Vec::new());
}
