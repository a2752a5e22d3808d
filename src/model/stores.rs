//! The stores of logs that one account owns, read once the whole organization has said where its logs go: a line of the
//! snapshot. What one round read of an owner and what the next did is one record.

pub(crate) mod bucket;
mod delivery_destination;
pub(crate) mod key;
pub(crate) mod stream;

use serde::{Deserialize, Serialize};

pub use bucket::{
    AccessControlList, AccessLogging, AclGrant, Bucket, Encryption, LifecycleRule, ObjectLock,
    PublicAccessBlock, Replication, ReplicationRule, Retention, RetentionMode, Versioning,
};
pub use delivery_destination::DeliveryDestination;
pub use key::{Key, KeyDescription, KeyGrant, KeyRotation};
pub use stream::{Delivery, DeliveryStream, DeliveryStreamDescription, Stream, StreamDescription};

use super::answer::{Answer as _, Settling, Store};
use super::flow::{Edge, Origin, Start};
use super::{Gap, Observed};

fn join<T: Store>(stores: &mut Vec<T>, others: Vec<T>) {
    let mut all = std::mem::take(stores);
    all.extend(others);
    all.sort_by(|one, other| one.identity().cmp(&other.identity()));
    for store in all {
        match stores.last_mut() {
            Some(known) if known.identity() == store.identity() => known.join(store),
            _ => stores.push(store),
        }
    }
}

/// Declares the record of an owner.
macro_rules! stores_record {
    ($(#[$doc:meta])* pub struct $record:ident { $( $(#[$field_doc:meta])* $field:ident: $store:ty, )* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $record {
            /// The owner.
            pub account_id: String,
            /// The owner's account-wide public access block; `Absent` is none.
            pub public_access_block: Observed<PublicAccessBlock>,
            $( $(#[$field_doc])* #[serde(default)] pub $field: Vec<$store>, )*
            /// What could not be read.
            #[serde(default)]
            pub gaps: Vec<Gap>,
        }

        impl $record {
            /// Where the owner's stores of logs send them on to, and which keys encrypt them.
            pub fn for_each_edge<'a>(&'a self, found: &mut dyn FnMut(Edge<'a>)) {
                let start = Start { account_id: &self.account_id, region: None, origin: Origin::Store };
                $( for store in &self.$field {
                    store.edges(start, found);
                } )*
            }

            /// Takes up what was read of the owner besides, but for its public access block.
            pub(crate) fn join(&mut self, other: Self) {
                $( join(&mut self.$field, other.$field); )*
                self.gaps.extend(other.gaps);
                self.gaps.sort_unstable();
                self.gaps.dedup();
            }

            /// Makes unknown what holds words that this release does not know.
            pub(crate) fn settle(&mut self) {
                let Self { account_id, $( $field, )* gaps, .. } = self;
                let mut settling = Settling::new(gaps, account_id, None);
                $( for store in $field {
                    store.settle(&mut settling);
                } )*
            }
        }
    };
}

stores_record! {
    /// What was read of one owner's stores of logs.
    pub struct StoresRecord {
        /// Buckets that receive logs, by name.
        buckets: Bucket,
        /// Keys that encrypt logs, by ARN.
        keys: Key,
        /// Data streams that log events go to, by ARN.
        streams: Stream,
        /// Delivery streams that log events go to, by ARN.
        delivery_streams: DeliveryStream,
        /// Delivery destinations that vended logs go to, by ARN.
        delivery_destinations: DeliveryDestination,
    }
}
