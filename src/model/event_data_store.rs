//! Event data stores of CloudTrail Lake. From the CloudTrail API reference: `ListEventDataStores`, `GetEventDataStore`.

use serde::{Deserialize, Serialize};

use super::Observed;

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
