//! Reads an account's trails in their home regions. Trails of other accounts that show through (the organization
//! trail in its members) are only named: their owner is the one who can say how they are.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types as sdk;
use futures_util::future::join_all;

use super::call::{Asker, At, flatten};
use super::convert::{Arn, Missing, each, text, time};
use super::session::Session;
use super::table::{
    DESCRIBE_TRAILS, GET_EVENT_SELECTORS, GET_INSIGHT_SELECTORS, GET_TRAIL_STATUS, LIST_TRAILS,
};
use super::{Run, role};
use crate::model::{
    AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector, Observed, Trail,
    TrailReference, TrailSettings, TrailStatus,
};

/// The account's own trails, and those of others that are visible in it.
pub(crate) async fn read(
    run: &Run,
    session: &Session,
) -> (Observed<Vec<Trail>>, Observed<Vec<TrailReference>>) {
    let mut listed = match list(session).await {
        Observed::Known(listed) => listed,
        Observed::Absent => return (Observed::Absent, Observed::Absent),
        Observed::Unavailable(gap) => {
            return (Observed::Unavailable(gap.clone()), Observed::Unavailable(gap));
        }
    };
    listed.sort_unstable();
    listed.dedup();
    let owner_of = |trail: &TrailReference| Arn::parse(&trail.arn).map(|arn| arn.account_id.to_owned());
    let (own, others): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|trail| owner_of(trail).as_deref() == Some(&session.account_id));
    let mut trails = join_all(own.into_iter().map(|trail| read_trail(session, trail))).await;
    let mut shadows = Vec::new();
    for shadow in others {
        // A delegated administrator of CloudTrail reads the organization trail as its owner does. It is asked only
        // where the owner is not.
        let visible = run.reads_trails_of.is_some() && owner_of(&shadow) == run.reads_trails_of;
        if visible && session.account_id == run.identity.account_id {
            trails.push(read_trail(session, shadow.clone()).await);
        }
        shadows.push(shadow);
    }
    trails.sort_unstable_by(|one, other| one.arn.cmp(&other.arn));
    (Observed::Known(trails), Observed::Known(shadows))
}

/// Every trail that the account sees.
pub(crate) async fn list(session: &Session) -> Observed<Vec<TrailReference>> {
    let client = session.cloudtrail(&session.region);
    session
        .ask
        .pages(
            &LIST_TRAILS,
            At::default(),
            |token| client.list_trails().set_next_token(token).send(),
            |page| {
                let trails = each(page.trails, "Trails", |trail| {
                    Ok(TrailReference {
                        arn: trail.trail_arn.ok_or("Trails[].TrailARN")?,
                        name: trail.name.ok_or("Trails[].Name")?,
                        home_region: trail.home_region.ok_or("Trails[].HomeRegion")?,
                    })
                });
                Ok((trails?, page.next_token))
            },
        )
        .await
}

async fn read_trail(session: &Session, reference: TrailReference) -> Trail {
    let TrailReference { arn, name, home_region } = reference;
    let client = session.cloudtrail(&home_region);
    let ask = &session.ask;
    let at = At::region(&home_region).of(&arn);
    let settings_and_role = async {
        let settings = settings(ask, &client, at, &arn).await;
        let role_arn = match &settings {
            Observed::Known(settings) => settings.log_group_role_arn.clone(),
            Observed::Absent => Observed::Absent,
            Observed::Unavailable(gap) => Observed::Unavailable(gap.clone()),
        };
        let role = match role_arn {
            Observed::Known(role_arn) => role::read(session, &role_arn).await,
            Observed::Absent => Observed::Absent,
            Observed::Unavailable(gap) => Observed::Unavailable(gap),
        };
        (settings, role)
    };
    let ((settings, log_group_role), status, event_selectors, insight_types) = tokio::join!(
        settings_and_role,
        status(ask, &client, at, &arn),
        event_selectors(ask, &client, at, &arn),
        insight_types(ask, &client, at, &arn),
    );
    Trail { name, arn, home_region, settings, status, event_selectors, insight_types, log_group_role }
}

/// What `DescribeTrails` says of a trail, by ARN, in its home region.
pub(crate) async fn settings(ask: &Asker, client: &Client, at: At<'_>, arn: &str) -> Observed<TrailSettings> {
    let send = || client.describe_trails().trail_name_list(arn).include_shadow_trails(true).send();
    let answer = ask.call(&DESCRIBE_TRAILS, at, send).await;
    flatten(answer.map(|answer| {
        let Some(trails) = answer.trail_list else {
            return Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, "trailList"));
        };
        let Some(trail) = trails.into_iter().find(|trail| trail.trail_arn.as_deref() == Some(arn)) else {
            return Observed::Absent;
        };
        match trail_settings(trail) {
            Ok(settings) => Observed::Known(settings),
            Err(missing) => Observed::Unavailable(ask.malformed(&DESCRIBE_TRAILS, at, missing)),
        }
    }))
}

fn trail_settings(trail: sdk::Trail) -> Result<TrailSettings, Missing> {
    Ok(TrailSettings {
        bucket_name: trail.s3_bucket_name.ok_or("trailList[].S3BucketName")?,
        key_prefix: text(trail.s3_key_prefix),
        include_global_service_events: trail
            .include_global_service_events
            .ok_or("trailList[].IncludeGlobalServiceEvents")?,
        multi_region: trail.is_multi_region_trail.ok_or("trailList[].IsMultiRegionTrail")?,
        organization_trail: trail.is_organization_trail.ok_or("trailList[].IsOrganizationTrail")?,
        log_file_validation: trail
            .log_file_validation_enabled
            .ok_or("trailList[].LogFileValidationEnabled")?,
        kms_key_id: text(trail.kms_key_id),
        log_group_arn: text(trail.cloud_watch_logs_log_group_arn),
        log_group_role_arn: text(trail.cloud_watch_logs_role_arn),
        sns_topic_arn: text(trail.sns_topic_arn),
    })
}

async fn status(ask: &Asker, client: &Client, at: At<'_>, arn: &str) -> Observed<TrailStatus> {
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

async fn event_selectors(ask: &Asker, client: &Client, at: At<'_>, arn: &str) -> Observed<EventSelectors> {
    let send = || client.get_event_selectors().trail_name(arn).send();
    let answer = ask.call(&GET_EVENT_SELECTORS, at, send).await;
    flatten(answer.map(|answer| match selectors(answer) {
        Ok(selectors) => Observed::Known(selectors),
        Err(missing) => Observed::Unavailable(ask.malformed(&GET_EVENT_SELECTORS, at, missing)),
    }))
}

fn selectors(answer: GetEventSelectorsOutput) -> Result<EventSelectors, Missing> {
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
    // Without data resources there are no data events, and without excluded sources every management event (`EventSelector`
    // in the API reference).
    let data = each(selector.data_resources.or(Some(Vec::new())), "DataResources", |resource| {
        Ok(DataResource {
            resource_type: resource.r#type.ok_or("EventSelectors[].DataResources[].Type")?,
            values: resource.values.ok_or("EventSelectors[].DataResources[].Values")?,
        })
    });
    Ok(BasicSelector {
        read_write_type: selector
            .read_write_type
            .ok_or("EventSelectors[].ReadWriteType")?
            .as_str()
            .to_owned(),
        include_management_events: selector
            .include_management_events
            .ok_or("EventSelectors[].IncludeManagementEvents")?,
        excluded_management_event_sources: selector.exclude_management_event_sources.unwrap_or_default(),
        data_resources: data?,
    })
}

async fn insight_types(ask: &Asker, client: &Client, at: At<'_>, arn: &str) -> Observed<Vec<String>> {
    let send = || client.get_insight_selectors().trail_name(arn).send();
    let answer = ask.call(&GET_INSIGHT_SELECTORS, at, send).await;
    flatten(answer.map(|answer| {
        let types = each(answer.insight_selectors, "InsightSelectors", |selector| {
            Ok(selector.insight_type.ok_or("InsightSelectors[].InsightType")?.as_str().to_owned())
        });
        match types {
            Ok(mut types) => {
                types.sort_unstable();
                Observed::Known(types)
            }
            Err(missing) => Observed::Unavailable(ask.malformed(&GET_INSIGHT_SELECTORS, at, missing)),
        }
    }))
}
