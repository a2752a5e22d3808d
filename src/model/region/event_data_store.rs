//! Event data stores of CloudTrail Lake. From the CloudTrail API reference: `ListEventDataStores`, `GetEventDataStore`.

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, stranger};
use crate::model::flow::{Edge, EdgeKind, Start};

/// `EventDataStoreStatus`.
pub(crate) const EVENT_DATA_STORE_STATUS: &[&str] = &[
    "CREATED",
    "ENABLED",
    "PENDING_DELETION",
    "STARTING_INGESTION",
    "STOPPING_INGESTION",
    "STOPPED_INGESTION",
];

/// An event data store, as an account lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDataStore {
    /// Its name.
    pub name: String,
    /// Its ARN; the account in it is the owner.
    pub arn: String,
    /// Its settings; `Absent` where it was gone when it was asked for.
    pub settings: Observed<EventDataStoreSettings>,
}

/// The settings of an event data store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDataStoreSettings {
    /// `CREATED`, `ENABLED`, `STARTING_INGESTION`, `STOPPING_INGESTION`, `STOPPED_INGESTION`, `PENDING_DELETION`.
    pub status: String,
    /// It cannot be deleted while this is on.
    pub termination_protection: bool,
    /// It takes in events of every region, not of its own alone.
    pub multi_region: bool,
    /// It takes in events of every account of the organization.
    pub organization: bool,
    /// Days that it keeps events.
    pub retention_days: i64,
    /// The customer's key that encrypts it; `Absent` is a key of AWS's own.
    pub kms_key_id: Observed<String>,
}

impl Answer for EventDataStore {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Encrypts];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        if let Some(settings) = start.asked(&self.settings, Self::HIDES, found) {
            start.named(EdgeKind::Encrypts, &settings.kms_key_id).into_iter().for_each(found);
        }
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("cloudtrail", "GetEventDataStore", Some(self.arn.as_str()));
        settling
            .fact(&mut self.settings, asked, |it| stranger("Status", &it.status, EVENT_DATA_STORE_STATUS));
    }
}
