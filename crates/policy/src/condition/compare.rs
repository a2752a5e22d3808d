//! Comparing one value of the request with one value of the policy, by type.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::LazyLock;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use ipnet::IpNet;

use super::{Comparison, Order};
use crate::reference;
use crate::truth::Truth;

/// A positive comparison of typed values; texts are matched as patterns instead. A value of the wrong type gives
/// unknown: AWS would not have stored such a policy, and does not say what follows from such a request.
pub(super) fn matches(comparison: Comparison, value: &str, wanted: &str) -> Truth {
    let result = match comparison {
        Comparison::Numeric(order) => compare_numbers(value, wanted).map(|found| order.accepts(found)),
        Comparison::Date(order) => {
            instant(value).zip(instant(wanted)).map(|(value, wanted)| order.accepts(value.cmp(&wanted)))
        }
        Comparison::Bool => boolean(value).zip(boolean(wanted)).map(|(value, wanted)| value == wanted),
        Comparison::BinaryEquals => base64(value).zip(base64(wanted)).map(|(value, wanted)| value == wanted),
        Comparison::IpAddress => {
            address(value).zip(Range::parse(wanted)).map(|(value, range)| range.contains(value))
        }
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::Arn
        | Comparison::Null => None,
    };
    result.map_or(Truth::Unknown, Truth::from)
}

/// Whether a value of the policy is of the type that is compared.
pub(super) fn is_of_type(comparison: Comparison, wanted: &str) -> bool {
    match comparison {
        Comparison::Numeric(_) => number(wanted).is_some(),
        Comparison::Date(_) => instant(wanted).is_some(),
        Comparison::Bool | Comparison::Null => boolean(wanted).is_some(),
        Comparison::BinaryEquals => base64(wanted).is_some(),
        Comparison::IpAddress => Range::parse(wanted).is_some(),
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::Arn => true,
    }
}

/// [`matches`] for any instant from `start` on.
pub(super) fn after(comparison: Comparison, start: &str, wanted: &str) -> Truth {
    let (order, wanted) = match comparison {
        Comparison::Date(order) => (order, instant(wanted)),
        Comparison::Numeric(order) => {
            (order, wanted.trim().parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000)))
        }
        _ => return Truth::Unknown,
    };
    let Some((start, wanted)) = instant(start).zip(wanted) else { return Truth::Unknown };
    match order {
        Order::Greater if wanted < start => Truth::True,
        Order::GreaterOrEqual if wanted <= start => Truth::True,
        Order::Less if wanted <= start => Truth::False,
        Order::LessOrEqual | Order::Equal if wanted < start => Truth::False,
        _ => Truth::Unknown,
    }
}

impl Order {
    fn accepts(self, found: Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
        }
    }
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Whole numbers exactly, others as floating point.
fn compare_numbers(left: &str, right: &str) -> Option<Ordering> {
    if let (Ok(left), Ok(right)) = (left.trim().parse::<i128>(), right.trim().parse::<i128>()) {
        return Some(left.cmp(&right));
    }
    number(left)?.partial_cmp(&number(right)?)
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    // `parse` would take "inf" and "nan" too.
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if plain { text.parse().ok() } else { None }
}

/// Milliseconds since 1970 of an ISO 8601 date or of seconds since the epoch.
fn instant(text: &str) -> Option<i64> {
    let text = text.trim();
    let year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(seconds) = text.parse::<i64>().ok().filter(|_| !year) {
        return seconds.checked_mul(1_000);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    let first_day = match text.split('-').count() {
        1 => format!("{text}-01-01"),
        2 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    if let Ok(date) = NaiveDate::parse_from_str(&first_day, "%Y-%m-%d") {
        return date.and_hms_opt(0, 0, 0).map(|time| time.and_utc().timestamp_millis());
    }
    if let Ok(time) = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z") {
        return Some(time.timestamp_millis());
    }
    ["%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .map(|time| time.and_utc().timestamp_millis())
}

/// Padding may be there or not: AWS takes both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse().ok()
}

/// What providers rent out, in order; no two of the ranges overlap.
static RENTED_OUT: LazyLock<Vec<(u128, u128)>> = LazyLock::new(|| {
    let mut ranges: Vec<_> =
        reference::rented_addresses().filter_map(Range::parse).map(Range::bounds).collect();
    ranges.sort_unstable();
    ranges
});

/// Addresses of private networks, of shared ones behind a carrier, of a link and of a machine.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// A range of addresses: `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range(IpNet);

impl Range {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let range = match text.trim().split_once('/') {
            Some((base, prefix)) => IpNet::new(address(base)?, prefix.parse().ok()?).ok()?,
            None => address(text)?.into(),
        };
        Some(Self(range))
    }

    /// An address of the range, the first as a rule.
    pub(crate) fn base(self) -> IpAddr {
        self.0.addr()
    }

    /// Broader than /8 (or /32 for version 6) is public ("The meaning of public", Amazon S3 User Guide), private ranges
    /// excepted.
    pub(crate) fn is_broad(self) -> bool {
        match self.0 {
            IpNet::V4(range) => range.prefix_len() < 8 && !range.addr().is_private(),
            IpNet::V6(range) => range.prefix_len() < 32,
        }
    }

    /// Whether a cloud provider rents out some address of it, so that anybody can have one.
    pub(crate) fn is_rented_out(self) -> bool {
        let (first, last) = self.bounds();
        let after = RENTED_OUT.partition_point(|(other, _)| *other <= last);
        let nearest = after.checked_sub(1).and_then(|place| RENTED_OUT.get(place));
        nearest.is_some_and(|(_, end)| *end >= first)
    }

    /// Whether all of it is private, or at home on one machine or link: no request comes from such an address by the public
    /// Internet ("IANA IPv4/IPv6 Special-Purpose Address Registry", read 2026-11-29).
    pub(crate) fn is_private(self) -> bool {
        let private = PRIVATE.iter().filter_map(|range| Self::parse(range)).map(Self::bounds);
        let (first, last) = self.bounds();
        private.into_iter().any(|(start, end)| start <= first && last <= end)
    }

    /// The first and the last address, those of version 4 as the part of version 6 that stands for them.
    fn bounds(self) -> (u128, u128) {
        match self.0 {
            IpNet::V4(range) => {
                (range.network().to_ipv6_mapped().to_bits(), range.broadcast().to_ipv6_mapped().to_bits())
            }
            IpNet::V6(range) => (range.network().to_bits(), range.broadcast().to_bits()),
        }
    }

    pub(crate) fn contains(self, value: IpAddr) -> bool {
        self.0.contains(&value)
    }
}
