//! The facts of a CloudWatch Logs log group. See [`super`].
//!
//! An organization has millions of log groups: apart from subscriptions, which few groups need, each fact is a copy
//! of what AWS answered.

mod centralization;
mod class;
mod criteria;
mod expression;
mod narrowing;
mod required;
mod subscription;
#[cfg(test)]
mod tests;
mod unseen;

use std::sync::Arc;

use super::in_region::{InRegion, Thing};
use super::kind::{Kind, Listed};
use super::view::{Derived, Prose, Says, facts, observed};
use super::{Facts, SubjectFacts, SubjectKind, words};
use crate::model::{LogGroup, RegionRecord};

pub(super) use centralization::{Centralization, Sources, Whole};
pub(super) use required::{gaps_of, needs, subscription_filters};
use subscription::Subscriptions;
pub(super) use subscription::{need_destination, reaches_center};
pub(super) use unseen::{Unseen, missing};

facts! {
    /// A CloudWatch Logs log group.
    pub struct LogGroupFacts as "log_group" {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// `STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY` or `ESSENTIALS`; null where AWS does not say.
        class: Derived<Option<String>> = crate::model::region::logs::LOG_CLASSES,
        /// Days that events are kept, whoever set it; null is for ever.
        retention_days: Derived<Option<i64>>,
        /// The account-level retention policy that sets it, which overrides the group's own setting; null where none does.
        retention_policy: Derived<Option<String>>,
        /// The days in words, with that policy; null is for ever.
        retention: Derived<Option<String>> => RETENTION,
        /// Its own key; null is the service's.
        kms_key_id: Derived<Option<String>>,
        /// It cannot be deleted before this is switched off; null where AWS does not offer it.
        deletion_protection: Derived<Option<bool>>,
        /// The configuration lists it among those whose only copy would be here.
        must_centralize: bool,
        /// It is subscribed to a destination or stream of the archive account or of a security account, by a filter
        /// of its own or by the account's policy, or a centralization rule of the organization copies it to such an
        /// account.
        centralized: Derived<bool>,
        /// Such a subscription forwards every event, or such a rule copies it.
        forwards_everything: Derived<bool>,
        /// Where it is forwarded or copied to and what keeps that from being central and complete, after its name.
        subscription: Derived<String>,
    }
}

/// The kind of these subjects.
pub(super) const KIND: Kind = Kind {
    word: "log_group",
    variable: "log_group",
    unlisted: "the log groups of the account",
    service: "logs",
    ocsf: "AWS::Logs::LogGroup",
    asff: "Other",
    schema: LogGroupFacts::schema,
    more: &[],
    listed: Listed::Region(subjects),
    missing: Some(missing),
    undecided: None,
};

fn subjects(within: &InRegion<'_>) -> Vec<SubjectFacts> {
    let InRegion { facts, record, region, .. } = within;
    within.subjects(SubjectKind::LogGroup, &region.log_groups, |log_group| Thing {
        name: &log_group.name,
        arn: &log_group.arn,
        facts: Arc::new(derive(facts, &record.id, region, log_group)),
    })
}

/// How long events are kept. Where an account-level policy applies, `retentionInDays` is the policy's, and the group's own
/// setting has no effect (`LogGroup` and `PutRetentionPolicy` of the CloudWatch Logs API reference, read 2026-11-28). An
/// older snapshot does not say whether one does: the days are right all the same.
fn retention(days: &Derived<Option<i64>>, policy: &Derived<Option<String>>) -> Derived<Option<String>> {
    let Some(days) = days.clone()?.map(words::days) else { return Ok(None) };
    Ok(Some(match policy {
        Ok(Some(policy)) => {
            format!("{days}, which the account-level retention policy {policy} sets whatever its own setting")
        }
        Ok(None) | Err(_) => days,
    }))
}

const RETENTION: Prose = Prose {
    from: &["retention_days", "retention_policy"],
    says: Says::Text(|facts| retention(&facts.number("retention_days"), &facts.text("retention_policy"))),
};

fn derive(facts: &Facts, account: &str, region: &RegionRecord, log_group: &LogGroup) -> LogGroupFacts {
    let subscriptions = Subscriptions::new(facts, account, region, log_group);
    LogGroupFacts {
        name: log_group.name.clone(),
        arn: log_group.arn.clone(),
        class: observed(&log_group.class),
        retention_days: observed(&log_group.retention_days),
        retention_policy: observed(&log_group.retention_policy),
        retention: retention(&observed(&log_group.retention_days), &observed(&log_group.retention_policy)),
        kms_key_id: observed(&log_group.kms_key_id),
        deletion_protection: observed(&log_group.deletion_protection),
        must_centralize: subscriptions.is_some(),
        centralized: subscriptions.as_ref().map_or(Ok(false), Subscriptions::centralized),
        forwards_everything: subscriptions.as_ref().map_or(Ok(false), Subscriptions::forward_everything),
        subscription: subscriptions.as_ref().map_or_else(|| Ok(String::new()), Subscriptions::describe),
    }
}
