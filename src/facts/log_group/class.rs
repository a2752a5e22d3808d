//! Log classes, and which of them take subscriptions. See [`super`].

use super::narrowing::place;
use crate::model::{Gap, GapPlace, GapReason, LogGroup, Observed};

/// Whether groups of a log class take subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class<'a> {
    Takes,
    /// Certainly none.
    TakesNone(&'a str),
    /// This release does not know the class: what AWS lists counts, and nothing else is said.
    Unknown(&'a str),
}

/// "Log classes" of the CloudWatch Logs user guide
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html>, read 2026-11-28): groups
/// of the classes Infrequent Access and Delivery take none. Of others it says nothing. Where AWS names no class, it is
/// the standard one.
pub(super) fn class_of(log_group: &LogGroup) -> Class<'_> {
    match &log_group.class {
        Observed::Absent => Class::Takes,
        Observed::Unavailable(_) => Class::Unknown("that was not told"),
        Observed::Known(class) => match class.as_str() {
            "STANDARD" => Class::Takes,
            "INFREQUENT_ACCESS" | "DELIVERY" => Class::TakesNone(class),
            class => Class::Unknown(class),
        },
    }
}

/// The gap of a class that this release does not know.
pub(super) fn unknown_class(account: &str, region: &str, class: &str) -> Gap {
    let place = GapPlace { resource: Some(class), ..place(account, region, "DescribeLogGroups") };
    let why = format!("whether the account's policy subscribes groups of the class {class} is not known");
    Gap::new(place, GapReason::Undecided, why)
}
