//! A trail's facts. See [`super`].

mod chain;
mod describe;
mod questions;
mod redundancy;
mod role;
pub(super) mod selectors;

use std::sync::Arc;

use chain::Chain;
pub(super) use chain::{Attested, gaps as chain_gaps};
use chrono::{DateTime, Utc};
use questions::text;
pub(super) use questions::{is_logging, management_events, setting};
pub(super) use role::gaps as role_gaps;

use super::coverage::AccountTrails;
use super::kind::{InAccount, Kind, Listed};
use super::view::{Derived, facts, observed};
use super::{AccountFacts, Facts, Index, Subject, SubjectFacts, SubjectKind, placeholder, unrecorded};
use crate::model::{AccountRecord, KeyDescription, Observed, Trail, TrailStatus};

facts! {
    /// A CloudTrail trail, seen by the account that owns it.
    pub struct TrailFacts as "trail" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// The region in which it was made.
        home_region: String,
        /// It records for every account of the organization.
        organization_trail: Derived<bool>,
        /// It records in every enabled region.
        multi_region: Derived<bool>,
        /// `GetTrailStatus` says that it logs.
        is_logging: Derived<bool>,
        /// It writes signed digest files.
        log_file_validation: Derived<bool>,
        /// It records events of global services.
        include_global_service_events: Derived<bool>,
        /// Logging trails of this account record all events of global services, one of them or several together.
        global_service_events_recorded: Derived<bool>,
        /// Why it does not record them, after its name; null if some logging trail does.
        global_service_events_problem: Derived<Option<String>> => describe::GLOBAL_EVENTS,
        /// The bucket that it delivers to.
        bucket_name: Derived<Option<String>>,
        /// The account of the organization that owns the bucket; null if certainly none does.
        bucket_account_id: Derived<Option<String>>,
        /// Why that bucket is not the organization's, after the trail's name; null if it is.
        foreign_bucket: Derived<Option<String>> => describe::FOREIGN_BUCKET,
        /// It delivers to the archive bucket, or to another bucket of the archive account.
        delivers_to_archive: Derived<bool>,
        /// Why its logs do not go to the archive, after the trail's name; null if they do.
        outside_archive: Derived<Option<String>> => describe::OUTSIDE_ARCHIVE,
        /// The key that encrypts its log files.
        kms_key_id: Derived<Option<String>>,
        /// That key's state, such as `Enabled`; null if there is no key, or KMS knows it no more.
        kms_key_state: Derived<Option<String>> = crate::model::stores::key::KEY_STATES,
        /// That key belongs to the customer, not to AWS.
        kms_key_customer_managed: Derived<bool>,
        /// What its encryption lacks and what follows, after the trail's name; null if nothing.
        encryption_weakness: Derived<Option<String>> => describe::ENCRYPTION_WEAKNESS,
        /// It records management events, however few; a trail may be for other events alone.
        records_management_events: Derived<bool>,
        /// It and other logging trails of the same accounts and regions record all management events together.
        management_events_joined: Derived<bool>,
        /// It records management events that read, of sources in general.
        records_management_reads: Derived<bool>,
        /// It records management events that write, of sources in general.
        records_management_writes: Derived<bool>,
        /// Sources whose management events it leaves out, such as `kms.amazonaws.com`.
        excluded_event_sources: Derived<Vec<String>>,
        /// What it leaves out of the management events, in words; null if nothing.
        missing_management_events: Derived<Option<String>> => describe::MISSING_EVENTS,
        /// Insight types that are on for management events.
        insight_types: Derived<Vec<String>> = crate::model::trail::INSIGHTS,
        /// Those of them that what it records can give rise to: rates of calls are those of management events that write.
        insights_in_effect: Derived<Vec<String>> = crate::model::trail::INSIGHTS,
        /// Whole hours, rounded up, from the last delivery of a log file to the snapshot; null if there was none.
        hours_since_delivery: Derived<Option<i64>>,
        /// The error of the last attempt to deliver a log file.
        delivery_error: Derived<Option<String>>,
        /// How deliveries of log files go, in words.
        delivery: Derived<Option<String>> => describe::DELIVERY,
        /// Whole hours, rounded up, from the last delivery of a digest to the snapshot; null if there was none.
        hours_since_digest: Derived<Option<i64>>,
        /// The error of the last attempt to deliver a digest.
        digest_error: Derived<Option<String>>,
        /// How deliveries of digests go, in words.
        digest_delivery: Derived<Option<String>> => describe::DIGEST_DELIVERY,
        /// Results of verifying its logs were handed in (`trailproof verify-logs --attestation`), of this trail or
        /// of others.
        digest_chain_attested: bool,
        /// Whole days that the verified digests of each chain of the newest of these results cover, from the first one's
        /// beginning to the last one's end; null if none is about this trail. Chains of accounts that joined the
        /// organization since may begin there, and the last three hours, whose digests may be still to come, are not
        /// missed.
        digest_chain_days: Derived<Option<i64>>,
        /// The same at most, whatever is not known of some chains.
        digest_chain_most_days: Derived<Option<i64>>,
        /// Days, rounded up, from the end of what each chain covers to the snapshot; null if none is about this trail.
        digest_chain_age_days: Derived<Option<i64>>,
        /// Why that result does not prove the logs whole, as clauses; null if it does. It must be about each account
        /// that the trail records, in each of its enabled regions.
        digest_chain_defect: Derived<Option<String>>,
        /// What that result says, in words.
        digest_chain: Derived<String>,
        /// The log group that it delivers to.
        log_group_arn: Derived<Option<String>>,
        /// Whole hours, rounded up, from the last delivery to the log group to the snapshot; null if there was none.
        hours_since_log_group_delivery: Derived<Option<i64>>,
        /// The error of the last delivery to the log group.
        log_group_error: Derived<Option<String>>,
        /// What certainly keeps its role from writing to the log group, in words; null if nothing does.
        log_group_role_defect: Derived<Option<String>>,
        /// How deliveries to the log group go, in words.
        log_group_delivery: Derived<Option<String>> => describe::LOG_GROUP_DELIVERY,
        /// Another trail that records the same events of the account to the same bucket.
        redundant_with: Derived<Option<String>>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "trail",
    variable: "trail",
    unlisted: "the trails of the account",
    service: "cloudtrail",
    ocsf: "AWS::CloudTrail::Trail",
    asff: "AwsCloudTrailTrail",
    schema: TrailFacts::schema,
    more: &[],
    listed: Listed::Account(subjects),
    missing: None,
    undecided: None,
};

/// The trails that an account owns. Shadows are the owner's subjects.
fn subjects(within: &InAccount<'_>) -> Vec<SubjectFacts> {
    let InAccount { facts, record, account, trails, .. } = *within;
    let (own, unseen) = record.known_trails();
    let known = own.iter().map(|trail| subject(facts, record, account, trails, trail));
    let others = unseen.map(|gaps| placeholder::unlisted(SubjectKind::Trail, Some(&record.id), None, gaps));
    known.chain(others).collect()
}

fn subject(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    trails: &AccountTrails<'_>,
    trail: &Trail,
) -> SubjectFacts {
    SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::Trail,
            account_id: Some(Arc::from(record.id.as_str())),
            region: Some(Arc::from(trail.home_region.as_str())),
            id: Arc::from(trail.arn.as_str()),
            arn: Some(Arc::from(trail.arn.as_str())),
            name: Some(Arc::from(trail.name.as_str())),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("trail", Arc::new(derive(facts, &record.id, trails, trail))),
        ],
        unlisted: None,
    }
}

/// "Management events Insights": rates of calls take write events, rates of errors read or write events ("Working with
/// CloudTrail Insights",
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>, read
/// 2026-11-28).
fn insights_in_effect(trail: &Trail) -> Derived<Vec<String>> {
    const OF_CALLS: &str = "ApiCallRateInsight";
    let types = trail.insight_types.list()?;
    // Without any, what it records does not matter.
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let events = management_events(trail)?;
    let arises = |kind: &&String| if *kind == OF_CALLS { events.some_writes } else { events.some };
    Ok(types.iter().filter(arises).cloned().collect())
}

fn error(trail: &Trail, ask: impl FnOnce(&TrailStatus) -> &Observed<String>) -> Derived<Option<String>> {
    match trail.status.get()? {
        Some(status) => observed(ask(status)),
        None => Ok(None),
    }
}

fn hours_since(
    index: &Index,
    trail: &Trail,
    ask: impl FnOnce(&TrailStatus) -> &Observed<DateTime<Utc>>,
) -> Derived<Option<i64>> {
    let Some(status) = trail.status.get()? else { return Ok(None) };
    let then = ask(status).get()?;
    Ok(then.map(|then| super::derived::hours_between(*then, index.header.taken_at)))
}

/// The trail's key, if it names one and KMS knows it.
fn key<'a>(facts: &'a Facts, trail: &Trail) -> Derived<Option<&'a KeyDescription>> {
    let Some(arn) = text(trail, |settings| &settings.kms_key_id)? else { return Ok(None) };
    match facts.index.keys.get(&arn) {
        Some(key) => key.description.get(),
        None => Err(unrecorded::why(&facts.index, &arn)),
    }
}

fn derive(facts: &Facts, account_id: &str, trails: &AccountTrails<'_>, trail: &Trail) -> TrailFacts {
    let index = &facts.index;
    let management = management_events(trail);
    let bucket_name =
        trail.settings.get().map(|settings| settings.map(|settings| settings.bucket_name.clone()));
    let own_global = setting(trail, |it| &it.include_global_service_events);
    let global_service_events_recorded = trails.global_service_events();
    let key = key(facts, trail);
    let kms_key_id = text(trail, |settings| &settings.kms_key_id);
    let hours_since_delivery = hours_since(index, trail, |status| &status.latest_delivery_time);
    let delivery_error = error(trail, |status| &status.latest_delivery_error);
    let hours_since_digest = hours_since(index, trail, |status| &status.latest_digest_delivery_time);
    let digest_error = error(trail, |status| &status.latest_digest_delivery_error);
    let log_group_arn = text(trail, |settings| &settings.log_group_arn);
    let hours_since_log_group = hours_since(index, trail, |status| &status.latest_log_group_delivery_time);
    let log_group_error = error(trail, |status| &status.latest_log_group_delivery_error);
    let log_group_role_defect = role::defect(index, account_id, trail);
    let chain = chain::of(index, trail, account_id);
    let kms_key_state = key.clone().map(|key| key.map(|key| key.state.clone()));
    let kms_key_customer_managed = key.map(|key| key.is_some_and(|key| key.customer_managed));
    let of_chain =
        |ask: fn(&Chain) -> i64| chain.as_ref().map_err(Clone::clone).map(|it| it.as_ref().map(ask));
    TrailFacts {
        name: trail.name.clone(),
        arn: trail.arn.clone(),
        home_region: trail.home_region.clone(),
        organization_trail: setting(trail, |it| &it.organization_trail),
        multi_region: setting(trail, |it| &it.multi_region),
        is_logging: is_logging(trail),
        log_file_validation: setting(trail, |it| &it.log_file_validation),
        global_service_events_problem: describe::global_events(
            &global_service_events_recorded,
            [
                (is_logging(trail), "is stopped"),
                (management.clone().map(|events| events.some), "is set to record no management events"),
                (trails.includes_global_events(trail), "leaves them out"),
            ],
        ),
        global_service_events_recorded,
        include_global_service_events: own_global,
        bucket_account_id: bucket_name.clone().and_then(|name| match name {
            Some(name) => index.bucket_owner(&name),
            None => Ok(None),
        }),
        delivers_to_archive: bucket_name.clone().and_then(|name| match name {
            Some(name) => index.in_archive(&name),
            None => Ok(false),
        }),
        foreign_bucket: describe::foreign_bucket(index, &bucket_name),
        outside_archive: describe::outside_archive(index, &bucket_name),
        encryption_weakness: describe::encryption_weakness(
            &kms_key_id,
            &kms_key_state,
            &kms_key_customer_managed,
        ),
        bucket_name,
        kms_key_id,
        kms_key_state,
        kms_key_customer_managed,
        records_management_events: management.clone().map(|events| events.some),
        management_events_joined: trails.complemented(trail),
        records_management_reads: management.clone().map(|events| events.reads),
        records_management_writes: management.clone().map(|events| events.writes),
        excluded_event_sources: management.clone().map(|events| events.excluded_sources),
        missing_management_events: management.map(|events| events.missing()),
        insight_types: trail.insight_types.list().map(<[String]>::to_vec),
        insights_in_effect: insights_in_effect(trail),
        delivery: describe::delivery("log file", &hours_since_delivery, &delivery_error),
        hours_since_delivery,
        delivery_error,
        digest_delivery: describe::delivery("digest", &hours_since_digest, &digest_error),
        hours_since_digest,
        digest_error,
        digest_chain_attested: index.attested.is_any(),
        digest_chain_days: match &chain {
            Ok(Some(chain)) => chain.days.clone().map(Some),
            Ok(None) => Ok(None),
            Err(gaps) => Err(gaps.clone()),
        },
        digest_chain_most_days: of_chain(|chain| chain.most_days),
        digest_chain_age_days: of_chain(|chain| chain.age_days),
        digest_chain_defect: chain::defect(&chain),
        digest_chain: chain::words(&chain),
        log_group_delivery: describe::log_group_delivery(
            &log_group_arn,
            &hours_since_log_group,
            &log_group_error,
            &log_group_role_defect,
        ),
        log_group_arn,
        hours_since_log_group_delivery: hours_since_log_group,
        log_group_error,
        log_group_role_defect,
        redundant_with: redundancy::redundant_with(trails, trail),
    }
}

#[cfg(test)]
mod tests;
