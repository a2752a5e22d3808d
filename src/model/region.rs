//! What one region of an account answers: each list with the call that gives it, from which follow what it is where the
//! region is closed, where logs go from it, and which words in it are not known.

pub(crate) mod config;
pub(crate) mod delivery;
pub(crate) mod event_data_store;
pub(crate) mod logs;

use serde::{Deserialize, Serialize};

pub use config::{
    Aggregator, DeliveryAttempt, DeliveryChannel, DeliveryChannelStatus, FrequencyOverride, Recorder,
    RecorderStatus, RecordingGroup,
};
pub use delivery::{DeliverySource, LogDelivery};
pub use event_data_store::{EventDataStore, EventDataStoreSettings};
pub use logs::{AccountSubscriptionPolicy, Destination, LogGroup, LogPolicy, SubscriptionFilter};

use super::answer::{Settling, list_edges};
use super::flow::{Edge, Origin, Start};
use super::{Gap, GapId, Observed};

/// Declares the record of a region: `List` is a list of an [`super::answer::Answer`], `Value` one value that AWS may have
/// none of, `OfSome` a list that only some accounts are asked for.
macro_rules! region_record {
    (@type List $of:ty) => { Observed<Vec<$of>> };
    (@type Value $of:ty) => { Observed<$of> };
    (@type OfSome $of:ty) => { Option<Observed<Vec<$of>>> };
    (@empty List) => { Observed::Known(Vec::new()) };
    (@empty Value) => { Observed::Absent };
    (@empty OfSome) => { None };
    (@refused List $gap:expr) => { Observed::Unavailable($gap) };
    (@refused Value $gap:expr) => { Observed::Unavailable($gap) };
    (@refused OfSome $gap:expr) => { None };
    (@edges List $field:expr, $start:expr, $found:expr) => { list_edges($field, $start, $found) };
    (@edges $other:ident $field:expr, $start:expr, $found:expr) => { let _ = $field; };
    (@settle List $field:expr, $asked:expr, $settling:expr) => { $settling.list($field, $asked) };
    (@settle $other:ident $field:expr, $asked:expr, $settling:expr) => { let _ = $field; };
    (@resource) => { None };
    (@resource $resource:literal) => { Some($resource) };
    ($(#[$doc:meta])* pub struct $record:ident {
        $( $(#[$field_doc:meta])*
        $field:ident: $kind:ident<$of:ty> by $service:literal $operation:literal $(of $resource:literal)?; )*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $record {
            /// `eu-central-1`.
            pub name: String,
            $( $(#[$field_doc])* pub $field: region_record!(@type $kind $of), )*
        }

        impl $record {
            /// A region that was asked, and in which nothing is.
            pub fn empty(name: &str) -> Self {
                Self { name: name.to_owned(), $( $field: region_record!(@empty $kind), )* }
            }

            /// A region that refused every call, by service, operation and what the call was about.
            pub fn refused(name: &str, mut gap: impl FnMut(&str, &str, Option<&str>) -> GapId) -> Self {
                Self {
                    name: name.to_owned(),
                    $( $field: region_record!(@refused $kind
                        gap($service, $operation, region_record!(@resource $($resource)?))), )*
                }
            }

            /// Where logs go from here.
            pub(super) fn edges<'a>(&'a self, account_id: &'a str, found: &mut dyn FnMut(Edge<'a>)) {
                let start = Start { account_id, region: Some(&self.name), origin: Origin::Source };
                $( region_record!(@edges $kind &self.$field, start, found); )*
            }

            /// Makes unknown what holds words that this release does not know.
            pub(super) fn settle(&mut self, gaps: &mut Vec<Gap>, account_id: &str) {
                let Self { name, $( $field, )* } = self;
                let mut settling = Settling::new(gaps, account_id, Some(name));
                $( region_record!(@settle $kind $field,
                    ($service, $operation, region_record!(@resource $($resource)?)), settling); )*
            }
        }
    };
}

region_record! {
    /// What one region of an account answered.
    pub struct RegionRecord {
        /// Config recorders.
        recorders: List<Recorder> by "config" "DescribeConfigurationRecorders";
        /// Config delivery channels; without effect where there is no recorder.
        delivery_channels: List<DeliveryChannel> by "config" "DescribeDeliveryChannels";
        /// Days that Config keeps configuration items; `Absent` is AWS's default of 2,557 days. Without effect where there
        /// is no recorder.
        config_retention_days: Value<i64> by "config" "DescribeRetentionConfigurations";
        /// Config aggregators; `None` where nobody asked: only the management account and delegated
        /// administrators can hold one for the organization.
        aggregators: OfSome<Aggregator> by "config" "DescribeConfigurationAggregators";
        /// CloudWatch Logs log groups.
        log_groups: List<LogGroup> by "logs" "DescribeLogGroups";
        /// Account-wide subscription filter policies; without effect where there are no log groups.
        subscription_policies: List<AccountSubscriptionPolicy> by "logs" "DescribeAccountPolicies";
        /// CloudWatch Logs destinations that this account offers.
        destinations: List<Destination> by "logs" "DescribeDestinations";
        /// The account's resource policies of CloudWatch Logs, which are about all log groups here; without effect where
        /// there are none.
        log_policies: List<LogPolicy> by "logs" "DescribeResourcePolicies";
        /// Those that are attached to one log group each.
        log_group_policies: List<LogPolicy> by "logs" "DescribeResourcePolicies" of "policies of log groups";
        /// CloudTrail Lake's event data stores, whoever of the organization owns them.
        event_data_stores: List<EventDataStore> by "cloudtrail" "ListEventDataStores";
        /// Delivery sources of vended logs.
        delivery_sources: List<DeliverySource> by "logs" "DescribeDeliverySources";
        /// The deliveries of those sources.
        deliveries: List<LogDelivery> by "logs" "DescribeDeliveries";
    }
}
