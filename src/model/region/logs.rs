//! CloudWatch Logs: log groups and the ways into and out of them. From the CloudWatch Logs API reference.

use serde::{Deserialize, Serialize};

use crate::model::Observed;
use crate::model::answer::{Answer, Settling, list_edges, stranger};
use crate::model::flow::{Edge, EdgeKind, Origin, Start};
use crate::model::observed::required;

/// `LogGroupClass`.
pub(crate) const LOG_CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"];

/// A log group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// Its ARN, without the trailing `:*`.
    pub arn: String,
    /// `STANDARD`, `INFREQUENT_ACCESS`, `DELIVERY`; `Absent` where AWS does not say.
    pub class: Observed<String>,
    /// Days that events are kept; `Absent` is for ever.
    pub retention_days: Observed<i64>,
    /// The account-level retention policy that sets it, whatever the group's own setting; `Absent` where none applies.
    pub retention_policy: Observed<String>,
    /// Its key; `Absent` is the service's own.
    pub kms_key_id: Observed<String>,
    /// Deletion protection; `Absent` where AWS does not say.
    pub deletion_protection: Observed<bool>,
    /// Its subscription filters. `None` where nobody asked: only groups that must be centralized are, because each
    /// costs a call.
    pub subscription_filters: Option<Observed<Vec<SubscriptionFilter>>>,
}

/// A subscription filter of one log group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionFilter {
    /// Its name.
    pub name: String,
    /// A Logs destination, a Kinesis or Firehose stream, a function.
    pub destination_arn: String,
    /// What it forwards; empty is everything.
    pub pattern: String,
    /// Criteria over accounts and regions (`fieldSelectionCriteria`) that an event must meet besides; `Absent` is none.
    pub field_selection: Observed<String>,
    /// It matches and forwards events as a transformer has changed them (`applyOnTransformedLogs`).
    pub transformed: Observed<bool>,
}

/// An account's policy that subscribes all its log groups in a region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSubscriptionPolicy {
    /// Its name.
    pub name: String,
    /// Where it forwards to.
    pub destination_arn: String,
    /// What it forwards; empty is everything.
    pub pattern: String,
    /// Log groups left out by name (`LogGroupName NOT IN [...]`).
    pub excluded_log_groups: Vec<String>,
    /// A selection criterion that could not be understood, quoted.
    #[serde(deserialize_with = "required")]
    pub unrecognized_selection: Option<String>,
    /// As of a [`SubscriptionFilter`]; unavailable where the policy's document holds what is not known.
    pub field_selection: Observed<String>,
    /// As of a [`SubscriptionFilter`].
    pub transformed: Observed<bool>,
}

/// A resource policy of CloudWatch Logs: whom it lets write to log groups, whatever IAM allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPolicy {
    /// Its name; for one that is attached to a log group, which has none, the group's ARN.
    pub name: String,
    /// The document, JSON text.
    pub document: String,
}

/// A CloudWatch Logs destination: what other accounts subscribe their log groups to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The stream behind it.
    pub target_arn: String,
    /// The role that writes to the stream.
    pub role_arn: String,
    /// Who may subscribe, JSON text.
    pub access_policy: Observed<String>,
}

impl Answer for LogGroup {
    /// One that is not known may be among those that must be centralized.
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Sends];

    /// Of most log groups nobody asked for subscriptions.
    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        if let Some(filters) = &self.subscription_filters {
            list_edges(filters, start, found);
        }
        let start = Start { origin: Origin::LogGroup(&self.arn), ..start };
        start.named(EdgeKind::Encrypts, &self.kms_key_id).into_iter().for_each(found);
    }

    fn settle(&mut self, settling: &mut Settling<'_>) {
        let asked = ("logs", "DescribeLogGroups", Some(self.name.as_str()));
        settling.fact(&mut self.class, asked, |class| stranger("logGroupClass", class, LOG_CLASSES));
    }
}

impl Answer for SubscriptionFilter {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Sends];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        found(start.edge(EdgeKind::Sends, Ok(&self.destination_arn)));
    }
}

impl Answer for AccountSubscriptionPolicy {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Sends];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        found(start.edge(EdgeKind::Sends, Ok(&self.destination_arn)));
    }
}

impl Answer for Destination {
    const HIDES: &'static [EdgeKind] = &[EdgeKind::Sends];

    fn edges<'a>(&'a self, start: Start<'a>, found: &mut dyn FnMut(Edge<'a>)) {
        found(start.edge(EdgeKind::Sends, Ok(&self.target_arn)));
    }
}

impl Answer for LogPolicy {}
