use chrono::TimeDelta;

use super::AccountConfig;
use crate::facts::coverage::AccountTrails;
use crate::facts::region::{RegionFacts, derive};
use crate::facts::samples::{ARCHIVE_BUCKET, REGION, Sample, WORKLOAD, denied, gaps, region, unavailable};
use crate::model::{
    AccountRecord, DeliveryAttempt, DeliveryChannel, DeliveryChannelStatus, FrequencyOverride, Observed,
    Recorder, RecorderStatus, RecordingGroup,
};

const HOME: &str = "us-east-1";

/// As AWS makes it: every recorder of every region has the same name.
fn recorder(recording: bool) -> Recorder {
    Recorder {
        name: "default".to_owned(),
        role_arn: Some(format!(
            "arn:aws:iam::{WORKLOAD}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        )),
        recording_group: RecordingGroup {
            all_supported: true,
            include_global_resource_types: false,
            strategy: Some("ALL_SUPPORTED_RESOURCE_TYPES".to_owned()),
            ..RecordingGroup::default()
        },
        recording_frequency: Observed::Absent,
        frequency_overrides: Observed::Known(Vec::new()),
        status: Observed::Known(RecorderStatus {
            recording,
            last_status: Observed::Known("SUCCESS".to_owned()),
            last_error: Observed::Absent,
            ..RecorderStatus::default()
        }),
        ..Recorder::default()
    }
}

fn global() -> Recorder {
    let mut recorder = recorder(true);
    recorder.recording_group.include_global_resource_types = true;
    recorder
}

/// The workload account with a recorder in each of two regions.
fn sample(central: Recorder, home: Recorder) -> Sample {
    let mut sample = Sample::new();
    let record = workload(&mut sample);
    record.regions.push(region(HOME));
    record.regions[0].recorders = Observed::Known(vec![central]);
    record.regions[1].recorders = Observed::Known(vec![home]);
    sample
}

fn workload(sample: &mut Sample) -> &mut AccountRecord {
    sample.accounts.iter_mut().find(|record| record.id == WORKLOAD).unwrap()
}

fn of(sample: &Sample, region: &str) -> RegionFacts {
    let facts = sample.facts();
    let record = sample.accounts.iter().find(|record| record.id == WORKLOAD).unwrap();
    let trails = AccountTrails::of(&facts.index, record);
    let config = AccountConfig::of(&facts.index, record);
    let region = record.regions.iter().find(|it| it.name == region).unwrap();
    derive(&facts, record, region, &trails, &config)
}

#[test]
fn a_stopped_region_is_seen_beside_one_that_records() {
    for (central, home) in [(true, false), (false, true)] {
        let sample = sample(recorder(central), recorder(home));
        assert_eq!(of(&sample, REGION).recorder_recording, Ok(central));
        assert_eq!(of(&sample, HOME).recorder_recording, Ok(home));
    }
}

#[test]
fn a_recorder_that_a_service_made_for_itself_is_not_the_customers() {
    let mut service = recorder(true);
    service.service_principal = Some("securityhub.amazonaws.com".to_owned());
    let sample = sample(service, recorder(true));
    let region = of(&sample, REGION);
    assert_eq!((region.has_recorder, region.recorder_recording), (Ok(false), Ok(false)));
}

#[test]
fn each_denied_call_hides_its_own_facts_only() {
    let mut sample = sample(global(), recorder(true));
    assert!(unavailable(&of(&sample, REGION)).is_empty());
    workload(&mut sample).regions[0].recorders = denied("DescribeConfigurationRecorders");
    let hidden = unavailable(&of(&sample, REGION));
    assert!(hidden.iter().all(|fact| fact.contains("record")), "{hidden:?}");
    assert!(hidden.contains(&"has_recorder"));
    assert_eq!(
        of(&sample, HOME).global_types_missing,
        Err(gaps("DescribeConfigurationRecorders")),
        "the other region may have recorded global resources"
    );
    workload(&mut sample).regions[0].recorders = Observed::Known(vec![Recorder {
        status: denied("DescribeConfigurationRecorderStatus"),
        ..recorder(true)
    }]);
    assert_eq!(
        unavailable(&of(&sample, REGION)),
        ["recorder_recording", "recorder_last_status", "recorder_error", "recorder_problem"]
    );
}

#[test]
fn global_resources_are_recorded_in_one_region_and_told_in_one_region() {
    let told = |sample: &Sample| [REGION, HOME].map(|region| of(sample, region).global_types_missing);
    assert_eq!(told(&sample(global(), recorder(true))), [Ok(false), Ok(false)]);
    assert_eq!(told(&sample(recorder(true), recorder(true))), [Ok(false), Ok(true)]);
    let mut stopped = global();
    stopped.status = recorder(false).status;
    assert_eq!(
        told(&sample(stopped, recorder(true))),
        [Ok(false), Ok(true)],
        "a stopped one records nothing"
    );
    let mut only_central = sample(recorder(true), recorder(true));
    workload(&mut only_central).regions[1].recorders = Observed::Known(Vec::new());
    assert_eq!(told(&only_central), [Ok(true), Ok(false)], "told where there is a recorder");
    let mut unlisted = sample(recorder(true), recorder(true));
    workload(&mut unlisted).enabled_regions = denied("ListRegions");
    assert_eq!(told(&unlisted), [Ok(false), Err(gaps("ListRegions"))]);
}

#[test]
fn excluded_types_are_named_and_global_ones_may_be_excluded_where_another_region_has_them() {
    let mut excluding = recorder(true);
    excluding.recording_group = RecordingGroup {
        all_supported: false,
        include_global_resource_types: false,
        strategy: Some("EXCLUSION_BY_RESOURCE_TYPES".to_owned()),
        excluded_resource_types: ["AWS::IAM::Role", "AWS::EC2::Volume"].map(str::to_owned).to_vec(),
        ..RecordingGroup::default()
    };
    let region = of(&sample(excluding.clone(), global()), REGION);
    assert_eq!(region.records_all_types, Ok(true));
    assert_eq!(region.unrecorded_types, Ok(vec!["AWS::EC2::Volume".to_owned()]));
    assert_eq!(of(&sample(excluding, recorder(true)), HOME).global_types_missing, Ok(true));
    let mut listing = recorder(true);
    listing.recording_group.strategy = Some("INCLUSION_BY_RESOURCE_TYPES".to_owned());
    listing.recording_group.all_supported = false;
    assert_eq!(of(&sample(listing, global()), REGION).records_all_types, Ok(false));
}

fn channel(history: Observed<DeliveryAttempt>, snapshot: Observed<DeliveryAttempt>) -> DeliveryChannel {
    DeliveryChannel {
        name: "default".to_owned(),
        bucket_name: Observed::Known(ARCHIVE_BUCKET.to_owned()),
        key_prefix: Observed::Absent,
        kms_key_arn: Observed::Absent,
        status: Observed::Known(DeliveryChannelStatus {
            snapshot,
            history,
            ..DeliveryChannelStatus::default()
        }),
        ..DeliveryChannel::default()
    }
}

fn attempt(sample: &Sample, status: &str, hours: i64) -> Observed<DeliveryAttempt> {
    Observed::Known(DeliveryAttempt {
        last_status: Observed::Known(status.to_owned()),
        last_error: if status == "FAILURE" {
            Observed::Known("AccessDenied".to_owned())
        } else {
            Observed::Absent
        },
        last_success: Observed::Known(sample.header.taken_at - TimeDelta::hours(hours)),
        ..DeliveryAttempt::default()
    })
}

#[test]
fn the_later_of_two_kinds_of_delivery_counts_and_any_failure_is_told() {
    let mut sample = sample(recorder(true), recorder(true));
    let mut delivery = |history, snapshot| {
        workload(&mut sample).regions[0].delivery_channels =
            Observed::Known(vec![channel(history, snapshot)]);
        of(&sample, REGION)
    };
    let base = Sample::new();
    let both = delivery(attempt(&base, "SUCCESS", 100), attempt(&base, "SUCCESS", 25));
    assert_eq!(both.days_since_config_delivery, Ok(Some(2)), "25 hours are not within a day");
    assert_eq!((both.config_delivery_failed, both.config_delivers_to_archive), (Ok(false), Ok(true)));
    let failed = delivery(attempt(&base, "FAILURE", 1), Observed::Absent);
    assert_eq!(failed.config_delivery_failed, Ok(true));
    assert_eq!(failed.config_delivery_error, Ok(Some("AccessDenied".to_owned())));
    let text = "delivery of its history fails (AccessDenied), and last succeeded 9 days before the scan";
    let failed = delivery(attempt(&base, "FAILURE", 24 * 9), attempt(&base, "SUCCESS", 7));
    assert_eq!(failed.config_delivery, Ok(Some(text.to_owned())), "the other kind does not stand in for it");
    let old = delivery(attempt(&base, "SUCCESS", 100), Observed::Absent);
    let text = "the last delivery that succeeded was 4 days before the scan";
    assert_eq!(old.config_delivery, Ok(Some(text.to_owned())));
    let never = delivery(Observed::Absent, Observed::Absent);
    assert_eq!(never.days_since_config_delivery, Ok(None));
    assert_eq!(never.config_delivery, Ok(Some("nothing has ever been delivered".to_owned())));
}

#[test]
fn a_region_without_a_channel_delivers_nowhere() {
    let mut sample = sample(recorder(true), recorder(true));
    let region = of(&sample, REGION);
    assert_eq!((region.config_bucket_name, region.config_delivers_to_archive), (Ok(None), Ok(false)));
    workload(&mut sample).regions[0].delivery_channels = denied("DescribeDeliveryChannels");
    let hidden = unavailable(&of(&sample, REGION));
    assert_eq!(
        hidden,
        [
            "config_bucket_name",
            "config_delivers_to_archive",
            "config_outside_archive",
            "days_since_config_delivery",
            "config_delivery_failed",
            "config_delivery_error",
            "config_delivery"
        ]
    );
}

#[test]
fn a_role_that_only_looks_like_the_service_linked_one_is_not() {
    let mut other = recorder(true);
    other.role_arn = Some(format!("arn:aws:iam::{WORKLOAD}:role/AWSServiceRoleForConfig"));
    let sample = sample(other, recorder(true));
    assert_eq!(of(&sample, REGION).recorder_role_service_linked, Ok(false));
    assert_eq!(of(&sample, HOME).recorder_role_service_linked, Ok(true));
    assert_eq!(of(&sample, HOME).config_retention_days, Ok(2557));
}

#[test]
fn why_a_recorder_does_not_record_is_told() {
    let told = |recorders: Vec<Recorder>| {
        let mut sample = sample(recorder(true), recorder(true));
        workload(&mut sample).regions[0].recorders = Observed::Known(recorders);
        of(&sample, REGION).recorder_problem.unwrap()
    };
    let failing = |recording: bool, error: Observed<String>| Recorder {
        status: Observed::Known(RecorderStatus {
            recording,
            last_status: Observed::Known("FAILURE".to_owned()),
            last_error: error,
            ..RecorderStatus::default()
        }),
        ..recorder(recording)
    };
    let error = || Observed::Known("AccessDenied".to_owned());
    assert_eq!(told(vec![recorder(true)]), None);
    assert_eq!(told(Vec::new()).as_deref(), Some("Config has no recorder"));
    assert_eq!(told(vec![recorder(false)]).as_deref(), Some("Config's recorder is stopped"));
    let runs = told(vec![failing(true, error())]);
    assert_eq!(runs.as_deref(), Some("Config's recorder runs and fails (AccessDenied)"));
    let stopped = told(vec![failing(false, Observed::Absent)]);
    let text = "Config's recorder is stopped, and its last attempt to record failed";
    assert_eq!(stopped.as_deref(), Some(text));
}

#[test]
fn which_part_a_recorder_records_is_told() {
    let mut partial = recorder(true);
    partial.recording_frequency = Observed::Known("DAILY".to_owned());
    partial.recording_group.strategy = Some("EXCLUSION_BY_RESOURCE_TYPES".to_owned());
    partial.recording_group.excluded_resource_types = vec!["AWS::EC2::Volume".to_owned()];
    let told = |sample: &Sample, region: &str| of(sample, region).recorded_part.unwrap().unwrap();
    let covered = sample(partial.clone(), global());
    assert_eq!(told(&covered, REGION), "leaves out AWS::EC2::Volume, and is set to look once a day");
    assert_eq!(told(&covered, HOME), "is set to record all resource types continuously");
    let mut listing = recorder(true);
    listing.recording_group.strategy = Some("INCLUSION_BY_RESOURCE_TYPES".to_owned());
    let text = "is set to record only the resource types that it lists, and leaves out the account's IAM \
                resources, as that of every other region does";
    assert_eq!(told(&sample(recorder(true), listing), HOME), text);
}

#[test]
fn a_status_counts_however_the_service_spells_it() {
    for (written, read) in [
        ("FAILURE", "FAILURE"),
        ("Failure", "FAILURE"),
        ("Success", "SUCCESS"),
        ("NotApplicable", "NOT_APPLICABLE"),
        ("Not_Applicable", "NOT_APPLICABLE"),
    ] {
        assert_eq!(super::spelt(written), read);
    }
}

#[test]
fn types_with_a_frequency_of_their_own_are_told() {
    let told = |overrides: Observed<Vec<FrequencyOverride>>, excluded: &[&str]| {
        let mut other = recorder(true);
        other.frequency_overrides = overrides;
        if !excluded.is_empty() {
            other.recording_group.strategy = Some("EXCLUSION_BY_RESOURCE_TYPES".to_owned());
            other.recording_group.excluded_resource_types =
                excluded.iter().map(|kind| (*kind).to_owned()).collect();
        }
        of(&sample(other, recorder(true)), REGION)
    };
    let of_types = |frequency: &str, types: &[&str]| {
        Observed::Known(vec![FrequencyOverride {
            frequency: frequency.to_owned(),
            resource_types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        }])
    };
    let daily = told(of_types("DAILY", &["AWS::IAM::Role", "AWS::S3::Bucket"]), &[]);
    assert_eq!(daily.other_recording_frequencies, Ok(vec!["DAILY".to_owned()]));
    let text = daily.recorded_part.unwrap().unwrap();
    assert!(text.contains("is set to look at AWS::IAM::Role and AWS::S3::Bucket once a day"), "{text}");
    let same = told(of_types("CONTINUOUS", &["AWS::IAM::Role"]), &[]);
    assert_eq!((same.other_recording_frequencies.unwrap().len(), same.types_recorded_daily), (1, Ok(vec![])));
    let excluded = told(of_types("DAILY", &["AWS::EC2::Volume"]), &["AWS::EC2::Volume"]);
    assert_eq!(excluded.other_recording_frequencies, Ok(vec![]), "what is not recorded has no frequency");
    assert!(told(Observed::not_collected(), &[]).other_recording_frequencies.is_err());
}
