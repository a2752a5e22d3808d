//! Reads an account's trails. Every region is asked which trails it shows, with their settings, and the rest in each
//! trail's home region. Trails of other accounts that show through (the organization trail in its members) are only
//! named: their owner is the one who can say how they are.
//!
//! A region shows the trails that were made in it and those of other regions that record it too, so no region alone
//! shows a trail that records another one only ("Understanding multi-Region trails and opt-in Regions", CloudTrail user
//! guide, <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html>, and
//! `includeShadowTrails` of `DescribeTrails`, both read 2026-11-28).

use std::collections::BTreeMap;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types as sdk;
use futures_util::future::join_all;

use super::call::{ApiCaller, CallTarget, flatten};
use super::convert::{Arn, Missing, each, text, time};
use super::session::Session;
use super::table::{DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_INSIGHT_SELECTORS, GET_TRAIL_STATUS};
use super::{Run, role};
use crate::model::{
    AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector, GapId, Observed, Trail,
    TrailReference, TrailSettings, TrailStatus,
};

/// The trails of an account.
pub(crate) struct Trails {
    /// Its own, and those that it reads for their owner.
    pub(crate) own: Observed<Vec<Trail>>,
    /// Those of other accounts that show through.
    pub(crate) shadows: Observed<Vec<TrailReference>>,
    /// Regions that did not say which trails they show.
    pub(crate) unseen: Vec<GapId>,
}

/// A trail as a region shows it.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) reference: TrailReference,
    pub(crate) settings: Observed<TrailSettings>,
}

/// The account's own trails, and those of others that are visible in it.
pub(crate) async fn read(run: &Run, session: &Session, regions: &[String]) -> Trails {
    let (listed, unseen) = match list(session, regions).await {
        Ok(found) => found,
        Err(gap) => {
            let gone = Observed::Unavailable(gap.clone());
            return Trails { own: gone, shadows: Observed::Unavailable(gap), unseen: Vec::new() };
        }
    };
    let owner_of = |listed: &Listed| Arn::parse(&listed.reference.arn).map(|arn| arn.account_id.to_owned());
    let (own, others): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|trail| owner_of(trail).as_deref() == Some(&session.account_id));
    let mut trails = join_all(own.into_iter().map(|trail| read_trail(session, trail))).await;
    let mut shadows = Vec::new();
    for shadow in others {
        shadows.push(shadow.reference.clone());
        // A delegated administrator of CloudTrail reads the organization trail as its owner does. It is asked only
        // where the owner is not.
        let visible = run.reads_trails_of.is_some() && owner_of(&shadow) == run.reads_trails_of;
        if visible && session.account_id == run.identity.account_id {
            trails.push(read_trail(session, shadow).await);
        }
    }
    trails.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    Trails { own: Observed::Known(trails), shadows: Observed::Known(shadows), unseen }
}

/// Every trail that the regions show, by ARN, and the gaps of those that did not answer; the first of them where none
/// did.
pub(crate) async fn list(session: &Session, regions: &[String]) -> Result<(Vec<Listed>, Vec<GapId>), GapId> {
    let answers = join_all(regions.iter().map(|region| list_region(session, region))).await;
    let mut found: BTreeMap<String, (bool, Listed)> = BTreeMap::new();
    let mut unseen = Vec::new();
    let mut answered = regions.is_empty();
    for (region, answer) in regions.iter().zip(answers) {
        match answer {
            Observed::Known(trails) => {
                answered = true;
                for trail in trails {
                    // What the home region says of a trail is newer than what shows elsewhere.
                    let at_home = trail.reference.home_region == *region;
                    let known = found.get(&trail.reference.arn).is_some_and(|(known, _)| *known || !at_home);
                    if !known {
                        found.insert(trail.reference.arn.clone(), (at_home, trail));
                    }
                }
            }
            Observed::Absent => answered = true,
            Observed::Unavailable(gap) => unseen.push(gap),
        }
    }
    match unseen.first() {
        Some(gap) if !answered => Err(gap.clone()),
        _ => Ok((found.into_values().map(|(_, trail)| trail).collect(), unseen)),
    }
}

async fn list_region(session: &Session, region: &str) -> Observed<Vec<Listed>> {
    let client = session.cloudtrail(region);
    let at = CallTarget::region(region);
    let ask = &session.api;
    let answer = ask.call(&DESCRIBE_TRAILS, at, || client.describe_trails().send()).await;
    flatten(answer.map(|answer| {
        let trails = each(answer.trail_list, "trailList", |trail| {
            let reference = TrailReference {
                arn: trail.trail_arn.clone().ok_or("trailList[].TrailARN")?,
                name: trail.name.clone().ok_or("trailList[].Name")?,
                home_region: trail.home_region.clone().ok_or("trailList[].HomeRegion")?,
            };
            if Arn::parse(&reference.arn).is_none_or(|arn| arn.region != reference.home_region) {
                return Err("trailList[].HomeRegion that is its ARN's");
            }
            let settings = trail_settings(ask, at.of(&reference.arn), trail);
            Ok(Listed { reference, settings })
        });
        match trails {
            Ok(trails) => Observed::Known(trails),
            Err(missing) => Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, missing)),
        }
    }))
}

async fn read_trail(session: &Session, listed: Listed) -> Trail {
    let Listed { reference: TrailReference { arn, name, home_region }, settings } = listed;
    let client = session.cloudtrail(&home_region);
    let ask = &session.api;
    let at = CallTarget::region(&home_region).of(&arn);
    let log_group_role = async {
        let role_arn = match &settings {
            Observed::Known(settings) => settings.log_group_role_arn.clone(),
            Observed::Absent => Observed::Absent,
            Observed::Unavailable(gap) => Observed::Unavailable(gap.clone()),
        };
        match role_arn {
            Observed::Known(role_arn) => role::read(session, &role_arn).await,
            Observed::Absent => Observed::Absent,
            Observed::Unavailable(gap) => Observed::Unavailable(gap),
        }
    };
    let (log_group_role, status, event_selectors, insight_types) = tokio::join!(
        log_group_role,
        status(ask, &client, at, &arn),
        event_selectors(ask, &client, at, &arn),
        insight_types(ask, &client, at, &arn),
    );
    Trail { name, arn, home_region, settings, status, event_selectors, insight_types, log_group_role }
}

/// What `DescribeTrails` says of a trail, by ARN, in its home region.
pub(crate) async fn settings(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    arn: &str,
) -> Observed<TrailSettings> {
    let send = || client.describe_trails().trail_name_list(arn).include_shadow_trails(true).send();
    let answer = ask.call(&DESCRIBE_TRAILS, at, send).await;
    flatten(answer.map(|answer| {
        let Some(trails) = answer.trail_list else {
            return Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, "trailList"));
        };
        match trails.into_iter().find(|trail| trail.trail_arn.as_deref() == Some(arn)) {
            Some(trail) => trail_settings(ask, at, trail),
            None => Observed::Absent,
        }
    }))
}

/// A switch that the answer leaves out, as answers of before that switch do, says nothing of the rest.
fn trail_settings(ask: &ApiCaller, at: CallTarget<'_>, trail: sdk::Trail) -> Observed<TrailSettings> {
    let Some(bucket_name) = trail.s3_bucket_name else {
        return Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, "trailList[].S3BucketName"));
    };
    let switch = |on: Option<bool>, missing: Missing| match on {
        Some(on) => Observed::Known(on),
        None => Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, missing)),
    };
    Observed::Known(TrailSettings {
        bucket_name,
        key_prefix: text(trail.s3_key_prefix),
        include_global_service_events: switch(
            trail.include_global_service_events,
            "trailList[].IncludeGlobalServiceEvents",
        ),
        multi_region: switch(trail.is_multi_region_trail, "trailList[].IsMultiRegionTrail"),
        organization_trail: switch(trail.is_organization_trail, "trailList[].IsOrganizationTrail"),
        log_file_validation: switch(
            trail.log_file_validation_enabled,
            "trailList[].LogFileValidationEnabled",
        ),
        kms_key_id: text(trail.kms_key_id),
        log_group_arn: text(trail.cloud_watch_logs_log_group_arn),
        log_group_role_arn: text(trail.cloud_watch_logs_role_arn),
        sns_topic_arn: text(trail.sns_topic_arn),
    })
}

async fn status(ask: &ApiCaller, client: &Client, at: CallTarget<'_>, arn: &str) -> Observed<TrailStatus> {
    let answer = ask.call(&GET_TRAIL_STATUS, at, || client.get_trail_status().name(arn).send()).await;
    flatten(answer.map(|answer| {
        trail_status(answer).map_or_else(
            || Observed::Unavailable(ask.malformed(&GET_TRAIL_STATUS, at, "IsLogging")),
            Observed::Known,
        )
    }))
}

fn trail_status(answer: GetTrailStatusOutput) -> Option<TrailStatus> {
    Some(TrailStatus {
        is_logging: answer.is_logging?,
        latest_delivery_time: time(answer.latest_delivery_time.as_ref()),
        latest_delivery_error: text(answer.latest_delivery_error),
        latest_digest_delivery_time: time(answer.latest_digest_delivery_time.as_ref()),
        latest_digest_delivery_error: text(answer.latest_digest_delivery_error),
        latest_log_group_delivery_time: time(answer.latest_cloud_watch_logs_delivery_time.as_ref()),
        latest_log_group_delivery_error: text(answer.latest_cloud_watch_logs_delivery_error),
    })
}

async fn event_selectors(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    arn: &str,
) -> Observed<EventSelectors> {
    let send = || client.get_event_selectors().trail_name(arn).send();
    let answer = ask.call(&GET_EVENT_SELECTORS, at, send).await;
    flatten(answer.map(|answer| match selectors(answer, arn) {
        Ok(selectors) => Observed::Known(selectors),
        Err(missing) => Observed::Unavailable(ask.malformed(&GET_EVENT_SELECTORS, at, missing)),
    }))
}

/// Whether an answer is about the trail that was asked for, as far as it says.
fn is_of(answered: Option<&String>, arn: &str) -> bool {
    answered.is_none_or(|answered| answered == arn)
}

fn selectors(answer: GetEventSelectorsOutput, arn: &str) -> Result<EventSelectors, Missing> {
    if !is_of(answer.trail_arn.as_ref(), arn) {
        return Err("TrailARN of the trail that was asked for");
    }
    if let Some(advanced) = answer.advanced_event_selectors.filter(|selectors| !selectors.is_empty()) {
        return Ok(EventSelectors::Advanced(advanced.into_iter().map(advanced_selector).collect()));
    }
    each(answer.event_selectors, "EventSelectors", basic_selector).map(EventSelectors::Basic)
}

fn advanced_selector(selector: sdk::AdvancedEventSelector) -> AdvancedSelector {
    // An operator that is left out selects nothing by it (`AdvancedFieldSelector`).
    let field = |field: sdk::AdvancedFieldSelector| FieldSelector {
        field: field.field,
        equals: field.equals.unwrap_or_default(),
        starts_with: field.starts_with.unwrap_or_default(),
        ends_with: field.ends_with.unwrap_or_default(),
        not_equals: field.not_equals.unwrap_or_default(),
        not_starts_with: field.not_starts_with.unwrap_or_default(),
        not_ends_with: field.not_ends_with.unwrap_or_default(),
    };
    AdvancedSelector {
        name: selector.name,
        field_selectors: selector.field_selectors.into_iter().map(field).collect(),
    }
}

fn basic_selector(selector: sdk::EventSelector) -> Result<BasicSelector, Missing> {
    // Without data resources there are no data events, and without excluded sources every management event. All and true
    // are the defaults of what to record (`EventSelector` in the API reference).
    let data = each(selector.data_resources.or(Some(Vec::new())), "DataResources", |resource| {
        Ok(DataResource {
            resource_type: resource.r#type.ok_or("EventSelectors[].DataResources[].Type")?,
            values: resource.values.ok_or("EventSelectors[].DataResources[].Values")?,
        })
    });
    Ok(BasicSelector {
        read_write_type: selector.read_write_type.as_ref().map_or("All", |kind| kind.as_str()).to_owned(),
        include_management_events: selector.include_management_events.unwrap_or(true),
        excluded_management_event_sources: selector.exclude_management_event_sources.unwrap_or_default(),
        data_resources: data?,
    })
}

async fn insight_types(
    ask: &ApiCaller,
    client: &Client,
    at: CallTarget<'_>,
    arn: &str,
) -> Observed<Vec<String>> {
    let send = || client.get_insight_selectors().trail_name(arn).send();
    let answer = ask.call(&GET_INSIGHT_SELECTORS, at, send).await;
    flatten(answer.map(|answer| {
        if !is_of(answer.trail_arn.as_ref(), arn) {
            let missing = "TrailARN of the trail that was asked for";
            return Observed::Unavailable(ask.malformed(&GET_INSIGHT_SELECTORS, at, missing));
        }
        match each(answer.insight_selectors, "InsightSelectors", management_insight) {
            Ok(types) => {
                let mut types: Vec<String> = types.into_iter().flatten().collect();
                types.sort_unstable();
                types.dedup();
                Observed::Known(types)
            }
            Err(missing) => Observed::Unavailable(ask.malformed(&GET_INSIGHT_SELECTORS, at, missing)),
        }
    }))
}

/// The selector's type, if it watches management events: it does where it names no categories (`InsightSelector` in the
/// API reference).
fn management_insight(selector: sdk::InsightSelector) -> Result<Option<String>, Missing> {
    let kind = selector.insight_type.ok_or("InsightSelectors[].InsightType")?;
    let categories = selector.event_categories.filter(|categories| !categories.is_empty());
    let watched = categories.is_none_or(|all| all.contains(&sdk::SourceEventCategory::Management));
    Ok(watched.then(|| kind.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insights_on_data_events_alone_do_not_watch_management_events() {
        use sdk::SourceEventCategory::{Data, Management};
        let of = |categories: Option<Vec<sdk::SourceEventCategory>>| {
            let selector = sdk::InsightSelector::builder().insight_type(sdk::InsightType::ApiCallRateInsight);
            management_insight(selector.set_event_categories(categories).build()).unwrap()
        };
        let watched = Some("ApiCallRateInsight".to_owned());
        assert_eq!(of(None), watched);
        assert_eq!(of(Some(vec![Data, Management])), watched);
        assert_eq!(of(Some(vec![Data])), None);
        assert_eq!(of(Some(vec![sdk::SourceEventCategory::from("NetworkActivity")])), None);
        assert!(management_insight(sdk::InsightSelector::builder().build()).is_err());
    }

    #[test]
    fn a_basic_selector_takes_the_documented_defaults() {
        let read = basic_selector(sdk::EventSelector::builder().build()).unwrap();
        assert_eq!((read.read_write_type.as_str(), read.include_management_events), ("All", true));
        let narrow = sdk::EventSelector::builder()
            .read_write_type(sdk::ReadWriteType::WriteOnly)
            .include_management_events(false);
        let read = basic_selector(narrow.build()).unwrap();
        assert_eq!((read.read_write_type.as_str(), read.include_management_events), ("WriteOnly", false));
    }

    #[test]
    fn selectors_of_another_trail_are_no_answer() {
        let answer = GetEventSelectorsOutput::builder().set_event_selectors(Some(Vec::new()));
        let of = |arn: &str| selectors(answer.clone().trail_arn(arn).build(), "arn:a");
        assert!(of("arn:a").is_ok() && of("arn:b").is_err());
    }
}
