//! The facts of one region of an account. See [`super`].

mod config;
mod describe;
mod log_policies;
mod vended;

use std::sync::Arc;

pub(super) use config::AccountConfig;
pub use vended::DeliverySourceFacts;

use super::coverage::AccountTrails;
use super::in_region::InRegion;
use super::kind::{InAccount, Kind, Listed};
use super::view::{Derived, View, facts};
use super::{Facts, Subject, SubjectFacts, SubjectKind, destination, log_group, placeholder, unrecorded};
use crate::model::region::config::spelt;
use crate::model::{AccountRecord, Gap, Gaps, Observed, RegionRecord};

facts! {
    /// A region of an account.
    pub struct RegionFacts as "region" {
        /// `eu-central-1`.
        name: String,
        /// Some logging trail, the organization's or the account's own, records all management events of this region,
        /// read and write, to the archive.
        covered: Derived<bool>,
        /// The ARN of such a trail.
        covered_by: Derived<Option<String>>,
        /// Why no trail covers the region, trail by trail; null if one does.
        not_covered_because: Derived<Option<String>> => describe::NOT_COVERED,
        /// Config has a recorder of the customer's here, recording or not.
        has_recorder: Derived<bool>,
        /// That recorder records.
        recorder_recording: Derived<bool>,
        /// `SUCCESS`, `PENDING`, `FAILURE`, `NOT_APPLICABLE`; null before the first event.
        recorder_last_status: Derived<Option<String>> = crate::model::region::config::RECORDER_STATUS,
        /// Its last error.
        recorder_error: Derived<Option<String>>,
        /// Why Config does not record here, in words; null if it does.
        recorder_problem: Derived<Option<String>> => describe::RECORDER_PROBLEM,
        /// It records every supported resource type, whether or not those of global resources.
        records_all_types: Derived<bool>,
        /// Resource types that it leaves out by name, other than those of global resources.
        unrecorded_types: Derived<Vec<String>>,
        /// This region's recorder would be the one to record the account's global resources (IAM), and none does.
        global_types_missing: Derived<bool>,
        /// `CONTINUOUS` or `DAILY`; null without a recorder.
        recording_frequency: Derived<Option<String>> = crate::model::region::config::FREQUENCIES,
        /// Frequencies at which it records some types instead (`recordingModeOverrides`).
        other_recording_frequencies: Derived<Vec<String>> = crate::model::region::config::FREQUENCIES,
        /// Types that it records once a day instead.
        types_recorded_daily: Derived<Vec<String>>,
        /// Which part of the resources the recorder records, after its name; null without a recorder.
        recorded_part: Derived<Option<String>> => describe::RECORDED_PART,
        /// The role that the recorder reads with.
        recorder_role_arn: Derived<Option<String>>,
        /// That role is the service-linked one.
        recorder_role_service_linked: Derived<bool>,
        /// What role the recorder reads with, after its name.
        recorder_role: Derived<Option<String>> => describe::RECORDER_ROLE,
        /// The bucket that Config delivers to; null without a recorder or a delivery channel.
        config_bucket_name: Derived<Option<String>>,
        /// That bucket is the archive, or belongs to the archive account.
        config_delivers_to_archive: Derived<bool>,
        /// Where Config delivers instead, in words; null if it delivers to the archive.
        config_outside_archive: Derived<Option<String>> => describe::OUTSIDE_ARCHIVE,
        /// Whole days, rounded up, from Config's last delivery that succeeded to the snapshot; null if none did.
        days_since_config_delivery: Derived<Option<i64>>,
        /// The last delivery of a snapshot or of the history failed.
        config_delivery_failed: Derived<bool>,
        /// The last error of delivery.
        config_delivery_error: Derived<Option<String>>,
        /// Which deliveries fail, or how old the last is that succeeded, in words.
        config_delivery: Derived<Option<String>>,
        /// Days that Config keeps configuration items; nobody asks where there is no recorder.
        config_retention_days: Derived<i64>,
        /// Log groups are here that must be centralized, by the configuration, and that no centralization rule of the
        /// organization copies to a central account.
        has_log_groups_to_centralize: Derived<bool>,
        /// The archive account or a security account offers a destination for log groups here, with a stream of such an
        /// account behind it.
        central_destination: Derived<bool>,
        /// Log groups are here, or may be, that its resource policies of CloudWatch Logs could be about: where there are
        /// none, nobody asks for the policies.
        log_policies_apply: bool,
        /// What its resource policies of CloudWatch Logs allow others than this organization, services that act for anyone
        /// among them; each with its policy.
        log_policy_outsiders: Derived<Vec<String>>,
        /// Its delivery sources of vended logs, without those that only send traces.
        delivery_sources: Derived<Vec<DeliverySourceFacts>>,
        /// Those that are inactive or of which no delivery ends in the archive, each with what it sends and where to.
        undelivered_sources: Derived<Vec<String>>,
    }
}

/// What was read of an account's regions but cannot be decided.
pub(super) fn undecided_gaps(facts: &Facts, record: &AccountRecord) -> Vec<Gap> {
    let mut gaps = log_policies::undecided_gaps(facts, record);
    vended::undecided_gaps(facts, record, &mut gaps);
    gaps
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "region",
    variable: "region",
    unlisted: "the regions of the account",
    service: "organizations",
    ocsf: "AWS::Account::Region",
    asff: "AwsAccount",
    schema: RegionFacts::schema,
    more: &[],
    listed: Listed::Account(subjects),
    missing: None,
    undecided: Some(|facts, gaps| {
        let destinations = facts.index.delivery_destinations.unrecorded();
        gaps.extend(destinations.filter_map(|arn| unrecorded::gap(&facts.index, arn)));
    }),
};

/// The regions of an account, and what each holds. Where enabled regions could not be listed, opted-in ones stay
/// unknown beside the default ones that were read.
fn subjects(within: &InAccount<'_>) -> Vec<SubjectFacts> {
    let InAccount { facts, record, account, trails, of_regions } = *within;
    let mut subjects = Vec::new();
    let config = AccountConfig::of(&facts.index, record);
    for region in &record.regions {
        let view: Arc<dyn View> = Arc::new(derive(facts, record, region, trails, &config));
        subjects.push(SubjectFacts {
            subject: Arc::new(Subject {
                kind: SubjectKind::Region,
                account_id: Some(Arc::from(record.id.as_str())),
                region: Some(Arc::from(region.name.as_str())),
                id: Arc::from(region.name.as_str()),
                arn: None,
                name: None,
            }),
            variables: vec![
                ("organization", facts.organization.clone()),
                ("account", account.clone()),
                ("region", Arc::clone(&view)),
            ],
            unlisted: None,
        });
        let within = InRegion { facts, record, account, region, view: &view };
        subjects.extend(of_regions.iter().flat_map(|(_, listed)| listed(&within)));
    }
    if let Some(gaps) = unlisted_regions(facts, record) {
        let kinds = of_regions.iter().map(|(kind, _)| *kind);
        for kind in std::iter::once(SubjectKind::Region).chain(kinds) {
            subjects.push(placeholder::unlisted(kind, Some(&record.id), None, gaps.clone()));
        }
    }
    subjects
}

/// Why regions in scope may be missing from the record. Those out of scope are no subjects: the report says which.
fn unlisted_regions(facts: &Facts, record: &AccountRecord) -> Option<Gaps> {
    let scope = match &facts.index.header.scope {
        Observed::Known(scope) => Some(scope),
        Observed::Absent | Observed::Unavailable(_) => None,
    };
    let wanted = |region: &&str| scope.is_none_or(|scope| scope.wants_region(region));
    match record.unread_regions() {
        Ok(unread) if unread.iter().any(wanted) => record.region_gaps(),
        Ok(_) => None,
        // Regions that are named are asked, listed or not, unless the account could not be entered.
        Err(_) if scope.is_some_and(|scope| all_named_are_read(&scope.regions, record)) => None,
        Err(gaps) => Some(gaps),
    }
}

fn all_named_are_read(named: &[String], record: &AccountRecord) -> bool {
    let is_read = |name: &String| record.regions.iter().any(|region| region.name == *name);
    !named.is_empty() && named.iter().all(is_read)
}

fn derive(
    facts: &Facts,
    record: &AccountRecord,
    region: &RegionRecord,
    trails: &AccountTrails<'_>,
    account_config: &AccountConfig<'_>,
) -> RegionFacts {
    let account = record.id.as_str();
    let coverage = trails.coverage(&region.name);
    let delivery_sources = vended::sources(facts, record, region);
    let recorder = config::recorder(region);
    let role = recorder.clone().map(|it| it.and_then(|it| it.role_arn.clone()));
    let delivery = config::delivery(&facts.index, region);
    let global_types_missing = account_config.global_types_missing(&region.name);
    let has_recorder = recorder.clone().map(|it| it.is_some());
    let recorder_recording = config::recording(region);
    let recorder_last_status =
        config::status_text(region, |status| &status.last_status).map(|it| it.map(|it| spelt(&it)));
    let recorder_error = config::status_text(region, |status| &status.last_error);
    let recording_frequency = config::frequency(region);
    let others = config::other_frequencies(region);
    let types_recorded_daily = others.clone().map(|all| {
        let daily = all.into_iter().filter(|(frequency, _)| *frequency == "DAILY");
        daily.flat_map(|(_, types)| types).map(str::to_owned).collect::<Vec<_>>()
    });
    let records_all_types =
        recorder.clone().map(|it| it.is_some_and(|it| config::all_types(&it.recording_group)));
    let unrecorded_types = recorder
        .clone()
        .map(|it| it.map_or_else(Vec::new, |it| config::unrecorded_types(&it.recording_group)));
    RegionFacts {
        name: region.name.clone(),
        covered: coverage.covered,
        covered_by: coverage.covered_by,
        not_covered_because: coverage.why_not,
        recorder_problem: describe::recorder_problem(
            &has_recorder,
            &recorder_recording,
            &recorder_last_status,
            &recorder_error,
        ),
        recorded_part: describe::recorded_part(
            &has_recorder,
            &records_all_types,
            &unrecorded_types,
            &recording_frequency,
            &types_recorded_daily,
            &global_types_missing,
        ),
        has_recorder,
        recorder_recording,
        recorder_last_status,
        recorder_error,
        records_all_types,
        unrecorded_types,
        global_types_missing,
        recording_frequency,
        types_recorded_daily,
        other_recording_frequencies: others.map(|all| all.into_iter().map(|(it, _)| it.to_owned()).collect()),
        recorder_role_service_linked: role
            .clone()
            .map(|role| role.is_some_and(|role| config::service_linked(&role))),
        recorder_role: describe::recorder_role(&role),
        recorder_role_arn: role,
        config_outside_archive: describe::outside_archive(&facts.index, &delivery.bucket_name),
        config_bucket_name: delivery.bucket_name,
        config_delivers_to_archive: delivery.to_archive,
        days_since_config_delivery: delivery.days_since_success,
        config_delivery_failed: delivery.failed,
        config_delivery_error: delivery.error,
        config_delivery: describe::delivery_problem(&facts.index, region),
        config_retention_days: region
            .config_retention_days
            .get()
            .map(|days| days.copied().unwrap_or(config::DEFAULT_RETENTION_DAYS)),
        has_log_groups_to_centralize: log_group::need_destination(facts, account, region),
        central_destination: destination::central_in_region(facts, &region.name),
        log_policies_apply: region.log_policies.may_have_effect(),
        log_policy_outsiders: log_policies::outsiders(facts, account, region, &mut Vec::new()),
        undelivered_sources: vended::undelivered(&delivery_sources),
        delivery_sources,
    }
}
