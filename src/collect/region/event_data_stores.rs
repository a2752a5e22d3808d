//! Reads the event data stores of CloudTrail Lake in one region.
//!
//! The list tells names alone: `ListEventDataStores` of the CloudTrail API reference (read 2026-11-29) no longer answers
//! with settings. CloudTrail Lake is closed to new customers since 2026-05-31 ("CloudTrail Lake availability change" of the
//! CloudTrail user guide), and no page says that the list is refused to them: one that is refused is not known.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::get_event_data_store::GetEventDataStoreOutput;
use futures_util::future::join_all;

use crate::collect::call::{ApiCaller, CallTarget, flatten};
use crate::collect::convert::{Arn, Missing, each, text};
use crate::collect::table::{GET_EVENT_DATA_STORE, LIST_EVENT_DATA_STORES};
use crate::model::{EventDataStore, EventDataStoreSettings, Observed};

/// All of them, with their settings.
pub(crate) async fn read(ask: &ApiCaller, client: &Client, region: &str) -> Observed<Vec<EventDataStore>> {
    let at = CallTarget::region(region);
    let listed = ask
        .pages(
            &LIST_EVENT_DATA_STORES,
            at,
            |token| client.list_event_data_stores().set_next_token(token).send(),
            |page| {
                let stores = each(page.event_data_stores, "EventDataStores", |store| {
                    let arn = store.event_data_store_arn.ok_or("EventDataStores[].EventDataStoreArn")?;
                    if Arn::parse(&arn).is_none_or(|arn| arn.region != region) {
                        return Err("EventDataStores[].EventDataStoreArn of the region that was asked");
                    }
                    Ok(EventDataStore {
                        name: store.name.ok_or("EventDataStores[].Name")?,
                        arn,
                        settings: Observed::Absent,
                    })
                });
                Ok((stores?, page.next_token))
            },
        )
        .await;
    let listed = ask.distinct(&LIST_EVENT_DATA_STORES, at, listed, |store| &store.arn);
    match listed {
        Observed::Known(stores) => {
            Observed::Known(join_all(stores.into_iter().map(|store| one(ask, client, region, store))).await)
        }
        Observed::Absent => Observed::Absent,
        Observed::Unavailable(gap) => Observed::Unavailable(gap),
    }
}

async fn one(ask: &ApiCaller, client: &Client, region: &str, store: EventDataStore) -> EventDataStore {
    let at = CallTarget::region(region).of(&store.arn);
    let answer = ask
        .call(&GET_EVENT_DATA_STORE, at, || client.get_event_data_store().event_data_store(&store.arn).send())
        .await;
    let settings = flatten(answer.map(|answer| match settings(answer, &store.arn) {
        Ok(settings) => Observed::Known(settings),
        Err(missing) => Observed::Unavailable(ask.malformed(&GET_EVENT_DATA_STORE, at, missing)),
    }));
    EventDataStore { settings, ..store }
}

fn settings(answer: GetEventDataStoreOutput, asked: &str) -> Result<EventDataStoreSettings, Missing> {
    if answer.event_data_store_arn.as_deref() != Some(asked) {
        return Err("EventDataStoreArn of the event data store that was asked for");
    }
    Ok(EventDataStoreSettings {
        status: answer.status.ok_or("Status")?.as_str().to_owned(),
        termination_protection: answer
            .termination_protection_enabled
            .ok_or("TerminationProtectionEnabled")?,
        multi_region: answer.multi_region_enabled.ok_or("MultiRegionEnabled")?,
        organization: answer.organization_enabled.ok_or("OrganizationEnabled")?,
        retention_days: answer.retention_period.map(i64::from).ok_or("RetentionPeriod")?,
        kms_key_id: text(answer.kms_key_id),
    })
}
