//! The facts of a CloudWatch Logs log group. See [`super`].
//!
//! An organization has millions of log groups: apart from subscriptions, which few groups need, each fact is a copy
//! of what AWS answered.

mod subscription;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::view::{Derived, facts, observed};
use super::{AccountFacts, Facts, RegionFacts, SubjectFacts, account, words};
use crate::finding::{Subject, SubjectKind};
use crate::model::{AccountRecord, LogGroup, RegionRecord};

use subscription::Subscriptions;
pub(super) use subscription::{must_centralize, needs};

facts! {
    /// A CloudWatch Logs log group.
    pub struct LogGroupFacts as "log_group" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// `STANDARD`, `INFREQUENT_ACCESS` or `DELIVERY`; null where AWS does not say.
        class: Derived<Option<String>>,
        /// Days that events are kept; null is for ever.
        retention_days: Derived<Option<i64>>,
        /// The same in words; null is for ever.
        retention: Derived<Option<String>>,
        /// Its own key; null is the service's.
        kms_key_id: Derived<Option<String>>,
        /// It cannot be deleted before this is switched off; null where AWS does not offer it.
        deletion_protection: Derived<Option<bool>>,
        /// The configuration lists it among those whose only copy would be here.
        must_centralize: bool,
        /// It is subscribed to a destination or stream of the archive account or of a security account, by a filter
        /// of its own or by the account's policy.
        centralized: Derived<bool>,
        /// Such a subscription forwards every event.
        forwards_everything: Derived<bool>,
        /// Where it is forwarded to and what keeps that from being central and complete, after its name.
        subscription: Derived<String>,
    }
}

pub(super) fn subjects(
    facts: &Facts,
    record: &AccountRecord,
    account: &Arc<AccountFacts>,
    region: &RegionRecord,
    region_facts: &Arc<RegionFacts>,
) -> Vec<SubjectFacts> {
    let subject = |log_group: &LogGroup| SubjectFacts {
        subject: Arc::new(Subject {
            kind: SubjectKind::LogGroup,
            account_id: Some(Arc::from(record.id.as_str())),
            region: Some(Arc::from(region.name.as_str())),
            id: Arc::from(log_group.name.as_str()),
            arn: Some(Arc::from(log_group.arn.as_str())),
            name: Some(Arc::from(log_group.name.as_str())),
        }),
        variables: vec![
            ("organization", facts.organization.clone()),
            ("account", account.clone()),
            ("region", region_facts.clone()),
            ("log_group", Arc::new(derive(facts, &record.id, region, log_group))),
        ],
        unlisted: None,
    };
    match region.log_groups.list() {
        Ok(log_groups) => log_groups.iter().map(subject).collect(),
        Err(gaps) => {
            vec![account::unlisted(SubjectKind::LogGroup, Some(&record.id), Some(&region.name), gaps)]
        }
    }
}

fn derive(facts: &Facts, account: &str, region: &RegionRecord, log_group: &LogGroup) -> LogGroupFacts {
    let subscriptions = Subscriptions::new(facts, account, region, log_group);
    LogGroupFacts {
        name: log_group.name.clone(),
        arn: log_group.arn.clone(),
        class: observed(&log_group.class),
        retention_days: observed(&log_group.retention_days),
        retention: log_group.retention_days.get().map(|kept| kept.map(|kept| words::days(*kept))),
        kms_key_id: observed(&log_group.kms_key_id),
        deletion_protection: observed(&log_group.deletion_protection),
        must_centralize: subscriptions.is_some(),
        centralized: subscriptions.as_ref().map_or(Ok(false), Subscriptions::centralized),
        forwards_everything: subscriptions.as_ref().map_or(Ok(false), Subscriptions::forward_everything),
        subscription: subscriptions.as_ref().map_or_else(|| Ok(String::new()), Subscriptions::describe),
    }
}
