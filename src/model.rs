//! What is known of an organization's logging, as AWS reports it: plain data, without SDK types or secrets.
//!
//! Written by `collect`, stored by [`crate::snapshot`], read by [`crate::facts`]. Every field that an AWS call
//! answers is an [`Observed`], because the call may have been refused, and because a snapshot of an older version lacks
//! it: then it is *not collected*, which is unknown, and so is what a literal leaves to `..Default::default()`. Only
//! collectors name every field. A plain `Option` of a record says `deserialize_with = "required"`,
//! so that what such a snapshot lacks makes the value unknown that holds it, never none. Beside it stands what AWS itself says of its
//! partitions (`partition`), and a finding as it takes one (`security_finding`).
//!
//! Each kind of thing has a file: its facts, the values that AWS's enumerations can have in them as far as this release knows
//! (from AWS's service models, botocore 1.44.8, read 2026-11-28, with the words that facts put where AWS says that there is
//! nothing), and what it says besides (`answer`): where logs go from it (`flow`), and which of its values nobody knows.

mod account;
pub(crate) mod answer;
mod centralization;
mod digest;
mod expectations;
mod flow;
mod gap;
mod observed;
pub(crate) mod organization;
mod partition;
mod places;
pub(crate) mod region;
mod scope;
pub(crate) mod security_finding;
pub(crate) mod stores;
pub(crate) mod trail;

pub use account::{AccountRecord, BucketName};
pub use centralization::{
    CentralizationRule, CentralizationSettings, CentralizedEncryption, CentralizedLogs,
};
pub(crate) use digest::{hexadecimal, stable_digest};
pub use expectations::{Expectations, glob};
pub(crate) use flow::bucket_name;
pub use flow::{Edge, EdgeKind, LogKind, Origin};
pub use gap::{Gap, GapId, GapPlace, GapReason};
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
pub use region::*;
pub use scope::Scope;
pub(crate) use scope::wants_region;
pub use stores::*;
pub use trail::{
    AdvancedSelector, BasicSelector, DataResource, EventSelectors, FieldSelector, Role, Trail,
    TrailReference, TrailSettings, TrailStatus,
};
