//! What is known of an organization's logging, as AWS reports it: plain data, without SDK types or secrets.
//!
//! Written by `collect`, stored by [`crate::snapshot`], read by [`crate::facts`]. Every field that an AWS call
//! answers is an [`Observed`], because the call may have been refused, and because a snapshot of an older version lacks
//! it: then it is *not collected*, which is unknown, and so is what a literal leaves to `..Default::default()`. Only
//! collectors name every field. A plain `Option` of a record says `deserialize_with = "required"`,
//! so that what such a snapshot lacks makes the value unknown that holds it, never none. Beside it stands what AWS itself says of its
//! partitions (`partition`), of its enumerations (`values`), and a finding as it takes one (`security_finding`).

mod account;
mod bucket;
mod centralization;
mod config;
mod delivery;
mod digest;
mod event_data_store;
mod expectations;
mod flow;
mod gap;
mod key;
mod logs;
mod observed;
mod organization;
mod partition;
mod places;
mod scope;
pub(crate) mod security_finding;
mod stream;
mod trail;
pub(crate) mod values;

pub use account::{AccountRecord, BucketName, RegionRecord, StoresRecord};
pub use bucket::{
    AccessControlList, AccessLogging, AclGrant, Bucket, Encryption, LifecycleRule, ObjectLock,
    PublicAccessBlock, Replication, ReplicationRule, Retention, RetentionMode, Versioning,
};
pub use centralization::{
    CentralizationRule, CentralizationSettings, CentralizedEncryption, CentralizedLogs,
};
pub use config::{
    Aggregator, DeliveryAttempt, DeliveryChannel, DeliveryChannelStatus, FrequencyOverride, Recorder,
    RecorderStatus, RecordingGroup,
};
pub use delivery::{DeliveryDestination, DeliverySource, LogDelivery};
pub(crate) use digest::{hexadecimal, stable_digest};
pub use event_data_store::{EventDataStore, EventDataStoreSettings};
pub use expectations::{Expectations, glob};
pub use flow::{Edge, EdgeKind, LogKind, Origin};
pub(crate) use flow::{bucket_name, region_of};
pub use gap::{Gap, GapId, GapPlace, GapReason};
pub use key::{Key, KeyDescription, KeyGrant, KeyRotation};
pub use logs::{AccountSubscriptionPolicy, Destination, LogGroup, LogPolicy, SubscriptionFilter};
pub use observed::{Gaps, Observed};
pub(crate) use organization::may_be_entered;
pub use organization::{
    AccountSummary, DEFAULT_ROLE_NAME, DelegatedAdministrator, Organization, OrganizationalUnit, Policy,
    PolicyTarget, Root,
};
pub(crate) use partition::{
    all_regions, default_regions, global_region, has_optional_regions, partition_of_region, partition_regions,
};
pub(crate) use places::Places;
pub use scope::Scope;
pub(crate) use scope::wants_region;
pub use stream::{Delivery, DeliveryStream, DeliveryStreamDescription, Stream, StreamDescription};
pub use trail::{
    AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector, Role, Trail,
    TrailReference, TrailSettings, TrailStatus,
};
