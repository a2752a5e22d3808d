//! Accounts of which the index keeps nothing but that they are there, as most are: what one of a group of alike accounts gives
//! to the index, the others give too, and their records need not be read for it. See [`super`].

use std::sync::Arc;

use super::gather::Gathered;
use super::shown::Shadows;
use crate::facts::view::Derived;
use crate::model::AccountRecord;
use crate::snapshot::Named;

/// What the index keeps of such an account.
pub(super) struct Plain {
    own: String,
    enabled: Derived<Arc<[String]>>,
    shadows: Shadows,
    buckets: Vec<String>,
}

impl Plain {
    /// `None` for an account of which the index keeps more, or something that bears its number. `alone` is an index of nothing,
    /// and `says` whether the account has gaps of its own.
    pub(super) fn of(record: &AccountRecord, mut alone: Gathered, says: bool) -> Option<Self> {
        let own = record.id.as_str();
        let buckets = record.buckets.list().ok()?.iter().map(|bucket| bucket.name.clone()).collect();
        alone.account(record.clone());
        // Each field is named, so that one which is added is thought of.
        let Gathered {
            management_account: _,
            aggregator_holders: _,
            needs_central_destinations: _,
            recorded: _,
            regions: _,
            owners: _,
            without_record,
            region_gaps,
            organization_trails,
            organization_trail_gaps,
            data_event_trails,
            buckets: read_buckets,
            log_kinds,
            kms_deliveries,
            absent_buckets,
            reached_buckets,
            unlisted,
            streams,
            delivery_destinations,
            inventory_gaps,
            blocks,
            keys,
            key_references,
            destinations,
            destination_gaps,
            read_regions,
            aggregators,
            aggregator_gaps,
            gaps,
            unseen_log_groups,
            mut enabled,
            mut shown,
        } = alone;
        let has_gaps = says
            || !record.gaps.is_empty()
            || !gaps.is_empty()
            || !unseen_log_groups.is_empty()
            || [region_gaps, organization_trail_gaps, inventory_gaps, aggregator_gaps]
                .iter()
                .any(Option::is_some)
            || !destination_gaps.is_empty()
            || kms_deliveries.values().any(Result::is_err);
        let holds = !without_record.is_empty()
            || !organization_trails.is_empty()
            || !data_event_trails.is_empty()
            || !read_buckets.is_empty()
            || !absent_buckets.is_empty()
            || !reached_buckets.is_empty()
            || !blocks.is_empty()
            || !keys.is_empty()
            || !destinations.is_empty()
            || !read_regions.is_empty()
            || !aggregators.is_empty();
        let mut named = log_kinds.keys().chain(kms_deliveries.keys()).chain(&key_references);
        let bears_number = named.any(|name| name.contains(own));
        let says_more = !unlisted.says_nothing_of(own)
            || !streams.says_nothing_of(own)
            || !delivery_destinations.says_nothing_of(own);
        if has_gaps || holds || bears_number || says_more {
            return None;
        }
        let enabled = enabled.by_account.remove(own)?;
        let shadows = shown.by_account.remove(own)?;
        Some(Self { own: own.to_owned(), enabled, shadows, buckets })
    }

    /// Keeps the same of another account.
    pub(super) fn note(&self, other: &Named, gathered: &mut Gathered) {
        let buckets = self.buckets.iter().map(|name| name.replace(&self.own, &other.id));
        gathered.own(&other.id, buckets);
        gathered.enabled.by_account.insert(other.id.to_string(), self.enabled.clone());
        gathered.shown.by_account.insert(other.id.to_string(), self.shadows.clone());
        gathered.recorded.insert(other.id.to_string());
    }
}
