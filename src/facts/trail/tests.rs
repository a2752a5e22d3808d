use chrono::TimeDelta;

use super::{TrailFacts, derive};
use crate::facts::coverage::AccountTrails;
use crate::facts::samples::{
    ARCHIVE, KEY, MANAGEMENT, Sample, WORKLOAD, denied, gaps, own_trail, settings, status, unavailable,
};
use crate::model::{AccountRecord, BucketName, EventSelectors, KeyDescription, Observed, Trail};

fn record<'a>(sample: &'a mut Sample, id: &str) -> &'a mut AccountRecord {
    sample.accounts.iter_mut().find(|record| record.id == id).unwrap()
}

fn shared(sample: &mut Sample) -> &mut Trail {
    match &mut record(sample, MANAGEMENT).trails {
        Observed::Known(trails) => &mut trails[0],
        _ => panic!("the sample has an organization trail"),
    }
}

fn of(sample: &Sample, account: &str, trail: usize) -> TrailFacts {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == account).unwrap();
    let trails = AccountTrails::of(&facts.index, record);
    derive(&facts, account, &trails, &record.trails.list().unwrap()[trail])
}

#[test]
fn each_denied_call_hides_its_own_facts_only() {
    let mut sample = Sample::new();
    assert!(unavailable(&of(&sample, MANAGEMENT, 0)).is_empty());
    shared(&mut sample).status = denied("GetTrailStatus");
    let hidden = unavailable(&of(&sample, MANAGEMENT, 0));
    assert_eq!(
        hidden,
        [
            "is_logging",
            "global_service_events_recorded",
            "global_service_events_problem",
            "hours_since_delivery",
            "delivery_error",
            "delivery",
            "hours_since_digest",
            "digest_error",
            "digest_delivery",
            "hours_since_log_group_delivery",
            "log_group_error"
        ]
    );
    let mut sample = Sample::new();
    shared(&mut sample).event_selectors = denied("GetEventSelectors");
    let hidden = unavailable(&of(&sample, MANAGEMENT, 0));
    assert_eq!(
        hidden,
        [
            "global_service_events_recorded",
            "global_service_events_problem",
            "records_management_events",
            "management_events_joined",
            "records_management_reads",
            "records_management_writes",
            "excluded_event_sources",
            "missing_management_events"
        ]
    );
    let mut sample = Sample::new();
    shared(&mut sample).insight_types = denied("GetInsightSelectors");
    assert_eq!(unavailable(&of(&sample, MANAGEMENT, 0)), ["insight_types", "insights_in_effect"]);
}

#[test]
fn times_are_told_from_the_snapshot_not_from_the_clock() {
    let mut sample = Sample::new();
    let taken_at = sample.header.taken_at;
    let mut hours = |seconds: i64| {
        let then = taken_at - TimeDelta::seconds(seconds);
        status(shared(&mut sample)).latest_delivery_time = Observed::Known(then);
        of(&sample, MANAGEMENT, 0).hours_since_delivery
    };
    assert_eq!(hours(0), Ok(Some(0)));
    assert_eq!(hours(7200), Ok(Some(2)));
    assert_eq!(hours(7201), Ok(Some(3)), "two hours and a second are not within two hours");
    assert_eq!(hours(-60), Ok(Some(0)), "delivered while the snapshot was taken");
}

#[test]
fn the_key_is_looked_up_in_the_account_that_owns_it() {
    let mut sample = Sample::new();
    let trail = of(&sample, MANAGEMENT, 0);
    assert_eq!(trail.kms_key_state, Ok(Some("Enabled".to_owned())));
    assert_eq!(trail.kms_key_customer_managed, Ok(true));
    sample.key().description = Observed::Known(KeyDescription {
        state: "PendingDeletion".to_owned(),
        customer_managed: true,
        origin: "AWS_KMS".to_owned(),
        spec: Observed::Known("SYMMETRIC_DEFAULT".to_owned()),
        multi_region: false,
        primary_arn: Observed::Absent,
        ..KeyDescription::default()
    });
    assert_eq!(of(&sample, MANAGEMENT, 0).kms_key_state, Ok(Some("PendingDeletion".to_owned())));
    sample.key().description = Observed::Absent;
    assert_eq!(of(&sample, MANAGEMENT, 0).kms_key_customer_managed, Ok(false), "KMS knows it no more");
    sample.key().description = denied("DescribeKey");
    assert_eq!(of(&sample, MANAGEMENT, 0).kms_key_state, Err(gaps("DescribeKey")));
    sample.stores[0].keys.clear();
    let facts = sample.facts();
    let gap = facts.index.gaps.iter().find(|gap| gap.resource.as_deref() == Some(KEY)).unwrap();
    assert_eq!(of(&sample, MANAGEMENT, 0).kms_key_state, Err(gap.id.clone().into()), "nobody was asked");
    settings(shared(&mut sample)).kms_key_id = Observed::Absent;
    assert_eq!(of(&sample, MANAGEMENT, 0).kms_key_state, Ok(None));
}

#[test]
fn a_bucket_is_nobodys_only_if_every_account_could_say_so() {
    let mut sample = Sample::new();
    assert_eq!(of(&sample, MANAGEMENT, 0).bucket_account_id, Ok(Some(ARCHIVE.to_owned())));
    let mut dangling = own_trail("dangling");
    settings(&mut dangling).bucket_name = "long-gone".to_owned();
    record(&mut sample, WORKLOAD).trails = Observed::Known(vec![dangling]);
    let trail = of(&sample, WORKLOAD, 0);
    assert_eq!((trail.bucket_account_id, trail.delivers_to_archive), (Ok(None), Ok(false)));
    record(&mut sample, ARCHIVE).buckets = denied("ListBuckets");
    assert_eq!(of(&sample, WORKLOAD, 0).bucket_account_id, Err(gaps("ListBuckets")));
    assert_eq!(
        of(&sample, MANAGEMENT, 0).bucket_account_id,
        Ok(Some(ARCHIVE.to_owned())),
        "found all the same"
    );
}

#[test]
fn accounts_outside_the_scan_matter_only_where_an_owner_is_missing() {
    let mut sample = Sample::new();
    sample.accounts.retain(|record| record.id != WORKLOAD);
    sample.header.accounts.retain(|account| account != WORKLOAD);
    sample.bucket().logging = Observed::Absent;
    let of_owner = |gap: &&crate::model::Gap| gap.operation == "ListBuckets";
    assert_eq!(sample.facts().index.gaps.iter().find(of_owner), None);
    settings(shared(&mut sample)).bucket_name = "long-gone".to_owned();
    let facts = sample.facts();
    let gap = facts.index.gaps.iter().find(of_owner).unwrap();
    assert_eq!(gap.account_id.as_deref(), Some(WORKLOAD));
    assert_eq!(of(&sample, MANAGEMENT, 0).bucket_account_id, Err(gap.id.clone().into()));
}

#[test]
fn one_gap_stands_for_thousands_that_every_trail_would_repeat() {
    let mut sample = Sample::new();
    settings(shared(&mut sample)).bucket_name = "long-gone".to_owned();
    for number in 0..20 {
        let mut record = crate::facts::samples::account(&format!("5000000000{number:02}"));
        record.buckets = denied(&format!("ListBuckets{number}"));
        sample.header.accounts.push(record.id.clone());
        sample.accounts.push(record);
    }
    let unknown = of(&sample, MANAGEMENT, 0).bucket_account_id.unwrap_err();
    let [gap] = unknown.as_slice() else { panic!("{unknown:?}") };
    let facts = sample.facts();
    let gap = facts.index.gaps.iter().find(|it| it.id == *gap).unwrap();
    assert!(gap.detail.starts_with("20 gaps"), "{}", gap.detail);

    let mut sample = Sample::new();
    settings(shared(&mut sample)).bucket_name = "long-gone".to_owned();
    sample.accounts.truncate(2);
    sample.header.accounts.truncate(2);
    let facts = sample.facts();
    let not_scanned: Vec<_> = facts.index.gaps.iter().filter(|gap| gap.operation == "ListBuckets").collect();
    assert_eq!(not_scanned.len(), 1);
    assert!(not_scanned[0].detail.starts_with("2 accounts were not scanned"), "{}", not_scanned[0].detail);
}

#[test]
fn another_bucket_of_the_archive_account_is_the_archive_too() {
    let mut sample = Sample::new();
    sample.add_bucket("archive-2", ARCHIVE);
    record(&mut sample, ARCHIVE).buckets = Observed::Known(
        ["archive-2", "example-archive"]
            .map(|name| BucketName { name: name.to_owned(), region: None })
            .to_vec(),
    );
    let mut own = own_trail("own");
    settings(&mut own).bucket_name = "archive-2".to_owned();
    record(&mut sample, WORKLOAD).trails = Observed::Known(vec![own]);
    assert_eq!(of(&sample, WORKLOAD, 0).delivers_to_archive, Ok(true));
}

#[test]
fn a_second_copy_is_redundant_and_the_first_is_not() {
    let mut sample = Sample::new();
    record(&mut sample, WORKLOAD).trails = Observed::Known(vec![own_trail("a"), own_trail("b")]);
    assert_eq!(of(&sample, WORKLOAD, 0).redundant_with, Ok(Some("organization".to_owned())));
    assert_eq!(of(&sample, MANAGEMENT, 0).redundant_with, Ok(None), "a member's trail replaces nothing");
    status(shared(&mut sample)).is_logging = false;
    assert_eq!(of(&sample, WORKLOAD, 0).redundant_with, Ok(None));
    assert_eq!(of(&sample, WORKLOAD, 1).redundant_with, Ok(Some("a".to_owned())));
}

#[test]
fn a_trail_that_does_not_record_the_account_makes_no_other_redundant() {
    let with_own = || {
        let mut sample = Sample::new();
        record(&mut sample, WORKLOAD).trails = Observed::Known(vec![own_trail("own")]);
        sample
    };
    let mut hidden = with_own();
    record(&mut hidden, WORKLOAD).shadow_trails = Observed::Known(Vec::new());
    assert_eq!(of(&hidden, WORKLOAD, 0).redundant_with, Ok(None), "the account does not show it");
    let mut distrusted = with_own();
    distrusted.organization().trusted_services = Observed::Known(Vec::new());
    assert_eq!(of(&distrusted, WORKLOAD, 0).redundant_with, Ok(None), "it has stopped for members");
    let mut unread = with_own();
    record(&mut unread, WORKLOAD).shadow_trails = denied("DescribeTrails");
    assert_eq!(of(&unread, WORKLOAD, 0).redundant_with, Err(gaps("DescribeTrails")));
}

#[test]
fn what_another_trail_lacks_makes_a_trail_worth_its_cost() {
    let alone = |change: fn(&mut Trail)| {
        let mut sample = Sample::new();
        let mut own = own_trail("own");
        change(&mut own);
        record(&mut sample, WORKLOAD).trails = Observed::Known(vec![own]);
        of(&sample, WORKLOAD, 0).redundant_with
    };
    let redundant = Ok(Some("organization".to_owned()));
    assert_eq!(alone(|own| settings(own).multi_region = Observed::Known(false)), redundant);
    assert_eq!(alone(|own| settings(own).bucket_name = "elsewhere".to_owned()), Ok(None));
    assert_eq!(alone(|own| status(own).is_logging = false), Ok(None));
    assert_eq!(
        alone(|own| {
            own.event_selectors = Observed::Known(EventSelectors::Basic(vec![crate::model::BasicSelector {
                read_write_type: "All".to_owned(),
                include_management_events: false,
                excluded_management_event_sources: Vec::new(),
                data_resources: vec![crate::model::DataResource {
                    resource_type: "AWS::S3::Object".to_owned(),
                    values: vec!["arn:aws:s3".to_owned()],
                }],
            }]));
        }),
        Ok(None)
    );
    assert_eq!(
        alone(|own| own.event_selectors = denied("GetEventSelectors")),
        Err(gaps("GetEventSelectors"))
    );
    assert_eq!(alone(|own| own.status = denied("GetTrailStatus")), Err(gaps("GetTrailStatus")));
}

/// The workload's own trail to a bucket that nobody is known to own, with an account that could not list its buckets.
fn dangling(error: &str) -> Sample {
    let mut sample = Sample::new();
    let mut trail = own_trail("own");
    "gone".clone_into(&mut settings(&mut trail).bucket_name);
    status(&mut trail).latest_delivery_error = Observed::Known(error.to_owned());
    record(&mut sample, WORKLOAD).trails = Observed::Known(vec![trail]);
    record(&mut sample, MANAGEMENT).buckets = denied("ListBuckets");
    sample
}

#[test]
fn a_bucket_that_does_not_exist_is_nobodys_whoever_could_not_list_buckets() {
    let trail = of(&dangling("NoSuchBucket"), WORKLOAD, 0);
    assert_eq!((trail.bucket_account_id, trail.delivers_to_archive), (Ok(None), Ok(false)));
    assert_eq!(trail.foreign_bucket, Ok(Some("is set to deliver to gone, which does not exist".to_owned())));
    let trail = of(&dangling("AccessDenied"), WORKLOAD, 0);
    assert_eq!(trail.bucket_account_id, Err(gaps("ListBuckets")), "it may be anybody's");
    assert_eq!(trail.foreign_bucket, Err(gaps("ListBuckets")));
}

#[test]
fn a_bucket_that_another_trail_reaches_exists() {
    let mut sample = dangling("NoSuchBucket");
    let mut other = own_trail("other");
    "gone".clone_into(&mut settings(&mut other).bucket_name);
    status(&mut other).latest_delivery_time = Observed::Known(sample.header.taken_at);
    if let Observed::Known(trails) = &mut record(&mut sample, WORKLOAD).trails {
        trails.push(other);
    }
    assert_eq!(of(&sample, WORKLOAD, 0).bucket_account_id, Err(gaps("ListBuckets")));
}

#[test]
fn deliveries_are_told_in_words() {
    let mut sample = Sample::new();
    let taken_at = sample.header.taken_at;
    let told = |sample: &Sample| of(sample, MANAGEMENT, 0).delivery.unwrap().unwrap();
    assert_eq!(told(&sample), "no log file has ever arrived");
    status(shared(&mut sample)).latest_delivery_time = Observed::Known(taken_at - TimeDelta::days(200));
    status(shared(&mut sample)).latest_delivery_error = Observed::Known("AccessDenied".to_owned());
    assert_eq!(
        told(&sample),
        "its last log file arrived 200 days before the scan, and delivery fails with AccessDenied"
    );
    let group = |sample: &Sample| of(sample, MANAGEMENT, 0).log_group_delivery.unwrap().unwrap();
    assert_eq!(group(&sample), "it names no log group");
    settings(shared(&mut sample)).log_group_arn = Observed::Known("group".to_owned());
    assert_eq!(group(&sample), "no event has ever reached group, and it names no role that exists");
}

#[test]
fn weak_encryption_is_told_with_what_follows() {
    let weakness = |sample: &Sample| of(sample, MANAGEMENT, 0).encryption_weakness.unwrap();
    let mut sample = Sample::new();
    assert_eq!(weakness(&sample), None);
    if let Observed::Known(key) = &mut sample.key().description {
        "PendingDeletion".clone_into(&mut key.state);
    }
    assert!(weakness(&sample).unwrap().contains("(PendingDeletion): nobody can read the logs"));
    sample.key().description = Observed::Absent;
    assert!(weakness(&sample).unwrap().contains("which KMS does not know"));
    settings(shared(&mut sample)).kms_key_id = Observed::Absent;
    let text = "encrypts its log files with S3's own keys: whoever may read the bucket can read the logs";
    assert_eq!(weakness(&sample).as_deref(), Some(text));
}

#[test]
fn insights_need_the_events_that_they_are_about() {
    let in_effect = |kinds: &[&str], access: &str| {
        let mut sample = Sample::new();
        let trail = shared(&mut sample);
        trail.insight_types = Observed::Known(kinds.iter().map(|kind| (*kind).to_owned()).collect());
        trail.event_selectors = Observed::Known(EventSelectors::Basic(vec![crate::model::BasicSelector {
            read_write_type: access.to_owned(),
            include_management_events: true,
            excluded_management_event_sources: Vec::new(),
            data_resources: Vec::new(),
        }]));
        of(&sample, MANAGEMENT, 0).insights_in_effect.unwrap()
    };
    let (calls, errors) = ("ApiCallRateInsight", "ApiErrorRateInsight");
    assert_eq!(in_effect(&[calls], "ReadOnly"), Vec::<String>::new());
    assert_eq!(in_effect(&[calls, errors], "ReadOnly"), [errors]);
    assert_eq!(in_effect(&[calls], "WriteOnly"), [calls]);
    assert_eq!(in_effect(&[calls, errors], "All"), [calls, errors]);
}

/// That a trail is set to include events of global services records none of them.
#[test]
fn a_trail_records_events_of_global_services_if_it_logs_them() {
    let with = |change: &dyn Fn(&mut Trail)| {
        let mut sample = Sample::new();
        change(shared(&mut sample));
        let trail = of(&sample, MANAGEMENT, 0);
        (trail.global_service_events_recorded, trail.global_service_events_problem)
    };
    let selects = |kind: &str, management: bool| {
        let selectors = Observed::Known(EventSelectors::Basic(vec![crate::model::BasicSelector {
            read_write_type: kind.to_owned(),
            include_management_events: management,
            excluded_management_event_sources: Vec::new(),
            data_resources: Vec::new(),
        }]));
        with(&|trail| trail.event_selectors = selectors.clone())
    };
    let problem = |text: &str| (Ok(false), Ok(Some(text.to_owned())));
    assert_eq!(with(&|_| {}), (Ok(true), Ok(None)));
    assert_eq!(with(&|trail| status(trail).is_logging = false), problem("is stopped"));
    assert_eq!(selects("All", false), problem("is set to record no management events"));
    assert_eq!(selects("ReadOnly", true), problem("records a part of them"));
    assert_eq!(selects("WriteOnly", true), problem("records a part of them"));
    let left_out = with(&|trail| settings(trail).include_global_service_events = Observed::Known(false));
    assert_eq!(left_out, problem("leaves them out"));
    let unknown = || Err(gaps("GetTrailStatus"));
    let unread = with(&|trail| trail.status = denied("GetTrailStatus"));
    assert_eq!(unread.0, unknown());
    assert_eq!(unread.1, Err(gaps("GetTrailStatus")));
}
